package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"reconcile/internal/hint"
	"reconcile/internal/plan"
	"reconcile/internal/render"
)

func newRender(env environment) *cobra.Command {
	var name string
	var brief bool
	c := &cobra.Command{
		Use:   "render REPORT.json",
		Short: "Make any output again from report.json",
		Example: "  reconcile render reconcile-out/report.json --format shell > reconcile.sh\n" +
			"  reconcile render reconcile-out/report.json --format markdown --brief\n" +
			"  reconcile render reconcile-out/report.json --format html > report.html",
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			format, err := render.ByName(name)
			if err != nil {
				return err
			}
			from := env.stdin
			if args[0] != "-" {
				f, err := hint.Open(args[0], "the report", "give the report.json of a plan, or - for standard input")
				if err != nil {
					return err
				}
				defer f.Close()
				from = f
			}
			if brief && format.Name != "markdown" {
				return usage(errors.New("--brief goes with --format markdown"), "reconcile render")
			}
			return in(args[0], renderTo(env, from, format, brief))
		},
	}
	formatVar(c.Flags(), &name, render.Names()...)
	c.Flags().BoolVar(&brief, "brief", false, "with --format markdown: no longer than a chat message")
	return c
}

func renderTo(env environment, from io.Reader, format render.Format, brief bool) error {
	report, note, err := readReport(from, render.Exact(format.Name))
	if err != nil {
		return err
	}
	if note != "" {
		fmt.Fprintf(env.stderr, "reconcile: note: %s\n", note)
	}
	return format.Render(env.stdout, report, render.Options{Colour: env.outTerminal.colour(env.getenv), Width: env.outTerminal.width, ASCII: env.look("").ASCII, Brief: brief})
}

// readReport reads a report as a whole, or else what this version knows of it.
func readReport(from io.Reader, whole bool) (report *plan.Report, note string, err error) {
	if whole {
		report, err = render.Decode(from)
		return report, "", err
	}
	return render.DecodeToRead(from)
}
