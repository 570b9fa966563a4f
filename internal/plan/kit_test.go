package plan

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"reconcile/internal/diff"
	"reconcile/internal/statefile"
	"reconcile/internal/wanted"
	"reconcile/providers"
)

const (
	account = "111111111111"
	source  = "registry.terraform.io/hashicorp/aws"
)

var (
	west = providers.Place{Account: account, Region: "eu-west-1"}
	noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
)

func confirm(a providers.Attrs) []string {
	if a.Text("id") == "" {
		return nil
	}
	return []string{"ec2", "describe", a.Text("id")}
}

func created(names ...string) []providers.Event {
	var out []providers.Event
	for _, n := range names {
		out = append(out, providers.Event{Name: n, Role: providers.Created})
	}
	return out
}

var kinds = providers.Kinds{
	{Type: "aws_vpc", Import: "{id}", Account: "owner_id", Lost: []string{"ipv4_ipam_pool_id"}, Fixed: []string{"cidr_block"}, Compared: []string{"tags_all"}, Events: append(created("CreateVpc"), providers.Event{Name: "DeleteVpc", Role: providers.Deleted, ID: "{req.vpcId}"}), Confirm: confirm, IfSkipped: "a second VPC"},
	{Type: "aws_route_table", Import: "{id}", Account: "owner_id", Parents: []string{"vpc_id"}, Fixed: []string{"vpc_id"}, Compared: []string{"tags_all"}, Events: created("CreateRouteTable"), Confirm: confirm, IfSkipped: "a second table"},
	{Type: "aws_subnet", Import: "{id}", Account: "owner_id", Parents: []string{"vpc_id"}, Fixed: []string{"vpc_id", "cidr_block"}, Events: created("CreateSubnet"), Confirm: confirm, IfSkipped: "InvalidSubnet.Conflict"},
	{Type: "aws_route", Identity: "{route_table_id}_{destination}", Import: "{route_table_id}_{destination}", Facet: true, Parents: []string{"route_table_id"}, Compared: []string{"gateway_id"}, Events: created("CreateRoute"), IfSkipped: "RouteAlreadyExists"},
	{Type: "aws_main_route_table_association", Facet: true, NoImport: "Terraform cannot import this type. Applying again is safe", Again: providers.Again{Outcome: providers.Same}, Parents: []string{"vpc_id"}, Fixed: []string{"vpc_id"}, Events: created("ReplaceRouteTableAssociation"), Confirm: confirm},
	{Type: "aws_vpn_gateway_attachment", Facet: true, NoImport: "Terraform cannot import this type. AWS may refuse to make it again", Parents: []string{"vpc_id"}, Fixed: []string{"vpc_id"}, Events: created("AttachVpnGateway"), Confirm: confirm},
}

// incident is a report's input while it is put together.
type incident struct {
	state   statefile.State
	want    wanted.Wanted
	noPlan  bool
	reading diff.Reading
	in      Input
	kinds   providers.Kinds // nil: the usual ones
}

// newIncident is one in which everything was read and nothing is there.
func newIncident() *incident {
	c := &incident{reading: diff.Reading{Caller: providers.Caller{Account: account, ARN: "arn:aws:sts::" + account + ":assumed-role/oncall/me"}, Looks: diff.Looks{},
		Trail: providers.Trail{Source: "CloudTrail LookupEvents", CompleteUntil: noon.Add(time.Hour)}}}
	c.want.Providers = map[string]wanted.Provider{"aws": {Source: source, Region: west.Region, RegionSet: true}}
	for _, k := range kinds {
		c.reading.Inventory.Coverage = append(c.reading.Inventory.Coverage, providers.Coverage{Type: k.Type, Place: west, Status: providers.Read, Action: "ec2:Describe"})
		c.reading.Looks[diff.LookKey{Type: k.Type, Place: west}] = diff.Look{}
	}
	return c
}

func attrs(pairs ...any) providers.Attrs {
	out := providers.Attrs{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i].(string)] = pairs[i+1]
	}
	return out
}

func split(address string) (typ, name string, key any) {
	address = address[strings.Index(address, "aws_"):]
	typ, rest, _ := strings.Cut(address, ".")
	name, index, has := strings.Cut(strings.TrimSuffix(rest, "]"), "[")
	if has {
		var n float64
		if _, err := fmt.Sscan(index, &n); err == nil {
			key = n
		}
	}
	return typ, name, key
}

// recorded puts an instance into the state. Its last word may be "tainted" or
// a deposed key.
func (c *incident) recorded(address, mark string, a providers.Attrs) {
	typ, name, key := split(address)
	a["owner_id"], a["arn"] = account, "arn:aws:ec2:"+west.Region+":"+account+":x/y"
	text, err := json.Marshal(a)
	if err != nil {
		text = nil
	}
	i := statefile.Instance{Address: address, Mode: statefile.Managed, Type: typ, Name: name, Key: key, Provider: statefile.Provider{Source: source}, Attributes: text}
	switch mark {
	case "tainted":
		i.Tainted = true
	default:
		i.Deposed = mark
	}
	c.state.Instances = append(c.state.Instances, i)
}

// wanted adds an address of the plan. A value that begins with "=" refers:
// "=aws_vpc.a.id".
func (c *incident) wanted(address string, action wanted.Action, prior string, pairs ...any) *wanted.Instance {
	typ, name, key := split(address)
	w := wanted.Instance{Address: address, Type: typ, Name: name, Key: key, ProviderKey: "aws", Source: source, Action: action, PriorID: prior,
		Values: map[string]wanted.Value{}, Unknown: []string{"id"}}
	for i := 0; i < len(pairs); i += 2 {
		attr := pairs[i].(string)
		text, _ := pairs[i+1].(string)
		if target, refers := strings.CutPrefix(text, "="); refers {
			dot := strings.LastIndexByte(target, '.')
			w.Values[attr] = wanted.Value{OneOf: []wanted.Target{{Address: target[:dot], Attr: target[dot+1:]}}}
			w.DependsOn = append(w.DependsOn, target[:dot])
			continue
		}
		w.Values[attr] = wanted.Value{Known: pairs[i+1]}
	}
	c.want.Instances = append(c.want.Instances, w)
	return &c.want.Instances[len(c.want.Instances)-1]
}

// live puts an object into AWS.
func (c *incident) live(typ, id string, a providers.Attrs) *providers.Object {
	a["id"] = id
	c.reading.Inventory.Objects = append(c.reading.Inventory.Objects, providers.Object{Type: typ, Place: west, ID: id, Attrs: a, Life: providers.Alive, State: "available"})
	return &c.reading.Inventory.Objects[len(c.reading.Inventory.Objects)-1]
}

// event is a call of the session, or of whoever else is named.
func (c *incident) event(by string, second int, what string) {
	f := strings.Fields(what)
	e := providers.Call{EventID: fmt.Sprintf("%s-%02d-%s", by, second, f[2]), Name: f[0], Source: "ec2.amazonaws.com", Time: noon.Add(time.Duration(second) * time.Second), Place: west,
		By: providers.Principal{ARN: "arn:aws:iam::" + account + ":role/" + by, Session: "run-7"}, Mapped: true,
		Mutations: []providers.Mutation{{Type: f[1], ID: f[2], Role: providers.Role(strings.ToLower(f[0]))}}}
	t := &c.reading.Trail
	switch by {
	case "ci":
		t.Own = append(t.Own, e)
	case "unclear":
		t.Unclear = append(t.Unclear, e)
	default:
		t.Others = append(t.Others, e)
	}
}

// made is an object of the session with its event.
func (c *incident) made(second int, typ, id string, a providers.Attrs) *providers.Object {
	c.event("ci", second, "Created "+typ+" "+id)
	return c.live(typ, id, a)
}

func (c *incident) coverage(typ string, s providers.Status) {
	for n := range c.reading.Inventory.Coverage {
		if v := &c.reading.Inventory.Coverage[n]; v.Type == typ {
			v.Status, v.Error = s, "UnauthorizedOperation"
		}
	}
}

func (c *incident) build() *Report { return Build(c.input()) }

func (c *incident) input() Input {
	in, ks := c.in, kinds
	if c.kinds != nil {
		ks = c.kinds
	}
	in.Incident, in.Tool, in.GeneratedAt = "INC-1", Tool{"reconcile", "test"}, noon.Add(2*time.Hour)
	w := &c.want
	if c.noPlan {
		w = nil
	}
	in.Subject, in.Reading = diff.NewSubject(&c.state, w, ks, west.Region, nil), c.reading
	return in
}
