package match

import (
	"fmt"
	"slices"
	"strings"

	"reconcile/internal/wanted"
	"reconcile/providers"
)

// question says why an object has no address, and what would decide.
func (s *solver) question(o int, accepted map[int]int) Question {
	q := Question{Object: s.objects[o]}
	as := slices.Concat(slices.Collect(s.options[o].all()), slices.Collect(s.maybe[o].all()))
	switch {
	case len(s.toldAt[o]) > 0 && s.denied[o].len() > 0:
		as = slices.Concat(as, slices.Collect(s.denied[o].all()), slices.Collect(s.against[o].all()))
		q.Reason = s.denial(o)
	case len(as) == 0:
		as = slices.Collect(s.against[o].all())
		q.Reason = s.opposition(as)
	}
	as = slices.Compact(slices.Sorted(slices.Values(as)))
	for _, a := range as {
		q.Candidates = append(q.Candidates, Candidate{Address: s.addrs[a], Tells: s.tells(a, as), Refuted: s.differs(a, o) != ""})
	}
	if q.Reason == "" {
		q.Reason = s.reason(o, as, accepted)
	}
	return q
}

func (s *solver) reason(o int, as []int, accepted map[int]int) string {
	a := as[0]
	switch {
	case s.options[o].len() == 0:
		return "it can be neither confirmed nor excluded, because it is not known which object stands where the address refers to"
	case len(as) > 1:
		return fmt.Sprintf("it fits %d addresses", len(as))
	case s.takers[a].len() > 1:
		return fmt.Sprintf("%d objects fit the one address", s.takers[a].len())
	case s.addrs[a].Blocked != "":
		return "it cannot be imported there now: " + s.addrs[a].Blocked
	case !s.objects[o].Kind.Facet && s.speaks(a, o) == byTags:
		return "AWS shows other tags than the address wants"
	case !s.objects[o].Kind.Facet && s.speaks(a, o) == byReference:
		return "AWS ties it to another object than the address does"
	case s.untold(a):
		return "too little is known of the address before the apply to say that it belongs there"
	case !s.settled(a, o, accepted):
		return "what the address refers to is itself not settled"
	}
	return "what follows from placing it there contradicts itself"
}

// fits lists what agreed between an object and its address.
func (s *solver) fits(a, o int) []string {
	var out []string
	for _, r := range s.hard[a] {
		switch {
		case slices.Contains(s.addrs[a].Wanted.Sensitive, r.attr):
			out = append(out, r.attr+" (sensitive)")
		case r.known:
			out = append(out, r.attr+" = "+r.text)
		case r.targets != nil:
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
		if slices.Contains(addr.Wanted.Sensitive, name) {
			continue
		}
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
