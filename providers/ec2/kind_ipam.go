package ec2

import (
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// ipamRows are the kinds of address management.
func ipamRows(sources) []Row {
	pools := listIpamPools()
	return []Row{
		ipamRow(),
		ipamScopeRow(),
		ipamPoolRow(pools),
		ipamPoolCidrRow(pools),
		ipamPoolCidrAllocationRow(pools),
		unread(providers.Kind{
			Type: "aws_vpc_ipam_preview_next_cidr",
			NoImport: "Terraform cannot import this type, and there is nothing to import: it is a range that AWS proposes and holds for nobody. " +
				"The next apply asks for a proposal again, which may be another range",
			Unread:    "a proposed range is nothing that AWS keeps, so there is nothing to look for",
			IfSkipped: "nothing: the next apply asks for a proposal again, which may be another range",
		}),
		ipamResourceDiscoveryRow(),
		ipamResourceDiscoveryAssociationRow(),
		unread(providers.Kind{
			Type: "aws_vpc_ipam_organization_admin_account", Import: "{id}", Global: true,
			Unread: "the delegated administrator is kept by AWS Organizations, which reconcile does not read",
			Events: []providers.Event{
				{Name: "EnableIpamOrganizationAdminAccount", Role: providers.Created, ID: "{req.delegatedAdminAccountId}"},
				{Name: "DisableIpamOrganizationAdminAccount", Role: providers.Deleted, ID: "{req.delegatedAdminAccountId}"},
			},
			IfSkipped: "the next apply delegates the account again, which AWS may refuse",
		}),
	}
}

// The lifecycle words of what an IPAM is made of. One whose creation or
// deletion failed is there.
var (
	ipamPending = []string{"create-in-progress", "delete-in-progress", "isolate-in-progress", "restore-in-progress"}
	ipamGone    = []string{"delete-complete"}
)

// elsewhere reports whether AWS shows an object of another account or region:
// IPAM lists what is shared with the account, and a pool also in the region of
// its locale, but is managed where it was made.
func elsewhere(at place, owner, home *string) bool {
	return (text(owner) != "" && text(owner) != at.Account) || (text(home) != "" && text(home) != at.Region)
}

// idOf is the id at the end of an ARN.
func idOf(arn *string) string {
	return text(arn)[strings.LastIndexByte(text(arn), '/')+1:]
}

func operatingRegions(regions []types.IpamOperatingRegion) []any {
	var out []any
	for _, r := range regions {
		out = append(out, map[string]any{"region_name": text(r.RegionName)})
	}
	return out
}

func ipamRow() Row {
	list := usual[types.Ipam](sdk.NewDescribeIpamsPaginator).byIDs("IpamIds")
	return row(providers.Kind{
		Type: "aws_vpc_ipam", Import: "{id}", Prefix: "ipam-",
		Pending: ipamPending, Gone: ipamGone, NotFound: []string{"InvalidIpamId.NotFound"},
		Telling:  []string{"tags_all"},
		Wait:     providers.Wait{Call: list.action, Names: "{id}", Times: 1},
		Compared: []string{"description", "enable_private_gua", "metered_account", "operating_regions", "tier", "tags_all"},
		Events: []providers.Event{
			{Name: "CreateIpam", Role: providers.Created, ID: "{res.ipam.ipamId}"},
			{Name: "ModifyIpam", Role: providers.Changed, ID: "{req.ipamId}"},
			{Name: "DeleteIpam", Role: providers.Deleted, ID: "{req.ipamId}"},
		},
		IfSkipped: "the next apply makes a second IPAM, or fails at the limit of IPAMs in a region",
	}, list, look{ids: "ipam-ids", value: "{id}", count: "length(Ipams[?State!='delete-complete'])"},
		func(i types.Ipam, at place) []providers.Object {
			if elsewhere(at, i.OwnerId, i.IpamRegion) {
				return nil
			}
			return []providers.Object{{State: string(i.State), Attrs: providers.Attrs{
				"id": text(i.IpamId), "arn": text(i.IpamArn), "description": text(i.Description), "enable_private_gua": yes(i.EnablePrivateGua),
				"metered_account": string(i.MeteredAccount), "operating_regions": operatingRegions(i.OperatingRegions), "tier": string(i.Tier),
				"default_resource_discovery_id":             text(i.DefaultResourceDiscoveryId),
				"default_resource_discovery_association_id": text(i.DefaultResourceDiscoveryAssociationId),
				"private_default_scope_id":                  text(i.PrivateDefaultScopeId), "public_default_scope_id": text(i.PublicDefaultScopeId),
				"tags_all": tagsAll(i.Tags),
			}}}
		})
}

// ipamScopeRow: every IPAM comes with two scopes of its own.
func ipamScopeRow() Row {
	list := usual[types.IpamScope](sdk.NewDescribeIpamScopesPaginator).byIDs("IpamScopeIds")
	return row(providers.Kind{
		Type: "aws_vpc_ipam_scope", Import: "{id}", Prefix: "ipam-scope-",
		Pending: ipamPending, Gone: ipamGone, NotFound: []string{"InvalidIpamScopeId.NotFound"},
		Telling:  []string{"tags_all"},
		Wait:     providers.Wait{Call: list.action, Names: "{id}", Times: 1},
		Parents:  []string{"ipam_id"},
		Fixed:    []string{"ipam_id"},
		Compared: []string{"description", "tags_all"},
		Events: []providers.Event{
			{Name: "CreateIpamScope", Role: providers.Created, ID: "{res.ipamScope.ipamScopeId}"},
			{Name: "ModifyIpamScope", Role: providers.Changed, ID: "{req.ipamScopeId}"},
			{Name: "DeleteIpamScope", Role: providers.Deleted, ID: "{req.ipamScopeId}"},
		},
		IfSkipped: "the next apply makes a second scope; the first one, with its pools, stays behind unmanaged",
		Again:     providers.Again{Outcome: providers.Second, How: providers.Source},
	}, list, look{ids: "ipam-scope-ids", value: "{id}", count: "length(IpamScopes[?State!='delete-complete'])"},
		func(s types.IpamScope, at place) []providers.Object {
			if elsewhere(at, s.OwnerId, s.IpamRegion) {
				return nil
			}
			return []providers.Object{{State: string(s.State), Implicit: yes(s.IsDefault), Attrs: providers.Attrs{
				"id": text(s.IpamScopeId), "arn": text(s.IpamScopeArn), "ipam_id": idOf(s.IpamArn), "ipam_arn": text(s.IpamArn),
				"description": text(s.Description), "ipam_scope_type": string(s.IpamScopeType), "is_default": yes(s.IsDefault),
				"tags_all": tagsAll(s.Tags),
			}}}
		})
}
