package ec2

import (
	"cmp"
	"net/netip"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

func listVpcs() *listing {
	return usual[types.Vpc](sdk.NewDescribeVpcsPaginator)
}

func vpcRow(list *listing) Row {
	return one(providers.Kind{
		Type: "aws_vpc", Import: "{id}", Prefix: "vpc-", Account: "owner_id", Lost: []string{"ipv4_ipam_pool_id", "ipv4_netmask_length"},
		Pending: []string{"pending", "deleting"}, NotFound: []string{"InvalidVpcID.NotFound"},
		Wait:     providers.Wait{Call: "DescribeVpcs", Names: "{id}", Times: 1},
		Fixed:    []string{"cidr_block"},
		Compared: vpcCompared(), NotCompared: vpcNotCompared(),
		Inline: vpcInline(),
		Events: append([]providers.Event{
			{Name: "CreateVpc", Role: providers.Created, ID: "{res.vpc.vpcId}"},
			{Name: "DeleteVpc", Role: providers.Deleted, ID: "{req.vpcId}"},
		}, changesOfVPC()...),
		IfSkipped: "the next apply makes a second VPC with the same range; nothing stops it, and everything that is planned inside goes into the second one",
		Again:     providers.Again{Outcome: providers.Second, How: providers.Shown},
	}, list, look{filter: "vpc-id", value: "{id}", count: "length(Vpcs)"}, vpcObject).joined(vpcJoins()...)
}

// defaultVPCRow is adopted, not made: CreateDefaultVpc is only a change of the
// one that a region may have.
func defaultVPCRow(list *listing) Row {
	return row(providers.Kind{
		Type: "aws_default_vpc", Import: "{id}", Prefix: "vpc-", Account: "owner_id", Facet: true,
		Pending: []string{"pending", "deleting"}, NotFound: []string{"InvalidVpcID.NotFound"},
		Wait:     providers.Wait{Call: "DescribeVpcs", Names: "{id}", Times: 1},
		Telling:  []string{"tags_all"},
		Compared: vpcCompared(), NotCompared: vpcNotCompared(),
		Inline: vpcInline(),
		Events: append([]providers.Event{
			{Name: "CreateDefaultVpc", Role: providers.Changed, ID: "{res.vpc.vpcId}"},
			{Name: "DeleteVpc", Role: providers.Deleted, ID: "{req.vpcId}"},
		}, changesOfVPC()...),
		IfSkipped: "nothing is doubled: the next apply finds the region's default VPC again, sets it as the configuration says and records it",
		Again:     providers.Again{Outcome: providers.Same, How: providers.Shown},
	}, list, look{filter: "vpc-id", value: "{id}", count: "length(Vpcs)"},
		func(v types.Vpc, at place) []providers.Object {
			if !yes(v.IsDefault) {
				return nil
			}
			return []providers.Object{vpcObject(v, at)}
		}).joined(vpcJoins()...)
}

func vpcCompared() []string {
	return []string{"instance_tenancy", "dhcp_options_id", "assign_generated_ipv6_cidr_block", "ipv6_association_id", "ipv6_cidr_block",
		"ipv6_cidr_block_network_border_group", "ipv6_ipam_pool_id", "ipv6_netmask_length", "tags_all"}
}

// vpcNotCompared is what DescribeVpcAttribute alone tells, one call each a VPC.
func vpcNotCompared() []string {
	return []string{"enable_dns_hostnames", "enable_dns_support", "enable_network_address_usage_metrics"}
}

// vpcInline: the state's copy of what an association of its own manages is as
// old as the VPC's last refresh.
func vpcInline() map[string][]string {
	out := map[string][]string{"dhcp_options_id": {"aws_vpc_dhcp_options_association"}}
	for _, name := range []string{"assign_generated_ipv6_cidr_block", "ipv6_association_id", "ipv6_cidr_block",
		"ipv6_cidr_block_network_border_group", "ipv6_ipam_pool_id", "ipv6_netmask_length"} {
		out[name] = []string{"aws_vpc_ipv6_cidr_block_association"}
	}
	return out
}

func changesOfVPC() []providers.Event {
	return []providers.Event{
		{Name: "ModifyVpcAttribute", Role: providers.Changed, ID: "{req.vpcId}"},
		{Name: "ModifyVpcTenancy", Role: providers.Changed, ID: "{req.vpcId}"},
		{Name: "AssociateVpcCidrBlock", Role: providers.Changed, ID: "{req.vpcId}"},
		{Name: "DisassociateVpcCidrBlock", Role: providers.Changed, ID: "{res.vpcId}"},
		{Name: "AssociateDhcpOptions", Role: providers.Changed, ID: "{req.vpcId}"},
	}
}

func vpcJoins() []join {
	return []join{
		{attr: "default_route_table_id", typ: "aws_default_route_table", refers: "vpc_id", take: "id"},
		{attr: "main_route_table_id", typ: "aws_default_route_table", refers: "vpc_id", take: "id"},
		{attr: "default_network_acl_id", typ: "aws_default_network_acl", refers: "vpc_id", take: "id"},
		{attr: "default_security_group_id", typ: "aws_default_security_group", refers: "vpc_id", take: "id"},
	}
}

func vpcObject(v types.Vpc, at place) providers.Object {
	id := text(v.VpcId)
	at.Account = cmp.Or(text(v.OwnerId), at.Account) // the ARN of a shared VPC names its owner
	a := providers.Attrs{
		"id": id, "arn": at.arn("vpc", id), "owner_id": text(v.OwnerId), "cidr_block": text(v.CidrBlock),
		"instance_tenancy": string(v.InstanceTenancy), "dhcp_options_id": text(v.DhcpOptionsId), "tags_all": tagsAll(v.Tags),
	}
	addVPCIPv6(a, v)
	return providers.Object{State: string(v.State), Implicit: yes(v.IsDefault), Attrs: a}
}

// How DescribeVpcs names the pools that are not the caller's own.
const (
	amazonIPv6Pool = "Amazon"
	ipamIPv6Pool   = "IPAM Managed"
)

// addVPCIPv6 adds the one IPv6 range that the provider stores. Of several it
// keeps the one that the state names, so nothing can be said then.
func addVPCIPv6(a providers.Attrs, v types.Vpc) {
	var found []types.VpcIpv6CidrBlockAssociation
	for _, b := range v.Ipv6CidrBlockAssociationSet {
		if s := b.Ipv6CidrBlockState; s != nil && s.State == types.VpcCidrBlockStateCodeAssociated {
			found = append(found, b)
		}
	}
	var b types.VpcIpv6CidrBlockAssociation
	switch len(found) {
	case 0:
	case 1:
		b = found[0]
	default:
		return
	}
	pool := text(b.Ipv6Pool)
	a["assign_generated_ipv6_cidr_block"] = pool == amazonIPv6Pool
	a["ipv6_association_id"], a["ipv6_cidr_block"] = text(b.AssociationId), text(b.Ipv6CidrBlock)
	a["ipv6_cidr_block_network_border_group"] = text(b.NetworkBorderGroup)
	if pool == amazonIPv6Pool {
		pool = ""
	}
	if pool != ipamIPv6Pool { // which one of IPAM's, only the request knew
		a["ipv6_ipam_pool_id"] = pool
	}
	if p, err := netip.ParsePrefix(text(b.Ipv6CidrBlock)); err == nil && pool != "" {
		a["ipv6_netmask_length"] = float64(p.Bits())
	}
}

func vpcFamilyRows(s sources) []Row {
	dhcpOptions, peerings, prefixLists := listDHCPOptions(), listVPCPeeringConnections(), listManagedPrefixLists()
	return []Row{
		defaultVPCRow(s.vpcs),
		defaultSubnetRow(s.subnets),
		vpcIPv4CIDRBlockAssociationRow(s.vpcs),
		vpcIPv6CIDRBlockAssociationRow(s.vpcs),
		vpcDHCPOptionsRow(dhcpOptions),
		defaultVPCDHCPOptionsRow(dhcpOptions),
		vpcDHCPOptionsAssociationRow(s.vpcs),
		subnetCIDRReservationRow(s.subnets),
		vpcPeeringConnectionRow(peerings),
		vpcPeeringConnectionAccepterRow(peerings),
		vpcPeeringConnectionOptionsRow(peerings),
		flowLogRow(),
		managedPrefixListRow(prefixLists),
		managedPrefixListEntryRow(prefixLists),
		vpcBlockPublicAccessExclusionRow(),
		vpcBlockPublicAccessOptionsRow(),
		vpcEncryptionControlRow(),
		vpcNetworkPerformanceMetricSubscriptionRow(),
	}
}
