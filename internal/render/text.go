package render

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"reconcile/internal/plan"
)

// How many rows of a table are shown before the rest is only counted.
const (
	maxActions    = 20
	maxFindings   = 12
	maxQuestions  = 5
	maxCandidates = 4
	maxSentences  = 8
)

// Text writes the summary that a terminal shows: the verdict first, the next
// command last. Instances that are in sync are only counted.
func Text(w io.Writer, r *plan.Report, o Options) error {
	t := fitted(o, func(t *page) {
		t.verdict(r)
		t.incomplete(r)
		t.facts(r)
		t.counts(r)
		t.findings(r)
		t.leftovers(r)
		t.actions(r)
		t.held(r)
		t.ignored(r)
		t.questions(r)
		t.sentences("also", r.Notes)
		t.rehearsal(r)
		t.execution(r)
		t.shortened()
		t.next(r)
	})
	if _, err := w.Write(t.b.Bytes()); err != nil {
		return fmt.Errorf("writing the summary: %w", err)
	}
	return nil
}

func (t *page) verdict(r *plan.Report) {
	mark := func(symbol string) string {
		switch {
		case t.o.Colour && t.o.ASCII:
			return "* "
		case t.o.Colour:
			return symbol + " "
		}
		return ""
	}
	switch r.Verdict {
	case plan.InSync:
		t.line(green, mark("✔")+"in sync: the state says what AWS has"+ignoring(r, ", but for what a rule ignores: "))
	case plan.HasActions:
		t.line(yellow, mark("●")+count(len(r.Actions), "step")+" to make the state say what AWS has"+ignoring(r, "; "))
	case plan.NeedsPerson:
		t.line(red, mark("✘")+"a person must look: "+needs(r)+ignoring(r, "; "))
	default:
		t.line(red, "verdict: "+string(r.Verdict))
	}
}

// needs says what only a person can settle.
func needs(r *plan.Report) string {
	var why []string
	if len(r.Incomplete) > 0 {
		why = append(why, "the reading is incomplete")
	}
	if n := len(r.Questions); n > 0 {
		why = append(why, count(n, "question"))
	}
	if n := len(r.Held); n > 0 {
		why = append(why, count(n, "removal")+" held back")
	}
	tally := tally(r)
	for _, s := range []plan.FindingStatus{plan.PendingObject, plan.Unknown} {
		if tally[s] > 0 {
			why = append(why, fmt.Sprintf("%d %s", tally[s], s))
		}
	}
	if n := len(r.Actions); n > 0 {
		why = append(why, count(n, "step")+" planned")
	}
	if len(why) == 0 {
		return "see the notes"
	}
	return strings.Join(why, ", ")
}

func (t *page) incomplete(r *plan.Report) {
	if len(r.Incomplete) == 0 {
		return
	}
	t.gap()
	t.line(red, "*** INCOMPLETE: not everything could be seen ***")
	for i, why := range r.Incomplete {
		if i == t.few(maxSentences) {
			t.more(len(r.Incomplete) - i)
			break
		}
		t.prose(red, "  - ", why)
	}
	t.prose(red, "  ", "What is missing here is not known to be absent. The script refuses without --accept-incomplete.")
}

func (t *page) facts(r *plan.Report) {
	t.gap()
	fact := func(name, value string) {
		if value != "" && (t.dense == 0 || slices.Contains([]string{"incident", "state", "lock"}, name)) {
			t.prose("", "  "+pad(name, 10), value)
		}
	}
	fact("incident", r.Incident)
	fact("caller", strings.TrimSpace(r.Caller.ARN+" "+r.Caller.Account))
	fact("state", stateLine(r.State))
	fact("lock", lockLine(r))
	fact("session", sessionLine(r.Session))
	fact("window", windowLine(r.Window))
	fact("trail", trailLine(r.Trail))
	done := 0
	for _, c := range r.Coverage {
		if c.Status == "read" {
			done++
		}
	}
	if len(r.Coverage) > 0 {
		fact("read", fmt.Sprintf("%d of %s complete", done, count(len(r.Coverage), "listing")))
	}
}

func stateLine(s plan.State) string {
	if s.Format == "none" {
		return "none: a first apply"
	}
	return fmt.Sprintf("serial %d, lineage %s, %s, from %s", s.Serial, cmp.Or(s.Lineage, "not told"), count(s.Instances, "instance"), s.Source)
}

func lockLine(r *plan.Report) string {
	l := r.Lock
	switch l.Status {
	case "held":
		return fmt.Sprintf("HELD %s by %s since %s (%s, %s)", l.ID, cmp.Or(l.Who, "not told"), stamp(l.Created), l.Operation, l.Form)
	case "none":
		return "none is held"
	}
	return strings.TrimSpace("not known: " + l.Error)
}

func sessionLine(s plan.Session) string {
	line := strings.TrimSpace(s.Role + " " + s.Name)
	if s.How == "" {
		return strings.TrimSpace(line + " (not singled out)")
	}
	return line + " (" + s.How + ")"
}

func windowLine(w plan.Window) string {
	return fmt.Sprintf("%s (%s) to %s (%s)", stamp(w.Since), w.SinceSource, stamp(w.Until), w.UntilSource)
}

func trailLine(tr plan.Trail) string {
	if tr.Source == "" {
		return "none was read"
	}
	line := fmt.Sprintf("%s, %s: %d calls of the session, %d refused, %d of others", tr.Source, strings.Join(tr.Regions, " "),
		tr.Counts.Own, tr.Counts.Refused, tr.Counts.Others)
	if tr.Complete {
		return line + "; complete until " + stamp(tr.CompleteUntil)
	}
	return line + "; NOT complete"
}

// statuses in the order in which a reader cares.
func statuses() []plan.FindingStatus {
	return []plan.FindingStatus{
		plan.InState, plan.Drifted, plan.Unrecorded, plan.GoneExplained, plan.GoneUnexplained, plan.Replaced,
		plan.PendingObject, plan.Leftover, plan.Foreign, plan.Unknown,
	}
}

func tally(r *plan.Report) map[plan.FindingStatus]int {
	n := map[plan.FindingStatus]int{}
	for _, f := range r.Findings {
		n[f.Status]++
	}
	return n
}

func (t *page) counts(r *plan.Report) {
	n := tally(r)
	var parts []string
	for _, s := range statuses() {
		if n[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[s], s))
		}
	}
	if len(parts) > 0 {
		t.prose("", "  "+pad("findings", 10), strings.Join(parts, ", "))
	}
}

// findings lists what no step and no question speaks of.
func (t *page) findings(r *plan.Report) {
	spoken := map[string]bool{}
	for _, a := range r.Actions {
		spoken[a.Address] = true
	}
	for _, q := range r.Questions {
		spoken[q.Type+" "+q.ID] = true
	}
	var rows [][]string
	order := statuses()
	for _, s := range order {
		if s == plan.InState || s == plan.Drifted || s == plan.Foreign {
			continue
		}
		for _, f := range r.Findings {
			if f.Ignored != "" || f.Status != s || (f.Address != "" && spoken[f.Address]) || spoken[f.Type+" "+f.ID] {
				continue
			}
			rows = append(rows, []string{string(s), cmp.Or(f.Address, f.Type) + deposed(f.Deposed), f.ID})
		}
	}
	if len(rows) == 0 {
		return
	}
	t.heading("no step for these, and why is in report.json")
	t.table(rows, t.most(maxFindings), plain)
}

func deposed(key string) string {
	if key == "" {
		return ""
	}
	return " (deposed " + key + ")"
}

func (t *page) actions(r *plan.Report) {
	if len(r.Actions) == 0 {
		return
	}
	t.heading("steps, in this order")
	rows := make([][]string, len(r.Actions))
	for i, a := range r.Actions {
		op := strings.ReplaceAll(string(a.Op), "_", " ")
		switch {
		case a.Absorbed:
			op += " (absorbed)"
		case a.Releases:
			op += " (ALIVE)"
		}
		rows[i] = []string{fmt.Sprintf("%*d", len(fmt.Sprint(len(r.Actions))), a.N), op, cmp.Or(a.Address, erroredFile), a.ID}
	}
	t.table(rows, t.mostSteps(), func(i int) string {
		if r.Actions[i].Op == plan.StateRm {
			return yellow
		}
		return ""
	})
}

func (t *page) held(r *plan.Report) {
	if len(r.Held) == 0 {
		return
	}
	t.heading("removals that wait for --allow-mass-removal")
	rows := make([][]string, len(r.Held))
	for i, address := range r.Held {
		rows[i] = []string{" ", address}
	}
	t.table(rows, t.most(maxFindings), func(int) string { return red })
}

func (t *page) questions(r *plan.Report) {
	if len(r.Questions) == 0 {
		return
	}
	t.heading("questions for a person")
	for i, q := range r.Questions {
		if i == t.most(maxQuestions) {
			t.more(len(r.Questions) - i)
			break
		}
		t.prose(yellow, "  ? ", strings.TrimSpace(q.Type+" "+q.ID+": "+q.Text))
		var rows [][]string
		for _, c := range q.Candidates {
			rows = append(rows, []string{"   ", c.Address, strings.Join(c.Tells, "; ")})
		}
		t.table(rows, t.most(maxCandidates), plain)
		t.answers(q)
	}
}

func (t *page) sentences(name string, all []string) {
	if len(all) == 0 {
		return
	}
	t.heading(name)
	t.items("", all)
}

// items lists sentences, as many as there is room for.
func (t *page) items(colour string, all []string) {
	for i, s := range all {
		if i == t.few(maxSentences) {
			t.more(len(all) - i)
			break
		}
		t.prose(colour, "  - ", s)
	}
}
