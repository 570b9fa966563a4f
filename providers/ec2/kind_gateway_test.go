package ec2

import (
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// familyRow returns a row of a family by its type.
var gatewayPlace = place{Place: providers.Place{Account: "123456789012", Region: "eu-west-1"}, partition: "aws", parent: "parent-1"}

func TestAnItemOfWhichAWSShowsNothingBreaksNoRow(t *testing.T) {
	for _, r := range Rows() {
		if r.Unread != "" {
			continue
		}
		for _, o := range r.objects(reflect.Zero(r.source.item).Interface(), gatewayPlace) {
			if o.Type != r.Type {
				t.Errorf("%s makes an object of type %s", r.Type, o.Type)
			}
		}
	}
}

func TestAnInterfaceOfAWSIsNobodysLeftover(t *testing.T) {
	r := familyRow(t, "aws_network_interface")
	launched := &types.NetworkInterfaceAttachment{DeviceIndex: new(int32(0)), DeleteOnTermination: new(true)}
	for name, c := range map[string]struct {
		in       types.NetworkInterface
		implicit bool
	}{
		"one that a user made":           {types.NetworkInterface{InterfaceType: "interface"}, false},
		"one that says no type":          {types.NetworkInterface{}, false},
		"an EFA-only one":                {types.NetworkInterface{InterfaceType: "efa-only"}, false},
		"a trunk of a user":              {types.NetworkInterface{InterfaceType: "trunk"}, false},
		"a NAT gateway's":                {types.NetworkInterface{InterfaceType: "natGateway"}, true},
		"a type of next year":            {types.NetworkInterface{InterfaceType: "moon_base"}, true},
		"a database's":                   {types.NetworkInterface{InterfaceType: "interface", RequesterManaged: new(true)}, true},
		"an instance's first":            {types.NetworkInterface{InterfaceType: "interface", Attachment: launched}, true},
		"a user's, attached as the last": {types.NetworkInterface{Attachment: &types.NetworkInterfaceAttachment{DeviceIndex: new(int32(1))}}, false},
	} {
		if got := r.objects(c.in, gatewayPlace)[0].Implicit; got != c.implicit {
			t.Errorf("%s: implicit is %t", name, got)
		}
	}
}

func TestAnInterfaceInASharedSubnetHasItsOwnersName(t *testing.T) {
	o := familyRow(t, "aws_network_interface").objects(types.NetworkInterface{
		NetworkInterfaceId: new("eni-1"), OwnerId: new("210987654321"), PrivateIpAddresses: []types.NetworkInterfacePrivateIpAddress{
			{PrivateIpAddress: new("10.0.0.4")}, {PrivateIpAddress: new("10.0.0.5")}},
		Attachment: &types.NetworkInterfaceAttachment{AttachmentId: new("eni-attach-1"), InstanceId: new("i-1"), DeviceIndex: new(int32(2))},
	}, gatewayPlace)[0]
	if got := o.Attrs["arn"]; got != "arn:aws:ec2:eu-west-1:210987654321:network-interface/eni-1" {
		t.Errorf("its ARN is %v", got)
	}
	if o.Attrs.Text("private_ips_count") != "1" {
		t.Errorf("two addresses are one more than the first, not %v", o.Attrs["private_ips_count"])
	}
	want := []any{map[string]any{"attachment_id": "eni-attach-1", "instance": "i-1", "device_index": float64(2)}}
	if providers.Canon(o.Attrs["attachment"]) != providers.Canon(want) {
		t.Errorf("attached as %v", o.Attrs["attachment"])
	}
}

func TestAnAttachmentToAServiceIsNone(t *testing.T) {
	r := familyRow(t, "aws_network_interface_attachment")
	service := types.NetworkInterface{Attachment: &types.NetworkInterfaceAttachment{AttachmentId: new("ela-attach-1"), InstanceOwnerId: new("amazon-aws")}}
	if got := r.objects(service, gatewayPlace); got != nil {
		t.Errorf("a NAT gateway's interface has %v", got)
	}
	leaving := types.NetworkInterface{Attachment: &types.NetworkInterfaceAttachment{AttachmentId: new("eni-attach-1"), InstanceId: new("i-1"), Status: "detached"}}
	if got := r.objects(leaving, gatewayPlace)[0].Life; got != providers.Pending {
		t.Errorf("a detached one that AWS shows is %s", got)
	}
}

func TestASecurityGroupOfAnInterfaceIsImportedAndRecordedInOppositeOrder(t *testing.T) {
	r := familyRow(t, "aws_network_interface_sg_attachment")
	objects := r.objects(types.NetworkInterface{NetworkInterfaceId: new("eni-1"),
		Groups: []types.GroupIdentifier{{GroupId: new("sg-1")}, {GroupId: new("sg-2")}}}, gatewayPlace)
	if len(objects) != 2 {
		t.Fatalf("two groups are %d objects", len(objects))
	}
	a := objects[1].Attrs
	if got := r.ImportIDOf(a); got != "eni-1_sg-2" {
		t.Errorf("imported as %s", got)
	}
	if got := r.StateIDOf(a); got != "sg-2_eni-1" || got != a["id"] {
		t.Errorf("recorded as %s, id %v", got, a["id"])
	}
}

func TestANATGatewayThatFailedIsNeitherImportedNorGone(t *testing.T) {
	r := familyRow(t, "aws_nat_gateway")
	for state, life := range map[types.NatGatewayState]providers.Life{
		"pending": providers.Pending, "available": providers.Alive, "failed": providers.Pending, "deleting": providers.Pending, "deleted": providers.Gone,
	} {
		if got := r.objects(types.NatGateway{State: state}, gatewayPlace)[0].Life; got != life {
			t.Errorf("%s is %s, want %s", state, got, life)
		}
	}
}

func TestTheAddressesOfANATGatewayAreWhereTheProviderPutsThem(t *testing.T) {
	first := types.NatGatewayAddress{AllocationId: new("eipalloc-1"), PrivateIp: new("10.0.0.4"), NetworkInterfaceId: new("eni-1"), IsPrimary: new(true), Status: "succeeded"}
	second := types.NatGatewayAddress{AllocationId: new("eipalloc-2"), PrivateIp: new("10.0.0.5"), Status: "associating"}
	private := types.NatGatewayAddress{PrivateIp: new("10.0.0.6"), Status: "succeeded"}
	g := types.NatGateway{NatGatewayId: new("nat-1"), State: "available", NatGatewayAddresses: []types.NatGatewayAddress{second, first, private}}
	a := familyRow(t, "aws_nat_gateway").objects(g, gatewayPlace)[0].Attrs
	for name, want := range map[string]any{
		"allocation_id": "eipalloc-1", "private_ip": "10.0.0.4", "network_interface_id": "eni-1", "secondary_allocation_ids": []any{"eipalloc-2"},
		"secondary_private_ip_addresses": []any{"10.0.0.5", "10.0.0.6"}, "secondary_private_ip_address_count": float64(2),
	} {
		if providers.Canon(a[name]) != providers.Canon(want) {
			t.Errorf("%s is %v, want %v", name, a[name], want)
		}
	}
	alone := first
	alone.IsPrimary = nil
	a = familyRow(t, "aws_nat_gateway").objects(types.NatGateway{NatGatewayAddresses: []types.NatGatewayAddress{alone}}, gatewayPlace)[0].Attrs
	if a["allocation_id"] != "eipalloc-1" || a["secondary_allocation_ids"].([]any) != nil {
		t.Errorf("an only address that is not called the first is not the first: %v", a)
	}

	r := familyRow(t, "aws_nat_gateway_eip_association")
	objects := r.objects(g, gatewayPlace)
	if len(objects) != 2 || objects[0].ID != "nat-1,eipalloc-2" || objects[0].Life != providers.Pending || objects[1].Life != providers.Alive {
		t.Errorf("associations %+v", objects)
	}
	g.State = types.NatGatewayStateDeleted
	if got := r.objects(g, gatewayPlace); got != nil {
		t.Errorf("a deleted gateway still has %v", got)
	}
}

func TestARegionalNATGatewayHasItsAddressesByZone(t *testing.T) {
	g := types.NatGateway{NatGatewayId: new("nat-1"), State: "available", AvailabilityMode: "regional", AutoProvisionZones: "disabled",
		NatGatewayAddresses: []types.NatGatewayAddress{
			{AllocationId: new("eipalloc-2"), AvailabilityZone: new("eu-west-1b"), AvailabilityZoneId: new("euw1-az2")},
			{AllocationId: new("eipalloc-1"), AvailabilityZone: new("eu-west-1a"), AvailabilityZoneId: new("euw1-az1")},
			{AllocationId: new("eipalloc-3"), AvailabilityZone: new("eu-west-1b"), AvailabilityZoneId: new("euw1-az2")},
		}}
	r := familyRow(t, "aws_nat_gateway")
	want := []any{
		map[string]any{"availability_zone": "eu-west-1a", "availability_zone_id": "euw1-az1", "allocation_ids": []any{"eipalloc-1"}},
		map[string]any{"availability_zone": "eu-west-1b", "availability_zone_id": "euw1-az2", "allocation_ids": []any{"eipalloc-2", "eipalloc-3"}},
	}
	if a := r.objects(g, gatewayPlace)[0].Attrs; providers.Canon(a["availability_zone_address"]) != providers.Canon(want) || a["allocation_id"] != "" {
		t.Errorf("zones %v, first address %v", a["availability_zone_address"], a["allocation_id"])
	}
	g.AutoProvisionZones = "enabled"
	if v, shown := r.objects(g, gatewayPlace)[0].Attrs["availability_zone_address"]; shown {
		t.Errorf("zones that AWS chose itself are compared: %v", v)
	}
}

func TestOnlyAnAssociatedAddressHasAnAssociation(t *testing.T) {
	r := familyRow(t, "aws_eip_association")
	e := types.Address{AllocationId: new("eipalloc-1"), Domain: "vpc"}
	if got := r.objects(e, gatewayPlace); got != nil {
		t.Errorf("a free address has %v", got)
	}
	e.AssociationId, e.NetworkInterfaceId = new("eipassoc-1"), new("eni-1")
	if got := r.objects(e, gatewayPlace); len(got) != 1 || got[0].ID != "eipassoc-1" || got[0].Attrs["allocation_id"] != "eipalloc-1" {
		t.Errorf("an associated one has %+v", got)
	}
}

func TestThePoolOfAnAddressIsAnIPAMPoolByItsNameOnly(t *testing.T) {
	r := familyRow(t, "aws_eip")
	for pool, ipam := range map[string]string{"amazon": "", "ipv4pool-ec2-1": "", "ipam-pool-1": "ipam-pool-1"} {
		a := r.objects(types.Address{AllocationId: new("eipalloc-1"), PublicIpv4Pool: new(pool)}, gatewayPlace)[0].Attrs
		if a["ipam_pool_id"] != ipam || a["public_ipv4_pool"] != pool {
			t.Errorf("%s: %v and %v", pool, a["public_ipv4_pool"], a["ipam_pool_id"])
		}
	}
}

func TestTakingADomainNameAwayDoesNotReleaseTheAddress(t *testing.T) {
	o := familyRow(t, "aws_eip_domain_name").objects(types.AddressAttribute{AllocationId: new("eipalloc-1"), PtrRecord: new("mail.example.com.")}, gatewayPlace)[0]
	if o.ID == "eipalloc-1" || o.Attrs["id"] != "eipalloc-1" {
		t.Errorf("identity %s, id %v", o.ID, o.Attrs["id"])
	}
}

func TestALocalGatewayRouteToAPrefixListIsLeftOut(t *testing.T) {
	r := familyRow(t, "aws_ec2_local_gateway_route")
	if got := r.objects(types.LocalGatewayRoute{DestinationPrefixListId: new("pl-1")}, gatewayPlace); got != nil {
		t.Errorf("it is %v", got)
	}
	got := r.objects(types.LocalGatewayRoute{DestinationCidrBlock: new("10.0.0.0/16"), State: "active"}, gatewayPlace)
	if len(got) != 1 || got[0].ID != "parent-1_10.0.0.0/16" || r.ImportIDOf(got[0].Attrs) != got[0].ID {
		t.Errorf("a route to a range is %+v", got)
	}
	if id := r.source.parentID(types.LocalGatewayRouteTable{LocalGatewayRouteTableId: new("lgw-rtb-1"), State: new("deleted")}); id != "" {
		t.Errorf("a deleted table is asked for its routes: %s", id)
	}
}
