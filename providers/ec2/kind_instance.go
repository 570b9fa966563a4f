package ec2

import (
	"cmp"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// instanceRows are what instances are launched into and onto.
func instanceRows(sources) []Row {
	return []Row{
		placementGroupRow(),
		hostRow(),
	}
}

// placementGroupRow goes by the name, as the provider does. Groups that another
// account shares are listed too; theirs may have the same name.
func placementGroupRow() Row {
	list := once((*sdk.Client).DescribePlacementGroups,
		func(q query) *sdk.DescribePlacementGroupsInput {
			return &sdk.DescribePlacementGroupsInput{Filters: q.filters()}
		},
		func(o *sdk.DescribePlacementGroupsOutput) []types.PlacementGroup { return o.PlacementGroups })
	return row(providers.Kind{
		Type: "aws_placement_group", Import: "{id}",
		Pending: []string{"pending", "deleting"}, Gone: []string{"deleted"}, NotFound: []string{"InvalidPlacementGroup.Unknown"},
		Wait:     providers.Wait{Call: list.action, Names: "{id}", Times: 1},
		Telling:  []string{"name"},
		Fixed:    []string{"name", "partition_count", "spread_level", "strategy"},
		Compared: []string{"tags_all"},
		Events: []providers.Event{
			{Name: "CreatePlacementGroup", Role: providers.Created, ID: "{req.groupName}"},
			{Name: "DeletePlacementGroup", Role: providers.Deleted, ID: "{req.groupName}"},
		},
		IfSkipped: "the next apply fails with InvalidPlacementGroup.Duplicate",
		Again:     providers.Again{Outcome: providers.Refused, Code: "InvalidPlacementGroup.Duplicate", How: providers.Documented},
	}, list, look{filter: "group-name", value: "{id}", count: "length(PlacementGroups[?State!='deleted'])"},
		func(g types.PlacementGroup, at place) []providers.Object {
			if arn := text(g.GroupArn); arn != "" && !strings.Contains(arn, ":"+at.Account+":") {
				return nil
			}
			name := text(g.GroupName)
			return []providers.Object{{State: string(g.State), Attrs: providers.Attrs{
				"id": name, "arn": at.arn("placement-group", name), "name": name, "placement_group_id": text(g.GroupId),
				"partition_count": float64(number(g.PartitionCount)), "spread_level": string(g.SpreadLevel), "strategy": string(g.Strategy),
				"tags_all": tagsAll(g.Tags),
			}}}
		})
}

// hostRow is told by its asset only, and else by its tags: one host in a zone
// is like the next.
func hostRow() Row {
	list := paged(sdk.NewDescribeHostsPaginator,
		func(q query) *sdk.DescribeHostsInput {
			return &sdk.DescribeHostsInput{Filter: q.filters(), HostIds: q.ids, MaxResults: q.pageSize(500)}
		},
		func(o *sdk.DescribeHostsOutput) []types.Host { return o.Hosts }).filterAs("filter")
	return one(providers.Kind{
		Type: "aws_ec2_host", Import: "{id}", Prefix: "h-", Account: "owner_id",
		Pending: []string{"pending", "configuring"}, Gone: []string{"released", "released-permanent-failure"},
		NotFound: []string{"InvalidHostID.NotFound"},
		Wait:     providers.Wait{Call: list.action, Names: "{id}", Times: 1},
		Telling:  []string{"asset_id"},
		Fixed:    []string{"asset_id", "availability_zone", "outpost_arn"},
		Compared: []string{"auto_placement", "host_recovery", "instance_family", "instance_type", "tags_all"},
		Events: []providers.Event{
			{Name: "AllocateHosts", Role: providers.Created, ID: "{res.hostIdSet}"},
			{Name: "ModifyHosts", Role: providers.Changed, ID: "{req.hostId}"},
			{Name: "ReleaseHosts", Role: providers.Deleted, ID: "{req.hostId}"},
		},
		IfSkipped: "the next apply allocates a second host; the first one stays allocated and costs money",
		Again:     providers.Again{Outcome: providers.Second, How: providers.Source},
	}, list, look{ids: "host-ids", value: "{id}", count: "length(Hosts[?State!='released' && State!='released-permanent-failure'])"},
		func(h types.Host, at place) providers.Object {
			id := text(h.HostId)
			at.Account = cmp.Or(text(h.OwnerId), at.Account)
			a := providers.Attrs{
				"id": id, "arn": at.arn("dedicated-host", id), "owner_id": text(h.OwnerId), "asset_id": text(h.AssetId),
				"auto_placement": string(h.AutoPlacement), "availability_zone": text(h.AvailabilityZone), "host_recovery": string(h.HostRecovery),
				"instance_family": "", "instance_type": "", "outpost_arn": text(h.OutpostArn), "tags_all": tagsAll(h.Tags),
			}
			if p := h.HostProperties; p != nil {
				a["instance_family"], a["instance_type"] = text(p.InstanceFamily), text(p.InstanceType)
			}
			return providers.Object{State: string(h.State), Attrs: a}
		})
}
