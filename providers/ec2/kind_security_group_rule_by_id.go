package ec2

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

func listSecurityGroupRules() *listing {
	return usual[types.SecurityGroupRule](sdk.NewDescribeSecurityGroupRulesPaginator)
}

func ingressRuleRow(list *listing) Row {
	return idRuleRow(list, "aws_vpc_security_group_ingress_rule", "Ingress", "!IsEgress", false)
}

func egressRuleRow(list *listing) Row {
	return idRuleRow(list, "aws_vpc_security_group_egress_rule", "Egress", "IsEgress", true)
}

// idRuleRow is a rule by its own id (sgr-…), of one direction. A rule of the
// other direction is not there for the provider.
//
// The rule that AWS makes with every group (egress, everything, 0.0.0.0/0) has
// no event, but nothing tells it from the same rule made on purpose. It is not
// called implicit: where an address wants such a rule, the next apply fails on
// it (InvalidPermission.Duplicate), so it has to be asked about.
func idRuleRow(list *listing, typ, direction, condition string, egress bool) Row {
	const (
		made    = "{res.securityGroupRuleSet.securityGroupRuleId}"
		revoked = "{res.revokedSecurityGroupRuleSet.securityGroupRuleId|req.securityGroupRuleIds.securityGroupRuleId|req.securityGroupRuleIds|req.securityGroupRuleId}"
		told    = "{req.securityGroupRuleDescriptions.securityGroupRuleId|req.securityGroupRuleDescription.securityGroupRuleId}"
	)
	return row(providers.Kind{
		Type: typ, Import: "{id}", Prefix: "sgr-", Facet: true, NotFound: []string{"InvalidSecurityGroupRuleId.NotFound"},
		Parents: []string{"security_group_id"},
		// Only the group is fixed in the provider's schema. But a facet has its
		// address by these attributes alone, and Terraform sends all of them
		// with the create call: a rule for another port is another rule.
		Fixed: []string{"security_group_id", "ip_protocol", "from_port", "to_port",
			"cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id"},
		Telling: []string{"cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id"},
		Compared: []string{"ip_protocol", "from_port", "to_port", "cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id",
			"description", "tags_all"},
		Events: []providers.Event{
			{Name: "AuthorizeSecurityGroup" + direction, Role: providers.Created, ID: made},
			{Name: "RevokeSecurityGroup" + direction, Role: providers.Deleted, ID: revoked},
			{Name: "UpdateSecurityGroupRuleDescriptions" + direction, Role: providers.Changed, ID: told},
			// It says nothing of the direction: an id of the other one is no object here.
			{Name: "ModifySecurityGroupRules", Role: providers.Changed, ID: "{req.securityGroupRule.securityGroupRuleId}"},
		},
		IfSkipped: "the next apply fails with InvalidPermission.Duplicate",
		Again:     providers.Again{Outcome: providers.Refused, Code: "InvalidPermission.Duplicate", How: providers.Shown},
	}, list, look{filter: "security-group-rule-id", value: "{id}", count: "length(SecurityGroupRules[?" + condition + "])"},
		func(r types.SecurityGroupRule, at place) []providers.Object {
			if yes(r.IsEgress) != egress {
				return nil
			}
			id := text(r.SecurityGroupRuleId)
			a := providers.Attrs{
				"id": id, "security_group_rule_id": id, "arn": at.arn("security-group-rule", id), "security_group_id": text(r.GroupId),
				"ip_protocol": text(r.IpProtocol), "from_port": nil, "to_port": nil,
				"cidr_ipv4": text(r.CidrIpv4), "cidr_ipv6": text(r.CidrIpv6), "prefix_list_id": text(r.PrefixListId),
				"referenced_security_group_id": "", "description": text(r.Description), "tags_all": tagsAll(r.Tags),
			}
			if hasPorts(text(r.IpProtocol)) {
				a["from_port"], a["to_port"] = float64(number(r.FromPort)), float64(number(r.ToPort))
			}
			if g := r.ReferencedGroupInfo; g != nil {
				a["referenced_security_group_id"] = groupSource(text(g.GroupId), text(g.UserId), at.Account)
			}
			return []providers.Object{{Attrs: a, With: withGroup(r)}}
		})
}

// withGroup is the group whose creation made the rule: AWS lets a new group out
// to everywhere. Terraform revokes that at once, unless it dies in between.
func withGroup(r types.SecurityGroupRule) string {
	anywhere := text(r.CidrIpv4) == "0.0.0.0/0" || text(r.CidrIpv6) == "::/0"
	if yes(r.IsEgress) && anywhere && text(r.IpProtocol) == "-1" && text(r.Description) == "" && len(r.Tags) == 0 {
		return text(r.GroupId)
	}
	return ""
}
