// Package compare holds two reports against each other: what came, went and
// changed between the first plan of an incident and the next, or between
// yesterday's copy and today's.
//
// It compares what the reports say of the world and of the state, not when and
// by whom they were made: two plans of the same world are the same.
package compare

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"reconcile/internal/plan"
	"reconcile/providers"
)

// schema names the form of the comparison as JSON.
const schema = "reconcile.diff/v1"

// Diff is what is different in B. Lists are never null.
type Diff struct {
	Schema string `json:"schema"`
	Same   bool   `json:"same"`
	A      Side   `json:"a"`
	B      Side   `json:"b"`
	// Facts are single values that differ: the verdict, the state's serial, the
	// lock, the session, the window, the trail.
	Facts      []Fact                       `json:"facts"`
	Findings   []Change[plan.Finding]       `json:"findings"`
	Actions    []Change[plan.Action]        `json:"actions"`
	Reordered  bool                         `json:"reordered"` // the steps that both have come in another order
	Held       []Change[string]             `json:"held"`
	Questions  []Change[plan.Question]      `json:"questions"`
	Coverage   []Change[providers.Coverage] `json:"coverage"`
	Calls      []Change[plan.Accounted]     `json:"calls"` // of the session
	Incomplete []Change[string]             `json:"incomplete"`
}

// Side is one of the two reports.
type Side struct {
	Incident    string       `json:"incident"`
	GeneratedAt time.Time    `json:"generated_at"`
	Tool        string       `json:"tool"`
	Verdict     plan.Verdict `json:"verdict"`
	Serial      uint64       `json:"serial"`
	Steps       int          `json:"steps"`
	Questions   int          `json:"questions"`
}

// Fact is one value that differs.
type Fact struct {
	Name string `json:"name"`
	A    string `json:"a"`
	B    string `json:"b"`
}

// What became of something.
const (
	Came    = "came"
	Went    = "went"
	Changed = "changed"
)

// Change is something that came, went or changed.
type Change[T any] struct {
	Change string `json:"change"`
	// Fields are those that differ, by their names in report.json.
	Fields []string `json:"fields,omitempty"`
	// Settled says how a question that went was answered.
	Settled string `json:"settled,omitempty"`
	A       *T     `json:"a,omitempty"`
	B       *T     `json:"b,omitempty"`
}

// Reports compares two reports.
func Reports(a, b *plan.Report) *Diff {
	d := &Diff{
		Schema: schema, A: side(a), B: side(b), Facts: facts(a, b),
		Findings: changes(a.Findings, b.Findings, nil,
			func(f plan.Finding) string { return key(f.Address, f.Deposed, f.Type, f.ID) },
			func(f plan.Finding) string { return ifAny(f.Address, key(f.Address, f.Deposed)) }),
		Actions:   changes(a.Actions, b.Actions, []string{"n"}, step),
		Held:      changes(a.Held, b.Held, nil, same),
		Questions: changes(a.Questions, b.Questions, nil, func(q plan.Question) string { return key(q.Type, q.ID, q.Region) }, textOf),
		Coverage: changes(a.Coverage, b.Coverage, []string{"objects"},
			func(c providers.Coverage) string { return key(c.Type, c.Place.Account, c.Place.Region, c.Action) },
			func(c providers.Coverage) string { return key(c.Type, c.Place.Account, c.Place.Region) }),
		Calls:      changes(a.Mutations, b.Mutations, nil, func(m plan.Accounted) string { return m.EventID }),
		Incomplete: changes(a.Incomplete, b.Incomplete, nil, same),
	}
	d.Reordered = reordered(a.Actions, b.Actions)
	for i := range d.Questions {
		if q := &d.Questions[i]; q.Change == Went {
			q.Settled = settled(*q.A, b)
		}
	}
	d.Same = len(d.Facts)+len(d.Findings)+len(d.Actions)+len(d.Held)+len(d.Questions)+len(d.Coverage)+len(d.Calls)+len(d.Incomplete) == 0 && !d.Reordered
	return d
}

func side(r *plan.Report) Side {
	return Side{Incident: r.Incident, GeneratedAt: r.GeneratedAt, Tool: strings.TrimSpace(r.Tool.Name + " " + r.Tool.Version), Verdict: r.Verdict,
		Serial: r.State.Serial, Steps: len(r.Actions), Questions: len(r.Questions)}
}

func facts(a, b *plan.Report) []Fact {
	out := []Fact{}
	add := func(name, x, y string) {
		if x != y {
			out = append(out, Fact{name, x, y})
		}
	}
	when := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	add("verdict", string(a.Verdict), string(b.Verdict))
	add("incident", a.Incident, b.Incident)
	add("account", a.Caller.Account, b.Caller.Account)
	add("state lineage", a.State.Lineage, b.State.Lineage)
	add("state serial", fmt.Sprint(a.State.Serial), fmt.Sprint(b.State.Serial))
	add("state sha256", a.State.SHA256, b.State.SHA256)
	add("lock", strings.TrimSpace(a.Lock.Status+" "+a.Lock.ID), strings.TrimSpace(b.Lock.Status+" "+b.Lock.ID))
	add("role", a.Session.Role, b.Session.Role)
	add("session", a.Session.Name, b.Session.Name)
	add("window since", when(a.Window.Since), when(b.Window.Since))
	add("window until", when(a.Window.Until), when(b.Window.Until))
	add("trail", a.Trail.Source, b.Trail.Source)
	add("trail complete", fmt.Sprint(a.Trail.Complete), fmt.Sprint(b.Trail.Complete))
	add("executable", fmt.Sprint(a.Guard.Executable), fmt.Sprint(b.Guard.Executable))
	return out
}

// settled says what became of a question that the later report does not ask.
func settled(q plan.Question, b *plan.Report) string {
	for _, a := range b.Answers {
		if a.Type == q.Type && a.ID == q.ID {
			return "answered: " + a.Address
		}
	}
	addresses := map[string]bool{}
	for _, c := range q.Candidates {
		addresses[c.Address] = true
	}
	for _, a := range b.Actions {
		if a.Op == plan.Import && a.Type == q.Type && (a.ID == q.ID || a.NewStateID == q.ID) {
			return "a step imports it at " + a.Address
		}
	}
	for _, f := range b.Findings {
		if f.Type == q.Type && f.ID == q.ID && f.ID != "" {
			return strings.TrimSpace("it is " + string(f.Status) + " " + f.Address)
		}
	}
	for _, f := range b.Findings {
		if addresses[f.Address] && f.Status == plan.InState {
			return f.Address + " is in sync"
		}
	}
	return "it is asked no more"
}

func step(a plan.Action) string { return key(string(a.Op), a.Address) }

// reordered reports whether the steps that both have come in another order.
func reordered(a, b []plan.Action) bool {
	at := map[string]int{}
	for i, x := range b {
		at[step(x)] = i
	}
	last := -1
	for _, x := range a {
		if i, ok := at[step(x)]; ok {
			if i < last {
				return true
			}
			last = i
		}
	}
	return false
}

// changes pairs what is the same thing in both lists, by the first key that
// finds a partner, and tells what is left over or differs. A key that is "" is
// none.
func changes[T any](a, b []T, aside []string, keys ...func(T) string) []Change[T] {
	out := []Change[T]{}
	mate := make([]int, len(a))
	for i := range mate {
		mate[i] = -1
	}
	taken := make([]bool, len(b))
	for _, keyOf := range keys {
		free := map[string][]int{}
		for j := range b {
			if k := keyOf(b[j]); k != "" && !taken[j] {
				free[k] = append(free[k], j)
			}
		}
		for i := range a {
			k := keyOf(a[i])
			if mate[i] >= 0 || k == "" || len(free[k]) == 0 {
				continue
			}
			mate[i], free[k] = free[k][0], free[k][1:]
			taken[mate[i]] = true
		}
	}
	for i := range a {
		switch j := mate[i]; {
		case j < 0:
			out = append(out, Change[T]{Change: Went, A: &a[i]})
		default:
			if fields := differing(a[i], b[j], aside); len(fields) > 0 {
				out = append(out, Change[T]{Change: Changed, Fields: fields, A: &a[i], B: &b[j]})
			}
		}
	}
	for j := range b {
		if !taken[j] {
			out = append(out, Change[T]{Change: Came, B: &b[j]})
		}
	}
	return out
}

// differing are the JSON names of the fields that differ.
func differing(a, b any, aside []string) []string {
	x, y := fields(a), fields(b)
	var out []string
	for name := range x {
		if !bytes.Equal(x[name], y[name]) && !slices.Contains(aside, name) {
			out = append(out, name)
		}
	}
	for name := range y {
		if _, both := x[name]; !both && !slices.Contains(aside, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func fields(v any) map[string]json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	out := map[string]json.RawMessage{}
	if json.Unmarshal(data, &out) != nil {
		return map[string]json.RawMessage{"": data} // a text
	}
	return out
}

// key joins parts so that no two different lists of them look alike.
func key(parts ...string) string {
	text, err := json.Marshal(parts)
	if err != nil {
		return strings.Join(parts, "\x00")
	}
	return string(text)
}

func ifAny(s, key string) string {
	if s == "" {
		return ""
	}
	return key
}

func same(s string) string { return cmp.Or(s, " ") }

func textOf(q plan.Question) string { return ifAny(q.Text, key(q.Type, q.Text)) }
