package plan

import (
	"cmp"
	"slices"
	"strings"

	"reconcile/internal/diff"
	"reconcile/internal/match"
	"reconcile/providers"
)

// Topology is what a picture of the network is drawn from: the objects that the
// findings and questions speak of, what these refer to, and how they hang
// together. It says nothing that the findings do not say.
type Topology struct {
	Nodes []Node `json:"nodes"`
	Edges []Edge `json:"edges"` // besides those of "in"
	// Omitted are objects that were left out because there are too many.
	Omitted int `json:"omitted,omitempty"`
}

// Node is one object, or several alike in one.
type Node struct {
	Key     string     `json:"key"` // type and id
	Type    string     `json:"type"`
	ID      string     `json:"id"`
	Address string     `json:"address,omitempty"`
	Name    string     `json:"name,omitempty"`  // its tag Name
	Range   string     `json:"range,omitempty"` // the addresses that it is about: a subnet's, a route's destination
	Status  NodeStatus `json:"status"`
	Account string     `json:"account,omitempty"`
	Region  string     `json:"region,omitempty"`
	In      string     `json:"in,omitempty"`    // key of the node that holds it
	Count   int        `json:"count,omitempty"` // of how many alike this one stands; 0 for itself
}

// NodeStatus is a finding's status, or one of these.
type NodeStatus string

// The statuses of a node that no finding has.
const (
	// NodeQuestion: a person must say what becomes of it.
	NodeQuestion = NodeStatus("question")
	// NodeBeside: it is no part of this state and only referred to.
	NodeBeside = NodeStatus("beside")
)

// Edge says that one node refers to another one.
type Edge struct {
	From string `json:"from"`
	To   string `json:"to"`
	By   string `json:"by"` // the attribute
}

// maxNodes is how many nodes a topology has at most.
const maxNodes = 2000

// atlas collects the topology.
type atlas struct {
	b         *builder
	instances map[[2]string]*diff.Instance // by address and deposed key
	byID      map[string]*diff.Instance    // by type and identity
	objects   map[string]*diff.Object      // by type and id
	live      map[string]providers.Object  // what was read, by the id that others refer to
	nodes     map[string]*Node
	things    map[string]thing
	named     map[string][]string // key of nodes by the id that others refer to
	edges     map[Edge]bool
}

// thing is what is known of a node.
type thing struct {
	kind   providers.Kind
	attrs  providers.Attrs
	hidden func(attr string) bool
}

// topology draws the map. It is called when all findings are there.
func (b *builder) topology() *Topology {
	t := &atlas{b: b, instances: map[[2]string]*diff.Instance{}, byID: map[string]*diff.Instance{}, objects: map[string]*diff.Object{},
		live: map[string]providers.Object{}, nodes: map[string]*Node{}, things: map[string]thing{}, named: map[string][]string{}, edges: map[Edge]bool{}}
	for n := range b.diff.Instances {
		i := &b.diff.Instances[n]
		t.instances[[2]string{i.Address, i.Deposed}] = i
		if i.ID != "" {
			t.byID[i.Type+" "+i.ID] = i
		}
	}
	for n := range b.diff.Objects {
		o := &b.diff.Objects[n]
		if k := o.Type + " " + o.ID; t.objects[k] == nil {
			t.objects[k] = o
		}
	}
	for _, o := range b.in.Reading.Inventory.Objects {
		id := o.Attrs.Text("id")
		if was, ok := t.live[id]; id != "" && (!ok || preferred(o.Type, was.Type) || (o.Type == was.Type && o.Place.Compare(was.Place) < 0)) {
			t.live[id] = o
		}
	}
	for _, f := range b.report.Findings {
		t.place(f)
	}
	for _, q := range b.report.Questions {
		if n := t.nodes[q.Type+" "+q.ID]; n != nil {
			n.Status = NodeQuestion
		} else if o := t.objects[q.Type+" "+q.ID]; o != nil {
			t.addObject(o, "", NodeQuestion)
		}
	}
	t.relate()
	t.uncycle()
	return t.finish()
}

// preferred reports whether a type is the plainer one of two that one thing
// can be: aws_vpc rather than aws_default_vpc.
func preferred(a, b string) bool {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) < 0
}

// place adds what one finding speaks of.
func (t *atlas) place(f Finding) {
	k := f.Type + " " + f.ID
	i := t.instances[[2]string{f.Address, f.Deposed}]
	if f.Address != "" && i != nil {
		if i.Kind.Type == "" || i.ID == "" {
			return
		}
		if f.Status == Replaced {
			if i.Object == nil {
				t.addInstance(i, NodeStatus(GoneExplained))
			}
		} else if i.ID == f.ID {
			t.addInstance(i, NodeStatus(f.Status))
			return
		}
	}
	if o := t.objects[k]; o != nil {
		t.addObject(o, f.Address, NodeStatus(f.Status))
	} else if i := t.byID[k]; i != nil && i.Kind.Type != "" {
		t.addInstance(i, NodeStatus(f.Status)) // the old object of a replacement
	}
}

func (t *atlas) addInstance(i *diff.Instance, s NodeStatus) {
	attrs := i.Attrs
	if i.Object != nil {
		attrs = i.Object.Attrs
	}
	t.add(Node{Type: i.Type, ID: i.ID, Address: i.Address, Status: s, Account: i.Place.Account, Region: i.Place.Region},
		thing{kind: i.Kind, attrs: attrs, hidden: i.IsSensitive})
}

func (t *atlas) addObject(o *diff.Object, address string, s NodeStatus) {
	// What the configuration calls sensitive stays so in what AWS says of it.
	secret := map[string]bool{}
	hide := func(a match.Address) {
		for _, name := range a.Wanted.Sensitive {
			secret[name] = true
		}
	}
	for _, m := range t.b.match.Matches {
		if m.Object.Type == o.Type && m.Object.ID == o.ID {
			hide(m.Address)
		}
	}
	for _, q := range t.b.match.Questions {
		if q.Object.Type == o.Type && q.Object.ID == o.ID {
			for _, c := range q.Candidates {
				hide(c.Address)
			}
		}
	}
	for _, a := range t.b.alike[o.Type+" "+o.ID] {
		hide(a)
	}
	t.add(Node{Type: o.Type, ID: o.ID, Address: address, Status: s, Account: o.Place.Account, Region: o.Place.Region},
		thing{kind: o.Kind, attrs: o.Attrs, hidden: func(attr string) bool { return secret[attr] }})
}

// ranges are the attributes that say which addresses an object is about.
var ranges = []string{"destination_cidr_block", "destination_ipv6_cidr_block", "destination_prefix_list_id", "cidr_block", "cidr", "ipv6_cidr_block",
	"target_network_cidr", "destination_cidr", "public_ip"}

func (t *atlas) add(n Node, what thing) {
	n.Key = n.Type + " " + n.ID
	if t.nodes[n.Key] != nil {
		return
	}
	for _, attr := range ranges {
		if text := what.attrs.Text(attr); text != "" && !what.hidden(attr) {
			n.Range = short(text)
			break
		}
	}
	for _, attr := range []string{"tags_all", "tags"} {
		if tags, ok := what.attrs[attr].(map[string]any); ok && n.Name == "" && !what.hidden("tags") && !what.hidden("tags_all") {
			n.Name = short(providers.Attrs(tags).Text("Name"))
		}
	}
	t.nodes[n.Key], t.things[n.Key] = &n, what
	ids := []string{n.ID, what.attrs.Text("id"), what.attrs.Text("arn")}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if id != "" {
			t.named[id] = append(t.named[id], n.Key)
		}
	}
}

// short cuts a text that is only a label.
func short(s string) string {
	const most = 80
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i] + "…"
		}
	}
	return s
}

// relate follows what the nodes refer to, and adds what is not there yet.
func (t *atlas) relate() {
	todo := sortedKeys(t.nodes)
	for len(todo) > 0 {
		key := todo[0]
		todo = todo[1:]
		n, what := t.nodes[key], t.things[key]
		for _, attr := range references(what.kind, n.Status == NodeBeside) {
			if what.hidden(attr) {
				continue
			}
			for _, id := range slices.Compact(slices.Sorted(providers.Texts(what.attrs[attr]))) {
				to, fresh := t.find(id, key, slices.Contains(what.kind.Parents, attr) || n.Type == "aws_route")
				if to == "" {
					continue
				}
				if fresh {
					todo = append(todo, to)
				}
				if n.In == "" && (attr == "vpc_id" || slices.Contains(what.kind.Parents, attr)) {
					n.In = to // which says it all
				} else {
					t.edges[Edge{From: key, To: to, By: attr}] = true
				}
			}
		}
	}
}

// references are the attributes by which an object says where it belongs and
// what it uses, parents first; what AWS only tells of it is not among them.
func references(k providers.Kind, parentsOnly bool) []string {
	out := slices.Clone(k.Parents)
	if parentsOnly {
		return out
	}
	more := slices.Concat(k.Hard(), k.Compared)
	slices.Sort(more)
	for _, name := range more {
		if name != "tags_all" && name != "tags" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// find returns the node that an id means, "" for none. What is not one is added
// where it was read, and where it must be there (a parent) also by its id alone.
func (t *atlas) find(id, from string, must bool) (key string, fresh bool) {
	for _, k := range t.named[id] {
		if k != from && (key == "" || preferred(t.nodes[k].Type, t.nodes[key].Type) || (t.nodes[k].Type == t.nodes[key].Type && k < key)) {
			key = k
		}
	}
	if key != "" || slices.Contains(t.named[id], from) {
		return key, false
	}
	n, what := Node{ID: id, Status: NodeBeside}, thing{hidden: func(string) bool { return false }}
	if o, ok := t.live[id]; ok && o.Life != providers.Gone {
		n.Type, n.Account, n.Region, what.attrs = o.Type, o.Place.Account, o.Place.Region, o.Attrs
	} else if must {
		for _, k := range t.b.in.Subject.Kinds {
			if k.Prefix != "" && strings.HasPrefix(id, k.Prefix) && (n.Type == "" || longer(k.Prefix, n.Type, k.Type, t.b.in.Subject.Kinds)) {
				n.Type = k.Type
			}
		}
	}
	if n.Type == "" {
		return "", false
	}
	what.kind, _ = t.b.in.Subject.Kinds.Find(n.Type)
	t.add(n, what)
	return n.Type + " " + id, true
}

// longer reports whether a prefix tells more than the one of the type at hand:
// tgw-rtb- rather than tgw-.
func longer(prefix, typ, other string, kinds providers.Kinds) bool {
	k, _ := kinds.Find(typ)
	return len(prefix) > len(k.Prefix) || (len(prefix) == len(k.Prefix) && preferred(other, typ))
}

// uncycle makes sure that nothing is within itself, whatever a state says.
func (t *atlas) uncycle() {
	for _, key := range sortedKeys(t.nodes) {
		seen := map[string]bool{}
		for k := key; k != ""; k = t.nodes[k].In {
			if seen[k] {
				t.nodes[k].In = ""
				break
			}
			seen[k] = true
		}
	}
}
