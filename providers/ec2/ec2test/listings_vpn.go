package ec2test

// vpnListings: site-to-site and client VPN.
var vpnListings = []listing{
	{action: "DescribeCustomerGateways", key: "CustomerGateways", id: "CustomerGatewayId", idParam: "CustomerGatewayId", notFound: "InvalidCustomerGatewayID.NotFound", resource: "customer-gateway",
		filters: "bgp-asn customer-gateway-id ip-address state type"},
	{action: "DescribeVpnGateways", key: "VpnGateways", id: "VpnGatewayId", idParam: "VpnGatewayId", notFound: "InvalidVpnGatewayID.NotFound", resource: "vpn-gateway",
		filters: "amazon-side-asn attachment.state attachment.vpc-id availability-zone state type vpn-gateway-id",
		alias:   map[string]string{"attachment.state": "vpc-attachments.state", "attachment.vpc-id": "vpc-attachments.vpc-id"}},
	{action: "DescribeVpnConnections", key: "VpnConnections", id: "VpnConnectionId", idParam: "VpnConnectionId", notFound: "InvalidVpnConnectionID.NotFound", resource: "vpn-connection",
		filters: "customer-gateway-configuration customer-gateway-id state option.static-routes-only route.destination-cidr-block type vpn-connection-id vpn-gateway-id transit-gateway-id"},
	{action: "DescribeVpnConcentrators", key: "VpnConcentrators", id: "VpnConcentratorId", idParam: "VpnConcentratorId", notFound: "InvalidVpnConcentratorId.NotFound", resource: "vpn-concentrator", max: 1000, min: 200},
	{action: "DescribeClientVpnEndpoints", key: "ClientVpnEndpoints", id: "ClientVpnEndpointId", idParam: "ClientVpnEndpointId", notFound: "InvalidClientVpnEndpointId.NotFound", resource: "client-vpn-endpoint", max: 1000,
		filters: "endpoint-id transport-protocol",
		alias:   map[string]string{"endpoint-id": "client-vpn-endpoint-id"}},
	{action: "DescribeClientVpnAuthorizationRules", key: "AuthorizationRules", parent: "ClientVpnEndpoints", parentParam: "ClientVpnEndpointId", noParent: "InvalidClientVpnEndpointId.NotFound", max: 1000,
		filters: "description destination-cidr group-id"},
	{action: "DescribeClientVpnTargetNetworks", key: "ClientVpnTargetNetworks", id: "AssociationId", idParam: "AssociationIds", notFound: "InvalidClientVpnAssociationIdNotFound", parent: "ClientVpnEndpoints", parentParam: "ClientVpnEndpointId", noParent: "InvalidClientVpnEndpointId.NotFound", max: 1000,
		filters: "association-id target-network-id vpc-id"},
	{action: "DescribeClientVpnRoutes", key: "Routes", parent: "ClientVpnEndpoints", parentParam: "ClientVpnEndpointId", noParent: "InvalidClientVpnEndpointId.NotFound", max: 1000,
		filters: "destination-cidr origin target-subnet"},
}
