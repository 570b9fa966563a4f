package cloudtrail

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"golang.org/x/sync/errgroup"
)

// Query is the part of the trail that is read.
type Query struct {
	Regions      []string
	Since, Until time.Time
	Who          Who
}

// Result is what a source found. Records may hold duplicates, other people's
// calls and reads; Build sorts them out.
type Result struct {
	Source  string
	Records []Record
	// AllWriters: every call in the window that changes something is there,
	// whoever made it. Otherwise only the session's are.
	AllWriters bool
	Pages      int
	Malformed  int
	Problems   []string
	// Sifted: the source was read through once. Of other people's calls only
	// those are among the records that a kind knows; Others are as many more.
	Sifted     bool
	Others     int
	Duplicates int
	Scanned    int   // records that were looked at
	Bytes      int64 // that they took
	// Newest is the time of the last record of the source, where later ones
	// could be missing from it; zero where it is as late as AWS itself.
	Newest time.Time
	Notes  []string // what it cost, and what would have been quicker
}

// Lookup reads Event history through LookupEvents: 50 records a page, two
// calls a second an account and region (the pacing of cfg keeps to that), 90
// days back, one attribute filter honoured per call.
type Lookup struct {
	cfg    aws.Config
	onPage func(region string, pages, records int)
	advise func(advice string) // nil: nobody wants any
	reach  func(region string, back time.Time)
	told   sync.Once
}

// NewLookup returns a source. onPage may be nil.
func NewLookup(cfg aws.Config, onPage func(region string, pages, records int)) *Lookup {
	if onPage == nil {
		onPage = func(string, int, int) {}
	}
	return &Lookup{cfg: cfg, onPage: onPage}
}

// pad widens the window: a record's time can trail the call by seconds.
const pad = 5 * time.Second

// Read reads the window in every region at once. A region that does not answer
// is a problem of the result, not an error.
func (l *Lookup) Read(ctx context.Context, q Query) Result {
	out := Result{Source: "CloudTrail LookupEvents", AllWriters: true}
	var mu sync.Mutex
	var group errgroup.Group
	for _, region := range q.Regions {
		group.Go(func() error {
			got := l.region(ctx, q, region)
			mu.Lock()
			defer mu.Unlock()
			out.Add(got)
			return nil
		})
	}
	_ = group.Wait() // a region's failure is in its result
	if len(out.Problems) == 0 {
		out.Add(l.sign(ctx, q, out.Records))
	}
	slices.Sort(out.Problems)
	slices.Sort(out.Notes)
	return out
}

// sign looks for any call of a run that changed nothing: one that only read and
// died is not one that was never there. It costs a page a region up to the first
// that has one, and nothing where the run changed anything or has no name.
func (l *Lookup) sign(ctx context.Context, q Query, found []Record) Result {
	out := Result{AllWriters: true}
	key, value := q.Who.attribute()
	here := func(r Record) bool { return q.Who.isRole(r.By) && q.Who.isSession(r.By) }
	for _, region := range q.Regions {
		if value == "" || slices.ContainsFunc(found, here) {
			break
		}
		s := l.stream(q, region, key, value)
		s.next(ctx)
		found = s.result.Records
		out.Add(s.result)
	}
	out.AllWriters = true // it adds to what was read
	return out
}

// Makers reads the calls of the given names in the window: who made what, for
// objects whose maker the session's own records do not tell. It costs one call
// a name, region and page; a region that refuses one name is not asked for the
// others.
func (l *Lookup) Makers(ctx context.Context, q Query, names []string) Result {
	out := Result{AllWriters: false}
	for _, region := range q.Regions {
		for _, name := range names {
			s := l.stream(q, region, types.LookupAttributeKeyEventName, name)
			s.rest(ctx)
			out.Add(s.result)
			if s.err != nil {
				break // the region's other names would wait for the same refusal
			}
		}
	}
	return out
}

// Add puts what another reading found beside what this one found.
func (r *Result) Add(more Result) {
	r.Source = cmp.Or(r.Source, more.Source)
	r.Records = append(r.Records, more.Records...)
	r.Pages += more.Pages
	r.Malformed += more.Malformed
	r.Problems = append(r.Problems, more.Problems...)
	r.AllWriters = r.AllWriters && more.AllWriters
	r.Sifted = r.Sifted || more.Sifted
	r.Others += more.Others
	r.Duplicates += more.Duplicates
	r.Scanned += more.Scanned
	r.Bytes += more.Bytes
	if more.Newest.After(r.Newest) {
		r.Newest = more.Newest
	}
	for _, n := range more.Notes {
		if !slices.Contains(r.Notes, n) {
			r.Notes = append(r.Notes, n)
		}
	}
}

// region chooses the filter that needs fewer pages. Every writer in one page
// settles it. Else the session's own filter is tried for a page too: the one
// whose 50 records reach further back in time has the fewer records in the
// window.
func (l *Lookup) region(ctx context.Context, q Query, region string) Result {
	writers := l.stream(q, region, types.LookupAttributeKeyReadOnly, "false")
	writers.next(ctx)
	var own *stream
	if key, value := q.Who.attribute(); value != "" && writers.more() {
		own = l.stream(q, region, key, value)
		own.next(ctx)
	}
	if own == nil || (own.more() && !own.oldest.Before(writers.oldest)) {
		l.slow(ctx, writers, q)
		writers.rest(ctx)
		if own != nil {
			writers.result.Records = append(writers.result.Records, own.result.Records...)
			writers.result.Pages += own.result.Pages
		}
		writers.result.AllWriters = writers.err == nil
		return writers.result
	}
	l.slow(ctx, own, q)
	own.rest(ctx)
	own.result.Add(writers.result)
	own.result.AllWriters = false
	return own.result
}

// stream is one filtered reading of one region.
type stream struct {
	lookup *Lookup
	client *sdk.Client
	input  sdk.LookupEventsInput
	region string
	begun  bool
	err    error
	oldest time.Time
	result Result
}

func (l *Lookup) stream(q Query, region string, key types.LookupAttributeKey, value string) *stream {
	return &stream{lookup: l, region: region, oldest: q.Until,
		client: sdk.NewFromConfig(l.cfg, func(o *sdk.Options) { o.Region = region }),
		input: sdk.LookupEventsInput{
			StartTime: &q.Since, EndTime: new(q.Until.Add(pad)), MaxResults: new(int32(50)),
			LookupAttributes: []types.LookupAttribute{{AttributeKey: key, AttributeValue: &value}},
		}}
}

func (s *stream) more() bool { return s.err == nil && (!s.begun || s.input.NextToken != nil) }

// rest reads all that there is more.
func (s *stream) rest(ctx context.Context) {
	for s.more() {
		s.next(ctx)
	}
}

func (s *stream) next(ctx context.Context) {
	s.begun = true
	out, err := s.client.LookupEvents(ctx, &s.input)
	if err != nil {
		s.err = err
		s.result.Problems = append(s.result.Problems, problem(s.region, err))
		return
	}
	s.result.Pages++
	for _, e := range out.Events {
		if e.EventTime != nil && e.EventTime.Before(s.oldest) {
			s.oldest = *e.EventTime
		}
		if e.CloudTrailEvent == nil {
			s.result.Malformed++
			continue
		}
		r, err := Decode([]byte(*e.CloudTrailEvent))
		if err != nil {
			s.result.Malformed++
			continue
		}
		s.result.Records = append(s.result.Records, r)
	}
	s.input.NextToken = out.NextToken
	if aws.ToString(out.NextToken) == "" {
		s.input.NextToken = nil // an empty token would begin again at the first page
	}
	if s.lookup.reach != nil {
		s.lookup.reach(s.region, s.oldest)
	}
	s.lookup.onPage(s.region, s.result.Pages, len(s.result.Records))
}

func problem(region string, err error) string {
	if denied(err) {
		return fmt.Sprintf("CloudTrail in %s: denied: the caller's policy lacks cloudtrail:LookupEvents", region)
	}
	return fmt.Sprintf("CloudTrail in %s could not be read: %s", region, cause(err))
}
