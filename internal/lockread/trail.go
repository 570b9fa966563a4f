package lockread

import (
	"context"
	"slices"
	"time"

	"reconcile/internal/lock"
	"reconcile/providers"
	"reconcile/providers/cloudtrail"
	"reconcile/providers/ec2"
)

// source is where CloudTrail's records are.
type source interface {
	Runs(ctx context.Context, q cloudtrail.Query, most int) cloudtrail.RunsRead
	Chain(ctx context.Context, q cloudtrail.Query) cloudtrail.Result
}

// before is how long before the lock a run may have begun.
const before = time.Hour

// trail reads the role's runs since before the lock was taken.
func (r *Reader) trail(ctx context.Context, f lock.Facts) *lock.Trail {
	who := cloudtrail.Who{Role: r.o.Role, Session: r.o.Session}
	since := r.o.Since
	if since.IsZero() {
		since = f.Lock.Created.Add(-before)
		if f.Lock.Created.IsZero() {
			since = f.Now.Add(-24 * time.Hour)
		}
	}
	t := &lock.Trail{Role: r.o.Role, Session: r.o.Session, Regions: r.places(ctx), Since: since.UTC(), Runs: []providers.Run{}}
	home := cloudtrail.AccountOf(r.o.Role)
	if r.o.Source.Kind == "" || r.o.Source.Kind == "lookup" {
		if home != r.aws.Caller.Account {
			t.Problems = append(t.Problems, "the role is of account "+home+", and these credentials are of "+r.aws.Caller.Account+": use credentials of that account, or --trail with the records of both")
			return t
		}
		if oldest := f.Now.Add(-90 * 24 * time.Hour); since.Before(oldest) {
			t.Since = oldest.UTC()
		}
	}
	q := cloudtrail.Query{Regions: t.Regions, Since: t.Since, Until: f.Now, Who: who}
	from, err := r.source(ctx, q, home)
	if err != nil {
		t.Problems = append(t.Problems, err.Error())
		return t
	}
	got := from.Runs(ctx, q, mostPages)
	t.Source, t.Runs, t.Problems, t.Newest = got.Source, lock.GoneOn(got.Runs), got.Problems, got.Newest
	r.follow(ctx, t, from, q, home)
	return t
}

// source opens the place of the records.
func (r *Reader) source(ctx context.Context, q cloudtrail.Query, home string) (source, error) {
	if s := r.o.Source; s.Kind != "" && s.Kind != "lookup" {
		own := r.aws
		if r.o.TrailProfile != "" {
			var err error
			if own, err = ec2.OpenProfile(ctx, r.rows, r.o.TrailProfile, own.Config.Region); err != nil {
				return nil, err
			}
		}
		index := cloudtrail.NewIndex(ec2.Kinds(r.rows))
		bulk := s.Open(own.ForTrail(s.Kind), r.o.Stdin, index, func(done, _, items int) { r.page(s.Kind, done, items) })
		bulk.Gather(ctx, cloudtrail.Part{Places: map[string][]string{home: q.Regions}, Since: q.Since, Until: q.Until, Who: q.Who})
		return bulk.Of(home), nil
	}
	return cloudtrail.NewLookup(r.aws.Config, r.page), nil
}

func (r *Reader) page(region string, pages, records int) {
	if r.o.OnPage != nil {
		r.o.OnPage(region, pages, records)
	}
}

// follow adds what the runs did through roles that they assumed, as provider
// blocks do: such a run's own key may be silent for an hour while it works. A
// role of an account that is not read leaves the picture incomplete. The
// backend's own role is left out: its calls are not in CloudTrail's management
// events, and the state's versions tell of them.
func (r *Reader) follow(ctx context.Context, t *lock.Trail, from source, q cloudtrail.Query, home string) {
	if len(t.Runs) == 0 {
		return
	}
	const global = "us-east-1" // where calls to STS without a region are recorded
	if !slices.Contains(q.Regions, global) {
		q.Regions = append(slices.Clone(q.Regions), global)
	}
	links := from.Chain(ctx, q)
	t.Problems = append(t.Problems, links.Problems...)
	for i := range t.Runs {
		for _, a := range cloudtrail.ChainOf(links, t.Runs[i].KeyIDs()) {
			if a.Role == r.store.Backend.RoleARN {
				continue
			}
			if account := cloudtrail.AccountOf(a.Role); account != home {
				t.Problems = append(t.Problems, lock.Name(t.Runs[i])+" assumed "+a.Role+", and what it does there is in the trail of account "+account+", which is not read")
				continue
			}
			q.Who = cloudtrail.Who{Role: a.Role, Session: a.Key}
			more := from.Runs(ctx, q, mostPages)
			t.Problems = append(t.Problems, more.Problems...)
			for _, sub := range more.Runs {
				t.Runs[i] = t.Runs[i].With(sub)
			}
		}
	}
	slices.Sort(t.Problems)
	t.Problems = slices.Compact(t.Problems)
}
