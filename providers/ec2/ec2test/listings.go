package ec2test

import (
	"slices"
	"strings"
)

// listing is one EC2 call that answers with a list. Adding a kind to the server
// is adding a row.
type listing struct {
	action   string
	key      string // the list's name in the AWS CLI's answer, and in the world
	id       string // the field that identifies a document
	idParam  string // the request's id list, as it is on the wire: "VpcId" for VpcId.1
	notFound string // the error for an id that is not there; "": AWS leaves it out
	resource string // its resource-type in DescribeTags; "": it has no tags
	max      int    // the largest MaxResults; 0: the call does not page
	filters  string // the documented names, tag filters apart
	alias    map[string]string

	// A call about one parent: its list, the request's parameter, and the "_"
	// key under which the parent's document holds the answer.
	parent, parentParam, child string
}

const routeTableNotFound = "InvalidRouteTableID.NotFound" // of both sorts of route table

// listings are the calls served. Sources: parameters, filters and element names
// from service/ec2 of aws-sdk-go-v2; page sizes and error codes from the EC2 API
// reference and what the Terraform provider treats as gone.
var listings = []listing{
	{action: "DescribeVpcs", key: "Vpcs", id: "VpcId", idParam: "VpcId", notFound: "InvalidVpcID.NotFound", resource: "vpc", max: 1000,
		filters: "cidr cidr-block-association.cidr-block cidr-block-association.association-id cidr-block-association.state dhcp-options-id ipv6-cidr-block-association.ipv6-cidr-block ipv6-cidr-block-association.ipv6-pool ipv6-cidr-block-association.association-id ipv6-cidr-block-association.state is-default owner-id state vpc-id",
		alias:   map[string]string{"cidr": "cidr-block", "cidr-block-association.state": "cidr-block-association.cidr-block-state.state", "ipv6-cidr-block-association.state": "ipv6-cidr-block-association.ipv6-cidr-block-state.state"}},
	{action: "DescribeSubnets", key: "Subnets", id: "SubnetId", idParam: "SubnetId", notFound: "InvalidSubnetID.NotFound", resource: "subnet", max: 1000,
		filters: "availability-zone availability-zone-id available-ip-address-count cidr-block customer-owned-ipv4-pool default-for-az enable-dns64 enable-lni-at-device-index ipv6-cidr-block-association.ipv6-cidr-block ipv6-cidr-block-association.association-id ipv6-cidr-block-association.state ipv6-native map-customer-owned-ip-on-launch map-public-ip-on-launch outpost-arn owner-id private-dns-name-options-on-launch.hostname-type private-dns-name-options-on-launch.enable-resource-name-dns-a-record private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record state subnet-arn subnet-id vpc-id",
		alias:   map[string]string{"ipv6-cidr-block-association.state": "ipv6-cidr-block-association.ipv6-cidr-block-state.state"}},
	{action: "DescribeRouteTables", key: "RouteTables", id: "RouteTableId", idParam: "RouteTableId", notFound: routeTableNotFound, resource: "route-table", max: 100,
		filters: "association.gateway-id association.route-table-association-id association.route-table-id association.subnet-id association.main owner-id route-table-id route.destination-cidr-block route.destination-ipv6-cidr-block route.destination-prefix-list-id route.egress-only-internet-gateway-id route.gateway-id route.instance-id route.nat-gateway-id route.transit-gateway-id route.origin route.state route.vpc-peering-connection-id vpc-id"},
	{action: "DescribeInternetGateways", key: "InternetGateways", id: "InternetGatewayId", idParam: "InternetGatewayId", notFound: "InvalidInternetGatewayID.NotFound", resource: "internet-gateway", max: 1000,
		filters: "attachment.state attachment.vpc-id internet-gateway-id owner-id"},

	{action: "DescribeTransitGateways", key: "TransitGateways", id: "TransitGatewayId", idParam: "TransitGatewayIds", notFound: "InvalidTransitGatewayID.NotFound", resource: "transit-gateway", max: 1000,
		filters: "options.propagation-default-route-table-id options.amazon-side-asn options.association-default-route-table-id options.auto-accept-shared-attachments options.default-route-table-association options.default-route-table-propagation options.dns-support options.vpn-ecmp-support owner-id state transit-gateway-id"},
	{action: "DescribeTransitGatewayVpcAttachments", key: "TransitGatewayVpcAttachments", id: "TransitGatewayAttachmentId", idParam: "TransitGatewayAttachmentIds", notFound: "InvalidTransitGatewayAttachmentID.NotFound", resource: "transit-gateway-attachment", max: 1000,
		filters: "state transit-gateway-attachment-id transit-gateway-id vpc-id"},
	{action: "DescribeTransitGatewayAttachments", key: "TransitGatewayAttachments", id: "TransitGatewayAttachmentId", idParam: "TransitGatewayAttachmentIds", notFound: "InvalidTransitGatewayAttachmentID.NotFound", resource: "transit-gateway-attachment", max: 1000,
		filters: "association.state association.transit-gateway-route-table-id resource-id resource-owner-id resource-type state transit-gateway-attachment-id transit-gateway-id transit-gateway-owner-id"},
	{action: "DescribeTransitGatewayRouteTables", key: "TransitGatewayRouteTables", id: "TransitGatewayRouteTableId", idParam: "TransitGatewayRouteTableIds", notFound: routeTableNotFound, resource: "transit-gateway-route-table", max: 1000,
		filters: "default-association-route-table default-propagation-route-table state transit-gateway-id transit-gateway-route-table-id"},
	{action: "SearchTransitGatewayRoutes", key: "Routes", parent: "TransitGatewayRouteTables", parentParam: "TransitGatewayRouteTableId", child: "_routes", notFound: routeTableNotFound, max: 1000,
		filters: "attachment.transit-gateway-attachment-id attachment.resource-id attachment.resource-type prefix-list-id route-search.exact-match route-search.longest-prefix-match route-search.subnet-of-match route-search.supernet-of-match state type",
		alias:   map[string]string{"attachment.transit-gateway-attachment-id": "transit-gateway-attachments.transit-gateway-attachment-id", "attachment.resource-id": "transit-gateway-attachments.resource-id", "attachment.resource-type": "transit-gateway-attachments.resource-type", "route-search.exact-match": "destination-cidr-block", "route-search.longest-prefix-match": "destination-cidr-block", "route-search.subnet-of-match": "destination-cidr-block", "route-search.supernet-of-match": "destination-cidr-block"}},
	{action: "GetTransitGatewayRouteTableAssociations", key: "Associations", parent: "TransitGatewayRouteTables", parentParam: "TransitGatewayRouteTableId", child: "_assoc", notFound: routeTableNotFound, max: 1000,
		filters: "resource-id resource-type transit-gateway-attachment-id"},
	{action: "GetTransitGatewayRouteTablePropagations", key: "TransitGatewayRouteTablePropagations", parent: "TransitGatewayRouteTables", parentParam: "TransitGatewayRouteTableId", child: "_prop", notFound: routeTableNotFound, max: 1000,
		filters: "resource-id resource-type transit-gateway-attachment-id"},

	// What the recorded incidents also hold.
	{action: "DescribeNatGateways", key: "NatGateways", id: "NatGatewayId", idParam: "NatGatewayId", notFound: "NatGatewayNotFound", resource: "natgateway", max: 1000,
		filters: "nat-gateway-id state subnet-id vpc-id"},
	{action: "DescribeAddresses", key: "Addresses", id: "AllocationId", idParam: "AllocationId", notFound: "InvalidAllocationID.NotFound", resource: "elastic-ip",
		filters: "allocation-id association-id instance-id network-border-group network-interface-id network-interface-owner-id private-ip-address public-ip"},
	{action: "DescribeSecurityGroups", key: "SecurityGroups", id: "GroupId", idParam: "GroupId", notFound: "InvalidGroup.NotFound", resource: "security-group", max: 1000,
		filters: "description group-id group-name owner-id vpc-id"},
	{action: "DescribeNetworkAcls", key: "NetworkAcls", id: "NetworkAclId", idParam: "NetworkAclId", notFound: "InvalidNetworkAclID.NotFound", resource: "network-acl", max: 1000,
		filters: "association.association-id association.network-acl-id association.subnet-id default entry.cidr entry.protocol entry.rule-action entry.egress entry.rule-number network-acl-id owner-id vpc-id",
		alias:   map[string]string{"default": "is-default", "association.association-id": "association.network-acl-association-id", "entry.cidr": "entries.cidr-block", "entry.protocol": "entries.protocol", "entry.rule-action": "entries.rule-action", "entry.egress": "entries.egress", "entry.rule-number": "entries.rule-number"}},
	{action: "DescribeVpcEndpoints", key: "VpcEndpoints", id: "VpcEndpointId", idParam: "VpcEndpointId", notFound: "InvalidVpcEndpointId.NotFound", resource: "vpc-endpoint", max: 1000,
		filters: "ip-address-type service-name service-region vpc-id vpc-endpoint-id vpc-endpoint-state vpc-endpoint-type",
		alias:   map[string]string{"vpc-endpoint-state": "state"}},
	{action: "DescribeManagedPrefixLists", key: "PrefixLists", id: "PrefixListId", idParam: "PrefixListId", notFound: "InvalidPrefixListID.NotFound", resource: "prefix-list", max: 100,
		filters: "owner-id prefix-list-id prefix-list-name"},
	{action: "DescribeVpcPeeringConnections", key: "VpcPeeringConnections", id: "VpcPeeringConnectionId", idParam: "VpcPeeringConnectionId", notFound: "InvalidVpcPeeringConnectionID.NotFound", resource: "vpc-peering-connection", max: 1000,
		filters: "accepter-vpc-info.cidr-block accepter-vpc-info.owner-id accepter-vpc-info.vpc-id expiration-time requester-vpc-info.cidr-block requester-vpc-info.owner-id requester-vpc-info.vpc-id status-code status-message vpc-peering-connection-id",
		alias:   map[string]string{"status-code": "status.code", "status-message": "status.message"}},
	{action: "DescribeDhcpOptions", key: "DhcpOptions", id: "DhcpOptionsId", idParam: "DhcpOptionsId", notFound: "InvalidDhcpOptionID.NotFound", resource: "dhcp-options", max: 1000,
		filters: "dhcp-options-id key value owner-id",
		alias:   map[string]string{"key": "dhcp-configurations.key", "value": "dhcp-configurations.values.value"}},
	{action: "DescribeFlowLogs", key: "FlowLogs", id: "FlowLogId", idParam: "FlowLogId", resource: "vpc-flow-log", max: 1000,
		filters: "deliver-log-status log-destination-type flow-log-id log-group-name resource-id traffic-type",
		alias:   map[string]string{"deliver-log-status": "deliver-logs-status"}},

	// What the server works out from the rest of the world.
	{action: "DescribeTags", key: "Tags", max: 1000, filters: "key resource-id resource-type value"},
	{action: "DescribeRegions", key: "Regions", id: "RegionName", idParam: "RegionName", notFound: "InvalidParameterValue", filters: "endpoint opt-in-status region-name"},
}

// Actions are the EC2 calls that the server knows, in the order of its table.
func Actions() []string {
	out := make([]string, len(listings))
	for i, l := range listings {
		out[i] = l.action
	}
	return out
}

func findListing(action string) (listing, bool) {
	i := slices.IndexFunc(listings, func(l listing) bool { return l.action == action })
	if i < 0 {
		return listing{}, false
	}
	return listings[i], true
}

// idField is the identifying field of a list's documents, "" if it has none.
func idField(key string) string {
	for _, l := range listings {
		if l.key == key && l.parent == "" {
			return l.id
		}
	}
	return ""
}

// path resolves a filter's name to the fields it asks for.
func (l listing) path(filter string) ([]string, bool) {
	if !slices.Contains(strings.Fields(l.filters), filter) {
		return nil, false
	}
	if other, ok := l.alias[filter]; ok {
		filter = other
	}
	return strings.Split(strings.ReplaceAll(filter, "-", ""), "."), true
}
