package ec2

// Rows returns every kind that reconcile knows. A row's place in the list
// means nothing.
//
// Listings are made once here, so that kinds that share an answer share the
// call. Event shapes are those of the trail's flat and wrapped records; where
// no recording was found they follow the API's own member names.
func Rows() []Row {
	routeTables := listRouteTables()
	gateways := listInternetGateways()
	attachments := listTransitGatewayVPCAttachments()
	tgwTables := listTransitGatewayRouteTables()
	return []Row{
		vpcRow(),
		subnetRow(),
		routeTableRow(routeTables),
		defaultRouteTableRow(routeTables),
		routeRow(routeTables),
		routeTableAssociationRow(routeTables),
		mainRouteTableAssociationRow(routeTables),
		internetGatewayRow(gateways),
		internetGatewayAttachmentRow(gateways),
		transitGatewayRow(),
		transitGatewayVPCAttachmentRow(attachments),
		transitGatewayVPCAttachmentAccepterRow(attachments),
		transitGatewayRouteTableRow(tgwTables),
		transitGatewayRouteRow(tgwTables),
		transitGatewayRouteTableAssociationRow(tgwTables),
		transitGatewayRouteTablePropagationRow(tgwTables),
		tagRow(),
	}
}
