package match

import (
	"maps"
	"slices"

	"reconcile/providers"
)

// unseen reports whether nothing outside of the problem refers to an object or,
// in turn, to what refers to it, and whether all of that may have an address.
func (s *solver) unseen(o int) bool {
	if s.in.Referenced[s.objects[o].Attrs.Text("id")] {
		return false
	}
	return s.everyUser(o, func(p int) bool {
		if s.in.Referenced[s.objects[p].Attrs.Text("id")] || s.maybe[p].len() > 0 {
			return false
		}
		for a := range s.options[p].all() {
			if !s.free(a) {
				return false
			}
		}
		return true
	})
}

// everyUser asks of every object that refers to one, directly or through others.
func (s *solver) everyUser(o int, ask func(int) bool) bool {
	seen := map[int]bool{o: true}
	for queue := []int{o}; len(queue) > 0; queue = queue[1:] {
		for _, m := range s.mentionsOf(queue[0]) {
			if seen[m.by] {
				continue
			}
			seen[m.by] = true
			if !ask(m.by) {
				return false
			}
			queue = append(queue, m.by)
		}
	}
	return true
}

// explained reports whether the configuration says of every reference to an
// object, direct or through others, what it refers to, wherever the one that
// refers may be. A facet that no address wants is spelled inline in the object.
func (s *solver) explained(o int) bool {
	ok := func(of int) bool {
		return !slices.ContainsFunc(s.mentionsOf(of), func(m mention) bool {
			if s.options[m.by].len() == 0 {
				return !s.objects[m.by].Kind.Facet || !s.inlines(of, s.objects[m.by].Type) || !slices.Contains(s.objects[m.by].Kind.Hard(), m.attr)
			}
			for a := range s.options[m.by].all() {
				if v := s.addrs[a].Wanted.Values[m.attr]; len(v.OneOf) != 1 && v.Items == nil {
					return true
				}
			}
			return false
		})
	}
	return ok(o) && s.everyUser(o, ok)
}

// inlines reports whether an object may spell what another type makes.
func (s *solver) inlines(o int, typ string) bool {
	for _, types := range s.objects[o].Kind.Inline {
		if slices.Contains(types, typ) {
			return true
		}
	}
	return false
}

// mention is one object's attribute that holds the id of another.
type mention struct {
	by   int
	attr string
}

// mentionsOf are the attributes that hold an object's id, in order.
func (s *solver) mentionsOf(o int) []mention {
	if s.mentioned == nil {
		s.mentioned = map[string][]mention{}
		for p, object := range s.objects {
			for _, name := range slices.Sorted(maps.Keys(object.Attrs)) {
				if name == "id" || name == "arn" {
					continue
				}
				seen := map[string]bool{object.Attrs.Text("id"): true}
				for text := range providers.Texts(object.Attrs[name]) {
					if !seen[text] {
						seen[text] = true
						s.mentioned[text] = append(s.mentioned[text], mention{p, name})
					}
				}
			}
		}
	}
	return s.mentioned[s.objects[o].Attrs.Text("id")]
}
