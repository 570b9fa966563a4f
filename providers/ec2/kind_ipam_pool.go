package ec2

import (
	"net/netip"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

var ipamPoolNotFound = []string{"InvalidIpamPoolId.NotFound"}

const ipamPoolMember = "IpamPoolId"

func listIpamPools() *listing {
	return usual[types.IpamPool](sdk.NewDescribeIpamPoolsPaginator).byIDs("IpamPoolIds")
}

// livingIpamPool takes pools of other accounts and regions too: an account
// allocates from a pool that is shared with it, in the region of its locale.
func livingIpamPool(item any) string {
	p := item.(types.IpamPool)
	if p.State == types.IpamPoolStateDeleteComplete {
		return ""
	}
	return text(p.IpamPoolId)
}

// ipamPoolRow leaves the netmask lengths out: the provider does not read them
// back, so a plan never differs by them.
func ipamPoolRow(list *listing) Row {
	return row(providers.Kind{
		Type: "aws_vpc_ipam_pool", Import: "{id}", Prefix: "ipam-pool-",
		Pending: ipamPending, Gone: ipamGone, NotFound: ipamPoolNotFound,
		Telling:  []string{"locale", "tags_all"},
		Wait:     providers.Wait{Call: list.action, Names: "{id}", Times: 1},
		Parents:  []string{"ipam_scope_id", "source_ipam_pool_id"},
		Fixed:    []string{"address_family", "aws_service", "ipam_scope_id", "locale", "public_ip_source", "source_ipam_pool_id"},
		Compared: []string{"allocation_resource_tags", "auto_import", "description", "publicly_advertisable", "source_resource", "tags_all"},
		Events: []providers.Event{
			{Name: "CreateIpamPool", Role: providers.Created, ID: "{res.ipamPool.ipamPoolId}"},
			{Name: "ModifyIpamPool", Role: providers.Changed, ID: "{req.ipamPoolId}"},
			{Name: "DeleteIpamPool", Role: providers.Deleted, ID: "{req.ipamPoolId}"},
		},
		IfSkipped: "the next apply makes a second pool; the first one, with its ranges, stays behind unmanaged",
		Again:     providers.Again{Outcome: providers.Second, How: providers.Source},
	}, list, look{ids: "ipam-pool-ids", value: "{id}", count: "length(IpamPools[?State!='delete-complete'])"},
		func(p types.IpamPool, at place) []providers.Object {
			if elsewhere(at, p.OwnerId, p.IpamRegion) {
				return nil
			}
			tags := map[string]any{}
			for _, t := range p.AllocationResourceTags {
				tags[text(t.Key)] = text(t.Value)
			}
			a := providers.Attrs{
				"id": text(p.IpamPoolId), "arn": text(p.IpamPoolArn), "address_family": string(p.AddressFamily), "allocation_resource_tags": tags,
				"auto_import": yes(p.AutoImport), "aws_service": string(p.AwsService), "description": text(p.Description),
				"ipam_scope_id": idOf(p.IpamScopeArn), "ipam_scope_type": string(p.IpamScopeType), "locale": text(p.Locale),
				"public_ip_source": string(p.PublicIpSource), "publicly_advertisable": yes(p.PubliclyAdvertisable),
				"source_ipam_pool_id": text(p.SourceIpamPoolId), "source_resource": []any(nil), "tags_all": tagsAll(p.Tags),
			}
			if s := p.SourceResource; s != nil {
				a["source_resource"] = []any{map[string]any{"resource_id": text(s.ResourceId), "resource_owner": text(s.ResourceOwner),
					"resource_region": text(s.ResourceRegion), "resource_type": string(s.ResourceType)}}
			}
			return []providers.Object{{State: string(p.State), Attrs: a}}
		})
}

// ipamPoolCidrRow: one whose provisioning failed is there for the provider.
func ipamPoolCidrRow(pools *listing) Row {
	list := usual[types.IpamPoolCidr](sdk.NewGetIpamPoolCidrsPaginator).perParent(pools, ipamPoolMember, livingIpamPool)
	const identity = "{cidr}_{ipam_pool_id}"
	return row(providers.Kind{
		Type: "aws_vpc_ipam_pool_cidr", Identity: identity, Import: identity,
		Pending: []string{"pending-provision", "pending-import", "pending-deprovision"}, Gone: []string{"deprovisioned"}, NotFound: ipamPoolNotFound,
		Wait:    providers.Wait{Call: list.action, Names: "{cidr}", Times: 1},
		Parents: []string{"ipam_pool_id"},
		Fixed:   []string{"cidr", "ipam_pool_id", "netmask_length"},
		Telling: []string{"cidr"},
		Events: []providers.Event{
			{Name: "ProvisionIpamPoolCidr", Role: providers.Created, ID: "{req.cidr|res.ipamPoolCidr.cidr}_{req.ipamPoolId}"},
			{Name: "MoveByoipCidrToIpam", Role: providers.Created, ID: "{req.cidr}_{req.ipamPoolId}"},
			{Name: "DeprovisionIpamPoolCidr", Role: providers.Deleted, ID: "{req.cidr}_{req.ipamPoolId}"},
		},
		IfSkipped: "the next apply provisions another range where only a length is given, or asks for the same one again, which AWS may refuse",
	}, list, look{value: "{ipam_pool_id}", count: "length(IpamPoolCidrs[?State!='deprovisioned' && Cidr=={cidr}])"},
		func(c types.IpamPoolCidr, at place) []providers.Object {
			if text(c.Cidr) == "" { // not chosen yet, so nothing could name it
				return nil
			}
			return []providers.Object{{State: string(c.State), Attrs: withLength(providers.Attrs{
				"id": text(c.Cidr) + "_" + at.parent, "cidr": text(c.Cidr), "ipam_pool_id": at.parent, "ipam_pool_cidr_id": text(c.IpamPoolCidrId),
			})}}
		})
}

// ipamPoolCidrAllocationRow asks pool by pool, because an allocation does not
// say which pool it is of. What a VPC or a sub-pool took is an allocation too.
func ipamPoolCidrAllocationRow(pools *listing) Row {
	list := paged(sdk.NewGetIpamPoolAllocationsPaginator,
		func(q query) *sdk.GetIpamPoolAllocationsInput {
			return &sdk.GetIpamPoolAllocationsInput{IpamPoolId: &q.parent, Filters: q.filters(), MaxResults: new(int32(100000))}
		},
		func(o *sdk.GetIpamPoolAllocationsOutput) []types.IpamPoolAllocation { return o.IpamPoolAllocations }).
		perParent(pools, ipamPoolMember, livingIpamPool)
	return one(providers.Kind{
		Type: "aws_vpc_ipam_pool_cidr_allocation", Identity: "{ipam_pool_allocation_id}", Import: "{ipam_pool_allocation_id}_{ipam_pool_id}",
		Prefix:   "ipam-pool-alloc-",
		NotFound: append([]string{"InvalidIpamPoolAllocationId.NotFound"}, ipamPoolNotFound...),
		Telling:  []string{"cidr", "description"},
		Parents:  []string{"ipam_pool_id"},
		Fixed:    []string{"cidr", "description", "ipam_pool_id", "netmask_length"},
		Compared: []string{"resource_id", "resource_owner", "resource_type"},
		Events: []providers.Event{
			{Name: "AllocateIpamPoolCidr", Role: providers.Created, ID: "{res.ipamPoolAllocation.ipamPoolAllocationId}"},
			{Name: "ModifyIpamPoolAllocation", Role: providers.Changed, ID: "{req.ipamPoolAllocationId}"},
			{Name: "ReleaseIpamPoolAllocation", Role: providers.Deleted, ID: "{req.ipamPoolAllocationId}"},
		},
		IfSkipped: "the next apply allocates another range where only a length is given, or asks for the same one again, which AWS may refuse",
	}, list, look{value: "{ipam_pool_id}", count: "length(IpamPoolAllocations[?IpamPoolAllocationId=={ipam_pool_allocation_id}])"},
		func(c types.IpamPoolAllocation, at place) providers.Object {
			return providers.Object{Implicit: c.ResourceType != types.IpamPoolAllocationResourceTypeCustom, Attrs: withLength(providers.Attrs{
				"id": text(c.IpamPoolAllocationId) + "_" + at.parent, "ipam_pool_allocation_id": text(c.IpamPoolAllocationId), "ipam_pool_id": at.parent,
				"cidr": text(c.Cidr), "description": text(c.Description),
				"resource_id": text(c.ResourceId), "resource_owner": text(c.ResourceOwner), "resource_type": string(c.ResourceType),
			})}
		})
}

// withLength adds the length of a range, which may be all that was asked for.
func withLength(a providers.Attrs) providers.Attrs {
	a["netmask_length"] = nil
	if p, err := netip.ParsePrefix(a.Text("cidr")); err == nil {
		a["netmask_length"] = float64(p.Bits())
	}
	return a
}
