package cloudtrail

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"reconcile/providers"
)

// Deletion is one deletion of the session, and the look by which Terraform
// makes sure of it.
type Deletion struct {
	Key    string // the asker's own
	Event  string // event id
	Region string // in the account that is asked
	Time   time.Time
	Wait   providers.Wait
	Names  string // what the look's request names
}

// afterDeletion is how long the provider looks after what it deleted, as far
// as the trail is read for it.
const afterDeletion = 2 * time.Minute

// SeenThrough says which deletions the session made sure of: it looked again
// afterwards, as often as the provider does, and was answered. One that it did
// not see through was under way when the run died, so Terraform may still hold
// the object. It costs the pages of the session's records, reads too, in the
// minutes after the deletions.
func (l *Lookup) SeenThrough(ctx context.Context, deletions []Deletion, keys []string) (map[string]bool, []string) {
	type window struct{ from, to time.Time }
	windows := map[string]window{}
	for _, d := range deletions {
		w, ok := windows[d.Region]
		if !ok || d.Time.Before(w.from) {
			w.from = d.Time
		}
		if d.Time.After(w.to) {
			w.to = d.Time
		}
		windows[d.Region] = w
	}
	seen := map[string]bool{}
	var problems []string
	for region, w := range windows {
		for _, key := range keys {
			q := Query{Since: w.from, Until: w.to.Add(afterDeletion)}
			s := l.stream(q, region, types.LookupAttributeKeyAccessKeyId, key)
			for s.more() {
				s.next(ctx)
			}
			problems = append(problems, s.result.Problems...)
			for _, d := range deletions {
				if d.Region == region && looks(s.result.Records, d) >= max(1, d.Wait.Times) {
					seen[d.Key] = true
				}
			}
		}
	}
	return seen, problems
}

// Taking is an object that the session may have been about to adopt, and the
// look by which Terraform takes it.
type Taking struct {
	Key    string // the asker's own
	Region string // in the account that is asked
	Takes  providers.Wait
	Names  string // what the look's request names
}

// lastMoments is how long before the session's last answered call the look at
// an object can be whose first call was then refused without a record.
const lastMoments = time.Minute

// Taken says which objects the session had looked up to adopt them when it
// died: the ids of the events that show it, by key. It costs the pages of the
// session's last minute, reads too.
func (l *Lookup) Taken(ctx context.Context, takings []Taking, keys []string, since, until time.Time) (map[string][]string, []string) {
	taken := map[string][]string{}
	var problems []string
	for _, region := range regionsOf(takings) {
		for _, key := range keys {
			s := l.stream(Query{Since: since, Until: until}, region, types.LookupAttributeKeyAccessKeyId, key)
			for s.more() && (!s.begun || len(s.result.Records) == 0 || s.oldest.After(s.result.Records[0].Time.Add(-lastMoments))) {
				s.next(ctx)
			}
			problems = append(problems, s.result.Problems...)
			for _, t := range takings {
				if t.Region == region {
					taken[t.Key] = append(taken[t.Key], takes(s.result.Records, t)...)
				}
			}
		}
	}
	return taken, problems
}

func regionsOf(takings []Taking) []string {
	var out []string
	for _, t := range takings {
		out = append(out, t.Region)
	}
	return unique(out)
}

// takes returns the event ids of the answered looks, none if no more of them
// were made than those that have another purpose.
func takes(records []Record, t Taking) []string {
	var out []string
	var newest time.Time
	beside := 0
	for _, r := range records {
		if r.Time.After(newest) {
			newest = r.Time
		}
	}
	for _, r := range records {
		switch {
		case r.Error != "" || !r.names(t.Names):
		case r.Name == t.Takes.Call:
			if !r.Time.Before(newest.Add(-lastMoments)) {
				out = append(out, r.EventID)
			}
		case r.Name == t.Takes.Beside:
			beside++
		}
	}
	if len(out)-beside < t.Takes.Times {
		return nil
	}
	slices.Sort(out)
	return out
}

// looks counts the answered reads after a deletion. The records come newest
// first, which tells more than their times of one second.
func looks(newestFirst []Record, d Deletion) int {
	n := 0
	for _, r := range newestFirst {
		if r.EventID == d.Event {
			return n
		}
		if r.Name == d.Wait.Call && !providers.IsRefusal(r.Error) && r.names(d.Names) {
			n++
		}
	}
	return 0
}

// names reports whether a value stands anywhere in the request.
func (r Record) names(value string) bool {
	for leaf := range providers.Leaves(r.request) {
		switch leaf := leaf.(type) {
		case string:
			if leaf == value {
				return true
			}
		case json.Number:
			if leaf.String() == value {
				return true
			}
		}
	}
	return false
}
