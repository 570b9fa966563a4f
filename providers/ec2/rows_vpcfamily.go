package ec2

func vpcFamilyRows(s sources) []Row { return nil }
