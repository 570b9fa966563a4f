package ec2

import (
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// flowLogRow compares traffic_type rather than requiring it: AWS has none for
// a transit gateway, and the provider keeps what the configuration says there.
func flowLogRow() Row {
	list := paged(sdk.NewDescribeFlowLogsPaginator,
		func(q query) *sdk.DescribeFlowLogsInput { return &sdk.DescribeFlowLogsInput{Filter: q.filters()} },
		func(o *sdk.DescribeFlowLogsOutput) []types.FlowLog { return o.FlowLogs }).filterAs("filter")
	watched := []string{"vpc_id", "subnet_id", "eni_id", "transit_gateway_id", "transit_gateway_attachment_id", "regional_nat_gateway_id"}
	return one(providers.Kind{
		Type: "aws_flow_log", Import: "{id}", Prefix: "fl-",
		Telling: []string{"log_destination", "log_group_name"},
		Parents: watched,
		Fixed: append([]string{"deliver_cross_account_role", "iam_role_arn", "log_destination", "log_destination_type", "log_format",
			"log_group_name", "max_aggregation_interval"}, watched...),
		Compared: []string{"destination_options", "traffic_type", "tags_all"},
		Events: []providers.Event{
			{Name: "CreateFlowLogs", Role: providers.Created, ID: "{res.flowLogIdSet}"},
			{Name: "DeleteFlowLogs", Role: providers.Deleted, ID: "{req.flowLogId}"},
		},
		IfSkipped: "the next apply fails with FlowLogAlreadyExists",
		Again:     providers.Again{Outcome: providers.Refused, Code: "FlowLogAlreadyExists", How: providers.Documented},
	}, list, look{filter: "flow-log-id", value: "{id}", count: "length(FlowLogs)"},
		func(f types.FlowLog, at place) providers.Object {
			id := text(f.FlowLogId)
			a := providers.Attrs{
				"id": id, "arn": at.arn("vpc-flow-log", id), "deliver_cross_account_role": text(f.DeliverCrossAccountRole),
				"iam_role_arn": text(f.DeliverLogsPermissionArn), "log_destination": text(f.LogDestination),
				"log_destination_type": string(f.LogDestinationType), "log_format": text(f.LogFormat),
				"log_group_name": text(f.LogGroupName), "max_aggregation_interval": nil, "destination_options": nil,
				"traffic_type": string(f.TrafficType), "tags_all": tagsAll(f.Tags),
			}
			for _, name := range watched {
				a[name] = ""
			}
			if name := watchedBy(text(f.ResourceId)); name != "" {
				a[name] = text(f.ResourceId)
			}
			if f.MaxAggregationInterval != nil {
				a["max_aggregation_interval"] = float64(*f.MaxAggregationInterval)
			}
			if o := f.DestinationOptions; o != nil {
				a["destination_options"] = []any{map[string]any{
					"file_format": string(o.FileFormat), "hive_compatible_partitions": yes(o.HiveCompatiblePartitions),
					"per_hour_partition": yes(o.PerHourPartition),
				}}
			}
			if strings.HasPrefix(text(f.ResourceId), "tgw-") {
				delete(a, "traffic_type")
			}
			return providers.Object{Attrs: a}
		})
}

// watchedBy names the attribute that holds the resource which a flow log is about.
func watchedBy(resource string) string {
	for _, p := range []struct{ prefix, attr string }{
		{"vpc-", "vpc_id"}, {"subnet-", "subnet_id"}, {"eni-", "eni_id"}, {"nat-", "regional_nat_gateway_id"},
		{"tgw-attach-", "transit_gateway_attachment_id"}, {"tgw-", "transit_gateway_id"},
	} {
		if strings.HasPrefix(resource, p.prefix) {
			return p.attr
		}
	}
	return ""
}
