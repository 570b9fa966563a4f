package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"reconcile/internal/inventory"
	"reconcile/internal/printable"
	"reconcile/providers/ec2"
)

// inventoryFlags are the flags of inventory as they were given.
type inventoryFlags struct {
	options inventory.Options
	since   string
	format  string
	verbose bool
}

func newInventory(env environment) *cobra.Command {
	var f inventoryFlags
	c := &cobra.Command{
		Use:   "inventory",
		Short: "List what AWS has, in the state's own terms",
		Long: `inventory lists the live objects of the kinds and regions that the state and the
plan name, or of those that --type, --region and --all name. For each object: its
identity, its Name tag and what tells it from its siblings, AWS's own lifecycle
word, the address that records it, and whose it is.

An object without an address is unmanaged (this state does not record it; another
one may), an aspect of another object (a route, an association, a tag that no
address manages), gone (it lingers in the listing), or AWS's own. With --since the
trail is asked who made the unmanaged ones. Secrets are not shown.

What could not be read is told on standard error. docs/inventory.md describes the
JSON.

Exit codes: 0 listed, 1 error, 3 a listing was incomplete.`,
		Example: `  reconcile inventory --state state.tfstate
  reconcile inventory --all --region eu-west-1,us-east-1 --format json
  reconcile inventory --state state.tfstate --type aws_route --since 6h`,
		RunE: func(c *cobra.Command, _ []string) error { return runInventory(c.Context(), env, f) },
	}
	o, fl := &f.options, c.Flags()
	fl.StringVar(&o.Dir, "dir", ".", "the root module's folder, where terraform init was run")
	fl.StringVar(&o.State, "state", "", "the pulled state: a file, - for standard input, none for a first apply that left none")
	fl.StringVar(&o.PlanJSON, "plan-json", "", "terraform show -json of a plan file: its kinds and regions are read too")
	regionsVar(fl, &o.Regions, "region", "region to read, in place of those that the state and the plan name (repeatable)")
	fl.StringSliceVar(&o.Types, "type", nil, "resource `TYPE` to read, in place of those that the state and the plan name (repeatable)")
	fl.BoolVar(&o.All, "all", false, "read every kind that reconcile knows; needs no state")
	fl.StringVar(&f.since, "since", "", "ask CloudTrail who made the unmanaged objects, from then on: RFC 3339 or an age such as 6h")
	formatVar(fl, &f.format, "table", "json")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, sayCalls)
	return c
}

func runInventory(ctx context.Context, env environment, f inventoryFlags) error {
	const command = "reconcile inventory"
	o := f.options
	if o.All && len(o.Types) > 0 {
		return usage(errors.New("--all and --type contradict each other"), command)
	}
	if err := knownTypes(ec2.Kinds(ec2.Rows()), "--type", o.Types); err != nil {
		return err
	}
	now := time.Now()
	since, err := moment(now, command, "--since", f.since)
	if err != nil {
		return err
	}
	line := newStatus(env, false, f.verbose)
	o.Since, o.Stdin, o.Env, o.Now = since, env.stdin, env.getenv, func() time.Time { return now }
	o.OnProgress = line.update
	report, err := inventory.Read(line.watching(ctx), o)
	line.done()
	if err != nil {
		return err
	}
	if f.format == "json" {
		err = inventory.Encode(env.stdout, report)
	} else {
		err = inventory.Text(env.stdout, report, env.outTerminal.colour(env.getenv))
	}
	if err != nil {
		return err
	}
	for _, s := range report.Ledger() {
		fmt.Fprintf(env.stderr, "reconcile: %s\n", printable.Lines(s))
	}
	if len(report.Incomplete) > 0 {
		return outcome(exitPerson)
	}
	return nil
}
