package plan

import (
	"slices"
	"strings"
	"testing"

	"reconcile/internal/wanted"
	"reconcile/providers"
)

// ruleOfRanges is a kind of which an instance stands for a rule a range.
var ruleOfRanges = providers.Kind{
	Type: "aws_rule", Identity: "{group}_{ranges}", Import: "{group}_{ranges}", Facet: true, Fixed: []string{"group", "cidr_blocks"}, Telling: []string{"cidr_blocks"},
	Events: created("Authorize"), Confirm: confirm, IfSkipped: "InvalidPermission.Duplicate",
	Parts: func(a providers.Attrs) []providers.Attrs {
		var out []providers.Attrs
		list, _ := a["cidr_blocks"].([]any)
		for _, cidr := range list {
			out = append(out, providers.Attrs{"group": a["group"], "cidr_blocks": []any{cidr}, "ranges": cidr})
		}
		return out
	},
	Whole: func(parts []providers.Attrs) providers.Attrs {
		out := providers.Attrs{}
		var list []any
		var texts []string
		for _, p := range parts {
			out["group"] = p["group"]
			list = append(list, p["cidr_blocks"].([]any)...)
			texts = append(texts, p.Text("ranges"))
		}
		slices.Sort(texts)
		out["cidr_blocks"], out["ranges"] = list, strings.Join(texts, "_")
		return out
	},
}

// The old rule's range is there again as part of the new rule: a last look at the
// old one would find it, and the next apply would authorize what is there.
func TestRulesThatWereMadeAgainWithOthersKeepTheirAddress(t *testing.T) {
	const a, b = "10.1.0.0/16", "10.2.0.0/16"
	for name, c := range map[string]struct {
		wants []any
		want  string
	}{
		"the address wants them":     {[]any{a, b}, "state_rm aws_rule.x sg-1_10.1.0.0/16; import aws_rule.x sg-1_10.1.0.0/16_10.2.0.0/16"},
		"the address wants others":   {[]any{a, "10.3.0.0/16"}, ""},
		"the address wants one only": {[]any{b}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIncident()
			i.kinds = append(slices.Clone(kinds), ruleOfRanges)
			i.reading.Inventory.Coverage = append(i.reading.Inventory.Coverage, providers.Coverage{Type: "aws_rule", Place: west, Status: providers.Read})
			i.recorded("aws_rule.x", "", attrs("id", "hash", "group", "sg-1", "cidr_blocks", []any{a}))
			i.wanted("aws_rule.x", wanted.Replace, "hash", "group", "sg-1", "cidr_blocks", c.wants)
			i.event("ci", 1, "Deleted aws_rule sg-1_"+a)
			i.event("ci", 2, "Created aws_rule sg-1_"+a)
			own := i.reading.Trail.Own
			own[len(own)-1].Mutations = append(own[len(own)-1].Mutations, providers.Mutation{Type: "aws_rule", ID: "sg-1_" + b, Role: providers.Created})
			for _, cidr := range []string{a, b} {
				i.live("aws_rule", "sg-1_"+cidr, attrs("group", "sg-1", "cidr_blocks", []any{cidr}, "ranges", cidr))
			}
			r := i.build()
			if got := actions(r); got != c.want {
				t.Fatalf("%q, want %q", got, c.want)
			}
			if c.want == "" {
				if len(r.Questions) == 0 || r.Verdict != NeedsPerson {
					t.Errorf("%s, questions %+v", r.Verdict, r.Questions)
				}
				return
			}
			if rm := r.Actions[0]; !rm.Releases || !rm.Absorbed || rm.Confirm != nil {
				t.Errorf("the removal: %+v", rm)
			}
			for _, f := range r.Findings {
				if f.Status == Leftover || len(f.Delete) > 0 {
					t.Errorf("a rule that is there for the new one is to be deleted: %+v", f)
				}
			}
		})
	}
}
