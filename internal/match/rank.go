package match

import (
	"slices"

	"reconcile/providers"
)

// contradiction is how an object speaks against an address in what later calls
// can change. Missing is not a contradiction: the apply died half way.
type contradiction int

const (
	none      contradiction = iota
	byLive                  // AWS has another value now
	byRequest               // the session itself asked for another value
)

// speaks holds the changeable attributes of an address against an object.
func (s *solver) speaks(a, o int) contradiction {
	worst := none
	for _, r := range s.soft[a] {
		live := s.canon[o][r.attr]
		switch {
		case r.attr == "tags_all" && r.known:
			worst = max(worst, s.tags(r.value, o))
		case live == "":
		case r.known:
			if !compatible(r.value, s.objects[o].Attrs[r.attr]) {
				worst = max(worst, byLive)
			}
		case r.targets != nil && s.supports(r.targets, live) == refuted:
			worst = max(worst, byLive)
		}
	}
	return worst
}

// tags compares the wanted tags with those that the create request asked for,
// which Terraform sends in full, and else with the live ones, of which some
// may still be missing.
func (s *solver) tags(want any, o int) contradiction {
	wanted, ok := want.(map[string]any)
	if !ok {
		return none
	}
	if asked := s.objects[o].Tags; len(asked) > 0 {
		if len(asked) != len(wanted) {
			return byRequest
		}
		for k, v := range wanted {
			got, ok := asked[k]
			if !ok || !providers.SameTag(got, providers.Canon(v)) {
				return byRequest
			}
		}
		return none
	}
	live, _ := s.objects[o].Attrs["tags_all"].(map[string]any)
	for k, v := range wanted {
		if got, ok := live[k]; ok && providers.Canon(got) != providers.Canon(v) {
			return byLive
		}
	}
	return none
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

// dropContradictions takes away, where there is a choice, the choices that the
// changeable attributes speak against. It never takes the last one.
func (s *solver) dropContradictions() bool {
	speaks := map[edge]contradiction{}
	clean := func(e edge) bool { return speaks[e] == none }
	for a := range s.addrs {
		for o := range s.takers[a] {
			speaks[edge{a, o}] = s.speaks(a, o)
		}
	}
	var bad []edge
	for e := range speaks {
		if clean(e) {
			continue
		}
		another := false
		for a := range s.options[e.o] {
			another = another || clean(edge{a, e.o})
		}
		for o := range s.takers[e.a] {
			another = another || clean(edge{e.a, o})
		}
		if another {
			bad = append(bad, e)
		}
	}
	return s.drop(bad)
}
