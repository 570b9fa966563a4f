package plan

import (
	"slices"
)

// order puts the actions into the order in which they must run. An import
// evaluates the whole configuration, so what others depend on comes first, and
// a removal stands right before the import that takes its address. Removals
// that nothing follows come last: an address that is missing can make a
// for_each of the configuration unknown.
func (b *builder) order() {
	byAddress := map[string][]Action{}
	var last []Action
	for _, a := range b.report.Actions {
		byAddress[a.Address] = append(byAddress[a.Address], a)
	}
	for address, as := range byAddress {
		if len(as) == 1 && as[0].Op == StateRm {
			last = append(last, as[0])
			delete(byAddress, address)
			continue
		}
		slices.SortStableFunc(as, func(x, y Action) int { return rank(x.Op) - rank(y.Op) })
	}
	needs := map[string][]string{}
	if w := b.in.Subject.Wanted; w != nil {
		for _, i := range w.Instances {
			if byAddress[i.Address] == nil {
				continue
			}
			for _, d := range i.DependsOn {
				if byAddress[d] != nil && d != i.Address {
					needs[i.Address] = append(needs[i.Address], d)
				}
			}
		}
	}
	var out []Action
	placed := map[string]bool{}
	for _, address := range topological(sortedKeys(byAddress), needs) {
		// In a cycle some need comes later, and cannot be waited for.
		first := slices.DeleteFunc(slices.Clone(needs[address]), func(d string) bool { return !placed[d] })
		slices.Sort(first)
		for _, a := range byAddress[address] {
			a.Needs = list(slices.Compact(first))
			out = append(out, a)
		}
		placed[address] = true
	}
	slices.SortFunc(last, func(x, y Action) int { return compareText(x.Address, y.Address) })
	for _, a := range last {
		a.Needs = []string{}
		out = append(out, a)
	}
	for n := range out {
		out[n].N = n + 1
	}
	b.report.Actions = list(out)
}

func rank(o Op) int { return slices.Index([]Op{StateRm, Import, Untaint}, o) }

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// topological sorts nodes so that each comes after what it needs, the rest by
// name (Kahn). Terraform's graph has no cycles; should the input have one, one
// of its nodes goes ahead.
func topological(nodes []string, needs map[string][]string) []string {
	var out []string
	done := map[string]bool{}
	for len(out) < len(nodes) {
		next := slices.IndexFunc(nodes, func(n string) bool {
			return !done[n] && !slices.ContainsFunc(needs[n], func(d string) bool { return !done[d] })
		})
		if next < 0 {
			next = slices.Index(nodes, onCycle(nodes, needs, done))
		}
		out, done[nodes[next]] = append(out, nodes[next]), true
	}
	return out
}

// onCycle follows needs from the first node that is left until one comes again.
func onCycle(nodes []string, needs map[string][]string, done map[string]bool) string {
	left := func(n string) bool { return !done[n] }
	n := nodes[slices.IndexFunc(nodes, left)]
	for seen := map[string]bool{}; !seen[n]; {
		seen[n] = true
		n = needs[n][slices.IndexFunc(needs[n], left)]
	}
	return n
}
