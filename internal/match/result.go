package match

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"reconcile/internal/diff"
	"reconcile/internal/wanted"
	"reconcile/providers"
)

// result reads the settled graph: pairs, then twins, then questions.
func (s *solver) result() Result {
	var out Result
	done := map[int]bool{}
	for o := range s.objects {
		if len(s.options[o]) != 1 || len(s.maybe[o]) > 0 {
			continue
		}
		a := anyOf(s.options[o])
		if len(s.takers[a]) != 1 || s.speaks(a, o) == byRequest {
			continue
		}
		done[o] = true
		out.Matches = append(out.Matches, Match{Address: s.addrs[a], Object: s.objects[o], Fits: s.fits(a, o)})
	}
	for o := range s.objects {
		if done[o] || len(s.options[o]) == 0 {
			continue
		}
		os, as := s.component(o)
		if !s.interchangeable(os, as) {
			continue
		}
		for n := range os {
			done[os[n]] = true
			m := Match{Address: s.addrs[as[n]], Object: s.objects[os[n]], Fits: s.fits(as[n], os[n])}
			for _, a := range as {
				if a != as[n] {
					m.Twins = append(m.Twins, s.addrs[a].Wanted.Address)
				}
			}
			out.Matches = append(out.Matches, m)
		}
	}
	for o := range s.objects {
		switch {
		case done[o]:
		case len(s.options[o]) == 0 && len(s.maybe[o]) == 0:
			out.Unplaced = append(out.Unplaced, s.objects[o])
		default:
			out.Questions = append(out.Questions, s.question(o))
		}
	}
	slices.SortFunc(out.Matches, func(a, b Match) int { return cmp.Compare(a.Address.Wanted.Address, b.Address.Wanted.Address) })
	return out
}

// component returns everything that hangs together with an object, sorted.
func (s *solver) component(o int) (os, as []int) {
	seenO, seenA := map[int]bool{o: true}, map[int]bool{}
	for queue := []int{o}; len(queue) > 0; queue = queue[1:] {
		for a := range s.options[queue[0]] {
			seenA[a] = true
			for next := range s.takers[a] {
				if !seenO[next] {
					seenO[next] = true
					queue = append(queue, next)
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(seenO)), slices.Sorted(maps.Keys(seenA))
}

// interchangeable reports whether any assignment within the component gives
// the same network: every object fits every address of one resource equally,
// all that the create call fixes is settled, and nothing refers to any of them.
func (s *solver) interchangeable(os, as []int) bool {
	if len(os) > len(as) {
		return false
	}
	first := s.addrs[as[0]].Wanted
	for _, a := range as {
		w := s.addrs[a].Wanted
		if w.Module != first.Module || w.Type != first.Type || w.Name != first.Name || slices.Contains(s.in.Outputs, w.Address) {
			return false
		}
		for _, name := range s.addrs[a].Kind.Hard() {
			if slices.Contains(w.Unknown, name) {
				if _, told := w.Values[name]; !told {
					return false
				}
			}
		}
		for _, o := range os {
			if !s.takers[a][o] || s.speaks(a, o) != none {
				return false
			}
		}
	}
	for _, o := range os {
		if s.in.Referenced[s.objects[o].Attrs.Text("id")] || len(s.maybe[o]) > 0 {
			return false
		}
	}
	return true
}

func (s *solver) question(o int) Question {
	q := Question{Object: s.objects[o]}
	as := slices.Sorted(maps.Keys(s.options[o]))
	for _, a := range slices.Sorted(maps.Keys(s.maybe[o])) {
		if !slices.Contains(as, a) {
			as = append(as, a)
		}
	}
	for _, a := range as {
		q.Candidates = append(q.Candidates, Candidate{Address: s.addrs[a], Tells: s.tells(a, as)})
	}
	switch {
	case len(s.options[o]) == 0:
		q.Reason = "it can be neither confirmed nor excluded, because what the address refers to could not be read"
	case len(as) > 1:
		q.Reason = fmt.Sprintf("it fits %d addresses", len(as))
	case len(s.takers[as[0]]) > 1:
		q.Reason = fmt.Sprintf("%d objects fit the one address", len(s.takers[as[0]]))
	default:
		q.Reason = "the session asked for other tags than the address wants"
	}
	return q
}

// fits lists what agreed between an object and its address.
func (s *solver) fits(a, o int) []string {
	var out []string
	for _, r := range s.hard[a] {
		switch {
		case r.known:
			out = append(out, r.attr+" = "+r.text)
		default:
			out = append(out, r.attr+" = "+targetsText(r.targets)+" = "+s.canon[o][r.attr])
		}
	}
	return out
}

// tells lists the attributes in which an address differs from the other
// candidates: what would tell them apart.
func (s *solver) tells(a int, among []int) []string {
	var out []string
	addr := s.addrs[a]
	for _, name := range append(addr.Kind.Hard(), addr.Kind.Compared...) {
		mine := valueText(addr.Wanted.Values[name])
		for _, b := range among {
			if mine != "" && valueText(s.addrs[b].Wanted.Values[name]) != mine {
				out = append(out, name+" = "+mine)
				break
			}
		}
	}
	return out
}

func valueText(v wanted.Value) string {
	switch {
	case v.IsKnown():
		return providers.Canon(v.Known)
	case v.OneOf != nil:
		return targetsText(v.OneOf)
	}
	parts := make([]string, len(v.Items))
	for i, e := range v.Items {
		parts[i] = valueText(e)
	}
	slices.Sort(parts)
	return "[" + strings.Join(parts, ", ") + "]"
}

func targetsText(targets []wanted.Target) string {
	var parts []string
	for _, t := range targets {
		parts = append(parts, t.Address+"."+t.Attr)
	}
	return strings.Join(parts, " or ")
}

// Alike returns, for each object of somebody else's, the addresses that it
// would fit: its hard attributes agree, at least one of them or of the ids or
// tags says so, and nothing speaks against it. in.Bound holds what is settled.
func Alike(in Input, objects []diff.Object) map[string][]Address {
	in.Objects = objects
	s := newSolver(in)
	out := map[string][]Address{}
	for o := range s.objects {
		for _, a := range slices.Sorted(maps.Keys(s.options[o])) {
			if s.alike(a, o) {
				k := s.objects[o].Type + " " + s.objects[o].ID
				out[k] = append(out[k], s.addrs[a])
			}
		}
	}
	return out
}

func (s *solver) alike(a, o int) bool {
	if s.speaks(a, o) != none {
		return false
	}
	positive := false
	for _, r := range s.hard[a] {
		if !r.known && s.supports(r.targets, s.canon[o][r.attr]) != supported {
			return false
		}
		positive = true
	}
	for _, r := range s.soft[a] {
		live := s.canon[o][r.attr]
		switch {
		case live == "":
		case r.targets != nil && s.supports(r.targets, live) == supported:
			positive = true
		case r.known && r.text == live && (r.attr == "tags_all" || strings.HasSuffix(r.attr, "_id")):
			positive = true
		}
	}
	return positive
}
