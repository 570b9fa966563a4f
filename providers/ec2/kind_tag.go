package ec2

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// tagRow is a tag that is managed apart from its resource. Most tags belong to
// their resource's own tags, so a tag that no address wants is nobody's leftover.
func tagRow() Row {
	list := usual[types.TagDescription](sdk.NewDescribeTagsPaginator)
	return one(providers.Kind{
		Type: "aws_ec2_tag", Identity: "{resource_id},{key}", Import: "{resource_id},{key}", Facet: true,
		Parents:  []string{"resource_id"},
		Compared: []string{"value"},
		Events: []providers.Event{
			{Name: "CreateTags", Role: providers.Created, ID: "{req.resourcesSet.resourceId},{req.tagSet.key}"},
			{Name: "DeleteTags", Role: providers.Deleted, ID: "{req.resourcesSet.resourceId},{req.tagSet.key}"},
		},
		IfSkipped: "nothing: CreateTags is safe to repeat, and the next apply records it",
		Again:     providers.Again{Outcome: providers.Same, How: providers.Shown},
	}, list, look{filter: "resource-id", value: "{resource_id}", count: "length(Tags[?Key=={key}])"},
		func(t types.TagDescription, _ place) providers.Object {
			return providers.Object{Attrs: providers.Attrs{
				"id": text(t.ResourceId) + "," + text(t.Key), "resource_id": text(t.ResourceId), "key": text(t.Key), "value": text(t.Value),
			}}
		})
}
