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
			return &directconnect.DescribeVirtualInterfacesInput{VirtualInterfaceId: theID(q), MaxResults: q.pageSize(100)}
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
	k.NotCompared = []string{"bgp_auth_key"}
	k.IfSkipped = "the next apply asks for a second interface on the same VLAN, which Direct Connect may refuse"
	return transitInterfaces(list, k, true, func(v dxtypes.VirtualInterface) providers.Attrs {
		a := interfaceAttrs(v)
		a["dx_gateway_id"], a["sitelink_enabled"], a["tags_all"] = text(v.DirectConnectGatewayId), yes(v.SiteLinkEnabled), dxTags(v.Tags)
		return a
	})
}

// hostedTransitVirtualInterfaceRow is an interface made for another account,
// which its owner_account_id names. Before that account accepts it, it is there.
func hostedTransitVirtualInterfaceRow(list *listing) Row {
	k := transitInterface("aws_dx_hosted_transit_virtual_interface", list)
	k.Parents = []string{"connection_id"}
	k.Fixed = []string{"address_family", "bgp_asn", "connection_id", "name", "owner_account_id", "vlan"}
	k.Telling = []string{"name", "vlan"}
	k.Compared = []string{"amazon_address", "customer_address", "jumbo_frame_capable", "mtu"}
	k.Events = append(k.Events, recordedBy(directConnectSource,
		providers.Event{Name: "AllocateTransitVirtualInterface", Role: providers.Created, ID: "{res.virtualInterface.virtualInterfaceId}"})...)
	k.NotCompared = []string{"bgp_auth_key"}
	k.IfSkipped = "the next apply asks for a second interface on the same VLAN, which Direct Connect may refuse"
	return transitInterfaces(list, k, false, func(v dxtypes.VirtualInterface) providers.Attrs {
		a := interfaceAttrs(v)
		a["owner_account_id"] = text(v.OwnerAccount)
		return a
	})
}

// hostedTransitVirtualInterfaceAccepterRow: an interface that waits to be
// accepted is there, but its accepter is not. The provider's destroy leaves the
// interface alone. The interface is no parent: a state may hold it for the
// other account too.
func hostedTransitVirtualInterfaceAccepterRow(list *listing) Row {
	k := transitInterface("aws_dx_hosted_transit_virtual_interface_accepter", list)
	k.Accepter = true
	k.Facet = true
	k.Gone = []string{"deleted", "confirming", "rejected"}
	k.Wait = providers.Wait{}
	k.Parents = []string{"dx_gateway_id"}
	k.Fixed = []string{"dx_gateway_id", "virtual_interface_id"}
	k.Telling = []string{"virtual_interface_id"}
	k.Compared = []string{"prefix_pool_allocated_count_ipv4", "prefix_pool_allocated_count_ipv6", "tags_all"}
	k.Events = append(k.Events, recordedBy(directConnectSource,
		providers.Event{Name: "ConfirmTransitVirtualInterface", Role: providers.Created, ID: "{req.virtualInterfaceId}"})...)
	k.IfSkipped = "the next apply asks to accept what is accepted already, which Direct Connect may refuse"
	return transitInterfaces(list, k, true, func(v dxtypes.VirtualInterface) providers.Attrs {
		a := providers.Attrs{"virtual_interface_id": text(v.VirtualInterfaceId), "dx_gateway_id": text(v.DirectConnectGatewayId), "tags_all": dxTags(v.Tags)}
		if v.PrefixPoolAllocatedCountIpv4 != nil {
			a["prefix_pool_allocated_count_ipv4"] = float64(*v.PrefixPoolAllocatedCountIpv4)
		}
		if v.PrefixPoolAllocatedCountIpv6 != nil {
			a["prefix_pool_allocated_count_ipv6"] = float64(*v.PrefixPoolAllocatedCountIpv6)
		}
		return a
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

// transitInterfaces leaves out interfaces of other types, and those that are
// not, as asked, this account's own or hosted for another.
func transitInterfaces(list *listing, k providers.Kind, own bool, attrs func(dxtypes.VirtualInterface) providers.Attrs) Row {
	return row(k, list, look{ids: "virtual-interface-id", value: "{id}", count: "length(virtualInterfaces[?virtualInterfaceState!='deleted'])"},
		func(v dxtypes.VirtualInterface, at place) []providers.Object {
			if text(v.VirtualInterfaceType) != "transit" || elsewhere(at, v.OwnerAccount, nil) == own {
				return nil
			}
			a := attrs(v)
			a["id"] = text(v.VirtualInterfaceId)
			a["arn"] = directConnectARN(at, at.Region, "dxvif/"+text(v.VirtualInterfaceId))
			return []providers.Object{{State: string(v.VirtualInterfaceState), Attrs: a}}
		})
}

// interfaceAttrs is what the maker of an interface sees of it. The BGP key is a secret and is
// not taken along.
func interfaceAttrs(v dxtypes.VirtualInterface) providers.Attrs {
	a := providers.Attrs{
		"name": text(v.VirtualInterfaceName), "connection_id": text(v.ConnectionId),
		"address_family": string(v.AddressFamily), "amazon_address": text(v.AmazonAddress), "customer_address": text(v.CustomerAddress),
		"aws_device": text(v.AwsDeviceV2), "bgp_asn": float64(v.Asn), "jumbo_frame_capable": yes(v.JumboFrameCapable), "vlan": float64(v.Vlan),
	}
	if v.Mtu != nil {
		a["mtu"] = float64(*v.Mtu)
	}
	if v.AmazonSideAsn != nil {
		a["amazon_side_asn"] = strconv.FormatInt(*v.AmazonSideAsn, 10)
	}
	return a
}
