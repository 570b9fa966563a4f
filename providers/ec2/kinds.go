package ec2

import "slices"

// sources are the listings that several kinds share: kinds that share an
// answer share the call.
type sources struct {
	vpcs, subnets, routeTables, gateways            *listing
	transitGateways, attachments, transitGatewayRTs *listing
}

// Rows returns every kind that reconcile knows. A row's place in the list
// means nothing.
//
// Event shapes are those of the trail's flat and wrapped records; where no
// recording was found they follow the API's own member names.
func Rows() []Row {
	s := sources{
		vpcs: listVpcs(), subnets: listSubnets(), routeTables: listRouteTables(), gateways: listInternetGateways(),
		transitGateways: listTransitGateways(), attachments: listTransitGatewayVPCAttachments(), transitGatewayRTs: listTransitGatewayRouteTables(),
	}
	return slices.Concat(
		[]Row{
			vpcRow(s.vpcs),
			subnetRow(s.subnets),
			routeTableRow(s.routeTables),
			defaultRouteTableRow(s.routeTables),
			routeRow(s.routeTables),
			routeTableAssociationRow(s.routeTables),
			mainRouteTableAssociationRow(s.routeTables),
			internetGatewayRow(s.gateways),
			internetGatewayAttachmentRow(s.gateways),
			transitGatewayRow(s.transitGateways),
			transitGatewayVPCAttachmentRow(s.attachments),
			transitGatewayVPCAttachmentAccepterRow(s.attachments),
			transitGatewayRouteTableRow(s.transitGatewayRTs),
			transitGatewayRouteRow(s.transitGatewayRTs),
			transitGatewayRouteTableAssociationRow(s.transitGatewayRTs),
			transitGatewayRouteTablePropagationRow(s.transitGatewayRTs),
			tagRow(),
		},
		securityRows(s),
		vpcFamilyRows(s),
		gatewayRows(s),
		vpnRows(s),
		endpointRows(s),
		observabilityRows(s),
		instanceRows(s),
		transitGatewayFamilyRows(s),
		ipamRows(s),
		sharingRows(s),
	)
}
