package ec2

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"reconcile/providers"
)

var hereInside = place{Place: providers.Place{Account: "123456789012", Region: "us-east-1"}, partition: "aws"}

// kindOf is a row of the family as the engine sees it.
func kindOf(t testing.TB, typ string) Row {
	t.Helper()
	rows := securityRows(sources{})
	i := slices.IndexFunc(rows, func(r Row) bool { return r.Type == typ })
	if i < 0 {
		t.Fatalf("there is no row of %s", typ)
	}
	return rows[i]
}

func objectsOf(t testing.TB, typ string, item any) []providers.Object {
	t.Helper()
	return kindOf(t, typ).objects(item, hereInside)
}

func TestAGroupsPermissionsAreGroupedAsTheProviderGroupsThem(t *testing.T) {
	got := ruleBlocks([]types.IpPermission{
		{IpProtocol: new("tcp"), FromPort: new(int32(443)), ToPort: new(int32(443)),
			IpRanges: []types.IpRange{{CidrIp: new("10.0.0.0/8"), Description: new("web")}, {CidrIp: new("172.16.0.0/12")},
				{CidrIp: new("192.168.0.0/16"), Description: new("web")}},
			Ipv6Ranges:    []types.Ipv6Range{{CidrIpv6: new("2001:db8::/48"), Description: new("web")}},
			PrefixListIds: []types.PrefixListId{{PrefixListId: new("pl-1")}},
			UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: new("sg-own"), UserId: new("1")}, {GroupId: new("sg-other"), UserId: new("1")},
				{GroupId: new("sg-far"), UserId: new("2")}}},
		{IpProtocol: new("-1"), IpRanges: []types.IpRange{{CidrIp: new("10.0.0.0/8")}}},
		{IpProtocol: new("icmp"), FromPort: new(int32(-1)), ToPort: new(int32(-1))},
		{},
	}, "sg-own", "1")
	block := func(protocol string, port float64, over map[string]any) map[string]any {
		b := map[string]any{"protocol": protocol, "from_port": port, "to_port": port, "description": "", "self": false,
			"cidr_blocks": []any{}, "ipv6_cidr_blocks": []any{}, "prefix_list_ids": []any{}, "security_groups": []any{}}
		maps.Copy(b, over)
		return b
	}
	want := []any{
		block("tcp", 443, map[string]any{"description": "web", "cidr_blocks": []any{"10.0.0.0/8", "192.168.0.0/16"}, "ipv6_cidr_blocks": []any{"2001:db8::/48"}}),
		block("tcp", 443, map[string]any{"cidr_blocks": []any{"172.16.0.0/12"}, "prefix_list_ids": []any{"pl-1"}, "self": true,
			"security_groups": []any{"sg-other", "2/sg-far"}}),
		block("-1", 0, map[string]any{"cidr_blocks": []any{"10.0.0.0/8"}}),
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestOnlyADefaultGroupIsADefaultGroup(t *testing.T) {
	for name, want := range map[string]int{"default": 1, "web": 0, "default-web": 0, "": 0} {
		g := types.SecurityGroup{GroupId: new("sg-1"), GroupName: new(name), OwnerId: new("210987654321"), VpcId: new("vpc-1")}
		if got := objectsOf(t, "aws_default_security_group", g); len(got) != want {
			t.Errorf("%q is %d default groups", name, len(got))
		}
		got := objectsOf(t, "aws_security_group", g)
		if len(got) != 1 || got[0].Implicit != (want == 1) || got[0].Attrs.Text("arn") != "arn:aws:ec2:us-east-1:210987654321:security-group/sg-1" {
			t.Errorf("%q: %+v", name, got)
		}
	}
}

func TestANamePrefixIsReadOutOfANameThatTerraformMade(t *testing.T) {
	for name, want := range map[string]string{
		"web-20261124122705156500000003": "web-", "20261124122705156500000003": "", "web": "", "web-2026112412270515650000000": "",
	} {
		if got := namePrefix(name); got != want {
			t.Errorf("%s has the prefix %q, want %q", name, got, want)
		}
	}
}

func TestARuleIsOfOneDirection(t *testing.T) {
	for _, egress := range []bool{true, false} {
		r := types.SecurityGroupRule{SecurityGroupRuleId: new("sgr-1"), GroupId: new("sg-1"), IpProtocol: new("tcp"), IsEgress: new(egress), CidrIpv4: new("10.0.0.0/8")}
		for typ, of := range map[string]bool{"aws_vpc_security_group_egress_rule": true, "aws_vpc_security_group_ingress_rule": false} {
			if got := objectsOf(t, typ, r); (len(got) == 1) != (of == egress) {
				t.Errorf("egress %v: %s has %d objects", egress, typ, len(got))
			}
		}
	}
}

func TestPortsThatNoProtocolHasAreNotShown(t *testing.T) {
	for _, c := range []struct {
		protocol  string
		port      int32
		old, byID any
	}{
		{"-1", -1, 0.0, nil}, {"50", -1, 0.0, nil}, {"icmp", -1, -1.0, -1.0}, {"tcp", 0, 0.0, 0.0}, {"icmpv6", 128, 128.0, 128.0},
	} {
		r := types.SecurityGroupRule{SecurityGroupRuleId: new("sgr-1"), GroupId: new("sg-1"), IpProtocol: new(c.protocol), FromPort: &c.port, ToPort: &c.port, CidrIpv4: new("10.0.0.0/8")}
		byID, old := objectsOf(t, "aws_vpc_security_group_ingress_rule", r)[0].Attrs, objectsOf(t, "aws_security_group_rule", r)[0].Attrs
		if byID["from_port"] != c.byID || byID["to_port"] != c.byID || old["from_port"] != c.old || old["to_port"] != c.old {
			t.Errorf("%s: %v and %v", c.protocol, byID, old)
		}
	}
}

func TestAReferencedGroupIsNamedAsTheProviderNamesIt(t *testing.T) {
	for _, c := range []struct {
		ref             types.ReferencedSecurityGroup
		byID, old, self string
		source          string
	}{
		{types.ReferencedSecurityGroup{GroupId: new("sg-2"), UserId: new("123456789012")}, "sg-2", "sg-2", "false", "sg-2"},
		{types.ReferencedSecurityGroup{GroupId: new("sg-2"), UserId: new("210987654321")}, "210987654321/sg-2", "210987654321/sg-2", "false", "sg-2"},
		{types.ReferencedSecurityGroup{GroupId: new("sg-2")}, "sg-2", "sg-2", "false", "sg-2"},
		{types.ReferencedSecurityGroup{GroupId: new("sg-1"), UserId: new("123456789012")}, "sg-1", "", "true", "sg-1"},
		{types.ReferencedSecurityGroup{}, "", "", "false", ""},
	} {
		r := types.SecurityGroupRule{SecurityGroupRuleId: new("sgr-1"), GroupId: new("sg-1"), IpProtocol: new("tcp"), ReferencedGroupInfo: &c.ref}
		byID, old := objectsOf(t, "aws_vpc_security_group_ingress_rule", r)[0].Attrs, objectsOf(t, "aws_security_group_rule", r)[0].Attrs
		if byID.Text("referenced_security_group_id") != c.byID || old.Text("source_security_group_id") != c.old || old.Text("self") != c.self || old.Text("source") != c.source {
			t.Errorf("%v: %v and %v", c.ref, byID, old)
		}
	}
}

// The ids are those that the provider recorded for these rules, or its own
// tests expect.
func TestARulesStateIdIsTheProvidersHash(t *testing.T) {
	const group = "sg-c9a81929bfa72223a"
	for want, a := range map[string]providers.Attrs{
		"sgrule-3403497314": {"security_group_id": "sg-12345", "type": "ingress", "protocol": "tcp", "from_port": 80.0, "to_port": 8000.0, "cidr_blocks": []any{"10.0.0.0/8"}},
		"sgrule-1173186295": {"security_group_id": "sg-12345", "type": "egress", "protocol": "tcp", "from_port": 80.0, "to_port": 8000.0, "cidr_blocks": []any{"10.0.0.0/8"}},
		"sgrule-766323498":  {"security_group_id": "sg-12345", "type": "egress", "protocol": "-1", "from_port": 0.0, "to_port": 0.0, "cidr_blocks": []any{"10.0.0.0/8"}},
		"sgrule-454364660": {"security_group_id": group, "type": "ingress", "protocol": "6", "from_port": 8000.0, "to_port": 8100.0,
			"cidr_blocks": []any{"10.9.0.0/16", "10.8.0.0/16"}, "ipv6_cidr_blocks": []any{"2001:db8:1::/48"}},
		"sgrule-3458119478": {"security_group_id": group, "type": "ingress", "protocol": "all", "from_port": 0.0, "to_port": 0.0, "self": true},
		"sgrule-1810812595": {"security_group_id": group, "type": "ingress", "protocol": "tcp", "from_port": 22.0, "to_port": 22.0, "source_security_group_id": group},
		"sgrule-1508412045": {"security_group_id": group, "type": "egress", "protocol": "udp", "from_port": 0.0, "to_port": 65535.0, "source_security_group_id": "sg-5ff3e81e06fb361a6"},
		"sgrule-555157823":  {"security_group_id": group, "type": "ingress", "protocol": "1", "from_port": 8.0, "to_port": -1.0, "cidr_blocks": []any{"10.0.0.0/8"}},
		"sgrule-4263828704": {"security_group_id": group, "type": "ingress", "protocol": "50", "from_port": 0.0, "to_port": 0.0, "cidr_blocks": []any{"10.0.0.0/8"}},
		"sgrule-1261419561": {"security_group_id": group, "type": "egress", "protocol": "-1", "from_port": 0.0, "to_port": 65535.0, "cidr_blocks": []any{"0.0.0.0/0"}},
	} {
		if got := ruleStateID(a); got != want {
			t.Errorf("%v has the id %s, want %s", a, got, want)
		}
		if got := ruleWhole(ruleParts(a)).Text("id"); got != want {
			t.Errorf("%v has the id %s when it is put together again, want %s", a, got, want)
		}
	}
}

func TestARuleIsImportedWithItsSourcesAsTheyAreSpelled(t *testing.T) {
	k := kindOf(t, "aws_security_group_rule").Kind
	rule := func(over providers.Attrs) providers.Attrs {
		a := providers.Attrs{"security_group_id": "sg-1", "type": "ingress", "protocol": "TCP", "from_port": 80.0, "to_port": 81.0}
		maps.Copy(a, over)
		return a
	}
	for _, c := range []struct{ name, identity, id string }{
		{"ranges in their order", "sg-1_ingress_tcp_80_81_10.1.0.0/16_10.2.0.0/16_2001:db8::/48_pl-1", "sg-1_ingress_tcp_80_81_10.2.0.0/16_10.1.0.0/16_2001:db8::/48_pl-1"},
		{"all protocols", "sg-1_ingress_-1_0_0_10.1.0.0/16", "sg-1_ingress_-1_0_0_10.1.0.0/16"},
		{"its own group", "sg-1_ingress_tcp_80_81_sg-1", "sg-1_ingress_tcp_80_81_sg-1"},
		{"itself", "sg-1_ingress_tcp_80_81_sg-1", "sg-1_ingress_tcp_80_81_self"},
		{"a group with its account", "sg-1_ingress_tcp_80_81_pl-1_sg-2", "sg-1_ingress_tcp_80_81_pl-1_210987654321/sg-2"},
		{"nothing known", "", ""},
		{"one range not known", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := map[string]providers.Attrs{
				"ranges in their order":    rule(providers.Attrs{"cidr_blocks": []any{"10.2.0.0/16", "10.1.0.0/16"}, "ipv6_cidr_blocks": []any{"2001:DB8:0::/48"}, "prefix_list_ids": []any{"pl-1"}}),
				"all protocols":            rule(providers.Attrs{"protocol": "all", "to_port": 65535.0, "cidr_blocks": []any{"10.1.0.0/16"}}),
				"its own group":            rule(providers.Attrs{"source_security_group_id": "sg-1"}),
				"itself":                   rule(providers.Attrs{"self": true, "source_security_group_id": "sg-1"}),
				"a group with its account": rule(providers.Attrs{"prefix_list_ids": []any{"pl-1"}, "source_security_group_id": "210987654321/sg-2"}),
				"nothing known":            rule(nil),
				"one range not known":      rule(providers.Attrs{"cidr_blocks": []any{"10.2.0.0/16", nil}}),
			}[c.name]
			whole := ruleWhole(ruleParts(a))
			if got := k.IdentityOf(whole); got != c.identity {
				t.Errorf("identity %q, want %q", got, c.identity)
			}
			if got := k.ImportIDOf(whole); !strings.EqualFold(strings.Replace(got, "DB8:0::", "db8::", 1), c.id) {
				t.Errorf("import id %q, want %q", got, c.id)
			}
		})
	}
}

func TestPartsOfDifferentRulesAreNoInstance(t *testing.T) {
	k := kindOf(t, "aws_security_group_rule").Kind
	part := func(port float64, over providers.Attrs) providers.Attrs {
		a := providers.Attrs{"security_group_id": "sg-1", "type": "ingress", "protocol": "tcp", "from_port": port, "to_port": port}
		maps.Copy(a, over)
		return ruleParts(a)[0]
	}
	for name, parts := range map[string][]providers.Attrs{
		"other ports":  {part(80, providers.Attrs{"cidr_blocks": []any{"10.1.0.0/16"}}), part(443, providers.Attrs{"cidr_blocks": []any{"10.1.0.0/16"}})},
		"two groups":   {part(80, providers.Attrs{"source_security_group_id": "sg-2"}), part(80, providers.Attrs{"source_security_group_id": "sg-3"})},
		"other ways":   {part(80, providers.Attrs{"self": true}), part(80, providers.Attrs{"self": true, "type": "egress"})},
		"other groups": {part(80, providers.Attrs{"self": true}), part(80, providers.Attrs{"self": true, "security_group_id": "sg-2"})},
		"nothing":      nil,
	} {
		if whole := ruleWhole(parts); k.IdentityOf(whole) != "" || k.ImportIDOf(whole) != "" || whole.Text("id") != "" {
			t.Errorf("%s: %v", name, whole)
		}
	}
}

func drawRule(t *rapid.T) providers.Attrs {
	list := func(label string, of []string) []any {
		return boxed(rapid.Permutation(of).Draw(t, label)[:rapid.IntRange(0, len(of)).Draw(t, label+"s")])
	}
	a := providers.Attrs{
		"security_group_id": "sg-1", "type": rapid.SampledFrom([]string{"ingress", "egress"}).Draw(t, "type"),
		"protocol":  rapid.SampledFrom([]string{"tcp", "6", "UDP", "icmp", "58", "-1", "all", "50"}).Draw(t, "protocol"),
		"from_port": float64(rapid.IntRange(-1, 9).Draw(t, "from")), "to_port": float64(rapid.IntRange(-1, 9).Draw(t, "to")),
		"cidr_blocks":      list("cidr", []string{"10.1.0.0/16", "10.2.0.0/16", "0.0.0.0/0"}),
		"ipv6_cidr_blocks": list("ipv6", []string{"::/0", "2001:db8::/48"}),
		"prefix_list_ids":  list("prefix list", []string{"pl-1", "pl-2"}),
		"description":      rapid.SampledFrom([]string{"", "why"}).Draw(t, "description"),
		"self":             rapid.Bool().Draw(t, "self"), "security_group_rule_id": "sgr-1",
	}
	if g := rapid.SampledFrom([]string{"", "sg-1", "sg-2", "210987654321/sg-2"}).Draw(t, "group"); g != "" {
		a["source_security_group_id"] = g
	}
	return a
}

func TestPartsAndWholeOfARuleAreEachOthersWayBack(t *testing.T) {
	k := kindOf(t, "aws_security_group_rule").Kind
	rapid.Check(t, func(t *rapid.T) {
		parts := k.Parts(drawRule(t))
		for _, p := range parts {
			// Which of several rules an id means is not known.
			if _, has := p["security_group_rule_id"]; has != (len(parts) == 1) {
				t.Fatalf("one of %d parts has the id of a rule: %v", len(parts), p)
			}
		}
		whole := k.Whole(parts)
		again := k.Parts(whole)
		if !reflect.DeepEqual(parts, again) {
			t.Fatalf("the parts of the whole differ: %s", cmp.Diff(parts, again))
		}
		if w := k.Whole(again); !reflect.DeepEqual(whole, w) {
			t.Fatalf("the whole of the parts differs: %s", cmp.Diff(whole, w))
		}
		for _, p := range parts {
			if one := k.Parts(p); len(one) != 1 || !reflect.DeepEqual(one[0], p) || !reflect.DeepEqual(k.Whole(one), p) {
				t.Fatalf("%v is not its own part", p)
			}
		}
		shuffled := rapid.Permutation(parts).Draw(t, "order")
		if w := k.Whole(shuffled); k.IdentityOf(w) != k.IdentityOf(whole) || k.StateIDOf(w) != k.StateIDOf(whole) {
			t.Fatalf("the order of the parts changes who it is: %v and %v", whole, w)
		}
	})
}

func TestARuleInTheStateIsItsPartsInAWS(t *testing.T) {
	k := kindOf(t, "aws_security_group_rule").Kind
	rapid.Check(t, func(t *rapid.T) {
		a := drawRule(t)
		a["self"] = a["self"].(bool) && a["source_security_group_id"] == nil // the provider takes one of the two
		var live []string
		for n, p := range k.Parts(a) {
			if p.Text("source") == "" {
				return
			}
			r := types.SecurityGroupRule{GroupId: new("sg-1"), SecurityGroupRuleId: new("sgr-" + itoa(n)), IpProtocol: new(p.Text("protocol")),
				IsEgress: new(p.Text("type") == "egress"), FromPort: new(int32(p["from_port"].(float64))), ToPort: new(int32(p["to_port"].(float64)))}
			if !hasPorts(p.Text("protocol")) {
				r.FromPort, r.ToPort = new(int32(-1)), new(int32(-1))
			}
			first := func(list string) *string {
				if v := spellings(p[list]); len(v) > 0 {
					return &v[0]
				}
				return nil
			}
			r.CidrIpv4, r.CidrIpv6, r.PrefixListId = first("cidr_blocks"), first("ipv6_cidr_blocks"), first("prefix_list_ids")
			if g := p.Text("source_security_group_id"); g != "" || p.Text("self") == "true" {
				account, id, far := strings.Cut(g, "/")
				if !far {
					account, id = "123456789012", g
				}
				if g == "" {
					id = "sg-1"
				}
				r.ReferencedGroupInfo = &types.ReferencedSecurityGroup{GroupId: &id, UserId: &account}
			}
			o := securityGroupRuleObject(r, hereInside)
			if k.IdentityOf(o.Attrs) != k.IdentityOf(p) || k.StateIDOf(o.Attrs) != k.StateIDOf(p) {
				t.Fatalf("the state has %v, AWS %v", p, o.Attrs)
			}
			live = append(live, k.IdentityOf(o.Attrs))
		}
		if slices.Sort(live); len(slices.Compact(live)) != len(k.Parts(a)) {
			t.Fatalf("parts share an identity: %v", live)
		}
	})
}

func itoa(n int) string { return providers.Canon(float64(n)) }

func TestARemovalOfARuleAsksAboutEachOfItsSources(t *testing.T) {
	k := kindOf(t, "aws_security_group_rule").Kind
	a := providers.Attrs{"security_group_id": "sg-1", "type": "ingress", "protocol": "6", "from_port": 80.0, "to_port": 81.0, "cidr_blocks": []any{"10.2.0.0/16", "10.1.0.0/16"}}
	argv := strings.Join(k.Confirm(a), " ")
	for _, want := range []string{"ec2 describe-security-group-rules --filters", `"group-id"`, `"sg-1"`, `"10.1.0.0/16_10.2.0.0/16"`, "`\"tcp\"`", "to_string(FromPort)==`\"80\"`"} {
		if !strings.Contains(argv, want) {
			t.Errorf("%s is not asked: %s", want, argv)
		}
	}
	delete(a, "cidr_blocks")
	if got := k.Confirm(a); got != nil {
		t.Errorf("a rule whose sources are not known is asked about as %v", got)
	}
}

func TestAVPCAssociationThatIsNotInForceIsNotAlive(t *testing.T) {
	for state, want := range map[types.SecurityGroupVpcAssociationState]providers.Life{
		types.SecurityGroupVpcAssociationStateAssociated: providers.Alive, types.SecurityGroupVpcAssociationStateDisassociationFailed: providers.Alive,
		types.SecurityGroupVpcAssociationStateAssociating: providers.Pending, types.SecurityGroupVpcAssociationStateDisassociating: providers.Pending,
		types.SecurityGroupVpcAssociationStateAssociationFailed: providers.Pending, types.SecurityGroupVpcAssociationStateDisassociated: providers.Pending,
	} {
		o := objectsOf(t, "aws_vpc_security_group_vpc_association", types.SecurityGroupVpcAssociation{GroupId: new("sg-1"), VpcId: new("vpc-1"), State: state})[0]
		if o.Life != want || o.ID != "sg-1,vpc-1" {
			t.Errorf("%s is %s, want %s: %+v", state, o.Life, want, o)
		}
	}
}
