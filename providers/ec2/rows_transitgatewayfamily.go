package ec2

func transitGatewayFamilyRows(s sources) []Row { return nil }
