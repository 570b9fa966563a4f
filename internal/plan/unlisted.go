package plan

import (
	"strings"

	"reconcile/internal/diff"
	"reconcile/internal/match"
	"reconcile/internal/wanted"
)

// unlisted lets the addresses compete of which it is not known which there are.
// Nothing is ever imported there, and what would fit there is a question: it
// must not go to another address for want of this one.
func (b *builder) unlisted(w *wanted.Wanted) {
	for _, want := range w.Unlisted {
		kind, known := b.in.Subject.Kinds.Find(want.Type)
		if !known || kind.Unread != "" || !diff.IsAWS(want.Source) {
			continue
		}
		a := match.Address{Wanted: want, Kind: kind, Place: b.in.Subject.WantedPlace(want, b.in.Reading.Caller),
			Blocked: "its count or for_each cannot be told, so it is not known which instances there are"}
		b.open[want.Address] = opening{address: a}
		b.problem.Open = append(b.problem.Open, a)
	}
}

// missing reports why an address that an object belongs at may not be known,
// "" if all are.
func (b *builder) missing() string {
	if w := b.in.Subject.Wanted; w != nil && len(w.Missing) > 0 {
		return "addresses may be missing (" + strings.TrimSuffix(w.Missing[0], ".") + ")"
	}
	return ""
}
