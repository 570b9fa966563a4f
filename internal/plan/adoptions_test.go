package plan

import (
	"slices"
	"testing"

	"reconcile/internal/diff"
	"reconcile/internal/wanted"
	"reconcile/providers"
)

// TestAnAdoptionThatWasBegunIsImported fails when what the session was about to
// adopt is left out, or when what it never looked up is taken.
func TestAnAdoptionThatWasBegunIsImported(t *testing.T) {
	adopted := providers.Kind{Type: "aws_default_table", Import: "{id}", Account: "owner_id", Facet: true, Parents: []string{"vpc_id"}, Fixed: []string{"default_id"},
		Takes: providers.Wait{Call: "DescribeTables", Names: "{id}", Times: 1}, Confirm: confirm}
	for name, c := range map[string]struct {
		taken map[string][]string
		steps int
	}{
		"looked up":         {map[string][]string{"aws_default_table rtb-1": {"look-1"}}, 1},
		"not looked up":     {nil, 0},
		"another looked up": {map[string][]string{"aws_default_table rtb-2": {"look-1"}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIncident()
			i.recorded("aws_vpc.a", "", attrs("id", "vpc-1", "cidr_block", "10.0.0.0/16", "default_id", "rtb-1"))
			i.live("aws_vpc", "vpc-1", attrs("cidr_block", "10.0.0.0/16", "default_id", "rtb-1"))
			i.wanted("aws_vpc.a", wanted.NoOp, "vpc-1", "cidr_block", "10.0.0.0/16")
			i.wanted("aws_default_table.a", wanted.Create, "", "default_id", "=aws_vpc.a.default_id")
			i.live("aws_default_table", "rtb-1", attrs("default_id", "rtb-1", "vpc_id", "vpc-1")).Implicit = true
			i.reading.Inventory.Coverage = append(i.reading.Inventory.Coverage, providers.Coverage{Type: "aws_default_table", Place: west, Status: providers.Read})
			in := i.in
			in.Subject, in.Reading = diff.NewSubject(&i.state, &i.want, append(slices.Clone(kinds), adopted), west.Region, nil), i.reading
			if got := Adoptions(in); len(got) != 1 || got[0].Key != "aws_default_table rtb-1" || got[0].Names != "rtb-1" {
				t.Errorf("asked about %v", got)
			}
			in.Taken = c.taken
			r := Build(in)
			if len(r.Actions) != c.steps || len(r.Questions) > 0 {
				t.Fatalf("%d steps, want %d; questions %v", len(r.Actions), c.steps, r.Questions)
			}
			if c.steps == 1 && (r.Actions[0].Address != "aws_default_table.a" || r.Actions[0].ID != "rtb-1" || !slices.Equal(r.Actions[0].EventIDs, []string{"look-1"})) {
				t.Errorf("step %+v", r.Actions[0])
			}
		})
	}
}

// TestWhatAnAdoptionWouldSetDoesNotSpeakAgainstIt fails when an adoption is not
// looked into because the object does not yet show what the configuration wants.
func TestWhatAnAdoptionWouldSetDoesNotSpeakAgainstIt(t *testing.T) {
	adopted := providers.Kind{Type: "aws_default_list", Import: "{id}", Account: "owner_id", Facet: true, Parents: []string{"vpc_id"}, Fixed: []string{"default_id"},
		Compared: []string{"ingress", "tags_all"}, Takes: providers.Wait{Call: "DescribeLists", Names: "{id}", Times: 1}, Confirm: confirm}
	i := newIncident()
	i.recorded("aws_vpc.a", "", attrs("id", "vpc-1", "cidr_block", "10.0.0.0/16", "default_id", "acl-1"))
	i.live("aws_vpc", "vpc-1", attrs("cidr_block", "10.0.0.0/16", "default_id", "acl-1"))
	i.wanted("aws_vpc.a", wanted.NoOp, "vpc-1", "cidr_block", "10.0.0.0/16")
	i.wanted("aws_default_list.a", wanted.Create, "", "default_id", "=aws_vpc.a.default_id", "ingress", "10", "tags_all", map[string]any{"Name": "a"})
	o := i.live("aws_default_list", "acl-1", attrs("default_id", "acl-1", "vpc_id", "vpc-1", "ingress", "100", "tags_all", map[string]any{"Name": "of-before"}))
	o.Implicit = true
	i.reading.Inventory.Coverage = append(i.reading.Inventory.Coverage, providers.Coverage{Type: "aws_default_list", Place: west, Status: providers.Read})
	in := i.in
	in.Subject, in.Reading = diff.NewSubject(&i.state, &i.want, append(slices.Clone(kinds), adopted), west.Region, nil), i.reading
	if got := Adoptions(in); len(got) != 1 || got[0].Key != "aws_default_list acl-1" {
		t.Fatalf("asked about %v", got)
	}
	in.Taken = map[string][]string{"aws_default_list acl-1": {"look-1"}}
	if r := Build(in); len(r.Actions) != 1 || r.Actions[0].Address != "aws_default_list.a" || r.Actions[0].ID != "acl-1" {
		t.Errorf("steps %+v, questions %+v", r.Actions, r.Questions)
	}
}

// TestAnAcceptanceThatWasBegunIsImported fails when the accepter of a connection
// that the session had looked up is left out, or when reads that may have been for
// the connection's own sake are taken for it.
func TestAnAcceptanceThatWasBegunIsImported(t *testing.T) {
	accepter := providers.Kind{Type: "aws_accepter", Import: "{id}", Accepter: true, Facet: true, Fixed: []string{"connection_id"},
		Events: []providers.Event{{Name: "Accept", Role: providers.Created, ID: "{req.id}"}},
		Takes:  providers.Wait{Call: "DescribeConnections", Names: "{id}", Times: 1, Abroad: true}, Confirm: confirm}
	for name, abroad := range map[string]bool{"made in another region": true, "made in the same region": false} {
		t.Run(name, func(t *testing.T) {
			i := newIncident()
			i.wanted("aws_accepter.a", wanted.Create, "", "connection_id", "pcx-1")
			o := i.live("aws_accepter", "pcx-1", attrs("connection_id", "pcx-1"))
			o.Implicit, o.Abroad = true, abroad
			i.reading.Inventory.Coverage = append(i.reading.Inventory.Coverage, providers.Coverage{Type: "aws_accepter", Place: west, Status: providers.Read})
			in := i.in
			in.Subject, in.Reading = diff.NewSubject(&i.state, &i.want, append(slices.Clone(kinds), accepter), west.Region, nil), i.reading
			asked := Adoptions(in)
			if !abroad {
				if len(asked) != 0 {
					t.Errorf("asked about %v", asked)
				}
				return
			}
			if len(asked) != 1 || asked[0].Key != "aws_accepter pcx-1" {
				t.Fatalf("asked about %v", asked)
			}
			in.Taken = map[string][]string{"aws_accepter pcx-1": {"look-1"}}
			r := Build(in)
			if len(r.Actions) != 1 || r.Actions[0].Address != "aws_accepter.a" || r.Actions[0].ID != "pcx-1" {
				t.Errorf("steps %+v, questions %v", r.Actions, r.Questions)
			}
		})
	}
}
