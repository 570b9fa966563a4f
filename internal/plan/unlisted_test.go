package plan

import (
	"strings"
	"testing"

	"reconcile/internal/wanted"
)

// An object that fits one address alone is not its, as long as there may be
// others that it fits.
func TestAnObjectThatMayBelongWhereNobodyKnowsIsAQuestion(t *testing.T) {
	for _, c := range []struct {
		name     string
		unlisted string
		imports  bool
	}{{"all addresses are known", "", true}, {"another type may have more", "aws_route_table.t[?]", true}, {"the type may have more", "aws_vpc.b[?]", false}} {
		t.Run(c.name, func(t *testing.T) {
			i := newIncident()
			i.wanted("aws_vpc.a", wanted.Create, "", "cidr_block", "10.0.0.0/16")
			if c.unlisted != "" {
				typ, name, _ := split(strings.TrimSuffix(c.unlisted, "[?]"))
				i.want.Unlisted = []wanted.Instance{{Address: c.unlisted, Type: typ, Name: name, ProviderKey: "aws", Source: source, Action: wanted.Create, Unknown: []string{"id"}}}
			}
			i.made(1, "aws_vpc", "vpc-1", attrs("cidr_block", "10.0.0.0/16", "owner_id", account))
			i.live("aws_vpc", "vpc-9", attrs("cidr_block", "10.7.0.0/16", "owner_id", account)) // nobody's, and no question
			r := i.build()
			if imports := len(r.Actions) == 1; imports != c.imports || imports == (len(r.Questions) == 1) {
				t.Errorf("%d actions, %d questions: %+v", len(r.Actions), len(r.Questions), r.Findings)
			}
		})
	}
}

func TestNothingIsImportedWhereAModuleWasNotRead(t *testing.T) {
	i := newIncident()
	i.made(1, "aws_vpc", "vpc-1", attrs("cidr_block", "10.0.0.0/16", "owner_id", account))
	i.want.Missing = []string{"module/m is not evaluated: it is not in .terraform/modules: run terraform init."}
	i.wanted("aws_vpc.a", wanted.Create, "", "cidr_block", "10.0.0.0/16")
	i.made(2, "aws_vpc", "vpc-2", attrs("cidr_block", "10.9.0.0/16", "owner_id", account))
	r := i.build()
	if len(r.Actions) != 0 || len(r.Questions) != 2 || r.Findings[0].Status != Unrecorded || !strings.Contains(r.Questions[0].Text, "it fits 2 addresses") {
		t.Errorf("%+v %+v", r.Questions, r.Findings)
	}
	i.want.Missing = nil
	if r := i.build(); len(r.Questions) != 0 || len(r.Actions) != 1 {
		t.Errorf("with all addresses: %+v %+v", r.Questions, r.Findings)
	}
}
