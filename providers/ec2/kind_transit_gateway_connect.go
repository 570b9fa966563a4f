package ec2

import (
	"strconv"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

func listTransitGatewayConnects() *listing {
	return usual[types.TransitGatewayConnect](sdk.NewDescribeTransitGatewayConnectsPaginator)
}

func listTransitGatewayConnectPeers() *listing {
	return usual[types.TransitGatewayConnectPeer](sdk.NewDescribeTransitGatewayConnectPeersPaginator)
}

// transitGatewayConnectRow: unlike attachments to a VPC, one that failed or was
// rejected is still there for the provider.
func transitGatewayConnectRow(list *listing) Row {
	return one(providers.Kind{
		Type: "aws_ec2_transit_gateway_connect", Import: "{id}", Prefix: "tgw-attach-",
		Pending: attachmentPending, Gone: []string{"deleted"}, NotFound: attachmentNotFound,
		Telling:  []string{"transport_attachment_id"},
		Wait:     providers.Wait{Call: list.action, Names: "{id}", Times: 1},
		Parents:  []string{"transport_attachment_id", "transit_gateway_id"},
		Fixed:    []string{"protocol", "transport_attachment_id", "transit_gateway_id"},
		Compared: []string{"tags_all"}, NotCompared: attachmentNotCompared(),
		Events: []providers.Event{
			{Name: "CreateTransitGatewayConnect", Role: providers.Created, ID: "{res.transitGatewayConnect.transitGatewayAttachmentId}"},
			{Name: "DeleteTransitGatewayConnect", Role: providers.Deleted, ID: "{req.transitGatewayAttachmentId}"},
		},
		IfSkipped: "the next apply makes a second Connect attachment; the first one, with its peers, stays behind unmanaged",
		Again:     providers.Again{Outcome: providers.Second, How: providers.Source},
	}, list, look{filter: "transit-gateway-attachment-id", value: "{id}", count: "length(TransitGatewayConnects[?State!='deleted'])"},
		func(c types.TransitGatewayConnect, _ place) providers.Object {
			a := providers.Attrs{
				"id": text(c.TransitGatewayAttachmentId), "transit_gateway_id": text(c.TransitGatewayId),
				"transport_attachment_id": text(c.TransportTransitGatewayAttachmentId), "tags_all": tagsAll(c.Tags),
			}
			if o := c.Options; o != nil {
				a["protocol"] = string(o.Protocol)
			}
			return providers.Object{State: string(c.State), Attrs: a}
		})
}

func transitGatewayConnectPeerRow(list *listing) Row {
	return one(providers.Kind{
		Type: "aws_ec2_transit_gateway_connect_peer", Import: "{id}", Prefix: "tgw-connect-peer-",
		Pending: []string{"pending", "deleting"}, Gone: []string{"deleted"}, NotFound: []string{"InvalidTransitGatewayConnectPeerID.NotFound"},
		Telling:  []string{"peer_address", "inside_cidr_blocks"},
		Wait:     providers.Wait{Call: list.action, Names: "{id}", Times: 1},
		Parents:  []string{"transit_gateway_attachment_id"},
		Fixed:    []string{"transit_gateway_attachment_id", "peer_address", "inside_cidr_blocks", "bgp_asn", "transit_gateway_address"},
		Compared: []string{"bgp_peer_address", "bgp_transit_gateway_addresses", "tags_all"},
		Events: []providers.Event{
			{Name: "CreateTransitGatewayConnectPeer", Role: providers.Created, ID: "{res.transitGatewayConnectPeer.transitGatewayConnectPeerId}"},
			{Name: "DeleteTransitGatewayConnectPeer", Role: providers.Deleted, ID: "{req.transitGatewayConnectPeerId}"},
		},
		IfSkipped: "the next apply asks for a second peer with the same addresses, which AWS may refuse",
	}, list, look{filter: "transit-gateway-connect-peer-id", value: "{id}", count: "length(TransitGatewayConnectPeers[?State!='deleted'])"},
		func(p types.TransitGatewayConnectPeer, at place) providers.Object {
			id := text(p.TransitGatewayConnectPeerId)
			a := providers.Attrs{
				"id": id, "arn": at.arn("transit-gateway-connect-peer", id),
				"transit_gateway_attachment_id": text(p.TransitGatewayAttachmentId), "tags_all": tagsAll(p.Tags),
			}
			if c := p.ConnectPeerConfiguration; c != nil {
				a["inside_cidr_blocks"] = boxed(c.InsideCidrBlocks)
				a["peer_address"], a["transit_gateway_address"] = text(c.PeerAddress), text(c.TransitGatewayAddress)
				var addresses []string
				for n, b := range c.BgpConfigurations {
					if n == 0 {
						a["bgp_peer_address"] = text(b.PeerAddress)
						if b.PeerAsn != nil {
							a["bgp_asn"] = strconv.FormatInt(*b.PeerAsn, 10)
						}
					}
					addresses = append(addresses, text(b.TransitGatewayAddress))
				}
				a["bgp_transit_gateway_addresses"] = boxed(addresses)
			}
			return providers.Object{State: string(p.State), Attrs: a}
		})
}
