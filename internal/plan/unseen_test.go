package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"reconcile/internal/wanted"
	"reconcile/providers"
)

// TestAnAccountThatNobodySawIsNotComplete fails when an apply that was to make
// things in an account without credentials is told as in sync: they may be
// there, and the next apply makes them a second time.
func TestAnAccountThatNobodySawIsNotComplete(t *testing.T) {
	const spoke = "222222222222"
	for name, c := range map[string]struct {
		role    string
		further []string
		count   int
		action  wanted.Action
		want    string
	}{
		"no credentials":    {"arn:aws:iam::" + spoke + ":role/deployer", nil, 1, wanted.Create, "not seen: aws_vpc.a[0] in account " + spoke + ", of which there are no credentials"},
		"many":              {"arn:aws:iam::" + spoke + ":role/deployer", nil, 12, wanted.Create, "aws_vpc.a[7] and 2 more in account " + spoke},
		"role not known":    {"", nil, 1, wanted.Create, "not seen: aws_vpc.a[0]: the account of the provider cannot be told"},
		"with credentials":  {"arn:aws:iam::" + spoke + ":role/deployer", []string{spoke}, 1, wanted.Create, ""},
		"the caller's own":  {"arn:aws:iam::" + account + ":role/deployer", nil, 1, wanted.Create, ""},
		"it was to be gone": {"arn:aws:iam::" + spoke + ":role/deployer", nil, 1, wanted.Delete, ""},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIncident()
			i.want.Providers["aws.spoke"] = wanted.Provider{Source: source, Alias: "spoke", Region: west.Region, RegionSet: true, RoleSet: true, AssumeRole: c.role}
			for n := range c.count {
				i.wanted(fmt.Sprintf("aws_vpc.a[%d]", n), c.action, "", "cidr_block", "10.0.0.0/16").ProviderKey = "aws.spoke"
			}
			i.reading.Further = c.further
			if c.further != nil {
				i.reading.Inventory.Coverage = append(i.reading.Inventory.Coverage, providers.Coverage{Type: "aws_vpc", Place: providers.Place{Account: spoke, Region: west.Region}, Status: providers.Read})
			}
			r := Build(i.input())
			if c.want == "" {
				if len(r.Incomplete) > 0 || r.Verdict != InSync {
					t.Errorf("%s, incomplete %q", r.Verdict, r.Incomplete)
				}
				return
			}
			if !slices.ContainsFunc(r.Incomplete, func(s string) bool { return strings.Contains(s, c.want) }) || r.Verdict != NeedsPerson {
				t.Errorf("%s, incomplete %q, want %q", r.Verdict, r.Incomplete, c.want)
			}
		})
	}
}
