package html

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"reconcile/internal/plan"
	"reconcile/internal/printable"
)

func (v *view) questions(r *plan.Report, events map[string]string) {
	for n, q := range r.Questions {
		out := question{Anchor: fmt.Sprintf("q-%d", n+1), Type: clean(q.Type), ID: clean(q.ID), Text: clean(q.Text), Word: wordOf(string(plan.NodeQuestion)), Events: eventsOf(q.EventIDs, events)}
		for _, c := range q.Candidates {
			can := candidate{Address: clean(c.Address), Tells: printable.All(c.Tells), Name: "the answer " + clean(c.Address)}
			if c.Map != "" {
				can.Command = printable.Shell("--map", c.Map)
			}
			out.Candidates = append(out.Candidates, can)
		}
		v.Questions = append(v.Questions, out)
	}
}

func (v *view) steps(r *plan.Report, events map[string]string) {
	ops, types := map[string]bool{}, map[string]bool{}
	look := map[plan.Op]plan.FindingStatus{plan.Import: plan.Unrecorded, plan.StateRm: plan.GoneExplained, plan.Untaint: plan.Drifted, plan.StatePush: plan.Replaced}
	for _, a := range r.Actions {
		name := fmt.Sprintf("step %d", a.N)
		s := step{N: a.N, Anchor: fmt.Sprintf("step-%d", a.N), Op: clean(strings.ReplaceAll(string(a.Op), "_", " ")), Type: clean(a.Type), Address: clean(cmp.Or(a.Address, "the whole state")), ID: clean(a.ID),
			Why: clean(a.Why), IfSkipped: clean(a.IfSkipped), Was: clean(a.OldStateID), Becomes: clean(a.NewStateID), Word: wordOf(string(look[a.Op])), Needs: printable.All(a.Needs),
			Events: eventsOf(a.EventIDs, events), Releases: a.Releases && !a.Absorbed, Run: command{Command: printable.Shell(append([]string{"terraform"}, a.Argv...)...), Name: "the command of " + name}}
		if len(a.Undo) > 0 {
			s.Undo = command{Command: printable.Shell(append([]string{"terraform"}, a.Undo...)...), Name: "the undoing of " + name}
		}
		if a.Confirm != nil && len(a.Confirm.Argv) > 0 {
			s.Confirm = command{Command: printable.Shell(append([]string{"aws"}, a.Confirm.Argv...)...), Name: "the last look of " + name}
		}
		ops[s.Op], types[s.Type] = true, true
		v.Steps = append(v.Steps, s)
	}
	v.Ops, v.StepTypes = slices.Sorted(maps.Keys(ops)), slices.Sorted(maps.Keys(types))
}

func (v *view) findings(r *plan.Report, events map[string]string) {
	types, n := map[string]bool{}, map[string]int{}
	for i, f := range r.Findings {
		out := finding{Anchor: fmt.Sprintf("f-%d", i+1), Type: clean(f.Type), Name: clean(cmp.Or(f.Address, f.Type)), ID: clean(f.ID), OldID: clean(f.OldID), Reason: clean(f.Reason), By: clean(f.By),
			Word: wordOf(string(f.Status)), Events: eventsOf(f.EventIDs, events), Place: clean(strings.Trim(f.Account+" "+f.Region, " "))}
		if f.Deposed != "" {
			out.Name += " (deposed " + clean(f.Deposed) + ")"
		}
		for _, d := range f.Drift {
			out.Drift = append(out.Drift, plan.Drift{Attribute: clean(d.Attribute), State: clean(d.State), Live: clean(d.Live)})
		}
		if len(f.Delete) > 0 {
			out.Delete = command{Command: printable.Shell(append([]string{"aws"}, f.Delete...)...), Name: "the deletion of " + out.ID}
		}
		// Of what is recorded there is nothing more to say.
		out.More = f.Status != plan.InState || len(f.EventIDs) > 0
		types[out.Type] = true
		n[out.Word.Status]++
		v.Findings = append(v.Findings, out)
	}
	slices.SortStableFunc(v.Findings, func(a, b finding) int { return rank(a.Word.Status) - rank(b.Word.Status) })
	v.Types = slices.Sorted(maps.Keys(types))
	v.Statuses = countedWords(n)
}

func countedWords(n map[string]int) []counted {
	var out []counted
	for _, w := range words() {
		if n[w.Status] > 0 {
			out = append(out, counted{w, n[w.Status], w.Status == string(plan.InState) || w.Status == string(plan.NodeBeside)})
		}
	}
	return out
}

func (v *view) pictures(r *plan.Report) {
	ms, _ := momentsOf(r)
	for _, e := range entries(ms) {
		e.Text = clean(e.Text)
		v.Entries = append(v.Entries, e)
	}
	for _, size := range sizes() {
		v.Timelines = append(v.Timelines, timelineFor(r, size.name, size.width))
	}
	if r.Topology == nil || len(r.Topology.Nodes) == 0 {
		return
	}
	v.Omitted = r.Topology.Omitted
	n := map[string]int{}
	for _, node := range r.Topology.Nodes {
		n[wordOf(string(node.Status)).Status] += max(1, node.Count)
	}
	v.Legend = countedWords(n)
	href := hrefs(r)
	for _, size := range sizes() {
		v.Maps = append(v.Maps, mapFor(r.Topology, grow(r.Topology, href), size.name, size.width, size.columns))
	}
}
