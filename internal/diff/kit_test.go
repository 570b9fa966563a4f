package diff

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"reconcile/internal/statefile"
	"reconcile/providers"
)

const (
	account1 = "111111111111"
	account2 = "222222222222"
	aws      = "registry.terraform.io/hashicorp/aws"
)

var (
	west     = providers.Place{Account: account1, Region: "eu-west-1"}
	errLater = errors.New("RequestLimitExceeded")
	noon     = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
)

var kinds = providers.Kinds{
	{Type: "aws_vpc", Account: "owner_id", Compared: []string{"tags_all"}, Events: []providers.Event{{Name: "CreateVpc", Role: providers.Created}}},
	{Type: "aws_route_table", Account: "owner_id", Parents: []string{"vpc_id"}, Compared: []string{"route", "tags_all"}, Inline: map[string][]string{"route": {"aws_route"}},
		Events: []providers.Event{{Name: "CreateRouteTable", Role: providers.Created}}},
	{Type: "aws_default_route_table", Parents: []string{"vpc_id"}, Facet: true, Events: []providers.Event{{Name: "CreateRoute", Role: providers.Changed}}},
	{Type: "aws_route", Identity: "{route_table_id}_{destination}", Parents: []string{"route_table_id"}, Compared: []string{"gateway_id"}, Facet: true,
		Events: []providers.Event{{Name: "CreateRoute", Role: providers.Created}}},
	{Type: "aws_address", Compared: []string{"network_interface"}, SetBy: map[string][]providers.Argument{"network_interface": {{Type: "aws_gateway", Name: "allocation_id"}}}},
	{Type: "aws_gateway"},
	{Type: "aws_attachment", Parents: []string{"vpc_id", "transit_gateway_id"}},
}

// recorded is an instance of the state; alias "" is the default provider.
func recorded(address, alias string, attrs map[string]any) statefile.Instance {
	typ, name, _ := strings.Cut(address, ".")
	text, err := json.Marshal(attrs)
	if err != nil {
		text = nil
	}
	return statefile.Instance{Address: address, Mode: statefile.Managed, Type: typ, Name: name, Provider: statefile.Provider{Source: aws, Alias: alias}, Attributes: text}
}

func state(instances ...statefile.Instance) *statefile.State {
	return &statefile.State{Instances: instances}
}

func alive(typ, id string, attrs providers.Attrs) providers.Object {
	if attrs == nil {
		attrs = providers.Attrs{}
	}
	attrs["id"] = id
	return providers.Object{Type: typ, Place: west, ID: id, Attrs: attrs, Life: providers.Alive}
}

func covered(typ string, s providers.Status) providers.Coverage {
	return providers.Coverage{Type: typ, Place: west, Status: s}
}

// call is one event, seconds after noon: "created aws_vpc vpc-1".
func call(second int, by, what string) providers.Call {
	f := strings.Fields(what)
	return providers.Call{EventID: fmt.Sprintf("%s-%d-%s", by, second, f[0]), Time: noon.Add(time.Duration(second) * time.Second), Place: west, By: providers.Principal{ARN: "arn:aws:iam::" + account1 + ":role/" + by},
		Mutations: []providers.Mutation{{Type: f[1], ID: f[2], Role: providers.Role(f[0])}}}
}
