package plan

import (
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
		b.open[want.Address] = opening{address: a, stands: true}
		b.problem.Open = append(b.problem.Open, a)
	}
	if len(w.Missing) == 0 {
		return
	}
	// Of what was not read nothing is known, not even the types.
	types := map[string]bool{}
	for _, o := range b.diff.Objects {
		types[o.Type] = types[o.Type] || o.Maker == diff.BySession
	}
	for _, typ := range sortedKeys(types) {
		kind, known := b.in.Subject.Kinds.Find(typ)
		if !known || !types[typ] {
			continue
		}
		want := wanted.Instance{Address: typ + " of a module that was not read", Type: typ, Action: wanted.Create, Values: map[string]wanted.Value{}, Unknown: kind.Hard()}
		a := match.Address{Wanted: want, Kind: kind, Blocked: "its module was not read"}
		b.open[want.Address] = opening{address: a, stands: true}
		b.problem.Open = append(b.problem.Open, a)
	}
}
