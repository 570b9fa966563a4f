package main

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"reconcile/internal/backend"
	"reconcile/internal/incident"
	"reconcile/internal/lock"
	"reconcile/internal/lockread"
	"reconcile/internal/plan"
)

// judgeHolder judges the holder of a lock by what a report knows of its run.
func judgeHolder(env environment, runEnded string) incident.Judge {
	return func(ctx context.Context, s *incident.Store, report *plan.Report, _ backend.Lock) (incident.Holder, error) {
		o, err := holderOf(env, report)
		if err != nil {
			return incident.Holder{}, err
		}
		o.RunEnded = runEnded
		r, err := lockread.Over(ctx, o, s.Store)
		if err != nil {
			return incident.Holder{}, err
		}
		facts, err := r.Facts(ctx)
		if err != nil {
			return incident.Holder{}, err
		}
		got := lock.Judge(facts)
		h := incident.Holder{Verdict: string(got.Verdict), Evidence: []string{got.Why}}
		for _, e := range got.Evidence {
			h.Evidence = append(h.Evidence, e.Says+" ("+e.Source+")")
		}
		return h, nil
	}
}

// holderOf are the options that look at the run of a report.
func holderOf(env environment, r *plan.Report) (lockread.Options, error) {
	in := plan.Inputs{}
	if r.Inputs != nil {
		in = *r.Inputs
	}
	source, err := incident.ParseTrail(incident.Trail{Source: in.Trail.Source, Workgroup: in.Trail.Workgroup, Output: in.Trail.Output, Profile: in.Trail.Profile})
	if err != nil {
		return lockread.Options{}, err
	}
	o := lockread.Options{Role: r.Session.Role, Session: cmp.Or(strings.Join(r.Session.AccessKeys, ","), r.Session.Name), Source: source, TrailProfile: in.Trail.Profile,
		Stdin: env.stdin, Now: time.Now, TrailDelay: 15 * time.Minute}
	if d, err := time.ParseDuration(r.Trail.Delay); err == nil {
		o.TrailDelay = d
	}
	for _, c := range r.Coverage {
		if c.Place.Region != "" && !slices.Contains(o.Regions, c.Place.Region) {
			o.Regions = append(o.Regions, c.Place.Region)
		}
	}
	slices.Sort(o.Regions)
	if x := r.Execution; x != nil && x.Clean {
		o.Accounted = x.VerifiedAt
	}
	return o, nil
}
