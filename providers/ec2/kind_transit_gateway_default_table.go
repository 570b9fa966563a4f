package ec2

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// A gateway's default tables are settings of the gateway that a type of their
// own changes. They are adopted: every gateway that has one shows one, and no
// call makes it.
func transitGatewayDefaultAssociationRow(list *listing) Row {
	return transitGatewayDefaultTableRow("aws_ec2_transit_gateway_default_route_table_association", list,
		func(o *types.TransitGatewayOptions) *string { return o.AssociationDefaultRouteTableId })
}

func transitGatewayDefaultPropagationRow(list *listing) Row {
	return transitGatewayDefaultTableRow("aws_ec2_transit_gateway_default_route_table_propagation", list,
		func(o *types.TransitGatewayOptions) *string { return o.PropagationDefaultRouteTableId })
}

func transitGatewayDefaultTableRow(typ string, list *listing, table func(*types.TransitGatewayOptions) *string) Row {
	return row(providers.Kind{
		Type: typ, Facet: true,
		Pending: []string{"pending", "deleting"}, Gone: []string{"deleted"},
		NoImport: "Terraform cannot import this type. The next apply sets the default table again (ModifyTransitGateway), which is safe to repeat; " +
			"only original_default_route_table_id is then recorded as the table that is the default at that moment",
		Parents:  []string{"transit_gateway_id"},
		Fixed:    []string{"transit_gateway_id"},
		Compared: []string{"transit_gateway_route_table_id"},
		Events: []providers.Event{
			{Name: "ModifyTransitGateway", Role: providers.Changed, ID: "{req.transitGatewayId}"},
		},
		IfSkipped: "nothing: the next apply sets the default table again, which is safe to repeat",
		Again:     providers.Again{Outcome: providers.Same, How: providers.Shown},
	}, list, look{filter: "transit-gateway-id", value: "{transit_gateway_id}", count: "length(TransitGateways[?State!='deleted'])"},
		func(g types.TransitGateway, _ place) []providers.Object {
			if g.Options == nil || text(table(g.Options)) == "" {
				return nil
			}
			return []providers.Object{{State: string(g.State), Implicit: true, Attrs: providers.Attrs{
				"id": text(g.TransitGatewayId), "transit_gateway_id": text(g.TransitGatewayId),
				"transit_gateway_route_table_id": text(table(g.Options)),
			}}}
		})
}
