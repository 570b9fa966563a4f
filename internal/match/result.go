package match

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"reconcile/providers"
)

// result reads the settled graph: pairs, then questions.
func (s *solver) result() Result {
	var out Result
	done := map[int]bool{}
	accepted := s.accept()
	for a, o := range accepted {
		done[o] = true
		m := Match{Address: s.addrs[a], Object: s.objects[o], Fits: s.fits(a, o)}
		if s.says(a, o) {
			word, _ := s.word(a)
			m.Says = word.Says
		}
		m.Twins = s.twinsOf(a, o)
		out.Matches = append(out.Matches, m)
	}
	for o := range s.objects {
		switch {
		case done[o]:
		case s.options[o].len() == 0 && s.maybe[o].len() == 0 && s.against[o].len() == 0 && s.denied[o].len() == 0:
			out.Unplaced = append(out.Unplaced, s.objects[o])
		default:
			out.Questions = append(out.Questions, s.question(o, accepted))
		}
	}
	slices.SortFunc(out.Matches, func(a, b Match) int { return cmp.Compare(a.Address.Wanted.Address, b.Address.Wanted.Address) })
	return out
}

// accept returns the object of each address that has one for certain. A facet
// or a distrusted object waits until everything that it refers to is settled.
func (s *solver) accept() map[int]int {
	out := map[int]int{}
	for {
		var more []edge
		for o := range s.objects {
			if s.options[o].len() != 1 || s.maybe[o].len() > 0 {
				continue
			}
			a := s.options[o].first()
			if _, has := out[a]; !has && s.acceptable(a, o, out) {
				more = append(more, edge{a, o})
			}
		}
		if len(more) == 0 {
			return out
		}
		for _, e := range more {
			out[e.a] = e.o
		}
	}
}

func (s *solver) acceptable(a, o int, accepted map[int]int) bool {
	if s.takers[a].len() != 1 || s.addrs[a].Blocked != "" {
		return false
	}
	if s.says(a, o) {
		return !s.distrusted[o] || s.settled(a, o, accepted)
	}
	if s.objects[o].Kind.Facet {
		// Its identity is the whole proof, whatever it says today. The cloud's own id
		// is none: what the configuration leaves to AWS may then be anything.
		left := s.addrs[a].Alone && s.objects[o].Kind.Identity == "" && !s.hidden(a, o)
		return (left || !s.untold(a)) && s.settled(a, o, accepted)
	}
	sure := func() bool { return !s.hidden(a, o) && s.settled(a, o, accepted) }
	return s.speaks(a, o) <= byLive && s.evidence(a, o) && (!s.distrusted[o] || s.settled(a, o, accepted)) && (!s.doubled[o] || sure())
}

// settled reports whether everything that the address refers to for good has
// its own object for certain.
func (s *solver) settled(a, o int, accepted map[int]int) bool {
	return !slices.ContainsFunc(s.hard[a], func(r requirement) bool {
		return r.targets != nil && !s.settledAt(r.targets, s.canon[o][r.attr], accepted)
	})
}

// evidence reports whether anything tells that the object belongs at the
// address, where not all that the create call fixes is known of the address: an
// address of which nothing is known would take any object.
func (s *solver) evidence(a, o int) bool {
	if !s.untold(a) {
		return true
	}
	for _, r := range s.hard[a] {
		if r.targets != nil || (r.known && !isSwitch(r.text)) {
			return true
		}
	}
	return s.named(a, o)
}

// isSwitch tells values that most objects share from values that tell objects apart.
func isSwitch(text string) bool {
	return slices.Contains([]string{"true", "false", "enable", "disable", "default"}, text)
}

// named reports whether tags or a reference of the object say that it is the
// address's.
func (s *solver) named(a, o int) bool {
	if tags, all, _ := wantedTags(s.addrs[a].Wanted); len(tags) > 0 {
		live := s.objects[o].Attrs["tags_all"]
		if len(s.objects[o].Tags) > 0 || (all && providers.Canon(live) == providers.Canon(tags)) {
			return true // a request that asked for other tags has been excluded
		}
	}
	for _, r := range s.soft[a] {
		live := s.canon[o][r.attr]
		switch {
		case live == "":
		case r.targets != nil && s.supports(r.targets, live) == supported:
			return true
		case r.known && r.text == live && strings.HasSuffix(r.attr, "_id"):
			return true
		}
	}
	return false
}

// component returns everything that hangs together with an object, sorted.
func (s *solver) component(o int) (os, as []int) {
	seenO, seenA := map[int]bool{o: true}, map[int]bool{}
	for queue := []int{o}; len(queue) > 0; queue = queue[1:] {
		for a := range s.options[queue[0]].all() {
			if seenA[a] {
				continue
			}
			seenA[a] = true
			for next := range s.takers[a].all() {
				if !seenO[next] {
					seenO[next] = true
					queue = append(queue, next)
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(seenO)), slices.Sorted(maps.Keys(seenA))
}
