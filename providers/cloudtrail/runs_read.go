package cloudtrail

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"reconcile/providers"
)

// RunsRead is what a source told of the runs that were asked for, and at what
// cost.
type RunsRead struct {
	Source   string          `json:"source"`
	Runs     []providers.Run `json:"runs"`
	Pages    int             `json:"pages"`   // LookupEvents: one call each
	Records  int             `json:"records"` // that were looked at
	Problems []string        `json:"problems"`
	Newest   time.Time       `json:"-"` // see Result
	records  []Record
}

// Likeliest is the run that most likely died: its index, -1 if nothing tells it
// from the others, and why. It is a proposal for a person and no proof.
func (r RunsRead) Likeliest(hints Hints, x Index) (int, string) {
	named := r.named(hints, x)
	suspects := make([]suspect, len(r.Runs))
	for i, run := range r.Runs {
		suspects[i].Run = run
		for _, key := range run.KeyIDs() {
			suspects[i].named += named[key]
		}
	}
	return likeliest(suspects, hints)
}

// named counts the calls of each key that the apply's log names.
func (r RunsRead) named(hints Hints, x Index) map[string]int {
	out, seen := map[string]int{}, map[string]bool{}
	says := hints.names(x)
	for _, c := range r.records {
		if !seen[c.EventID] && says(c) {
			out[c.By.AccessKey]++
		}
		seen[c.EventID] = true
	}
	return out
}

// Runs tells the sessions of a role, or the keys of a user, with all their
// calls, reads too. With q.Who.Session, a name or a key, it reads that one's
// records alone. Otherwise everybody's changes and assumptions of the role
// tell which keys there are, and each key's records are read. most bounds the
// pages for one session and region, newest first: 0 reads all. How each key was
// issued is looked for around the second in which its session began.
func (l *Lookup) Runs(ctx context.Context, q Query, most int) RunsRead {
	out := RunsRead{Source: "CloudTrail LookupEvents", Runs: []providers.Run{}, Problems: []string{}}
	w := &window{lookup: l, q: q, most: most, whole: true, out: &out}
	if key, value := q.Who.attribute(); value != "" {
		w.read(ctx, key, value)
	} else {
		w.roster(ctx)
	}
	w.issues(ctx)
	out.Runs = Runs(w.records, q.Who, w.whole && len(out.Problems) == 0)
	out.Records, out.records = len(w.records), w.records
	slices.Sort(out.Problems)
	out.Problems = slices.Compact(out.Problems)
	return out
}

// window is one reading of runs.
type window struct {
	lookup  *Lookup
	q       Query
	most    int
	whole   bool
	records []Record
	out     *RunsRead
}

// read reads one attribute's records in every region.
func (w *window) read(ctx context.Context, key types.LookupAttributeKey, value string) {
	for _, region := range w.q.Regions {
		w.drain(ctx, w.lookup.stream(w.q, region, key, value), w.most)
	}
}

// drain reads a stream, newest first, up to a number of pages; 0 for all.
func (w *window) drain(ctx context.Context, s *stream, most int) {
	for s.more() && (most == 0 || s.result.Pages < most) {
		s.next(ctx)
	}
	w.whole = w.whole && !s.more()
	w.records = append(w.records, s.result.Records...)
	w.out.Pages += s.result.Pages
	w.out.Problems = append(w.out.Problems, s.result.Problems...)
	if s.result.Malformed > 0 {
		w.out.Problems = append(w.out.Problems, fmt.Sprintf("%d CloudTrail records in %s could not be read", s.result.Malformed, s.region))
	}
}

// roster finds the role's keys and reads what each did.
func (w *window) roster(ctx context.Context) {
	for _, region := range w.q.Regions {
		w.drain(ctx, w.lookup.stream(w.q, region, types.LookupAttributeKeyReadOnly, "false"), 0)
	}
	for _, region := range stsRegions(w.q) {
		for _, name := range assuming {
			w.drain(ctx, w.lookup.stream(w.q, region, types.LookupAttributeKeyEventName, name), 0)
		}
	}
	for _, run := range Runs(w.records, w.q.Who, true) {
		for _, key := range run.Keys {
			w.read(ctx, types.LookupAttributeKeyAccessKeyId, key.ID)
		}
	}
}

// issues looks for the calls that issued the keys of a role, each within
// seconds of when its session began.
func (w *window) issues(ctx context.Context) {
	for _, run := range Runs(w.records, w.q.Who, true) {
		for _, key := range run.Keys {
			if key.Event == "" && !key.Issued.IsZero() {
				w.issue(ctx, key)
			}
		}
	}
}

func (w *window) issue(ctx context.Context, key providers.RunKey) {
	q := Query{Since: key.Issued.Add(-pad), Until: key.Issued}
	for _, region := range stsRegions(w.q) {
		for _, name := range assuming {
			s := w.lookup.stream(q, region, types.LookupAttributeKeyEventName, name)
			for s.more() {
				s.next(ctx)
				w.out.Pages++
				for _, r := range s.result.Records {
					if i, ok := issued(r); ok && i.key == key.ID {
						w.records = append(w.records, r)
						return
					}
				}
				s.result.Records = nil
			}
			if s.err != nil && !slices.Contains(w.q.Regions, region) {
				break // the global endpoint's region is only worth a try
			}
			w.out.Problems = append(w.out.Problems, s.result.Problems...)
		}
	}
}

// Runs is Lookup's, of what was gathered: all calls of the role if no session
// was named for that, else those of the named one and the changes of the others.
func (a *BulkAccount) Runs(_ context.Context, q Query, _ int) RunsRead {
	met := a.of.met
	out := RunsRead{Source: met.Source, Pages: met.Pages, Records: met.Scanned, Problems: slices.Clone(met.Problems), Newest: met.Newest}
	var own []Record
	for _, k := range a.of.kept {
		if k.Place.Account == a.id {
			own = append(own, k.Record)
		}
	}
	if met.Malformed > 0 {
		out.Problems = append(out.Problems, fmt.Sprintf("%d CloudTrail records could not be read", met.Malformed))
	}
	out.records = own
	whole := met.AllWriters && (a.of.part.Who.session() == "" || a.of.part.Who.session() == q.Who.session())
	if out.Runs = Runs(own, q.Who, whole); out.Runs == nil {
		out.Runs = []providers.Run{}
	}
	return out
}
