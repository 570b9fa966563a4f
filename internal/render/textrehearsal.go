package render

import (
	"fmt"

	"reconcile/internal/plan"
)

// rehearsal says what became of the steps on a copy.
func (t *page) rehearsal(r *plan.Report) {
	h := r.Rehearsal
	if h == nil {
		return
	}
	t.heading(fmt.Sprintf("rehearsed %s with %s, serial %d", stamp(h.At), h.Terraform, h.Serial))
	switch {
	case h.Passed:
		t.line(green, fmt.Sprintf("  passed: %s on a copy", count(h.Steps, "step")))
	default:
		t.prose(red, "  FAILED: ", h.WhyNot)
	}
	changes := func(colour, text string, all []plan.Change) {
		for i, c := range all {
			if i == t.most(maxSentences) {
				t.more(len(all) - i)
				break
			}
			t.prose(colour, "  - ", fmt.Sprintf(text, c.Action, c.Address))
		}
	}
	changes(red, "terraform plan would %s what was reconciled or is alive: %s", h.Found)
	if h.Passed {
		t.prose("", "  ", fmt.Sprintf("terraform plan will then create %d, update %d, destroy %d: the rest of the interrupted apply", h.Create, h.Update, h.Destroy))
	}
	changes("", "and %s in place: %s", h.Updates)
}
