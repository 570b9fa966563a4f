package plan

import (
	"slices"
	"testing"

	"reconcile/internal/diff"
	"reconcile/internal/wanted"
)

func TestWhatAnotherResourceMayHaveAskedForInlineIsNotAlone(t *testing.T) {
	for name, c := range map[string]struct {
		vpc   func(*wanted.Instance)
		had   any
		alone bool
	}{
		"the VPC does not ask":     {func(*wanted.Instance) {}, nil, true},
		"it leaves that to AWS":    {func(w *wanted.Instance) { w.Unknown, w.Unset = append(w.Unknown, "ipv6"), []string{"ipv6"} }, nil, true},
		"it says no":               {func(w *wanted.Instance) { w.Values["ipv6"] = wanted.Value{Known: false} }, nil, true},
		"it asks":                  {func(w *wanted.Instance) { w.Values["ipv6"] = wanted.Value{Known: true} }, false, false},
		"it had asked before":      {func(w *wanted.Instance) { w.Values["ipv6"] = wanted.Value{Known: true} }, true, true},
		"it asks by an expression": {func(w *wanted.Instance) { w.Unknown = append(w.Unknown, "ipv6") }, false, false},
		"it refers to what an address will have": {func(w *wanted.Instance) {
			w.Values["ipv6"] = wanted.Value{OneOf: []wanted.Target{{Address: "aws_x.y", Attr: "id"}}}
		}, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIncident()
			i.kinds = slices.Clone(kinds)
			i.kinds[0].Inline = map[string][]string{"ipv6": {"aws_range"}}
			i.recorded("aws_vpc.a", "", attrs("id", "vpc-1", "cidr_block", "10.0.0.0/16", "ipv6", c.had))
			c.vpc(i.wanted("aws_vpc.a", wanted.Update, "vpc-1", "cidr_block", "10.0.0.0/16"))
			in := i.input()
			b := &builder{in: in, diff: diff.Compare(in.Subject, in.Reading)}
			if got := b.alone("aws_range"); got != c.alone {
				t.Errorf("alone %v", got)
			}
			if !b.alone("aws_other") {
				t.Error("a type that nothing spells inline is not alone")
			}
		})
	}
}
