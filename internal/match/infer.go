package match

import (
	"maps"
	"slices"

	"reconcile/providers"
)

// settle follows what is certain until nothing follows any more. Each round
// decides on the graph as the round found it, so that order cannot matter.
func (s *solver) settle() {
	for s.dropUnsupported() || s.followForced() {
	}
}

// follow settles, and takes away what the changeable attributes speak against.
func (s *solver) follow() {
	s.settle()
	for s.dropContradictions() {
		s.settle()
	}
}

type edge struct{ a, o int }

func (s *solver) drop(edges []edge) bool {
	for _, e := range edges {
		s.takers[e.a].remove(e.o)
		s.options[e.o].remove(e.a)
	}
	return len(edges) > 0
}

func (s *solver) dropUnsupported() bool {
	var bad, unsure []edge
	for a := range s.addrs {
		for o := range s.takers[a].all() {
			worst := supported
			for _, r := range s.hard[a] {
				if r.targets != nil {
					worst = min(worst, s.supports(r.targets, s.canon[o][r.attr]))
				}
			}
			if worst == supported || (worst == unread && s.says(a, o)) {
				continue
			}
			bad = append(bad, edge{a, o})
			if worst == unread {
				unsure = append(unsure, edge{a, o})
			}
		}
	}
	for _, e := range unsure {
		s.maybe[e.o].add(e.a)
	}
	return s.drop(bad)
}

// forced returns the address of each object that has one option left which no
// other object claims in the same way. An object of the session was made for
// some address, so its only option is its address. That is not said of a
// facet that nobody's word is about, nor of what a repeated create call may have left behind.
func (s *solver) forced() map[int]int {
	claims := map[int][]int{}
	for o := range s.objects {
		if s.options[o].len() != 1 || s.maybe[o].len() > 0 || s.distrusted[o] || s.spare[o] {
			continue
		}
		a := s.options[o].first()
		told := s.says(a, o)
		if s.objects[o].Kind.Facet && !told {
			continue
		}
		if s.addrs[a].Blocked == "" && (told || s.speaks(a, o) <= byLive) {
			claims[a] = append(claims[a], o)
		}
	}
	out := map[int]int{}
	for a, os := range claims {
		if len(os) == 1 {
			out[os[0]] = a
		}
	}
	return out
}

// followForced draws what follows from the certain ones: nobody else can have
// that address, and the one address that a reference of it names has the
// object which the live attribute names, which is then nowhere else.
func (s *solver) followForced() bool {
	var all []edge
	var spares []int
	spare := func(other int, than ...int) {
		if slices.ContainsFunc(than, func(o int) bool { return s.repeats(other, o) }) {
			spares = append(spares, other)
		}
	}
	for o, a := range s.forced() {
		var bad []edge
		for other := range s.takers[a].all() {
			if other != o {
				bad = append(bad, edge{a, other})
				spare(other, o)
			}
		}
		for _, r := range s.hard[a] {
			if len(r.targets) != 1 {
				continue
			}
			b, open := s.open[r.targets[0].Address]
			if _, bound := s.in.Bound[r.targets[0].Address]; !open || bound {
				continue
			}
			var named []int
			for taker := range s.takers[b].all() {
				if s.canon[taker][r.targets[0].Attr] != s.canon[o][r.attr] {
					bad = append(bad, edge{b, taker})
				} else {
					named = append(named, taker)
				}
			}
			for _, e := range bad {
				if e.a == b && len(named) > 0 {
					spare(e.o, named...)
				}
			}
			if len(named) != 1 || s.in.Unread[s.addrs[b].Wanted.Address] {
				continue
			}
			for other := range s.options[named[0]].all() {
				if other != b {
					bad = append(bad, edge{other, named[0]})
				}
			}
		}
		if len(bad) > 0 {
			s.followed[o] = a
		}
		all = append(all, bad...)
	}
	for _, o := range spares {
		s.spare[o] = true
	}
	return s.drop(all)
}

// repeats reports whether two objects may come of one create call and its
// repetition: the same in all that the call fixes and asks for. Where one of
// them has the address, the other may be nobody's, and nothing follows from it.
func (s *solver) repeats(o, p int) bool {
	return maps.Equal(s.objects[o].Tags, s.objects[p].Tags) &&
		!slices.ContainsFunc(s.objects[o].Kind.Hard(), func(name string) bool { return s.canon[o][name] != s.canon[p][name] })
}

// doubles finds the objects that are the same as another one in all that the
// create call fixes and asks for. Either may have come of a repetition and be
// nobody's, so each needs an address that is told in full.
func (s *solver) doubles() []bool {
	out := make([]bool, len(s.objects))
	first := map[string]int{}
	for o := range s.objects {
		call := []any{s.objects[o].Type, providers.Canon(s.objects[o].Tags)}
		for _, name := range s.objects[o].Kind.Hard() {
			call = append(call, s.canon[o][name])
		}
		k := providers.Canon(call)
		if p, has := first[k]; has {
			out[o], out[p] = true, true
			continue
		}
		first[k] = o
	}
	return out
}

// distrust finds the objects whose certainty did not last: something followed
// from their address, and in the end they are not there. Nothing may follow
// from them. It reports whether there is one that was trusted before.
func (s *solver) distrust() bool {
	found := false
	for o, a := range s.followed {
		if !s.options[o].has(a) || (s.speaks(a, o) > byLive && !s.says(a, o)) {
			s.distrusted[o], found = true, true
		}
	}
	return found
}
