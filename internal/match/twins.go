package match

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"reconcile/providers"
)

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
			s.untold(a) || !s.free(a) {
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
				seen := map[string]bool{object.Attrs.Text("id"): true, "": true}
				texts(object.Attrs[name], func(text string) {
					if !seen[text] {
						seen[text] = true
						s.mentioned[text] = append(s.mentioned[text], mention{p, name})
					}
				})
			}
		}
	}
	return s.mentioned[s.objects[o].Attrs.Text("id")]
}

func texts(v any, each func(string)) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			texts(e, each)
		}
	case map[string]any:
		for _, e := range v {
			texts(e, each)
		}
	case string:
		each(v)
	}
}

// alikeTo reports whether two objects of a kind are the same in everything
// that reconcile reads and a create request says, perhaps but for what other
// instances manage in them.
func (s *solver) alikeTo(o, p int, butInline bool) bool {
	k := s.objects[o].Kind
	return sameTags(s.objects[o].Tags, s.objects[p].Tags) &&
		!slices.ContainsFunc(slices.Concat(k.Hard(), k.Compared), func(name string) bool {
			return s.canon[o][name] != s.canon[p][name] && !(butInline && k.Inline[name] != nil)
		})
}

func sameTags(a, b map[string]string) bool { return providers.Canon(a) == providers.Canon(b) }

// alikeWithUsers reports whether objects and all that refers to them are the
// same but for their ids.
func (s *solver) alikeWithUsers(os []int) bool {
	want := s.portrait(os[0], nil)
	return want != "" && !slices.ContainsFunc(os[1:], func(o int) bool { return s.portrait(o, nil) != want })
}

// portrait spells an object and what refers to it, with the ids of the objects
// on the way replaced by how far up they are; "" where it is not a tree.
func (s *solver) portrait(o int, above []string) string {
	if len(above) > 8 {
		return ""
	}
	k := s.objects[o].Kind
	above = append(slices.Clone(above), s.objects[o].Attrs.Text("id"))
	parts := []string{k.Type, providers.Canon(s.objects[o].Tags)}
	for _, name := range slices.Concat(k.Hard(), k.Compared) {
		parts = append(parts, name+"="+providers.Canon(masked(s.objects[o].Attrs[name], above)))
	}
	var users []string
	for _, m := range s.mentionsOf(o) {
		user := s.portrait(m.by, above)
		if user == "" {
			return ""
		}
		users = append(users, user)
	}
	slices.Sort(users)
	return fmt.Sprintf("%q%q", parts, users)
}

// masked replaces ids in a value by their number in a list.
func masked(v any, ids []string) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = masked(e, ids)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			out[k] = masked(e, ids)
		}
		return out
	case string:
		if i := slices.Index(ids, v); i >= 0 && v != "" {
			return fmt.Sprintf("\x00%d", i)
		}
	}
	return v
}

// alikeBelow reports whether the configuration builds the same on each address.
func (s *solver) alikeBelow(as []int) bool {
	want := s.blueprint(as[0], as, nil)
	return want != "" && !slices.ContainsFunc(as[1:], func(a int) bool { return s.blueprint(a, as, nil) != want })
}

// blueprint spells what is wanted of an address and of those that refer to it,
// with the addresses on the way replaced by how far up they are; "" where that
// cannot be told. Names count and keys do not.
func (s *solver) blueprint(a int, group []int, above []string) string {
	if len(above) > 8 || !s.free(a) {
		return ""
	}
	w := s.addrs[a].Wanted
	above = append(slices.Clone(above), w.Address)
	tags, all, told := wantedTags(w)
	parts := []string{w.Module, w.Type, w.Name, fmt.Sprint(providers.Canon(tags), all, told)}
	for _, r := range slices.Concat(s.hard[a], s.soft[a]) {
		if r.attr != "tags_all" {
			parts = append(parts, r.attr+"="+blueprintText(wantedText(r), above))
		}
	}
	for _, name := range slices.Concat(s.addrs[a].Kind.Hard(), s.addrs[a].Kind.Compared) {
		if _, known := w.Values[name]; !known && slices.Contains(w.Unknown, name) {
			parts = append(parts, name+" is not known")
		}
	}
	var users []string
	for _, d := range s.usersOf(a) {
		for _, other := range group {
			if other != a && len(above) == 1 && slices.Contains(s.usersOf(other), d) {
				return "" // it refers to two of them
			}
		}
		user := s.blueprint(d, group, above)
		if user == "" {
			return ""
		}
		users = append(users, user)
	}
	slices.Sort(users)
	return fmt.Sprintf("%q%q", parts, users)
}

func wantedText(r requirement) []string {
	if r.known {
		return []string{r.text}
	}
	var out []string
	for _, t := range r.targets {
		out = append(out, t.Address+"\x00"+t.Attr)
	}
	for _, v := range r.items {
		out = append(out, wantedText(requirement{known: v.IsKnown(), text: providers.Canon(v.Known), targets: v.OneOf, items: v.Items})...)
	}
	slices.Sort(out)
	return out
}

func blueprintText(texts, above []string) string {
	out := make([]string, len(texts))
	for n, text := range texts {
		address, attr, refers := strings.Cut(text, "\x00")
		if i := slices.Index(above, address); refers && i >= 0 {
			text = fmt.Sprintf("\x00%d.%s", i, attr)
		}
		out[n] = text
	}
	slices.Sort(out)
	return fmt.Sprintf("%q", out)
}

// usersOf are the open addresses whose attributes refer to one.
func (s *solver) usersOf(a int) []int {
	if s.users == nil {
		s.users = map[int][]int{}
		for d := range s.addrs {
			for _, r := range slices.Concat(s.hard[d], s.soft[d]) {
				for _, text := range wantedText(r) {
					address, _, refers := strings.Cut(text, "\x00")
					if b, open := s.open[address]; refers && open && !slices.Contains(s.users[b], d) {
						s.users[b] = append(s.users[b], d)
					}
				}
			}
		}
	}
	return s.users[a]
}

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
	return told || !slices.Contains(w.Unknown, name) || !s.refersHere(a, o, name)
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
	texts(s.objects[o].Attrs[name], func(text string) { found = found || (text != "" && s.own[text]) })
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
