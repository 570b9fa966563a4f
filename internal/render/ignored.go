package render

import (
	"cmp"

	"reconcile/internal/plan"
)

// ignoring says how many findings a rule leaves alone, "" for none.
func ignoring(r *plan.Report, lead string) string {
	if n := r.Ignored(); n > 0 {
		return lead + count(n, "finding") + " ignored"
	}
	return ""
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
