package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"reconcile/internal/compare"
	"reconcile/internal/hint"
	"reconcile/internal/plan"
	"reconcile/internal/printable"
	"reconcile/internal/render"
)

func newDiff(env environment) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "diff A.json B.json",
		Short: "Say what is different between two reports",
		Long: `diff compares two reports of reconcile plan: findings and steps that came, went or
changed, questions that were settled, what could be read, calls of the session that
arrived late. When and by which version they were made is no difference.

Exit codes: 0 the same, 1 error, 2 different.`,
		Example: `  reconcile diff first/report.json second/report.json
  reconcile diff first/report.json second/report.json --format json`,
		Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error { return runDiff(env, args[0], args[1], format) },
	}
	formatVar(c.Flags(), &format, "text", "json")
	return c
}

func runDiff(env environment, a, b, format string) error {
	if a == "-" && b == "-" {
		return hint.Errorf("give one of them as a file", "both reports are to come from standard input")
	}
	var reports [2]*plan.Report
	for i, name := range []string{a, b} {
		var err error
		if reports[i], err = openReport(env, name); err != nil {
			return err
		}
	}
	d := compare.Reports(reports[0], reports[1])
	var err error
	if format == "json" {
		err = render.DiffJSON(env.stdout, d)
	} else {
		err = render.DiffText(env.stdout, d, render.Options{Colour: env.outTerminal.colour(env.getenv), Width: env.outTerminal.width})
	}
	if err == nil && !d.Same {
		return outcome(exitActions)
	}
	return err
}

// openReport reads a report to be read, from a file or standard input.
func openReport(env environment, name string) (*plan.Report, error) {
	var from io.Reader = env.stdin
	if name != "-" {
		f, err := hint.Open(name, "the report", "give the report.json of a plan, or - for standard input")
		if err != nil {
			return nil, err
		}
		defer f.Close()
		from = f
	}
	report, note, err := render.DecodeToRead(from)
	if err != nil {
		return nil, in(name, err)
	}
	if note != "" {
		fmt.Fprintf(env.stderr, "reconcile: note: %s: %s\n", printable.Lines(name), note)
	}
	return report, nil
}
