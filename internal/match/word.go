package match

import (
	"fmt"
	"slices"
	"strings"

	"reconcile/providers"
)

// Word is somebody's word that one object stands at an address: the log of the
// apply that made it, or a person. It takes the place of what would otherwise
// have to be inferred, and is held against what is known for good: where the
// create call fixed something else, or a reference leads elsewhere, it is not
// followed and becomes a question that shows both sides.
type Word struct {
	ID   string // as Terraform records it, or the object's identity
	Says string // who says so, for the reader: "the apply's log", "--map"
	// Firm: it also stands against the tags that the create request asked for.
	Firm bool
}

// saying gives the solver the words: which objects are named for which
// addresses.
func (s *solver) saying() {
	s.told = make([][]int, len(s.addrs))
	s.toldAt = map[int][]int{}
	if len(s.in.Told) == 0 {
		return
	}
	byID := map[[2]string][]int{}
	for o, object := range s.objects {
		for _, id := range slices.Compact(append(object.Kind.StateIDsOf(object.Attrs), object.ID)) {
			byID[[2]string{object.Type, id}] = append(byID[[2]string{object.Type, id}], o)
		}
	}
	for a := range s.addrs {
		word, told := s.word(a)
		if !told {
			continue
		}
		s.told[a] = byID[[2]string{s.addrs[a].Kind.Type, word.ID}]
		if here := slices.DeleteFunc(slices.Clone(s.told[a]), func(o int) bool { return !s.placed(a, o) }); len(s.told[a]) > 1 && len(here) > 0 {
			s.told[a] = here // AWS shows it in two places
		}
		for _, o := range s.told[a] {
			s.toldAt[o] = append(s.toldAt[o], a)
		}
	}
}

func (s *solver) word(a int) (Word, bool) {
	w, ok := s.in.Told[s.addrs[a].Wanted.Address]
	return w, ok && w.ID != ""
}

// follows reports whether the word on an address can be followed for an object:
// nothing that is known for good speaks against it, and no other word does.
func (s *solver) follows(a, o int) bool {
	word, _ := s.word(a)
	return !s.doubted[s.addrs[a].Wanted.Address] && len(s.told[a]) == 1 && len(s.toldAt[o]) == 1 && s.agrees(a, o) &&
		(word.Firm || !contradictsRequest(s.addrs[a].Wanted, s.objects[o].Tags))
}

// claimed reports whether the object's place is settled by a word.
func (s *solver) claimed(o int) bool {
	return len(s.toldAt[o]) == 1 && s.follows(s.toldAt[o][0], o)
}

// says reports whether a word that is followed puts the object at the address.
func (s *solver) says(a, o int) bool { return slices.Contains(s.told[a], o) && s.follows(a, o) }

// hear adds the edges of an address that somebody's word is about. The word
// alone has it if it can be followed; else whatever fits is a question.
func (s *solver) hear(a int, fit []int) {
	followed := false
	for _, o := range s.told[a] {
		if s.follows(a, o) {
			s.takers[a].add(o)
			s.options[o].add(a)
			followed = true
		} else {
			s.denied[o].add(a)
		}
	}
	for _, o := range fit {
		switch {
		case slices.Contains(s.told[a], o) || s.claimed(o) || !s.agrees(a, o):
		case !followed:
			s.against[o].add(a)
		case s.repeats(o, s.told[a][0]):
			s.spare[o] = true
		}
	}
}

// doubt finds the words that turned out to contradict what is certain. It
// reports whether there is one that was followed before.
func (s *solver) doubt() bool {
	found := false
	for a := range s.addrs {
		for _, o := range s.told[a] {
			if s.follows(a, o) && !s.takers[a].has(o) {
				s.doubted[s.addrs[a].Wanted.Address], found = true, true
				break
			}
		}
	}
	return found
}

// denial says why a word about an object is not followed.
func (s *solver) denial(o int) string {
	as := s.toldAt[o]
	word, _ := s.word(as[0])
	at := make([]string, len(as))
	for n, a := range as {
		at[n] = s.addrs[a].Wanted.Address
	}
	if len(as) > 1 {
		return word.Says + " puts it at " + strings.Join(at, " and at ")
	}
	text := word.Says + " puts it at " + at[0] + ", but "
	a := as[0]
	switch differs := s.differs(a, o); {
	case len(s.told[a]) > 1:
		return text + "that id is borne by more than one object"
	case differs != "":
		return text + differs
	case !word.Firm && contradictsRequest(s.addrs[a].Wanted, s.objects[o].Tags):
		return text + "the session asked for other tags than the address wants"
	}
	return text + "what it refers to there is another object"
}

// differs names what the create call fixed otherwise than the address wants it.
func (s *solver) differs(a, o int) string {
	addr, of := s.addrs[a], s.objects[o]
	if at := addr.Place; (at.Account != "" && at.Account != of.Place.Account) || (at.Region != "" && at.Region != of.Place.Region && !addr.Kind.Everywhere) {
		return fmt.Sprintf("it is in %s, and the address is in %s", of.Place, at)
	}
	if only := addr.Only; only != "" && !slices.Contains(addr.Kind.StateIDsOf(of.Attrs), only) {
		return "the plan saw " + only + " there"
	}
	for _, r := range s.hard[a] {
		live := s.canon[o][r.attr]
		switch {
		case slices.Contains(addr.Wanted.Sensitive, r.attr):
			if r.known && live != r.text {
				return "its " + r.attr + " is another than the address wants"
			}
		case r.known && live != r.text:
			return fmt.Sprintf("its %s is %s, and the address wants %s", r.attr, orNothing(live), r.text)
		case r.targets != nil && s.supports(r.targets, live) == refuted:
			return fmt.Sprintf("its %s is %s, and the address wants %s", r.attr, orNothing(live), s.resolved(r))
		}
	}
	return ""
}

// resolved spells a reference, with its value where that is settled.
func (s *solver) resolved(r requirement) string {
	text := targetsText(r.targets)
	if len(r.targets) == 1 {
		if attrs, bound := s.in.Bound[r.targets[0].Address]; bound && r.targets[0].Attr == "id" {
			text += " = " + orNothing(providers.Canon(attrs["id"]))
		}
	}
	return text
}

func orNothing(s string) string {
	if s == "" {
		return "not set"
	}
	return s
}

// opposition says why nothing but what speaks against it is left of an object's
// addresses.
func (s *solver) opposition(as []int) string {
	for _, a := range as {
		if word, told := s.word(a); told {
			return fmt.Sprintf("it fits %s, and %s says that %s is there", s.addrs[a].Wanted.Address, word.Says, word.ID)
		}
	}
	return "the session asked for other tags than the address wants"
}
