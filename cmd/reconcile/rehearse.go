package main

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"reconcile/internal/hint"
	"reconcile/internal/rehearse"
	"reconcile/internal/render"
)

type rehearseFlags struct {
	out, format                   string
	incomplete, stale, one, quiet bool
}

func newRehearse(env environment) *cobra.Command {
	var f rehearseFlags
	c := &cobra.Command{
		Use:   "rehearse",
		Short: "Run the script's steps on a copy and say what terraform plan wants then",
		Long: `rehearse runs the steps of OUT/reconcile.sh on a copy of the configuration's
folder, with a local backend that holds a copy of the pulled state, and then
terraform plan against live AWS. It needs no lock. AWS sees reads only, and
nothing real is written but the result: into report.json and the outputs.

It is the same as bash OUT/reconcile.sh --rehearse, with the result in the report.

Exit codes: 0 it passed, 1 it could not be held or a step failed, 3 terraform plan
would create, replace or destroy what was reconciled.`,
		Example: "  reconcile rehearse --out reconcile-out",
		RunE:    func(c *cobra.Command, _ []string) error { return runRehearse(c.Context(), env, f, givenTo(c, env)) },
	}
	fl := c.Flags()
	fl.StringVar(&f.out, "out", "reconcile-out", outUsage)
	formatVar(fl, &f.format, render.Names()...)
	fl.BoolVar(&f.incomplete, "accept-incomplete", false, "rehearse although the plan could not see everything")
	fl.BoolVar(&f.stale, "allow-stale-plan", false, "rehearse although the plan is older than 4 hours")
	fl.BoolVar(&f.one, "one-by-one", false, "one terraform import a time, never several by import blocks")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, quietUsage)
	return c
}

func runRehearse(ctx context.Context, env environment, f rehearseFlags, g given) error {
	if err := g.contradict("format", "quiet"); err != nil {
		return err
	}
	format, err := render.ByName(f.format)
	if err != nil {
		return err
	}
	o := rehearse.Options{Out: f.out, Stdout: env.stderr, Stderr: env.stderr}
	if f.quiet {
		o.Stdout = io.Discard
	}
	for _, given := range []struct {
		on   bool
		flag string
	}{{f.incomplete, "--accept-incomplete"}, {f.stale, "--allow-stale-plan"}, {f.one, "--one-by-one"}} {
		if given.on {
			o.Args = append(o.Args, given.flag)
		}
	}
	report, err := rehearse.Run(ctx, o)
	if err != nil {
		return err
	}
	if !f.quiet {
		if err := format.Render(env.stdout, report, env.look(f.out)); err != nil {
			return err
		}
	}
	switch got := report.Rehearsal; {
	case got.Passed:
		return nil
	case len(got.Found) > 0:
		return outcome(exitPerson)
	default:
		return hint.Errorf("mend it, or run reconcile plan again; nothing real was changed", "the rehearsal failed: %w", errors.New(got.WhyNot))
	}
}
