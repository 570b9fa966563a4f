package ec2

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// listClientVPNEndpoints is also what rules, networks and routes are asked for
// by, one endpoint a call.
func listClientVPNEndpoints() *listing {
	return usual[types.ClientVpnEndpoint](sdk.NewDescribeClientVpnEndpointsPaginator)
}

var clientVPNNotFound = []string{"InvalidClientVpnEndpointId.NotFound"}

const clientVPNMember = "ClientVpnEndpointId"

// livingClientVPN is the parent of rules, networks and routes.
func livingClientVPN(item any) string {
	e := item.(types.ClientVpnEndpoint)
	if s := e.Status; s != nil && s.Code == types.ClientVpnEndpointStatusCodeDeleted {
		return ""
	}
	return text(e.ClientVpnEndpointId)
}

// clientVPNEndpointRow: "pending-associate" is the word of an endpoint that has
// no network yet, which may be all that is wanted of it.
func clientVPNEndpointRow(list *listing) Row {
	events := []providers.Event{
		{Name: "CreateClientVpnEndpoint", Role: providers.Created, ID: "{res.clientVpnEndpointId}"},
		{Name: "DeleteClientVpnEndpoint", Role: providers.Deleted, ID: "{req.clientVpnEndpointId}"},
	}
	for _, name := range []string{"ModifyClientVpnEndpoint", "ApplySecurityGroupsToClientVpnTargetNetwork", "AssociateClientVpnTargetNetwork",
		"DisassociateClientVpnTargetNetwork", "ImportClientVpnClientCertificateRevocationList"} {
		events = append(events, providers.Event{Name: name, Role: providers.Changed, ID: "{req.clientVpnEndpointId}"})
	}
	return one(providers.Kind{
		Type: "aws_ec2_client_vpn_endpoint", Import: "{id}", Prefix: "cvpn-endpoint-",
		Pending: []string{"pending", "deleting"}, Gone: []string{"deleted"}, NotFound: clientVPNNotFound,
		Wait:    providers.Wait{Call: "DescribeClientVpnEndpoints", Names: "{id}", Times: 1},
		Telling: []string{"client_cidr_block", "tags_all"},
		Fixed:   []string{"client_cidr_block", "transport_protocol", "authentication_options", "endpoint_ip_address_type", "traffic_ip_address_type"},
		Compared: []string{"description", "server_certificate_arn", "split_tunnel", "vpn_port", "session_timeout_hours", "disconnect_on_session_timeout",
			"dns_servers", "vpc_id", "security_group_ids", "self_service_portal", "client_connect_options", "client_login_banner_options",
			"client_route_enforcement_options", "connection_log_options", "tags_all"},
		Events:    events,
		IfSkipped: "the next apply makes a second endpoint with another DNS name; the clients of the first one, which stays behind unmanaged, do not follow",
		Again:     providers.Again{Outcome: providers.Second, How: providers.Source},
	}, list, look{filter: "endpoint-id", value: "{id}", count: "length(ClientVpnEndpoints[?Status.Code!='deleted'])"}, clientVPNEndpoint)
}

func clientVPNEndpoint(e types.ClientVpnEndpoint, at place) providers.Object {
	id, portal := text(e.ClientVpnEndpointId), "disabled"
	if text(e.SelfServicePortalUrl) != "" {
		portal = "enabled"
	}
	var logins []any
	for _, l := range e.AuthenticationOptions {
		logins = append(logins, clientVPNAuthentication(l))
	}
	a := providers.Attrs{
		"id": id, "arn": at.arn("client-vpn-endpoint", id), "description": text(e.Description), "client_cidr_block": text(e.ClientCidrBlock),
		"transport_protocol": string(e.TransportProtocol), "authentication_options": logins, "server_certificate_arn": text(e.ServerCertificateArn),
		"endpoint_ip_address_type": string(e.EndpointIpAddressType), "traffic_ip_address_type": string(e.TrafficIpAddressType),
		"split_tunnel": yes(e.SplitTunnel), "disconnect_on_session_timeout": yes(e.DisconnectOnSessionTimeout), "dns_name": text(e.DnsName),
		"dns_servers": boxed(e.DnsServers), "vpc_id": text(e.VpcId), "security_group_ids": boxed(e.SecurityGroupIds),
		"self_service_portal": portal, "self_service_portal_url": text(e.SelfServicePortalUrl), "tags_all": tagsAll(e.Tags),
		"client_connect_options": []any(nil), "client_login_banner_options": []any(nil),
		"client_route_enforcement_options": []any(nil), "connection_log_options": []any(nil),
	}
	putNumber(a, "vpn_port", e.VpnPort)
	putNumber(a, "session_timeout_hours", e.SessionTimeoutHours)
	if c := e.ClientConnectOptions; c != nil {
		a["client_connect_options"] = []any{map[string]any{"enabled": yes(c.Enabled), "lambda_function_arn": text(c.LambdaFunctionArn)}}
	}
	if b := e.ClientLoginBannerOptions; b != nil {
		a["client_login_banner_options"] = []any{map[string]any{"enabled": yes(b.Enabled), "banner_text": text(b.BannerText)}}
	}
	if r := e.ClientRouteEnforcementOptions; r != nil {
		a["client_route_enforcement_options"] = []any{map[string]any{"enforced": yes(r.Enforced)}}
	}
	if l := e.ConnectionLogOptions; l != nil {
		a["connection_log_options"] = []any{map[string]any{
			"enabled": yes(l.Enabled), "cloudwatch_log_group": text(l.CloudwatchLogGroup), "cloudwatch_log_stream": text(l.CloudwatchLogStream)}}
	}
	o := providers.Object{Attrs: a}
	if s := e.Status; s != nil {
		o.State = string(s.Code)
	}
	return o
}

// clientVPNAuthentication is one way of logging in, with the members of its
// own type only, as the provider records it.
func clientVPNAuthentication(l types.ClientVpnAuthentication) map[string]any {
	block := map[string]any{"type": string(l.Type), "root_certificate_chain_arn": "", "active_directory_id": "",
		"saml_provider_arn": "", "self_service_saml_provider_arn": ""}
	switch {
	case l.MutualAuthentication != nil:
		block["root_certificate_chain_arn"] = text(l.MutualAuthentication.ClientRootCertificateChain)
	case l.ActiveDirectory != nil:
		block["active_directory_id"] = text(l.ActiveDirectory.DirectoryId)
	case l.FederatedAuthentication != nil:
		block["saml_provider_arn"] = text(l.FederatedAuthentication.SamlProviderArn)
		block["self_service_saml_provider_arn"] = text(l.FederatedAuthentication.SelfServiceSamlProviderArn)
	}
	return block
}

// clientVPNAuthorizationRuleRow: a range may have a rule for everybody and one
// for each group. The identity of the first ends in "true", so that a call for
// a group is never taken for one for everybody.
func clientVPNAuthorizationRuleRow(endpoints *listing) Row {
	list := usual[types.AuthorizationRule](sdk.NewDescribeClientVpnAuthorizationRulesPaginator).perParent(endpoints, clientVPNMember, livingClientVPN)
	const whom = "{access_group_id|authorize_all_groups}"
	return one(providers.Kind{
		Type: "aws_ec2_client_vpn_authorization_rule", Identity: "{client_vpn_endpoint_id},{target_network_cidr}," + whom, Import: "{id}", Facet: true,
		Pending: []string{"authorizing", "failed", "revoking"}, NotFound: clientVPNNotFound,
		Wait:    providers.Wait{Call: list.action, Names: "{target_network_cidr}", Times: 1},
		Telling: []string{"target_network_cidr"},
		Parents: []string{"client_vpn_endpoint_id"},
		Fixed:   []string{"client_vpn_endpoint_id", "target_network_cidr", "access_group_id", "authorize_all_groups", "description"},
		Events: []providers.Event{
			{Name: "AuthorizeClientVpnIngress", Role: providers.Created,
				ID: "{req.clientVpnEndpointId},{req.targetNetworkCidr},{req.accessGroupId|req.authorizeAllGroups}"},
			{Name: "RevokeClientVpnIngress", Role: providers.Deleted,
				ID: "{req.clientVpnEndpointId},{req.targetNetworkCidr},{req.accessGroupId|req.revokeAllGroups}"},
		},
		IfSkipped: "the next apply fails with InvalidClientVpnDuplicateAuthorizationRule",
		Again:     providers.Again{Outcome: providers.Refused, Code: "InvalidClientVpnDuplicateAuthorizationRule", How: providers.Documented},
	}, list, look{value: "{client_vpn_endpoint_id}",
		count: "length(AuthorizationRules[?DestinationCidr=={target_network_cidr} && (GroupId==" + whom + " || to_string(AccessAll)==" + whom + ")])"},
		func(r types.AuthorizationRule, at place) providers.Object {
			id := at.parent + "," + text(r.DestinationCidr)
			if g := text(r.GroupId); g != "" {
				id += "," + g
			}
			o := providers.Object{Attrs: providers.Attrs{
				"id": id, "client_vpn_endpoint_id": at.parent, "target_network_cidr": text(r.DestinationCidr),
				"access_group_id": text(r.GroupId), "authorize_all_groups": yes(r.AccessAll), "description": text(r.Description),
			}}
			if s := r.Status; s != nil {
				o.State = string(s.Code)
			}
			return o
		})
}

func clientVPNNetworkAssociationRow(endpoints *listing) Row {
	list := usual[types.TargetNetwork](sdk.NewDescribeClientVpnTargetNetworksPaginator).perParent(endpoints, clientVPNMember, livingClientVPN)
	return one(providers.Kind{
		Type: "aws_ec2_client_vpn_network_association", Import: "{client_vpn_endpoint_id},{id}", Prefix: "cvpn-assoc-", Facet: true,
		Pending: []string{"associating", "association-failed", "disassociating"}, Gone: []string{"disassociated"},
		NotFound: []string{"InvalidClientVpnEndpointId.NotFound", "InvalidClientVpnAssociationIdNotFound"},
		Wait:     providers.Wait{Call: list.action, Names: "{id}", Times: 1},
		Telling:  []string{"subnet_id"},
		Parents:  []string{"client_vpn_endpoint_id", "subnet_id"},
		Fixed:    []string{"client_vpn_endpoint_id", "subnet_id"},
		Events: []providers.Event{
			{Name: "AssociateClientVpnTargetNetwork", Role: providers.Created, ID: "{res.associationId}"},
			{Name: "DisassociateClientVpnTargetNetwork", Role: providers.Deleted, ID: "{req.associationId}"},
		},
		IfSkipped: "the next apply fails with InvalidClientVpnDuplicateAssociationException",
		Again:     providers.Again{Outcome: providers.Refused, Code: "InvalidClientVpnDuplicateAssociationException", How: providers.Documented},
	}, list, look{value: "{client_vpn_endpoint_id}", count: "length(ClientVpnTargetNetworks[?Status.Code!='disassociated' && AssociationId=={id}])"},
		func(n types.TargetNetwork, at place) providers.Object {
			o := providers.Object{Attrs: providers.Attrs{
				"id": text(n.AssociationId), "association_id": text(n.AssociationId), "client_vpn_endpoint_id": at.parent,
				"subnet_id": text(n.TargetNetworkId), "vpc_id": text(n.VpcId),
			}}
			if s := n.Status; s != nil {
				o.State = string(s.Code)
			}
			return o
		})
}

// clientVPNRouteRow: AWS makes the route to the VPC by itself, with the first
// network of an endpoint.
func clientVPNRouteRow(endpoints *listing) Row {
	list := usual[types.ClientVpnRoute](sdk.NewDescribeClientVpnRoutesPaginator).perParent(endpoints, clientVPNMember, livingClientVPN)
	const id = "{req.clientVpnEndpointId},{req.targetVpcSubnetId},{req.destinationCidrBlock}"
	return row(providers.Kind{
		Type: "aws_ec2_client_vpn_route", Identity: "{client_vpn_endpoint_id},{target_vpc_subnet_id},{destination_cidr_block}", Facet: true,
		Import:  "{client_vpn_endpoint_id},{target_vpc_subnet_id},{destination_cidr_block}",
		Pending: []string{"creating", "failed", "deleting"}, NotFound: clientVPNNotFound,
		Wait:    providers.Wait{Call: list.action, Names: "{destination_cidr_block}", Times: 1},
		Telling: []string{"destination_cidr_block"},
		Parents: []string{"client_vpn_endpoint_id", "target_vpc_subnet_id"},
		Fixed:   []string{"client_vpn_endpoint_id", "target_vpc_subnet_id", "destination_cidr_block", "description"},
		Events: []providers.Event{
			{Name: "CreateClientVpnRoute", Role: providers.Created, ID: id},
			{Name: "DeleteClientVpnRoute", Role: providers.Deleted, ID: id},
		},
		IfSkipped: "the next apply fails with InvalidClientVpnDuplicateRoute",
		Again:     providers.Again{Outcome: providers.Refused, Code: "InvalidClientVpnDuplicateRoute", How: providers.Documented},
	}, list, look{value: "{client_vpn_endpoint_id}",
		count: "length(Routes[?TargetSubnet=={target_vpc_subnet_id} && DestinationCidr=={destination_cidr_block}])"},
		func(r types.ClientVpnRoute, at place) []providers.Object {
			if text(r.TargetSubnet) == "" {
				return nil // through a transit gateway, which this type cannot ask for
			}
			o := providers.Object{Implicit: text(r.Origin) == "associate", Attrs: providers.Attrs{
				"id":                     at.parent + "," + text(r.TargetSubnet) + "," + text(r.DestinationCidr),
				"client_vpn_endpoint_id": at.parent, "target_vpc_subnet_id": text(r.TargetSubnet), "destination_cidr_block": text(r.DestinationCidr),
				"description": text(r.Description), "origin": text(r.Origin), "type": text(r.Type),
			}}
			if s := r.Status; s != nil {
				o.State = string(s.Code)
			}
			return []providers.Object{o}
		})
}
