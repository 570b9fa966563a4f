package ec2

import (
	"hash/crc32"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// securityGroupRuleRow is a rule as the older type has it: one instance may
// stand for several rules of AWS, a rule for each of its sources. Each of those
// is an object here, a part; its attributes are those of an instance with that
// one source, and two more that no schema has:
//
//	source         the sources, sorted, in the spelling that state and AWS share
//	import_source  the sources as they are spelled and ordered in the lists
//
// A call is understood only if it holds one permission, as Terraform's do: of
// several it could not be told which range belongs to which port.
func securityGroupRuleRow(list *listing) Row {
	const head = "{security_group_id}_{type}_{protocol}_{from_port}_{to_port}_"
	r := one(providers.Kind{
		Type: "aws_security_group_rule", Identity: head + "{source}", Import: head + "{import_source}", Facet: true,
		Parts: ruleParts, Whole: ruleWhole, StateID: ruleStateID,
		Parents: []string{"security_group_id"},
		// source_security_group_id is computed where the configuration has
		// another source, so it is not known of any address before its apply.
		Fixed: []string{"security_group_id", "type", "protocol", "from_port", "to_port",
			"cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "self"},
		Telling: []string{"cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "source_security_group_id", "self"},
		// The lists show which of the instance's parts are there. Not self: a
		// state may spell its own group as the source.
		Compared:  []string{"cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "source_security_group_id", "description"},
		Events:    eventsOfPermissions(),
		IfSkipped: "the next apply fails with InvalidPermission.Duplicate",
		Again:     providers.Again{Outcome: providers.Refused, Code: "InvalidPermission.Duplicate", How: providers.Shown},
	}, list, look{filter: "group-id", value: "{security_group_id}", count: rulesLeft}, securityGroupRuleObject)
	// The question is about all rules of an instance.
	r.Kind.Confirm = func(a providers.Attrs) []string { return r.confirm(ruleWhole(ruleParts(a))) }
	return r
}

// eventsOfPermissions are the calls that make and remove rules, an event for
// each sort of source.
func eventsOfPermissions() []providers.Event {
	const permission = "req.ipPermissions."
	var out []providers.Event
	for _, direction := range []string{"Ingress", "Egress"} {
		head := "{req.groupId}_" + strings.ToLower(direction) + "_{" + permission + "ipProtocol}_{" +
			permission + `fromPort|"0"}_{` + permission + `toPort|"0"}_{` + permission
		for _, source := range []string{"ipRanges.cidrIp", "ipv6Ranges.cidrIpv6", "prefixListIds.prefixListId", "groups.groupId"} {
			id := providers.Template(head + source + "}")
			out = append(out,
				providers.Event{Name: "AuthorizeSecurityGroup" + direction, Role: providers.Created, ID: id, Single: permission + "ipProtocol"},
				providers.Event{Name: "RevokeSecurityGroup" + direction, Role: providers.Deleted, ID: id, Single: permission + "ipProtocol"})
		}
	}
	return out
}

// rulesLeft counts the rules of a group that are parts of the instance. It
// must not miss one, or a removal would be confirmed that should not be. AWS
// shows -1 for the ports of a protocol that has none.
const rulesLeft = "length(SecurityGroupRules[?" +
	"(IsEgress && {type}=='egress' || !IsEgress && {type}=='ingress') && IpProtocol=={protocol} && " +
	"(to_string(FromPort)=={from_port} && to_string(ToPort)=={to_port} || " +
	"{from_port}=='0' && {to_port}=='0' && (!FromPort || to_string(FromPort)=='-1')) && " +
	"(CidrIpv4 && contains(" + oneOf + ", join('', ['_', CidrIpv4, '_'])) || " +
	"CidrIpv6 && contains(" + oneOf + ", join('', ['_', CidrIpv6, '_'])) || " +
	"PrefixListId && contains(" + oneOf + ", join('', ['_', PrefixListId, '_'])) || " +
	"ReferencedGroupInfo.GroupId && contains(" + oneOf + ", join('', ['_', ReferencedGroupInfo.GroupId, '_'])))])"

const oneOf = "join('', ['_', {source}, '_'])"

func securityGroupRuleObject(r types.SecurityGroupRule, at place) providers.Object {
	a := providers.Attrs{
		"security_group_id": text(r.GroupId), "security_group_rule_id": text(r.SecurityGroupRuleId), "type": "ingress",
		"protocol": text(r.IpProtocol), "from_port": float64(number(r.FromPort)), "to_port": float64(number(r.ToPort)),
	}
	if yes(r.IsEgress) {
		a["type"] = "egress"
	}
	// The provider leaves the state's description where AWS has none.
	if d := text(r.Description); d != "" {
		a["description"] = d
	}
	switch g := r.ReferencedGroupInfo; {
	case text(r.CidrIpv4) != "":
		a["cidr_blocks"] = []any{text(r.CidrIpv4)}
	case text(r.CidrIpv6) != "":
		a["ipv6_cidr_blocks"] = []any{text(r.CidrIpv6)}
	case text(r.PrefixListId) != "":
		a["prefix_list_ids"] = []any{text(r.PrefixListId)}
	case g != nil && text(g.GroupId) == text(r.GroupId):
		a["self"] = true
	case g != nil:
		a["source_security_group_id"] = groupSource(text(g.GroupId), text(g.UserId), at.Account)
	}
	return providers.Object{Attrs: ruleParts(a)[0], With: withGroup(r)}
}

// sourceLists are the attributes that hold sources, but for the two of groups.
func sourceLists() []string { return []string{"cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids"} }

// ruleParts splits an instance into one part a source. What is not a source
// stays with each part. An instance whose sources are not known is one part,
// without an identity.
func ruleParts(a providers.Attrs) []providers.Attrs {
	head := providers.Attrs{}
	maps.Copy(head, a)
	delete(head, "source_security_group_id")
	head["self"], head["protocol"] = false, protocolName(a.Text("protocol"))
	for _, port := range []string{"from_port", "to_port"} {
		if head[port] = portNumber(a[port]); !hasPorts(head.Text("protocol")) {
			head[port] = 0.0
		}
	}
	for _, list := range sourceLists() {
		head[list] = []any{}
	}
	var parts []providers.Attrs
	add := func(name string, value any) {
		p := maps.Clone(head)
		p[name] = value
		parts = append(parts, p)
	}
	for _, list := range sourceLists() {
		values, _ := a[list].([]any)
		for _, v := range values {
			add(list, []any{v})
		}
	}
	self := a.Text("self") == "true"
	if self {
		add("self", true)
	}
	if group := a.Text("source_security_group_id"); group != "" && !(self && bareGroup(group) == a.Text("security_group_id")) {
		add("source_security_group_id", group)
	}
	if len(parts) == 0 {
		parts = append(parts, head)
	}
	for _, p := range parts {
		if len(parts) > 1 {
			delete(p, "security_group_rule_id") // the provider records that of a single rule only
		}
		describeRule(p)
	}
	return parts
}

// ruleHead are the attributes that all rules of one instance share.
func ruleHead() []string {
	return []string{"security_group_id", "type", "protocol", "from_port", "to_port"}
}

// ruleWhole is the instance that has the parts, its lists in their order: a
// list in another order is another one to the provider, which would replace
// the rules. What parts of different rules do not share is left out, so that
// together they have no identity and fit no address.
func ruleWhole(parts []providers.Attrs) providers.Attrs {
	whole := providers.Attrs{}
	if len(parts) == 0 {
		return whole
	}
	maps.Copy(whole, parts[0])
	if len(parts) > 1 {
		delete(whole, "security_group_rule_id")
	}
	for _, p := range parts[1:] {
		for _, list := range sourceLists() {
			values, _ := p[list].([]any)
			all, _ := whole[list].([]any)
			whole[list] = slices.Concat(all, values)
		}
		if p.Text("self") == "true" {
			whole["self"] = true
		}
		// Only some of the parts have one.
		for _, name := range []string{"description", "source_security_group_id"} {
			if v := p.Text(name); v != "" && whole.Text(name) == "" {
				whole[name] = v
			}
		}
		if g := p.Text("source_security_group_id"); g != whole.Text("source_security_group_id") && g != "" {
			delete(whole, "security_group_id") // an instance has one such group
		}
		for _, name := range ruleHead() {
			if p.Text(name) != whole.Text(name) {
				delete(whole, name)
			}
		}
	}
	describeRule(whole)
	return whole
}

// describeRule fills in what follows from the sources: their two spellings, and
// the id. A source that is not known would make the others look like the whole
// rule, so then there is neither.
func describeRule(a providers.Attrs) {
	for _, name := range []string{"id", "source", "import_source"} {
		delete(a, name)
	}
	var canonical, spelled []string
	for _, list := range sourceLists() {
		for _, v := range spellings(a[list]) {
			canonical, spelled = append(canonical, providers.Canon(v)), append(spelled, v)
		}
	}
	if a.Text("self") == "true" {
		canonical, spelled = append(canonical, a.Text("security_group_id")), append(spelled, "self")
	}
	if group := a.Text("source_security_group_id"); group != "" {
		canonical, spelled = append(canonical, bareGroup(group)), append(spelled, group)
	}
	if len(canonical) == 0 || slices.Contains(canonical, "") {
		return
	}
	slices.Sort(canonical)
	a["source"], a["import_source"] = strings.Join(canonical, "_"), strings.Join(spelled, "_")
	if !slices.ContainsFunc(ruleHead(), func(name string) bool { return a.Text(name) == "" }) {
		a["id"] = ruleStateID(a)
	}
}

// ruleStateID is the id that the provider gives a rule: the CRC-32 of what it
// allows, the sources of each kind sorted.
func ruleStateID(a providers.Attrs) string {
	protocol := protocolName(a.Text("protocol"))
	words := []string{a.Text("security_group_id")}
	for _, port := range []string{"from_port", "to_port"} {
		if n, _ := portNumber(a[port]).(float64); n > 0 && protocol != "-1" {
			words = append(words, a.Text(port))
		}
	}
	words = append(words, protocol, a.Text("type"))
	for _, list := range sourceLists() {
		words = append(words, slices.Sorted(slices.Values(spellings(a[list])))...)
	}
	var groups []string
	if a.Text("self") == "true" {
		groups = append(groups, a.Text("security_group_id"))
	}
	if g := a.Text("source_security_group_id"); g != "" {
		groups = append(groups, bareGroup(g))
	}
	slices.Sort(groups)
	for _, g := range groups {
		words = append(words, g, "") // the second is the name of a group outside of any VPC
	}
	return "sgrule-" + checksum(strings.Join(words, "-")+"-")
}

// checksum is the hash that the provider makes of what it has no id for.
func checksum(s string) string {
	return strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(s))), 10)
}

// spellings are the texts of a list, "" for what is not known.
func spellings(list any) []string {
	values, _ := list.([]any)
	out := make([]string, len(values))
	for i := range values {
		out[i], _ = values[i].(string)
	}
	return out
}

// bareGroup is a group's id without its account: ids are unique, and a state
// may spell the account of a group that AWS shows without.
func bareGroup(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }

// protocolName is a protocol as the provider records it.
func protocolName(p string) string {
	p = strings.ToLower(p)
	if name, ok := map[string]string{"all": "-1", "1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}[p]; ok {
		return name
	}
	return p
}

// hasPorts reports whether a protocol has ports, or ICMP types, to go with it.
// For all protocols (-1) and for those that AWS knows by number only, AWS shows
// -1 where Terraform records nothing or 0.
func hasPorts(protocol string) bool {
	p := protocolName(protocol)
	return p != "-1" && strings.Trim(p, "0123456789") != ""
}

// portNumber is a port as a float64, whichever type the state or the plan has
// it in; what is no number stays.
func portNumber(v any) any {
	if n, err := strconv.ParseFloat(providers.Canon(v), 64); err == nil {
		return n
	}
	return v
}
