package render

import (
	"cmp"
	"strings"

	"reconcile/internal/plan"
)

// ignoring says how many findings and questions a rule leaves alone, "" for none.
func ignoring(r *plan.Report, lead string) string {
	var parts []string
	if n := r.Ignored(); n > 0 {
		parts = append(parts, count(n, "finding"))
	}
	if n := len(r.IgnoredQuestions); n > 0 {
		parts = append(parts, count(n, "question"))
	}
	if len(parts) == 0 {
		return ""
	}
	return lead + strings.Join(parts, " and ") + " ignored"
}

// ignoredQuestions are those that nobody is asked, a sentence each.
func ignoredQuestions(r *plan.Report) []string {
	var out []string
	for _, q := range r.IgnoredQuestions {
		out = append(out, "A question about "+strings.TrimSpace(q.Type+" "+q.ID)+" is ignored by a rule ("+q.Ignored+"): "+q.Text)
	}
	return out
}

// ignored lists what the rules leave alone, and why: an old rule must not hide
// a new incident.
func (t *page) ignored(r *plan.Report) {
	var rows [][]string
	for _, f := range r.Findings {
		if f.Ignored != "" {
			rows = append(rows, []string{string(f.Status), cmp.Or(f.Address, f.Type+" "+f.ID) + deposed(f.Deposed), f.Ignored})
		}
	}
	for _, q := range r.IgnoredQuestions {
		rows = append(rows, []string{"question", strings.TrimSpace(q.Type + " " + q.ID), q.Ignored})
	}
	if len(rows) == 0 {
		return
	}
	where := "a rule"
	if r.Settings != nil && r.Settings.Source != "" {
		where = r.Settings.Source
	}
	t.heading("ignored by " + where)
	t.table(rows, t.most(maxFindings), func(int) string { return faint })
}
