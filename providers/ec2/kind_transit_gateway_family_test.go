package ec2

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// inIreland is where the tests of the kinds read.
var inIreland = place{Place: providers.Place{Account: "123456789012", Region: "eu-west-1"}, partition: "aws", parent: "parent-1"}

func TestEachEndOfAPeeringShowsInItsOwnPlaceOnly(t *testing.T) {
	end := func(region, account string) *types.PeeringTgwInfo {
		return &types.PeeringTgwInfo{TransitGatewayId: new("tgw-" + region), OwnerId: new(account), Region: new(region)}
	}
	ours, theirs := end("eu-west-1", "123456789012"), end("us-east-1", "123456789012")
	foreign := end("eu-west-1", "210987654321")
	for _, c := range []struct {
		what                string
		requester, accepter *types.PeeringTgwInfo
		accepterID          string
		asks, accepts       bool
	}{
		{"asked from here", ours, theirs, "", true, false},
		{"asked from another region", theirs, ours, "", false, true},
		{"asked by another account in this region", foreign, ours, "", false, true},
		{"asked of another account in this region", ours, foreign, "tgw-attach-2", true, false},
		{"within the region, the requester's end", ours, ours, "tgw-attach-2", true, false},
		{"within the region, the accepter's end", ours, ours, "tgw-attach-1", false, true},
		{"within the region, and AWS does not say which end", ours, ours, "", true, true},
		{"between others", theirs, end("us-west-2", "123456789012"), "", false, false},
		{"AWS leaves the owners out", &types.PeeringTgwInfo{Region: new("eu-west-1")}, &types.PeeringTgwInfo{Region: new("us-east-1")}, "", true, false},
		{"AWS leaves the ends out", nil, nil, "", false, false},
	} {
		p := types.TransitGatewayPeeringAttachment{TransitGatewayAttachmentId: new("tgw-attach-1"), State: "available",
			RequesterTgwInfo: c.requester, AccepterTgwInfo: c.accepter, AccepterTransitGatewayAttachmentId: new(c.accepterID)}
		list := listTransitGatewayPeerings()
		asked := transitGatewayPeeringAttachmentRow(list).objects(p, inIreland)
		accepted := transitGatewayPeeringAttachmentAccepterRow(list).objects(p, inIreland)
		if (len(asked) == 1) != c.asks || (len(accepted) == 1) != c.accepts {
			t.Errorf("%s: %d attachments and %d accepters", c.what, len(asked), len(accepted))
		}
	}
}

func TestThePeersOfAPeeringAreSeenFromTheOwnEnd(t *testing.T) {
	p := types.TransitGatewayPeeringAttachment{TransitGatewayAttachmentId: new("tgw-attach-1"), State: "pendingAcceptance",
		RequesterTgwInfo: &types.PeeringTgwInfo{TransitGatewayId: new("tgw-r"), OwnerId: new("210987654321"), Region: new("us-east-1")},
		AccepterTgwInfo:  &types.PeeringTgwInfo{TransitGatewayId: new("tgw-a"), OwnerId: new("123456789012"), Region: new("eu-west-1")}}
	there := inIreland
	there.Place = providers.Place{Account: "210987654321", Region: "us-east-1"}
	list := listTransitGatewayPeerings()
	asked := transitGatewayPeeringAttachmentRow(list).objects(p, there)[0]
	accepted := transitGatewayPeeringAttachmentAccepterRow(list).objects(p, inIreland)[0]
	expectAttrs(t, asked.Attrs, map[string]any{"transit_gateway_id": "tgw-r", "peer_transit_gateway_id": "tgw-a", "peer_account_id": "123456789012", "peer_region": "eu-west-1"})
	expectAttrs(t, accepted.Attrs, map[string]any{"transit_gateway_id": "tgw-a", "peer_transit_gateway_id": "tgw-r", "peer_account_id": "210987654321", "peer_region": "us-east-1"})
	if asked.Life != providers.Alive || accepted.Life != providers.Gone {
		t.Errorf("before it is accepted the attachment is %s and its accepter %s", asked.Life, accepted.Life)
	}
}

func TestAGatewayWithoutADefaultTableHasNoDefault(t *testing.T) {
	g := types.TransitGateway{TransitGatewayId: new("tgw-1"), Options: &types.TransitGatewayOptions{AssociationDefaultRouteTableId: new("tgw-rtb-1")}}
	list := listTransitGateways()
	if got := transitGatewayDefaultPropagationRow(list).objects(g, inIreland); len(got) != 0 {
		t.Errorf("a default propagation: %v", got)
	}
	got := transitGatewayDefaultAssociationRow(list).objects(g, inIreland)
	if len(got) != 1 || got[0].ID != "tgw-1" || got[0].Attrs["transit_gateway_route_table_id"] != "tgw-rtb-1" || !got[0].Implicit {
		t.Errorf("the default association: %v", got)
	}
}

func TestMulticastByIGMPIsNobodysCall(t *testing.T) {
	groups := listTransitGatewayMulticastGroups(listTransitGatewayMulticastDomains())
	members, senders := transitGatewayMulticastGroupMemberRow(groups), transitGatewayMulticastGroupSourceRow(groups)
	g := types.TransitGatewayMulticastGroup{GroupIpAddress: new("224.0.0.1"), NetworkInterfaceId: new("eni-1"), GroupMember: new(true), MemberType: "igmp"}
	got := members.objects(g, inIreland)
	if len(got) != 1 || got[0].ID != "parent-1/224.0.0.1/eni-1" || !got[0].Implicit {
		t.Errorf("a member by IGMP: %v", got)
	}
	if got := senders.objects(g, inIreland); len(got) != 0 {
		t.Errorf("a member is a source: %v", got)
	}
	if g.MemberType = "static"; members.objects(g, inIreland)[0].Implicit {
		t.Error("a registered member is nobody's call")
	}
	if g.NetworkInterfaceId = nil; len(members.objects(g, inIreland)) != 0 {
		t.Error("a group without an interface is a member")
	}
}

func TestAPolicyRuleOfStarsIsNone(t *testing.T) {
	star := &types.TransitGatewayPolicyRule{DestinationCidrBlock: new("*"), DestinationPortRange: new("*"), Protocol: new("*"),
		SourceCidrBlock: new("*"), SourcePortRange: new("*"), MetaData: &types.TransitGatewayPolicyRuleMetaData{MetaDataKey: new("k")}}
	if got := policyRule(star); got != nil {
		t.Errorf("a rule of stars is %v", got)
	}
	star.Protocol = new("6")
	got := policyRule(star)
	if len(got) != 1 || got[0].(map[string]any)["protocol"] != "6" || got[0].(map[string]any)["source_cidr_block"] != "*" {
		t.Errorf("a rule with a protocol is %v", got)
	}
	if _, has := got[0].(map[string]any)["metadata"]; has {
		t.Error("metadata is shown, which AWS never returns")
	}
}

func TestAConnectAttachmentThatFailedIsThere(t *testing.T) {
	k := transitGatewayConnectRow(listTransitGatewayConnects())
	for state, life := range map[string]providers.Life{"failed": providers.Alive, "rejected": providers.Alive, "deleted": providers.Gone, "rollingBack": providers.Pending} {
		if got := k.LifeOf(state); got != life {
			t.Errorf("%s is %s", state, got)
		}
	}
}

func expectAttrs(t *testing.T, got providers.Attrs, attrs map[string]any) {
	t.Helper()
	for name, v := range attrs {
		if providers.Canon(got[name]) != providers.Canon(v) {
			t.Errorf("%s is %v, not %v", name, got[name], v)
		}
	}
}
