package ec2

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// TestOnlyARuleThatAWSMakesWithAGroupIsTheGroups fails when a rule that a call
// of its own made is taken for the one that a new group begins with.
func TestOnlyARuleThatAWSMakesWithAGroupIsTheGroups(t *testing.T) {
	rule := func(change func(*types.SecurityGroupRule)) types.SecurityGroupRule {
		r := types.SecurityGroupRule{GroupId: new("sg-1"), IsEgress: new(true), IpProtocol: new("-1"), CidrIpv4: new("0.0.0.0/0")}
		change(&r)
		return r
	}
	for name, c := range map[string]struct {
		change func(*types.SecurityGroupRule)
		with   string
	}{
		"out to everywhere":     {func(*types.SecurityGroupRule) {}, "sg-1"},
		"out to everywhere, v6": {func(r *types.SecurityGroupRule) { r.CidrIpv4, r.CidrIpv6 = nil, new("::/0") }, "sg-1"},
		"in":                    {func(r *types.SecurityGroupRule) { r.IsEgress = new(false) }, ""},
		"out to some":           {func(r *types.SecurityGroupRule) { r.CidrIpv4 = new("10.0.0.0/8") }, ""},
		"one protocol":          {func(r *types.SecurityGroupRule) { r.IpProtocol = new("tcp") }, ""},
		"somebody described it": {func(r *types.SecurityGroupRule) { r.Description = new("all") }, ""},
		"somebody tagged it":    {func(r *types.SecurityGroupRule) { r.Tags = []types.Tag{{Key: new("a"), Value: new("b")}} }, ""},
	} {
		if got := withGroup(rule(c.change)); got != c.with {
			t.Errorf("%s: with %q, want %q", name, got, c.with)
		}
	}
}
