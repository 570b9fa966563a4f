package ec2

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

func listSubnets() *listing {
	return paged(sdk.NewDescribeSubnetsPaginator,
		func(q query) *sdk.DescribeSubnetsInput {
			return &sdk.DescribeSubnetsInput{Filters: q.filters(), MaxResults: new(int32(1000))}
		},
		func(o *sdk.DescribeSubnetsOutput) []types.Subnet { return o.Subnets })
}

func subnetRow(list *listing) Row {
	return one(providers.Kind{
		Type: "aws_subnet", Import: "{id}", Prefix: "subnet-", Account: "owner_id",
		Pending: []string{"pending"}, NotFound: []string{"InvalidSubnetID.NotFound"},
		Telling: []string{"cidr_block"},
		Parents: []string{"vpc_id"},
		Fixed:   []string{"vpc_id", "cidr_block", "availability_zone", "availability_zone_id", "outpost_arn", "ipv6_native"},
		Compared: []string{"map_public_ip_on_launch", "assign_ipv6_address_on_creation", "enable_dns64",
			"map_customer_owned_ip_on_launch", "customer_owned_ipv4_pool", "private_dns_hostname_type_on_launch",
			"enable_resource_name_dns_a_record_on_launch", "enable_resource_name_dns_aaaa_record_on_launch", "tags_all"},
		Events: []providers.Event{
			{Name: "CreateSubnet", Role: providers.Created, ID: "{res.subnet.subnetId}"},
			{Name: "DeleteSubnet", Role: providers.Deleted, ID: "{req.subnetId}"},
			{Name: "ModifySubnetAttribute", Role: providers.Changed, ID: "{req.subnetId}"},
			{Name: "AssociateSubnetCidrBlock", Role: providers.Changed, ID: "{req.subnetId}"},
			{Name: "DisassociateSubnetCidrBlock", Role: providers.Changed, ID: "{res.subnetId}"},
		},
		IfSkipped: "the next apply fails with InvalidSubnet.Conflict: the range is taken by the subnet that nobody recorded",
	}, list, look{filter: "subnet-id", value: "{id}", count: "length(Subnets)"},
		func(s types.Subnet, at place) providers.Object {
			a := providers.Attrs{
				"id": text(s.SubnetId), "arn": text(s.SubnetArn), "owner_id": text(s.OwnerId), "vpc_id": text(s.VpcId),
				"cidr_block": text(s.CidrBlock), "availability_zone": text(s.AvailabilityZone),
				"availability_zone_id": text(s.AvailabilityZoneId), "outpost_arn": text(s.OutpostArn),
				"map_public_ip_on_launch": yes(s.MapPublicIpOnLaunch), "assign_ipv6_address_on_creation": yes(s.AssignIpv6AddressOnCreation),
				"enable_dns64": yes(s.EnableDns64), "ipv6_native": yes(s.Ipv6Native),
				"map_customer_owned_ip_on_launch": yes(s.MapCustomerOwnedIpOnLaunch), "customer_owned_ipv4_pool": text(s.CustomerOwnedIpv4Pool),
				"tags_all": tagsAll(s.Tags),
			}
			if o := s.PrivateDnsNameOptionsOnLaunch; o != nil {
				a["private_dns_hostname_type_on_launch"] = string(o.HostnameType)
				a["enable_resource_name_dns_a_record_on_launch"] = yes(o.EnableResourceNameDnsARecord)
				a["enable_resource_name_dns_aaaa_record_on_launch"] = yes(o.EnableResourceNameDnsAAAARecord)
			}
			return providers.Object{State: string(s.State), Attrs: a}
		})
}
