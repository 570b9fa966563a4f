package match

import (
	"slices"

	"reconcile/internal/wanted"
	"reconcile/providers"
)

// contradiction is how an object speaks against an address in what later calls
// can change. Missing is not a contradiction: the apply died half way.
type contradiction int

// Above byLive an object is not given the address even if it is the last one:
// an import would then bind a resource that is visibly another's.
const (
	none        contradiction = iota
	byLive                    // AWS has another plain value now
	byTags                    // AWS has another value of a wanted tag
	byReference               // AWS ties it to another object than the address does
)

// speaks holds the changeable attributes of an address against an object.
func (s *solver) speaks(a, o int) contradiction {
	worst := none
	if contradictsLiveTags(s.addrs[a].Wanted, s.objects[o].Tags, s.objects[o].Attrs["tags_all"]) {
		worst = byTags
	}
	for _, r := range s.soft[a] {
		live := s.canon[o][r.attr]
		switch {
		case live == "" || r.attr == "tags_all":
		case r.known:
			if !compatible(r.value, s.objects[o].Attrs[r.attr]) {
				worst = max(worst, byLive)
			}
		case r.items != nil:
			if !s.overlaps(r.items, s.objects[o].Attrs[r.attr]) {
				worst = max(worst, byReference)
			}
		case r.targets != nil && s.supports(r.targets, live) == refuted:
			worst = max(worst, byReference)
		}
	}
	return worst
}

// overlaps reports whether one element of a live list can be one of the wanted.
func (s *solver) overlaps(items []wanted.Value, live any) bool {
	elements, ok := live.([]any)
	return !ok || slices.ContainsFunc(elements, func(e any) bool {
		text := providers.Canon(e)
		return slices.ContainsFunc(items, func(v wanted.Value) bool {
			switch {
			case v.IsKnown():
				return providers.Canon(v.Known) == text
			case v.OneOf != nil:
				return s.supports(v.OneOf, text) != refuted
			}
			return true // a list in a list: nothing can be said
		})
	})
}

// wantedTags are the tags that an address wants, and whether those are all. The
// provider leaves tags_all unknown where there are no tags at all, or where
// the provider's default tags are not known yet.
func wantedTags(w wanted.Instance) (tags map[string]any, all, told bool) {
	if v, ok := w.Values["tags_all"]; ok && v.IsKnown() {
		tags, _ = v.Known.(map[string]any)
		return tags, true, true
	}
	if v, ok := w.Values["tags"]; ok && v.IsKnown() {
		tags, _ = v.Known.(map[string]any)
		return tags, len(tags) == 0 && slices.Contains(w.Unknown, "tags_all"), true
	}
	return nil, false, false
}

// contradictsRequest compares the wanted tags with those that the create
// request asked for: Terraform sends them in full, in that one call.
func contradictsRequest(w wanted.Instance, asked map[string]string) bool {
	if len(asked) == 0 {
		return false
	}
	tags, all, told := wantedTags(w)
	if !told {
		return false
	}
	if all && len(asked) != len(tags) {
		return true
	}
	for k, v := range tags {
		if got, ok := asked[k]; !ok || !providers.SameTag(got, providers.Canon(v)) {
			return true
		}
	}
	return false
}

// contradictsLiveTags compares with the live tags, of which some may still be
// missing, where no create request says more.
func contradictsLiveTags(w wanted.Instance, asked map[string]string, live any) bool {
	if len(asked) > 0 {
		return false
	}
	tags, _, _ := wantedTags(w)
	has, _ := live.(map[string]any)
	for k, v := range tags {
		if got, ok := has[k]; ok && providers.Canon(got) != providers.Canon(v) {
			return true
		}
	}
	return false
}

// compatible reports whether a live value may become the wanted one by calls
// that are still to come: switches are set later, lists grow.
func compatible(want, live any) bool {
	if providers.Canon(want) == providers.Canon(live) {
		return true
	}
	switch w := want.(type) {
	case bool:
		return true
	case []any:
		l, ok := live.([]any)
		if !ok {
			return false
		}
		var texts []string
		for _, e := range w {
			texts = append(texts, providers.Canon(e))
		}
		return slices.ContainsFunc(l, func(e any) bool { return slices.Contains(texts, providers.Canon(e)) })
	}
	return false
}

// dropContradictions takes away the choices that the changeable attributes
// speak against, where the object has a choice that nothing speaks against. It
// never takes an object's last one. A plain value is the weakest word, because
// the call that sets it may be outstanding: it decides only if the better
// choice has no other object to go to it, or the worse one has.
func (s *solver) dropContradictions() bool {
	type doubt struct {
		edge
		c contradiction
	}
	var doubts []doubt
	clean := sets(len(s.objects), len(s.addrs)) // the addresses that an object fits cleanly
	fits := make([]int, len(s.addrs))           // how many objects fit an address cleanly
	for a := range s.addrs {
		for o := range s.takers[a].all() {
			if c := s.speaks(a, o); c != none {
				doubts = append(doubts, doubt{edge{a, o}, c})
				continue
			}
			clean[o].add(a)
			fits[a]++
		}
	}
	var bad []edge
	for _, d := range doubts {
		for a := range clean[d.o].all() {
			if d.c > byLive || fits[a] == 1 || fits[d.a] > 0 {
				bad = append(bad, d.edge)
				break
			}
		}
	}
	return s.drop(bad)
}
