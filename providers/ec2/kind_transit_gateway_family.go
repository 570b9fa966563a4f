package ec2

// transitGatewayFamilyRows are the kinds around a transit gateway, and the
// networks beside a VPC's.
func transitGatewayFamilyRows(s sources) []Row {
	connects, connectPeers := listTransitGatewayConnects(), listTransitGatewayConnectPeers()
	peerings := listTransitGatewayPeerings()
	domains := listTransitGatewayMulticastDomains()
	groups := listTransitGatewayMulticastGroups(domains)
	policyTables, meteringPolicies := listTransitGatewayPolicyTables(), listTransitGatewayMeteringPolicies()
	return []Row{
		transitGatewayConnectRow(connects),
		transitGatewayConnectPeerRow(connectPeers),
		transitGatewayDefaultAssociationRow(s.transitGateways),
		transitGatewayDefaultPropagationRow(s.transitGateways),
		transitGatewayMeteringPolicyRow(meteringPolicies),
		transitGatewayMeteringPolicyEntryRow(meteringPolicies),
		transitGatewayMulticastDomainRow(domains),
		transitGatewayMulticastDomainAssociationRow(domains),
		transitGatewayMulticastGroupMemberRow(groups),
		transitGatewayMulticastGroupSourceRow(groups),
		transitGatewayPeeringAttachmentRow(peerings),
		transitGatewayPeeringAttachmentAccepterRow(peerings),
		transitGatewayPolicyTableRow(policyTables),
		transitGatewayPolicyTableAssociationRow(policyTables),
		transitGatewayPolicyTableEntryRow(policyTables),
		transitGatewayPrefixListReferenceRow(s.transitGatewayRTs),
		secondaryNetworkRow(),
		secondarySubnetRow(),
	}
}
