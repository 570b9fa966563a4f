package ec2

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// listVPNConnections is shared by connections and their routes. Its answers
// hold pre-shared keys, in the customer gateway's configuration and in the
// tunnels' options: no attribute is ever made of those.
func listVPNConnections() *listing {
	return once((*sdk.Client).DescribeVpnConnections,
		func(q query) *sdk.DescribeVpnConnectionsInput {
			return &sdk.DescribeVpnConnectionsInput{Filters: q.filters()}
		},
		func(o *sdk.DescribeVpnConnectionsOutput) []types.VpnConnection { return o.VpnConnections })
}

// tunnels are how the provider's attributes of the two tunnels begin.
var tunnels = []string{"tunnel1_", "tunnel2_"}

// tunnelOptions are the attributes of a tunnel that later calls can change,
// but for the secret one.
var tunnelOptions = []string{"dpd_timeout_action", "dpd_timeout_seconds", "enable_tunnel_lifecycle_control", "ike_versions", "inside_cidr",
	"inside_ipv6_cidr", "log_options", "phase1_dh_group_numbers", "phase1_encryption_algorithms", "phase1_integrity_algorithms",
	"phase1_lifetime_seconds", "phase2_dh_group_numbers", "phase2_encryption_algorithms", "phase2_integrity_algorithms",
	"phase2_lifetime_seconds", "rekey_fuzz_percentage", "rekey_margin_time_seconds", "replay_window_size", "startup_action"}

// vpnConnectionRow has the tunnels' ranges among what ranks only: which of the
// two AWS lists first is not promised.
func vpnConnectionRow(list *listing) Row {
	compared := []string{"customer_gateway_id", "vpn_gateway_id", "transit_gateway_id", "vpn_concentrator_id", "local_ipv4_network_cidr",
		"local_ipv6_network_cidr", "remote_ipv4_network_cidr", "remote_ipv6_network_cidr", "outside_ip_address_type",
		"transport_transit_gateway_attachment_id"}
	for _, tunnel := range tunnels {
		for _, option := range tunnelOptions {
			compared = append(compared, tunnel+option)
		}
	}
	events := []providers.Event{
		{Name: "CreateVpnConnection", Role: providers.Created, ID: "{res.vpnConnection.vpnConnectionId}"},
		{Name: "DeleteVpnConnection", Role: providers.Deleted, ID: "{req.vpnConnectionId}"},
	}
	for _, name := range []string{"ModifyVpnConnection", "ModifyVpnConnectionOptions", "ModifyVpnTunnelOptions", "ModifyVpnTunnelCertificate", "ReplaceVpnTunnel"} {
		events = append(events, providers.Event{Name: name, Role: providers.Changed, ID: "{req.vpnConnectionId}"})
	}
	return one(providers.Kind{
		Type: "aws_vpn_connection", Import: "{id}", Prefix: "vpn-",
		Pending: vpnPending, Gone: vpnGone, NotFound: []string{"InvalidVpnConnectionID.NotFound"},
		Wait:     providers.Wait{Call: "DescribeVpnConnections", Names: "{id}", Times: 1},
		Telling:  []string{"tags_all"},
		Parents:  []string{"customer_gateway_id", "vpn_gateway_id"},
		Fixed:    []string{"type", "enable_acceleration", "static_routes_only", "tunnel_inside_ip_version"},
		Compared: append(compared, "tags_all"), NotCompared: []string{"preshared_key_storage", "tunnel1_preshared_key", "tunnel2_preshared_key"},
		Events: events,
		IfSkipped: "the next apply asks for the connection again: AWS calls that safe to repeat, and may refuse it as well (InvalidOption.Conflict), " +
			"or make a second one with new keys, while the customer's device still has those of the first",
	}, list, look{filter: "vpn-connection-id", value: "{id}", count: "length(VpnConnections[?State!='deleted'])"}, vpnConnection)
}

func vpnConnection(c types.VpnConnection, at place) providers.Object {
	id := text(c.VpnConnectionId)
	a := providers.Attrs{
		"id": id, "arn": at.arn("vpn-connection", id), "type": string(c.Type), "customer_gateway_id": text(c.CustomerGatewayId),
		"vpn_gateway_id": text(c.VpnGatewayId), "transit_gateway_id": text(c.TransitGatewayId), "vpn_concentrator_id": text(c.VpnConcentratorId),
		"core_network_arn": text(c.CoreNetworkArn), "core_network_attachment_arn": text(c.CoreNetworkAttachmentArn), "tags_all": tagsAll(c.Tags),
		"enable_acceleration": nil, "static_routes_only": nil, "tunnel_inside_ip_version": nil,
	}
	if o := c.Options; o != nil {
		a["enable_acceleration"], a["static_routes_only"] = yes(o.EnableAcceleration), yes(o.StaticRoutesOnly)
		a["local_ipv4_network_cidr"], a["remote_ipv4_network_cidr"] = text(o.LocalIpv4NetworkCidr), text(o.RemoteIpv4NetworkCidr)
		a["local_ipv6_network_cidr"], a["remote_ipv6_network_cidr"] = text(o.LocalIpv6NetworkCidr), text(o.RemoteIpv6NetworkCidr)
		a["outside_ip_address_type"], a["tunnel_inside_ip_version"] = text(o.OutsideIpAddressType), string(o.TunnelInsideIpVersion)
		a["transport_transit_gateway_attachment_id"] = text(o.TransportTransitGatewayAttachmentId)
		for i, tunnel := range o.TunnelOptions[:min(len(tunnels), len(o.TunnelOptions))] {
			putTunnel(a, tunnels[i], tunnel)
		}
	}
	return providers.Object{State: string(c.State), Attrs: a}
}

// putTunnel sets what AWS shows of a tunnel. It leaves out what it does not
// show, because the provider records defaults there.
func putTunnel(a providers.Attrs, prefix string, t types.TunnelOption) {
	put := func(name string, p *string) {
		if p != nil {
			a[prefix+name] = *p
		}
	}
	put("dpd_timeout_action", t.DpdTimeoutAction)
	put("startup_action", t.StartupAction)
	put("inside_cidr", t.TunnelInsideCidr)
	put("inside_ipv6_cidr", t.TunnelInsideIpv6Cidr)
	putNumber(a, prefix+"dpd_timeout_seconds", t.DpdTimeoutSeconds)
	putNumber(a, prefix+"phase1_lifetime_seconds", t.Phase1LifetimeSeconds)
	putNumber(a, prefix+"phase2_lifetime_seconds", t.Phase2LifetimeSeconds)
	putNumber(a, prefix+"rekey_fuzz_percentage", t.RekeyFuzzPercentage)
	putNumber(a, prefix+"rekey_margin_time_seconds", t.RekeyMarginTimeSeconds)
	putNumber(a, prefix+"replay_window_size", t.ReplayWindowSize)
	if t.EnableTunnelLifecycleControl != nil {
		a[prefix+"enable_tunnel_lifecycle_control"] = *t.EnableTunnelLifecycleControl
	}
	a[prefix+"ike_versions"] = valuesOf(t.IkeVersions, func(v types.IKEVersionsListValue) any { return text(v.Value) })
	a[prefix+"phase1_dh_group_numbers"] = valuesOf(t.Phase1DHGroupNumbers, func(v types.Phase1DHGroupNumbersListValue) any { return dhGroup(v.Value) })
	a[prefix+"phase2_dh_group_numbers"] = valuesOf(t.Phase2DHGroupNumbers, func(v types.Phase2DHGroupNumbersListValue) any { return dhGroup(v.Value) })
	a[prefix+"phase1_encryption_algorithms"] = valuesOf(t.Phase1EncryptionAlgorithms, func(v types.Phase1EncryptionAlgorithmsListValue) any { return text(v.Value) })
	a[prefix+"phase2_encryption_algorithms"] = valuesOf(t.Phase2EncryptionAlgorithms, func(v types.Phase2EncryptionAlgorithmsListValue) any { return text(v.Value) })
	a[prefix+"phase1_integrity_algorithms"] = valuesOf(t.Phase1IntegrityAlgorithms, func(v types.Phase1IntegrityAlgorithmsListValue) any { return text(v.Value) })
	a[prefix+"phase2_integrity_algorithms"] = valuesOf(t.Phase2IntegrityAlgorithms, func(v types.Phase2IntegrityAlgorithmsListValue) any { return text(v.Value) })
	if l := t.LogOptions; l != nil {
		var logs []any
		if w := l.CloudWatchLogOptions; w != nil {
			logs = []any{map[string]any{"log_enabled": yes(w.LogEnabled), "log_group_arn": text(w.LogGroupArn), "log_output_format": text(w.LogOutputFormat)}}
		}
		a[prefix+"log_options"] = []any{map[string]any{"cloudwatch_log_options": logs}}
	}
}

func valuesOf[T any](in []T, value func(T) any) []any {
	out := make([]any, len(in))
	for i := range in {
		out[i] = value(in[i])
	}
	return out
}

func dhGroup(n *int32) any {
	if n == nil {
		return nil
	}
	return float64(*n)
}

// vpnConnectionRouteRow can be imported by version 6 only; the parts of an id
// are told apart by a colon, so that no IPv6 range can be.
func vpnConnectionRouteRow(list *listing) Row {
	return row(providers.Kind{
		Type: "aws_vpn_connection_route", Identity: "{destination_cidr_block}:{vpn_connection_id}", Import: "{destination_cidr_block}:{vpn_connection_id}",
		ImportSince: 6, Facet: true, Pending: vpnPending, Gone: vpnGone,
		Wait:    providers.Wait{Call: "DescribeVpnConnections", Names: "{destination_cidr_block}", Times: 1},
		Telling: []string{"destination_cidr_block"},
		Parents: []string{"vpn_connection_id"},
		Fixed:   []string{"vpn_connection_id", "destination_cidr_block"},
		Events: []providers.Event{
			{Name: "CreateVpnConnectionRoute", Role: providers.Created, ID: "{req.destinationCidrBlock}:{req.vpnConnectionId}"},
			{Name: "DeleteVpnConnectionRoute", Role: providers.Deleted, ID: "{req.destinationCidrBlock}:{req.vpnConnectionId}"},
		},
		IfSkipped: "the next apply makes the route again (CreateVpnConnectionRoute), which AWS may refuse because it is there",
	}, list, look{filter: "vpn-connection-id", value: "{vpn_connection_id}",
		count: "length(VpnConnections[?State!='deleted'].Routes[] | [?State!='deleted' && DestinationCidrBlock=={destination_cidr_block}])"},
		func(c types.VpnConnection, _ place) []providers.Object {
			if c.State == types.VpnStateDeleted {
				return nil // it lingers with the routes it had
			}
			var out []providers.Object
			for _, r := range c.Routes {
				out = append(out, providers.Object{State: string(r.State), Attrs: providers.Attrs{
					"id":                     text(r.DestinationCidrBlock) + ":" + text(c.VpnConnectionId),
					"destination_cidr_block": text(r.DestinationCidrBlock), "vpn_connection_id": text(c.VpnConnectionId),
				}})
			}
			return out
		})
}

func vpnConcentratorRow() Row {
	list := usual[types.VpnConcentrator](sdk.NewDescribeVpnConcentratorsPaginator).byIDs("VpnConcentratorIds")
	return one(providers.Kind{
		Type: "aws_vpn_concentrator", NoID: true, Since: 6, Identity: "{vpn_concentrator_id}", Import: "{vpn_concentrator_id}", Prefix: "vcn-",
		Pending: vpnPending, Gone: vpnGone, NotFound: []string{"InvalidVpnConcentratorId.NotFound"},
		Wait:     providers.Wait{Call: "DescribeVpnConcentrators", Names: "{vpn_concentrator_id}", Times: 1},
		Telling:  []string{"tags_all"},
		Parents:  []string{"transit_gateway_id"},
		Fixed:    []string{"transit_gateway_id", "type"},
		Compared: []string{"tags_all"},
		Events: []providers.Event{
			{Name: "CreateVpnConcentrator", Role: providers.Created, ID: "{res.vpnConcentrator.vpnConcentratorId}"},
			{Name: "DeleteVpnConcentrator", Role: providers.Deleted, ID: "{req.vpnConcentratorId}"},
		},
		IfSkipped: "the next apply asks for a second concentrator; the first one stays behind unmanaged and keeps costing money",
		Again:     providers.Again{Outcome: providers.Second, How: providers.Source},
	}, list, look{ids: "vpn-concentrator-ids", value: "{vpn_concentrator_id}", count: "length(VpnConcentrators[?State!='deleted'])"},
		func(c types.VpnConcentrator, _ place) providers.Object {
			id := text(c.VpnConcentratorId)
			return providers.Object{State: text(c.State), Attrs: providers.Attrs{
				"id": id, "vpn_concentrator_id": id, "transit_gateway_id": text(c.TransitGatewayId),
				"transit_gateway_attachment_id": text(c.TransitGatewayAttachmentId), "type": text(c.Type), "tags_all": tagsAll(c.Tags),
			}}
		})
}
