package ec2

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

var multicastDomainNotFound = []string{"InvalidTransitGatewayMulticastDomainId.NotFound"}

const multicastDomainMember = "TransitGatewayMulticastDomainId"

func listTransitGatewayMulticastDomains() *listing {
	return usual[types.TransitGatewayMulticastDomain](sdk.NewDescribeTransitGatewayMulticastDomainsPaginator)
}

// listTransitGatewayMulticastGroups is shared by members and sources: one
// answer holds both.
func listTransitGatewayMulticastGroups(domains *listing) *listing {
	return usual[types.TransitGatewayMulticastGroup](sdk.NewSearchTransitGatewayMulticastGroupsPaginator).perParent(domains, multicastDomainMember, livingMulticastDomain)
}

func livingMulticastDomain(item any) string {
	d := item.(types.TransitGatewayMulticastDomain)
	if d.State == types.TransitGatewayMulticastDomainStateDeleted {
		return ""
	}
	return text(d.TransitGatewayMulticastDomainId)
}

func transitGatewayMulticastDomainRow(list *listing) Row {
	return one(providers.Kind{
		Type: "aws_ec2_transit_gateway_multicast_domain", Import: "{id}", Prefix: "tgw-mcast-domain-", Account: "owner_id",
		Pending: []string{"pending", "deleting"}, Gone: []string{"deleted"}, NotFound: multicastDomainNotFound,
		Telling:  []string{"tags_all"},
		Wait:     providers.Wait{Call: list.action, Names: "{id}", Times: 1},
		Parents:  []string{"transit_gateway_id"},
		Fixed:    []string{"transit_gateway_id", "auto_accept_shared_associations", "igmpv2_support", "static_sources_support"},
		Compared: []string{"tags_all"},
		Events: []providers.Event{
			{Name: "CreateTransitGatewayMulticastDomain", Role: providers.Created, ID: "{res.transitGatewayMulticastDomain.transitGatewayMulticastDomainId}"},
			{Name: "DeleteTransitGatewayMulticastDomain", Role: providers.Deleted, ID: "{req.transitGatewayMulticastDomainId}"},
		},
		IfSkipped: "the next apply makes a second domain; the first one, with what is associated to it, stays behind unmanaged",
		Again:     providers.Again{Outcome: providers.Second, How: providers.Source},
	}, list, look{filter: "transit-gateway-multicast-domain-id", value: "{id}", count: "length(TransitGatewayMulticastDomains[?State!='deleted'])"},
		func(d types.TransitGatewayMulticastDomain, _ place) providers.Object {
			a := providers.Attrs{
				"id": text(d.TransitGatewayMulticastDomainId), "arn": text(d.TransitGatewayMulticastDomainArn), "owner_id": text(d.OwnerId),
				"transit_gateway_id": text(d.TransitGatewayId), "tags_all": tagsAll(d.Tags),
			}
			if o := d.Options; o != nil {
				a["auto_accept_shared_associations"] = string(o.AutoAcceptSharedAssociations)
				a["igmpv2_support"], a["static_sources_support"] = string(o.Igmpv2Support), string(o.StaticSourcesSupport)
			}
			return providers.Object{State: string(d.State), Attrs: a}
		})
}

func transitGatewayMulticastDomainAssociationRow(domains *listing) Row {
	list := usual[types.TransitGatewayMulticastDomainAssociation](sdk.NewGetTransitGatewayMulticastDomainAssociationsPaginator).perParent(domains, multicastDomainMember, livingMulticastDomain)
	const recorded = "{req.transitGatewayMulticastDomainId}/{req.transitGatewayAttachmentId}/{req.subnetIds}"
	return row(providers.Kind{
		Type: "aws_ec2_transit_gateway_multicast_domain_association", Facet: true,
		Identity: "{transit_gateway_multicast_domain_id}/{transit_gateway_attachment_id}/{subnet_id}",
		Pending:  associationPending, Gone: associationGone, NotFound: multicastDomainNotFound,
		NoImport: "Terraform cannot import this type. The next apply asks for the association again, which AWS may refuse: " +
			"then disassociate the subnet from the domain by hand (its multicast stops meanwhile) and apply once more",
		Wait:    providers.Wait{Call: list.action, Names: "{subnet_id}", Times: 1},
		Parents: []string{"transit_gateway_multicast_domain_id", "transit_gateway_attachment_id", "subnet_id"},
		Fixed:   []string{"transit_gateway_multicast_domain_id", "transit_gateway_attachment_id", "subnet_id"},
		Telling: []string{"subnet_id"},
		Events: []providers.Event{
			{Name: "AssociateTransitGatewayMulticastDomain", Role: providers.Created, ID: recorded},
			{Name: "AcceptTransitGatewayMulticastDomainAssociations", Role: providers.Changed, ID: recorded},
			{Name: "RejectTransitGatewayMulticastDomainAssociations", Role: providers.Changed, ID: recorded},
			{Name: "DisassociateTransitGatewayMulticastDomain", Role: providers.Deleted, ID: recorded},
		},
		IfSkipped: "the next apply asks for the association again, which AWS may refuse",
	}, list, look{value: "{transit_gateway_multicast_domain_id}",
		count: "length(MulticastDomainAssociations[?Subnet.State!='disassociated' && TransitGatewayAttachmentId=={transit_gateway_attachment_id} && " +
			"Subnet.SubnetId=={subnet_id}])"},
		func(m types.TransitGatewayMulticastDomainAssociation, at place) []providers.Object {
			if m.Subnet == nil {
				return nil
			}
			attachment, subnet := text(m.TransitGatewayAttachmentId), text(m.Subnet.SubnetId)
			return []providers.Object{{State: string(m.Subnet.State), Attrs: providers.Attrs{
				"id": at.parent + "/" + attachment + "/" + subnet, "transit_gateway_multicast_domain_id": at.parent,
				"transit_gateway_attachment_id": attachment, "subnet_id": subnet,
			}}}
		})
}

func transitGatewayMulticastGroupMemberRow(list *listing) Row {
	return multicastGroupRow("aws_ec2_transit_gateway_multicast_group_member", list, "GroupMember",
		"RegisterTransitGatewayMulticastGroupMembers", "DeregisterTransitGatewayMulticastGroupMembers",
		func(g types.TransitGatewayMulticastGroup) (bool, types.MembershipType) {
			return yes(g.GroupMember), g.MemberType
		})
}

func transitGatewayMulticastGroupSourceRow(list *listing) Row {
	return multicastGroupRow("aws_ec2_transit_gateway_multicast_group_source", list, "GroupSource",
		"RegisterTransitGatewayMulticastGroupSources", "DeregisterTransitGatewayMulticastGroupSources",
		func(g types.TransitGatewayMulticastGroup) (bool, types.MembershipType) {
			return yes(g.GroupSource), g.SourceType
		})
}

// multicastGroupRow: what joined a group by IGMP was registered by no call.
func multicastGroupRow(typ string, list *listing, member, register, deregister string, is func(types.TransitGatewayMulticastGroup) (bool, types.MembershipType)) Row {
	const recorded = "{req.transitGatewayMulticastDomainId}/{req.groupIpAddress}/{req.networkInterfaceIds}"
	return row(providers.Kind{
		Type: typ, Facet: true, NotFound: multicastDomainNotFound,
		Identity: "{transit_gateway_multicast_domain_id}/{group_ip_address}/{network_interface_id}",
		NoImport: "Terraform cannot import this type. The next apply registers the interface again, which AWS may refuse: " +
			"then deregister it from the group by hand (its multicast stops meanwhile) and apply once more",
		// The provider's read names the group, not the interface.
		Wait:    providers.Wait{Call: list.action, Names: "{group_ip_address}", Times: 1},
		Parents: []string{"transit_gateway_multicast_domain_id", "network_interface_id"},
		Fixed:   []string{"transit_gateway_multicast_domain_id", "group_ip_address", "network_interface_id"},
		Events: []providers.Event{
			{Name: register, Role: providers.Created, ID: recorded},
			{Name: deregister, Role: providers.Deleted, ID: recorded},
		},
		IfSkipped: "the next apply registers the interface again, which AWS may refuse",
	}, list, look{value: "{transit_gateway_multicast_domain_id}",
		count: "length(MulticastGroups[?" + member + " && GroupIpAddress=={group_ip_address} && NetworkInterfaceId=={network_interface_id}])"},
		func(g types.TransitGatewayMulticastGroup, at place) []providers.Object {
			group, eni := text(g.GroupIpAddress), text(g.NetworkInterfaceId)
			there, how := is(g)
			if !there || eni == "" { // a group behind a peering has no interface to name
				return nil
			}
			return []providers.Object{{Implicit: how == types.MembershipTypeIgmp, Attrs: providers.Attrs{
				"id": at.parent + "/" + group + "/" + eni, "transit_gateway_multicast_domain_id": at.parent,
				"group_ip_address": group, "network_interface_id": eni,
			}}}
		})
}
