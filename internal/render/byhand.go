package render

import (
	"al.essio.dev/pkg/shellescape"

	"reconcile/internal/plan"
)

// leftovers shows how a person deletes what the run left alive and without an
// address, for the time after the next apply. Nothing runs it.
func (t *page) leftovers(r *plan.Report) {
	var lines []string
	for _, f := range r.Findings {
		if f.Status == plan.Leftover && len(f.Delete) > 0 && f.Ignored == "" {
			lines = append(lines, "aws "+shellescape.QuoteCommand(f.Delete))
		}
	}
	if len(lines) == 0 {
		return
	}
	t.heading("left behind, alive: delete by hand after the next apply")
	for i, line := range lines {
		if i == t.most(maxFindings) {
			t.more(len(lines) - i)
			break
		}
		t.whole("", "  "+line)
	}
}

// answers shows what to type for each candidate that an answer can settle.
func (t *page) answers(q plan.Question) {
	shown := 0
	for _, c := range q.Candidates {
		if c.Map == "" {
			continue
		}
		if shown == t.most(maxCandidates) {
			break // the table has said how many more there are
		}
		shown++
		t.whole("", "     --map "+shellescape.Quote(c.Map))
	}
}
