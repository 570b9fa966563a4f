package match

import (
	"slices"
	"strings"

	"reconcile/providers"
)

// sayAlike reports whether addresses say the same of everything that the
// objects show, so that what they show cannot be what tells the addresses apart.
func (s *solver) sayAlike(as, os []int) bool {
	for _, o := range os {
		shown := slices.DeleteFunc(slices.Clone(s.addrs[as[0]].Kind.Compared), func(name string) bool {
			if name == "tags_all" {
				return s.canon[o][name] == "" && len(s.objects[o].Tags) == 0
			}
			return s.canon[o][name] == "" || s.elsewhere(o, name)
		})
		for _, a := range as {
			if slices.ContainsFunc(shown, func(name string) bool { return !s.saysLike(a, as[0], o, name) }) {
				return false
			}
		}
	}
	return true
}

// saysLike reports whether two addresses say the same of an attribute that an
// object shows. Where neither says anything it must be a plain value: the id of
// another object may come of a reference that is not known.
func (s *solver) saysLike(a, b, o int, name string) bool {
	w, first := s.addrs[a].Wanted, s.addrs[b].Wanted
	if name == "tags_all" {
		tags, all, told := wantedTags(w)
		others, ofAll, toldToo := wantedTags(first)
		return providers.Canon(tags) == providers.Canon(others) && all == ofAll && told == toldToo
	}
	v, told := w.Values[name]
	u, toldToo := first.Values[name]
	if told != toldToo || valueText(v) != valueText(u) {
		return false
	}
	return told || !slices.Contains(w.Unknown, name) || s.given(a, o, name) || !s.refersHere(a, o, name)
}

// elsewhere reports whether an attribute shows only what instances of their own
// manage: every one of those that the object has is wanted somewhere.
func (s *solver) elsewhere(o int, name string) bool {
	types, found := s.objects[o].Kind.Inline[name], false
	for _, m := range s.mentionsOf(o) {
		if slices.Contains(types, s.objects[m.by].Type) {
			if s.options[m.by].len() == 0 {
				return false
			}
			found = true
		}
	}
	return found
}

// refersHere reports whether an attribute that an object shows may hold the id
// of another object of this configuration.
func (s *solver) refersHere(a, o int, name string) bool {
	if s.own == nil {
		s.own = map[string]bool{}
		for _, object := range s.objects {
			s.own[object.Attrs.Text("id")] = true
		}
		for _, attrs := range s.in.Bound {
			s.own[attrs.Text("id")] = true
		}
	}
	found := false
	for text := range providers.Texts(s.objects[o].Attrs[name]) {
		found = found || s.own[text]
	}
	return found || (reference(name) && slices.ContainsFunc(s.addrs[a].Wanted.DependsOn, func(address string) bool {
		_, open := s.open[address]
		_, bound := s.in.Bound[address]
		return s.in.Unread[address] || (!open && !bound) // its id is not known
	}))
}

// reference reports whether an attribute of this name holds the id of another
// object.
func reference(name string) bool {
	return slices.ContainsFunc([]string{"_id", "_ids", "_arn", "_arns", "gateway", "interface", "instance"}, func(end string) bool { return strings.HasSuffix(name, end) })
}
