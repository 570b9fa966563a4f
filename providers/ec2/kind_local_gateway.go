package ec2

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// localGatewayRouteRow reads the static routes of each table. Routes to a
// prefix list are none that this type can be.
func localGatewayRouteRow() Row {
	tables := usual[types.LocalGatewayRouteTable](sdk.NewDescribeLocalGatewayRouteTablesPaginator)
	list := paged(sdk.NewSearchLocalGatewayRoutesPaginator,
		func(q query) *sdk.SearchLocalGatewayRoutesInput {
			return &sdk.SearchLocalGatewayRoutesInput{LocalGatewayRouteTableId: &q.parent, Filters: q.filters()}
		},
		func(o *sdk.SearchLocalGatewayRoutesOutput) []types.LocalGatewayRoute { return o.Routes }).
		perParent(tables, "LocalGatewayRouteTableId", func(item any) string {
			t := item.(types.LocalGatewayRouteTable)
			if text(t.State) == "deleted" {
				return ""
			}
			return text(t.LocalGatewayRouteTableId)
		}).filtered(map[string][]string{"type": {"static"}})
	const id = "{req.localGatewayRouteTableId}_{req.destinationCidrBlock}"
	return row(providers.Kind{
		Type: "aws_ec2_local_gateway_route", Identity: "{local_gateway_route_table_id}_{destination_cidr_block}", Facet: true,
		Import:  "{local_gateway_route_table_id}_{destination_cidr_block}",
		Pending: []string{"pending", "deleting"}, Gone: []string{"deleted"}, NotFound: []string{"InvalidLocalGatewayRouteTableID.NotFound"},
		Telling: []string{"destination_cidr_block"},
		Parents: []string{"local_gateway_route_table_id"},
		Fixed:   []string{"local_gateway_route_table_id", "destination_cidr_block", "local_gateway_virtual_interface_group_id"},
		Events: []providers.Event{
			{Name: "CreateLocalGatewayRoute", Role: providers.Created, ID: id},
			{Name: "ModifyLocalGatewayRoute", Role: providers.Changed, ID: id},
			{Name: "DeleteLocalGatewayRoute", Role: providers.Deleted, ID: id},
		},
		IfSkipped: "the next apply makes the route again, which AWS may refuse because it is there",
	}, list, look{value: "{local_gateway_route_table_id}", count: "length(Routes[?State!='deleted' && DestinationCidrBlock=={destination_cidr_block}])"},
		func(r types.LocalGatewayRoute, at place) []providers.Object {
			to := text(r.DestinationCidrBlock)
			if to == "" {
				return nil
			}
			return []providers.Object{{State: string(r.State), Attrs: providers.Attrs{
				"id": at.parent + "_" + to, "local_gateway_route_table_id": at.parent, "destination_cidr_block": to,
				"local_gateway_virtual_interface_group_id": text(r.LocalGatewayVirtualInterfaceGroupId),
			}}}
		})
}

// localGatewayRouteTableVPCAssociationRow has no owner attribute: the one that
// AWS shows owns the table. Its NotFound code is an error for the provider.
func localGatewayRouteTableVPCAssociationRow() Row {
	list := usual[types.LocalGatewayRouteTableVpcAssociation](sdk.NewDescribeLocalGatewayRouteTableVpcAssociationsPaginator)
	return one(providers.Kind{
		Type: "aws_ec2_local_gateway_route_table_vpc_association", Import: "{id}", Prefix: "lgw-vpc-assoc-", Facet: true,
		Pending: associationPending, Gone: associationGone,
		Wait:     providers.Wait{Call: "DescribeLocalGatewayRouteTableVpcAssociations", Names: "{id}", Times: 1},
		Telling:  []string{"vpc_id"},
		Parents:  []string{"local_gateway_route_table_id", "vpc_id"},
		Fixed:    []string{"local_gateway_route_table_id", "vpc_id"},
		Compared: []string{"tags_all"},
		Events: []providers.Event{
			{Name: "CreateLocalGatewayRouteTableVpcAssociation", Role: providers.Created,
				ID: "{res.localGatewayRouteTableVpcAssociation.localGatewayRouteTableVpcAssociationId}"},
			{Name: "DeleteLocalGatewayRouteTableVpcAssociation", Role: providers.Deleted, ID: "{req.localGatewayRouteTableVpcAssociationId}"},
		},
		IfSkipped: "the next apply associates the VPC again, which AWS may refuse because it is associated",
	}, list, look{filter: "local-gateway-route-table-vpc-association-id", value: "{id}",
		count: "length(LocalGatewayRouteTableVpcAssociations[?State!='disassociated'])"},
		func(t types.LocalGatewayRouteTableVpcAssociation, _ place) providers.Object {
			return providers.Object{State: text(t.State), Attrs: providers.Attrs{
				"id": text(t.LocalGatewayRouteTableVpcAssociationId), "local_gateway_route_table_id": text(t.LocalGatewayRouteTableId),
				"local_gateway_id": text(t.LocalGatewayId), "vpc_id": text(t.VpcId), "tags_all": tagsAll(t.Tags),
			}}
		})
}
