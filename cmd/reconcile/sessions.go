package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reconcile/internal/incident"
	"reconcile/internal/printable"
	"reconcile/internal/render"
)

// trailReading are the flags of the commands that read the trail and nothing
// that it is held against.
type trailReading struct {
	options      incident.Options
	since, until string
	format       string
	quiet        bool
	verbose      bool
}

func (f *trailReading) flags(fl *pflag.FlagSet) {
	o := &f.options
	fl.StringVar(&o.Role, "role", "", "`ARN` of the role (or user) that ran the apply")
	fl.StringVar(&o.Session, "session", "", "only this session: role session name or access key id")
	fl.StringVar(&o.Subject, "oidc-subject", "", "only sessions that began for this subject of a CI system's token; * stands for anything")
	fl.StringVar(&f.since, "since", "", "begin of the window: RFC 3339 or an age such as 90m (default: before the lock was taken, or the state's write time)")
	fl.StringVar(&f.until, "until", "", untilUsage)
	regionsVar(fl, &o.Regions, "region", "region to read (repeatable; default: the caller's own)")
	durationVar(fl, &o.TrailDelay, "trail-delay", 15*time.Minute, "how late CloudTrail's records may be")
	trailFlags(fl, &o.Trail)
	fl.StringArrayVar(&o.AssumeRoles, "assume-role", nil, assumeRoleUsage)
	dirVar(fl, &o.Dir)
	fl.StringVar(&o.ApplyLog, "apply-log", "", "what terraform apply printed: it names the run's calls")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "print nothing but errors and the product")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, sayCalls)
}

// ready are the options of a reading that begins now.
func (f *trailReading) ready(env environment, line *status, g given) (incident.Options, error) {
	o, now, command := f.options, time.Now(), g.command
	err := g.trail(o.Trail)
	if err != nil {
		return o, err
	}
	if o.Since, err = moment(now, command, "--since", f.since); err != nil {
		return o, err
	}
	if o.Until, err = moment(now, command, "--until", f.until); err != nil {
		return o, err
	}
	o.Tool, o.Stdin, o.Env, o.Environ, o.Now = tool(), env.stdin, env.getenv, env.environ, func() time.Time { return now }
	o.OnProgress = line.update
	return o, nil
}

func newSessions(env environment) *cobra.Command {
	var f trailReading
	c := &cobra.Command{
		Use:   "sessions",
		Short: "List a role's sessions, and which of them most likely died",
		Long: `sessions lists the sessions of a role in a window: their keys and how long those
live, first and last call (reads too), counts, the first refused call, and for whom a
CI system's token spoke. The one that most likely died is marked, and why: whose
first call is at the time of the lock, whom AWS answered no more, whose calls the
apply's log names. That is a proposal: whoever plans says which it was, --session.

With LookupEvents it costs a page for every 50 calls of each session.

Exit codes: 0 listed, 1 error, 3 the trail could not be read completely.`,
		Example: `  reconcile sessions --role arn:aws:iam::123456789012:role/terraform-runner --since 3h
  reconcile sessions --role arn:aws:iam::123456789012:role/terraform-runner --trail s3://org-trail --region eu-west-1,us-east-1 --format json`,
		RunE: func(c *cobra.Command, _ []string) error { return runSessions(c.Context(), env, f, givenTo(c, env)) },
	}
	f.flags(c.Flags())
	formatVar(c.Flags(), &f.format, "table", "json")
	return c
}

func runSessions(ctx context.Context, env environment, f trailReading, g given) error {
	line := newStatus(env, f.quiet, f.verbose)
	o, err := f.ready(env, line, g)
	if err != nil {
		return err
	}
	found, err := incident.Sessions(line.watching(ctx), o)
	line.done()
	if err != nil {
		return err
	}
	if f.format == "json" {
		err = writeJSON(env.stdout, found)
	} else {
		err = render.SessionsTable(env.stdout, found, render.Options{Colour: env.outTerminal.colour(env.getenv), Width: env.outTerminal.width})
	}
	if err != nil {
		return err
	}
	return f.said(env, found.Notes, found.Incomplete)
}

// said prints the notes and gives the exit code.
func (f *trailReading) said(env environment, notes, incomplete []string) error {
	if !f.quiet {
		for _, n := range notes {
			fmt.Fprintf(env.stderr, "reconcile: note: %s\n", printable.Lines(n))
		}
	}
	if len(incomplete) > 0 {
		return outcome(exitPerson)
	}
	return nil
}
