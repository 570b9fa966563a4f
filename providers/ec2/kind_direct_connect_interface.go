package ec2

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/directconnect"
	dxtypes "github.com/aws/aws-sdk-go-v2/service/directconnect/types"

	"reconcile/providers"
)

func listVirtualInterfaces() *listing {
	return turned((*directconnect.Client).DescribeVirtualInterfaces,
		func(q query) *directconnect.DescribeVirtualInterfacesInput {
			return &directconnect.DescribeVirtualInterfacesInput{VirtualInterfaceId: theID(q), MaxResults: unlessByID(q, 100)}
		},
		func(in *directconnect.DescribeVirtualInterfacesInput, o *directconnect.DescribeVirtualInterfacesOutput) (**string, *string) {
			return &in.NextToken, o.NextToken
		},
		func(o *directconnect.DescribeVirtualInterfacesOutput) []dxtypes.VirtualInterface {
			return o.VirtualInterfaces
		})
}

// transitVirtualInterfaceRow also shows interfaces that another account made
// for this one: AWS does not say whose the connection is.
func transitVirtualInterfaceRow(list *listing) Row {
	k := transitInterface("aws_dx_transit_virtual_interface", list)
	k.Parents = []string{"connection_id", "dx_gateway_id"}
	k.Fixed = []string{"address_family", "bgp_asn", "connection_id", "dx_gateway_id", "name", "vlan"}
	k.Telling = []string{"name", "vlan"}
	k.Compared = []string{"amazon_address", "customer_address", "jumbo_frame_capable", "mtu", "sitelink_enabled", "tags_all"}
	k.Events = append(k.Events, recordedBy(directConnectSource,
		providers.Event{Name: "CreateTransitVirtualInterface", Role: providers.Created, ID: "{res.virtualInterface.virtualInterfaceId}"})...)
	k.IfSkipped = "the next apply asks for a second interface on the same VLAN, which Direct Connect may refuse"
	return row(k, list, transitInterfaceLook(), func(v dxtypes.VirtualInterface, at place) []providers.Object {
		return interfaceObjects(v, at, true, func(a providers.Attrs) {
			a["dx_gateway_id"], a["sitelink_enabled"], a["tags_all"] = text(v.DirectConnectGatewayId), yes(v.SiteLinkEnabled), dxTags(v.Tags)
		})
	})
}

// hostedTransitVirtualInterfaceRow is an interface made for another account,
// which its owner_account_id names. Before that account accepts it, it is there.
func hostedTransitVirtualInterfaceRow(list *listing) Row {
	k := transitInterface("aws_dx_hosted_transit_virtual_interface", list)
	k.Parents = []string{"connection_id"}
	k.Fixed = []string{"address_family", "bgp_asn", "connection_id", "mtu", "name", "owner_account_id", "vlan"}
	k.Telling = []string{"name", "vlan"}
	k.Compared = []string{"amazon_address", "customer_address", "jumbo_frame_capable"}
	k.Events = append(k.Events, recordedBy(directConnectSource,
		providers.Event{Name: "AllocateTransitVirtualInterface", Role: providers.Created, ID: "{res.virtualInterface.virtualInterfaceId}"})...)
	k.IfSkipped = "the next apply asks for a second interface on the same VLAN, which Direct Connect may refuse"
	return row(k, list, transitInterfaceLook(), func(v dxtypes.VirtualInterface, at place) []providers.Object {
		return interfaceObjects(v, at, false, func(a providers.Attrs) { a["owner_account_id"] = text(v.OwnerAccount) })
	})
}

// hostedTransitVirtualInterfaceAccepterRow: an interface that waits to be
// accepted is there, but its accepter is not. Terraform's own destroy leaves
// the interface alone.
func hostedTransitVirtualInterfaceAccepterRow(list *listing) Row {
	k := transitInterface("aws_dx_hosted_transit_virtual_interface_accepter", list)
	k.Facet = true
	k.Gone = []string{"deleted", "confirming", "rejected"}
	k.Wait = providers.Wait{}
	k.Parents = []string{"virtual_interface_id", "dx_gateway_id"}
	k.Fixed = []string{"dx_gateway_id", "virtual_interface_id"}
	k.Telling = []string{"virtual_interface_id"}
	k.Compared = []string{"prefix_pool_allocated_count_ipv4", "prefix_pool_allocated_count_ipv6", "tags_all"}
	k.Events = append(k.Events, recordedBy(directConnectSource,
		providers.Event{Name: "ConfirmTransitVirtualInterface", Role: providers.Created, ID: "{req.virtualInterfaceId}"})...)
	k.IfSkipped = "the next apply asks to accept what is accepted already, which Direct Connect may refuse"
	return row(k, list, transitInterfaceLook(), func(v dxtypes.VirtualInterface, at place) []providers.Object {
		return interfaceObjects(v, at, true, func(a providers.Attrs) {
			a["virtual_interface_id"], a["dx_gateway_id"], a["tags_all"] = a["id"], text(v.DirectConnectGatewayId), dxTags(v.Tags)
			if v.PrefixPoolAllocatedCountIpv4 != nil {
				a["prefix_pool_allocated_count_ipv4"] = float64(*v.PrefixPoolAllocatedCountIpv4)
			}
			if v.PrefixPoolAllocatedCountIpv6 != nil {
				a["prefix_pool_allocated_count_ipv6"] = float64(*v.PrefixPoolAllocatedCountIpv6)
			}
		})
	})
}

// transitInterface is what the three kinds of one interface have in common.
func transitInterface(typ string, list *listing) providers.Kind {
	k := providers.Kind{
		Type: typ, Import: "{id}", Pending: []string{"pending", "verifying", "deleting"}, Gone: []string{"deleted"},
		Wait: providers.Wait{Call: list.action, Names: "{id}", Times: 1},
		Events: recordedBy(directConnectSource,
			providers.Event{Name: "DeleteVirtualInterface", Role: providers.Deleted, ID: "{req.virtualInterfaceId}"}),
	}
	for _, name := range []string{"AssociateVirtualInterface", "CreateBGPPeer", "DeleteBGPPeer", "UpdateVirtualInterfaceAttributes"} {
		k.Events = append(k.Events, providers.Event{Name: name, Role: providers.Changed, ID: "{req.virtualInterfaceId}", Source: directConnectSource})
	}
	return k
}

func transitInterfaceLook() look {
	return look{ids: "virtual-interface-id", value: "{id}", count: "length(virtualInterfaces[?virtualInterfaceState!='deleted'])"}
}

// interfaceObjects makes the object of a transit interface that is this
// account's own, or of one that it hosts. The BGP key is a secret and is not
// taken along.
func interfaceObjects(v dxtypes.VirtualInterface, at place, own bool, more func(providers.Attrs)) []providers.Object {
	if text(v.VirtualInterfaceType) != "transit" || elsewhere(at, v.OwnerAccount, nil) == own {
		return nil
	}
	id := text(v.VirtualInterfaceId)
	a := providers.Attrs{
		"id": id, "arn": directConnectARN(at, at.Region, "dxvif/"+id), "name": text(v.VirtualInterfaceName), "connection_id": text(v.ConnectionId),
		"address_family": string(v.AddressFamily), "amazon_address": text(v.AmazonAddress), "customer_address": text(v.CustomerAddress),
		"aws_device": text(v.AwsDeviceV2), "bgp_asn": float64(v.Asn), "jumbo_frame_capable": yes(v.JumboFrameCapable), "vlan": float64(v.Vlan),
	}
	if v.Mtu != nil {
		a["mtu"] = float64(*v.Mtu)
	}
	if v.AmazonSideAsn != nil {
		a["amazon_side_asn"] = strconv.FormatInt(*v.AmazonSideAsn, 10)
	}
	more(a)
	return []providers.Object{{State: string(v.VirtualInterfaceState), Attrs: a}}
}
