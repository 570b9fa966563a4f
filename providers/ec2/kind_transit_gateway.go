package ec2

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

func listTransitGateways() *listing {
	return usual[types.TransitGateway](sdk.NewDescribeTransitGatewaysPaginator)
}

func transitGatewayRow(list *listing) Row {
	return one(providers.Kind{
		Type: "aws_ec2_transit_gateway", Telling: []string{"tags_all"}, Import: "{id}", Prefix: "tgw-", Account: "owner_id",
		Pending: []string{"pending", "deleting"}, Gone: []string{"deleted"}, NotFound: []string{"InvalidTransitGatewayID.NotFound"},
		Wait:  providers.Wait{Call: "DescribeTransitGateways", Names: "{id}", Times: 1},
		Fixed: []string{"multicast_support"},
		Compared: []string{"description", "amazon_side_asn", "auto_accept_shared_attachments", "default_route_table_association",
			"default_route_table_propagation", "dns_support", "security_group_referencing_support", "transit_gateway_cidr_blocks",
			"vpn_ecmp_support", "tags_all"},
		Events: []providers.Event{
			{Name: "CreateTransitGateway", Role: providers.Created, ID: "{res.transitGateway.transitGatewayId}"},
			{Name: "ModifyTransitGateway", Role: providers.Changed, ID: "{req.transitGatewayId}"},
			{Name: "DeleteTransitGateway", Role: providers.Deleted, ID: "{req.transitGatewayId}"},
		},
		IfSkipped: "the next apply makes a second transit gateway; the first one keeps costing money and stays unmanaged",
		Again:     providers.Again{Outcome: providers.Second, How: providers.Shown},
	}, list, look{filter: "transit-gateway-id", value: "{id}", count: "length(TransitGateways[?State!='deleted'])"},
		func(g types.TransitGateway, _ place) providers.Object {
			a := providers.Attrs{
				"id": text(g.TransitGatewayId), "arn": text(g.TransitGatewayArn), "owner_id": text(g.OwnerId),
				"description": text(g.Description), "tags_all": tagsAll(g.Tags),
			}
			if o := g.Options; o != nil {
				if o.AmazonSideAsn != nil {
					a["amazon_side_asn"] = float64(*o.AmazonSideAsn)
				}
				a["auto_accept_shared_attachments"] = string(o.AutoAcceptSharedAttachments)
				a["default_route_table_association"] = string(o.DefaultRouteTableAssociation)
				a["default_route_table_propagation"] = string(o.DefaultRouteTablePropagation)
				a["association_default_route_table_id"] = text(o.AssociationDefaultRouteTableId)
				a["propagation_default_route_table_id"] = text(o.PropagationDefaultRouteTableId)
				a["dns_support"] = string(o.DnsSupport)
				a["multicast_support"] = string(o.MulticastSupport)
				a["security_group_referencing_support"] = string(o.SecurityGroupReferencingSupport)
				a["transit_gateway_cidr_blocks"] = boxed(o.TransitGatewayCidrBlocks)
				a["vpn_ecmp_support"] = string(o.VpnEcmpSupport)
			}
			return providers.Object{State: string(g.State), Attrs: a}
		})
}
