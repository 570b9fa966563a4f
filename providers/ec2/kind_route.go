package ec2

import (
	"hash/crc32"
	"maps"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

const destination = "{destination_cidr_block|destination_ipv6_cidr_block|destination_prefix_list_id}"

func routeRow(list *listing) Row {
	const id = "{req.routeTableId}_{req.destinationCidrBlock|req.destinationIpv6CidrBlock|req.destinationPrefixListId}"
	return row(providers.Kind{
		Type: "aws_route", Identity: "{route_table_id}_" + destination, Import: "{route_table_id}_" + destination, Facet: true,
		Wait:     providers.Wait{Call: "DescribeRouteTables", Names: "{route_table_id}", Times: 2},
		StateID:  routeStateID,
		Parents:  []string{"route_table_id"},
		Compared: slices.Sorted(maps.Keys(targets(types.Route{}))),
		Events: []providers.Event{
			{Name: "CreateRoute", Role: providers.Created, ID: id},
			{Name: "ReplaceRoute", Role: providers.Changed, ID: id},
			{Name: "DeleteRoute", Role: providers.Deleted, ID: id},
		},
		IfSkipped: "the next apply fails with RouteAlreadyExists",
		Again:     providers.Again{Outcome: providers.Refused, Code: "RouteAlreadyExists", How: providers.Shown},
	}, list, look{filter: "route-table-id", value: "{route_table_id}",
		count: "length(RouteTables[].Routes[?DestinationCidrBlock==" + destination + " || DestinationIpv6CidrBlock==" + destination +
			" || DestinationPrefixListId==" + destination + "][])"},
		func(t types.RouteTable, at place) []providers.Object {
			var out []providers.Object
			for _, r := range t.Routes {
				if !isManagedRoute(r) {
					continue
				}
				a := providers.Attrs(targets(r))
				a["route_table_id"] = text(t.RouteTableId)
				a["destination_cidr_block"] = text(r.DestinationCidrBlock)
				a["destination_ipv6_cidr_block"] = providers.Canon(text(r.DestinationIpv6CidrBlock))
				a["destination_prefix_list_id"] = text(r.DestinationPrefixListId)
				a["id"] = routeStateID(a)
				out = append(out, providers.Object{State: string(r.State), Attrs: a, Implicit: r.Origin == types.RouteOriginCreateRouteTable})
			}
			return out
		})
}

// routeStateID is the id that the provider gives a route: the table's id and
// the CRC-32 of the destination.
func routeStateID(a providers.Attrs) string {
	dest := providers.Template(destination).Expand(a.Text)
	return "r-" + a.Text("route_table_id") + strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(dest))), 10)
}
