package match

import (
	"fmt"
	"slices"
	"strings"

	"reconcile/providers"
)

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
	return providers.MapLeaves(v, func(leaf any) any {
		if s, ok := leaf.(string); ok && s != "" && slices.Contains(ids, s) {
			return fmt.Sprintf("\x00%d", slices.Index(ids, s))
		}
		return leaf
	})
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
