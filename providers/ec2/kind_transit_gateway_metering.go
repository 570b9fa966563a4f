package ec2

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

func listTransitGatewayMeteringPolicies() *listing {
	return turned((*sdk.Client).DescribeTransitGatewayMeteringPolicies,
		func(q query) *sdk.DescribeTransitGatewayMeteringPoliciesInput {
			return &sdk.DescribeTransitGatewayMeteringPoliciesInput{Filters: q.filters(), MaxResults: new(int32(1000))}
		},
		func(in *sdk.DescribeTransitGatewayMeteringPoliciesInput, o *sdk.DescribeTransitGatewayMeteringPoliciesOutput) (**string, *string) {
			return &in.NextToken, o.NextToken
		},
		func(o *sdk.DescribeTransitGatewayMeteringPoliciesOutput) []types.TransitGatewayMeteringPolicy {
			return o.TransitGatewayMeteringPolicies
		})
}

// transitGatewayMeteringPolicyRow has no id attribute, because the provider
// records none. It is looked up in the whole listing: neither the call's filters
// nor the code for a policy that is not there are documented.
func transitGatewayMeteringPolicyRow(list *listing) Row {
	return one(providers.Kind{
		Type: "aws_ec2_transit_gateway_metering_policy", Since: 6, Prefix: "tgw-mp-",
		Identity: "{transit_gateway_metering_policy_id}", Import: "{transit_gateway_metering_policy_id}",
		Pending: []string{"pending", "deleting"}, Gone: []string{"deleted"},
		Telling:  []string{"tags_all"},
		Wait:     providers.Wait{Call: list.action, Names: "{transit_gateway_metering_policy_id}", Times: 1},
		Parents:  []string{"transit_gateway_id"},
		Fixed:    []string{"transit_gateway_id"},
		Compared: []string{"middlebox_attachment_ids", "tags_all"},
		Events: []providers.Event{
			{Name: "CreateTransitGatewayMeteringPolicy", Role: providers.Created, ID: "{res.transitGatewayMeteringPolicy.transitGatewayMeteringPolicyId}"},
			{Name: "ModifyTransitGatewayMeteringPolicy", Role: providers.Changed, ID: "{req.transitGatewayMeteringPolicyId}"},
			{Name: "DeleteTransitGatewayMeteringPolicy", Role: providers.Deleted, ID: "{req.transitGatewayMeteringPolicyId}"},
		},
		IfSkipped: "the next apply asks for a second policy of the gateway, which AWS may refuse",
	}, list, look{value: "{transit_gateway_metering_policy_id}",
		count: "length(TransitGatewayMeteringPolicies[?State!='deleted' && TransitGatewayMeteringPolicyId=={transit_gateway_metering_policy_id}])"},
		func(p types.TransitGatewayMeteringPolicy, at place) providers.Object {
			id := text(p.TransitGatewayMeteringPolicyId)
			return providers.Object{State: string(p.State), Attrs: providers.Attrs{
				"transit_gateway_metering_policy_id": id, "arn": at.arn("transit-gateway-metering-policy", id),
				"transit_gateway_id": text(p.TransitGatewayId), "middlebox_attachment_ids": boxed(p.MiddleboxAttachmentIds), "tags_all": tagsAll(p.Tags),
			}}
		})
}

// transitGatewayMeteringPolicyEntryRow leaves port ranges and the protocol out:
// AWS may spell them otherwise than they were asked for.
func transitGatewayMeteringPolicyEntryRow(policies *listing) Row {
	list := turned((*sdk.Client).GetTransitGatewayMeteringPolicyEntries,
		func(q query) *sdk.GetTransitGatewayMeteringPolicyEntriesInput {
			return &sdk.GetTransitGatewayMeteringPolicyEntriesInput{
				TransitGatewayMeteringPolicyId: &q.parent, Filters: q.filters(), MaxResults: new(int32(1000))}
		},
		func(in *sdk.GetTransitGatewayMeteringPolicyEntriesInput, o *sdk.GetTransitGatewayMeteringPolicyEntriesOutput) (**string, *string) {
			return &in.NextToken, o.NextToken
		},
		func(o *sdk.GetTransitGatewayMeteringPolicyEntriesOutput) []types.TransitGatewayMeteringPolicyEntry {
			return o.TransitGatewayMeteringPolicyEntries
		}).perParent(policies, "TransitGatewayMeteringPolicyId", func(item any) string {
		p := item.(types.TransitGatewayMeteringPolicy)
		if p.State == types.TransitGatewayMeteringPolicyStateDeleted {
			return ""
		}
		return text(p.TransitGatewayMeteringPolicyId)
	})
	const identity, recorded = "{transit_gateway_metering_policy_id},{policy_rule_number}", "{req.transitGatewayMeteringPolicyId},{req.policyRuleNumber}"
	return one(providers.Kind{
		Type: "aws_ec2_transit_gateway_metering_policy_entry", Since: 6, Facet: true, Identity: identity, Import: identity,
		Gone:    []string{"deleted"},
		Parents: []string{"transit_gateway_metering_policy_id"},
		Fixed: []string{"metered_account", "source_cidr_block", "destination_cidr_block",
			"source_transit_gateway_attachment_id", "source_transit_gateway_attachment_type",
			"destination_transit_gateway_attachment_id", "destination_transit_gateway_attachment_type"},
		Telling: []string{"policy_rule_number"},
		Events: []providers.Event{
			{Name: "CreateTransitGatewayMeteringPolicyEntry", Role: providers.Created, ID: recorded},
			{Name: "DeleteTransitGatewayMeteringPolicyEntry", Role: providers.Deleted, ID: recorded},
		},
		IfSkipped: "the next apply asks for an entry of the same number, which AWS may refuse",
	}, list, look{value: "{transit_gateway_metering_policy_id}",
		count: "length(TransitGatewayMeteringPolicyEntries[?State!='deleted' && PolicyRuleNumber=={policy_rule_number}])"},
		func(e types.TransitGatewayMeteringPolicyEntry, at place) providers.Object {
			a := providers.Attrs{
				"transit_gateway_metering_policy_id": at.parent, "policy_rule_number": text(e.PolicyRuleNumber),
				"metered_account": string(e.MeteredAccount),
			}
			if r := e.MeteringPolicyRule; r != nil {
				a["source_cidr_block"], a["destination_cidr_block"] = text(r.SourceCidrBlock), text(r.DestinationCidrBlock)
				a["source_transit_gateway_attachment_id"] = text(r.SourceTransitGatewayAttachmentId)
				a["source_transit_gateway_attachment_type"] = string(r.SourceTransitGatewayAttachmentType)
				a["destination_transit_gateway_attachment_id"] = text(r.DestinationTransitGatewayAttachmentId)
				a["destination_transit_gateway_attachment_type"] = string(r.DestinationTransitGatewayAttachmentType)
			}
			return providers.Object{State: string(e.State), Attrs: a}
		})
}
