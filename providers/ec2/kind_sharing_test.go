package ec2

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	dxtypes "github.com/aws/aws-sdk-go-v2/service/directconnect/types"
	ramtypes "github.com/aws/aws-sdk-go-v2/service/ram/types"

	"reconcile/providers"
	"reconcile/providers/cloudtrail"
)

const (
	ramShareARN  = "arn:aws:ram:eu-west-1:123456789012:resource-share/73da1ab9"
	ramSubnetARN = "arn:aws:ec2:eu-west-1:123456789012:subnet/subnet-1"
)

// recordedEffects runs one record through the index of the family's events.
func recordedEffects(t *testing.T, source, name, request, response string) []string {
	t.Helper()
	r, err := cloudtrail.Decode([]byte(fmt.Sprintf(`{"eventID":"e-1","eventName":%q,"eventSource":%q,"eventType":"AwsApiCall",
		"eventTime":"2026-01-02T03:04:05Z","awsRegion":"eu-west-1","recipientAccountId":"123456789012","readOnly":false,
		"requestParameters":%s,"responseElements":%s}`, name, source, request, response)))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range cloudtrail.NewIndex(Kinds(slices.Concat(sharingRows(sources{}), ipamRows(sources{})))).Call(r).Mutations {
		out = append(out, string(m.Role)+" "+m.Type+" "+m.ID)
	}
	return out
}

func TestWhatRecordsSayOfSharing(t *testing.T) {
	for _, c := range []struct {
		source, name, request, response string
		want                            []string
	}{
		{ramSource, "CreateResourceShare", `{"name":"net","resourceArns":["` + ramSubnetARN + `"]}`, `{"resourceShare":{"resourceShareArn":"` + ramShareARN + `"}}`,
			[]string{"created aws_ram_resource_association " + ramShareARN + "," + ramSubnetARN, "created aws_ram_resource_share " + ramShareARN}},
		{ramSource, "AssociateResourceShare", `{"resourceShareArn":"` + ramShareARN + `","principals":["012345678901","210987654321"]}`, `{}`,
			[]string{"created aws_ram_principal_association " + ramShareARN + ",012345678901", "created aws_ram_principal_association " + ramShareARN + ",210987654321"}},
		// Putting one principal out leaves the share, and what else is in it, alone.
		{ramSource, "DisassociateResourceShare", `{"resourceShareArn":"` + ramShareARN + `","principals":["210987654321"]}`, `{}`,
			[]string{"deleted aws_ram_principal_association " + ramShareARN + ",210987654321", "deleted aws_ram_resource_share_accepter " + ramShareARN + ",210987654321"}},
		{ramSource, "AcceptResourceShareInvitation", `{"resourceShareInvitationArn":"arn:i"}`,
			`{"resourceShareInvitation":{"resourceShareArn":"` + ramShareARN + `","receiverAccountId":"210987654321"}}`,
			[]string{"created aws_ram_resource_share_accepter " + ramShareARN + ",210987654321"}},
		{ramSource, "TagResource", `{"resourceShareArn":"` + ramShareARN + `","tags":[]}`, `null`, []string{"changed aws_ram_resource_share " + ramShareARN}},
		{directConnectSource, "TagResource", `{"resourceArn":"arn:aws:directconnect::123456789012:dx-gateway/g"}`, `{}`, nil},
		{directConnectSource, "DeleteDirectConnectGatewayAssociation", `{"associationId":"a-1"}`, `{}`, []string{"deleted aws_dx_gateway_association a-1"}},
		{directConnectSource, "AcceptDirectConnectGatewayAssociationProposal", `{"proposalId":"p-1"}`, `{"directConnectGatewayAssociation":{"associationId":"a-1"}}`,
			[]string{"created aws_dx_gateway_association a-1", "changed aws_dx_gateway_association_proposal p-1"}},
		{providers.EC2, "ProvisionIpamPoolCidr", `{"ProvisionIpamPoolCidrRequest":{"IpamPoolId":"ipam-pool-1","NetmaskLength":20}}`,
			`{"ProvisionIpamPoolCidrResponse":{"ipamPoolCidr":{"cidr":"10.0.0.0/20","state":"pending-provision"}}}`,
			[]string{"created aws_vpc_ipam_pool_cidr 10.0.0.0/20_ipam-pool-1"}},
		// A preview holds nothing.
		{providers.EC2, "AllocateIpamPoolCidr", `{"AllocateIpamPoolCidrRequest":{"IpamPoolId":"ipam-pool-1","PreviewNextCidr":true}}`,
			`{"AllocateIpamPoolCidrResponse":{"ipamPoolAllocation":{"cidr":"10.0.0.0/24"}}}`, nil},
	} {
		if got := recordedEffects(t, c.source, c.name, c.request, c.response); !slices.Equal(got, c.want) {
			t.Errorf("%s %s: %q", c.source, c.name, got)
		}
	}
}

func TestSharesAreAskedAsTheCLINeedsIt(t *testing.T) {
	a := providers.Attrs{"id": ramShareARN, "resource_share_arn": ramShareARN, "share_arn": ramShareARN, "resource_arn": ramSubnetARN, "principal": "012345678901"}
	for _, c := range []struct {
		row  Row
		want string
	}{
		{resourceShareRow(), "ram get-resource-shares --resource-owner SELF --resource-share-arns " + ramShareARN},
		{resourceShareAccepterRow(), "ram get-resource-shares --resource-owner OTHER-ACCOUNTS --resource-share-arns " + ramShareARN},
		{resourceShareResourceRow(), "ram get-resource-share-associations --association-type RESOURCE --resource-share-arns " + ramShareARN},
		{resourceSharePrincipalRow(), "ram get-resource-share-associations --association-type PRINCIPAL --resource-share-arns " + ramShareARN},
	} {
		if got := strings.Join(c.row.Confirm(a), " "); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s asks %s", c.row.Type, got)
		}
		if got := c.row.Confirm(providers.Attrs{}); got != nil {
			t.Errorf("%s asks about nothing: %q", c.row.Type, got)
		}
	}
}

func TestAShareIsAcceptedByTheAccountThatReads(t *testing.T) {
	s := ramtypes.ResourceShare{ResourceShareArn: new(ramShareARN), Name: new("net"), OwningAccountId: new("210987654321"), Status: ramtypes.ResourceShareStatusActive}
	got := resourceShareAccepterRow().objects(s, inIreland)[0]
	expectAttrs(t, got.Attrs, map[string]any{"id": ramShareARN, "share_id": "rs-73da1ab9", "sender_account_id": "210987654321", "receiver_account_id": "123456789012"})
	if got.ID != ramShareARN+",123456789012" {
		t.Errorf("its identity is %s", got.ID)
	}
}

func TestAnInvitedAccountNeedNotHaveAccepted(t *testing.T) {
	r := resourceSharePrincipalRow()
	for principal, life := range map[string]providers.Life{
		"012345678901": providers.Alive,
		"arn:aws:organizations::123456789012:organization/o-1": providers.Pending,
	} {
		m := ramtypes.ResourceShareAssociation{ResourceShareArn: new(ramShareARN), AssociatedEntity: &principal, Status: "ASSOCIATING"}
		if got := r.objects(m, inIreland)[0]; got.Life != life || got.ID != ramShareARN+","+principal {
			t.Errorf("%s is %s", got.ID, got.Life)
		}
		m.Status = "DISASSOCIATED"
		if got := r.objects(m, inIreland)[0]; got.Life != providers.Gone {
			t.Errorf("%s, disassociated, is %s", got.ID, got.Life)
		}
	}
	if r.LifeOf("FAILED") != providers.Alive || r.LifeOf("SUSPENDED") != providers.Alive {
		t.Error("what failed or is suspended is not there")
	}
}

func TestTheStatesIDOfADirectConnectAssociationIsNotItsImportID(t *testing.T) {
	r := directConnectGatewayAssociationRow(listDirectConnectGateways())
	m := dxtypes.DirectConnectGatewayAssociation{AssociationId: new("a-1"), DirectConnectGatewayId: new("345508c3"),
		AssociatedGateway:                     &dxtypes.AssociatedGateway{Id: new("tgw-1"), Type: dxtypes.GatewayTypeTransitGateway},
		AllowedPrefixesToDirectConnectGateway: []dxtypes.RouteFilterPrefix{{Cidr: new("10.0.0.0/8")}}}
	o := r.objects(m, inIreland)[0]
	if o.ID != "a-1" || r.ImportIDOf(o.Attrs) != "345508c3/tgw-1" || r.StateIDOf(o.Attrs) != "ga-345508c3tgw-1" || r.StateIDOf(providers.Attrs{}) != "" {
		t.Errorf("%s, %s, %s", o.ID, r.ImportIDOf(o.Attrs), r.StateIDOf(o.Attrs))
	}
	m.AssociatedGateway = nil
	if got := r.objects(m, inIreland); len(got) != 0 {
		t.Errorf("a core network's association: %v", got)
	}
}

func TestAProposalIsTheOwnersOfTheAssociatedGateway(t *testing.T) {
	r := directConnectGatewayAssociationProposalRow()
	p := dxtypes.DirectConnectGatewayAssociationProposal{ProposalId: new("p-1"), DirectConnectGatewayOwnerAccount: new("210987654321"),
		AssociatedGateway: &dxtypes.AssociatedGateway{Id: new("tgw-1"), OwnerAccount: new("123456789012")}}
	if got := r.objects(p, inIreland); len(got) != 1 {
		t.Errorf("one's own proposal: %v", got)
	}
	there := inIreland
	there.Account = "210987654321"
	if got := r.objects(p, there); len(got) != 0 {
		t.Errorf("a proposal that was made to this account: %v", got)
	}
}

func TestWhoseAVirtualInterfaceIs(t *testing.T) {
	list := listVirtualInterfaces()
	rows := []Row{transitVirtualInterfaceRow(list), hostedTransitVirtualInterfaceRow(list), hostedTransitVirtualInterfaceAccepterRow(list)}
	for _, c := range []struct {
		owner, typ string
		want       string
	}{
		{"123456789012", "transit", "[1 0 1]"}, // whose the connection is, AWS does not say
		{"210987654321", "transit", "[0 1 0]"},
		{"123456789012", "private", "[0 0 0]"},
	} {
		v := dxtypes.VirtualInterface{VirtualInterfaceId: new("dxvif-1"), OwnerAccount: new(c.owner), VirtualInterfaceType: new(c.typ), AuthKey: new("hush"),
			BgpPeers: []dxtypes.BGPPeer{{AuthKey: new("hush")}}, VirtualInterfaceState: dxtypes.VirtualInterfaceStateAvailable}
		var shown []int
		for _, r := range rows {
			got := r.objects(v, inIreland)
			shown = append(shown, len(got))
			if raw, err := json.Marshal(got); err != nil || strings.Contains(string(raw), "hush") {
				t.Errorf("%s shows the BGP key (%v)", r.Type, err)
			}
		}
		if got := fmt.Sprint(shown); got != c.want {
			t.Errorf("a %s interface of %s shows %s times", c.typ, c.owner, got)
		}
	}
	if rows[1].LifeOf("confirming") != providers.Alive || rows[2].LifeOf("confirming") != providers.Gone {
		t.Error("an interface that waits to be accepted is there, and its accepter is not")
	}
}
