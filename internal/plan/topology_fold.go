package plan

import (
	"cmp"
	"fmt"
	"slices"
)

// finish sorts the map and keeps it within its bounds: above them, what is alike
// and holds nothing becomes one node that is counted, first of what is in sync.
func (t *atlas) finish() *Topology {
	for _, fold := range []func(*Node) bool{
		func(n *Node) bool { return n.Status == NodeStatus(InState) },
		func(*Node) bool { return true },
	} {
		if len(t.nodes) > maxNodes {
			t.fold(fold)
		}
	}
	out := &Topology{Nodes: []Node{}, Edges: []Edge{}}
	for _, n := range t.nodes {
		out.Nodes = append(out.Nodes, *n)
	}
	slices.SortFunc(out.Nodes, func(a, b Node) int { return cmp.Compare(a.Key, b.Key) })
	out.crop(maxNodes)
	kept := map[string]bool{}
	for _, n := range out.Nodes {
		kept[n.Key] = true
	}
	for e := range t.edges {
		if kept[e.From] && kept[e.To] {
			out.Edges = append(out.Edges, e)
		}
	}
	slices.SortFunc(out.Edges, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.By, b.By), cmp.Compare(a.To, b.To))
	})
	// As many lines again tell nothing more.
	if most := 4 * maxNodes; len(out.Edges) > most {
		out.Edges = out.Edges[:most]
	}
	return out
}

// fold puts nodes together that have the same type, status, place and holder,
// hold nothing and are referred to by nothing.
func (t *atlas) fold(of func(*Node) bool) {
	used := map[string]bool{}
	for _, n := range t.nodes {
		used[n.In] = true
	}
	for e := range t.edges {
		used[e.To] = true
	}
	groups := map[Node][]*Node{}
	for _, key := range sortedKeys(t.nodes) {
		if n := t.nodes[key]; of(n) && !used[key] && n.Count == 0 {
			like := Node{Type: n.Type, Status: n.Status, Account: n.Account, Region: n.Region, In: n.In}
			groups[like] = append(groups[like], n)
		}
	}
	for like, nodes := range groups {
		if len(nodes) < 3 {
			continue
		}
		like.Key = fmt.Sprintf("%s %s in %s (%s/%s)", like.Type, like.Status, like.In, like.Account, like.Region)
		like.Count = len(nodes)
		for _, n := range nodes {
			delete(t.nodes, n.Key)
		}
		t.nodes[like.Key] = &like
	}
}

// crop leaves out what is too much: what holds others goes last.
func (m *Topology) crop(most int) {
	if len(m.Nodes) <= most {
		return
	}
	holds := map[string]bool{}
	for _, n := range m.Nodes {
		holds[n.In] = true
	}
	for _, dull := range []func(Node) bool{
		func(n Node) bool { return !holds[n.Key] && (n.Status == NodeStatus(InState) || n.Status == NodeBeside) },
		func(n Node) bool { return !holds[n.Key] },
		func(Node) bool { return true },
	} {
		left := len(m.Nodes)
		m.Nodes = slices.DeleteFunc(m.Nodes, func(n Node) bool {
			if left <= most || !dull(n) {
				return false
			}
			left--
			m.Omitted += max(1, n.Count)
			return true
		})
	}
	kept := map[string]bool{}
	for _, n := range m.Nodes {
		kept[n.Key] = true
	}
	for i, n := range m.Nodes {
		if !kept[n.In] {
			m.Nodes[i].In = ""
		}
	}
}
