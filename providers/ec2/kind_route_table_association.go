package ec2

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

var associationPending, associationGone = []string{"associating", "disassociating"}, []string{"disassociated"}

func routeTableAssociationRow(list *listing) Row {
	return row(providers.Kind{
		Type: "aws_route_table_association", Import: "{subnet_id|gateway_id}/{route_table_id}", Prefix: "rtbassoc-",
		Pending: associationPending, Gone: associationGone,
		Telling: []string{"subnet_id", "gateway_id"},
		Wait:    providers.Wait{Call: "DescribeRouteTables", Names: "{id}", Times: 1},
		Parents: []string{"route_table_id", "subnet_id", "gateway_id"},
		Fixed:   []string{"subnet_id", "gateway_id", "route_table_id"},
		Events: []providers.Event{
			{Name: "AssociateRouteTable", Role: providers.Created, ID: "{res.associationId}"},
			{Name: "DisassociateRouteTable", Role: providers.Deleted, ID: "{req.associationId}"},
			{Name: "ReplaceRouteTableAssociation", Role: providers.Created, ID: "{res.newAssociationId}"},
			{Name: "ReplaceRouteTableAssociation", Role: providers.Deleted, ID: "{req.associationId}"},
		},
		IfSkipped: "the next apply fails with Resource.AlreadyAssociated",
		Again:     providers.Again{Outcome: providers.Refused, Code: "Resource.AlreadyAssociated", How: providers.Documented},
	}, list, look{filter: "association.route-table-association-id", value: "{id}", count: "length(RouteTables)"},
		func(t types.RouteTable, _ place) []providers.Object { return associations(t, false) })
}

func mainRouteTableAssociationRow(list *listing) Row {
	return row(providers.Kind{
		Type: "aws_main_route_table_association", Prefix: "rtbassoc-", Facet: true,
		Pending: associationPending, Gone: associationGone,
		Telling: []string{"vpc_id"},
		Again:   providers.Again{Outcome: providers.Same, How: providers.Shown},
		NoImport: "Terraform cannot import this type. The next apply makes it again (ReplaceRouteTableAssociation), which is safe to repeat; " +
			"only original_route_table_id is then recorded as the table that is main at that moment",
		Parents: []string{"vpc_id", "route_table_id"},
		Fixed:   []string{"vpc_id", "route_table_id"},
		Events: []providers.Event{
			{Name: "ReplaceRouteTableAssociation", Role: providers.Created, ID: "{res.newAssociationId}"},
			{Name: "ReplaceRouteTableAssociation", Role: providers.Deleted, ID: "{req.associationId}"},
		},
	}, list, look{filter: "association.route-table-association-id", value: "{id}", count: "length(RouteTables)"},
		func(t types.RouteTable, _ place) []providers.Object { return associations(t, true) })
}

func associations(t types.RouteTable, main bool) []providers.Object {
	var out []providers.Object
	for _, a := range t.Associations {
		if yes(a.Main) != main {
			continue
		}
		o := providers.Object{Implicit: main, Attrs: providers.Attrs{
			"id": text(a.RouteTableAssociationId), "route_table_id": text(t.RouteTableId),
			"subnet_id": text(a.SubnetId), "gateway_id": text(a.GatewayId), "vpc_id": text(t.VpcId),
		}}
		if s := a.AssociationState; s != nil {
			o.State = string(s.State)
		}
		out = append(out, o)
	}
	return out
}
