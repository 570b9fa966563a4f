package ec2test

// shareListings: resource shares, over RAM's REST protocol. A share that another
// account made is OTHER-ACCOUNTS to this one.
var shareListings = []listing{
	{service: "ram", action: "GetResourceShares", key: "resourceShares", id: "resourceShareArn", idParam: "ResourceShareArns", notFound: "UnknownResourceException",
		by: "Name ResourceShareStatus=status", oneOf: "ResourceOwner", ignored: "ResourceOwner", max: 500, min: 1},
	{service: "ram", action: "GetResourceShareAssociations", key: "resourceShareAssociations", by: "AssociationType AssociationStatus=status Principal=associatedEntity ResourceArn=associatedEntity ResourceShareArns=resourceShareArn",
		oneOf: "AssociationType", max: 500, min: 1},
	{service: "ram", action: "GetResourceShareInvitations", key: "resourceShareInvitations", id: "resourceShareInvitationArn", idParam: "ResourceShareInvitationArns", notFound: "ResourceShareInvitationArnNotFoundException",
		by: "ResourceShareArns=resourceShareArn", max: 500, min: 1},
}

// directConnectListings: Direct Connect, over its JSON protocol. What is not
// there is left out. Its gateways, with their associations, are in every region.
var directConnectListings = []listing{
	{service: "directconnect", action: "DescribeDirectConnectGateways", key: "directConnectGateways", global: true, id: "directConnectGatewayId", idParam: "DirectConnectGatewayId", max: 100, min: 1, capped: true},
	{service: "directconnect", action: "DescribeDirectConnectGatewayAssociations", key: "directConnectGatewayAssociations", global: true, id: "associationId", idParam: "AssociationId",
		by: "DirectConnectGatewayId VirtualGatewayId AssociatedGatewayId=associatedGateway.id", oneOf: "AssociationId DirectConnectGatewayId VirtualGatewayId AssociatedGatewayId", max: 100, min: 1, capped: true},
	{service: "directconnect", action: "DescribeDirectConnectGatewayAssociationProposals", key: "directConnectGatewayAssociationProposals", global: true, id: "proposalId", idParam: "ProposalId",
		by: "DirectConnectGatewayId AssociatedGatewayId=associatedGateway.id", max: 100, min: 1, capped: true},
	{service: "directconnect", action: "DescribeVirtualInterfaces", key: "virtualInterfaces", id: "virtualInterfaceId", idParam: "VirtualInterfaceId", by: "ConnectionId", max: 100, min: 1, capped: true},
}
