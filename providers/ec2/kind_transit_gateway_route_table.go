package ec2

import (
	"errors"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

func listTransitGatewayRouteTables() *listing {
	return usual[types.TransitGatewayRouteTable](sdk.NewDescribeTransitGatewayRouteTablesPaginator)
}

// tableNotFound is EC2's code for a missing transit gateway route table, the
// same as for a VPC's.
var tableNotFound = []string{"InvalidRouteTableID.NotFound"}

// livingTable is the parent of routes, associations and propagations: a table
// that is gone has none to ask for. One on its way out may still have some.
func livingTable(item any) string {
	t := item.(types.TransitGatewayRouteTable)
	if t.State == types.TransitGatewayRouteTableStateDeleted {
		return ""
	}
	return text(t.TransitGatewayRouteTableId)
}

const tableMember = "TransitGatewayRouteTableId"

func transitGatewayRouteTableRow(list *listing) Row {
	return one(providers.Kind{
		Type: "aws_ec2_transit_gateway_route_table", Import: "{id}", Prefix: "tgw-rtb-",
		Pending: []string{"pending", "deleting"}, Gone: []string{"deleted"}, NotFound: tableNotFound,
		Wait:     providers.Wait{Call: "DescribeTransitGatewayRouteTables", Names: "{id}", Times: 1},
		Parents:  []string{"transit_gateway_id"},
		Fixed:    []string{"transit_gateway_id"},
		Compared: []string{"tags_all"},
		Events: []providers.Event{
			{Name: "CreateTransitGatewayRouteTable", Role: providers.Created, ID: "{res.transitGatewayRouteTable.transitGatewayRouteTableId}"},
			{Name: "DeleteTransitGatewayRouteTable", Role: providers.Deleted, ID: "{req.transitGatewayRouteTableId}"},
		},
		IfSkipped: "the next apply makes a second table; the first one, with what is associated to it, stays behind unmanaged",
		Again:     providers.Again{Outcome: providers.Second, How: providers.Shown},
	}, list, look{filter: "transit-gateway-route-table-id", value: "{id}", count: "length(TransitGatewayRouteTables[?State!='deleted'])"},
		func(t types.TransitGatewayRouteTable, at place) providers.Object {
			id := text(t.TransitGatewayRouteTableId)
			return providers.Object{State: string(t.State), Implicit: yes(t.DefaultAssociationRouteTable) || yes(t.DefaultPropagationRouteTable),
				Attrs: providers.Attrs{
					"id": id, "arn": at.arn("transit-gateway-route-table", id), "transit_gateway_id": text(t.TransitGatewayId),
					"default_association_route_table": yes(t.DefaultAssociationRouteTable),
					"default_propagation_route_table": yes(t.DefaultPropagationRouteTable), "tags_all": tagsAll(t.Tags),
				}}
		})
}

func transitGatewayRouteRow(tables *listing) Row {
	list := checked(sdk.NewSearchTransitGatewayRoutesPaginator,
		func(q query) *sdk.SearchTransitGatewayRoutesInput {
			// Without MaxResults AWS answers up to its limit of 1,000.
			return &sdk.SearchTransitGatewayRoutesInput{
				TransitGatewayRouteTableId: &q.parent, Filters: q.filters()}
		},
		func(o *sdk.SearchTransitGatewayRoutesOutput) ([]types.TransitGatewayRoute, error) {
			if yes(o.AdditionalRoutesAvailable) && text(o.NextToken) == "" {
				return o.Routes, errors.New("AWS has more routes than it returns (AdditionalRoutesAvailable)")
			}
			return o.Routes, nil
		}).perParent(tables, tableMember, livingTable).filtered(map[string][]string{"type": {"static"}})
	return row(providers.Kind{
		Type: "aws_ec2_transit_gateway_route", Identity: "{transit_gateway_route_table_id}_{destination_cidr_block}",
		Pending: []string{"pending", "deleting"}, Gone: []string{"deleted"}, NotFound: tableNotFound,
		Wait:    providers.Wait{Call: "SearchTransitGatewayRoutes", Names: "{destination_cidr_block}", Times: 1},
		Import:  "{transit_gateway_route_table_id}_{destination_cidr_block}",
		Parents: []string{"transit_gateway_route_table_id"},
		Fixed:   []string{"transit_gateway_attachment_id", "blackhole"},
		Events: []providers.Event{
			{Name: "CreateTransitGatewayRoute", Role: providers.Created, ID: "{req.transitGatewayRouteTableId}_{req.destinationCidrBlock}"},
			{Name: "ReplaceTransitGatewayRoute", Role: providers.Changed, ID: "{req.transitGatewayRouteTableId}_{req.destinationCidrBlock}"},
			{Name: "DeleteTransitGatewayRoute", Role: providers.Deleted, ID: "{req.transitGatewayRouteTableId}_{req.destinationCidrBlock}"},
		},
		IfSkipped: "the next apply fails with RouteAlreadyExists",
		Again:     providers.Again{Outcome: providers.Refused, Code: "RouteAlreadyExists", How: providers.Reported},
	}, list, look{value: "{transit_gateway_route_table_id}", count: "length(Routes[?State!='deleted' && DestinationCidrBlock=={destination_cidr_block}])"},
		func(r types.TransitGatewayRoute, at place) []providers.Object {
			if r.Type != types.TransitGatewayRouteTypeStatic || text(r.PrefixListId) != "" {
				return nil
			}
			a := providers.Attrs{
				"id": at.parent + "_" + text(r.DestinationCidrBlock), "transit_gateway_route_table_id": at.parent,
				"destination_cidr_block": text(r.DestinationCidrBlock), "transit_gateway_attachment_id": "",
				"blackhole": len(r.TransitGatewayAttachments) == 0,
			}
			for _, t := range r.TransitGatewayAttachments {
				a["transit_gateway_attachment_id"] = text(t.TransitGatewayAttachmentId)
			}
			return []providers.Object{{State: string(r.State), Attrs: a}}
		})
}

func transitGatewayRouteTableAssociationRow(tables *listing) Row {
	list := usual[types.TransitGatewayRouteTableAssociation](sdk.NewGetTransitGatewayRouteTableAssociationsPaginator).perParent(tables, tableMember, livingTable)
	k := tableMembership("aws_ec2_transit_gateway_route_table_association", "AssociateTransitGatewayRouteTable", "DisassociateTransitGatewayRouteTable")
	k.Pending, k.Gone = []string{"associating", "disassociating"}, []string{"disassociated"}
	k.IfSkipped = "the next apply fails with Resource.AlreadyAssociated"
	k.Again = providers.Again{Outcome: providers.Refused, Code: "Resource.AlreadyAssociated", How: providers.Reported}
	k.Wait = providers.Wait{Call: list.action, Names: "{transit_gateway_attachment_id}", Times: 1}
	return one(k, list, membershipLook("Associations[?State!='disassociated' && "),
		func(t types.TransitGatewayRouteTableAssociation, at place) providers.Object {
			return membership(at.parent, text(t.TransitGatewayAttachmentId), text(t.ResourceId), string(t.ResourceType), string(t.State))
		})
}

func transitGatewayRouteTablePropagationRow(tables *listing) Row {
	list := usual[types.TransitGatewayRouteTablePropagation](sdk.NewGetTransitGatewayRouteTablePropagationsPaginator).perParent(tables, tableMember, livingTable)
	k := tableMembership("aws_ec2_transit_gateway_route_table_propagation", "EnableTransitGatewayRouteTablePropagation", "DisableTransitGatewayRouteTablePropagation")
	k.Pending, k.Gone = []string{"enabling", "disabling"}, []string{"disabled"}
	k.IfSkipped = "the next apply fails with TransitGatewayRouteTablePropagation.Duplicate"
	k.Again = providers.Again{Outcome: providers.Refused, Code: "TransitGatewayRouteTablePropagation.Duplicate", How: providers.Reported}
	k.Wait = providers.Wait{Call: list.action, Names: "{transit_gateway_attachment_id}", Times: 1}
	return one(k, list, membershipLook("TransitGatewayRouteTablePropagations[?State!='disabled' && "),
		func(t types.TransitGatewayRouteTablePropagation, at place) providers.Object {
			return membership(at.parent, text(t.TransitGatewayAttachmentId), text(t.ResourceId), string(t.ResourceType), string(t.State))
		})
}

// tableMembership is what an attachment's association with a table and its
// propagation to one have in common.
func tableMembership(typ, make, unmake string) providers.Kind {
	const id = "{req.transitGatewayRouteTableId}_{req.transitGatewayAttachmentId}"
	return providers.Kind{
		Type: typ, Identity: "{transit_gateway_route_table_id}_{transit_gateway_attachment_id}",
		Import: "{transit_gateway_route_table_id}_{transit_gateway_attachment_id}", NotFound: tableNotFound,
		Parents: []string{"transit_gateway_route_table_id", "transit_gateway_attachment_id"},
		Events: []providers.Event{
			{Name: make, Role: providers.Created, ID: id},
			{Name: unmake, Role: providers.Deleted, ID: id},
		},
	}
}

func membershipLook(path string) look {
	return look{value: "{transit_gateway_route_table_id}",
		count: "length(" + path + "TransitGatewayAttachmentId=={transit_gateway_attachment_id}])"}
}

func membership(table, attachment, resource, resourceType, state string) providers.Object {
	return providers.Object{State: state, Attrs: providers.Attrs{
		"id": table + "_" + attachment, "transit_gateway_route_table_id": table, "transit_gateway_attachment_id": attachment,
		"resource_id": resource, "resource_type": resourceType,
	}}
}
