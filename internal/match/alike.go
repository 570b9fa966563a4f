package match

import (
	"slices"

	"reconcile/internal/diff"
)

// Alike returns, for each object of somebody else's, the addresses that it
// would fit: its hard attributes agree, one that tells it from its siblings or
// its tags say so, and nothing speaks against it. in.Bound holds what is settled;
// what is not may still be any object of the session. Keys are "TYPE ID".
func Alike(in Input, objects []diff.Object) map[string][]Address {
	asked := map[string]bool{}
	for _, o := range objects {
		asked[o.Type+" "+o.ID] = true
	}
	in.Objects = slices.Concat(in.Objects, objects)
	s := newSolver(in, map[string]bool{})
	out := map[string][]Address{}
	for o := range s.objects {
		k := s.objects[o].Type + " " + s.objects[o].ID
		if !asked[k] {
			continue
		}
		for a := range s.options[o].all() {
			if s.alike(a, o) {
				out[k] = append(out[k], s.addrs[a])
			}
		}
	}
	return out
}

func (s *solver) alike(a, o int) bool {
	if s.says(a, o) {
		return true
	}
	if s.speaks(a, o) != none {
		return false
	}
	positive := false
	for _, r := range s.hard[a] {
		if !r.known && r.items == nil && s.supports(r.targets, s.canon[o][r.attr]) != supported {
			return false
		}
		// The VPC that a route table shares with all others tells nothing.
		positive = positive || slices.Contains(s.addrs[a].Kind.Tells(), r.attr)
	}
	return positive || s.named(a, o)
}
