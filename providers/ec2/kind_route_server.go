package ec2

import (
	"cmp"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// The provider reads any error as a missing propagation or association. Here an
// error is never an absence: those two have no codes for it, and what has an id
// of its own is looked for in the whole listing.

var (
	routeServerPending = []string{"pending", "deleting"}
	routeServerGone    = []string{"deleted"}
)

func listRouteServers() *listing {
	return usual[types.RouteServer](sdk.NewDescribeRouteServersPaginator)
}

func livingRouteServer(item any) string {
	s := item.(types.RouteServer)
	if s.State == types.RouteServerStateDeleted {
		return ""
	}
	return text(s.RouteServerId)
}

func routeServerRow(list *listing) Row {
	return one(providers.Kind{
		Type: "aws_vpc_route_server", NoID: true, Identity: "{route_server_id}", Import: "{route_server_id}", Prefix: "rs-",
		Pending: routeServerPending, Gone: routeServerGone, NotFound: []string{"InvalidRouteServerId.NotFound"},
		Wait:     providers.Wait{Call: list.action, Names: "{route_server_id}", Times: 1},
		Fixed:    []string{"amazon_side_asn"},
		Compared: []string{"persist_routes", "persist_routes_duration", "sns_notifications_enabled", "tags_all"},
		Events: []providers.Event{
			{Name: "CreateRouteServer", Role: providers.Created, ID: "{res.routeServer.routeServerId}"},
			{Name: "ModifyRouteServer", Role: providers.Changed, ID: "{req.routeServerId}"},
			{Name: "DeleteRouteServer", Role: providers.Deleted, ID: "{req.routeServerId}"},
		},
		IfSkipped: "the next apply makes a second route server; the first one, with its endpoints, stays behind unmanaged",
		Again:     providers.Again{Outcome: providers.Second, How: providers.Source},
	}, list, look{value: "{route_server_id}", count: "length(RouteServers[?State!='deleted' && RouteServerId=={route_server_id}])"},
		func(s types.RouteServer, at place) providers.Object {
			id, persist := text(s.RouteServerId), types.RouteServerPersistRoutesActionDisable
			if s.PersistRoutesState == types.RouteServerPersistRoutesStateEnabled {
				persist = types.RouteServerPersistRoutesActionEnable
			}
			return providers.Object{State: string(s.State), Attrs: providers.Attrs{
				"id": id, "route_server_id": id, "arn": at.arn("route-server", id), "amazon_side_asn": numberOf(s.AmazonSideAsn),
				"persist_routes": string(persist), "persist_routes_duration": numberOf(s.PersistRoutesDuration),
				"sns_notifications_enabled": yes(s.SnsNotificationsEnabled), "sns_topic_arn": text(s.SnsTopicArn), "tags_all": tagsAll(s.Tags),
			}}
		})
}

func routeServerEndpointRow() Row {
	list := usual[types.RouteServerEndpoint](sdk.NewDescribeRouteServerEndpointsPaginator)
	return one(providers.Kind{
		Type: "aws_vpc_route_server_endpoint", NoID: true, Identity: "{route_server_endpoint_id}", Import: "{route_server_endpoint_id}", Prefix: "rse-",
		Pending: append([]string{"failing"}, routeServerPending...), Gone: routeServerGone, NotFound: []string{"InvalidRouteServerEndpointId.NotFound"},
		Wait:     providers.Wait{Call: list.action, Names: "{route_server_endpoint_id}", Times: 1},
		Parents:  []string{"subnet_id", "route_server_id"},
		Fixed:    []string{"subnet_id", "route_server_id"},
		Telling:  []string{"subnet_id", "route_server_id"},
		Compared: []string{"tags_all"},
		Events: []providers.Event{
			{Name: "CreateRouteServerEndpoint", Role: providers.Created, ID: "{res.routeServerEndpoint.routeServerEndpointId}"},
			{Name: "DeleteRouteServerEndpoint", Role: providers.Deleted, ID: "{req.routeServerEndpointId}"},
		},
		IfSkipped: "the next apply makes a second endpoint in the subnet; the first one stays behind unmanaged",
		Again:     providers.Again{Outcome: providers.Second, How: providers.Source},
	}, list, look{value: "{route_server_endpoint_id}",
		count: "length(RouteServerEndpoints[?State!='deleted' && RouteServerEndpointId=={route_server_endpoint_id}])"},
		func(e types.RouteServerEndpoint, at place) providers.Object {
			id := text(e.RouteServerEndpointId)
			return providers.Object{State: string(e.State), Attrs: providers.Attrs{
				"id": id, "route_server_endpoint_id": id, "arn": at.arn("route-server-endpoint", id), "route_server_id": text(e.RouteServerId),
				"subnet_id": text(e.SubnetId), "vpc_id": text(e.VpcId), "eni_id": text(e.EniId), "eni_address": text(e.EniAddress),
				"tags_all": tagsAll(e.Tags),
			}}
		})
}

// routeServerPeerRow ranks by the BGP options and does not exclude by them: the
// liveness detection is computed where it is not configured.
func routeServerPeerRow() Row {
	list := usual[types.RouteServerPeer](sdk.NewDescribeRouteServerPeersPaginator)
	return one(providers.Kind{
		Type: "aws_vpc_route_server_peer", NoID: true, Identity: "{route_server_peer_id}", Import: "{route_server_peer_id}", Prefix: "rsp-",
		Pending: append([]string{"failing"}, routeServerPending...), Gone: routeServerGone, NotFound: []string{"InvalidRouteServerPeerId.NotFound"},
		Wait:     providers.Wait{Call: list.action, Names: "{route_server_peer_id}", Times: 1},
		Parents:  []string{"route_server_endpoint_id"},
		Fixed:    []string{"route_server_endpoint_id", "peer_address"},
		Telling:  []string{"peer_address"},
		Compared: []string{"bgp_options", "tags_all"},
		Events: []providers.Event{
			{Name: "CreateRouteServerPeer", Role: providers.Created, ID: "{res.routeServerPeer.routeServerPeerId}"},
			{Name: "DeleteRouteServerPeer", Role: providers.Deleted, ID: "{req.routeServerPeerId}"},
		},
		IfSkipped: "the next apply may fail, because the endpoint has a peer of that address already, or makes it a second time",
	}, list, look{value: "{route_server_peer_id}", count: "length(RouteServerPeers[?State!='deleted' && RouteServerPeerId=={route_server_peer_id}])"},
		func(p types.RouteServerPeer, at place) providers.Object {
			id := text(p.RouteServerPeerId)
			var options []any
			if o := p.BgpOptions; o != nil {
				options = []any{map[string]any{"peer_asn": numberOf(o.PeerAsn), "peer_liveness_detection": string(o.PeerLivenessDetection)}}
			}
			return providers.Object{State: string(p.State), Attrs: providers.Attrs{
				"id": id, "route_server_peer_id": id, "arn": at.arn("route-server-peer", id), "peer_address": text(p.PeerAddress),
				"route_server_endpoint_id": text(p.RouteServerEndpointId), "route_server_id": text(p.RouteServerId), "bgp_options": options,
				"endpoint_eni_id": text(p.EndpointEniId), "endpoint_eni_address": text(p.EndpointEniAddress), "subnet_id": text(p.SubnetId),
				"vpc_id": text(p.VpcId), "tags_all": tagsAll(p.Tags),
			}}
		})
}

func routeServerPropagationRow(servers *listing) Row {
	list := once((*sdk.Client).GetRouteServerPropagations,
		func(q query) *sdk.GetRouteServerPropagationsInput {
			return &sdk.GetRouteServerPropagationsInput{RouteServerId: &q.parent}
		},
		func(o *sdk.GetRouteServerPropagationsOutput) []types.RouteServerPropagation {
			return o.RouteServerPropagations
		}).perParent(servers, "RouteServerId", livingRouteServer)
	k := routeServerTie("aws_vpc_route_server_propagation", "route_table_id", "EnableRouteServerPropagation", "DisableRouteServerPropagation",
		"{req.routeServerId},{req.routeTableId}")
	k.Pending = routeServerPending
	k.Wait = providers.Wait{Call: list.action, Names: "{route_table_id}", Times: 1}
	k.IfSkipped = "the next apply enables the propagation once more, which AWS may refuse"
	return one(k, list, look{value: "{route_server_id}", count: "length(RouteServerPropagations[?RouteTableId=={route_table_id}])"},
		func(p types.RouteServerPropagation, at place) providers.Object {
			return routeServerTied(cmp.Or(at.parent, text(p.RouteServerId)), "route_table_id", text(p.RouteTableId), string(p.State))
		})
}

func routeServerVPCAssociationRow(servers *listing) Row {
	list := once((*sdk.Client).GetRouteServerAssociations,
		func(q query) *sdk.GetRouteServerAssociationsInput {
			return &sdk.GetRouteServerAssociationsInput{RouteServerId: &q.parent}
		},
		func(o *sdk.GetRouteServerAssociationsOutput) []types.RouteServerAssociation {
			return o.RouteServerAssociations
		}).perParent(servers, "RouteServerId", livingRouteServer)
	k := routeServerTie("aws_vpc_route_server_vpc_association", "vpc_id", "AssociateRouteServer", "DisassociateRouteServer",
		"{req.routeServerId},{req.vpcId}")
	k.Pending = associationPending
	k.Wait = providers.Wait{Call: list.action, Names: "{route_server_id}", Times: 1}
	k.IfSkipped = "the next apply associates the VPC once more, which AWS may refuse"
	return one(k, list, look{value: "{route_server_id}", count: "length(RouteServerAssociations[?VpcId=={vpc_id}])"},
		func(a types.RouteServerAssociation, at place) providers.Object {
			return routeServerTied(cmp.Or(at.parent, text(a.RouteServerId)), "vpc_id", text(a.VpcId), string(a.State))
		})
}

// routeServerTie is what a route server's propagation to a table and its
// association with a VPC have in common.
func routeServerTie(typ, attr, make, unmake string, id providers.Template) providers.Kind {
	both := providers.Template("{route_server_id},{" + attr + "}")
	return providers.Kind{
		Type: typ, NoID: true, Identity: both, Import: both, Facet: true,
		// The other end has an id in the state, so it is the one that tells the place.
		Parents: []string{attr, "route_server_id"},
		Events: []providers.Event{
			{Name: make, Role: providers.Created, ID: id},
			{Name: unmake, Role: providers.Deleted, ID: id},
		},
	}
}

func routeServerTied(server, attr, other, state string) providers.Object {
	return providers.Object{State: state, Attrs: providers.Attrs{"id": server + "," + other, "route_server_id": server, attr: other}}
}
