package match

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"reconcile/internal/diff"
	"reconcile/internal/wanted"
	"reconcile/providers"
)

// family is a count of n route tables, each with a default route of its own.
func family(n int) Input {
	in := Input{Bound: map[string]providers.Attrs{"aws_vpc.a": attrs("id", "vpc-1"), "aws_internet_gateway.g": attrs("id", "igw-1")}}
	for i := range n {
		table := fmt.Sprintf("aws_route_table.t[%d]", i)
		in.Open = append(in.Open, at(table, "vpc_id", ref("aws_vpc.a.id"), "route", unknown{}),
			at(fmt.Sprintf("aws_route.r[%d]", i), "route_table_id", ref(table+".id"), "destination_cidr_block", "0.0.0.0/0", "gateway_id", ref("aws_internet_gateway.g.id")))
	}
	return in
}

func (in *Input) table(id string, routed bool) {
	t := made("aws_route_table", id, "vpc_id", "vpc-1")
	in.Objects = append(in.Objects, t)
	if routed {
		t.Attrs["route"] = []any{map[string]any{"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}}
		in.Objects = append(in.Objects, made("aws_route", id+"_0.0.0.0/0", "route_table_id", id, "destination_cidr_block", "0.0.0.0/0", "gateway_id", "igw-1"))
	}
}

func TestTwinsTakeTheirDependantsAlong(t *testing.T) {
	for name, c := range map[string]struct {
		in   func() Input
		want []string
	}{
		"every table has its route": {func() Input {
			in := family(3)
			for _, id := range []string{"rtb-2", "rtb-0", "rtb-1"} {
				in.table(id, true)
			}
			return in
		}, []string{
			"rtb-0 -> aws_route_table.t[0] twin of aws_route_table.t[1] aws_route_table.t[2]", "rtb-0_0.0.0.0/0 -> aws_route.r[0] twin of aws_route.r[1] aws_route.r[2]",
			"rtb-1 -> aws_route_table.t[1] twin of aws_route_table.t[0] aws_route_table.t[2]", "rtb-1_0.0.0.0/0 -> aws_route.r[1] twin of aws_route.r[0] aws_route.r[2]",
			"rtb-2 -> aws_route_table.t[2] twin of aws_route_table.t[0] aws_route_table.t[1]", "rtb-2_0.0.0.0/0 -> aws_route.r[2] twin of aws_route.r[0] aws_route.r[1]"}},
		"only one table got as far as its route": {func() Input {
			in := family(2)
			in.table("rtb-0", false)
			in.table("rtb-1", true)
			return in
		}, []string{"rtb-0 -> aws_route_table.t[0] twin of aws_route_table.t[1]", "rtb-1 -> aws_route_table.t[1] twin of aws_route_table.t[0]",
			"rtb-1_0.0.0.0/0 -> aws_route.r[1] twin of aws_route.r[0]"}},
		"one table of three was made": {func() Input {
			in := family(3)
			in.table("rtb-9", true)
			return in
		}, []string{"rtb-9 -> aws_route_table.t[0] twin of aws_route_table.t[1] aws_route_table.t[2]", "rtb-9_0.0.0.0/0 -> aws_route.r[0] twin of aws_route.r[1] aws_route.r[2]"}},
		"addresses and the gateways on them, of which one was made": {func() Input {
			var in Input
			in.Bound = map[string]providers.Attrs{"aws_subnet.s": attrs("id", "subnet-1")}
			for i := range 2 {
				ip := fmt.Sprintf("aws_eip.e[%d]", i)
				in.Open = append(in.Open, at(ip), at(fmt.Sprintf("aws_nat_gateway.n[%d]", i), "subnet_id", ref("aws_subnet.s.id"), "allocation_id", ref(ip+".id")))
			}
			in.Objects = []diff.Object{made("aws_eip", "eip-1"), made("aws_eip", "eip-2"), made("aws_nat_gateway", "nat-1", "subnet_id", "subnet-1", "allocation_id", "eip-2")}
			return in
		}, []string{"eip-1 -> aws_eip.e[0] twin of aws_eip.e[1]", "eip-2 -> aws_eip.e[1] twin of aws_eip.e[0]", "nat-1 -> aws_nat_gateway.n[1] twin of aws_nat_gateway.n[0]"}},
		"what AWS fixes by itself is the same at every address": {func() Input {
			in := Input{Bound: map[string]providers.Attrs{}}
			for i := range 3 {
				in.Open = append(in.Open, at(fmt.Sprintf("aws_eip.e[%d]", i), "network_border_group", unset{}, "tags_all", tags("Team", "net")))
			}
			for _, id := range []string{"eip-1", "eip-2"} {
				in.Objects = append(in.Objects, asking(made("aws_eip", id, "network_border_group", "eu-west-1", "tags_all", tags("Team", "net")), "Team", "net"))
			}
			return in
		}, []string{"eip-1 -> aws_eip.e[0] twin of aws_eip.e[1] aws_eip.e[2]", "eip-2 -> aws_eip.e[1] twin of aws_eip.e[0] aws_eip.e[2]"}},
		"VPCs with subnets and tables": {func() Input {
			var in Input
			for i := range 2 {
				vpc, id := fmt.Sprintf("aws_vpc.v[%d]", i), fmt.Sprintf("vpc-%d", i)
				in.Open = append(in.Open, at(vpc, "cidr_block", "10.0.0.0/16"), at(fmt.Sprintf("aws_subnet.s[%d]", i), "vpc_id", ref(vpc+".id"), "cidr_block", "10.0.1.0/24"),
					at(fmt.Sprintf("aws_route_table.t[%d]", i), "vpc_id", ref(vpc+".id")))
				in.Objects = append(in.Objects, made("aws_vpc", id, "cidr_block", "10.0.0.0/16"), made("aws_subnet", fmt.Sprintf("subnet-%d", 9-i), "vpc_id", id, "cidr_block", "10.0.1.0/24"))
			}
			in.Objects = append(in.Objects, made("aws_route_table", "rtb-1", "vpc_id", "vpc-1"))
			return in
		}, []string{"rtb-1 -> aws_route_table.t[1] twin of aws_route_table.t[0]", "subnet-8 -> aws_subnet.s[1] twin of aws_subnet.s[0]", "subnet-9 -> aws_subnet.s[0] twin of aws_subnet.s[1]",
			"vpc-0 -> aws_vpc.v[0] twin of aws_vpc.v[1]", "vpc-1 -> aws_vpc.v[1] twin of aws_vpc.v[0]"}},
	} {
		t.Run(name, func(t *testing.T) {
			in := c.in()
			got := Solve(in)
			if d := cmp.Diff(c.want, lines(got)); d != "" {
				t.Error(d)
			}
			live := map[string]providers.Attrs{}
			for a, b := range in.Bound {
				live[a] = b
			}
			for _, m := range got.Matches {
				live[m.Address.Wanted.Address] = m.Object.Attrs
			}
			for _, m := range got.Matches {
				for attr, v := range m.Address.Wanted.Values {
					if len(v.OneOf) == 1 && live[v.OneOf[0].Address].Text(v.OneOf[0].Attr) != m.Object.Attrs.Text(attr) {
						t.Errorf("%s at %s: its %s is not what the address refers to", m.Object.ID, m.Address.Wanted.Address, attr)
					}
				}
			}
		})
	}
}

func TestTwinsWithDependantsAreRefusedWhereTheChoiceMatters(t *testing.T) {
	base := func() Input {
		in := family(2)
		in.table("rtb-0", false)
		in.table("rtb-1", true)
		return in
	}
	route := func(in *Input, n int) *wanted.Instance { return &in.Open[2*n+1].Wanted }
	for name, spoil := range map[string]func(*Input){
		"the routes go to different places": func(in *Input) { route(in, 0).Values["gateway_id"] = wanted.Value{Known: "igw-2"} },
		"only one of the tables has a route of its own": func(in *Input) {
			in.Open = in.Open[:3]
		},
		"which table a route is for is not known": func(in *Input) {
			for n := range 2 {
				route(in, n).Values["route_table_id"] = ref("aws_route_table.t[0].id", "aws_route_table.t[1].id")
			}
		},
		"which VPC a table is in is set, and not known": func(in *Input) {
			for n := range 2 {
				in.Open[2*n].Wanted.Unknown = append(in.Open[2*n].Wanted.Unknown, "vpc_id")
				delete(in.Open[2*n].Wanted.Values, "vpc_id")
			}
		},
		"the state holds what refers to one": func(in *Input) { in.Referenced = map[string]bool{"rtb-1": true} },
		"an output tells the route of one":   func(in *Input) { in.Outputs = []string{"aws_route.r[1]"} },
		"something unseen uses the route":    func(in *Input) { in.Opaque = map[string]bool{"aws_route.r[0]": true} },
		"the route of one cannot be imported": func(in *Input) {
			in.Open[3].Blocked = "it is not known what is there"
		},
		"something refers to a table in a way that the configuration does not tell": func(in *Input) {
			in.Open = append(in.Open, at("aws_attachment.x", "vpc_id", ref("aws_vpc.a.id")))
			in.Objects = append(in.Objects, made("aws_attachment", "att-1", "vpc_id", "vpc-1", "table", "rtb-1"))
		},
		"one of the tables shows an inline route that no address wants": func(in *Input) {
			in.Objects = append(in.Objects, made("aws_route", "rtb-0_10.9.0.0/16", "route_table_id", "rtb-0", "destination_cidr_block", "10.9.0.0/16", "gateway_id", "rtb-1"))
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
