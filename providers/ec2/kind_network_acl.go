package ec2

import (
	"cmp"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// listNetworkACLs is shared by ACLs, their entries and their associations: AWS
// answers all three in one document.
func listNetworkACLs() *listing {
	return usual[types.NetworkAcl](sdk.NewDescribeNetworkAclsPaginator).byIDs("NetworkAclIds")
}

var (
	aclNotFound = []string{"InvalidNetworkAclID.NotFound"}
	aclLook     = look{ids: "network-acl-ids", value: "{id}", count: "length(NetworkAcls)"}
)

// inlineEntries says which types' objects an ACL's attributes spell.
func inlineEntries() map[string][]string {
	return map[string][]string{
		"ingress": {"aws_network_acl_rule"}, "egress": {"aws_network_acl_rule"}, "subnet_ids": {"aws_network_acl_association"},
	}
}

func networkACLRow(list *listing) Row {
	return one(providers.Kind{
		Type: "aws_network_acl", Import: "{id}", Prefix: "acl-", Account: "owner_id", NotFound: aclNotFound,
		Parents:  []string{"vpc_id"},
		Fixed:    []string{"vpc_id"},
		Telling:  []string{"tags_all"},
		Compared: []string{"ingress", "egress", "subnet_ids", "tags_all"},
		Inline:   inlineEntries(),
		Events: append([]providers.Event{
			{Name: "CreateNetworkAcl", Role: providers.Created, ID: "{res.networkAcl.networkAclId}"},
			{Name: "DeleteNetworkAcl", Role: providers.Deleted, ID: "{req.networkAclId}"},
		}, changesOfACL()...),
		IfSkipped: "the next apply makes a second ACL and moves the subnets to it; the first one, with the entries already in it, stays behind unmanaged",
		Again:     providers.Again{Outcome: providers.Second, How: providers.Shown},
	}, list, aclLook, networkACLObject)
}

func defaultNetworkACLRow(list *listing) Row {
	return row(providers.Kind{
		Type: "aws_default_network_acl", Import: "{id}", Prefix: "acl-", Account: "owner_id", Facet: true, NotFound: aclNotFound,
		Parents:  []string{"vpc_id"},
		Fixed:    []string{"default_network_acl_id"},
		Takes:    providers.Wait{Call: "DescribeNetworkAcls", Names: "{id}", Times: 1},
		Compared: []string{"ingress", "egress", "subnet_ids", "tags_all"},
		Inline:   inlineEntries(),
		Events:   changesOfACL(),
		IfSkipped: "the next apply adopts the ACL: it first deletes every entry in it and then makes those of the configuration, a short outage; " +
			"an import leaves them in place",
		Again: providers.Again{Outcome: providers.Same, How: providers.Shown},
	}, list, aclLook,
		func(a types.NetworkAcl, at place) []providers.Object {
			if !yes(a.IsDefault) {
				return nil
			}
			o := networkACLObject(a, at)
			o.Attrs["default_network_acl_id"] = o.Attrs["id"]
			return []providers.Object{o}
		})
}

// changesOfACL are the calls that change an ACL. A replaced association names
// the ACL that the subnet comes to, not the one that it leaves.
func changesOfACL() []providers.Event {
	var out []providers.Event
	for _, name := range []string{"CreateNetworkAclEntry", "ReplaceNetworkAclEntry", "DeleteNetworkAclEntry", "ReplaceNetworkAclAssociation"} {
		out = append(out, providers.Event{Name: name, Role: providers.Changed, ID: "{req.networkAclId}"})
	}
	return out
}

func networkACLObject(a types.NetworkAcl, at place) providers.Object {
	id, owner := text(a.NetworkAclId), text(a.OwnerId)
	at.Account = cmp.Or(owner, at.Account) // a shared VPC's ACL has its owner's ARN
	var subnets []any
	for _, s := range a.Associations {
		subnets = append(subnets, text(s.SubnetId))
	}
	return providers.Object{Implicit: yes(a.IsDefault), Attrs: providers.Attrs{
		"id": id, "arn": at.arn("network-acl", id), "owner_id": owner, "vpc_id": text(a.VpcId),
		"ingress": entryBlocks(a, false), "egress": entryBlocks(a, true), "subnet_ids": subnets, "tags_all": tagsAll(a.Tags),
	}}
}

// isFinalEntry is the denial at the end of every ACL, IPv4's and IPv6's, which
// nobody makes or deletes.
func isFinalEntry(e types.NetworkAclEntry) bool { return number(e.RuleNumber) >= 32767 }

// entryBlocks are the entries of one direction as the provider reads them into
// an ACL's state, where a number that is not there is 0.
func entryBlocks(a types.NetworkAcl, egress bool) []any {
	var out []any
	for _, e := range a.Entries {
		if isFinalEntry(e) || yes(e.Egress) != egress {
			continue
		}
		block := map[string]any{
			"rule_no": float64(number(e.RuleNumber)), "action": string(e.RuleAction), "protocol": text(e.Protocol),
			"cidr_block": text(e.CidrBlock), "ipv6_cidr_block": text(e.Ipv6CidrBlock),
			"from_port": 0.0, "to_port": 0.0, "icmp_type": 0.0, "icmp_code": 0.0,
		}
		addPorts(block, e)
		out = append(out, block)
	}
	return out
}

// addPorts fills in what AWS tells of an entry's ports and ICMP types.
func addPorts(to map[string]any, e types.NetworkAclEntry) {
	if r := e.PortRange; r != nil {
		to["from_port"], to["to_port"] = float64(number(r.From)), float64(number(r.To))
	}
	if c := e.IcmpTypeCode; c != nil {
		to["icmp_type"], to["icmp_code"] = float64(number(c.Type)), float64(number(c.Code))
	}
}

func networkACLRuleRow(list *listing) Row {
	const id = "{req.networkAclId}:{req.ruleNumber}:{req.egress}"
	return row(providers.Kind{
		Type: "aws_network_acl_rule", Identity: "{network_acl_id}:{rule_number}:{egress}", Facet: true, NotFound: aclNotFound,
		Import: "{network_acl_id}:{rule_number}:{protocol}:{egress}", StateID: networkACLRuleStateID,
		Spellings: map[string]func(string) []string{"protocol": protocolSpellings},
		Parents:   []string{"network_acl_id"},
		Fixed:     []string{"network_acl_id", "rule_number", "egress", "rule_action", "cidr_block", "ipv6_cidr_block"},
		Telling:   []string{"rule_number"},
		// Not protocol: the configuration may spell a name where state and AWS
		// have the number, and that must not speak against an address.
		Compared: []string{"rule_action", "cidr_block", "ipv6_cidr_block", "from_port", "to_port", "icmp_type", "icmp_code"},
		Events: []providers.Event{
			{Name: "CreateNetworkAclEntry", Role: providers.Created, ID: id},
			{Name: "ReplaceNetworkAclEntry", Role: providers.Changed, ID: id},
			{Name: "DeleteNetworkAclEntry", Role: providers.Deleted, ID: id},
		},
		IfSkipped: "the next apply fails with NetworkAclEntryAlreadyExists",
		Again:     providers.Again{Outcome: providers.Refused, Code: "NetworkAclEntryAlreadyExists", How: providers.Shown},
	}, list, look{ids: "network-acl-ids", value: "{network_acl_id}",
		count: "length(NetworkAcls[].Entries[?to_string(RuleNumber)=={rule_number} && to_string(Egress)=={egress}][])"},
		func(a types.NetworkAcl, _ place) []providers.Object {
			var out []providers.Object
			for _, e := range a.Entries {
				if isFinalEntry(e) {
					continue
				}
				attrs := providers.Attrs{
					"network_acl_id": text(a.NetworkAclId), "rule_number": float64(number(e.RuleNumber)), "egress": yes(e.Egress),
					"rule_action": string(e.RuleAction), "protocol": text(e.Protocol),
					"cidr_block": text(e.CidrBlock), "ipv6_cidr_block": text(e.Ipv6CidrBlock),
				}
				addPorts(attrs, e)
				attrs["id"] = networkACLRuleStateID(attrs)
				out = append(out, providers.Object{Attrs: attrs})
			}
			return out
		})
}

// networkACLRuleStateID is the id that the provider gives a rule, created or
// imported: a hash with the protocol as it is spelled in the configuration or in
// the import id, which no state keeps.
func networkACLRuleStateID(a providers.Attrs) string {
	return "nacl-" + checksum(a.Text("network_acl_id")+"-"+a.Text("rule_number")+"-"+a.Text("egress")+"-"+a.Text("protocol")+"-")
}

// protocolSpellings are the number of a protocol and the names that the provider
// takes for it, those of IANA's registry that networks let through or keep out.
func protocolSpellings(number string) []string {
	out := []string{number}
	for _, p := range [][2]string{{"all", "-1"}, {"icmp", "1"}, {"igmp", "2"}, {"ipv4", "4"}, {"tcp", "6"}, {"udp", "17"}, {"ipv6", "41"}, {"gre", "47"},
		{"esp", "50"}, {"ah", "51"}, {"ipv6-icmp", "58"}, {"ospfigp", "89"}, {"sctp", "132"}} {
		if p[1] == number {
			out = append(out, p[0])
		}
	}
	return out
}

func networkACLAssociationRow(list *listing) Row {
	return row(providers.Kind{
		Type: "aws_network_acl_association", Import: "{id}", Prefix: "aclassoc-", Facet: true, NotFound: aclNotFound,
		Parents: []string{"network_acl_id", "subnet_id"},
		Fixed:   []string{"network_acl_id", "subnet_id"},
		Telling: []string{"subnet_id"},
		Events: []providers.Event{
			{Name: "ReplaceNetworkAclAssociation", Role: providers.Created, ID: "{res.newAssociationId}"},
			{Name: "ReplaceNetworkAclAssociation", Role: providers.Deleted, ID: "{req.associationId}"},
		},
		IfSkipped: "nothing is lost: the next apply replaces the association once more, by one with the same ACL: the subnet keeps its rules, only the association's id changes",
		Again:     providers.Again{Outcome: providers.Same, How: providers.Shown},
	}, list, look{filter: "association.association-id", value: "{id}",
		count: "length(NetworkAcls[].Associations[?NetworkAclAssociationId=={id}][])"},
		func(a types.NetworkAcl, _ place) []providers.Object {
			out := make([]providers.Object, len(a.Associations))
			for i, s := range a.Associations {
				// A subnet is with the default ACL from its beginning.
				out[i] = providers.Object{Implicit: yes(a.IsDefault), Attrs: providers.Attrs{
					"id": text(s.NetworkAclAssociationId), "network_acl_id": cmp.Or(text(s.NetworkAclId), text(a.NetworkAclId)), "subnet_id": text(s.SubnetId),
				}}
			}
			return out
		})
}
