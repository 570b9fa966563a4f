package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"reconcile/internal/incident"
	"reconcile/internal/plan"
	"reconcile/internal/printable"
	"reconcile/internal/render"
)

type eventsFlags struct {
	trailReading
	out string
}

func newEvents(env environment) *cobra.Command {
	var f eventsFlags
	c := &cobra.Command{
		Use:   "events [REPORT.json]",
		Short: "Tell in order what the session did and was refused, with the lock and the state's writes",
		Long: `events prints the timeline of an incident: what the session changed and was refused,
in order, with the lock, the writes of the state, and the refusal that it did not get
over. It is that of the report in --out, or of the one that is named. With --role it
reads the trail instead, and then addresses are not known.

Exit codes: 0 told, 1 error, 3 not everything could be seen.`,
		Example: `  reconcile events
  reconcile events reconcile-out/report.json --format csv > events.csv
  reconcile events --role arn:aws:iam::123456789012:role/terraform-runner --session ci-prod-7 --since 3h`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return runEvents(c, env, f, args) },
	}
	fl := c.Flags()
	f.flags(fl)
	fl.StringVar(&f.out, "out", "reconcile-out", outUsage)
	fl.StringSliceVar(&f.options.Barriers, "barrier", nil, barrierUsage)
	durationVar(fl, &f.options.Wait, "wait", 0, waitUsage)
	fl.Lookup("wait").NoOptDefVal = "20m"
	formatVar(fl, &f.format, "table", "json", "csv")
	return c
}

// ofReport are the flags of events that say something of a report as well.
var ofReport = []string{"out", "format", "dir", "quiet", "verbose", "config", "help"}

func runEvents(c *cobra.Command, env environment, f eventsFlags, args []string) error {
	const command = "reconcile events"
	g := givenTo(c, env)
	if len(args) > 0 && !g.any("role") {
		f.options.Role = "" // a default of the settings reads no trail where a report is named
	}
	if f.options.Role != "" && len(args) > 0 {
		return usage(errors.New("a report and --role contradict each other"), command)
	}
	if others := slices.DeleteFunc(slices.Clone(g.names), func(name string) bool { return slices.Contains(ofReport, name) }); f.options.Role == "" && len(others) > 0 {
		return usage(fmt.Errorf("--%s goes with --role: a report is shown as it is", others[0]), command)
	}
	err := g.report(args)
	if f.options.Role != "" {
		err = cmp.Or(err, g.refuse("and --role contradict each other: with --role the trail is read, and no report", "out"))
	}
	if err != nil {
		return err
	}
	events, err := f.events(c.Context(), env, g, args)
	if err != nil {
		return err
	}
	switch f.format {
	case "json":
		err = writeJSON(env.stdout, events)
	case "csv":
		err = render.EventsCSV(env.stdout, events)
	default:
		err = render.EventsTable(env.stdout, events, render.Options{Colour: env.outTerminal.colour(env.getenv), Width: env.outTerminal.width})
	}
	if err != nil {
		return err
	}
	if f.format == "csv" {
		for _, why := range events.Incomplete {
			fmt.Fprintf(env.stderr, "reconcile: INCOMPLETE: %s\n", printable.Lines(why))
		}
	}
	return f.said(env, events.Notes, events.Incomplete)
}

func (f *eventsFlags) events(ctx context.Context, env environment, g given, args []string) (*plan.Events, error) {
	if f.options.Role == "" {
		report, _, err := reportIn(f.out, args)
		if err != nil {
			return nil, err
		}
		return report.Events(), nil
	}
	line := newStatus(env, f.quiet, f.verbose)
	o, err := f.ready(env, line, g)
	if err != nil {
		return nil, err
	}
	defer line.done()
	return incident.Timeline(line.watching(ctx), o)
}
