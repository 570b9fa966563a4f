package ec2

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

func listSubnets() *listing {
	return usual[types.Subnet](sdk.NewDescribeSubnetsPaginator)
}

func subnetRow(list *listing) Row {
	return one(providers.Kind{
		Type: "aws_subnet", Import: "{id}", Prefix: "subnet-", Account: "owner_id",
		Pending: []string{"pending"}, NotFound: []string{"InvalidSubnetID.NotFound"},
		Telling:  []string{"cidr_block"},
		Parents:  []string{"vpc_id"},
		Fixed:    []string{"vpc_id", "cidr_block", "availability_zone", "availability_zone_id", "outpost_arn", "ipv6_native"},
		Compared: subnetCompared(),
		Events: append([]providers.Event{
			{Name: "CreateSubnet", Role: providers.Created, ID: "{res.subnet.subnetId}"},
			{Name: "DeleteSubnet", Role: providers.Deleted, ID: "{req.subnetId}"},
		}, changesOfSubnet()...),
		IfSkipped: "the next apply fails with InvalidSubnet.Conflict: the range is taken by the subnet that nobody recorded",
		Again:     providers.Again{Outcome: providers.Refused, Code: "InvalidSubnet.Conflict", How: providers.Shown},
	}, list, look{filter: "subnet-id", value: "{id}", count: "length(Subnets)"}, subnetObject)
}

// defaultSubnetRow is adopted, not made: CreateDefaultSubnet is only a change
// of the one that a zone may have.
func defaultSubnetRow(list *listing) Row {
	return row(providers.Kind{
		Type: "aws_default_subnet", Import: "{id}", Prefix: "subnet-", Account: "owner_id", Facet: true,
		Pending: []string{"pending"}, NotFound: []string{"InvalidSubnetID.NotFound"},
		Telling:  []string{"availability_zone"},
		Parents:  []string{"vpc_id"},
		Fixed:    []string{"availability_zone", "ipv6_native"},
		Compared: subnetCompared(),
		Events: append([]providers.Event{
			{Name: "CreateDefaultSubnet", Role: providers.Changed, ID: "{res.subnet.subnetId}"},
			{Name: "DeleteSubnet", Role: providers.Deleted, ID: "{req.subnetId}"},
		}, changesOfSubnet()...),
		IfSkipped: "nothing is doubled: the next apply finds the zone's default subnet again, sets it as the configuration says and records it",
		Again:     providers.Again{Outcome: providers.Same, How: providers.Shown},
	}, list, look{filter: "subnet-id", value: "{id}", count: "length(Subnets)"},
		func(s types.Subnet, at place) []providers.Object {
			if !yes(s.DefaultForAz) {
				return nil
			}
			return []providers.Object{subnetObject(s, at)}
		})
}

func subnetCompared() []string {
	return []string{"map_public_ip_on_launch", "assign_ipv6_address_on_creation", "enable_dns64", "enable_lni_at_device_index",
		"map_customer_owned_ip_on_launch", "customer_owned_ipv4_pool", "private_dns_hostname_type_on_launch",
		"enable_resource_name_dns_a_record_on_launch", "enable_resource_name_dns_aaaa_record_on_launch",
		"ipv6_cidr_block", "ipv6_cidr_block_association_id", "tags_all"}
}

func changesOfSubnet() []providers.Event {
	return []providers.Event{
		{Name: "ModifySubnetAttribute", Role: providers.Changed, ID: "{req.subnetId}"},
		{Name: "AssociateSubnetCidrBlock", Role: providers.Changed, ID: "{req.subnetId}"},
		{Name: "DisassociateSubnetCidrBlock", Role: providers.Changed, ID: "{res.subnetId}"},
	}
}

func subnetObject(s types.Subnet, _ place) providers.Object {
	a := providers.Attrs{
		"id": text(s.SubnetId), "arn": text(s.SubnetArn), "owner_id": text(s.OwnerId), "vpc_id": text(s.VpcId),
		"cidr_block": text(s.CidrBlock), "availability_zone": text(s.AvailabilityZone),
		"availability_zone_id": text(s.AvailabilityZoneId), "outpost_arn": text(s.OutpostArn),
		"map_public_ip_on_launch": yes(s.MapPublicIpOnLaunch), "assign_ipv6_address_on_creation": yes(s.AssignIpv6AddressOnCreation),
		"enable_dns64": yes(s.EnableDns64), "ipv6_native": yes(s.Ipv6Native),
		"map_customer_owned_ip_on_launch": yes(s.MapCustomerOwnedIpOnLaunch), "customer_owned_ipv4_pool": text(s.CustomerOwnedIpv4Pool),
		"enable_lni_at_device_index": float64(0), "ipv6_cidr_block": "", "ipv6_cidr_block_association_id": "",
		"private_dns_hostname_type_on_launch": "", "enable_resource_name_dns_a_record_on_launch": false,
		"enable_resource_name_dns_aaaa_record_on_launch": false,
		"tags_all": tagsAll(s.Tags),
	}
	if s.EnableLniAtDeviceIndex != nil {
		a["enable_lni_at_device_index"] = float64(*s.EnableLniAtDeviceIndex)
	}
	for _, b := range s.Ipv6CidrBlockAssociationSet {
		if b.Ipv6CidrBlockState != nil && b.Ipv6CidrBlockState.State == types.SubnetCidrBlockStateCodeAssociated {
			a["ipv6_cidr_block"], a["ipv6_cidr_block_association_id"] = text(b.Ipv6CidrBlock), text(b.AssociationId)
			break
		}
	}
	if o := s.PrivateDnsNameOptionsOnLaunch; o != nil {
		a["private_dns_hostname_type_on_launch"] = string(o.HostnameType)
		a["enable_resource_name_dns_a_record_on_launch"] = yes(o.EnableResourceNameDnsARecord)
		a["enable_resource_name_dns_aaaa_record_on_launch"] = yes(o.EnableResourceNameDnsAAAARecord)
	}
	return providers.Object{State: string(s.State), Implicit: yes(s.DefaultForAz), Attrs: a}
}
