package match

import (
	"slices"

	"reconcile/internal/diff"
	"reconcile/providers"
)

// Judge tells whether a word could put an object at an address, whoever made
// the object.
type Judge struct{ s *solver }

// NewJudge takes the problem with what is settled in Bound.
func NewJudge(in Input) Judge { return Judge{newSolver(in, nil)} }

// Fits reports whether everything that the create call fixed agrees with the
// address, references included.
func (j Judge) Fits(address string, o diff.Object) bool {
	a, open := j.s.open[address]
	if !open || j.s.addrs[a].Blocked != "" || j.s.addrs[a].Kind.Type != o.Type {
		return false
	}
	at := j.s.addrs[a]
	if (at.Place.Account != "" && at.Place.Account != o.Place.Account) || (at.Place.Region != "" && at.Place.Region != o.Place.Region && !at.Kind.Everywhere) ||
		(at.Only != "" && !slices.Contains(at.Kind.StateIDsOf(o.Attrs), at.Only)) {
		return false
	}
	for _, r := range j.s.hard[a] {
		live := providers.Canon(o.Attrs[r.attr])
		if (r.known && live != r.text) || (r.targets != nil && j.s.supports(r.targets, live) != supported) {
			return false
		}
	}
	return true
}
