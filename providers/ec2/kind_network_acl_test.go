package ec2

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"reconcile/providers"
)

func acl(isDefault bool) types.NetworkAcl {
	return types.NetworkAcl{NetworkAclId: new("acl-1"), VpcId: new("vpc-1"), OwnerId: new("210987654321"), IsDefault: &isDefault,
		Associations: []types.NetworkAclAssociation{{NetworkAclAssociationId: new("aclassoc-1"), NetworkAclId: new("acl-1"), SubnetId: new("subnet-1")}},
		Entries: []types.NetworkAclEntry{
			{RuleNumber: new(int32(100)), Egress: new(false), Protocol: new("6"), RuleAction: "allow", CidrBlock: new("10.0.0.0/8"), PortRange: &types.PortRange{From: new(int32(22)), To: new(int32(23))}},
			{RuleNumber: new(int32(100)), Egress: new(true), Protocol: new("1"), RuleAction: "deny", CidrBlock: new("0.0.0.0/0"), IcmpTypeCode: &types.IcmpTypeCode{Type: new(int32(8)), Code: new(int32(-1))}},
			{RuleNumber: new(int32(101)), Egress: new(true), Protocol: new("-1"), RuleAction: "allow", Ipv6CidrBlock: new("::/0")},
			{RuleNumber: new(int32(32767)), Egress: new(false), Protocol: new("-1"), RuleAction: "deny", CidrBlock: new("0.0.0.0/0")},
			{RuleNumber: new(int32(32768)), Egress: new(true), Protocol: new("-1"), RuleAction: "deny", Ipv6CidrBlock: new("::/0")},
			{},
		}}
}

func TestAnACLsEntriesAreBlocksOfTheirDirection(t *testing.T) {
	a := acl(false)
	a.Entries = a.Entries[:5]
	o := objectsOf(t, "aws_network_acl", a)[0]
	block := func(no float64, action, protocol, v4, v6 string, from, to, typ, code float64) map[string]any {
		return map[string]any{"rule_no": no, "action": action, "protocol": protocol, "cidr_block": v4, "ipv6_cidr_block": v6,
			"from_port": from, "to_port": to, "icmp_type": typ, "icmp_code": code}
	}
	want := map[string][]any{
		"ingress": {block(100, "allow", "6", "10.0.0.0/8", "", 22, 23, 0, 0)},
		"egress":  {block(100, "deny", "1", "0.0.0.0/0", "", 0, 0, 8, -1), block(101, "allow", "-1", "", "::/0", 0, 0, 0, 0)},
	}
	for name, w := range want {
		if d := cmp.Diff(any(w), o.Attrs[name]); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	if o.Attrs.Text("arn") != "arn:aws:ec2:us-east-1:210987654321:network-acl/acl-1" || providers.Canon(o.Attrs["subnet_ids"]) != `["subnet-1"]` {
		t.Errorf("%v", o.Attrs)
	}
}

func TestAnACLsRulesAreToldApartByNumberAndDirection(t *testing.T) {
	k := kindOf(t, "aws_network_acl_rule").Kind
	var got []string
	for _, o := range objectsOf(t, "aws_network_acl_rule", acl(false)) {
		got = append(got, o.ID+" "+k.ImportIDOf(o.Attrs))
	}
	want := []string{"acl-1:100:false acl-1:100:6:false", "acl-1:100:true acl-1:100:1:true", "acl-1:101:true acl-1:101:-1:true", "acl-1:0:false "}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	state := providers.Attrs{"network_acl_id": "acl-1", "rule_number": 100.0, "egress": false, "protocol": "6"}
	if id := k.IdentityOf(state); id != "acl-1:100:false" {
		t.Errorf("the state's rule is %s", id)
	}
}

// The ids are those that the provider gave these rules on import.
func TestAnACLRulesStateIdIsTheProvidersHash(t *testing.T) {
	for want, a := range map[string]providers.Attrs{
		"nacl-2962797355": {"rule_number": 100.0, "egress": false, "protocol": "6"},
		"nacl-2564344867": {"rule_number": 110.0, "egress": true, "protocol": "6"},
		"nacl-569269592":  {"rule_number": 120.0, "egress": false, "protocol": "-1"},
		"nacl-1715160045": {"rule_number": 130.0, "egress": false, "protocol": "1"},
	} {
		a["network_acl_id"] = "acl-2d941631777e77b89"
		if got := networkACLRuleStateID(a); got != want {
			t.Errorf("%v has the id %s, want %s", a, got, want)
		}
	}
}

// A rule that was created has the hash of the configuration's spelling.
func TestAnACLRuleIsKnownByEverySpellingOfItsProtocol(t *testing.T) {
	k := kindOf(t, "aws_network_acl_rule").Kind
	a := providers.Attrs{"network_acl_id": "acl-412d847925fa2ab7a", "rule_number": 100.0, "egress": false, "protocol": "6"}
	if got, want := k.StateIDsOf(a), []string{"nacl-4210989510", "nacl-1951639254"}; !slices.Equal(got, want) {
		t.Errorf("ids %v, want %v", got, want)
	}
	a["protocol"] = "115"
	if got := k.StateIDsOf(a); len(got) != 1 {
		t.Errorf("a protocol that nobody names: %v", got)
	}
}

func TestOnlyTheDefaultACLIsTheDefaultACL(t *testing.T) {
	for _, isDefault := range []bool{true, false} {
		got := objectsOf(t, "aws_default_network_acl", acl(isDefault))
		if (len(got) == 1) != isDefault || (isDefault && got[0].Attrs["default_network_acl_id"] != "acl-1") {
			t.Errorf("default %v: %v", isDefault, got)
		}
		for _, typ := range []string{"aws_network_acl", "aws_network_acl_association"} {
			if got := objectsOf(t, typ, acl(isDefault)); len(got) != 1 || got[0].Implicit != isDefault {
				t.Errorf("default %v: %s %+v", isDefault, typ, got)
			}
		}
	}
}
