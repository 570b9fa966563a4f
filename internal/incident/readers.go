package incident

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"reconcile/internal/diff"
	"reconcile/internal/hint"
	"reconcile/internal/plan"
	"reconcile/providers"
	"reconcile/providers/cloudtrail"
)

// identify asks who the caller is and stops in the wrong account: there,
// everything looks deleted.
func (r *reading) identify(ctx context.Context) error {
	if err := r.openAWS(ctx); err != nil {
		return err
	}
	if r.guessed {
		r.aws.Config.Region = r.fallbackRegion() // the state may tell a better one by now
	}
	session := r.aws
	caller := session.Caller
	r.seen.Caller = caller
	if err := r.openTrail(ctx, session, r.o.Stdin); err != nil {
		return err
	}
	aliases, err := r.further(ctx, session)
	if err != nil {
		return err
	}
	for id := range r.accounts {
		if id != caller.Account {
			r.seen.Further = append(r.seen.Further, id)
		}
	}
	slices.Sort(r.seen.Further)
	r.subject = diff.NewSubject(r.state, r.wanted, r.kinds, session.Config.Region, aliases)
	r.guard.Account = caller.Account

	owned := r.subject.Accounts()
	from := "the state's resources are"
	if len(owned) == 0 {
		owned, from = []string{cloudtrail.AccountOf(r.o.Role)}, "the role is"
	}
	if !slices.ContainsFunc(owned, func(id string) bool { return r.accounts[id] != nil }) {
		return hint.Errorf("use credentials of account "+owned[0]+" (AWS_PROFILE), and check with: aws sts get-caller-identity",
			"wrong account: %s in %s, the caller %s is in %s", from, strings.Join(owned, ", "), caller.ARN, caller.Account)
	}
	reads, problems := r.subject.Reads(caller)
	r.problems = append(r.problems, problems...)
	r.reads = reads
	for _, region := range r.o.Regions {
		r.alsoRead(providers.Place{Account: caller.Account, Region: region})
	}
	return nil
}

// alsoRead adds a region that a person named: every kind of the account is
// looked for there too.
func (r *reading) alsoRead(at providers.Place) {
	types := slices.Clone(r.reads[at])
	for other, more := range r.reads {
		if other.Account == at.Account {
			types = append(types, more...)
		}
	}
	r.reads[at] = slices.Compact(slices.Sorted(slices.Values(types)))
}

// fallbackRegion is where to begin if the caller's own configuration names no
// region.
func (r *reading) fallbackRegion() string {
	if len(r.o.Regions) > 0 {
		return r.o.Regions[0]
	}
	if r.state == nil { // it is about to be read, and a bucket says where it is
		return cmp.Or(r.backendRegion(), "us-east-1")
	}
	var regions []string
	reads, _ := diff.NewSubject(r.state, r.wanted, r.kinds, "", nil).Reads(providers.Caller{})
	for at := range reads {
		regions = append(regions, at.Region)
	}
	if len(regions) > 0 {
		return slices.Min(regions)
	}
	return r.backendRegion()
}

func (r *reading) backendRegion() string {
	if r.backend != nil {
		return r.backend.Region
	}
	return ""
}

// window reads the lock and settles which time is looked at.
func (r *reading) window(ctx context.Context) error {
	now := r.now()
	var written time.Time
	r.readLock(ctx)
	if err := r.compareGiven(ctx); err != nil {
		return err
	}
	if r.o.Since.IsZero() || r.errored != nil {
		written = r.written
	}
	if err := r.ofThisIncident(written); err != nil {
		return err
	}
	r.span = plan.Window{Since: r.o.Since.UTC(), SinceSource: "--since", Until: r.o.Until.UTC(), UntilSource: "--until"}
	if r.o.Since.IsZero() {
		switch {
		case !written.IsZero():
			r.span.Since, r.span.SinceSource = written.UTC(), "the write time of the state's present version"
		case !r.lock.Created.IsZero():
			r.span.Since, r.span.SinceSource = r.lock.Created.Add(-5*time.Minute).UTC(), "five minutes before the lock was taken"
		default:
			r.span.Since, r.span.SinceSource = now.Add(-24*time.Hour), "24 hours ago: nothing tells when the apply began (--since)"
		}
	}
	if r.o.Until.IsZero() {
		r.span.Until, r.span.UntilSource = r.until(now)
	}
	switch {
	case r.span.Since.After(now):
		return inTheFuture(now, r.span.Since, r.span.SinceSource)
	case !r.span.Since.Before(r.span.Until) && r.o.Until.IsZero() && r.log != nil:
		return hint.Errorf("check that it is the log of this run; give --until or --since",
			"the apply's log ends before the window begins: its last line is of %s, and the window begins at %s (%s)",
			r.log.Log.Last.Format(time.RFC3339), r.span.Since.Format(time.RFC3339), r.span.SinceSource)
	case !r.span.Since.Before(r.span.Until):
		return emptyWindow(r.span.Since, r.span.Until)
	case r.bulk == nil && r.span.Since.Before(now.Add(-90*24*time.Hour)):
		r.problem(fmt.Sprintf("CloudTrail's event history keeps 90 days, and the window begins before that, at %s (%s): if the apply began later, say when with --since",
			r.span.Since.Format(time.RFC3339), r.span.SinceSource))
	}
	return nil
}

// live reads the objects and the trail at the same time, then the kinds that
// only the trail mentions.
func (r *reading) live(ctx context.Context) error {
	var group errgroup.Group
	told := make(chan struct{})
	group.Go(func() error {
		r.seen.Inventory = r.inventory(ctx, r.reads, told)
		return nil
	})
	group.Go(func() error {
		defer close(told)
		r.readTrail(ctx)
		r.trail()
		return nil
	})
	_ = group.Wait() // both tell their failures in their results

	seen := map[string]bool{}
	for _, o := range r.seen.Inventory.Objects {
		seen[o.Place.String()+" "+o.ID] = true
	}
	more := map[providers.Place][]string{}
	for _, c := range r.seen.Trail.Own {
		for _, m := range c.Mutations {
			// A facet that nobody wants belongs to an object that is read anyway. What a
			// call changed by an id that several kinds share is the one that was seen.
			if k, ok := r.kinds.Find(m.Type); ok && !k.Facet && k.Unread == "" && !(m.Role == providers.Changed && seen[c.Place.String()+" "+m.ID]) &&
				!slices.Contains(r.reads[c.Place], m.Type) && !slices.Contains(more[c.Place], m.Type) {
				more[c.Place] = append(more[c.Place], m.Type)
			}
		}
	}
	if len(more) > 0 {
		inv := r.inventory(ctx, more, told)
		r.seen.Inventory.Objects = append(r.seen.Inventory.Objects, inv.Objects...)
		r.seen.Inventory.Coverage = append(r.seen.Inventory.Coverage, inv.Coverage...)
		r.seen.Inventory.Sort()
	}
	return nil
}

// secondLook asks by id for everything that a complete listing does not hold.
func (r *reading) secondLook(ctx context.Context) error {
	suspects := diff.Suspects(r.subject, r.seen.Inventory)
	r.seen.Looks = diff.Looks{}
	type answer struct {
		key  diff.LookKey
		look diff.Look
	}
	answers := make(chan answer, len(suspects))
	var group errgroup.Group
	group.SetLimit(8)
	for key, attrs := range suspects {
		group.Go(func() error {
			objects, err := r.look(ctx, key.Type, key.Place, attrs)
			answers <- answer{key, diff.Look{Objects: objects, Err: err}}
			return nil
		})
	}
	_ = group.Wait() // an answer that failed says so
	close(answers)
	for a := range answers {
		r.seen.Looks[a.key] = a.look
	}
	return nil
}

func (r *reading) input() plan.Input {
	g := r.guard
	if r.wanted != nil {
		g.TerraformVersion = r.wanted.TerraformVersion
	}
	g.TerraformVersion = cmp.Or(g.TerraformVersion, r.lock.Version, r.state.TerraformVersion)
	incident := r.o.Incident
	if incident == "" {
		incident = "INC-" + r.now().Format("20060102-1504")
	}
	notes := slices.Clone(r.notes)
	if r.wanted == nil {
		notes = append(notes, "there is neither a plan (--plan-json) nor a configuration (--dir) to tell what is wanted: an unrecorded object cannot be given an address")
	}
	vias := map[string]plan.Via{}
	for id, a := range r.accounts {
		vias[id] = a.via
	}
	keys, how := slices.Clone(r.session.AccessKeys), r.session.How
	for _, a := range r.session.Assumed {
		keys, how = append(keys, a.Key), how+"; it assumed "+a.Role+" ("+a.Key+")"
	}
	return plan.Input{
		Incident: incident, Tool: r.o.Tool, GeneratedAt: r.now().Truncate(time.Second), State: r.planState(), Backend: r.backend, Lock: r.lock,
		Window: r.span, Session: plan.Session{Role: r.o.Role, Name: cmp.Or(r.session.Name, r.o.Session), AccessKeys: keys, How: how,
			Subject: r.session.Subject, Keys: r.session.Keys},
		TrailDelay: r.o.TrailDelay, Guard: g, Subject: r.subject, Reading: r.seen, SeenThrough: r.seenThrough, Witness: r.log, Errored: r.planErrored(), StateWrites: r.writes, Before: r.pulled, Taken: r.taken, Vias: vias, ProviderVersion: r.providerVersion, Problems: r.problems, Notes: notes,
		Adopt: r.o.Adopt, Maps: r.maps, AllowMassRemoval: r.o.AllowMassRemoval, Inputs: r.inputs(), Settings: r.o.Settings,
	}
}
