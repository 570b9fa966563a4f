package ec2

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

func listVpcs() *listing {
	return paged(sdk.NewDescribeVpcsPaginator,
		func(q query) *sdk.DescribeVpcsInput {
			return &sdk.DescribeVpcsInput{Filters: q.filters(), MaxResults: new(int32(1000))}
		},
		func(o *sdk.DescribeVpcsOutput) []types.Vpc { return o.Vpcs })
}

func vpcRow(list *listing) Row {
	return one(providers.Kind{
		Type: "aws_vpc", Import: "{id}", Prefix: "vpc-", Account: "owner_id",
		Pending: []string{"pending"}, NotFound: []string{"InvalidVpcID.NotFound"},
		Wait:     providers.Wait{Call: "DescribeVpcs", Names: "{id}", Times: 1},
		Fixed:    []string{"cidr_block"},
		Compared: []string{"instance_tenancy", "tags_all"},
		Events: []providers.Event{
			{Name: "CreateVpc", Role: providers.Created, ID: "{res.vpc.vpcId}"},
			{Name: "DeleteVpc", Role: providers.Deleted, ID: "{req.vpcId}"},
			{Name: "ModifyVpcAttribute", Role: providers.Changed, ID: "{req.vpcId}"},
			{Name: "ModifyVpcTenancy", Role: providers.Changed, ID: "{req.vpcId}"},
			{Name: "AssociateVpcCidrBlock", Role: providers.Changed, ID: "{req.vpcId}"},
			{Name: "DisassociateVpcCidrBlock", Role: providers.Changed, ID: "{res.vpcId}"},
			{Name: "AssociateDhcpOptions", Role: providers.Changed, ID: "{req.vpcId}"},
		},
		IfSkipped: "the next apply makes a second VPC with the same range; nothing stops it, and everything that is planned inside goes into the second one",
	}, list, look{filter: "vpc-id", value: "{id}", count: "length(Vpcs)"},
		func(v types.Vpc, at place) providers.Object {
			id := text(v.VpcId)
			return providers.Object{State: string(v.State), Attrs: providers.Attrs{
				"id": id, "arn": at.arn("vpc", id), "owner_id": text(v.OwnerId), "cidr_block": text(v.CidrBlock),
				"instance_tenancy": string(v.InstanceTenancy), "tags_all": tagsAll(v.Tags),
			}}
		}).joined(
		join{attr: "default_route_table_id", typ: "aws_default_route_table", refers: "vpc_id", take: "id"},
		join{attr: "main_route_table_id", typ: "aws_default_route_table", refers: "vpc_id", take: "id"},
	)
}
