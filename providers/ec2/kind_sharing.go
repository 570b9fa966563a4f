package ec2

import (
	"slices"
	"strings"

	"reconcile/providers"
)

// The services beside EC2 that record calls.
const (
	ramSource           = "ram.amazonaws.com"
	directConnectSource = "directconnect.amazonaws.com"
)

// sharingRows are the kinds that reach over an account's edge: resource shares,
// Direct Connect, and Network Manager, which is not read.
func sharingRows(sources) []Row {
	gateways, interfaces := listDirectConnectGateways(), listVirtualInterfaces()
	rows := []Row{
		resourceShareRow(),
		resourceShareResourceRow(),
		resourceSharePrincipalRow(),
		resourceShareAccepterRow(),
		unread(providers.Kind{
			Type: "aws_ram_sharing_with_organization", Import: "{id}", Global: true,
			Unread:    "sharing within the organization is switched on in AWS Organizations and IAM, which reconcile does not read",
			IfSkipped: "nothing: the next apply switches it on again, which is safe to repeat, and records it",
			Again:     providers.Again{Outcome: providers.Same, How: providers.Source},
		}),
		directConnectGatewayRow(gateways),
		directConnectGatewayAssociationRow(gateways),
		directConnectGatewayAssociationProposalRow(),
		transitVirtualInterfaceRow(interfaces),
		hostedTransitVirtualInterfaceRow(interfaces),
		hostedTransitVirtualInterfaceAccepterRow(interfaces),
	}
	for _, k := range []providers.Kind{
		{Type: "aws_networkmanager_transit_gateway_connect_peer_association", Import: "{global_network_id},{transit_gateway_connect_peer_arn}"},
		{Type: "aws_networkmanager_transit_gateway_peering", Import: "{id}"},
		{Type: "aws_networkmanager_transit_gateway_registration", Import: "{global_network_id},{transit_gateway_arn}", Gone: []string{"deleted"}},
		{Type: "aws_networkmanager_transit_gateway_route_table_attachment", Import: "{id}"},
		{Type: "aws_networkmanager_vpc_attachment", Import: "{id}"},
	} {
		k.Global = true
		k.Unread = "it is kept by Network Manager, which reconcile does not read"
		k.IfSkipped = "the next apply asks for it again, which Network Manager may refuse: look there first"
		rows = append(rows, unread(k))
	}
	return rows
}

// recordedBy are events that another service than EC2 records.
func recordedBy(source string, events ...providers.Event) []providers.Event {
	for i := range events {
		events[i].Source = source
	}
	return events
}

// asking adds arguments to the row's AWS CLI question that its call cannot do without.
func (r Row) asking(args ...string) Row {
	r.Kind.Confirm = func(a providers.Attrs) []string {
		argv := r.confirm(a)
		if argv == nil {
			return nil
		}
		return slices.Insert(argv, 2, args...)
	}
	return r
}

// tagsOf is tagsAll for the tags of another service.
func tagsOf[T any](tags []T, pair func(T) (key, value *string)) map[string]any {
	out := make(map[string]any, len(tags))
	for _, t := range tags {
		if key, value := pair(t); !strings.HasPrefix(text(key), "aws:") {
			out[text(key)] = text(value)
		}
	}
	return out
}
