package ec2

import (
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

var policyTableNotFound = []string{"InvalidTransitGatewayPolicyTableId.NotFound"}

const policyTableMember = "TransitGatewayPolicyTableId"

func listTransitGatewayPolicyTables() *listing {
	return usual[types.TransitGatewayPolicyTable](sdk.NewDescribeTransitGatewayPolicyTablesPaginator).byIDs("TransitGatewayPolicyTableIds")
}

func livingPolicyTable(item any) string {
	t := item.(types.TransitGatewayPolicyTable)
	if t.State == types.TransitGatewayPolicyTableStateDeleted {
		return ""
	}
	return text(t.TransitGatewayPolicyTableId)
}

// transitGatewayPolicyTableRow: the provider takes a table in state deleted for
// present, but nothing can be done with one.
func transitGatewayPolicyTableRow(list *listing) Row {
	return one(providers.Kind{
		Type: "aws_ec2_transit_gateway_policy_table", Import: "{id}", Prefix: "tgw-ptb-",
		Pending: []string{"pending", "deleting"}, Gone: []string{"deleted"}, NotFound: policyTableNotFound,
		Telling:  []string{"tags_all"},
		Wait:     providers.Wait{Call: list.action, Names: "{id}", Times: 1},
		Parents:  []string{"transit_gateway_id"},
		Fixed:    []string{"transit_gateway_id"},
		Compared: []string{"tags_all"},
		Events: []providers.Event{
			{Name: "CreateTransitGatewayPolicyTable", Role: providers.Created, ID: "{res.transitGatewayPolicyTable.transitGatewayPolicyTableId}"},
			{Name: "DeleteTransitGatewayPolicyTable", Role: providers.Deleted, ID: "{req.transitGatewayPolicyTableId}"},
		},
		IfSkipped: "the next apply makes a second policy table; the first one, with what is associated to it, stays behind unmanaged",
		Again:     providers.Again{Outcome: providers.Second, How: providers.Source},
	}, list, look{ids: "transit-gateway-policy-table-ids", value: "{id}", count: "length(TransitGatewayPolicyTables[?State!='deleted'])"},
		func(t types.TransitGatewayPolicyTable, at place) providers.Object {
			id := text(t.TransitGatewayPolicyTableId)
			return providers.Object{State: string(t.State), Attrs: providers.Attrs{
				"id": id, "arn": at.arn("transit-gateway-policy-table", id), "transit_gateway_id": text(t.TransitGatewayId),
				"state": string(t.State), "tags_all": tagsAll(t.Tags),
			}}
		})
}

func transitGatewayPolicyTableAssociationRow(tables *listing) Row {
	list := usual[types.TransitGatewayPolicyTableAssociation](sdk.NewGetTransitGatewayPolicyTableAssociationsPaginator).perParent(tables, policyTableMember, livingPolicyTable)
	const identity, recorded = "{transit_gateway_policy_table_id}_{transit_gateway_attachment_id}", "{req.transitGatewayPolicyTableId}_{req.transitGatewayAttachmentId}"
	return one(providers.Kind{
		Type: "aws_ec2_transit_gateway_policy_table_association", Identity: identity, Import: identity,
		Pending: associationPending, Gone: associationGone, NotFound: policyTableNotFound,
		Wait:    providers.Wait{Call: list.action, Names: "{transit_gateway_attachment_id}", Times: 1},
		Parents: []string{"transit_gateway_policy_table_id", "transit_gateway_attachment_id"},
		Events: []providers.Event{
			{Name: "AssociateTransitGatewayPolicyTable", Role: providers.Created, ID: recorded},
			{Name: "DisassociateTransitGatewayPolicyTable", Role: providers.Deleted, ID: recorded},
		},
		IfSkipped: "the next apply asks for the association again, which AWS may refuse",
	}, list, look{value: "{transit_gateway_policy_table_id}",
		count: "length(Associations[?State!='disassociated' && TransitGatewayAttachmentId=={transit_gateway_attachment_id}])"},
		func(m types.TransitGatewayPolicyTableAssociation, at place) providers.Object {
			attachment := text(m.TransitGatewayAttachmentId)
			return providers.Object{State: string(m.State), Attrs: providers.Attrs{
				"id": at.parent + "_" + attachment, "transit_gateway_policy_table_id": at.parent, "transit_gateway_attachment_id": attachment,
				"resource_id": text(m.ResourceId), "resource_type": string(m.ResourceType),
			}}
		})
}

// transitGatewayPolicyTableEntryRow has no id attribute, because the provider
// records none.
func transitGatewayPolicyTableEntryRow(tables *listing) Row {
	list := usual[types.TransitGatewayPolicyTableEntry](sdk.NewGetTransitGatewayPolicyTableEntriesPaginator).perParent(tables, policyTableMember, livingPolicyTable)
	const identity, recorded = "{transit_gateway_policy_table_id},{policy_rule_number}", "{req.transitGatewayPolicyTableId},{req.policyRuleNumber}"
	return one(providers.Kind{
		Type: "aws_ec2_transit_gateway_policy_table_entry", Since: 6, Facet: true, Identity: identity, Import: identity,
		Gone: []string{"deleted"}, NotFound: policyTableNotFound,
		Telling:  []string{"policy_rule_number"},
		Parents:  []string{"transit_gateway_policy_table_id"},
		Compared: []string{"policy_rule", "target_route_table_id"},
		Events: []providers.Event{
			{Name: "CreateTransitGatewayPolicyTableEntry", Role: providers.Created, ID: recorded},
			{Name: "ModifyTransitGatewayPolicyTableEntry", Role: providers.Changed, ID: recorded},
			{Name: "DeleteTransitGatewayPolicyTableEntry", Role: providers.Deleted, ID: recorded},
		},
		IfSkipped: "the next apply asks for an entry of the same number, which AWS may refuse",
	}, list, look{value: "{transit_gateway_policy_table_id}",
		count: "length(TransitGatewayPolicyTableEntries[?State!='deleted' && PolicyRuleNumber=={policy_rule_number}])"},
		func(e types.TransitGatewayPolicyTableEntry, at place) providers.Object {
			return providers.Object{State: string(e.State), Attrs: providers.Attrs{
				"transit_gateway_policy_table_id": at.parent, "policy_rule_number": text(e.PolicyRuleNumber),
				"target_route_table_id": text(e.TargetRouteTableId), "policy_rule": policyRule(e.PolicyRule),
			}}
		})
}

// policyRule is the block of an entry. AWS answers an entry without one with a
// rule of stars, and never returns the rule's metadata.
func policyRule(r *types.TransitGatewayPolicyRule) []any {
	if r == nil {
		return nil
	}
	block := map[string]any{
		"destination_cidr_block": text(r.DestinationCidrBlock), "destination_port_range": text(r.DestinationPortRange),
		"protocol": text(r.Protocol), "source_cidr_block": text(r.SourceCidrBlock), "source_port_range": text(r.SourcePortRange),
	}
	for _, v := range block {
		if strings.Trim(v.(string), "*") != "" {
			return []any{block}
		}
	}
	return nil
}
