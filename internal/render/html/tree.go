package html

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"reconcile/internal/plan"
)

// branch is one node of the map with what it holds.
type branch struct {
	plan.Node
	kids []*branch
	uses []plan.Edge
	size int  // objects in it, itself included
	same bool // all of it has one status
	calm bool // all of it is one thing to the reader: recorded, or somebody else's
	href string
}

// forest is the map as trees, and each branch by its key.
type forest struct {
	roots []*branch
	byKey map[string]*branch
	far   bool // objects are in more than one place
}

func grow(t *plan.Topology, href map[string]string) forest {
	f := forest{byKey: map[string]*branch{}}
	places := map[[2]string]bool{}
	for _, n := range t.Nodes {
		f.byKey[n.Key] = &branch{Node: n, href: href[n.Key]}
		if n.Region != "" {
			places[[2]string{n.Account, n.Region}] = true
		}
	}
	f.far = len(places) > 1
	for _, e := range t.Edges {
		if from := f.byKey[e.From]; from != nil && f.byKey[e.To] != nil {
			from.uses = append(from.uses, e)
		}
	}
	for _, n := range t.Nodes {
		b, holder := f.byKey[n.Key], f.byKey[n.In]
		if holder == nil || holder == b {
			f.roots = append(f.roots, b)
			continue
		}
		holder.kids = append(holder.kids, b)
	}
	seen := map[*branch]bool{}
	for _, b := range f.roots {
		b.settle(seen)
	}
	arrange(f.roots)
	return f
}

// quiet statuses ask nothing of the reader.
func quiet(s plan.NodeStatus) bool {
	return s == plan.NodeStatus(plan.InState) || s == plan.NodeBeside || s == plan.NodeStatus(plan.Foreign)
}

func (b *branch) settle(seen map[*branch]bool) {
	if seen[b] {
		b.kids = nil // a ring: reconcile makes none
		return
	}
	seen[b] = true
	b.size, b.calm, b.same = max(1, b.Count), quiet(b.Status), true
	for _, k := range b.kids {
		k.settle(seen)
		b.size += k.size
		b.same = b.same && k.same && k.Status == b.Status
		// What is only referred to may hold what is recorded.
		b.calm = b.calm && k.calm && (k.Status == b.Status || b.Status == plan.NodeBeside)
	}
	arrange(b.kids)
}

// arrange sorts what is shown together: by type, what matters first, then by
// range and name.
func arrange(bs []*branch) {
	slices.SortFunc(bs, func(a, b *branch) int {
		calm := map[bool]int{true: 1}
		return cmp.Or(cmp.Compare(typeRank(a.Type), typeRank(b.Type)), cmp.Compare(a.Type, b.Type), cmp.Compare(calm[a.calm], calm[b.calm]),
			cmp.Compare(rank(string(a.Status)), rank(string(b.Status))), natural(a.Range, b.Range), natural(a.Address, b.Address), cmp.Compare(a.Key, b.Key))
	})
}

func typeRank(t string) int {
	for i, part := range []string{"transit_gateway_vpc_attachment", "attachment", "peering", "internet_gateway", "gateway", "subnet", "route_table", "route"} {
		if strings.Contains(t, part) && !strings.Contains(t, "association") {
			return i
		}
	}
	return 99
}

// item is what a line of the map stands for: one branch, or several alike.
type item struct {
	*branch
	stack []*branch
}

func (i item) objects() int {
	if i.stack == nil {
		return i.size
	}
	n := 0
	for _, b := range i.stack {
		n += b.size
	}
	return n
}

// status of an item is that of all of it, "" if they differ.
func (i item) status() string {
	if i.stack == nil {
		return string(i.Status)
	}
	s := i.stack[0].Status
	for _, b := range i.stack {
		if b.Status != s || !b.calm && len(b.kids) > 0 {
			return ""
		}
	}
	return string(s)
}

// count is how many objects of its own type an item stands for.
func (i item) count() int {
	if i.stack == nil {
		return max(1, i.Count)
	}
	n := 0
	for _, b := range i.stack {
		n += max(1, b.Count)
	}
	return n
}

func (i item) first() *branch {
	if i.stack != nil {
		return i.stack[0]
	}
	return i.branch
}

// fold shows some branches of each type and counts the others: those that ask
// nothing of the reader go together first.
func fold(bs []*branch, mostCalm, mostOthers int) []item {
	var out []item
	for len(bs) > 0 {
		n := 1
		for n < len(bs) && bs[n].Type == bs[0].Type {
			n++
		}
		alike := bs[:n]
		bs = bs[n:]
		calm := map[plan.NodeStatus][]*branch{}
		var order []plan.NodeStatus
		var loud []*branch
		for _, b := range alike {
			switch {
			case !b.calm:
				loud = append(loud, b)
			default:
				if calm[b.Status] == nil {
					order = append(order, b.Status)
				}
				calm[b.Status] = append(calm[b.Status], b)
			}
		}
		out = append(out, few(loud, mostOthers)...)
		for _, s := range order {
			if len(calm[s]) > mostCalm {
				out = append(out, item{stack: calm[s]})
				continue
			}
			out = append(out, few(calm[s], mostCalm)...)
		}
	}
	return out
}

// few shows the first and makes one stack of the rest.
func few(bs []*branch, most int) []item {
	var out []item
	for i, b := range bs {
		if i == most-1 && len(bs) > most {
			return append(out, item{stack: bs[i:]})
		}
		out = append(out, item{branch: b})
	}
	return out
}

// natural compares as people count: 10.9 comes before 10.10.
func natural(a, b string) int {
	for a != "" && b != "" {
		n, m := digits(a), digits(b)
		if n == 0 || m == 0 {
			if c := cmp.Compare(a[0], b[0]); c != 0 {
				return c
			}
			a, b = a[1:], b[1:]
			continue
		}
		x, y := strings.TrimLeft(a[:n], "0"), strings.TrimLeft(b[:m], "0")
		if c := cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)); c != 0 {
			return c
		}
		a, b = a[n:], b[m:]
	}
	return cmp.Compare(a, b)
}

func digits(s string) int { return len(s) - len(strings.TrimLeft(s, "0123456789")) }

// module is the path to an address, "" for the root.
func (b *branch) module() string {
	if i := strings.Index(b.Address, b.Type+"."); i > 0 {
		return b.Address[:i]
	}
	return ""
}

// local is an address as it is called where that module is the talk of: without
// its type, and without the path if it is the same.
func (b *branch) local(module string) string {
	if b.Address == "" {
		return cmp.Or(b.Name, b.ID)
	}
	i := strings.Index(b.Address, b.Type+".")
	if i < 0 {
		return b.Address
	}
	name := b.Address[i+len(b.Type)+1:]
	if path := b.module(); path != module {
		path = strings.ReplaceAll(path, "module.", "")
		if name == "this" && path != "" {
			return strings.TrimSuffix(path, ".") // by its module's name it is known
		}
		name = path + name
	}
	return name
}

// called is how other lines refer to a branch.
func (b *branch) called(module string) string { return brief(b.Type) + " " + b.local(module) }

// brief is a type in as few letters as its readers use.
func brief(t string) string {
	for _, w := range []struct{ part, short string }{{"internet_gateway", "IGW"}, {"nat_gateway", "NAT"}, {"transit_gateway_vpc_attachment", "attachment"},
		{"transit_gateway_peering_attachment", "peering"}, {"transit_gateway_route_table", "TGW table"}, {"transit_gateway", "TGW"}, {"peering_connection", "peering"},
		{"network_interface", "ENI"}, {"vpc_endpoint", "endpoint"}, {"vpn_gateway", "VGW"}, {"route_table", "table"}, {"prefix_list", "prefix list"}, {"security_group", "group"}} {
		if strings.HasSuffix(t, w.part) {
			return w.short
		}
	}
	return plainType(t)
}

// title is all that is known of an item, for a tooltip and a screen reader.
func (i item) title() string {
	b := i.first()
	w := wordOf(i.status())
	if i.stack != nil || b.Count > 1 {
		t := fmt.Sprintf("%d %s", i.count(), many(plainType(b.Type)))
		if i.status() == "" {
			return t + " of different status: see the findings"
		}
		return t + ", " + w.Title
	}
	parts := []string{w.Title + ": " + plainType(b.Type) + " " + b.ID}
	for _, p := range []string{b.Address, b.Name, b.Range, b.Region} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ", ")
}
