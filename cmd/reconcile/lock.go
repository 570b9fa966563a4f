package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"reconcile/internal/backend"
	"reconcile/internal/hint"
	"reconcile/internal/incident"
	"reconcile/internal/lock"
	"reconcile/internal/lockread"
	"reconcile/internal/plan"
	"reconcile/internal/printable"
	"reconcile/providers"
)

// exitTooOld is lock's: a lock is older than --max-age.
const exitTooOld = 4

// lockFlags are the flags of lock as they were given.
type lockFlags struct {
	dir, role, session, since, runEnded, format string
	backend                                     backend.Where
	trail                                       plan.TrailSource
	regions                                     []string
	trailDelay, maxAge, interval                time.Duration
	all, watch, quiet                           bool
}

func newLock(env environment) *cobra.Command {
	var f lockFlags
	c := &cobra.Command{
		Use:   "lock",
		Short: "Say who holds the state's lock, since when, and whether that run is dead",
		Long: `lock reads the lock where the backend keeps it (table or file), the state's present
version, the locks beside it and, with --role, what CloudTrail tells of the run: its
calls, reads too, the first refused one, and how long its session lives.

It says one of
  none           nobody holds it
  held-alive     the run is at work: release nothing
  unknown        what its holder does cannot be seen, or not yet
  probably-dead  it has been silent or refused for long; its session may still live
  dead           its session has expired and it made no call since, or you said that
                 its run has ended (--run-ended) and nothing contradicts it
each with its evidence. A lock younger than --trail-delay is never more than unknown.
It reads, and releases nothing. --format prometheus is for node_exporter's textfile
collector.

Exit codes: 0 read, 1 error, 3 the lock could not be read, 4 a lock is older than
--max-age, 130 interrupted.`,
		Example: `  reconcile lock --role arn:aws:iam::123456789012:role/terraform-runner --session ci-prod-7
  reconcile lock --max-age 20m --format prometheus
  reconcile lock --all --max-age 2h
  reconcile lock --watch --interval 15s`,
		RunE: func(c *cobra.Command, _ []string) error { return runLock(c.Context(), env, f, givenTo(c, env)) },
	}
	fl := c.Flags()
	dirVar(fl, &f.dir)
	fl.StringVar(&f.role, "role", "", "`ARN` of the role (or user) of the run: CloudTrail is asked what it does")
	fl.StringVar(&f.session, "session", "", "role session name or access key id of the run that holds it")
	fl.StringVar(&f.runEnded, "run-ended", "", runEndedUsage)
	fl.StringVar(&f.since, "since", "", "begin of the window: RFC 3339 or an age such as 90m (default: an hour before the lock was taken)")
	durationVar(fl, &f.trailDelay, "trail-delay", 15*time.Minute, "how late CloudTrail's records may be")
	regionsVar(fl, &f.regions, "region", "region that the run works in, on top of those of the state (repeatable)")
	durationVar(fl, &f.maxAge, "max-age", 0, "exit with 4 if the lock is older; 0s for no limit")
	fl.BoolVar(&f.all, "all", false, "list all locks of the lock table, or all lock files of the bucket, without a verdict")
	fl.BoolVar(&f.watch, "watch", false, "look again and again, and print a line where something has changed; ends when nobody holds it")
	durationVar(fl, &f.interval, "interval", 30*time.Second, "with --watch: how often it looks, a second or more")
	formatVar(fl, &f.format, "text", "json", "prometheus")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, quietUsage)
	trailFlags(fl, &f.trail)
	backendFlags(fl, &f.backend)
	return c
}

func runLock(ctx context.Context, env environment, f lockFlags, g given) error {
	const command = "reconcile lock"
	switch {
	case f.all && f.watch:
		return usage(errors.New("--all and --watch contradict each other"), command)
	case f.watch && f.interval < time.Second:
		return usage(errors.New("--interval is below a second"), command)
	case f.session != "" && f.role == "":
		return usage(errors.New("--session goes with --role: whose session it is"), command)
	}
	if err := f.unread(g); err != nil {
		return err
	}
	since, err := past(time.Now(), command, f.since)
	if err != nil {
		return err
	}
	source, err := incident.ParseTrail(f.trail)
	if err != nil {
		return err
	}
	if f.watch && source.Kind != "lookup" {
		return usage(errors.New("--watch goes with --trail lookup alone: it asks again and again"), command)
	}
	line := newStatus(env, f.quiet || f.watch, false)
	r, err := lockread.Open(ctx, lockread.Options{Where: f.backend.In(f.dir, env.getenv), Role: f.role, Session: f.session, Regions: f.regions, Since: since,
		TrailDelay: f.trailDelay, Source: source, TrailProfile: f.trail.Profile, Stdin: env.stdin, RunEnded: f.runEnded, Now: time.Now,
		OnPage: func(region string, pages, records int) {
			line.update(providers.Progress{What: "cloudtrail:LookupEvents", Region: region, Done: pages, Items: records})
		}})
	if err != nil {
		return noLockThere(err)
	}
	out := env.stdout
	if f.quiet {
		out = io.Discard
	}
	switch {
	case f.all:
		return allLocks(ctx, out, r, f)
	case f.watch:
		return watchLock(ctx, out, r, f)
	}
	facts, err := r.Facts(ctx)
	line.done()
	if err != nil {
		return err
	}
	report := lock.NewReport(facts, lock.PlaceOf(r.Backend()), f.maxAge, r.Notes())
	if err := writeLock(out, report, f.format); err != nil {
		return err
	}
	switch {
	case report.TooOld:
		return outcome(exitTooOld)
	case report.Lock.Status == backend.Unknown:
		return outcome(exitPerson)
	}
	return nil
}

// unread refuses what would not be read.
func (f lockFlags) unread(g given) error {
	err := cmp.Or(g.contradict("format", "quiet"), g.backend(f.backend), g.trail(f.trail))
	ofTrail := []string{"since", "region", "trail", "trail-workgroup", "trail-output", "trail-profile"}
	switch {
	case f.all:
		err = cmp.Or(err, g.refuse("says nothing to --all, which gives no verdict on a run", slices.Concat([]string{"role", "session", "run-ended", "trail-delay"}, ofTrail)...))
	case f.role == "":
		err = cmp.Or(err, g.refuse("goes with --role: without it CloudTrail is not asked", ofTrail...))
	}
	if f.watch {
		return cmp.Or(err, g.refuse("and --watch contradict each other: an alarm looks once", "max-age"))
	}
	return cmp.Or(err, g.refuse("goes with --watch", "interval"))
}

func writeLock(w io.Writer, r lock.Report, format string) error {
	switch format {
	case "json":
		return lock.JSON(w, r)
	case "prometheus":
		return r.Prometheus(w)
	}
	return r.Text(w)
}

func allLocks(ctx context.Context, w io.Writer, r *lockread.Reader, f lockFlags) error {
	locks, problems, err := r.All(ctx)
	if err != nil {
		return err
	}
	all := lock.NewAll(time.Now(), r.Backend(), locks, f.maxAge, problems)
	switch f.format {
	case "json":
		err = lock.JSON(w, all)
	case "prometheus":
		err = all.Prometheus(w)
	default:
		err = all.Text(w)
	}
	switch {
	case err != nil:
		return err
	case all.TooOld > 0:
		return outcome(exitTooOld)
	case len(problems) > 0:
		return outcome(exitPerson)
	}
	return nil
}

// watchLock looks again and again, and ends when nobody holds the lock.
func watchLock(ctx context.Context, w io.Writer, r *lockread.Reader, f lockFlags) error {
	last := ""
	tick := time.NewTicker(f.interval)
	defer tick.Stop()
	for {
		facts, err := r.Facts(ctx)
		if err != nil {
			return err
		}
		report := lock.NewReport(facts, lock.PlaceOf(r.Backend()), f.maxAge, r.Notes())
		if now := report.Line(); now != last {
			last = now
			if f.format != "text" {
				err = writeLock(w, report, f.format)
			} else {
				_, err = fmt.Fprintf(w, "%s  %s\n", report.GeneratedAt.Format(time.RFC3339), printable.Lines(now))
			}
			if err != nil {
				return err
			}
		}
		if report.Verdict == lock.None {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// noLockThere adds what a person can do where the state is not kept in S3.
func noLockThere(err error) error {
	if errors.Is(err, backend.ErrOtherBackend) || errors.Is(err, backend.ErrNoBackend) {
		return hint.Errorf(hint.Of(err), "reconcile reads the locks of the S3 backend only: %w", err)
	}
	return err
}
