package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"reconcile/internal/wanted"
	"reconcile/providers"
)

func node(t *testing.T, m *Topology, key string) Node {
	t.Helper()
	for _, n := range m.Nodes {
		if n.Key == key {
			return n
		}
	}
	t.Fatalf("the map has no %s: %+v", key, m.Nodes)
	return Node{}
}

func TestTheMapSaysWhatHoldsWhatAndWhatBecameOfIt(t *testing.T) {
	c := newIncident()
	c.recorded("aws_vpc.a", "", attrs("id", "vpc-a", "cidr_block", "10.0.0.0/16"))
	c.live("aws_vpc", "vpc-a", attrs("cidr_block", "10.0.0.0/16", "tags_all", map[string]any{"Name": "the net"}))
	c.wanted("aws_vpc.a", wanted.NoOp, "vpc-a", "cidr_block", "10.0.0.0/16")
	c.recorded("aws_route_table.a", "", attrs("id", "rtb-a", "vpc_id", "vpc-a"))
	c.live("aws_route_table", "rtb-a", attrs("vpc_id", "vpc-a"))
	// What the run made, what it deleted, what nobody gave an address.
	c.made(1, "aws_subnet", "subnet-n", attrs("vpc_id", "vpc-a", "cidr_block", "10.0.1.0/24"))
	c.wanted("aws_subnet.n", wanted.Create, "", "vpc_id", "=aws_vpc.a.id", "cidr_block", "10.0.1.0/24")
	c.recorded("aws_subnet.gone", "", attrs("id", "subnet-g", "vpc_id", "vpc-a", "cidr_block", "10.0.2.0/24"))
	c.event("ci", 2, "Deleted aws_subnet subnet-g")
	c.event("unclear", 3, "Created aws_subnet subnet-q")
	c.live("aws_subnet", "subnet-q", attrs("vpc_id", "vpc-shared", "cidr_block", "10.0.3.0/24"))
	c.wanted("aws_subnet.q", wanted.Create, "", "cidr_block", "10.0.3.0/24")
	c.live("aws_vpc", "vpc-shared", attrs("cidr_block", "10.9.0.0/16"))

	m := c.build().Topology
	for key, want := range map[string]Node{
		"aws_vpc vpc-a":         {Status: "in_sync", Address: "aws_vpc.a", Name: "the net", Range: "10.0.0.0/16"},
		"aws_route_table rtb-a": {Status: "in_sync", Address: "aws_route_table.a", In: "aws_vpc vpc-a"},
		"aws_subnet subnet-n":   {Status: "unrecorded", Address: "aws_subnet.n", In: "aws_vpc vpc-a", Range: "10.0.1.0/24"},
		"aws_subnet subnet-g":   {Status: "gone", Address: "aws_subnet.gone", In: "aws_vpc vpc-a", Range: "10.0.2.0/24"},
		"aws_subnet subnet-q":   {Status: NodeQuestion, In: "aws_vpc vpc-shared", Range: "10.0.3.0/24"},
		"aws_vpc vpc-shared":    {Status: NodeBeside, Range: "10.9.0.0/16"},
	} {
		got := node(t, m, key)
		if got.Status != want.Status || got.Address != want.Address || got.In != want.In || got.Range != want.Range || got.Name != want.Name {
			t.Errorf("%s is %+v, want %+v", key, got, want)
		}
	}
}

func TestWhatIsSensitiveIsNotInTheMap(t *testing.T) {
	c := newIncident()
	c.made(1, "aws_vpc", "vpc-a", attrs("cidr_block", "10.77.0.0/16", "tags_all", map[string]any{"Name": "hush"}))
	w := c.wanted("aws_vpc.a", wanted.Create, "", "cidr_block", "10.77.0.0/16")
	w.Sensitive = []string{"cidr_block", "tags_all"}
	n := node(t, c.build().Topology, "aws_vpc vpc-a")
	if n.Range != "" || n.Name != "" {
		t.Errorf("the map tells %q and %q", n.Range, n.Name)
	}
}

func TestTheMapStaysWithinItsBounds(t *testing.T) {
	for _, alike := range []bool{true, false} {
		c := newIncident()
		c.recorded("aws_vpc.a", "", attrs("id", "vpc-a", "cidr_block", "10.0.0.0/16"))
		c.live("aws_vpc", "vpc-a", attrs("cidr_block", "10.0.0.0/16"))
		const many = 3 * maxNodes
		for n := range many {
			id, vpc := fmt.Sprintf("subnet-%05d", n), "vpc-a"
			if !alike { // each in a VPC of its own, so that nothing can be put together
				vpc = fmt.Sprintf("vpc-%05d", n)
			}
			c.recorded(fmt.Sprintf("aws_subnet.s[%d]", n), "", attrs("id", id, "vpc_id", vpc, "cidr_block", "10.0.0.0/28"))
			c.live("aws_subnet", id, attrs("vpc_id", vpc, "cidr_block", "10.0.0.0/28"))
		}
		m := c.build().Topology
		told := m.Omitted
		for _, n := range m.Nodes {
			if n.Status == "in_sync" {
				told += max(1, n.Count)
			}
		}
		if len(m.Nodes) > maxNodes {
			t.Errorf("the map has %d nodes", len(m.Nodes))
		}
		if told < many+1 {
			t.Errorf("the map speaks of %d of %d objects", told, many+1)
		}
		if alike && len(m.Nodes) > 2 {
			t.Errorf("what is alike is not one node: %d", len(m.Nodes))
		}
	}
}

func TestTheMapHangsTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawIncident(t).build().Topology
		nodes := map[string]Node{}
		for _, n := range m.Nodes {
			if _, twice := nodes[n.Key]; twice {
				t.Fatalf("%s is there twice", n.Key)
			}
			nodes[n.Key] = n
		}
		for _, e := range m.Edges {
			if nodes[e.From].Key == "" || nodes[e.To].Key == "" || e.From == e.To {
				t.Fatalf("an edge hangs loose: %+v", e)
			}
		}
		for _, n := range m.Nodes {
			var path []string
			for k := n.Key; k != ""; k = nodes[k].In {
				if nodes[k].Key == "" || slices.Contains(path, k) {
					t.Fatalf("%s is in %s, which is not there or in itself", n.Key, strings.Join(append(path, k), " in "))
				}
				path = append(path, k)
			}
		}
	})
}

func TestARingOfParentsIsCut(t *testing.T) {
	c := newIncident()
	c.kinds = append(slices.Clone(kinds), providers.Kind{Type: "aws_ring", Import: "{id}", Account: "owner_id", Parents: []string{"ring_id"}})
	for _, pair := range [][2]string{{"a", "b"}, {"b", "c"}, {"c", "a"}} {
		c.recorded("aws_ring."+pair[0], "", attrs("id", "ring-"+pair[0], "ring_id", "ring-"+pair[1]))
	}
	m := c.build().Topology
	free := 0
	for _, n := range m.Nodes {
		if n.In == "" {
			free++
		}
	}
	if len(m.Nodes) != 3 || free != 1 {
		t.Errorf("%d nodes, %d of them in nothing: %+v", len(m.Nodes), free, m.Nodes)
	}
}
