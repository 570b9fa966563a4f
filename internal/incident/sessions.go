package incident

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"reconcile/internal/backend"
	"reconcile/internal/hint"
	"reconcile/internal/plan"
	"reconcile/internal/statefile"
	"reconcile/providers"
	"reconcile/providers/cloudtrail"
)

// trailOnly begins a reading that asks for nothing but the trail, the lock and
// the state's versions: neither state nor plan is needed.
func trailOnly(ctx context.Context, o Options) (*reading, error) {
	r := newReading(o)
	r.state = statefile.NoState()
	for _, step := range []func() error{r.checkGiven, r.readLog, r.readBarriers, r.findBackend} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	if err := r.openAWS(ctx); err != nil {
		return nil, err
	}
	session := r.aws
	r.seen.Caller = session.Caller
	if err := r.openTrail(ctx, session, o.Stdin); err != nil {
		return nil, err
	}
	if _, err := r.further(ctx, session); err != nil {
		return nil, err
	}
	home := cloudtrail.AccountOf(o.Role)
	if r.trailOf(home) == nil {
		return nil, hint.Errorf("use credentials of account "+home+", or give --assume-role "+home+"=ROLE-ARN", "%s is of account %s, and the caller %s of %s",
			o.Role, home, session.Caller.ARN, session.Caller.Account)
	}
	regions := o.Regions
	if len(regions) == 0 {
		regions = []string{session.Config.Region}
		r.note("only " + session.Config.Region + " is looked at: name the regions with --region")
	}
	r.reads = map[providers.Place][]string{}
	for id := range r.accounts {
		for _, region := range regions {
			r.reads[providers.Place{Account: id, Region: region}] = nil
		}
	}
	for _, region := range regions {
		r.reads[providers.Place{Account: home, Region: region}] = nil
	}
	r.subject.Region = regions[0]
	return r, r.widely(ctx)
}

// widely settles the window. A run began before the lock was taken, and it may
// have written the state since.
func (r *reading) widely(ctx context.Context) error {
	if err := r.window(ctx); err != nil {
		return err
	}
	if r.lock.Status == backend.Unknown && r.backend != nil { // a note is enough: nothing is released here
		r.problems = slices.DeleteFunc(r.problems, func(s string) bool { return strings.HasPrefix(s, "the lock could not be read") })
		r.note("the lock could not be read: " + r.lock.Error)
	}
	if before := r.lock.Created.Add(-beforeLock).UTC(); r.o.Since.IsZero() && !r.lock.Created.IsZero() && before.Before(r.span.Since) {
		r.span.Since, r.span.SinceSource = before, "ten minutes before the lock was taken"
	}
	return nil
}

const beforeLock = 10 * time.Minute

// Sessions tells the sessions of a role in a window, and which of them most
// likely died.
func Sessions(ctx context.Context, o Options) (*plan.Sessions, error) {
	r, err := trailOnly(ctx, o)
	if err != nil {
		return nil, err
	}
	home := cloudtrail.AccountOf(o.Role)
	source, regions := r.trailOf(home), r.trailPlacesOf(home)
	q := r.query(regions, cloudtrail.Who{Role: o.Role, Session: o.Session, Subject: o.Subject})
	if r.bulk != nil {
		p := r.part(map[string][]string{home: regions})
		p.Begins, p.BeginsAt = cloudtrail.EarliestBeginning(r.span.Since), []providers.Place{{Account: home, Region: cloudtrail.GlobalRegion}}
		r.bulk.Gather(ctx, p)
	}
	out := &plan.Sessions{Schema: plan.SessionsSchema, Role: o.Role, Window: r.span, Regions: regions, Lock: r.lock, Incomplete: []string{}, Notes: []string{}}
	if o.Subject != "" {
		began := source.Beginnings(ctx, q)
		r.began = began.Records
		q.Who = r.who()
		out.Pages, out.Incomplete = began.Pages, append(out.Incomplete, began.Problems...)
	}
	read := source.Runs(ctx, q, 0)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out.Source, out.Runs, out.Pages, out.Records = read.Source, read.Runs, out.Pages+read.Pages, read.Records
	out.Incomplete = append(append(out.Incomplete, read.Problems...), r.problems...)
	slices.Sort(out.Incomplete)
	out.Incomplete = slices.Compact(out.Incomplete)
	if i, why := read.Likeliest(r.hints(), r.index); i >= 0 {
		out.Likely = &plan.Likely{Name: read.Runs[i].Name, Keys: read.Runs[i].KeyIDs(), Why: why}
	}
	r.found.Newest, r.found.Source = read.Newest, read.Source
	reach := r.reaches()
	out.CompleteUntil = reach.until
	if reach.until.Before(r.span.Until) {
		r.note(fmt.Sprintf("what happened after %s may not have arrived yet (%s)", reach.until.Format(time.RFC3339), reach.why))
	}
	out.Notes = append(out.Notes, r.notes...)
	return out, nil
}

func (r *reading) trailPlacesOf(account string) []string {
	var out []string
	for at := range r.reads {
		if at.Account == account {
			out = append(out, at.Region)
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(out)))
}

// Timeline tells what a session did and was refused in a window, with the lock
// and the writes of the state.
func Timeline(ctx context.Context, o Options) (*plan.Events, error) {
	r, err := trailOnly(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := r.wait(ctx); err != nil {
		return nil, err
	}
	r.readTrail(ctx)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r.trail()
	if err := r.stateWrites(ctx); err != nil {
		return nil, err
	}
	t := r.seen.Trail
	in := plan.Input{Lock: r.lock, Window: r.span, StateWrites: r.writes, Witness: r.log, Reading: r.seen,
		Session: plan.Session{Role: o.Role, Name: cmp.Or(r.session.Name, o.Session), AccessKeys: r.session.AllKeys(), How: r.session.How, Subject: r.session.Subject, Keys: r.session.Keys}}
	in.Subject.Kinds = r.kinds
	out := &plan.Events{Schema: plan.EventsSchema, Incident: o.Incident, Session: in.Session, Window: r.span, Source: t.Source, Regions: t.Regions,
		CompleteUntil: t.CompleteUntil, Timeline: plan.Timeline(in), Incomplete: append(slices.Clone(r.problems), t.Problems...), Notes: append([]string{}, r.notes...)}
	if out.Session.AccessKeys == nil {
		out.Session.AccessKeys = []string{}
	}
	if out.Incomplete == nil {
		out.Incomplete = []string{}
	}
	slices.Sort(out.Incomplete)
	return out, nil
}
