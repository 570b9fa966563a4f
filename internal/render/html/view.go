package html

import (
	"cmp"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
	"time"

	"reconcile/internal/plan"
	"reconcile/internal/printable"
	"reconcile/providers"
)

// view is everything that the template shows, cleaned: nothing in it is hidden
// from the eye.
type view struct {
	Policy                                     string
	Style                                      template.CSS
	Script                                     template.JS
	Incident, Verdict, VerdictSign, Made, Tool string
	Account                                    string
	Story                                      Story
	Next                                       []command
	Parts                                      []anchor
	Incomplete, MoreIncomplete                 []string
	Unseen, MoreUnseen, Notes, MoreNotes, Held []string
	Timelines, Maps                            []picture
	Entries                                    []entry
	Legend, Statuses                           []counted
	Omitted, Read                              int
	Questions                                  []question
	Steps                                      []step
	Ops, StepTypes, Types, Outcomes            []string
	Findings                                   []finding
	Coverage                                   []listing
	Calls                                      []call
	Files                                      []plan.FileHash
	Answers                                    []plan.Answer
	Rehearsal                                  *rehearsal
	Execution                                  *execution
}

type anchor struct {
	ID, Title string
	Count     int
}

type counted struct {
	word
	Count int
	Calm  bool // not shown until asked for
}

// command is a command with what it is called by a screen reader.
type command struct {
	Say, Command, Name string
}

type event struct{ ID, Href string }

type question struct {
	Anchor, Type, ID, Text string
	Word                   word
	Candidates             []candidate
	Events                 []event
}

type candidate struct {
	Address, Command, Name string
	Tells                  []string
}

type step struct {
	N                             int
	Anchor, Op, Type, Address, ID string
	Why, IfSkipped, Was, Becomes  string
	Word                          word
	Run, Undo, Confirm            command
	Needs                         []string
	Events                        []event
	Releases                      bool
}

type finding struct {
	Anchor, Type, Name, ID, OldID, Reason, By, Place string
	Word                                             word
	Drift                                            []plan.Drift
	Delete                                           command
	Events                                           []event
	More                                             bool
}

type listing struct {
	Kind, Place, Action, Status, Error string
	Objects                            int
}

type call struct {
	Anchor, Time, Name, Outcome, What, Event string
}

type rehearsal struct {
	Passed         bool
	Text           string
	Found, Updates []string
}

type execution struct {
	Text               string
	Left, Seen, Unlock []string
}

func clean(s string) string { return printable.Clean(s) }

// some are the first of a list, and the rest.
func some(in []string, most int) (first, rest []string) {
	in = printable.All(in)
	if len(in) > most+1 {
		return in[:most], in[most:]
	}
	return in, nil
}

func viewOf(r *plan.Report, s Story) view {
	v := view{Incident: cmp.Or(clean(r.Incident), "an incident without a name"), Verdict: string(r.Verdict), VerdictSign: map[plan.Verdict]string{plan.InSync: "✓", plan.HasActions: "●"}[r.Verdict],
		Made: moment1(r.GeneratedAt), Tool: clean(strings.TrimSpace(r.Tool.Name + " " + r.Tool.Version)), Account: cmp.Or(clean(r.Caller.Account), "not told"),
		Held: printable.All(r.Held), Files: cleanFiles(r.Guard.Files)}
	v.VerdictSign = cmp.Or(v.VerdictSign, "!")
	v.Story = Story{Verdict: clean(s.Verdict), Happened: printable.All(s.Happened), Risks: printable.All(s.Risks)}
	for _, f := range s.Facts {
		v.Story.Facts = append(v.Story.Facts, Fact{clean(f.Name), clean(f.Value)})
	}
	for i, n := range s.Next {
		v.Next = append(v.Next, command{Say: clean(n.Say), Command: clean(n.Command), Name: fmt.Sprintf("command %d of what to do next", i+1)})
	}
	v.Incomplete, v.MoreIncomplete = some(r.Incomplete, 8)
	v.Unseen, v.MoreUnseen = some(s.Unseen, 12)
	v.Notes, v.MoreNotes = some(r.Notes, 8)
	events := v.calls(r)
	v.questions(r, events)
	v.steps(r, events)
	v.findings(r, events)
	v.pictures(r)
	v.coverage(r)
	v.after(r)
	for _, a := range r.Answers {
		v.Answers = append(v.Answers, plan.Answer{Address: clean(a.Address), Type: clean(a.Type), ID: clean(a.ID)})
	}
	v.parts()
	return v
}

func moment1(t time.Time) string {
	if t.IsZero() {
		return "at a time not told"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

func cleanFiles(in []plan.FileHash) []plan.FileHash {
	var out []plan.FileHash
	for _, f := range in {
		out = append(out, plan.FileHash{Path: clean(f.Path), SHA256: clean(f.SHA256)})
	}
	return out
}

func (v *view) parts() {
	add := func(id, title string, n int, there bool) {
		if there {
			v.Parts = append(v.Parts, anchor{id, title, n})
		}
	}
	add("happened", "What happened", 0, true)
	add("next", "Next", 0, true)
	add("risks", "Risks", 0, true)
	add("timeline", "Timeline", 0, true)
	add("network", "Network", 0, true)
	add("questions", "Questions", len(v.Questions), len(v.Questions) > 0)
	add("steps", "Steps", len(v.Steps), true)
	add("findings", "Findings", len(v.Findings), true)
	add("coverage", "Coverage", 0, true)
	add("calls", "Calls", len(v.Calls), len(v.Calls) > 0)
	add("rehearsal", "Rehearsal", 0, v.Rehearsal != nil)
	add("execution", "Afterwards", 0, v.Execution != nil)
	add("particulars", "Particulars", 0, true)
}

// calls are the run's calls; it returns where an event is told.
func (v *view) calls(r *plan.Report) map[string]string {
	href := map[string]string{}
	outcomes := map[string]bool{}
	for n, m := range r.Mutations {
		c := call{Anchor: fmt.Sprintf("call-%d", n+1), Time: m.Time.UTC().Format("2006-01-02 15:04:05"), Name: clean(m.Name), Outcome: clean(strings.ReplaceAll(m.Outcome, "_", " ")),
			Event: clean(m.EventID), What: clean(cmp.Or(m.Address, idOf(m)))}
		outcomes[c.Outcome] = true
		if _, taken := href[m.EventID]; !taken {
			href[m.EventID] = "#" + c.Anchor
		}
		v.Calls = append(v.Calls, c)
	}
	v.Outcomes = slices.Sorted(maps.Keys(outcomes))
	return href
}

func idOf(m plan.Accounted) string {
	best := ""
	for _, e := range m.Mutations {
		if best == "" || e.Role != providers.Changed {
			best = e.ID
		}
	}
	return best
}

func eventsOf(ids []string, href map[string]string) []event {
	var out []event
	for _, id := range ids {
		out = append(out, event{clean(id), href[id]})
	}
	return out
}

// hrefs are where the nodes of the map are told: the question before the
// finding.
func hrefs(r *plan.Report) map[string]string {
	out := map[string]string{}
	for i, f := range r.Findings {
		for _, k := range []string{f.Type + " " + f.ID, f.Type + " " + f.OldID} {
			if out[k] == "" {
				out[k] = fmt.Sprintf("#f-%d", i+1)
			}
		}
	}
	for i, q := range r.Questions {
		out[q.Type+" "+q.ID] = fmt.Sprintf("#q-%d", i+1)
	}
	return out
}

// size is a width that the pictures are drawn for. The style shows the one
// that fits.
type size struct {
	name           string
	width, columns int
}

func sizes() []size { return []size{{"small", 340, 1}, {"medium", 690, 1}, {"large", 1120, 2}} }

func (v *view) coverage(r *plan.Report) {
	for _, c := range r.Coverage {
		if c.Status == providers.Read {
			v.Read++
		}
		v.Coverage = append(v.Coverage, listing{Kind: clean(c.Type), Place: clean(strings.TrimSpace(c.Place.Account + " " + c.Place.Region)), Action: clean(c.Action),
			Status: clean(strings.ReplaceAll(string(c.Status), "_", " ")), Error: clean(c.Error), Objects: c.Objects})
	}
	// What is not complete comes first.
	slices.SortStableFunc(v.Coverage, func(a, b listing) int {
		read := map[bool]int{true: 1}
		return read[a.Status == "read"] - read[b.Status == "read"]
	})
}

func (v *view) after(r *plan.Report) {
	if h := r.Rehearsal; h != nil {
		v.Rehearsal = &rehearsal{Passed: h.Passed, Text: clean(fmt.Sprintf("At %s with %s, on a copy of serial %d: %d steps. terraform plan would then create %d, update %d and destroy %d.",
			moment1(h.At), h.Terraform, h.Serial, h.Steps, h.Create, h.Update, h.Destroy))}
		if h.WhyNot != "" {
			v.Rehearsal.Text += " " + clean(h.WhyNot)
		}
		for _, c := range h.Found {
			v.Rehearsal.Found = append(v.Rehearsal.Found, clean(c.Action+" "+c.Address))
		}
		for _, c := range h.Updates {
			v.Rehearsal.Updates = append(v.Rehearsal.Updates, clean(c.Address))
		}
	}
	x := r.Execution
	if x != nil {
		text := "something is left"
		if x.Clean {
			text = "nothing is left to do"
		}
		v.Execution = &execution{Text: fmt.Sprintf("Compared again at %s, serial %d of the state: %s.", moment1(x.VerifiedAt), x.Serial, text), Left: printable.All(x.Left), Seen: printable.All(x.Seen)}
	}
	if u := r.Unlock; u != nil && v.Execution != nil {
		v.Execution.Unlock = append([]string{clean(fmt.Sprintf("unlock.sh was written at %s for %s: %s", moment1(u.At), u.LockID, u.Verdict))}, printable.All(u.Evidence)...)
		if u.Override != "" {
			v.Execution.Unlock = append(v.Execution.Unlock, clean("OVERRIDE: "+u.Override+" (went past: "+strings.Join(u.Overridden, "; ")+")"))
		}
	}
}
