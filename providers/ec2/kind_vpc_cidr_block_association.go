package ec2

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// vpcIPv4CIDRBlockAssociationRow has no IPAM pool in its import id, because
// AWS does not tell it. Where the configuration names one, a plan after an
// import would want to replace the association.
func vpcIPv4CIDRBlockAssociationRow(list *listing) Row {
	k := cidrBlockAssociation("aws_vpc_ipv4_cidr_block_association", "cidr_block", "{res.cidrBlockAssociation.associationId}")
	k.Lost = []string{"ipv4_ipam_pool_id", "ipv4_netmask_length"}
	k.IfSkipped = "the next apply asks for the range once more, which AWS may refuse because the VPC has it; from an IPAM pool it may get a second range"
	return row(k, list, look{filter: "cidr-block-association.association-id", value: "{id}",
		count: "length(Vpcs[].CidrBlockAssociationSet[?AssociationId=={id} && CidrBlockState.State!='disassociated'][])"},
		func(v types.Vpc, _ place) []providers.Object {
			var out []providers.Object
			for _, b := range v.CidrBlockAssociationSet {
				// The VPC's own range has an association that nothing can manage.
				if text(b.CidrBlock) == text(v.CidrBlock) {
					continue
				}
				out = append(out, providers.Object{State: cidrBlockState(b.CidrBlockState), Attrs: providers.Attrs{
					"id": text(b.AssociationId), "vpc_id": text(v.VpcId), "cidr_block": text(b.CidrBlock),
				}})
			}
			return out
		})
}

// vpcIPv6CIDRBlockAssociationRow has no event of CreateVpc: a range that was
// asked for with the VPC is written in aws_vpc.
func vpcIPv6CIDRBlockAssociationRow(list *listing) Row {
	k := cidrBlockAssociation("aws_vpc_ipv6_cidr_block_association", "ipv6_cidr_block", "{res.ipv6CidrBlockAssociation.associationId}")
	k.Compared = []string{"assign_generated_ipv6_cidr_block", "ip_source", "ipv6_address_attribute", "ipv6_pool"}
	k.Lost = []string{"ipv6_ipam_pool_id", "ipv6_netmask_length"}
	k.IfSkipped = "the next apply may get a second range for the VPC, or AWS may refuse it; the first one stays behind unmanaged"
	return row(k, list, look{filter: "ipv6-cidr-block-association.association-id", value: "{id}",
		count: "length(Vpcs[].Ipv6CidrBlockAssociationSet[?AssociationId=={id} && Ipv6CidrBlockState.State!='disassociated'][])"},
		func(v types.Vpc, _ place) []providers.Object {
			var out []providers.Object
			for _, b := range v.Ipv6CidrBlockAssociationSet {
				out = append(out, providers.Object{State: cidrBlockState(b.Ipv6CidrBlockState), Attrs: providers.Attrs{
					"id": text(b.AssociationId), "vpc_id": text(v.VpcId), "ipv6_cidr_block": text(b.Ipv6CidrBlock),
					"assign_generated_ipv6_cidr_block": text(b.Ipv6Pool) == amazonIPv6Pool, "ipv6_pool": text(b.Ipv6Pool),
					"ip_source": string(b.IpSource), "ipv6_address_attribute": string(b.Ipv6AddressAttribute),
				}})
			}
			return out
		})
}

// cidrBlockAssociation is what both versions have in common. A range that AWS
// could not associate lingers as failed, and the provider takes it for there.
func cidrBlockAssociation(typ, block string, id providers.Template) providers.Kind {
	return providers.Kind{
		Type: typ, Import: "{id}", Facet: true,
		Pending: []string{"associating", "disassociating", "failing"}, Gone: associationGone,
		Wait:    providers.Wait{Call: "DescribeVpcs", Names: "{id}", Times: 1},
		Parents: []string{"vpc_id"},
		Fixed:   []string{"vpc_id", block},
		Events: []providers.Event{
			{Name: "AssociateVpcCidrBlock", Role: providers.Created, ID: id},
			{Name: "DisassociateVpcCidrBlock", Role: providers.Deleted, ID: id},
		},
	}
}

func cidrBlockState(s *types.VpcCidrBlockState) string {
	if s == nil {
		return ""
	}
	return string(s.State)
}
