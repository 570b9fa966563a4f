package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"reconcile/internal/hint"
	"reconcile/internal/incident"
	"reconcile/internal/plan"
	"reconcile/internal/printable"
	"reconcile/internal/render"
)

// planFlags are the flags of plan as they were given.
type planFlags struct {
	options      incident.Options
	since, until string
	out, format  string
	record       string
	replay       string
	quiet        bool
	verbose      bool
}

func newPlan(env environment) *cobra.Command {
	var f planFlags
	c := &cobra.Command{
		Use:   "plan",
		Short: "Read the incident and write the plan, the script and the report",
		Long: `plan reads the state, live AWS and CloudTrail, and writes into --out:

  reconcile.sh   the script to review: dry unless --execute
  report.json    everything, for the incident
  report.html    the same as a page: what happened, pictures, filters
  report.md      the same for a ticket
  summary.txt    what is printed here
  imports.tf     the imports as import blocks

Nothing in AWS and nothing in the state is changed.`,
		Example: `  reconcile plan --role arn:aws:iam::123456789012:role/terraform-runner
  terraform state pull > state.tfstate
  reconcile plan --state state.tfstate --plan-json plan.json \
      --role arn:aws:iam::123456789012:role/terraform-runner --session ci-prod-7
  bash reconcile-out/reconcile.sh`,
		RunE: func(c *cobra.Command, _ []string) error {
			if f.replay != "" {
				return runReplay(c.Context(), env, f, c.Flags())
			}
			g := givenTo(c, env)
			if err := cmp.Or(g.contradict("format", "quiet"), g.backend(f.options.Backend), g.trail(f.options.Trail)); err != nil {
				return err
			}
			return runPlan(c.Context(), env, f)
		},
	}
	o, fl := &f.options, c.Flags()
	dirVar(fl, &o.Dir)
	fl.StringVar(&o.State, "state", "", "the state: a file that terraform state pull wrote, - for standard input, s3://BUCKET/KEY[?versionId=…], none for a first apply that left none (default: the backend's own)")
	fl.StringVar(&o.PlanJSON, "plan-json", "", "terraform show -json of the plan file that was applied; without it the configuration in --dir is evaluated")
	fl.StringVar(&o.ErroredState, "errored-state", "", "errored.tfstate, the state that Terraform could not save (default: the one in --dir, if it follows the state; none leaves that one out)")
	fl.StringVar(&o.ApplyLog, "apply-log", "", "what terraform apply printed, as text or with -json; a CI job's log will do")
	fl.StringVar(&o.Role, "role", "", "`ARN` of the role (or user) that ran the apply")
	fl.StringVar(&o.Session, "session", "", "role session name or access key id of the run that died (several keys of one run with commas between)")
	fl.StringVar(&o.Subject, "oidc-subject", "", "for whom the CI system's token spoke when the run's session began: repo:ORG/NAME:ref:refs/heads/main, project_path:GROUP/NAME:…; * stands for anything")
	fl.StringVar(&f.since, "since", "", "begin of the window: RFC 3339 or an age such as 90m (default: the state's write time)")
	fl.StringVar(&f.until, "until", "", untilUsage)
	durationVar(fl, &o.TrailDelay, "trail-delay", 15*time.Minute, "how late CloudTrail's records may be; the window beyond that is incomplete")
	fl.StringSliceVar(&o.Barriers, "barrier", nil, barrierUsage)
	durationVar(fl, &o.Wait, "wait", 0, waitUsage)
	fl.Lookup("wait").NoOptDefVal = "20m"
	trailFlags(fl, &o.Trail)
	regionsVar(fl, &o.Regions, "region", "region to read, on top of those that the state and the plan name (repeatable)")
	fl.StringArrayVar(&o.AssumeRoles, "assume-role", nil, assumeRoleUsage)
	fl.StringArrayVar(&o.Profiles, "profile", nil, "credentials of a provider configuration's account: `ALIAS=PROFILE`, default=PROFILE for the one without an alias (repeatable)")
	fl.BoolVar(&o.RunPlan, "run-plan", false, "without a plan file: ask Terraform for a fresh plan of --dir (-lock=false -refresh=false; TF_BIN names the binary)")
	fl.Var(&inputFlag{o: o}, "var", "variable of the apply: NAME, or NAME=VALUE to evaluate the configuration with; the script's commands take it from TF_VAR_NAME (repeatable)")
	fl.Var(&inputFlag{o: o, file: true}, "var-file", "variable file of the apply, for the script's commands too (repeatable)")
	fl.StringVar(&o.Incident, "incident", "", incidentUsage)
	fl.StringArrayVar(&o.Adopt, "adopt", nil, "`ID` of an object that you know to be the session's (repeatable)")
	fl.StringArrayVar(&o.Maps, "map", nil, "your answer to a question: `ADDRESS=ID` (in quotes) puts the object with that id at that address; @FILE for one a line, # begins a comment (repeatable)")
	fl.BoolVar(&o.AllowMassRemoval, "allow-mass-removal", false, "plan over 10 removals of over 10% of the instances")
	backendFlags(fl, &o.Backend)
	fl.StringVar(&f.record, "record", "", "file that keeps every answer and file that was read, without secrets, for --replay")
	fl.StringVar(&f.replay, "replay", "", "file of --record to plan again from: no credentials, no network, no other inputs")
	fl.StringVar(&f.out, "out", "reconcile-out", "folder of the outputs")
	formatVar(fl, &f.format, render.Names()...)
	fl.BoolVarP(&f.quiet, "quiet", "q", false, quietUsage)
	fl.BoolVarP(&f.verbose, "verbose", "v", false, sayCalls)
	return c
}

func runPlan(ctx context.Context, env environment, f planFlags) error {
	o := f.options
	now := time.Now()
	var err error
	if o.Since, err = moment(now, "reconcile plan", "--since", f.since); err != nil {
		return err
	}
	if o.Until, err = moment(now, "reconcile plan", "--until", f.until); err != nil {
		return err
	}
	o.Tool, o.Stdin, o.Env, o.Now = tool(), env.stdin, env.getenv, func() time.Time { return now }
	o.Environ, o.OnRun = env.environ, func(command string) { fmt.Fprintf(env.stderr, "reconcile: running %s\n", printable.Lines(command)) }
	if env.settings.Source != "" {
		o.Settings = env.settings
	}
	format, err := render.ByName(f.format)
	if err != nil {
		return err
	}
	if err := freshOut(f.out); err != nil {
		return err
	}
	line := newStatus(env, f.quiet, f.verbose)
	o.OnProgress = line.update
	report, err := read(line.watching(ctx), env, o, f.record, line)
	line.done()
	if err != nil {
		return err
	}
	if err := sameOut(f.out, report); err != nil {
		return err
	}
	if err := render.KeepErrored(f.out, report); err != nil {
		return err
	}
	return deliver(env, report, f.out, format, f.quiet)
}

// deliver writes the outputs, prints the one that was asked for, and returns
// the verdict.
func deliver(env environment, report *plan.Report, out string, format render.Format, quiet bool) error {
	if err := render.WriteAll(out, report); err != nil {
		return err
	}
	if !quiet {
		if err := format.Render(env.stdout, report, env.look(out)); err != nil {
			return err
		}
	}
	return exitFor(report.Verdict)
}

// past reads --since where what comes later than now would only be less.
func past(now time.Time, command, s string) (time.Time, error) {
	t, err := moment(now, command, "--since", s)
	if err == nil && t.After(now) {
		return t, hint.Errorf("give --since as a time before now, for example "+now.UTC().Add(-2*time.Hour).Format(time.RFC3339), "--since %q is in the future", s)
	}
	return t, err
}

// moment reads a time that a flag of a command was given: RFC 3339, or an age
// before now.
func moment(now time.Time, command, flag, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if age, err := time.ParseDuration(s); err == nil {
		if age < 0 {
			return time.Time{}, hint.Errorf(fmt.Sprintf("give an age without a sign: %s %s", flag, strings.TrimPrefix(s, "-")), "%s %q is an age below zero", flag, s)
		}
		return now.Add(-age), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, usage(fmt.Errorf("%s %q is neither a time such as %s nor an age such as 90m", flag, s, now.UTC().Format(time.RFC3339)), command)
	}
	return t, nil
}
