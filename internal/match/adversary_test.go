package match

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// hardWorld is a larger network that means ill: modules with for_each, count
// with dependants, chains of references, lists of them, gateways that are
// attached later, objects that are half made, renamed or made twice, and
// wanted values as few as a configuration without its plan tells.
func hardWorld(pick func(int, string) int) *world {
	w := emptyWorld(pick)
	if w.chance(40, "no plan") {
		w.vague, w.untold, w.planless = 25, 25, true
	}
	names := func(typ string, low, high int) []string {
		form := []string{"%s.x[%d]", "%s.x%d", `module.m["%[2]d"].%[1]s.x`, `module.m["%[2]d"].%[1]s.x[0]`}[pick(4, "form")]
		var out []string
		for i := range low + pick(high-low+1, typ) {
			out = append(out, fmt.Sprintf(form, typ, i))
		}
		return out
	}
	one := func(of []string, i int) string {
		if w.chance(60, "by index") {
			return of[i%len(of)]
		}
		return of[pick(len(of), "one")]
	}
	cidr := func() string { return []string{"10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"}[pick(3, "cidr")] }
	vpcs := names("aws_vpc", 1, 3)
	for _, a := range vpcs {
		w.add(a, field{attr: "cidr_block", known: cidr()}, field{attr: "instance_tenancy", known: "default", later: true})
	}
	subnets := names("aws_subnet", 1, 4)
	for i, a := range subnets {
		w.add(a, field{attr: "vpc_id", ref: one(vpcs, i)}, field{attr: "cidr_block", known: cidr()}, field{attr: "map_public_ip_on_launch", known: w.chance(50, "public"), later: true})
	}
	tables := names("aws_route_table", 0, 4)
	for i, a := range tables {
		w.add(a, field{attr: "vpc_id", ref: one(vpcs, i)})
	}
	if len(tables) > 0 {
		for i, a := range names("aws_route_table_association", 0, 4) {
			w.add(a, field{attr: "subnet_id", ref: one(subnets, i)}, field{attr: "route_table_id", ref: one(tables, i)})
		}
	}
	gateways := names("aws_internet_gateway", 0, 3)
	for i, a := range gateways {
		w.add(a, field{attr: "vpc_id", ref: one(vpcs, i), later: true})
	}
	addresses := names("aws_eip", 0, 4)
	for _, a := range addresses {
		w.add(a, field{attr: "network_border_group", known: "eu-west-1", unset: true})
	}
	if len(addresses) > 0 {
		for i, a := range names("aws_nat_gateway", 0, 4) {
			w.add(a, field{attr: "subnet_id", ref: one(subnets, i)}, field{attr: "allocation_id", ref: one(addresses, i)})
		}
	}
	for i, a := range names("aws_attachment", 0, 3) {
		f := field{attr: "subnet_ids", later: true}
		for n := range 1 + pick(2, "subnets") {
			f.refs = append(f.refs, one(subnets, i+n))
		}
		slices.Sort(f.refs)
		f.refs = slices.Compact(f.refs)
		w.add(a, field{attr: "vpc_id", ref: one(vpcs, i)}, f, field{attr: "dns_support", known: w.chance(50, "dns"), later: true})
	}
	// Routes of their own in some tables, and inline ones in others.
	if len(tables) > 0 {
		inline := map[string]bool{}
		for _, a := range tables {
			inline[a] = w.chance(30, "inline")
		}
		destinations := []string{"0.0.0.0/0", "10.9.0.0/16"}
		for i, a := range names("aws_route", 0, 4) {
			t := one(tables, i)
			if inline[t] {
				continue
			}
			fields := []field{{attr: "route_table_id", ref: t}, {attr: "destination_cidr_block", known: destinations[pick(2, "destination")]}}
			if len(gateways) > 0 {
				fields = append(fields, field{attr: "gateway_id", ref: one(gateways, i), later: true})
			}
			w.add(a, fields...)
		}
		for _, a := range tables {
			if id := w.ids[a]; inline[a] && id != "" && w.chance(70, "routed") {
				d := destinations[pick(2, "destination")]
				w.in.Objects = append(w.in.Objects, made("aws_route", id+"_"+d, "route_table_id", id, "destination_cidr_block", d))
			}
		}
	}
	w.rename()
	w.strangers()
	w.finish()
	return w
}

// rename gives some objects whose create request is known other live tags:
// those of a sibling, or of nobody.
func (w *world) rename() {
	for n, o := range w.in.Objects {
		if len(o.Tags) == 0 || !w.chance(10, "renamed") {
			continue
		}
		tags := map[string]any{"Name": "renamed"}
		if p := w.in.Objects[w.pick(len(w.in.Objects), "like")]; p.Attrs["tags_all"] != nil {
			tags, _ = p.Attrs["tags_all"].(map[string]any)
		}
		a := maps.Clone(o.Attrs)
		a["tags_all"] = tags
		w.in.Objects[n].Attrs = a
	}
}

func TestNoHardWorldMakesAWrongMatch(t *testing.T) {
	tally := &tally{}
	for seed := range uint64(worlds()) {
		r := rand.New(rand.NewPCG(seed, 11))
		tally.judge(t, seed, hardWorld(func(n int, _ string) int { return r.IntN(n) }))
	}
	tally.say(t)
}

func TestNoDrawnHardWorldMakesAWrongMatch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := hardWorld(drawn(t))
		r := Solve(w.in)
		if err := w.check(r); err != nil {
			t.Fatalf("%v\n%v\n%v", err, lines(r), w)
		}
	})
}
