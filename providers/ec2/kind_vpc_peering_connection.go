package ec2

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

func listVPCPeeringConnections() *listing {
	return usual[types.VpcPeeringConnection](sdk.NewDescribeVpcPeeringConnectionsPaginator).byIDs("VpcPeeringConnectionIds")
}

// vpcPeeringConnectionRow has no account attribute, because a connection names
// both owners. One account with a VPC in each of two regions sees it in both;
// it belongs to the region that asked for it.
func vpcPeeringConnectionRow(list *listing) Row {
	k := vpcPeering("aws_vpc_peering_connection")
	k.Wait = providers.Wait{Call: list.action, Names: "{id}", Times: 1}
	k.Telling = []string{"peer_vpc_id"}
	k.Parents = []string{"vpc_id"}
	k.Fixed = []string{"vpc_id", "peer_vpc_id", "peer_owner_id", "peer_region"}
	k.Compared = []string{"accepter", "requester", "tags_all"}
	k.Prefix = "pcx-"
	k.Events = append(k.Events,
		providers.Event{Name: "CreateVpcPeeringConnection", Role: providers.Created, ID: "{res.vpcPeeringConnection.vpcPeeringConnectionId}"},
		providers.Event{Name: "AcceptVpcPeeringConnection", Role: providers.Changed, ID: "{req.vpcPeeringConnectionId}"},
		providers.Event{Name: "ModifyVpcPeeringConnectionOptions", Role: providers.Changed, ID: "{req.vpcPeeringConnectionId}"})
	k.IfSkipped = "the next apply asks for the same peering once more, and AWS answers with the connection that is there: nothing is doubled"
	k.Again = providers.Again{Outcome: providers.Same, How: providers.Documented}
	return row(k, list, peeringLook(), func(p types.VpcPeeringConnection, at place) []providers.Object {
		if requester, accepter := sideOf(p.RequesterVpcInfo), sideOf(p.AccepterVpcInfo); accepter == at.Place &&
			requester != at.Place && requester.Account == accepter.Account {
			return nil
		}
		o := peeringObject(p, at)
		delete(o.Attrs, "vpc_peering_connection_id") // a word of the other two
		return []providers.Object{o}
	})
}

// vpcPeeringConnectionAccepterRow has no parents: the connection that it names
// may be recorded for another account or region than the accepter's.
func vpcPeeringConnectionAccepterRow(list *listing) Row {
	k := vpcPeering("aws_vpc_peering_connection_accepter")
	k.Accepter = true
	k.Facet = true
	k.Takes = providers.Wait{Call: list.action, Names: "{id}", Times: 1, Abroad: true}
	k.Fixed = []string{"vpc_peering_connection_id"}
	k.Compared = []string{"accepter", "requester", "tags_all"}
	k.Prefix = "pcx-"
	k.Events = append(k.Events,
		providers.Event{Name: "AcceptVpcPeeringConnection", Role: providers.Created, ID: "{req.vpcPeeringConnectionId}"},
		providers.Event{Name: "ModifyVpcPeeringConnectionOptions", Role: providers.Changed, ID: "{req.vpcPeeringConnectionId}"})
	k.IfSkipped = "nothing: the next apply finds the connection accepted, does not accept it again and records it"
	k.Again = providers.Again{Outcome: providers.Same, How: providers.Shown}
	return row(k, list, peeringLook(), func(p types.VpcPeeringConnection, at place) []providers.Object {
		requester := sideOf(p.RequesterVpcInfo)
		if requester == at.Place && sideOf(p.AccepterVpcInfo) != at.Place {
			return nil // only the other side can accept
		}
		o := peeringObject(p, at)
		o.Abroad = requester != (providers.Place{}) && requester != at.Place
		// A connection that waits to be accepted is there for Terraform, and
		// nobody has accepted it.
		o.Implicit = o.State == string(types.VpcPeeringConnectionStateReasonCodePendingAcceptance)
		return []providers.Object{o}
	})
}

// vpcPeeringConnectionOptionsRow is adopted: every connection has options, and
// either side may manage its own. It has no parents for the accepter's reason.
func vpcPeeringConnectionOptionsRow(list *listing) Row {
	k := vpcPeering("aws_vpc_peering_connection_options")
	k.Facet = true
	k.Fixed = []string{"vpc_peering_connection_id"}
	k.Compared = []string{"accepter", "requester"}
	k.Events = append(k.Events,
		providers.Event{Name: "ModifyVpcPeeringConnectionOptions", Role: providers.Changed, ID: "{req.vpcPeeringConnectionId}"})
	k.IfSkipped = "nothing: the next apply sets the options again, which is safe to repeat, and records them"
	k.Again = providers.Again{Outcome: providers.Same, How: providers.Shown}
	return one(k, list, peeringLook(), func(p types.VpcPeeringConnection, at place) providers.Object {
		o := peeringObject(p, at)
		a := providers.Attrs{}
		for _, name := range []string{"id", "vpc_peering_connection_id", "accepter", "requester"} {
			a[name] = o.Attrs[name]
		}
		return providers.Object{State: o.State, Implicit: true, Attrs: a}
	})
}

// vpcPeering is what the three kinds of one connection have in common. The
// provider takes a rejected connection for gone, as it does a deleted one.
func vpcPeering(typ string) providers.Kind {
	return providers.Kind{
		Type: typ, Import: "{id}",
		Pending:  []string{"initiating-request", "provisioning", "deleting"},
		Gone:     []string{"deleted", "failed", "expired", "rejected"},
		NotFound: []string{"InvalidVpcPeeringConnectionID.NotFound"},
		Events: []providers.Event{
			{Name: "DeleteVpcPeeringConnection", Role: providers.Deleted, ID: "{req.vpcPeeringConnectionId}"},
			{Name: "RejectVpcPeeringConnection", Role: providers.Deleted, ID: "{req.vpcPeeringConnectionId}"},
		},
	}
}

func peeringLook() look {
	return look{ids: "vpc-peering-connection-ids", value: "{id}", count: "length(VpcPeeringConnections[?Status.Code!='deleted' && " +
		"Status.Code!='failed' && Status.Code!='expired' && Status.Code!='rejected'])"}
}

func sideOf(v *types.VpcPeeringConnectionVpcInfo) providers.Place {
	if v == nil {
		return providers.Place{}
	}
	return providers.Place{Account: text(v.OwnerId), Region: text(v.Region)}
}

// peeringObject sees the connection as the provider does: from the requester's
// side, unless the reader's account has the accepter's side alone.
func peeringObject(p types.VpcPeeringConnection, at place) providers.Object {
	own, peer := p.RequesterVpcInfo, p.AccepterVpcInfo
	if own == nil {
		own = &types.VpcPeeringConnectionVpcInfo{}
	}
	if peer == nil {
		peer = &types.VpcPeeringConnectionVpcInfo{}
	}
	id := text(p.VpcPeeringConnectionId)
	a := providers.Attrs{
		"id": id, "vpc_peering_connection_id": id, "peer_region": text(peer.Region), "tags_all": tagsAll(p.Tags),
		"requester": peeringOptions(own.PeeringOptions), "accepter": peeringOptions(peer.PeeringOptions),
	}
	if text(peer.OwnerId) == at.Account && text(own.OwnerId) != at.Account {
		own, peer = peer, own
	}
	a["vpc_id"], a["peer_vpc_id"], a["peer_owner_id"] = text(own.VpcId), text(peer.VpcId), text(peer.OwnerId)
	o := providers.Object{Attrs: a}
	if p.Status != nil {
		o.State = string(p.Status.Code)
		a["accept_status"] = o.State
	}
	return o
}

func peeringOptions(o *types.VpcPeeringConnectionOptionsDescription) []any {
	if o == nil {
		return nil
	}
	return []any{map[string]any{"allow_remote_vpc_dns_resolution": yes(o.AllowDnsResolutionFromRemoteVpc)}}
}
