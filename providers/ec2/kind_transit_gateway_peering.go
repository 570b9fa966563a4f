package ec2

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

func listTransitGatewayPeerings() *listing {
	return usual[types.TransitGatewayPeeringAttachment](sdk.NewDescribeTransitGatewayPeeringAttachmentsPaginator)
}

// transitGatewayPeeringAttachmentRow has no account attribute: its peer's is
// all that it records.
func transitGatewayPeeringAttachmentRow(list *listing) Row {
	k := transitGatewayPeering("aws_ec2_transit_gateway_peering_attachment", list)
	k.Gone = attachmentGone
	k.Telling = []string{"peer_transit_gateway_id"}
	k.Fixed = []string{"transit_gateway_id", "peer_transit_gateway_id", "peer_account_id", "peer_region"}
	k.Events = append(k.Events,
		providers.Event{Name: "CreateTransitGatewayPeeringAttachment", Role: providers.Created, ID: "{res.transitGatewayPeeringAttachment.transitGatewayAttachmentId}"},
		providers.Event{Name: "AcceptTransitGatewayPeeringAttachment", Role: providers.Changed, ID: "{req.transitGatewayAttachmentId}"})
	k.NotCompared = []string{"options"}
	k.IfSkipped = "the next apply asks for a second peering of the same gateways: AWS makes one, or refuses it"
	return row(k, list, transitGatewayPeeringLook(), func(p types.TransitGatewayPeeringAttachment, at place) []providers.Object {
		if requester, _ := peeringSides(p, at); !requester {
			return nil
		}
		o := peeringAttachment(p, p.RequesterTgwInfo, p.AccepterTgwInfo)
		o.Attrs["arn"] = at.arn("transit-gateway-attachment", o.Attrs.Text("id"))
		return []providers.Object{o}
	})
}

// transitGatewayPeeringAttachmentAccepterRow does not have the attachment as a
// parent, although it names it: that id is the requester's too, in a region
// that is not the accepter's.
func transitGatewayPeeringAttachmentAccepterRow(list *listing) Row {
	k := transitGatewayPeering("aws_ec2_transit_gateway_peering_attachment_accepter", list)
	k.Accepter = true
	k.Facet = true
	k.Gone = append([]string{"pendingacceptance"}, attachmentGone...)
	k.Telling = []string{"transit_gateway_attachment_id"}
	k.Fixed = []string{"transit_gateway_attachment_id"}
	k.Events = append(k.Events,
		providers.Event{Name: "AcceptTransitGatewayPeeringAttachment", Role: providers.Created, ID: "{req.transitGatewayAttachmentId}"})
	k.IfSkipped = "the next apply asks to accept what is accepted already, which AWS may refuse"
	return row(k, list, transitGatewayPeeringLook(), func(p types.TransitGatewayPeeringAttachment, at place) []providers.Object {
		if _, accepter := peeringSides(p, at); !accepter {
			return nil
		}
		o := peeringAttachment(p, p.AccepterTgwInfo, p.RequesterTgwInfo)
		o.Attrs["transit_gateway_attachment_id"] = o.Attrs["id"]
		return []providers.Object{o}
	})
}

// transitGatewayPeering is what the two ends have in common.
func transitGatewayPeering(typ string, list *listing) providers.Kind {
	return providers.Kind{
		Type: typ, Import: "{id}", Prefix: "tgw-attach-", Pending: attachmentPending, NotFound: attachmentNotFound,
		Wait:     providers.Wait{Call: list.action, Names: "{id}", Times: 1},
		Parents:  []string{"transit_gateway_id"},
		Compared: []string{"tags_all"},
		Events: []providers.Event{
			{Name: "DeleteTransitGatewayPeeringAttachment", Role: providers.Deleted, ID: "{req.transitGatewayAttachmentId}"},
			{Name: "RejectTransitGatewayPeeringAttachment", Role: providers.Deleted, ID: "{req.transitGatewayAttachmentId}"},
		},
	}
}

func transitGatewayPeeringLook() look {
	return look{filter: "transit-gateway-attachment-id", value: "{id}",
		count: "length(TransitGatewayPeeringAttachments[?State!='deleted' && State!='failed' && State!='rejected'])"}
}

// peeringSides tells which ends of a peering an attachment is in this place. A
// peering within one region and account has an attachment for each end; which
// is which shows where AWS names the accepter's. Where it does not, each counts
// as both: an end too many is a question, an end too few a false absence.
func peeringSides(p types.TransitGatewayPeeringAttachment, at place) (requester, accepter bool) {
	requester, accepter = isHere(p.RequesterTgwInfo, at), isHere(p.AccepterTgwInfo, at)
	if named := text(p.AccepterTransitGatewayAttachmentId); requester && accepter && named != "" {
		accepter = named == text(p.TransitGatewayAttachmentId)
		requester = !accepter
	}
	return requester, accepter
}

// isHere reports whether one end is in this place. What AWS leaves out speaks
// against nothing.
func isHere(end *types.PeeringTgwInfo, at place) bool {
	if end == nil {
		return false
	}
	owner, region := text(end.OwnerId), text(end.Region)
	return (owner == "" || owner == at.Account) && (region == "" || region == at.Region)
}

func peeringAttachment(p types.TransitGatewayPeeringAttachment, own, peer *types.PeeringTgwInfo) providers.Object {
	a := providers.Attrs{"id": text(p.TransitGatewayAttachmentId), "tags_all": tagsAll(p.Tags)}
	if own != nil {
		a["transit_gateway_id"] = text(own.TransitGatewayId)
	}
	if peer != nil {
		a["peer_transit_gateway_id"], a["peer_account_id"], a["peer_region"] = text(peer.TransitGatewayId), text(peer.OwnerId), text(peer.Region)
	}
	return providers.Object{State: string(p.State), Attrs: a}
}
