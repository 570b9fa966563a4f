package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"reconcile/internal/bundle"
	"reconcile/internal/hint"
	"reconcile/internal/incident"
	"reconcile/internal/plan"
	"reconcile/internal/printable"
	"reconcile/internal/render"
)

// read reads the incident, and keeps what it was made of in a file where one is
// named. What was kept is planned from once, so that it is known to be enough.
func read(ctx context.Context, env environment, o incident.Options, record string, line *status) (*plan.Report, error) {
	if record == "" {
		return incident.Read(ctx, o)
	}
	if err := bundle.Writable(record); err != nil {
		return nil, err
	}
	report, b, failed := bundle.Record(ctx, o)
	line.done()
	if b == nil {
		return nil, failed
	}
	size, err := b.Write(record)
	if err != nil {
		return report, err
	}
	fmt.Fprintf(env.stderr, "reconcile: recorded %s (%d kB): %s\n", printable.Lines(record), (size+1023)/1024, b.Says())
	if failed != nil {
		return nil, failed
	}
	_, notes, err := bundle.Replay(ctx, b, o.Tool, nil)
	switch {
	case err != nil:
		fmt.Fprintf(env.stderr, "reconcile: note: the recording cannot be planned from: %s\n", printable.Lines(err.Error()))
	case len(notes) > 0:
		fmt.Fprintf(env.stderr, "reconcile: note: planned from the recording once: %s\n", printable.Lines(strings.Join(notes, "; ")))
	default:
		fmt.Fprintln(env.stderr, "reconcile: planned from it once: the same report. Look through it (gunzip -c) before you give it away")
	}
	return report, nil
}

// runReplay plans again from a recording.
func runReplay(ctx context.Context, env environment, f planFlags, given *pflag.FlagSet) error {
	format, err := render.ByName(f.format)
	if err != nil {
		return err
	}
	var others []string
	given.Visit(func(fl *pflag.Flag) {
		if !slices.Contains([]string{"replay", "out", "format", "quiet", "verbose", "help"}, fl.Name) {
			others = append(others, "--"+fl.Name)
		}
	})
	if len(others) > 0 {
		return hint.Errorf("leave all but --replay out: the recording holds what was given then", "--replay and %s contradict each other", strings.Join(others, ", "))
	}
	in, err := hint.Open(f.replay, "the recording", "give a file that reconcile plan --record wrote")
	if err != nil {
		return err
	}
	defer in.Close()
	b, err := bundle.Read(in)
	if err != nil {
		return fmt.Errorf("%s: %w", f.replay, err)
	}
	if err := freshOut(f.out); err != nil {
		return err
	}
	line := newStatus(env, f.quiet, f.verbose)
	report, notes, err := bundle.Replay(ctx, b, tool(), line.update)
	line.done()
	if err != nil {
		return err
	}
	if !f.quiet {
		for _, n := range notes {
			fmt.Fprintf(env.stderr, "reconcile: note: %s\n", printable.Lines(n))
		}
		if report.Errored != nil {
			fmt.Fprintf(env.stderr, "reconcile: note: %s is not laid out: what was recorded of the errored state lacks its secrets\n",
				printable.Lines(filepath.Join(f.out, filepath.FromSlash(plan.ErroredCopy))))
		}
	}
	return deliver(env, report, f.out, format, f.quiet)
}
