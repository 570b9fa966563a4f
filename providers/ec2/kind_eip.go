package ec2

import (
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// listAddresses is shared by addresses and their associations: AWS answers
// both in one document, and all of them at once.
func listAddresses() *listing {
	return once((*sdk.Client).DescribeAddresses,
		func(q query) *sdk.DescribeAddressesInput { return &sdk.DescribeAddressesInput{Filters: q.filters()} },
		func(o *sdk.DescribeAddressesOutput) []types.Address { return o.Addresses })
}

// eipNotFound leaves out AuthFailure, by which AWS also calls an address gone:
// it says as well that the caller's credentials are wrong.
var eipNotFound = []string{"InvalidAllocationID.NotFound", "InvalidAddress.NotFound"}

func eipRow(list *listing) Row {
	association := []string{"aws_eip_association"}
	return one(providers.Kind{
		Type: "aws_eip", Import: "{id}", Prefix: "eipalloc-", NotFound: eipNotFound,
		Telling:  []string{"tags_all"},
		Fixed:    []string{"domain", "network_border_group", "public_ipv4_pool", "ipam_pool_id"},
		Compared: []string{"instance", "network_interface", "customer_owned_ipv4_pool", "tags_all"},
		Inline:   map[string][]string{"instance": association, "network_interface": association},
		SetBy:    map[string][]providers.Argument{"network_interface": {{Type: "aws_nat_gateway", Name: "allocation_id"}}},
		Events: []providers.Event{
			{Name: "AllocateAddress", Role: providers.Created, ID: "{res.allocationId}"},
			{Name: "MoveAddressToVpc", Role: providers.Created, ID: "{res.allocationId}"},
			{Name: "AcceptAddressTransfer", Role: providers.Created, ID: "{res.addressTransfer.allocationId}"},
			{Name: "AssociateAddress", Role: providers.Changed, ID: "{req.allocationId}"},
			{Name: "CreateNatGateway", Role: providers.Changed, ID: "{res.natGateway.natGatewayAddressSet.allocationId}"},
			{Name: "AssociateNatGatewayAddress", Role: providers.Changed, ID: "{req.allocationId}"},
			{Name: "DisassociateNatGatewayAddress", Role: providers.Changed, ID: "{res.natGatewayAddressSet.allocationId}"},
			{Name: "ModifyAddressAttribute", Role: providers.Changed, ID: "{req.allocationId}"},
			{Name: "ResetAddressAttribute", Role: providers.Changed, ID: "{req.allocationId}"},
			{Name: "EnableAddressTransfer", Role: providers.Changed, ID: "{req.allocationId}"},
			{Name: "DisableAddressTransfer", Role: providers.Changed, ID: "{req.allocationId}"},
			{Name: "ReleaseAddress", Role: providers.Deleted, ID: "{req.allocationId}"},
		},
		IfSkipped: "the next apply allocates a second address; the first one stays allocated, costs money and counts against the quota",
		Again:     providers.Again{Outcome: providers.Second, How: providers.Shown},
	}, list, look{filter: "allocation-id", value: "{id}", count: "length(Addresses)"},
		func(e types.Address, at place) providers.Object {
			id, pool := text(e.AllocationId), text(e.PublicIpv4Pool)
			a := providers.Attrs{
				"id": id, "allocation_id": id, "arn": at.arn("elastic-ip", id), "domain": string(e.Domain),
				"public_ip": text(e.PublicIp), "public_ipv4_pool": pool, "network_border_group": text(e.NetworkBorderGroup), "ipam_pool_id": "",
				"customer_owned_ipv4_pool": text(e.CustomerOwnedIpv4Pool), "customer_owned_ip": text(e.CustomerOwnedIp), "carrier_ip": text(e.CarrierIp),
				"association_id": text(e.AssociationId), "instance": text(e.InstanceId), "network_interface": text(e.NetworkInterfaceId),
				"private_ip": text(e.PrivateIpAddress), "tags_all": tagsAll(e.Tags),
			}
			if strings.HasPrefix(pool, "ipam-pool-") {
				a["ipam_pool_id"] = pool
			}
			return providers.Object{Implicit: e.ServiceManaged != "", Attrs: a}
		})
}

// eipAssociationRow is told apart by its address alone, which has one
// association at a time. What it is associated with may be left to AWS in the
// configuration, one of instance and interface always is.
func eipAssociationRow(list *listing) Row {
	return row(providers.Kind{
		Type: "aws_eip_association", Import: "{id}", Prefix: "eipassoc-", Facet: true, NotFound: []string{"InvalidAllocationID.NotFound"},
		Parents:  []string{"allocation_id", "network_interface_id"},
		Telling:  []string{"allocation_id"},
		Fixed:    []string{"allocation_id"},
		Compared: []string{"instance_id", "network_interface_id", "private_ip_address", "public_ip"},
		Events: []providers.Event{
			{Name: "AssociateAddress", Role: providers.Created, ID: "{res.associationId}"},
			{Name: "DisassociateAddress", Role: providers.Deleted, ID: "{req.associationId}"},
		},
		IfSkipped: "nothing: AssociateAddress is safe to repeat, and the next apply records it",
		Again:     providers.Again{Outcome: providers.Same, How: providers.Shown},
	}, list, look{filter: "association-id", value: "{id}", count: "length(Addresses)"},
		func(e types.Address, _ place) []providers.Object {
			if text(e.AssociationId) == "" {
				return nil
			}
			return []providers.Object{{Implicit: e.ServiceManaged != "", Attrs: providers.Attrs{
				"id": text(e.AssociationId), "allocation_id": text(e.AllocationId), "instance_id": text(e.InstanceId),
				"network_interface_id": text(e.NetworkInterfaceId), "private_ip_address": text(e.PrivateIpAddress), "public_ip": text(e.PublicIp),
			}}}
		})
}

// eipDomainNameRow is a reverse DNS name. AWS shows the record, not the name
// that was asked for. The identity is more than the address's id, so that
// taking the name away is never taken for releasing the address.
func eipDomainNameRow() Row {
	list := paged(sdk.NewDescribeAddressesAttributePaginator,
		func(q query) *sdk.DescribeAddressesAttributeInput {
			return &sdk.DescribeAddressesAttributeInput{
				Attribute: types.AddressAttributeNameDomainName, AllocationIds: q.ids, MaxResults: q.pageSize(1000)}
		},
		func(o *sdk.DescribeAddressesAttributeOutput) []types.AddressAttribute { return o.Addresses })
	return one(providers.Kind{
		Type: "aws_eip_domain_name", Identity: "{allocation_id},domain-name", Facet: true, Pending: []string{"pending"}, NotFound: []string{"InvalidAllocationID.NotFound"},
		NoImport: "Terraform cannot import this type. The next apply sets the name again (ModifyAddressAttribute), which may leave it as it is or be refused; if it is refused, reset it (ResetAddressAttribute) and apply again",
		Wait:     providers.Wait{Call: "DescribeAddressesAttribute", Names: "{allocation_id}", Times: 1},
		Telling:  []string{"allocation_id"},
		Parents:  []string{"allocation_id"},
		Fixed:    []string{"allocation_id"},
		Compared: []string{"ptr_record"},
		Events: []providers.Event{
			{Name: "ModifyAddressAttribute", Role: providers.Created, ID: "{req.allocationId},domain-name"},
			{Name: "ResetAddressAttribute", Role: providers.Deleted, ID: "{req.allocationId},domain-name"},
		},
	}, list, look{ids: "allocation-ids", value: "{allocation_id}", count: "length(Addresses)"},
		func(e types.AddressAttribute, _ place) providers.Object {
			o := providers.Object{Attrs: providers.Attrs{
				"id": text(e.AllocationId), "allocation_id": text(e.AllocationId), "ptr_record": text(e.PtrRecord),
			}}
			if u := e.PtrRecordUpdate; u != nil {
				o.State = text(u.Status)
			}
			return o
		})
}
