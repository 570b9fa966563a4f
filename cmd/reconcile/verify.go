package main

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"reconcile/internal/hint"
	"reconcile/internal/incident"
	"reconcile/internal/plan"
	"reconcile/internal/printable"
	"reconcile/internal/render"
	"reconcile/internal/statefile"
	"reconcile/internal/verify"
)

type verifyFlags struct {
	out, state, planJSON, applied, format string
	trailDelay                            time.Duration
	quiet, verbose                        bool
}

func newVerify(env environment) *cobra.Command {
	var f verifyFlags
	c := &cobra.Command{
		Use:   "verify [REPORT.json]",
		Short: "After the script: compare again, and say whether anything is left",
		Long: `verify reads everything again as the report's plan did: the state as it is now,
live AWS, CloudTrail in the same window, the same plan file and answers. It writes
what it saw into the report (execution) and the outputs. Nothing in AWS and nothing
in the state is changed.

The state is read from its S3 backend; elsewhere give it with --state. With
--plan-json, a plan made after the script, no reconciled address may be created,
replaced or destroyed, and nothing may be created that is alive and known.

Exit codes: 0 nothing is left, 1 error, 2 steps are left, 3 a person must look.`,
		Example: `  reconcile verify --out reconcile-out
  terraform plan -lock=false -out=fresh.tfplan && terraform show -json fresh.tfplan > fresh.json
  reconcile verify reconcile-out/report.json --plan-json fresh.json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return runVerify(c.Context(), env, f, args, givenTo(c, env))
		},
	}
	fl := c.Flags()
	fl.StringVar(&f.out, "out", "reconcile-out", outUsage)
	fl.StringVar(&f.state, "state", "", "the state as it is now: a file, or - for standard input (default: read from the S3 backend)")
	fl.StringVar(&f.planJSON, "plan-json", "", "terraform show -json of a plan that was made after the script")
	fl.StringVar(&f.applied, "applied-plan-json", "", "the plan file's JSON that plan was given, if it lies elsewhere now")
	durationVar(fl, &f.trailDelay, "trail-delay", -1, "how late CloudTrail's records may be (default: as plan was told)")
	formatVar(fl, &f.format, render.Names()...)
	fl.BoolVarP(&f.quiet, "quiet", "q", false, quietUsage)
	fl.BoolVarP(&f.verbose, "verbose", "v", false, sayCalls)
	return c
}

func runVerify(ctx context.Context, env environment, f verifyFlags, args []string, g given) error {
	format, err := render.ByName(f.format)
	if err != nil {
		return err
	}
	if err := cmp.Or(g.contradict("format", "quiet"), g.report(args)); err != nil {
		return err
	}
	report, out, err := reportIn(f.out, args)
	if err != nil {
		return err
	}
	if f.applied != "" && (report.Inputs == nil || report.Inputs.PlanJSON == "") {
		return hint.Errorf("leave it out; a plan that was made after the script is --plan-json", "--applied-plan-json names the plan file that plan was given, and it was given none")
	}
	if err := render.Writable(out); err != nil {
		return err
	}
	var fresh *verify.Fresh
	if f.planJSON != "" {
		if fresh, err = readFresh(f.planJSON); err != nil {
			return err
		}
	}
	now, err := stateNow(ctx, env, report, f.state)
	if err != nil {
		return err
	}
	o := incident.Again(report, now.state)
	at := time.Now()
	o.Tool, o.Env, o.Environ, o.Now = tool(), env.getenv, env.environ, func() time.Time { return at }
	o.OnRun = func(command string) { fmt.Fprintf(env.stderr, "reconcile: running %s\n", printable.Lines(command)) }
	if f.applied != "" {
		o.PlanJSON = f.applied
	}
	if f.trailDelay >= 0 {
		o.TrailDelay = f.trailDelay
	}
	if o.Trail.Source == "file:-" || o.PlanJSON == "-" {
		return hint.Errorf("keep them in a file, and run plan again with it", "plan read CloudTrail's records or the plan from standard input, which cannot be read again")
	}
	line := newStatus(env, f.quiet, f.verbose)
	o.OnProgress = line.update
	again, err := incident.Read(line.watching(ctx), o)
	line.done()
	if err != nil {
		return err
	}
	report.Execution = verify.Judge(verify.Input{Report: report, Now: again, State: now.state, Written: now.written, Fresh: fresh, At: at})
	report.Unlock = nil // what was said before this look does not count any more
	if err := render.WriteAll(out, report); err != nil {
		return err
	}
	if !f.quiet {
		look := render.Options{Colour: env.outTerminal.colour(env.getenv), Width: env.outTerminal.width, Out: out}
		show := format.Render
		if format.Name == "text" {
			show = render.Verified
		}
		if err := show(env.stdout, report, look); err != nil {
			return err
		}
	}
	switch {
	case report.Execution.Clean:
		return nil
	case len(again.Actions) > 0 && again.Verdict == plan.HasActions:
		return outcome(exitActions)
	}
	return outcome(exitPerson)
}

func readFresh(path string) (*verify.Fresh, error) {
	f, err := hint.Open(path, "the plan", "give the output of terraform show -json of a plan made now with --plan-json")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return verify.ReadFresh(f, path)
}

// present is the state as it is now.
type present struct {
	state   *statefile.State
	written time.Time
}

// stateNow reads the state as it is now: the one that was named, else the one
// that the report's backend has.
func stateNow(ctx context.Context, env environment, r *plan.Report, name string) (present, error) {
	if name == "" && r.Backend == nil {
		return present{}, hint.Errorf("give it: terraform state pull > now.tfstate, then --state now.tfstate", "the report names no S3 backend to read the state from")
	}
	if name == "" {
		store, err := incident.OpenStore(ctx, incident.StoreAt{Dir: r.Guard.Dir, Backend: r.Backend, Env: env.getenv})
		if err != nil {
			return present{}, err
		}
		o, state, err := store.Sound(ctx, incident.Known{Lineage: r.State.Lineage, From: "the plan"})
		return present{state, o.Modified}, err
	}
	state, err := statefile.ReadFile(name, env.stdin)
	return present{state: state}, err
}
