package ec2

import (
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// instanceRows are what instances are launched into.
func instanceRows(sources) []Row {
	return []Row{
		placementGroupRow(),
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
