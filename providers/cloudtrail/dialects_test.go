package cloudtrail_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"reconcile/providers"
	"reconcile/providers/ec2"
)

var update = flag.Bool("update", false, "write the golden files anew")

// dialect writes the value at a path, from its last name outwards.
type dialect struct {
	name    string
	wrapped bool
	member  func(root, name string) string
	scalar  func(v any) any
	list    func(element any) any // what a name that ends in Set holds
}

func same(_, name string) string { return name }

// pascal is the wrapped dialect: request members as the API spells them,
// response members as the XML does.
func pascal(root, name string) string {
	if root == "req" {
		return strings.ToUpper(name[:1]) + name[1:]
	}
	return name
}

func plain(v any) any { return v }

var dialects = []dialect{
	{"flat", false, same, plain, func(e any) any { return object{"items": []any{e}} }},
	{"flat with a bare list", false, same, plain, func(e any) any { return []any{e} }},
	{"flat in lower case", false, func(_, n string) string { return strings.ToLower(n) }, plain, func(e any) any { return object{"items": []any{e}} }},
	{"wrapped", true, pascal, plain, func(e any) any { return object{"item": e} }},
	{"wrapped, one of many", true, pascal, plain, func(e any) any { return object{"item": []any{e}} }},
	{"wrapped, tagged", true, pascal, func(v any) any { return object{"tag": 1, "content": v} }, func(e any) any { return object{"item": e} }},
	{"wrapped, tagged array", true, pascal, func(v any) any { return []any{object{"tag": 1, "content": v}} }, func(e any) any { return []any{e} }},
	{"wrapped, members in another case", true, func(_, n string) string { return strings.ToUpper(n) }, plain, func(e any) any { return object{"item": e} }},
}

// write puts a value at "req.resourcesSet.resourceId" of a document.
func (d dialect) write(doc object, path string, v any) {
	names := strings.Split(path, ".")
	root, names := names[0], names[1:]
	value := d.scalar(v)
	for i := len(names) - 1; i > 0; i-- {
		value = object{d.member(root, names[i]): value}
		if strings.HasSuffix(names[i-1], "Set") {
			value = d.list(value)
		}
	}
	name := d.member(root, names[0])
	doc[name] = merged(doc[name], value)
}

// merged lays one value over another, members and elements one by one.
func merged(under, over any) any {
	switch o := over.(type) {
	case object:
		if u, ok := under.(object); ok {
			for k, v := range o {
				u[k] = merged(u[k], v)
			}
			return u
		}
	case []any:
		if u, ok := under.([]any); ok && len(u) == len(o) {
			for i := range o {
				u[i] = merged(u[i], o[i])
			}
			return u
		}
	}
	return over
}

func (d dialect) record(event string, values map[string]string) record {
	docs := map[string]object{"req": {}, "res": {"requestId": "x"}}
	for path, v := range values {
		root, _, _ := strings.Cut(path, ".")
		d.write(docs[root], path, v)
	}
	r := record{event: event, request: docs["req"], response: docs["res"]}
	if d.wrapped {
		docs["res"]["xmlns"] = "http://ec2.amazonaws.com/doc/2016-11-15/"
		r.request, r.response = object{event + "Request": docs["req"]}, object{event + "Response": docs["res"]}
	}
	return r
}

// value is what stands at a path: an id that tells which name it came from, or
// a destination.
func value(path string) string {
	switch name := path[strings.LastIndex(path, ".")+1:]; name {
	case "destinationCidrBlock":
		return "10.0.0.0/8"
	case "destinationIpv6CidrBlock":
		return "FD00:0::/8"
	default:
		return "the-" + name
	}
}

func TestBothDialectsOfEveryEventOfEveryRowSayTheSame(t *testing.T) {
	x := index()
	for _, k := range ec2.Kinds(ec2.Rows()) {
		for _, e := range k.Events {
			for _, names := range choices(e.ID) {
				values := map[string]string{}
				for _, path := range names {
					values[path] = value(path)
				}
				want := providers.Mutation{Type: k.Type, Role: e.Role,
					ID: e.ID.Expand(func(path string) string { return providers.Canon(values[path]) })}
				for _, d := range dialects {
					r := d.record(e.Name, values)
					r.with = object{"eventSource": e.From()}
					c := x.Call(r.decode(t))
					if !slices.ContainsFunc(c.Mutations, func(m providers.Mutation) bool { return m.Type == want.Type && m.ID == want.ID && m.Role == want.Role }) {
						t.Errorf("%s, %s %v: did\n%s\nwant %s %s %s", d.name, e.Name, names, lines(effects(c)), want.Type, want.ID, want.Role)
					}
				}
			}
		}
	}
}

// choices are the sets of paths that a record of an event can hold: one of the
// alternatives of each placeholder.
func choices(t providers.Template) [][]string {
	out := [][]string{nil}
	for part := range strings.SplitSeq(string(t), "{") {
		inner, _, ok := strings.Cut(part, "}")
		if !ok {
			continue
		}
		var next [][]string
		for _, name := range strings.Split(inner, "|") {
			for _, o := range out {
				if strings.HasPrefix(name, `"`) {
					next = append(next, o) // a literal stands in no record
					continue
				}
				next = append(next, append(slices.Clone(o), name))
			}
		}
		out = next
	}
	return out
}

func TestTheIndexOfEventsIsTheOneThatWasReviewed(t *testing.T) {
	var out []string
	for _, k := range ec2.Kinds(ec2.Rows()) {
		for _, e := range k.Events {
			out = append(out, fmt.Sprintf("%s\t%s\t%s\t%s", e.Name, e.Role, k.Type, e.ID))
		}
	}
	slices.Sort(out)
	golden(t, "events.golden", lines(out)+"\n")
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s, wanted against got (go test -update writes it anew):\n%s", name, diff)
	}
}

func TestRecordsOfOddShapes(t *testing.T) {
	routes := func(rtb, dest string) []string {
		return []string{"aws_default_route_table " + rtb + " changed", "aws_route " + rtb + "_" + dest + " created", "aws_route_table " + rtb + " changed"}
	}
	tgwTags := func(spec any) object {
		return object{"CreateTransitGatewayRequest": object{"TagSpecification": spec}}
	}
	tgw := object{"CreateTransitGatewayResponse": object{"transitGateway": object{"transitGatewayId": "tgw-1", "tagSet": "", "ownerId": 12345678}}}
	for _, c := range []struct {
		name string
		in   record
		want []string
		tags string
	}{
		{"tags cross resources and keys", record{event: "CreateTags", request: object{
			"resourcesSet": object{"items": []any{object{"resourceId": "vpc-1"}, object{"resourceId": "tgw-attach-2"}, object{"resourceId": "sg-3"}}},
			"tagSet":       object{"items": []any{object{"key": "Name", "value": "x"}, object{"key": "a,b"}}}}},
			[]string{
				"aws_default_security_group sg-3 changed", "aws_default_vpc vpc-1 changed",
				"aws_ec2_tag sg-3,Name created", "aws_ec2_tag sg-3,a,b created",
				"aws_ec2_tag tgw-attach-2,Name created", "aws_ec2_tag tgw-attach-2,a,b created",
				"aws_ec2_tag vpc-1,Name created", "aws_ec2_tag vpc-1,a,b created",
				"aws_ec2_transit_gateway_connect tgw-attach-2 changed",
				"aws_ec2_transit_gateway_peering_attachment tgw-attach-2 changed", "aws_ec2_transit_gateway_peering_attachment_accepter tgw-attach-2 changed",
				"aws_ec2_transit_gateway_vpc_attachment tgw-attach-2 changed", "aws_ec2_transit_gateway_vpc_attachment_accepter tgw-attach-2 changed",
				"aws_security_group sg-3 changed", "aws_vpc vpc-1 changed"}, ""},
		{"all tags of a resource are removed", record{event: "DeleteTags", request: object{
			"resourcesSet": object{"items": []any{object{"resourceId": "rtb-1"}}}, "tagSet": object{}}},
			[]string{"aws_default_route_table rtb-1 changed", "aws_route_table rtb-1 changed"}, ""},
		{"no request at all", record{event: "CreateInternetGateway", response: object{"internetGateway": object{"internetGatewayId": "igw-1"}}},
			[]string{"aws_internet_gateway igw-1 created"}, ""},
		{"a request that was too big", record{event: "CreateRoute", request: object{"omitted": true, "originalSize": 120000, "reason": "size"}, response: object{"_return": true}}, nil, ""},
		{"a response that was too big", record{event: "CreateVpc", response: object{"omitted": true}}, nil, ""},
		{"a response that is text", record{event: "CreateVpc", response: "vpc-1"}, nil, ""},
		{"an empty id", record{event: "DeleteVpc", request: object{"vpcId": ""}}, nil, ""},
		{"an IPv6 destination in capitals", record{event: "CreateRoute", request: object{"routeTableId": "rtb-1", "destinationIpv6CidrBlock": "FD00::/8"}}, routes("rtb-1", "fd00::/8"), ""},
		{"a prefix list", record{event: "CreateRoute", request: object{"routeTableId": "rtb-1", "destinationPrefixListId": "pl-1", "destinationCidrBlock": ""}}, routes("rtb-1", "pl-1"), ""},
		{"another service's call of the same name", record{event: "CreateVpc", response: object{"vpc": object{"vpcId": "vpc-1"}}, with: object{"eventSource": "lightsail.amazonaws.com"}}, nil, ""},
		{"a call that no kind knows", record{event: "CreateNetworkTap", response: object{"networkTap": object{"networkTapId": "tap-1"}}}, nil, ""},
		{"one tag, wrapped", record{event: "CreateTransitGateway", response: tgw,
			request: tgwTags(object{"ResourceType": "transit-gateway", "tag": 1, "Tag": object{"tag": 1, "Key": "Name", "Value": "hub"}})},
			[]string{"aws_ec2_transit_gateway tgw-1 created"}, "Name=hub"},
		{"many tags, wrapped and retyped", record{event: "CreateTransitGateway", response: tgw,
			request: tgwTags([]any{object{"ResourceType": "transit-gateway", "tag": 1, "Tag": []any{
				object{"tag": 1, "Key": "Managed", "Value": true}, object{"tag": 2, "Key": "Cost", "Value": json.Number("42")}, object{"tag": 3, "Key": "Empty", "Value": ""}}}})},
			[]string{"aws_ec2_transit_gateway tgw-1 created"}, "Cost=42 Empty= Managed=true"},
		{"an empty list of tags, wrapped", record{event: "CreateTransitGateway", response: tgw, request: tgwTags("")}, []string{"aws_ec2_transit_gateway tgw-1 created"}, ""},
		{"an empty list of tags, flat", record{event: "CreateVpc", response: object{"vpc": object{"vpcId": "vpc-1", "tagSet": object{}}}, request: object{"tagSpecificationSet": object{}}},
			[]string{"aws_vpc vpc-1 created"}, ""},
		{"a tag without a value, flat", record{event: "CreateVpc", response: object{"vpc": object{"vpcId": "vpc-1"}}, request: object{"tagSpecificationSet": object{"items": []any{
			object{"resourceType": "vpc", "tags": []any{object{"key": "Name", "value": "x"}, object{"key": "Empty", "value": ""}, object{"key": "None"}}}}}}},
			[]string{"aws_vpc vpc-1 created"}, "Empty= Name=x None="},
	} {
		t.Run(c.name, func(t *testing.T) {
			call := index().Call(c.in.decode(t))
			if diff := cmp.Diff(c.want, effects(call)); diff != "" {
				t.Errorf("wanted against got:\n%s", diff)
			}
			if call.Mapped != (len(c.want) > 0) {
				t.Errorf("mapped is %v", call.Mapped)
			}
			for _, m := range call.Mutations {
				if m.Role == providers.Created && m.Type != "aws_ec2_tag" && m.Type != "aws_route" && tagText(m.Tags) != c.tags {
					t.Errorf("tags %q, want %q", tagText(m.Tags), c.tags)
				}
			}
		})
	}
}

func TestCreateEventsAreThoseThatMakeAnObject(t *testing.T) {
	x := index()
	for typ, want := range map[string]string{
		"aws_vpc": "CreateVpc", "aws_route_table_association": "AssociateRouteTable ReplaceRouteTableAssociation",
		"aws_default_route_table": "", "aws_nothing": "",
	} {
		if got := strings.Join(x.CreateEvents(typ), " "); got != want {
			t.Errorf("%s is made by %q, want %q", typ, got, want)
		}
	}
}
