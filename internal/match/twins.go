package match

import "slices"

// Twins are objects of one resource that nothing tells apart. Any choice among
// them is right where it gives the same network: where nothing refers to them,
// where what refers to them is alike as well (swapping the objects changes
// nothing in AWS), or where what the configuration builds on each address is
// alike (swapping the addresses changes nothing in the configuration). One such
// choice is made, and what follows from it is followed like everything else, so
// that dependants go where their twin went.

// pairTwins makes the choice for every group of twins that there is now: where
// one hangs on the other, that one is not settled yet. It reports whether there
// was one.
func (s *solver) pairTwins() bool {
	accepted := s.accept()
	seen, found := map[int]bool{}, false
	for o := range s.objects {
		if seen[o] || s.options[o].len() < 1 || s.twins[o] {
			continue
		}
		if a := s.options[o].first(); s.options[o].len() == 1 && s.takers[a].len() == 1 {
			continue
		}
		os, as := s.component(o)
		for _, p := range os {
			seen[p] = true
		}
		if s.interchangeable(os, as, accepted) {
			if !found {
				s.remember()
			}
			s.pair(os, as)
			found = true
		}
	}
	return found
}

// remember keeps what everything that is not decided yet could be.
func (s *solver) remember() {
	for o := range s.objects {
		if s.options[o].len() > 1 && s.paired[o] == nil {
			s.paired[o] = slices.Collect(s.options[o].all())
		}
	}
}

// pair gives the objects their addresses in order.
func (s *solver) pair(os, as []int) {
	for _, a := range as {
		for o := range s.takers[a].all() {
			s.options[o].remove(a)
			s.takers[a].remove(o)
		}
	}
	for n, o := range os {
		s.options[o].add(as[n])
		s.takers[as[n]].add(o)
		s.twins[o] = true
	}
}

// part finds the twins whose dependants did not all find an address after the
// choice: they are told apart by something after all. It reports whether there
// are some that were paired before.
func (s *solver) part() bool {
	if len(s.twins) == 0 {
		return false
	}
	accepted := s.accept()
	at := map[int]bool{}
	for _, o := range accepted {
		at[o] = true
	}
	found := false
	for o := range s.twins {
		ok := at[o] && s.everyUser(o, func(p int) bool {
			return (at[p] && s.speaks(s.options[p].first(), p) == none) || (s.objects[p].Kind.Facet && s.options[p].len() == 0)
		})
		if !ok {
			s.apart[o], found = true, true
		}
	}
	return found
}

// twinsOf are the other addresses that an object could have had, sorted.
func (s *solver) twinsOf(a, o int) []string {
	var out []string
	for _, b := range s.paired[o] {
		if b != a {
			out = append(out, s.addrs[b].Wanted.Address)
		}
	}
	slices.Sort(out)
	return out
}

// interchangeable reports whether the objects of a component are twins at
// addresses of one resource: the objects are alike, every one fits every
// address, all that the create call fixes is settled, nothing may refer to any
// of them unseen, and what is known to refer to them leaves the choice free.
func (s *solver) interchangeable(os, as []int, accepted map[int]int) bool {
	first := s.addrs[as[0]]
	if len(os) > len(as) || first.Kind.Facet {
		return false
	}
	for _, a := range as {
		w := s.addrs[a].Wanted
		if w.Module != first.Wanted.Module || w.Type != first.Wanted.Type || w.Name != first.Wanted.Name ||
			s.hidden(a, os[0]) || !s.free(a) {
			return false
		}
	}
	used := false
	for _, o := range os {
		used = used || len(s.mentionsOf(o)) > 0
		if s.apart[o] || !s.unseen(o) || s.maybe[o].len() > 0 {
			return false
		}
	}
	symmetric := len(os) == len(as) && s.alikeWithUsers(os)
	explained := func() bool { return !slices.ContainsFunc(os, func(o int) bool { return !s.explained(o) }) }
	if !s.sayAlike(as, os) || (!symmetric && used && (!s.alikeBelow(as) || !explained())) {
		return false
	}
	like := os[:1]
	for _, o := range os[1:] {
		if !s.alikeTo(o, os[0], !symmetric && used) {
			return false
		}
		if used && !symmetric {
			like = os // their inline parts differ
		}
	}
	for _, a := range as {
		if s.takers[a].len() != len(os) {
			return false
		}
		for _, o := range like {
			if s.speaks(a, o) != none || !s.settled(a, o, accepted) {
				return false
			}
		}
	}
	return true
}

// free reports whether nothing but the configuration's own instances may refer
// to an address, and an object may be put there.
func (s *solver) free(a int) bool {
	w := s.addrs[a].Wanted
	_, told := s.word(a)
	return !slices.Contains(s.in.Outputs, w.Address) && !s.in.Opaque[w.Address] && !told && s.addrs[a].Blocked == "" && !s.addrs[a].Occupied
}
