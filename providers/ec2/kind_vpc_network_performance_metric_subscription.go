package ec2

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

func vpcNetworkPerformanceMetricSubscriptionRow() Row {
	list := paged(sdk.NewDescribeAwsNetworkPerformanceMetricSubscriptionsPaginator,
		func(q query) *sdk.DescribeAwsNetworkPerformanceMetricSubscriptionsInput {
			return &sdk.DescribeAwsNetworkPerformanceMetricSubscriptionsInput{Filters: q.filters(), MaxResults: new(int32(100))}
		},
		func(o *sdk.DescribeAwsNetworkPerformanceMetricSubscriptionsOutput) []types.Subscription {
			return o.Subscriptions
		})
	const id = "{req.source}/{req.destination}/{req.metric}/{req.statistic}"
	return one(providers.Kind{
		Type: "aws_vpc_network_performance_metric_subscription",
		NoImport: "Terraform cannot import this type. The next apply asks for the same subscription once more; " +
			"if AWS refuses it, disable the subscription and apply again",
		Fixed:    []string{"source", "destination", "metric", "statistic"},
		Compared: []string{"period"},
		Events: []providers.Event{
			{Name: "EnableAwsNetworkPerformanceMetricSubscription", Role: providers.Created, ID: id},
			{Name: "DisableAwsNetworkPerformanceMetricSubscription", Role: providers.Deleted, ID: id},
		},
	}, list, look{value: "{id}",
		count: "length(Subscriptions[?Source=={source} && Destination=={destination} && Metric=={metric} && Statistic=={statistic}])"},
		func(s types.Subscription, _ place) providers.Object {
			a := providers.Attrs{
				"source": text(s.Source), "destination": text(s.Destination), "metric": string(s.Metric), "statistic": string(s.Statistic),
				"period": string(s.Period),
			}
			a["id"] = providers.Template("{source}/{destination}/{metric}/{statistic}").Expand(a.Text)
			return providers.Object{Attrs: a}
		})
}
