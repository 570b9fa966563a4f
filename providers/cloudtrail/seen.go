package cloudtrail

import (
	"context"
	"encoding/json"
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

// looks counts the answered reads after a deletion. The records come newest
// first, which tells more than their times of one second.
func looks(newestFirst []Record, d Deletion) int {
	n := 0
	for _, r := range newestFirst {
		if r.EventID == d.Event {
			return n
		}
		if r.Name == d.Wait.Call && !refusal(r.Error) && r.names(d.Names) {
			n++
		}
	}
	return 0
}

// names reports whether a value stands anywhere in the request.
func (r Record) names(value string) bool {
	var holds func(v any) bool
	holds = func(v any) bool {
		switch v := v.(type) {
		case string:
			return v == value
		case json.Number:
			return v.String() == value
		case []any:
			for _, e := range v {
				if holds(e) {
					return true
				}
			}
		case map[string]any:
			for _, e := range v {
				if holds(e) {
					return true
				}
			}
		}
		return false
	}
	return holds(r.request)
}
