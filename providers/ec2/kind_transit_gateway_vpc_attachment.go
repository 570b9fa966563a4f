package ec2

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

func listTransitGatewayVPCAttachments() *listing {
	return usual[types.TransitGatewayVpcAttachment](sdk.NewDescribeTransitGatewayVpcAttachmentsPaginator)
}

// The lifecycle words of attachments to a VPC or a peer. One that waits to be
// accepted is there, but its accepter is not.
var (
	attachmentPending  = []string{"initiating", "initiatingrequest", "pending", "deleting", "failing", "rejecting", "rollingback"}
	attachmentGone     = []string{"deleted", "failed", "rejected"}
	attachmentNotFound = []string{"InvalidTransitGatewayAttachmentID.NotFound"}
)

// attachmentNotCompared is what the gateway and its default table tell, not the
// attachment.
func attachmentNotCompared() []string {
	return []string{"transit_gateway_default_route_table_association", "transit_gateway_default_route_table_propagation"}
}

// livingAttachments counts what the provider does not call gone.
const livingAttachments = "length(TransitGatewayVpcAttachments[?State!='deleted' && State!='failed' && State!='rejected'])"

// transitGatewayVPCAttachmentRow has no account attribute: vpc_owner_id is the
// VPC's owner, and an attachment to a shared gateway shows in both accounts.
func transitGatewayVPCAttachmentRow(list *listing) Row {
	return one(providers.Kind{
		Type: "aws_ec2_transit_gateway_vpc_attachment", Import: "{id}", Prefix: "tgw-attach-",
		Pending: attachmentPending, Gone: attachmentGone, NotFound: attachmentNotFound,
		Telling: []string{"vpc_id"},
		Wait:    providers.Wait{Call: "DescribeTransitGatewayVpcAttachments", Names: "{id}", Times: 1},
		Parents: []string{"vpc_id", "transit_gateway_id"},
		Fixed:   []string{"vpc_id", "transit_gateway_id"},
		Compared: []string{"subnet_ids", "appliance_mode_support", "dns_support", "ipv6_support",
			"security_group_referencing_support", "tags_all"},
		NotCompared: attachmentNotCompared(),
		Events: []providers.Event{
			{Name: "CreateTransitGatewayVpcAttachment", Role: providers.Created, ID: "{res.transitGatewayVpcAttachment.transitGatewayAttachmentId}"},
			{Name: "ModifyTransitGatewayVpcAttachment", Role: providers.Changed, ID: "{req.transitGatewayAttachmentId}"},
			{Name: "DeleteTransitGatewayVpcAttachment", Role: providers.Deleted, ID: "{req.transitGatewayAttachmentId}"},
		},
		IfSkipped: "the next apply fails with DuplicateTransitGatewayAttachment",
		Again:     providers.Again{Outcome: providers.Refused, Code: "DuplicateTransitGatewayAttachment", How: providers.Reported},
	}, list, look{filter: "transit-gateway-attachment-id", value: "{id}", count: livingAttachments}, vpcAttachment)
}

// transitGatewayVPCAttachmentAccepterRow does not have the attachment as a
// parent, although it names it: where one state holds both sides, that is the
// requester's, in another account than the accepter's.
func transitGatewayVPCAttachmentAccepterRow(list *listing) Row {
	return one(providers.Kind{
		Type: "aws_ec2_transit_gateway_vpc_attachment_accepter", Accepter: true, Import: "{id}", Prefix: "tgw-attach-", Facet: true,
		Pending: attachmentPending, Gone: append([]string{"pendingacceptance"}, attachmentGone...), NotFound: attachmentNotFound,
		Telling:  []string{"transit_gateway_attachment_id"},
		Parents:  []string{"transit_gateway_id"},
		Fixed:    []string{"transit_gateway_attachment_id"},
		Compared: []string{"tags_all"}, NotCompared: attachmentNotCompared(),
		Events: []providers.Event{
			{Name: "AcceptTransitGatewayVpcAttachment", Role: providers.Created, ID: "{req.transitGatewayAttachmentId}"},
			{Name: "DeleteTransitGatewayVpcAttachment", Role: providers.Deleted, ID: "{req.transitGatewayAttachmentId}"},
			{Name: "RejectTransitGatewayVpcAttachment", Role: providers.Deleted, ID: "{req.transitGatewayAttachmentId}"},
		},
		IfSkipped: "the next apply may fail with IncorrectState: the attachment is accepted already",
	}, list, look{filter: "transit-gateway-attachment-id", value: "{id}", count: livingAttachments},
		func(t types.TransitGatewayVpcAttachment, at place) providers.Object {
			o := vpcAttachment(t, at)
			o.Attrs["transit_gateway_attachment_id"] = o.Attrs["id"]
			return o
		})
}

func vpcAttachment(t types.TransitGatewayVpcAttachment, at place) providers.Object {
	id := text(t.TransitGatewayAttachmentId)
	a := providers.Attrs{
		"id": id, "arn": at.arn("transit-gateway-attachment", id), "vpc_id": text(t.VpcId), "transit_gateway_id": text(t.TransitGatewayId),
		"vpc_owner_id": text(t.VpcOwnerId), "subnet_ids": boxed(t.SubnetIds), "tags_all": tagsAll(t.Tags),
	}
	if o := t.Options; o != nil {
		a["appliance_mode_support"], a["dns_support"] = string(o.ApplianceModeSupport), string(o.DnsSupport)
		a["ipv6_support"], a["security_group_referencing_support"] = string(o.Ipv6Support), string(o.SecurityGroupReferencingSupport)
	}
	return providers.Object{State: string(t.State), Attrs: a}
}
