package ec2

import (
	"fmt"
	"hash/crc32"
	"strconv"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// vpnRows are both kinds of VPN: of sites and of clients.
func vpnRows(s sources) []Row {
	gateways, connections, endpoints := listVPNGateways(), listVPNConnections(), listClientVPNEndpoints()
	return []Row{
		customerGatewayRow(),
		vpnGatewayRow(gateways),
		vpnGatewayAttachmentRow(gateways),
		vpnGatewayRoutePropagationRow(s.routeTables),
		vpnConnectionRow(connections),
		vpnConnectionRouteRow(connections),
		vpnConcentratorRow(),
		clientVPNEndpointRow(endpoints),
		clientVPNAuthorizationRuleRow(endpoints),
		clientVPNNetworkAssociationRow(endpoints),
		clientVPNRouteRow(endpoints),
	}
}

// The lifecycle words of every part of a site-to-site VPN.
var vpnPending, vpnGone = []string{"pending", "deleting"}, []string{"deleted"}

func customerGatewayRow() Row {
	list := once((*sdk.Client).DescribeCustomerGateways,
		func(q query) *sdk.DescribeCustomerGatewaysInput {
			return &sdk.DescribeCustomerGatewaysInput{Filters: q.filters()}
		},
		func(o *sdk.DescribeCustomerGatewaysOutput) []types.CustomerGateway { return o.CustomerGateways })
	return one(providers.Kind{
		Type: "aws_customer_gateway", Import: "{id}", Prefix: "cgw-",
		Pending: vpnPending, Gone: vpnGone, NotFound: []string{"InvalidCustomerGatewayID.NotFound"},
		Wait:     providers.Wait{Call: "DescribeCustomerGateways", Names: "{id}", Times: 1},
		Telling:  []string{"ip_address", "certificate_arn", "device_name"},
		Fixed:    []string{"type", "bgp_asn", "bgp_asn_extended", "ip_address", "certificate_arn", "device_name"},
		Compared: []string{"tags_all"},
		Events: []providers.Event{
			{Name: "CreateCustomerGateway", Role: providers.Created, ID: "{res.customerGateway.customerGatewayId}"},
			{Name: "DeleteCustomerGateway", Role: providers.Deleted, ID: "{req.customerGatewayId}"},
		},
		IfSkipped: "nothing: AWS answers the same request with the gateway that is there, and the next apply records that one",
		Again:     providers.Again{Outcome: providers.Same, How: providers.Documented},
	}, list, look{filter: "customer-gateway-id", value: "{id}", count: "length(CustomerGateways[?State!='deleted'])"},
		func(g types.CustomerGateway, at place) providers.Object {
			id := text(g.CustomerGatewayId)
			return providers.Object{State: text(g.State), Attrs: providers.Attrs{
				"id": id, "arn": at.arn("customer-gateway", id), "type": text(g.Type), "bgp_asn": text(g.BgpAsn),
				"bgp_asn_extended": text(g.BgpAsnExtended), "ip_address": text(g.IpAddress), "certificate_arn": text(g.CertificateArn),
				"device_name": text(g.DeviceName), "tags_all": tagsAll(g.Tags),
			}}
		})
}

// listVPNGateways is shared by gateways and their attachments.
func listVPNGateways() *listing {
	return once((*sdk.Client).DescribeVpnGateways,
		func(q query) *sdk.DescribeVpnGatewaysInput {
			return &sdk.DescribeVpnGatewaysInput{Filters: q.filters()}
		},
		func(o *sdk.DescribeVpnGatewaysOutput) []types.VpnGateway { return o.VpnGateways })
}

// vpnGatewayRow leaves the zone out of what must agree: AWS seldom returns the
// one that was asked for.
func vpnGatewayRow(list *listing) Row {
	return one(providers.Kind{
		Type: "aws_vpn_gateway", Import: "{id}", Prefix: "vgw-",
		Pending: vpnPending, Gone: vpnGone, NotFound: []string{"InvalidVpnGatewayID.NotFound"},
		Wait:     providers.Wait{Call: "DescribeVpnGateways", Names: "{id}", Times: 1},
		Telling:  []string{"vpc_id"},
		Fixed:    []string{"amazon_side_asn"},
		Compared: []string{"vpc_id", "availability_zone", "tags_all"},
		Inline:   map[string][]string{"vpc_id": {"aws_vpn_gateway_attachment"}},
		Events: []providers.Event{
			{Name: "CreateVpnGateway", Role: providers.Created, ID: "{res.vpnGateway.vpnGatewayId}"},
			{Name: "AttachVpnGateway", Role: providers.Changed, ID: "{req.vpnGatewayId}"},
			{Name: "DetachVpnGateway", Role: providers.Changed, ID: "{req.vpnGatewayId}"},
			{Name: "DeleteVpnGateway", Role: providers.Deleted, ID: "{req.vpnGatewayId}"},
		},
		IfSkipped: "the next apply makes a second gateway; to attach that one to the VPC fails with InvalidVpcState",
		Again:     providers.Again{Outcome: providers.Second, Code: "InvalidVpcState", How: providers.Documented},
	}, list, look{filter: "vpn-gateway-id", value: "{id}", count: "length(VpnGateways[?State!='deleted'])"},
		func(g types.VpnGateway, at place) providers.Object {
			id := text(g.VpnGatewayId)
			a := providers.Attrs{"id": id, "arn": at.arn("vpn-gateway", id), "amazon_side_asn": "", "vpc_id": "", "tags_all": tagsAll(g.Tags)}
			if g.AmazonSideAsn != nil {
				a["amazon_side_asn"] = strconv.FormatInt(*g.AmazonSideAsn, 10)
			}
			if zone := text(g.AvailabilityZone); zone != "" {
				a["availability_zone"] = zone
			}
			for _, t := range g.VpcAttachments {
				if t.State == types.AttachmentStatusAttached {
					a["vpc_id"] = text(t.VpcId)
				}
			}
			return providers.Object{State: string(g.State), Attrs: a}
		})
}

func vpnGatewayAttachmentRow(list *listing) Row {
	return row(providers.Kind{
		Type: "aws_vpn_gateway_attachment", Identity: "{vpn_gateway_id}:{vpc_id}", StateID: vpnGatewayAttachmentStateID, Facet: true,
		NoImport: "Terraform cannot import this type. The next apply attaches the pair again (AttachVpnGateway), which AWS may refuse, because it is " +
			"attached already; then name the VPC in vpc_id of the aws_vpn_gateway and drop this resource",
		Pending: []string{"attaching", "detaching"}, Gone: []string{"detached"},
		Wait:    providers.Wait{Call: "DescribeVpnGateways", Names: "{vpn_gateway_id}", Times: 1},
		Telling: []string{"vpc_id"},
		Parents: []string{"vpn_gateway_id", "vpc_id"},
		Fixed:   []string{"vpn_gateway_id", "vpc_id"},
		Events: []providers.Event{
			{Name: "AttachVpnGateway", Role: providers.Created, ID: "{req.vpnGatewayId}:{req.vpcId}"},
			{Name: "DetachVpnGateway", Role: providers.Deleted, ID: "{req.vpnGatewayId}:{req.vpcId}"},
		},
	}, list, look{filter: "vpn-gateway-id", value: "{vpn_gateway_id}",
		count: "length(VpnGateways[?State!='deleted'].VpcAttachments[] | [?State!='detached' && VpcId=={vpc_id}])"},
		func(g types.VpnGateway, _ place) []providers.Object {
			if g.State == types.VpnStateDeleted {
				return nil // it lingers with the attachments it had
			}
			var out []providers.Object
			for _, t := range g.VpcAttachments {
				a := providers.Attrs{"vpn_gateway_id": text(g.VpnGatewayId), "vpc_id": text(t.VpcId)}
				a["id"] = vpnGatewayAttachmentStateID(a)
				out = append(out, providers.Object{State: string(t.State), Attrs: a})
			}
			return out
		})
}

// vpnGatewayAttachmentStateID is the id that the provider gives an attachment:
// the CRC-32 of VPC and gateway, in hexadecimal digits.
func vpnGatewayAttachmentStateID(a providers.Attrs) string {
	return fmt.Sprintf("vpn-attachment-%x", crc32.ChecksumIEEE([]byte(a.Text("vpc_id")+"-"+a.Text("vpn_gateway_id"))))
}

func vpnGatewayRoutePropagationRow(tables *listing) Row {
	return row(providers.Kind{
		Type: "aws_vpn_gateway_route_propagation", Identity: "{vpn_gateway_id}_{route_table_id}", Facet: true,
		Again: providers.Again{Outcome: providers.Same, How: providers.Reported},
		NoImport: "Terraform cannot import this type. The next apply enables the propagation again (EnableVgwRoutePropagation), " +
			"which changes nothing where it is on",
		Telling: []string{"vpn_gateway_id"},
		Parents: []string{"route_table_id", "vpn_gateway_id"},
		Fixed:   []string{"route_table_id", "vpn_gateway_id"},
		Events: []providers.Event{
			{Name: "EnableVgwRoutePropagation", Role: providers.Created, ID: "{req.gatewayId}_{req.routeTableId}"},
			{Name: "DisableVgwRoutePropagation", Role: providers.Deleted, ID: "{req.gatewayId}_{req.routeTableId}"},
		},
	}, tables, look{filter: "route-table-id", value: "{route_table_id}",
		count: "length(RouteTables[].PropagatingVgws[?GatewayId=={vpn_gateway_id}][])"},
		func(t types.RouteTable, _ place) []providers.Object {
			var out []providers.Object
			for _, v := range t.PropagatingVgws {
				out = append(out, providers.Object{Attrs: providers.Attrs{
					"id":             text(v.GatewayId) + "_" + text(t.RouteTableId),
					"vpn_gateway_id": text(v.GatewayId), "route_table_id": text(t.RouteTableId),
				}})
			}
			return out
		})
}
