package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"reconcile/internal/backend"
	"reconcile/internal/hint"
	"reconcile/internal/lock"
	"reconcile/internal/lockread"
	"reconcile/internal/preflight"
)

// preflightFlags are the flags of preflight as they were given.
type preflightFlags struct {
	dir, expires, format string
	backend              backend.Where
	regions, skip        []string
	minSession           time.Duration
	strict, quiet        bool
}

func newPreflight(env environment) *cobra.Command {
	var f preflightFlags
	c := &cobra.Command{
		Use:   "preflight",
		Short: "For a pipeline, before an apply: session, lock, state, versioning, rights",
		Long: `preflight looks at what makes an apply die half way, or makes that worse:

  session     the credentials live for --min-session more
  lock        nobody holds it, and there is one
  digest      the state is whole, and its digest in the lock table is its own
  versioning  the bucket keeps versions
  ttl         the lock table deletes no rows by itself
  rights      the caller's policies allow to write the state and release the lock
              (iam:SimulatePrincipalPolicy; nothing is tried)
  terraform   the version on PATH is not older than the one that wrote the state

A check that could not be held is "not told": it fails only with --strict, as a
warning does. It reads, and changes nothing.

Exit codes: 0 fine, 1 error, 3 a check failed, 130 interrupted.`,
		Example: `  reconcile preflight
  reconcile preflight --min-session 45m --strict --format json
  reconcile preflight --skip rights,terraform`,
		RunE: func(c *cobra.Command, _ []string) error { return runPreflight(c.Context(), env, f, givenTo(c, env)) },
	}
	fl := c.Flags()
	dirVar(fl, &f.dir)
	durationVar(fl, &f.minSession, "min-session", 30*time.Minute, "how long the session must live at least")
	fl.StringVar(&f.expires, "session-expires", "", "when the session ends, where the credentials do not tell (keys in the environment): RFC 3339")
	fl.StringSliceVar(&f.skip, "skip", nil, "`CHECK` to leave out: "+strings.Join(preflight.Names(), ", ")+" (repeatable)")
	fl.BoolVar(&f.strict, "strict", false, "fail for a warning and for what could not be told as well")
	regionsVar(fl, &f.regions, "region", "region to begin with, where the configuration names none")
	formatVar(fl, &f.format, "text", "json")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, quietUsage)
	backendFlags(fl, &f.backend)
	return c
}

func runPreflight(ctx context.Context, env environment, f preflightFlags, g given) error {
	const command = "reconcile preflight"
	for _, name := range f.skip {
		if !slices.Contains(preflight.Names(), name) {
			return hint.Unknown("--skip", name, preflight.Names(), seeHelp(command))
		}
	}
	err := cmp.Or(g.contradict("format", "quiet"), g.backend(f.backend))
	if slices.Contains(f.skip, "session") {
		err = cmp.Or(err, g.refuse("and --skip session contradict each other", "min-session", "session-expires"))
	}
	if err != nil {
		return err
	}
	var expires time.Time
	if f.expires != "" {
		var err error
		if expires, err = time.Parse(time.RFC3339, f.expires); err != nil {
			return usage(fmt.Errorf("--session-expires %q is no time such as %s", f.expires, time.Now().UTC().Format(time.RFC3339)), command)
		}
	}
	r, err := lockread.Open(ctx, lockread.Options{Where: f.backend.In(f.dir, env.getenv), Regions: f.regions, Now: time.Now})
	if err != nil {
		return noLockThere(err)
	}
	facts, err := r.Preflight(ctx, lockread.Preflight{MinSession: f.minSession, Expires: expires, Env: env.getenv, Environ: env.environ,
		Skip: func(check string) bool { return slices.Contains(f.skip, check) }})
	if err != nil {
		return err
	}
	report := preflight.NewReport(facts, lock.PlaceOf(r.Backend()), f.skip, f.strict, r.Notes())
	switch {
	case f.quiet:
	case f.format == "json":
		err = report.JSON(env.stdout)
	default:
		err = report.Text(env.stdout)
	}
	if err != nil {
		return err
	}
	if !report.Passed {
		return outcome(exitPerson)
	}
	return nil
}
