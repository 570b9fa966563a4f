package ec2

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// transitGatewayPrefixListReferenceRow: a reference shows as routes too, which
// aws_ec2_transit_gateway_route leaves to it.
func transitGatewayPrefixListReferenceRow(tables *listing) Row {
	list := usual[types.TransitGatewayPrefixListReference](sdk.NewGetTransitGatewayPrefixListReferencesPaginator).perParent(tables, tableMember, livingTable)
	const identity, recorded = "{transit_gateway_route_table_id}_{prefix_list_id}", "{req.transitGatewayRouteTableId}_{req.prefixListId}"
	return one(providers.Kind{
		Type: "aws_ec2_transit_gateway_prefix_list_reference", Identity: identity, Import: identity,
		Pending: []string{"pending", "deleting"}, NotFound: tableNotFound,
		Telling:  []string{"prefix_list_id"},
		Wait:     providers.Wait{Call: list.action, Names: "{prefix_list_id}", Times: 1},
		Parents:  []string{"transit_gateway_route_table_id"},
		Compared: []string{"blackhole", "prefix_list_owner_id", "transit_gateway_attachment_id"},
		Events: []providers.Event{
			{Name: "CreateTransitGatewayPrefixListReference", Role: providers.Created, ID: recorded},
			{Name: "ModifyTransitGatewayPrefixListReference", Role: providers.Changed, ID: recorded},
			{Name: "DeleteTransitGatewayPrefixListReference", Role: providers.Deleted, ID: recorded},
		},
		IfSkipped: "the next apply asks for a second reference to the list in the same table, which AWS may refuse",
	}, list, look{value: "{transit_gateway_route_table_id}", count: "length(TransitGatewayPrefixListReferences[?PrefixListId=={prefix_list_id}])"},
		func(r types.TransitGatewayPrefixListReference, at place) providers.Object {
			a := providers.Attrs{
				"id": at.parent + "_" + text(r.PrefixListId), "transit_gateway_route_table_id": at.parent, "prefix_list_id": text(r.PrefixListId),
				"prefix_list_owner_id": text(r.PrefixListOwnerId), "blackhole": yes(r.Blackhole), "transit_gateway_attachment_id": "",
			}
			if t := r.TransitGatewayAttachment; t != nil {
				a["transit_gateway_attachment_id"] = text(t.TransitGatewayAttachmentId)
			}
			return providers.Object{State: string(r.State), Attrs: a}
		})
}
