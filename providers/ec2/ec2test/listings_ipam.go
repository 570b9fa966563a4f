package ec2test

// ipamListings: address management.
var ipamListings = []listing{
	{action: "DescribeIpams", key: "Ipams", id: "IpamId", idParam: "IpamId", notFound: "InvalidIpamId.NotFound", resource: "ipam", max: 1000},
	{action: "DescribeIpamScopes", key: "IpamScopes", id: "IpamScopeId", idParam: "IpamScopeId", notFound: "InvalidIpamScopeId.NotFound", resource: "ipam-scope", max: 1000},
	{action: "DescribeIpamPools", key: "IpamPools", id: "IpamPoolId", idParam: "IpamPoolId", notFound: "InvalidIpamPoolId.NotFound", resource: "ipam-pool", max: 1000},
	{action: "DescribeIpamResourceDiscoveries", key: "IpamResourceDiscoveries", id: "IpamResourceDiscoveryId", idParam: "IpamResourceDiscoveryId", notFound: "InvalidIpamResourceDiscoveryId.NotFound", resource: "ipam-resource-discovery", max: 1000},
	{action: "DescribeIpamResourceDiscoveryAssociations", key: "IpamResourceDiscoveryAssociations", id: "IpamResourceDiscoveryAssociationId", idParam: "IpamResourceDiscoveryAssociationId", notFound: "InvalidIpamResourceDiscoveryAssociationId.NotFound", resource: "ipam-resource-discovery-association", max: 1000},
	{action: "GetIpamPoolCidrs", key: "IpamPoolCidrs", parent: "IpamPools", parentParam: "IpamPoolId", noParent: "InvalidIpamPoolId.NotFound", max: 1000,
		filters: "cidr"},
	{action: "GetIpamPoolAllocations", key: "IpamPoolAllocations", id: "IpamPoolAllocationId", idParam: "IpamPoolAllocationId", notFound: "InvalidIpamPoolAllocationId.NotFound", parent: "IpamPools", parentParam: "IpamPoolId", noParent: "InvalidIpamPoolId.NotFound", resource: "ipam-pool-allocation", max: 100000, min: 1000},
	{action: "DescribeIpamPoolAllocations", key: "IpamPoolAllocations", id: "IpamPoolAllocationId", idParam: "IpamPoolAllocationId", notFound: "InvalidIpamPoolAllocationId.NotFound", parent: "IpamPools", resource: "ipam-pool-allocation", max: 100000, min: 1000},
}
