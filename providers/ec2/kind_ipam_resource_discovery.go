package ec2

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// ipamResourceDiscoveryRow: every IPAM comes with a discovery of its own, and
// with its association.
func ipamResourceDiscoveryRow() Row {
	list := usual[types.IpamResourceDiscovery](sdk.NewDescribeIpamResourceDiscoveriesPaginator).byIDs("IpamResourceDiscoveryIds")
	return row(providers.Kind{
		Type: "aws_vpc_ipam_resource_discovery", Import: "{id}", Prefix: "ipam-res-disco-", Account: "owner_id",
		Pending: ipamPending, Gone: ipamGone, NotFound: []string{"InvalidIpamResourceDiscoveryId.NotFound"},
		Telling:  []string{"tags_all"},
		Wait:     providers.Wait{Call: list.action, Names: "{id}", Times: 1},
		Compared: []string{"description", "operating_regions", "organizational_unit_exclusion", "tags_all"},
		Events: []providers.Event{
			{Name: "CreateIpamResourceDiscovery", Role: providers.Created, ID: "{res.ipamResourceDiscovery.ipamResourceDiscoveryId}"},
			{Name: "ModifyIpamResourceDiscovery", Role: providers.Changed, ID: "{req.ipamResourceDiscoveryId}"},
			{Name: "DeleteIpamResourceDiscovery", Role: providers.Deleted, ID: "{req.ipamResourceDiscoveryId}"},
		},
		IfSkipped: "the next apply makes a second resource discovery, or fails at the limit of them in a region",
	}, list, look{ids: "ipam-resource-discovery-ids", value: "{id}", count: "length(IpamResourceDiscoveries[?State!='delete-complete'])"},
		func(d types.IpamResourceDiscovery, at place) []providers.Object {
			if elsewhere(at, d.OwnerId, d.IpamResourceDiscoveryRegion) {
				return nil
			}
			var excluded []any
			for _, e := range d.OrganizationalUnitExclusions {
				excluded = append(excluded, map[string]any{"organizations_entity_path": text(e.OrganizationsEntityPath)})
			}
			return []providers.Object{{State: string(d.State), Implicit: yes(d.IsDefault), Attrs: providers.Attrs{
				"id": text(d.IpamResourceDiscoveryId), "arn": text(d.IpamResourceDiscoveryArn), "owner_id": text(d.OwnerId),
				"description": text(d.Description), "ipam_resource_discovery_region": text(d.IpamResourceDiscoveryRegion), "is_default": yes(d.IsDefault),
				"operating_regions": operatingRegions(d.OperatingRegions), "organizational_unit_exclusion": excluded, "tags_all": tagsAll(d.Tags),
			}}}
		})
}

func ipamResourceDiscoveryAssociationRow() Row {
	list := usual[types.IpamResourceDiscoveryAssociation](sdk.NewDescribeIpamResourceDiscoveryAssociationsPaginator).byIDs("IpamResourceDiscoveryAssociationIds")
	return row(providers.Kind{
		Type: "aws_vpc_ipam_resource_discovery_association", Import: "{id}", Prefix: "ipam-res-disco-assoc-", Account: "owner_id", Facet: true,
		Pending: []string{"associate-in-progress", "disassociate-in-progress", "isolate-in-progress", "restore-in-progress"},
		Gone:    []string{"disassociate-complete"}, NotFound: []string{"InvalidIpamResourceDiscoveryAssociationId.NotFound"},
		Wait:     providers.Wait{Call: list.action, Names: "{id}", Times: 1},
		Parents:  []string{"ipam_id", "ipam_resource_discovery_id"},
		Fixed:    []string{"ipam_id", "ipam_resource_discovery_id"},
		Telling:  []string{"ipam_resource_discovery_id"},
		Compared: []string{"tags_all"},
		Events: []providers.Event{
			{Name: "AssociateIpamResourceDiscovery", Role: providers.Created, ID: "{res.ipamResourceDiscoveryAssociation.ipamResourceDiscoveryAssociationId}"},
			{Name: "DisassociateIpamResourceDiscovery", Role: providers.Deleted, ID: "{req.ipamResourceDiscoveryAssociationId}"},
		},
		IfSkipped: "the next apply asks for the association again, which AWS may refuse",
	}, list, look{ids: "ipam-resource-discovery-association-ids", value: "{id}",
		count: "length(IpamResourceDiscoveryAssociations[?State!='disassociate-complete'])"},
		func(m types.IpamResourceDiscoveryAssociation, at place) []providers.Object {
			if elsewhere(at, m.OwnerId, m.IpamRegion) {
				return nil
			}
			return []providers.Object{{State: string(m.State), Implicit: yes(m.IsDefault), Attrs: providers.Attrs{
				"id": text(m.IpamResourceDiscoveryAssociationId), "arn": text(m.IpamResourceDiscoveryAssociationArn), "owner_id": text(m.OwnerId),
				"ipam_id": text(m.IpamId), "ipam_arn": text(m.IpamArn), "ipam_region": text(m.IpamRegion),
				"ipam_resource_discovery_id": text(m.IpamResourceDiscoveryId), "is_default": yes(m.IsDefault), "tags_all": tagsAll(m.Tags),
			}}}
		})
}
