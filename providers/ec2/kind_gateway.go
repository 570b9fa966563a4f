package ec2

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// gatewayRows are the ways out of a VPC, with addresses and interfaces.
func gatewayRows(sources) []Row {
	natGateways, addresses, interfaces := listNATGateways(), listAddresses(), listNetworkInterfaces()
	return []Row{
		natGatewayRow(natGateways),
		natGatewayEIPAssociationRow(natGateways),
		eipRow(addresses),
		eipAssociationRow(addresses),
		eipDomainNameRow(),
		egressOnlyInternetGatewayRow(),
		carrierGatewayRow(),
		instanceConnectEndpointRow(),
		networkInterfaceRow(interfaces),
		networkInterfaceAttachmentRow(interfaces),
		networkInterfaceSGAttachmentRow(interfaces),
		networkInterfacePermissionRow(),
		localGatewayRouteRow(),
		localGatewayRouteTableVPCAssociationRow(),
	}
}

// egressOnlyInternetGatewayRow has no code for a missing gateway: the provider
// believes an empty answer only.
func egressOnlyInternetGatewayRow() Row {
	list := paged(sdk.NewDescribeEgressOnlyInternetGatewaysPaginator,
		func(q query) *sdk.DescribeEgressOnlyInternetGatewaysInput {
			return &sdk.DescribeEgressOnlyInternetGatewaysInput{
				Filters: q.filters(), EgressOnlyInternetGatewayIds: q.ids, MaxResults: q.pageSize(255)}
		},
		func(o *sdk.DescribeEgressOnlyInternetGatewaysOutput) []types.EgressOnlyInternetGateway {
			return o.EgressOnlyInternetGateways
		})
	return one(providers.Kind{
		Type: "aws_egress_only_internet_gateway", Import: "{id}", Prefix: "eigw-", Pending: []string{"attaching", "detaching"},
		Telling:  []string{"vpc_id"},
		Parents:  []string{"vpc_id"},
		Fixed:    []string{"vpc_id"},
		Compared: []string{"tags_all"},
		Events: []providers.Event{
			{Name: "CreateEgressOnlyInternetGateway", Role: providers.Created, ID: "{res.egressOnlyInternetGateway.egressOnlyInternetGatewayId}"},
			{Name: "DeleteEgressOnlyInternetGateway", Role: providers.Deleted, ID: "{req.egressOnlyInternetGatewayId}"},
		},
		IfSkipped: "the next apply asks for a second gateway of the VPC; AWS may refuse it, or else the routes that are still to come lead to the second one",
	}, list, look{ids: "egress-only-internet-gateway-ids", value: "{id}", count: "length(EgressOnlyInternetGateways)"},
		func(g types.EgressOnlyInternetGateway, _ place) providers.Object {
			o := providers.Object{Attrs: providers.Attrs{"id": text(g.EgressOnlyInternetGatewayId), "vpc_id": "", "tags_all": tagsAll(g.Tags)}}
			for _, a := range g.Attachments {
				o.Attrs["vpc_id"], o.State = text(a.VpcId), string(a.State)
			}
			return o
		})
}

func carrierGatewayRow() Row {
	list := usual[types.CarrierGateway](sdk.NewDescribeCarrierGatewaysPaginator)
	return one(providers.Kind{
		Type: "aws_ec2_carrier_gateway", Import: "{id}", Prefix: "cagw-", Account: "owner_id",
		Pending: []string{"pending", "deleting"}, Gone: []string{"deleted"}, NotFound: []string{"InvalidCarrierGatewayID.NotFound"},
		Wait:     providers.Wait{Call: "DescribeCarrierGateways", Names: "{id}", Times: 1},
		Telling:  []string{"vpc_id"},
		Parents:  []string{"vpc_id"},
		Fixed:    []string{"vpc_id"},
		Compared: []string{"tags_all"},
		Events: []providers.Event{
			{Name: "CreateCarrierGateway", Role: providers.Created, ID: "{res.carrierGateway.carrierGatewayId}"},
			{Name: "DeleteCarrierGateway", Role: providers.Deleted, ID: "{req.carrierGatewayId}"},
		},
		IfSkipped: "the next apply asks for a second gateway of the VPC; AWS may refuse it, or else the routes that are still to come lead to the second one",
	}, list, look{filter: "carrier-gateway-id", value: "{id}", count: "length(CarrierGateways[?State!='deleted'])"},
		func(g types.CarrierGateway, at place) providers.Object {
			id := text(g.CarrierGatewayId)
			if owner := text(g.OwnerId); owner != "" {
				at.Account = owner
			}
			return providers.Object{State: string(g.State), Attrs: providers.Attrs{
				"id": id, "arn": at.arn("carrier-gateway", id), "owner_id": text(g.OwnerId), "vpc_id": text(g.VpcId), "tags_all": tagsAll(g.Tags),
			}}
		})
}

// instanceConnectEndpointRow holds one that could not be made as not settled:
// the provider takes it for present, and an import would hide that it is dead.
func instanceConnectEndpointRow() Row {
	list := paged(sdk.NewDescribeInstanceConnectEndpointsPaginator,
		func(q query) *sdk.DescribeInstanceConnectEndpointsInput {
			return &sdk.DescribeInstanceConnectEndpointsInput{Filters: q.filters(), MaxResults: new(int32(50))}
		},
		func(o *sdk.DescribeInstanceConnectEndpointsOutput) []types.Ec2InstanceConnectEndpoint {
			return o.InstanceConnectEndpoints
		})
	return one(providers.Kind{
		Type: "aws_ec2_instance_connect_endpoint", Import: "{id}", Prefix: "eice-", Account: "owner_id",
		Pending: []string{"create-in-progress", "create-failed", "delete-in-progress"}, Gone: []string{"delete-complete"},
		NotFound: []string{"InvalidInstanceConnectEndpointId.NotFound"},
		Wait:     providers.Wait{Call: "DescribeInstanceConnectEndpoints", Names: "{id}", Times: 1},
		Telling:  []string{"subnet_id"},
		Parents:  []string{"subnet_id", "vpc_id"},
		Fixed:    []string{"subnet_id", "preserve_client_ip"},
		Compared: []string{"security_group_ids", "preserve_client_ip", "tags_all"},
		Events: []providers.Event{
			{Name: "CreateInstanceConnectEndpoint", Role: providers.Created, ID: "{res.instanceConnectEndpoint.instanceConnectEndpointId}"},
			{Name: "ModifyInstanceConnectEndpoint", Role: providers.Changed, ID: "{req.instanceConnectEndpointId}"},
			{Name: "DeleteInstanceConnectEndpoint", Role: providers.Deleted, ID: "{req.instanceConnectEndpointId}"},
		},
		IfSkipped: "the next apply asks for a second endpoint; AWS may refuse it, because the number for each VPC is limited",
	}, list, look{filter: "instance-connect-endpoint-id", value: "{id}", count: "length(InstanceConnectEndpoints[?State!='delete-complete'])"},
		func(e types.Ec2InstanceConnectEndpoint, _ place) providers.Object {
			return providers.Object{State: string(e.State), Attrs: providers.Attrs{
				"id": text(e.InstanceConnectEndpointId), "arn": text(e.InstanceConnectEndpointArn), "owner_id": text(e.OwnerId),
				"subnet_id": text(e.SubnetId), "vpc_id": text(e.VpcId), "availability_zone": text(e.AvailabilityZone),
				"preserve_client_ip": yes(e.PreserveClientIp), "security_group_ids": boxed(e.SecurityGroupIds),
				"network_interface_ids": boxed(e.NetworkInterfaceIds), "dns_name": text(e.DnsName), "fips_dns_name": text(e.FipsDnsName),
				"tags_all": tagsAll(e.Tags),
			}}
		})
}
