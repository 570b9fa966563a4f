package match

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"reconcile/internal/diff"
	"reconcile/providers"
)

func TestSolveGivesEveryShapeItsAnswer(t *testing.T) {
	vpcA := at("aws_vpc.a", "cidr_block", "10.0.0.0/16")
	bound := map[string]providers.Attrs{"aws_vpc.a": attrs("id", "vpc-1")}
	table := func(address string, pairs ...any) Address {
		return at(address, append([]any{"vpc_id", ref("aws_vpc.a.id")}, pairs...)...)
	}
	rtb := func(id string, pairs ...any) diff.Object {
		return made("aws_route_table", id, append([]any{"vpc_id", "vpc-1"}, pairs...)...)
	}
	subnet := func(address, cidr string, pairs ...any) Address {
		return at(address, append([]any{"vpc_id", ref("aws_vpc.a.id"), "cidr_block", cidr}, pairs...)...)
	}
	net := func(id, cidr string, pairs ...any) diff.Object {
		return made("aws_subnet", id, append([]any{"vpc_id", "vpc-1", "cidr_block", cidr}, pairs...)...)
	}
	alone := func(a Address) Address { a.Alone = true; return a }
	blocked := func(a Address, why string) Address { a.Blocked = why; return a }
	elsewhere := func(a Address, p providers.Place) Address { a.Place = p; return a }

	for name, c := range map[string]struct {
		in   Input
		want []string
	}{
		"a reference leads through an open address": {
			Input{Open: []Address{vpcA, at("aws_vpc.b", "cidr_block", "10.1.0.0/16"), subnet("aws_subnet.a", "10.0.1.0/24"),
				at("aws_subnet.b", "vpc_id", ref("aws_vpc.b.id"), "cidr_block", "10.0.1.0/24")},
				Objects: []diff.Object{made("aws_vpc", "vpc-1", "cidr_block", "10.0.0.0/16"), made("aws_vpc", "vpc-2", "cidr_block", "10.1.0.0/16"),
					net("subnet-1", "10.0.1.0/24"), made("aws_subnet", "subnet-2", "vpc_id", "vpc-2", "cidr_block", "10.0.1.0/24")}},
			[]string{"subnet-1 -> aws_subnet.a", "subnet-2 -> aws_subnet.b", "vpc-1 -> aws_vpc.a", "vpc-2 -> aws_vpc.b"}},
		"a reference that may mean two addresses fits either": {
			Input{Open: []Address{at("aws_subnet.x", "vpc_id", ref("aws_vpc.a.id", "aws_vpc.b.id"), "cidr_block", "10.0.1.0/24")}, Bound: map[string]providers.Attrs{
				"aws_vpc.a": attrs("id", "vpc-9"), "aws_vpc.b": attrs("id", "vpc-1")}, Objects: []diff.Object{net("subnet-1", "10.0.1.0/24")}},
			[]string{"subnet-1 -> aws_subnet.x"}},
		"a reference to what is elsewhere refutes": {
			Input{Open: []Address{subnet("aws_subnet.x", "10.0.1.0/24")}, Bound: map[string]providers.Attrs{"aws_vpc.a": attrs("id", "vpc-7")},
				Objects: []diff.Object{net("subnet-1", "10.0.1.0/24")}},
			[]string{"subnet-1 -"}},
		"an unread reference is neither confirmed nor excluded": {
			Input{Open: []Address{subnet("aws_subnet.x", "10.0.1.0/24")}, Unread: map[string]bool{"aws_vpc.a": true}, Objects: []diff.Object{net("subnet-1", "10.0.1.0/24")}},
			[]string{"subnet-1 ? aws_subnet.x: it can be neither confirmed nor excluded, because it is not known which object stands where the address refers to"}},
		"a list of references ranks": {
			Input{Open: []Address{at("aws_attachment.a", "vpc_id", unknown{}, "subnet_ids", refs("aws_subnet.a.id")), at("aws_attachment.b", "vpc_id", unknown{}, "subnet_ids", refs("aws_subnet.b.id"))},
				Bound: map[string]providers.Attrs{"aws_subnet.a": attrs("id", "subnet-1"), "aws_subnet.b": attrs("id", "subnet-2")},
				Objects: []diff.Object{made("aws_attachment", "att-2", "vpc_id", "vpc-1", "subnet_ids", []any{"subnet-2"}),
					made("aws_attachment", "att-1", "vpc_id", "vpc-1", "subnet_ids", []any{"subnet-1"})}},
			[]string{"att-1 ? aws_attachment.a: too little is known of the address before the apply to say that it belongs there",
				"att-2 ? aws_attachment.b: too little is known of the address before the apply to say that it belongs there"}},
		"a list of references decides between two of one VPC": {
			Input{Open: []Address{at("aws_attachment.a", "vpc_id", "vpc-1", "subnet_ids", refs("aws_subnet.a.id")), at("aws_attachment.b", "vpc_id", "vpc-1", "subnet_ids", refs("aws_subnet.b.id"))},
				Bound: map[string]providers.Attrs{"aws_subnet.a": attrs("id", "subnet-1"), "aws_subnet.b": attrs("id", "subnet-2")},
				Objects: []diff.Object{made("aws_attachment", "att-2", "vpc_id", "vpc-1", "subnet_ids", []any{"subnet-2"}),
					made("aws_attachment", "att-1", "vpc_id", "vpc-1", "subnet_ids", []any{"subnet-1"})}},
			[]string{"att-1 -> aws_attachment.a", "att-2 -> aws_attachment.b"}},
		"a gateway tied to another VPC is not taken, though it is the only one": {
			Input{Open: []Address{at("aws_internet_gateway.x", "vpc_id", ref("aws_vpc.a.id"))}, Bound: bound,
				Objects: []diff.Object{made("aws_internet_gateway", "igw-1", "vpc_id", "vpc-9")}},
			[]string{"igw-1 ? aws_internet_gateway.x: AWS ties it to another object than the address does"}},
		"a gateway that is not attached yet is": {
			Input{Open: []Address{at("aws_internet_gateway.x", "vpc_id", ref("aws_vpc.a.id"))}, Bound: bound,
				Objects: []diff.Object{made("aws_internet_gateway", "igw-1", "vpc_id", "")}},
			[]string{"igw-1 -> aws_internet_gateway.x"}},
		"the create request's tags decide, whatever is live": {
			Input{Open: []Address{table("aws_route_table.a", "tags_all", tags("Name", "a")), table("aws_route_table.b", "tags_all", tags("Name", "b"))}, Bound: bound,
				Objects: []diff.Object{asking(rtb("rtb-1", "tags_all", tags("Name", "b")), "Name", "a"), asking(rtb("rtb-2"), "Name", "b")}},
			[]string{"rtb-1 -> aws_route_table.a", "rtb-2 -> aws_route_table.b"}},
		"a request for other tags is never that address, though it is the only one": {
			Input{Open: []Address{table("aws_route_table.a", "tags_all", tags("Name", "a"))}, Bound: bound, Objects: []diff.Object{asking(rtb("rtb-1"), "Name", "z")}},
			[]string{"rtb-1 ? aws_route_table.a: the session asked for other tags than the address wants"}},
		"a request for tags is not an address that wants none": {
			Input{Open: []Address{table("aws_route_table.a", "tags", nil, "tags_all", unknown{})}, Bound: bound, Objects: []diff.Object{asking(rtb("rtb-1"), "Name", "z")}},
			[]string{"rtb-1 ? aws_route_table.a: the session asked for other tags than the address wants"}},
		"numbers of a wrapped record have lost their zeros": {
			Input{Open: []Address{table("aws_route_table.a", "tags_all", tags("Code", "0042"))}, Bound: bound, Objects: []diff.Object{asking(rtb("rtb-1"), "Code", "42")}},
			[]string{"rtb-1 -> aws_route_table.a"}},
		"live tags rank where the request had none": {
			Input{Open: []Address{table("aws_route_table.a", "tags_all", tags("Name", "a")), table("aws_route_table.b", "tags_all", tags("Name", "b"))}, Bound: bound,
				Objects: []diff.Object{rtb("rtb-1", "tags_all", tags("Name", "b"))}},
			[]string{"rtb-1 -> aws_route_table.b"}},
		"other live tags on the only one are a question": {
			Input{Open: []Address{table("aws_route_table.a", "tags_all", tags("Name", "a"))}, Bound: bound, Objects: []diff.Object{rtb("rtb-1", "tags_all", tags("Name", "b"))}},
			[]string{"rtb-1 ? aws_route_table.a: AWS shows other tags than the address wants"}},
		"two objects of a retry are a question": {
			Input{Open: []Address{vpcA}, Objects: []diff.Object{made("aws_vpc", "vpc-1", "cidr_block", "10.0.0.0/16"), made("aws_vpc", "vpc-2", "cidr_block", "10.0.0.0/16")}},
			[]string{"vpc-1 ? aws_vpc.a: 2 objects fit the one address", "vpc-2 ? aws_vpc.a: 2 objects fit the one address"}},
		"of a retry the one that something was built on is known": {
			Input{Open: []Address{vpcA, subnet("aws_subnet.a", "10.0.1.0/24")},
				Objects: []diff.Object{made("aws_vpc", "vpc-1", "cidr_block", "10.0.0.0/16"), made("aws_vpc", "vpc-2", "cidr_block", "10.0.0.0/16"), net("subnet-1", "10.0.1.0/24")}},
			[]string{"subnet-1 -> aws_subnet.a", "vpc-1 -> aws_vpc.a", "vpc-2 -"}},
		"tables told apart by their associations alone": {
			Input{Open: []Address{table("aws_route_table.a"), table("aws_route_table.b"), subnet("aws_subnet.a", "10.0.1.0/24"), subnet("aws_subnet.b", "10.0.2.0/24"),
				at("aws_route_table_association.a", "subnet_id", ref("aws_subnet.a.id"), "route_table_id", ref("aws_route_table.a.id")),
				at("aws_route_table_association.b", "subnet_id", ref("aws_subnet.b.id"), "route_table_id", ref("aws_route_table.b.id"))}, Bound: bound,
				Objects: []diff.Object{rtb("rtb-1"), rtb("rtb-2"), net("subnet-1", "10.0.1.0/24"), net("subnet-2", "10.0.2.0/24"),
					made("aws_route_table_association", "assoc-1", "subnet_id", "subnet-1", "route_table_id", "rtb-2")}},
			[]string{"assoc-1 -> aws_route_table_association.a", "rtb-1 -> aws_route_table.b", "rtb-2 -> aws_route_table.a", "subnet-1 -> aws_subnet.a", "subnet-2 -> aws_subnet.b"}},
		"a route may be inline in another table, so it tells nothing of its own": {
			Input{Open: []Address{table("aws_route_table.inline"), table("aws_route_table.plain"),
				at("aws_route.x", "route_table_id", ref("aws_route_table.plain.id"), "destination_cidr_block", "0.0.0.0/0")}, Bound: bound,
				Objects: []diff.Object{rtb("rtb-1"), rtb("rtb-2"), made("aws_route", "rtb-1_0.0.0.0/0", "route_table_id", "rtb-1", "destination_cidr_block", "0.0.0.0/0")}},
			[]string{"rtb-1 ? aws_route_table.inline aws_route_table.plain: it fits 2 addresses", "rtb-1_0.0.0.0/0 ? aws_route.x: what the address refers to is itself not settled",
				"rtb-2 ? aws_route_table.inline aws_route_table.plain: it fits 2 addresses"}},
		"a route in a settled table is known by its identity, whatever its target": {
			Input{Open: []Address{at("aws_route.x", "route_table_id", ref("aws_route_table.a.id"), "destination_cidr_block", "0.0.0.0/0", "gateway_id", "igw-1")},
				Bound:   map[string]providers.Attrs{"aws_route_table.a": attrs("id", "rtb-1")},
				Objects: []diff.Object{made("aws_route", "rtb-1_0.0.0.0/0", "route_table_id", "rtb-1", "destination_cidr_block", "0.0.0.0/0", "gateway_id", "igw-9")}},
			[]string{"rtb-1_0.0.0.0/0 -> aws_route.x"}},
		"a facet whose destination is not known could be any": {
			Input{Open: []Address{at("aws_route.x", "route_table_id", ref("aws_route_table.a.id"), "destination_cidr_block", unknown{})},
				Bound:   map[string]providers.Attrs{"aws_route_table.a": attrs("id", "rtb-1")},
				Objects: []diff.Object{made("aws_route", "rtb-1_0.0.0.0/0", "route_table_id", "rtb-1", "destination_cidr_block", "0.0.0.0/0")}},
			[]string{"rtb-1_0.0.0.0/0 ? aws_route.x: too little is known of the address before the apply to say that it belongs there"}},
		"a facet with an id of its own may leave to AWS what nothing else asked for": {
			Input{Open: []Address{alone(at("aws_range.x", "vpc_id", "vpc-1", "block", unset{}))}, Objects: []diff.Object{made("aws_range", "as-1", "vpc_id", "vpc-1", "block", "fd00::/56")}},
			[]string{"as-1 -> aws_range.x"}},
		"a facet that another resource may have asked for inline is a question": {
			Input{Open: []Address{at("aws_range.x", "vpc_id", "vpc-1", "block", unset{})}, Objects: []diff.Object{made("aws_range", "as-1", "vpc_id", "vpc-1", "block", "fd00::/56")}},
			[]string{"as-1 ? aws_range.x: too little is known of the address before the apply to say that it belongs there"}},
		"a facet whose range the configuration sets, and nobody knows, is a question": {
			Input{Open: []Address{alone(at("aws_range.x", "vpc_id", "vpc-1", "block", unknown{}))}, Objects: []diff.Object{made("aws_range", "as-1", "vpc_id", "vpc-1", "block", "fd00::/56")}},
			[]string{"as-1 ? aws_range.x: too little is known of the address before the apply to say that it belongs there"}},
		"two facets of one VPC that AWS chose the ranges of are a question": {
			Input{Open: []Address{alone(at("aws_range.x", "vpc_id", "vpc-1", "block", unset{})), alone(at("aws_range.y", "vpc_id", "vpc-1", "block", unset{}))},
				Objects: []diff.Object{made("aws_range", "as-1", "vpc_id", "vpc-1", "block", "fd00::/56")}},
			[]string{"as-1 ? aws_range.x aws_range.y: it fits 2 addresses"}},
		"an address of which nothing is known takes nothing": {
			Input{Open: []Address{at("aws_route_table.x", "vpc_id", unknown{})}, Objects: []diff.Object{rtb("rtb-1")}},
			[]string{"rtb-1 ? aws_route_table.x: too little is known of the address before the apply to say that it belongs there"}},
		"an address that cannot be filled now still keeps its object from others": {
			Input{Open: []Address{blocked(table("aws_route_table.a"), "the old one is deleting")}, Bound: bound, Objects: []diff.Object{rtb("rtb-1")}},
			[]string{"rtb-1 ? aws_route_table.a: it cannot be imported there now: the old one is deleting"}},
		"a blocked look-alike makes a question of a match": {
			Input{Open: []Address{blocked(table("aws_route_table.a"), "the old one is deleting"), table("aws_route_table.b")}, Bound: bound, Objects: []diff.Object{rtb("rtb-1")}},
			[]string{"rtb-1 ? aws_route_table.a aws_route_table.b: it fits 2 addresses"}},
		"another region or account is another object": {
			Input{Open: []Address{elsewhere(vpcA, providers.Place{Account: here.Account, Region: "us-east-1"}), elsewhere(at("aws_vpc.b", "cidr_block", "10.0.0.0/16"),
				providers.Place{Account: "999999999999", Region: here.Region})}, Objects: []diff.Object{made("aws_vpc", "vpc-1", "cidr_block", "10.0.0.0/16")}},
			[]string{"vpc-1 -"}},
		"a place that is not established is not another place": {
			Input{Open: []Address{elsewhere(vpcA, providers.Place{Account: here.Account})}, Objects: []diff.Object{made("aws_vpc", "vpc-1", "cidr_block", "10.0.0.0/16")}},
			[]string{"vpc-1 ? aws_vpc.a: it cannot be imported there now: the account or region of the address cannot be established"}},
		"a plain value does not push an object to an address that another one wants": {
			Input{Open: []Address{at("aws_subnet.a", "vpc_id", "vpc-1", "hostname_type", "resource-name"), at("aws_subnet.b", "vpc_id", "vpc-1", "hostname_type", "ip-name"),
				at("aws_subnet.c", "vpc_id", "vpc-1", "hostname_type", "ip-name")},
				Objects: []diff.Object{made("aws_subnet", "subnet-1", "vpc_id", "vpc-1", "hostname_type", "ip-name"), made("aws_subnet", "subnet-2", "vpc_id", "vpc-1", "hostname_type", "ip-name")}},
			[]string{"subnet-1 ? aws_subnet.a aws_subnet.b aws_subnet.c: it fits 3 addresses", "subnet-2 ? aws_subnet.a aws_subnet.b aws_subnet.c: it fits 3 addresses"}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(c.want, lines(Solve(c.in))); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestTwinsAreToldOnlyWhereNothingTellsThemApart(t *testing.T) {
	base := func() Input {
		in := Input{Bound: map[string]providers.Attrs{"aws_vpc.a": attrs("id", "vpc-1")}}
		for i := range 2 {
			in.Open = append(in.Open, at(fmt.Sprintf("aws_route_table.t[%d]", i), "vpc_id", ref("aws_vpc.a.id")))
			in.Objects = append(in.Objects, made("aws_route_table", fmt.Sprintf("rtb-%d", i), "vpc_id", "vpc-1"))
		}
		return in
	}
	twins := []string{"rtb-0 -> aws_route_table.t[0] twin of aws_route_table.t[1]", "rtb-1 -> aws_route_table.t[1] twin of aws_route_table.t[0]"}
	if d := cmp.Diff(twins, lines(Solve(base()))); d != "" {
		t.Fatal(d)
	}
	one := base()
	one.Objects = one.Objects[1:]
	if d := cmp.Diff([]string{"rtb-1 -> aws_route_table.t[0] twin of aws_route_table.t[1]"}, lines(Solve(one))); d != "" {
		t.Error("fewer objects than addresses:", d)
	}
	for name, spoil := range map[string]func(*Input){
		"a live object refers to one":             func(in *Input) { in.Referenced = map[string]bool{"rtb-1": true} },
		"a root output refers to one":             func(in *Input) { in.Outputs = []string{"aws_route_table.t[0]"} },
		"something unseen refers to one":          func(in *Input) { in.Opaque = map[string]bool{"aws_route_table.t[1]": true} },
		"the objects differ":                      func(in *Input) { in.Objects[0].Attrs["route"] = []any{map[string]any{"cidr_block": "0.0.0.0/0"}} },
		"their requests differ":                   func(in *Input) { in.Objects[0] = asking(in.Objects[0], "Name", "x") },
		"more objects than addresses":             func(in *Input) { in.Objects = append(in.Objects, made("aws_route_table", "rtb-2", "vpc_id", "vpc-1")) },
		"one would release a living object":       func(in *Input) { in.Open[1].Occupied = true },
		"one cannot be filled now":                func(in *Input) { in.Open[1].Blocked = "it is deleting" },
		"they are of two resources":               func(in *Input) { in.Open[1].Wanted.Name = "u" },
		"they are of two module instances":        func(in *Input) { in.Open[1].Wanted.Module = `module.m["b"]` },
		"what they refer to is a question itself": func(in *Input) { unsettle(in) },
		"what the create call fixes is not known": func(in *Input) { in.Open[0] = at("aws_route_table.t[0]", "vpc_id", unknown{}) },
		"an unread reference keeps a third option": func(in *Input) {
			in.Open = append(in.Open, at("aws_route_table.t[2]", "vpc_id", ref("data.aws_vpc.x.id")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := base()
			spoil(&in)
			for _, m := range Solve(in).Matches {
				if m.Object.Type == "aws_route_table" {
					t.Errorf("%s was given %s", m.Object.ID, m.Address.Wanted.Address)
				}
			}
		})
	}
}

// unsettle makes the VPC of each table one of two that nothing tells apart.
func unsettle(in *Input) {
	in.Bound = nil
	for i := range 2 {
		in.Open[i] = at(fmt.Sprintf("aws_route_table.t[%d]", i), "vpc_id", ref(fmt.Sprintf("aws_vpc.v[%d].id", i)))
		in.Open = append(in.Open, at(fmt.Sprintf("aws_vpc.v[%d]", i), "cidr_block", "10.0.0.0/16"))
		in.Objects = append(in.Objects, made("aws_vpc", fmt.Sprintf("vpc-%d", i+1), "cidr_block", "10.0.0.0/16"))
		in.Objects[i].Attrs["vpc_id"] = "vpc-1"
	}
	in.Referenced = map[string]bool{"vpc-1": true}
}

func TestAQuestionSaysWhatWouldTellTheCandidatesApart(t *testing.T) {
	secret := at("aws_route_table.b", "vpc_id", "vpc-1", "tags_all", tags("Name", "hush"))
	secret.Wanted.Sensitive = []string{"tags_all"}
	got := Solve(Input{Open: []Address{at("aws_route_table.a", "vpc_id", "vpc-1", "tags_all", tags("Name", "a")), secret},
		Objects: []diff.Object{made("aws_route_table", "rtb-1", "vpc_id", "vpc-1")}})
	if len(got.Questions) != 1 || len(got.Questions[0].Candidates) != 2 {
		t.Fatalf("got %v", lines(got))
	}
	tells := [][]string{got.Questions[0].Candidates[0].Tells, got.Questions[0].Candidates[1].Tells}
	if d := cmp.Diff([][]string{{`tags_all = {"Name":"a"}`}, nil}, tells); d != "" {
		t.Error(d)
	}
}

func TestAlikeNamesTheAddressesThatAStrangerWouldFit(t *testing.T) {
	in := Input{Open: []Address{at("aws_subnet.a", "vpc_id", ref("aws_vpc.a.id"), "cidr_block", "10.0.1.0/24"), at("aws_internet_gateway.x", "vpc_id", ref("aws_vpc.b.id")),
		at("aws_vpc.a", "cidr_block", "10.0.0.0/16")}, Bound: map[string]providers.Attrs{"aws_vpc.b": attrs("id", "vpc-2")},
		Objects: []diff.Object{made("aws_vpc", "vpc-1", "cidr_block", "10.0.0.0/16"), made("aws_vpc", "vpc-3", "cidr_block", "10.0.0.0/16")}}
	strangers := []diff.Object{
		made("aws_subnet", "in an unsettled VPC", "vpc_id", "vpc-3", "cidr_block", "10.0.1.0/24"),
		made("aws_subnet", "in another VPC", "vpc_id", "vpc-9", "cidr_block", "10.0.1.0/24"),
		made("aws_internet_gateway", "attached there", "vpc_id", "vpc-2"),
		made("aws_internet_gateway", "attached nowhere", "vpc_id", ""),
	}
	got := map[string]string{}
	for k, as := range Alike(in, strangers) {
		for _, a := range as {
			got[k] += a.Wanted.Address
		}
	}
	want := map[string]string{"aws_subnet in an unsettled VPC": "aws_subnet.a", "aws_internet_gateway attached there": "aws_internet_gateway.x"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
