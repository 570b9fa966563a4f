package ec2

import (
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// listRouteTables is shared by tables, routes and associations: AWS answers
// all three in one document, at most 100 tables a page.
func listRouteTables() *listing {
	return paged(sdk.NewDescribeRouteTablesPaginator,
		func(q query) *sdk.DescribeRouteTablesInput {
			return &sdk.DescribeRouteTablesInput{Filters: q.filters(), MaxResults: new(int32(100))}
		},
		func(o *sdk.DescribeRouteTablesOutput) []types.RouteTable { return o.RouteTables })
}

func routeTableRow(list *listing) Row {
	return one(providers.Kind{
		Type: "aws_route_table", Import: "{id}", Prefix: "rtb-", Account: "owner_id", NotFound: tableNotFound,
		Wait:     providers.Wait{Call: "DescribeRouteTables", Names: "{id}", Times: 2},
		Parents:  []string{"vpc_id"},
		Fixed:    []string{"vpc_id"},
		Compared: []string{"propagating_vgws", "route", "tags_all"},
		Inline:   map[string][]string{"route": {"aws_route"}, "propagating_vgws": {"aws_vpn_gateway_route_propagation"}},
		Events: append([]providers.Event{
			{Name: "CreateRouteTable", Role: providers.Created, ID: "{res.routeTable.routeTableId}"},
			{Name: "DeleteRouteTable", Role: providers.Deleted, ID: "{req.routeTableId}"},
		}, changesOfRouteTable()...),
		IfSkipped: "the next apply makes a second table; the first one, with the routes and associations already in it, stays behind unmanaged",
		Again:     providers.Again{Outcome: providers.Second, How: providers.Shown},
	}, list, look{filter: "route-table-id", value: "{id}", count: "length(RouteTables)"}, routeTableObject)
}

func defaultRouteTableRow(list *listing) Row {
	return row(providers.Kind{
		Type: "aws_default_route_table", Import: "{vpc_id}", Prefix: "rtb-", Account: "owner_id", Facet: true, NotFound: tableNotFound,
		Parents:   []string{"vpc_id"},
		Fixed:     []string{"default_route_table_id"},
		Takes:     providers.Wait{Call: "DescribeRouteTables", Names: "{id}", Times: 1},
		Compared:  []string{"propagating_vgws", "route", "tags_all"},
		Inline:    map[string][]string{"route": {"aws_route"}, "propagating_vgws": {"aws_vpn_gateway_route_propagation"}},
		Events:    changesOfRouteTable(),
		IfSkipped: "the next apply adopts the table: it first removes every route in it and then makes those of the configuration, a short outage; an import leaves them in place",
		Again:     providers.Again{Outcome: providers.Same, How: providers.Shown},
	}, list, look{filter: "route-table-id", value: "{id}", count: "length(RouteTables)"},
		func(t types.RouteTable, at place) []providers.Object {
			if !isMain(t) {
				return nil
			}
			o := routeTableObject(t, at)
			o.Attrs["default_route_table_id"] = o.Attrs["id"]
			return []providers.Object{o}
		})
}

func changesOfRouteTable() []providers.Event {
	var out []providers.Event
	for _, name := range []string{"CreateRoute", "ReplaceRoute", "DeleteRoute", "EnableVgwRoutePropagation", "DisableVgwRoutePropagation"} {
		out = append(out, providers.Event{Name: name, Role: providers.Changed, ID: "{req.routeTableId}"})
	}
	return out
}

func isMain(t types.RouteTable) bool {
	return slices.ContainsFunc(t.Associations, func(a types.RouteTableAssociation) bool { return yes(a.Main) })
}

func routeTableObject(t types.RouteTable, at place) providers.Object {
	var vgws, routes []any
	for _, v := range t.PropagatingVgws {
		vgws = append(vgws, text(v.GatewayId))
	}
	for _, r := range t.Routes {
		if !isManagedRoute(r) || r.Origin == types.RouteOriginCreateRouteTable {
			continue
		}
		in := targets(r)
		in["cidr_block"], in["ipv6_cidr_block"] = text(r.DestinationCidrBlock), text(r.DestinationIpv6CidrBlock)
		in["destination_prefix_list_id"] = text(r.DestinationPrefixListId)
		routes = append(routes, in)
	}
	id := text(t.RouteTableId)
	return providers.Object{Implicit: isMain(t), Attrs: providers.Attrs{
		"id": id, "arn": at.arn("route-table", id), "owner_id": text(t.OwnerId), "vpc_id": text(t.VpcId),
		"propagating_vgws": vgws, "route": routes, "tags_all": tagsAll(t.Tags),
	}}
}

// isManagedRoute leaves out what no aws_route can be: routes that a VPN
// gateway propagates, and those of a gateway endpoint.
func isManagedRoute(r types.Route) bool {
	endpoint := strings.HasPrefix(text(r.DestinationPrefixListId), "pl-") && strings.HasPrefix(text(r.GatewayId), "vpce-")
	return r.Origin != types.RouteOriginEnableVgwRoutePropagation && !endpoint
}

// targets are a route's targets in the provider's terms: a gateway load
// balancer endpoint comes back as a gateway id.
func targets(r types.Route) map[string]any {
	out := map[string]any{
		"carrier_gateway_id": text(r.CarrierGatewayId), "core_network_arn": text(r.CoreNetworkArn),
		"egress_only_gateway_id": text(r.EgressOnlyInternetGatewayId), "local_gateway_id": text(r.LocalGatewayId),
		"nat_gateway_id": text(r.NatGatewayId), "network_interface_id": text(r.NetworkInterfaceId),
		"transit_gateway_id": text(r.TransitGatewayId), "vpc_peering_connection_id": text(r.VpcPeeringConnectionId),
		"gateway_id": "", "vpc_endpoint_id": "",
	}
	if g := text(r.GatewayId); strings.HasPrefix(g, "vpce-") {
		out["vpc_endpoint_id"] = g
	} else {
		out["gateway_id"] = g
	}
	return out
}

func yes(p *bool) bool { return p != nil && *p }
