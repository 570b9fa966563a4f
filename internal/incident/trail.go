package incident

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"reconcile/internal/plan"
	"reconcile/providers"
	"reconcile/providers/cloudtrail"
)

// query is the part of the trail that is asked for in some regions.
func (r *reading) query(regions []string, who cloudtrail.Who) cloudtrail.Query {
	return cloudtrail.Query{Regions: regions, Since: r.span.Since, Until: r.span.Until, Who: who}
}

// who is looked for: once the trail was asked, with the keys of the sessions
// that began for the subject.
func (r *reading) who() cloudtrail.Who {
	return cloudtrail.Who{Role: r.o.Role, Session: r.o.Session, Subject: r.o.Subject}.Knowing(r.began)
}

// part is what is gathered of a source that holds everything.
func (r *reading) part(places map[string][]string) cloudtrail.Part {
	// Which of the role's sessions is meant may only be known afterwards.
	p := cloudtrail.Part{Places: places, Since: r.span.Since, Until: r.span.Until, Requests: r.missing(), Who: cloudtrail.Who{Role: r.o.Role, Session: r.o.Session}}
	if r.o.Subject != "" {
		p.Begins = cloudtrail.EarliestBeginning(r.span.Since)
		p.BeginsAt = []providers.Place{{Account: cloudtrail.AccountOf(r.o.Role), Region: cloudtrail.GlobalRegion}}
	}
	return p
}

// beginnings looks for the sessions that began for the subject.
func (r *reading) beginnings(ctx context.Context, source trailSource, regions []string) {
	if r.o.Subject == "" {
		return
	}
	found := source.Beginnings(ctx, r.query(regions, cloudtrail.Who{Role: r.o.Role, Subject: r.o.Subject}))
	r.began = found.Records
	r.found.Source = found.Source
	found.AllWriters = true // it adds to what is read
	r.found.Add(found)
}

// readTrail reads the records of every account. The runner's own account comes
// first: it tells which roles the session assumed, and so which keys its calls
// bear elsewhere. The roles are looked for only where the configuration assumes
// any or several accounts are read.
func (r *reading) readTrail(ctx context.Context) {
	places := r.allTrailPlaces()
	home := cloudtrail.AccountOf(r.o.Role)
	if r.trailOf(home) == nil {
		r.problem("CloudTrail of account " + home + ", where " + r.o.Role + " lives, cannot be read: give --assume-role " + home + "=ROLE-ARN")
	} else {
		if r.bulk != nil && !r.gathered {
			r.bulk.Gather(ctx, r.part(places))
		}
		r.found.AllWriters = true
		r.beginnings(ctx, r.trailOf(home), places[home])
		r.found.Add(r.trailOf(home).Read(ctx, r.query(places[home], r.who())))
	}
	var assumed []cloudtrail.Assumed
	if r.trailOf(home) != nil && (len(places) > 1 || r.assumesRoles()) {
		links := r.trailOf(home).Chain(ctx, r.query(places[home], r.who()))
		links.AllWriters = r.found.AllWriters
		r.found.Add(links)
		_, session := cloudtrail.Build(r.found, r.query(places[home], r.who()), r.index, r.hints())
		assumed = session.Assumed
		if r.bulk != nil {
			var keys []string
			for _, a := range assumed {
				keys = append(keys, a.Key)
			}
			r.bulk.Follow(ctx, keys)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(places)) {
		var asked bool
		for _, a := range assumed {
			if cloudtrail.AccountOf(a.Role) != id || (id == home && r.found.AllWriters && !r.found.Sifted) {
				continue
			}
			r.found.Add(r.trailOf(id).Read(ctx, r.query(places[id], cloudtrail.Who{Role: a.Role, Session: a.Key})))
			asked = true
		}
		if id != home && !asked {
			more := r.trailOf(id).Read(ctx, r.query(places[id], cloudtrail.Who{}))
			if r.found.Source == "" {
				r.found.AllWriters = more.AllWriters
			}
			r.found.Add(more)
		}
	}
	if r.met(r.found.Records); len(r.missing()) > 0 && r.o.Wait <= 0 {
		r.seek(ctx)
	}
	r.found.Pages += r.sought
}

// allTrailPlaces are the regions whose records are read: the role's own account
// is among them.
func (r *reading) allTrailPlaces() map[string][]string {
	places := r.trailPlaces()
	if home := cloudtrail.AccountOf(r.o.Role); len(places[home]) == 0 && r.trailOf(home) != nil {
		places[home] = []string{r.subject.Region}
	}
	return places
}

// assumesRoles reports whether a provider block assumes a role, known or not.
func (r *reading) assumesRoles() bool {
	if r.wanted == nil {
		return false
	}
	for _, p := range r.wanted.Providers {
		if p.RoleSet {
			return true
		}
	}
	return false
}

func (r *reading) hints() cloudtrail.Hints {
	h := cloudtrail.Hints{LockCreated: r.lock.Created, Holder: r.lock.Who}
	if r.log != nil {
		h.Requests, h.Made = r.log.Log.Traces()
		h.Ended = r.log.Log.Last
	}
	return h
}

// trail makes the session's trail of what was found, and says up to when it
// can be held complete: records arrive late, and a late one looks like none.
func (r *reading) trail() {
	var regions []string
	for _, more := range r.trailPlaces() {
		regions = append(regions, more...)
	}
	t, session := cloudtrail.Build(r.found, r.query(slices.Compact(slices.Sorted(slices.Values(regions))), r.who()), r.index, r.hints())
	reach := r.reaches()
	t.CompleteUntil, t.CompleteWhy, t.Barriers = reach.until, reach.why, r.told()
	t.Problems = append(t.Problems, reach.problems...)
	for _, n := range append(reach.notes, r.found.Notes...) {
		if !slices.Contains(r.notes, n) {
			r.note(n)
		}
	}
	r.seen.Trail, r.session = t, session
}

// makers asks the trail who made the objects that would fit a wanted address
// and that the session's own records do not explain.
func (r *reading) makers(ctx context.Context) error {
	if r.seen.Trail.AllMakers {
		return nil
	}
	var names []string
	for _, typ := range plan.Suspects(r.input()) {
		for _, name := range r.index.CreateEvents(typ) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	places := r.trailPlaces()
	for _, id := range slices.Sorted(maps.Keys(places)) {
		more := r.trailOf(id).Makers(ctx, r.query(places[id], cloudtrail.Who{}), names)
		more.AllWriters = r.found.AllWriters
		r.found.Add(more)
	}
	r.trail()
	return nil
}

// deletions asks the trail whether the session lived to see its deletions
// through. That it cannot be told is no problem of the report: such an object
// is left to the next plan's refresh.
func (r *reading) deletions(ctx context.Context) error {
	if err := r.contradicted(); err != nil {
		return err
	}
	at := map[string]providers.Call{}
	for _, c := range r.seen.Trail.Own {
		at[c.EventID] = c
	}
	type asker struct{ account, key string } // key: "" for the session's own ones
	ask := map[asker][]cloudtrail.Deletion{}
	for _, d := range plan.Deletions(r.input()) {
		for _, e := range d.Events {
			by := asker{at[e].Place.Account, at[e].By.AccessKey}
			if slices.Contains(r.session.AccessKeys, by.key) {
				by.key = ""
			}
			ask[by] = append(ask[by], cloudtrail.Deletion{Key: d.Key, Event: e, Region: at[e].Place.Region, Time: at[e].Time, Wait: d.Wait, Names: d.Names})
		}
	}
	r.seenThrough = map[string]bool{}
	order := func(a, b asker) int { return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.key, b.key)) }
	for _, by := range slices.SortedFunc(maps.Keys(ask), order) {
		source, keys := r.trailOf(by.account), []string{by.key}
		if source == nil {
			continue
		}
		if by.key == "" {
			keys = r.session.AccessKeys
		}
		seen, problems := source.SeenThrough(ctx, ask[by], keys)
		maps.Copy(r.seenThrough, seen)
		for _, p := range problems {
			r.note("whether the run saw its deletions through cannot be told: " + p)
		}
	}
	return nil
}

// adoptions asks the trail what the session had looked up to adopt when it
// died. That it cannot be told costs nothing: the next apply adopts it again.
func (r *reading) adoptions(ctx context.Context) error {
	ask := map[string][]cloudtrail.Taking{}
	for _, a := range plan.Adoptions(r.input()) {
		ask[a.Place.Account] = append(ask[a.Place.Account], cloudtrail.Taking{Key: a.Key, Region: a.Place.Region, Takes: a.Takes, Names: a.Names})
	}
	r.taken = map[string][]string{}
	for _, id := range slices.Sorted(maps.Keys(ask)) {
		source := r.trailOf(id)
		if source == nil {
			continue
		}
		taken, problems := source.Taken(ctx, ask[id], r.session.AllKeys(), r.span.Since, r.span.Until)
		for key, events := range taken {
			if len(events) > 0 {
				r.taken[key] = events
			}
		}
		for _, p := range problems {
			r.note("whether the run was about to adopt what AWS made cannot be told: " + p)
		}
	}
	return nil
}
