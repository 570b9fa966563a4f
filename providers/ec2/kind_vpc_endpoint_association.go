package ec2

import (
	"hash/crc32"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

func endpointRouteTableAssociationRow(list *listing) Row {
	k := endpointAssociation("aws_vpc_endpoint_route_table_association", "route_table_id",
		"req.routeTableId|res.vpcEndpoint.routeTableIdSet", "RouteTableId")
	k.Wait = providers.Wait{Call: "DescribeVpcEndpoints", Names: "{vpc_endpoint_id}", Times: 2}
	k.IfSkipped = "nothing: AWS takes the same association once more, and the next apply records it"
	k.Again = providers.Again{Outcome: providers.Same, How: providers.Shown}
	return row(k, list, endpointLook("length("+livingEndpoints+".RouteTableIds[] | [?@=={route_table_id}])"),
		func(v types.VpcEndpoint, _ place) []providers.Object {
			return endpointAssociations(v, "route_table_id", v.RouteTableIds)
		})
}

func endpointSubnetAssociationRow(list *listing) Row {
	k := endpointAssociation("aws_vpc_endpoint_subnet_association", "subnet_id",
		"req.subnetId|req.subnetConfiguration.subnetId|res.vpcEndpoint.subnetIdSet", "SubnetId")
	k.Wait = providers.Wait{Call: "DescribeVpcEndpoints", Names: "{vpc_endpoint_id}", Times: 1}
	k.IfSkipped = "the next apply adds the subnet once more, which AWS may refuse (DuplicateSubnetsInSameZone): the endpoint is in its availability zone already"
	return row(k, list, endpointLook("length("+livingEndpoints+".SubnetIds[] | [?@=={subnet_id}])"),
		func(v types.VpcEndpoint, _ place) []providers.Object {
			return endpointAssociations(v, "subnet_id", v.SubnetIds)
		})
}

// endpointSecurityGroupAssociationRow knows nothing of
// replace_default_association: only the create call does, and an import sets it
// to false.
func endpointSecurityGroupAssociationRow(list *listing) Row {
	k := endpointAssociation("aws_vpc_endpoint_security_group_association", "security_group_id",
		"res.vpcEndpoint.groupSet.groupId|req.securityGroupId", "SecurityGroupId")
	k.IfSkipped = "the next apply adds the group once more, which may change nothing; with replace_default_association it fails " +
		"if the default group has been replaced already, and after an import it is replaced, because an import records the argument as false"
	return row(k, list, endpointLook("length("+livingEndpoints+".Groups[] | [?GroupId=={security_group_id}])"),
		func(v types.VpcEndpoint, _ place) []providers.Object {
			var ids []string
			for _, g := range v.Groups {
				ids = append(ids, text(g.GroupId))
			}
			out := endpointAssociations(v, "security_group_id", ids)
			for i := range out {
				// An interface endpoint that is made without a group gets the VPC's default one.
				out[i].Implicit = text(v.Groups[i].GroupName) == "default"
			}
			return out
		})
}

// endpointAssociation is what the associations of an endpoint have in common.
// made tells where the record of the create call has the other ids, member is
// the request member by which ModifyVpcEndpoint adds and removes one.
func endpointAssociation(typ, attr, made, member string) providers.Kind {
	id := providers.Template("{vpc_endpoint_id}/{" + attr + "}")
	changed := func(verb string) providers.Template {
		return providers.Template("{req.vpcEndpointId}/{req." + verb + member + "}")
	}
	return providers.Kind{
		Type: typ, Identity: id, Import: id, Facet: true, Pending: endpointPending, Gone: endpointGone, NotFound: endpointNotFound,
		StateID: func(a providers.Attrs) string { return endpointAssociationID(a.Text("vpc_endpoint_id"), a.Text(attr)) },
		Parents: []string{"vpc_endpoint_id", attr},
		Events: []providers.Event{
			{Name: "CreateVpcEndpoint", Role: providers.Created, ID: providers.Template("{res.vpcEndpoint.vpcEndpointId}/{" + made + "}")},
			{Name: "ModifyVpcEndpoint", Role: providers.Created, ID: changed("add")},
			{Name: "ModifyVpcEndpoint", Role: providers.Deleted, ID: changed("remove")},
		},
	}
}

func endpointAssociations(v types.VpcEndpoint, attr string, ids []string) []providers.Object {
	var out []providers.Object
	for _, id := range ids {
		out = append(out, providers.Object{State: string(v.State), Attrs: providers.Attrs{
			"id": endpointAssociationID(text(v.VpcEndpointId), id), "vpc_endpoint_id": text(v.VpcEndpointId), attr: id,
		}})
	}
	return out
}

// endpointAssociationID is the id that the provider gives an association: the
// endpoint's id and the CRC-32 of the other one.
func endpointAssociationID(endpoint, other string) string {
	if endpoint == "" || other == "" {
		return ""
	}
	return "a-" + endpoint + strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(other))), 10)
}
