package match

import (
	"slices"
	"strings"

	"reconcile/internal/diff"
	"reconcile/internal/wanted"
	"reconcile/providers"
)

var here = providers.Place{Account: "123456789012", Region: "eu-west-1"}

// kinds are as small as the shapes need: hard references, hard values, facets,
// kinds with no hard attribute at all, references that a later call makes.
var kinds = providers.Kinds{
	{Type: "aws_vpc", Import: "{id}", Fixed: []string{"cidr_block"}, Compared: []string{"instance_tenancy", "tags_all"}},
	{Type: "aws_subnet", Import: "{id}", Fixed: []string{"vpc_id", "cidr_block"}, Compared: []string{"map_public_ip_on_launch", "hostname_type", "tags_all"}},
	{Type: "aws_route_table", Import: "{id}", Fixed: []string{"vpc_id"}, Compared: []string{"route", "tags_all"}, Inline: map[string][]string{"route": {"aws_route"}}},
	{Type: "aws_route_table_association", Import: "{id}", Fixed: []string{"subnet_id", "route_table_id"}},
	{Type: "aws_route", Identity: "{route_table_id}_{destination_cidr_block}", Facet: true, Compared: []string{"gateway_id"}},
	{Type: "aws_range", Import: "{id}", Facet: true, Fixed: []string{"vpc_id", "block"}},
	{Type: "aws_internet_gateway", Import: "{id}", Compared: []string{"vpc_id", "tags_all"}},
	{Type: "aws_eip", Import: "{id}", Fixed: []string{"network_border_group"}, Compared: []string{"tags_all"}},
	{Type: "aws_nat_gateway", Import: "{id}", Fixed: []string{"subnet_id", "allocation_id"}, Compared: []string{"tags_all"}},
	{Type: "aws_attachment", Import: "{id}", Fixed: []string{"vpc_id"}, Compared: []string{"subnet_ids", "dns_support", "tags_all"}},
}

// attrs makes attributes of "name value" pairs.
func attrs(pairs ...any) providers.Attrs {
	out := providers.Attrs{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i].(string)] = pairs[i+1]
	}
	return out
}

func tags(pairs ...string) map[string]any {
	out := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

// unknown marks an attribute that the plan does not know at all.
type unknown struct{}

// unset marks one that the configuration leaves to AWS.
type unset struct{}

// ref is what "aws_vpc.a.id" means; several are what an expression may mean.
func ref(targets ...string) wanted.Value {
	var v wanted.Value
	for _, t := range targets {
		dot := strings.LastIndexByte(t, '.')
		v.OneOf = append(v.OneOf, wanted.Target{Address: t[:dot], Attr: t[dot+1:]})
	}
	return v
}

func refs(targets ...string) wanted.Value {
	var v wanted.Value
	for _, t := range targets {
		v.Items = append(v.Items, ref(t))
	}
	return v
}

// at is an open address with "name value" pairs, a value being plain, a
// wanted.Value or unknown{}.
func at(address string, pairs ...any) Address {
	module, resource := "", address
	if i := strings.Index(address, "aws_"); i > 0 {
		module, resource = address[:i-1], address[i:]
	}
	typ, rest, _ := strings.Cut(resource, ".")
	name, _, _ := strings.Cut(rest, "[")
	k, _ := kinds.Find(typ)
	w := wanted.Instance{Address: address, Module: module, Type: typ, Name: name, Action: wanted.Create, Values: map[string]wanted.Value{}, Unknown: []string{"id"}}
	for i := 0; i < len(pairs); i += 2 {
		attr := pairs[i].(string)
		switch v := pairs[i+1].(type) {
		case unknown:
			w.Unknown = append(w.Unknown, attr)
		case unset:
			w.Unknown, w.Unset = append(w.Unknown, attr), append(w.Unset, attr)
		case wanted.Value:
			w.Values[attr] = v
			w.Unknown = append(w.Unknown, attr)
		default:
			w.Values[attr] = wanted.Value{Known: v}
		}
	}
	return Address{Wanted: w, Kind: k, Place: here}
}

// made is an object of the session.
func made(typ, id string, pairs ...any) diff.Object {
	k, _ := kinds.Find(typ)
	a := attrs(pairs...)
	a["id"] = id
	return diff.Object{Object: providers.Object{Type: typ, ID: id, Place: here, Attrs: a, Life: providers.Alive}, Kind: k, Maker: diff.BySession}
}

// asking adds the tags of the create request.
func asking(o diff.Object, pairs ...string) diff.Object {
	o.Tags = map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		o.Tags[pairs[i]] = pairs[i+1]
	}
	return o
}

// lines spells a result, a line an object, sorted: "vpc-1 -> aws_vpc.a".
func lines(r Result) []string {
	out := []string{}
	for _, m := range r.Matches {
		line := m.Object.ID + " -> " + m.Address.Wanted.Address
		if len(m.Twins) > 0 {
			line += " twin of " + strings.Join(m.Twins, " ")
		}
		out = append(out, line)
	}
	for _, q := range r.Questions {
		var as []string
		for _, c := range q.Candidates {
			as = append(as, c.Address.Wanted.Address)
		}
		out = append(out, q.Object.ID+" ? "+strings.Join(as, " ")+": "+q.Reason)
	}
	for _, o := range r.Unplaced {
		out = append(out, o.ID+" -")
	}
	slices.Sort(out)
	return out
}
