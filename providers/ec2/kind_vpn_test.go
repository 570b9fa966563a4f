package ec2

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

func vpnRow(t *testing.T, typ string) Row {
	t.Helper()
	return familyRow(t, typ)
}

func TestNoKeyOfAVPNConnectionBecomesAnAttribute(t *testing.T) {
	tunnel := types.TunnelOption{PreSharedKey: new("hush-1"), TunnelInsideCidr: new("169.254.10.0/30"), DpdTimeoutSeconds: new(int32(30)),
		EnableTunnelLifecycleControl: new(false), IkeVersions: []types.IKEVersionsListValue{{Value: new("ikev2")}},
		Phase1DHGroupNumbers: []types.Phase1DHGroupNumbersListValue{{Value: new(int32(14))}, {Value: new(int32(20))}},
		LogOptions:           &types.VpnTunnelLogOptions{CloudWatchLogOptions: &types.CloudWatchLogOptions{LogEnabled: new(false), BgpLogEnabled: new(false)}}}
	other := tunnel
	other.PreSharedKey, other.TunnelInsideCidr = new("hush-2"), nil
	c := types.VpnConnection{VpnConnectionId: new("vpn-1"), State: "available", CustomerGatewayConfiguration: new("<ike><pre_shared_key>hush-3</pre_shared_key></ike>"),
		PreSharedKeyArn: new("arn:aws:secretsmanager:hush-4"), Options: &types.VpnConnectionOptions{TunnelOptions: []types.TunnelOption{tunnel, other, tunnel}}}
	r := vpnRow(t, "aws_vpn_connection")
	a := r.objects(c, gatewayPlace)[0].Attrs
	if all := providers.Canon(map[string]any(a)); strings.Contains(all, "hush") {
		t.Errorf("a secret is among %s", all)
	}
	for _, name := range append(r.Compared, r.Fixed...) {
		if strings.Contains(name, "preshared") || name == "customer_gateway_configuration" {
			t.Errorf("%s is compared", name)
		}
	}
	for name, want := range map[string]any{
		"tunnel1_inside_cidr": "169.254.10.0/30", "tunnel1_dpd_timeout_seconds": float64(30), "tunnel2_ike_versions": []any{"ikev2"},
		"tunnel1_phase1_dh_group_numbers": []any{float64(20), float64(14)}, "tunnel1_enable_tunnel_lifecycle_control": false,
		"tunnel2_log_options": []any{map[string]any{"cloudwatch_log_options": []any{
			map[string]any{"log_enabled": false, "log_group_arn": "", "log_output_format": ""}}}},
	} {
		if providers.Canon(a[name]) != providers.Canon(want) {
			t.Errorf("%s is %v, want %v", name, a[name], want)
		}
	}
	// What AWS does not show is a default in the state, and no difference.
	for _, name := range []string{"tunnel2_inside_cidr", "tunnel1_startup_action", "tunnel1_replay_window_size"} {
		if v, shown := a[name]; shown {
			t.Errorf("%s is shown as %v", name, v)
		}
	}
}

func TestWhatLingersWithADeletedConnectionOrGatewayIsGone(t *testing.T) {
	routes := []types.VpnStaticRoute{{DestinationCidrBlock: new("10.9.0.0/16"), State: "available"}, {DestinationCidrBlock: new("10.8.0.0/16"), State: "deleted"}}
	c := types.VpnConnection{VpnConnectionId: new("vpn-1"), State: "available", Routes: routes}
	r := vpnRow(t, "aws_vpn_connection_route")
	got := r.objects(c, gatewayPlace)
	if len(got) != 2 || got[0].ID != "10.9.0.0/16:vpn-1" || got[0].Life != providers.Alive || got[1].Life != providers.Gone {
		t.Errorf("routes %+v", got)
	}
	c.State = types.VpnStateDeleted
	if got := r.objects(c, gatewayPlace); got != nil {
		t.Errorf("a deleted connection still has %v", got)
	}
	g := types.VpnGateway{VpnGatewayId: new("vgw-1"), State: types.VpnStateDeleted, VpcAttachments: []types.VpcAttachment{{VpcId: new("vpc-1"), State: "attached"}}}
	if got := vpnRow(t, "aws_vpn_gateway_attachment").objects(g, gatewayPlace); got != nil {
		t.Errorf("a deleted gateway still has %v", got)
	}
}

func TestAVPNGatewaysVPCIsTheOneItIsAttachedTo(t *testing.T) {
	g := types.VpnGateway{VpnGatewayId: new("vgw-1"), State: "available", AmazonSideAsn: new(int64(64512)),
		VpcAttachments: []types.VpcAttachment{{VpcId: new("vpc-1"), State: "attached"}, {VpcId: new("vpc-2"), State: "detached"}}}
	a := vpnRow(t, "aws_vpn_gateway").objects(g, gatewayPlace)[0].Attrs
	if a["vpc_id"] != "vpc-1" || a["amazon_side_asn"] != "64512" {
		t.Errorf("VPC %v, ASN %#v", a["vpc_id"], a["amazon_side_asn"])
	}
	if zone, shown := a["availability_zone"]; shown {
		t.Errorf("a zone that AWS does not return is compared: %v", zone)
	}
	r := vpnRow(t, "aws_vpn_gateway_attachment")
	got := r.objects(g, gatewayPlace)
	if len(got) != 2 || got[0].ID != "vgw-1:vpc-1" || got[0].Life != providers.Alive || got[1].Life != providers.Gone {
		t.Errorf("attachments %+v", got)
	}
	// CRC-32 (IEEE) of "vpc-1-vgw-1".
	if id := r.StateIDOf(got[0].Attrs); id != "vpn-attachment-c9cb20f9" {
		t.Errorf("recorded as %s", id)
	}
}

func TestEveryTableOfAVPNGatewayHasItsPropagation(t *testing.T) {
	got := vpnRow(t, "aws_vpn_gateway_route_propagation").objects(types.RouteTable{RouteTableId: new("rtb-1"),
		PropagatingVgws: []types.PropagatingVgw{{GatewayId: new("vgw-1")}, {GatewayId: new("vgw-2")}}}, gatewayPlace)
	if len(got) != 2 || got[1].ID != "vgw-2_rtb-1" || got[1].Attrs["id"] != "vgw-2_rtb-1" {
		t.Errorf("propagations %+v", got)
	}
}

func TestACustomerGatewaysASNIsText(t *testing.T) {
	a := vpnRow(t, "aws_customer_gateway").objects(types.CustomerGateway{CustomerGatewayId: new("cgw-1"), BgpAsn: new("65000")}, gatewayPlace)[0].Attrs
	if a["bgp_asn"] != "65000" || a["bgp_asn_extended"] != "" {
		t.Errorf("ASN %#v, extended %#v", a["bgp_asn"], a["bgp_asn_extended"])
	}
}

func TestARuleForAGroupIsNotTheRuleForEverybody(t *testing.T) {
	r := vpnRow(t, "aws_ec2_client_vpn_authorization_rule")
	all := r.objects(types.AuthorizationRule{DestinationCidr: new("10.1.0.0/24"), AccessAll: new(true), GroupId: new("")}, gatewayPlace)[0]
	team := r.objects(types.AuthorizationRule{DestinationCidr: new("10.1.0.0/24"), AccessAll: new(false), GroupId: new("team-a")}, gatewayPlace)[0]
	for _, c := range []struct {
		o                        providers.Object
		identity, imported, jmes string
	}{
		{all, "parent-1,10.1.0.0/24,true", "parent-1,10.1.0.0/24", "to_string(AccessAll)==`\"true\"`"},
		{team, "parent-1,10.1.0.0/24,team-a", "parent-1,10.1.0.0/24,team-a", "GroupId==`\"team-a\"`"},
	} {
		if c.o.ID != c.identity || r.ImportIDOf(c.o.Attrs) != c.imported {
			t.Errorf("identity %s, imported as %s", c.o.ID, r.ImportIDOf(c.o.Attrs))
		}
		if argv := strings.Join(r.Kind.Confirm(c.o.Attrs), " "); !strings.Contains(argv, c.jmes) {
			t.Errorf("%s is confirmed by %s", c.identity, argv)
		}
	}
	// What the state holds, and what the calls say.
	if got := r.IdentityOf(providers.Attrs{"client_vpn_endpoint_id": "parent-1", "target_network_cidr": "10.1.0.0/24", "access_group_id": "", "authorize_all_groups": true}); got != all.ID {
		t.Errorf("the state's is %s", got)
	}
	for _, e := range r.Events {
		for request, want := range map[string]string{"accessGroupId": team.ID, "authorizeAllGroups": all.ID, "revokeAllGroups": all.ID} {
			value := map[string]string{"req.clientVpnEndpointId": "parent-1", "req.targetNetworkCidr": "10.1.0.0/24", "req." + request: "true"}
			if request == "accessGroupId" {
				value["req.accessGroupId"] = "team-a"
				value["req.revokeAllGroups"] = "false"
			}
			got := e.ID.Expand(func(name string) string { return value[name] })
			if got != want && got != "" {
				t.Errorf("%s with %s means %s", e.Name, request, got)
			}
		}
	}
}

func TestTheRouteThatAWSMakesIsImplicit(t *testing.T) {
	r := vpnRow(t, "aws_ec2_client_vpn_route")
	in := types.ClientVpnRoute{TargetSubnet: new("subnet-1"), DestinationCidr: new("10.0.0.0/16"), Origin: new("associate")}
	if got := r.objects(in, gatewayPlace)[0]; !got.Implicit || got.ID != "parent-1,subnet-1,10.0.0.0/16" {
		t.Errorf("the VPC's route is %+v", got)
	}
	in.Origin = new("add-route")
	if r.objects(in, gatewayPlace)[0].Implicit {
		t.Error("a user's route is taken for AWS's")
	}
	in.TargetSubnet = nil
	if got := r.objects(in, gatewayPlace); got != nil {
		t.Errorf("a route through no subnet is %v", got)
	}
}

func TestAnEndpointWithoutANetworkIsAlive(t *testing.T) {
	r := vpnRow(t, "aws_ec2_client_vpn_endpoint")
	for code, life := range map[types.ClientVpnEndpointStatusCode]providers.Life{
		"pending-associate": providers.Alive, "available": providers.Alive, "pending": providers.Pending, "deleting": providers.Pending, "deleted": providers.Gone,
	} {
		e := types.ClientVpnEndpoint{ClientVpnEndpointId: new("cvpn-endpoint-1"), Status: &types.ClientVpnEndpointStatus{Code: code}}
		if got := r.objects(e, gatewayPlace)[0].Life; got != life {
			t.Errorf("%s is %s, want %s", code, got, life)
		}
		if asked := livingClientVPN(e) != ""; asked != (life != providers.Gone) {
			t.Errorf("an endpoint that is %s is asked for its parts: %t", code, asked)
		}
	}
	o := vpnRow(t, "aws_ec2_client_vpn_network_association").objects(types.TargetNetwork{AssociationId: new("cvpn-assoc-1")}, gatewayPlace)[0]
	if got := vpnRow(t, "aws_ec2_client_vpn_network_association").ImportIDOf(o.Attrs); got != "parent-1,cvpn-assoc-1" || o.ID != "cvpn-assoc-1" {
		t.Errorf("an association of %s is imported as %s", o.ID, got)
	}
}

func TestALoginOfAnEndpointHasTheMembersOfItsType(t *testing.T) {
	a := vpnRow(t, "aws_ec2_client_vpn_endpoint").objects(types.ClientVpnEndpoint{SelfServicePortalUrl: new("https://portal"),
		AuthenticationOptions: []types.ClientVpnAuthentication{
			{Type: "certificate-authentication", MutualAuthentication: &types.CertificateAuthentication{ClientRootCertificateChain: new("arn:root")}},
			{Type: "federated-authentication", FederatedAuthentication: &types.FederatedAuthentication{SamlProviderArn: new("arn:saml")}},
		}}, gatewayPlace)[0].Attrs
	want := []any{
		map[string]any{"type": "certificate-authentication", "root_certificate_chain_arn": "arn:root"},
		map[string]any{"type": "federated-authentication", "saml_provider_arn": "arn:saml"},
	}
	if providers.Canon(a["authentication_options"]) != providers.Canon(want) || a["self_service_portal"] != "enabled" {
		t.Errorf("logins %v, portal %v", a["authentication_options"], a["self_service_portal"])
	}
}
