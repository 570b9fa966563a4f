package match

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"reconcile/internal/diff"
	"reconcile/providers"
)

// BenchmarkSolve is 2,000 and 5,000 objects on as many addresses, in 20 and 50
// VPCs, a third of them route tables that only their associations tell apart.
func BenchmarkSolve(b *testing.B) {
	b.Run("2000", func(b *testing.B) { benchmarkSolve(b, 20) })
	b.Run("5000", func(b *testing.B) { benchmarkSolve(b, 50) })
}

func benchmarkSolve(b *testing.B, vpcs int) {
	var in Input
	r := rand.New(rand.NewPCG(1, 2))
	add := func(address, id string, values map[string]string, pairs ...any) {
		in.Open = append(in.Open, at(address, pairs...))
		o := made(in.Open[len(in.Open)-1].Kind.Type, id)
		for k, v := range values {
			o.Attrs[k] = v
		}
		in.Objects = append(in.Objects, o)
	}
	for v := range vpcs {
		vpc, vid := fmt.Sprintf("aws_vpc.v[%d]", v), fmt.Sprintf("vpc-%d", v)
		add(vpc, vid, map[string]string{"cidr_block": fmt.Sprintf("10.%d.0.0/16", v)}, "cidr_block", fmt.Sprintf("10.%d.0.0/16", v))
		for n := range 33 {
			cidr, key := fmt.Sprintf("10.%d.%d.0/24", v, n), fmt.Sprintf("%d-%d", v, n)
			add("aws_subnet.s_"+key, "subnet-"+key, map[string]string{"vpc_id": vid, "cidr_block": cidr}, "vpc_id", ref(vpc+".id"), "cidr_block", cidr)
			add("aws_route_table.t_"+key, "rtb-"+key, map[string]string{"vpc_id": vid}, "vpc_id", ref(vpc+".id"))
			add("aws_route_table_association.a_"+key, "assoc-"+key, map[string]string{"subnet_id": "subnet-" + key, "route_table_id": "rtb-" + key},
				"subnet_id", ref("aws_subnet.s_"+key+".id"), "route_table_id", ref("aws_route_table.t_"+key+".id"))
		}
	}
	r.Shuffle(len(in.Objects), func(i, j int) { in.Objects[i], in.Objects[j] = in.Objects[j], in.Objects[i] })
	for b.Loop() {
		if got := Solve(in); len(got.Matches) != len(in.Objects) {
			b.Fatalf("%d of %d objects matched", len(got.Matches), len(in.Objects))
		}
	}
}

// BenchmarkSolveTwins is the worst graph: 2,000 tables of one VPC, nothing told.
func BenchmarkSolveTwins(b *testing.B) {
	in := Input{Bound: map[string]providers.Attrs{"aws_vpc.a": attrs("id", "vpc-1")}, Objects: []diff.Object{}}
	for n := range 2000 {
		in.Open = append(in.Open, at(fmt.Sprintf("aws_route_table.t[%d]", n), "vpc_id", ref("aws_vpc.a.id")))
		in.Objects = append(in.Objects, made("aws_route_table", fmt.Sprintf("rtb-%d", n), "vpc_id", "vpc-1"))
	}
	for b.Loop() {
		if got := Solve(in); len(got.Matches) != len(in.Objects) {
			b.Fatalf("%d of %d objects matched", len(got.Matches), len(in.Objects))
		}
	}
}

// BenchmarkSolveFamilies is 2,000 objects: in each of 100 VPCs ten tables that
// nothing tells apart, each with a route of its own.
func BenchmarkSolveFamilies(b *testing.B) {
	in := Input{Bound: map[string]providers.Attrs{}}
	for v := range 100 {
		vpc, vid := fmt.Sprintf("aws_vpc.v[%d]", v), fmt.Sprintf("vpc-%d", v)
		in.Bound[vpc] = attrs("id", vid)
		for n := range 10 {
			table, id := fmt.Sprintf("aws_route_table.t%d[%d]", v, n), fmt.Sprintf("rtb-%d-%d", v, n)
			in.Open = append(in.Open, at(table, "vpc_id", ref(vpc+".id")),
				at(fmt.Sprintf("aws_route.r%d[%d]", v, n), "route_table_id", ref(table+".id"), "destination_cidr_block", "0.0.0.0/0"))
			in.Objects = append(in.Objects, made("aws_route_table", id, "vpc_id", vid),
				made("aws_route", id+"_0.0.0.0/0", "route_table_id", id, "destination_cidr_block", "0.0.0.0/0"))
		}
	}
	for b.Loop() {
		if got := Solve(in); len(got.Matches) != len(in.Objects) {
			b.Fatalf("%d of %d objects matched", len(got.Matches), len(in.Objects))
		}
	}
}
