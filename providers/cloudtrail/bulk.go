package cloudtrail

import (
	"context"
	"slices"
	"time"

	"reconcile/providers"
)

// feed is a place where the records of many accounts and sessions lie side by
// side: it is read through once, and what may matter is kept.
type feed interface {
	// name is how the report calls it.
	name() string
	promises() promises
	// read shows a part of the trail to sieves of the sink.
	read(ctx context.Context, p Part, to *sink)
	// absent says why it cannot be trusted that nothing happened in a place of
	// which no record was found, "" if it can.
	absent(ctx context.Context, at providers.Place, p Part) string
}

// promises are what a feed can be trusted with.
type promises struct {
	again bool // it can be read a second time
	all   bool // every record that AWS delivered is there
	aged  bool // it was taken at some time: its own last record is its end
}

// Bulk answers what is asked of a trail from one reading of a feed. It is for
// one goroutine at a time.
type Bulk struct {
	feed     feed
	index    Index
	progress func(done, total, items int)
	part     Part
	kept     []*kept // newest first
	met      Result  // what reading met, without records: told once
	said     []string
}

// Gather reads the feed. Ask of it only what is in the part.
func (b *Bulk) Gather(ctx context.Context, p Part) {
	b.part = p
	got, met := b.read(ctx, p)
	b.kept, b.met = got.kept, met
	for _, at := range b.part.places() {
		if got.places[at] || ctx.Err() != nil {
			continue
		}
		if why := b.feed.absent(ctx, at, p); why != "" {
			b.met.Problems = append(b.met.Problems, why)
		}
	}
	b.said = slices.Clone(b.met.Problems)
	b.met.Source, b.met.Sifted = b.feed.name(), true
	b.met.AllWriters = b.feed.promises().all && len(b.met.Problems) == 0 && b.met.Malformed == 0
	if b.feed.promises().aged {
		b.met.Newest = got.newest
	}
}

// Follow reads every call of access keys of which only the first reading told
// that they are the session's: reads too, and calls that no kind knows.
func (b *Bulk) Follow(ctx context.Context, keys []string) {
	if len(keys) == 0 {
		return
	}
	if !b.feed.promises().again {
		b.met.Notes = append(b.met.Notes, "what the session read through the roles that it assumed, and its calls there that no kind knows, are not known: standard input can be read only once")
		return
	}
	p := b.part
	p.Keys, p.Begins, p.BeginsAt, p.Requests = keys, time.Time{}, nil, nil
	got, met := b.read(ctx, p)
	met.Others, met.Malformed, met.Duplicates = 0, 0, 0 // they were counted the first time
	known := map[string]*kept{}
	for _, k := range b.kept {
		known[k.EventID] = k
	}
	for _, k := range got.kept {
		switch old := known[k.EventID]; {
		case old == nil:
			b.kept = append(b.kept, k)
		case slices.Contains(keys, k.By.AccessKey):
			old.at, old.in = k.at, k.in // the order that the key's reads are in
		}
	}
	newestFirst(b.kept)
	met.Problems = slices.DeleteFunc(met.Problems, func(why string) bool { return slices.Contains(b.said, why) })
	b.met.Add(met)
}

// Of returns the source that speaks of one account.
func (b *Bulk) Of(account string) *BulkAccount { return &BulkAccount{b, account} }

// BulkAccount is one account's part of what was gathered.
type BulkAccount struct {
	of *Bulk
	id string
}

// records are those of the account in some regions that a test lets through,
// newest first.
func (a *BulkAccount) records(regions []string, keep func(*kept) bool) []Record {
	var out []Record
	for _, k := range a.of.kept {
		if k.Place.Account == a.id && slices.Contains(regions, k.Place.Region) && keep(k) {
			out = append(out, k.Record)
		}
	}
	return out
}

// result gives each record to the caller once, and what reading met with the
// first of them.
func (a *BulkAccount) result(regions []string, keep func(Record) bool) Result {
	out := a.of.met
	a.of.met = Result{Source: out.Source, Sifted: true, AllWriters: out.AllWriters, Newest: out.Newest}
	out.Records = a.records(regions, func(k *kept) bool {
		if k.told || !keep(k.Record) {
			return false
		}
		k.told = true
		return true
	})
	return out
}

// Read gives everybody's calls that change something, and every call of a
// session that was followed.
func (a *BulkAccount) Read(_ context.Context, q Query) Result {
	return a.result(q.Regions, func(r Record) bool {
		return !r.ReadOnly || q.Who.Session != "" && r.By.AccessKey == q.Who.Session && r.Error != ""
	})
}

// Requests gives the calls with some request ids.
func (a *BulkAccount) Requests(_ context.Context, _ Query, ids, _ []string) Result {
	return Result{Source: a.of.met.Source, Records: a.records(a.of.part.Places[a.id], func(k *kept) bool { return slices.Contains(ids, k.RequestID) })}
}

// Makers gives the calls of these names that were not given yet.
func (a *BulkAccount) Makers(_ context.Context, q Query, names []string) Result {
	return a.result(q.Regions, func(r Record) bool { return slices.Contains(names, r.Name) })
}

// Chain gives the calls by which roles were assumed.
func (a *BulkAccount) Chain(_ context.Context, q Query) Result {
	return a.result(q.Regions, func(r Record) bool { return r.Name == assumeRole })
}

// Beginnings is Lookup's.
func (a *BulkAccount) Beginnings(_ context.Context, q Query) Result {
	return a.result(stsRegions(q), func(r Record) bool { return q.Who.began(r) })
}

// SeenThrough is Lookup's. A look of the deletion's own second counts only if
// the file that both are in tells which was first.
func (a *BulkAccount) SeenThrough(_ context.Context, deletions []Deletion, keys []string) (map[string]bool, []string) {
	seen := map[string]bool{}
	for _, d := range deletions {
		i := slices.IndexFunc(a.of.kept, func(k *kept) bool { return k.EventID == d.Event })
		if i < 0 {
			continue
		}
		met := map[string]bool{}
		for _, k := range a.of.kept {
			if k.Place.Account == a.id && k.Place.Region == d.Region && slices.Contains(keys, k.By.AccessKey) && k.Name == d.Wait.Call &&
				!providers.IsRefusal(k.Error) && k.after(a.of.kept[i]) && !k.Time.After(d.Time.Add(afterDeletion)) && k.names(d.Names) {
				met[k.EventID] = true
			}
		}
		if len(met) >= max(1, d.Wait.Times) {
			seen[d.Key] = true
		}
	}
	return seen, nil
}

// Taken is Lookup's.
func (a *BulkAccount) Taken(_ context.Context, takings []Taking, keys []string, _, _ time.Time) (map[string][]string, []string) {
	taken := map[string][]string{}
	for _, region := range regionsOf(takings) {
		for _, key := range keys {
			own := a.records([]string{region}, func(k *kept) bool { return k.By.AccessKey == key })
			if len(own) == 0 {
				continue
			}
			end := slices.IndexFunc(own, func(r Record) bool { return r.Time.Before(own[0].Time.Add(-lastMoments)) })
			if end >= 0 {
				own = own[:end]
			}
			for _, t := range takings {
				if t.Region == region {
					taken[t.Key] = append(taken[t.Key], takes(own, t)...)
				}
			}
		}
	}
	return taken, nil
}
