package ec2

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// securityGroupVPCAssociationRow: Terraform records no id for it.
func securityGroupVPCAssociationRow() Row {
	list := paged(sdk.NewDescribeSecurityGroupVpcAssociationsPaginator,
		func(q query) *sdk.DescribeSecurityGroupVpcAssociationsInput {
			return &sdk.DescribeSecurityGroupVpcAssociationsInput{Filters: q.filters()}
		},
		func(o *sdk.DescribeSecurityGroupVpcAssociationsOutput) []types.SecurityGroupVpcAssociation {
			return o.SecurityGroupVpcAssociations
		})
	return one(providers.Kind{
		Type: "aws_vpc_security_group_vpc_association", NoID: true, Identity: "{security_group_id},{vpc_id}", Import: "{security_group_id},{vpc_id}", Facet: true,
		// A failed or undone association is not in force, but the provider takes it
		// for there: it is neither imported nor removed.
		Pending: []string{"associating", "disassociating", "disassociated", "association-failed"},
		Wait:    providers.Wait{Call: list.action, Names: "{security_group_id}", Times: 1},
		Parents: []string{"security_group_id", "vpc_id"},
		Fixed:   []string{"security_group_id", "vpc_id"},
		Telling: []string{"security_group_id", "vpc_id"},
		Events: []providers.Event{
			{Name: "AssociateSecurityGroupVpc", Role: providers.Created, ID: "{req.groupId},{req.vpcId}"},
			{Name: "DisassociateSecurityGroupVpc", Role: providers.Deleted, ID: "{req.groupId},{req.vpcId}"},
		},
		IfSkipped: "the next apply asks for the association once more, and may be refused because it is there",
	}, list, look{filter: "group-id", value: "{security_group_id}",
		count: "length(SecurityGroupVpcAssociations[?VpcId=={vpc_id}])"},
		func(a types.SecurityGroupVpcAssociation, _ place) providers.Object {
			return providers.Object{State: string(a.State), Attrs: providers.Attrs{
				"security_group_id": text(a.GroupId), "vpc_id": text(a.VpcId), "state": string(a.State),
			}}
		})
}

// securityGroupRulesExclusiveRow is a claim and no object of AWS: that a group
// has no other rules. It is there if the group is.
func securityGroupRulesExclusiveRow(groups *listing) Row {
	return one(providers.Kind{
		Type: "aws_vpc_security_group_rules_exclusive", NoID: true, Identity: "{security_group_id}", Import: "{security_group_id}", Since: 6, Facet: true,
		Parents:  []string{"security_group_id"},
		Fixed:    []string{"security_group_id"},
		Telling:  []string{"security_group_id"},
		Compared: []string{"ingress_rule_ids", "egress_rule_ids"},
		Events:   changesOfRules(),
		IfSkipped: "the next apply takes the group's rules over again, and revokes those that the configuration does not list; " +
			"nothing is made twice",
		Again: providers.Again{Outcome: providers.Same, How: providers.Source},
	}, groups, look{filter: "group-id", value: "{security_group_id}", count: "length(SecurityGroups)"},
		func(g types.SecurityGroup, _ place) providers.Object {
			id := text(g.GroupId)
			return providers.Object{Implicit: true, Attrs: providers.Attrs{"id": id, "security_group_id": id}} // id: what the joins go by
		}).joined(
		join{attr: "ingress_rule_ids", typ: "aws_vpc_security_group_ingress_rule", refers: "security_group_id", take: "id", list: true, reads: true},
		join{attr: "egress_rule_ids", typ: "aws_vpc_security_group_egress_rule", refers: "security_group_id", take: "id", list: true, reads: true},
	)
}
