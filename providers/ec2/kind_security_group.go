package ec2

import (
	"cmp"
	"regexp"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// securityRows are the security groups and network ACLs, with what hangs on them.
func securityRows(sources) []Row {
	groups, rules, acls := listSecurityGroups(), listSecurityGroupRules(), listNetworkACLs()
	return []Row{
		securityGroupRow(groups),
		defaultSecurityGroupRow(groups),
		securityGroupRuleRow(rules),
		ingressRuleRow(rules),
		egressRuleRow(rules),
		securityGroupRulesExclusiveRow(groups),
		securityGroupVPCAssociationRow(),
		networkACLRow(acls),
		defaultNetworkACLRow(acls),
		networkACLRuleRow(acls),
		networkACLAssociationRow(acls),
	}
}

func listSecurityGroups() *listing {
	return usual[types.SecurityGroup](sdk.NewDescribeSecurityGroupsPaginator)
}

var (
	groupNotFound = []string{"InvalidGroup.NotFound", "InvalidSecurityGroupID.NotFound"}
	groupLook     = look{filter: "group-id", value: "{id}", count: "length(SecurityGroups)"}
)

// inlineRules says which types' objects a group's blocks spell.
func inlineRules() map[string][]string {
	return map[string][]string{
		"ingress": {"aws_security_group_rule", "aws_vpc_security_group_ingress_rule"},
		"egress":  {"aws_security_group_rule", "aws_vpc_security_group_egress_rule"},
	}
}

func securityGroupRow(list *listing) Row {
	return one(providers.Kind{
		Type: "aws_security_group", Import: "{id}", Prefix: "sg-", Account: "owner_id", NotFound: groupNotFound,
		Wait:    providers.Wait{Call: "DescribeSecurityGroups", Names: "{id}", Times: 1},
		Parents: []string{"vpc_id"},
		Fixed:   []string{"vpc_id", "name", "name_prefix", "description"},
		// Most groups share the provider's default description.
		Telling:  []string{"name", "name_prefix"},
		Compared: []string{"ingress", "egress", "tags_all"},
		Inline:   inlineRules(),
		Events: append([]providers.Event{
			{Name: "CreateSecurityGroup", Role: providers.Created, ID: "{res.groupId}"},
			{Name: "DeleteSecurityGroup", Role: providers.Deleted, ID: "{req.groupId}"},
		}, changesOfRules()...),
		IfSkipped: "the next apply fails with InvalidGroup.Duplicate where the configuration names the group; where Terraform makes the name up, " +
			"it makes a second group, and the first one, with whatever uses it, stays behind unmanaged",
		Again: providers.Again{Outcome: providers.Refused, Code: "InvalidGroup.Duplicate", How: providers.Shown},
	}, list, groupLook, securityGroupObject)
}

func defaultSecurityGroupRow(list *listing) Row {
	return row(providers.Kind{
		Type: "aws_default_security_group", Import: "{id}", Prefix: "sg-", Account: "owner_id", Facet: true, NotFound: groupNotFound,
		Parents: []string{"vpc_id"},
		Fixed:   []string{"vpc_id"},
		Telling: []string{"vpc_id"},
		// The provider finds the group by its VPC. It reads a VPC with the same
		// call, and then asks for the VPC's default ACL too.
		Takes:    providers.Wait{Call: "DescribeSecurityGroups", Names: "{vpc_id}", Times: 1, Beside: "DescribeNetworkAcls"},
		Compared: []string{"ingress", "egress", "tags_all"},
		Inline:   inlineRules(),
		Events:   changesOfRules(),
		IfSkipped: "the next apply adopts the group: it first revokes every rule in it and then makes those of the configuration, a short outage; " +
			"an import leaves them in place",
		Again: providers.Again{Outcome: providers.Same, How: providers.Shown},
	}, list, groupLook,
		func(g types.SecurityGroup, at place) []providers.Object {
			if !isDefaultGroup(g) {
				return nil
			}
			return []providers.Object{securityGroupObject(g, at)}
		})
}

// changesOfRules are the calls that change what a group allows. None of them
// can be told to be about a default group, so both kinds have them.
func changesOfRules() []providers.Event {
	var out []providers.Event
	for _, name := range []string{
		"AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress",
		"ModifySecurityGroupRules", "UpdateSecurityGroupRuleDescriptionsIngress", "UpdateSecurityGroupRuleDescriptionsEgress",
	} {
		out = append(out, providers.Event{Name: name, Role: providers.Changed, ID: "{req.groupId}"})
	}
	return out
}

// isDefaultGroup: AWS reserves the name.
func isDefaultGroup(g types.SecurityGroup) bool { return text(g.GroupName) == "default" }

func securityGroupObject(g types.SecurityGroup, at place) providers.Object {
	id, name, owner := text(g.GroupId), text(g.GroupName), text(g.OwnerId)
	at.Account = cmp.Or(owner, at.Account) // a shared group's ARN is its owner's
	return providers.Object{Implicit: isDefaultGroup(g), Attrs: providers.Attrs{
		"id": id, "arn": at.arn("security-group", id), "owner_id": owner, "vpc_id": text(g.VpcId),
		"name": name, "name_prefix": namePrefix(name), "description": text(g.Description),
		"ingress": ruleBlocks(g.IpPermissions, id, owner), "egress": ruleBlocks(g.IpPermissionsEgress, id, owner),
		"tags_all": tagsAll(g.Tags),
	}}
}

// uniqueName is a name that Terraform made of a name_prefix.
var uniqueName = regexp.MustCompile(`^(.+)[[:xdigit:]]{26}$`)

// namePrefix is the name_prefix that the provider reads out of a name, "" for none.
func namePrefix(name string) string {
	if m := uniqueName.FindStringSubmatch(name); m != nil {
		return m[1]
	}
	return ""
}

// ruleBlocks are a group's permissions as the provider reads them into state:
// one block for everything that shares protocol, ports and description. A state
// that has them in more blocks, as the configuration wrote them, keeps those,
// so it may differ from this without meaning anything else.
func ruleBlocks(permissions []types.IpPermission, group, owner string) []any {
	type head struct {
		protocol, description string
		from, to              int32
	}
	blocks := map[head]map[string]any{}
	var out []any
	for _, p := range permissions {
		block := func(description *string) map[string]any {
			h := head{text(p.IpProtocol), text(description), number(p.FromPort), number(p.ToPort)}
			if blocks[h] == nil {
				blocks[h] = map[string]any{
					"protocol": h.protocol, "description": h.description, "from_port": float64(h.from), "to_port": float64(h.to), "self": false,
					"cidr_blocks": []any{}, "ipv6_cidr_blocks": []any{}, "prefix_list_ids": []any{}, "security_groups": []any{},
				}
				out = append(out, blocks[h])
			}
			return blocks[h]
		}
		add := func(description *string, list, source string) {
			b := block(description)
			b[list] = append(b[list].([]any), source)
		}
		for _, r := range p.IpRanges {
			add(r.Description, "cidr_blocks", text(r.CidrIp))
		}
		for _, r := range p.Ipv6Ranges {
			add(r.Description, "ipv6_cidr_blocks", text(r.CidrIpv6))
		}
		for _, l := range p.PrefixListIds {
			add(l.Description, "prefix_list_ids", text(l.PrefixListId))
		}
		for _, g := range p.UserIdGroupPairs {
			if source := groupSource(text(g.GroupId), text(g.UserId), owner); source == group {
				block(g.Description)["self"] = true
			} else {
				add(g.Description, "security_groups", source)
			}
		}
	}
	return out
}

// groupSource is a group as the provider names it: with its account, where that
// is another one.
func groupSource(group, account, own string) string {
	if account == "" || account == own {
		return group
	}
	return account + "/" + group
}

// number dereferences; 0 for nil, as the provider stores it.
func number(p *int32) int32 {
	if p == nil {
		return 0
	}
	return *p
}
