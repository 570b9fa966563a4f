package incident

import (
	"context"
	"io"
	"time"

	"reconcile/internal/hint"
	"reconcile/internal/plan"
	"reconcile/providers"
	"reconcile/providers/cloudtrail"
	"reconcile/providers/ec2"
)

// trailSource is where one account's CloudTrail records come from.
type trailSource interface {
	// Read gives the calls that changed something, the session's at least.
	Read(ctx context.Context, q cloudtrail.Query) cloudtrail.Result
	// Chain gives the calls by which roles were assumed.
	Chain(ctx context.Context, q cloudtrail.Query) cloudtrail.Result
	// Beginnings gives the calls by which the subject's sessions began.
	Beginnings(ctx context.Context, q cloudtrail.Query) cloudtrail.Result
	// Runs tells the role's sessions.
	Runs(ctx context.Context, q cloudtrail.Query, most int) cloudtrail.RunsRead
	// Requests gives the calls with some request ids, as far as they are there.
	Requests(ctx context.Context, q cloudtrail.Query, ids, users []string) cloudtrail.Result
	// Makers gives everybody's calls of some names.
	Makers(ctx context.Context, q cloudtrail.Query, names []string) cloudtrail.Result
	// SeenThrough says which deletions the session made sure of.
	SeenThrough(ctx context.Context, deletions []cloudtrail.Deletion, keys []string) (map[string]bool, []string)
	// Taken says what the session had looked up to adopt when it died.
	Taken(ctx context.Context, takings []cloudtrail.Taking, keys []string, since, until time.Time) (map[string][]string, []string)
}

var (
	_ trailSource = (*cloudtrail.Lookup)(nil)
	_ trailSource = (*cloudtrail.BulkAccount)(nil)
)

// ParseTrail reads the flags.
func ParseTrail(t plan.TrailSource) (cloudtrail.Source, error) {
	s, err := cloudtrail.ParseSource(t.Source)
	if err != nil {
		return s, err
	}
	s.Table.Workgroup, s.Table.Output = t.Workgroup, t.Output
	return s, nil
}

// openTrail opens a source that holds the records of all accounts. The default
// one, LookupEvents, is asked account by account.
func (r *reading) openTrail(ctx context.Context, own ec2.Session, stdin io.Reader) error {
	s, err := ParseTrail(r.o.Trail)
	if err != nil {
		return err
	}
	if s.Path == "-" && r.passedOver != "" {
		return hint.Errorf("write the records into a file and give --trail file:PATH", "standard input can be read only once, and the trail is needed again: %s", r.passedOver)
	}
	if r.o.Trail.Profile != "" {
		if own, err = ec2.OpenProfile(ctx, r.rows, r.o.Trail.Profile, own.Config.Region); err != nil {
			return err
		}
	}
	r.bulk = s.Open(own.ForTrail(s.Kind), stdin, r.index, func(done, total, items int) {
		r.progress(providers.Progress{What: "CloudTrail", Region: s.Kind, Done: done, Total: total, Items: items})
	})
	return nil
}

// trailOf is the source of one account's records, nil where there is none.
func (r *reading) trailOf(account string) trailSource {
	if r.bulk != nil {
		return r.bulk.Of(account)
	}
	if a := r.accounts[account]; a != nil {
		return a.lookup
	}
	return nil
}
