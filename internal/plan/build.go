package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"reconcile/internal/backend"
	"reconcile/internal/diff"
	"reconcile/internal/match"
	"reconcile/internal/statefile"
	"reconcile/providers"
)

// Input is everything that a report is made of.
type Input struct {
	Incident    string
	Tool        Tool
	GeneratedAt time.Time
	State       State
	Backend     *backend.Config
	Lock        backend.Lock
	Window      Window
	Session     Session
	TrailDelay  time.Duration
	Guard       Guard
	Subject     diff.Subject
	Reading     diff.Reading
	// SeenThrough are the removals (see Deletions) whose deletion the session
	// itself made sure of.
	SeenThrough map[string]bool
	// Taken are the adoptions (see Adoptions) that the session had begun, with
	// the events that show it.
	Taken map[string][]string
	// Errored is the state that Terraform could not save, where it was taken: the
	// Subject is made of it, State and Before are the pulled one.
	Errored *Errored
	Before  *statefile.State
	// StateWrites are the versions of the state object, oldest first.
	StateWrites []StateWrite
	// Witness is the apply's log, nil if none was given.
	Witness *Witness
	// Vias are how further accounts are reached.
	Vias map[string]Via
	// ProviderVersion is the AWS provider's, from the lock file; "" if nothing
	// tells.
	ProviderVersion string
	// Problems are why the readings are incomplete, a sentence each.
	Problems []string
	Notes    []string
	// Adopt are ids that a person says are the session's.
	Adopt []string
	// Maps are a person's answers; see Check.
	Maps             []Map
	AllowMassRemoval bool
	// Inputs are kept in the report as they are.
	Inputs *Inputs
	// Settings are those of a file, nil if there is none.
	Settings *Settings
}

// builder collects the report. Each step adds to it and none reads the network.
type builder struct {
	in      Input
	diff    diff.Result
	match   match.Result
	problem match.Input
	waiting []match.Address // to be replaced once their old objects are gone
	open    map[string]opening
	moved   map[string]string // moves that the next apply makes, new address to old
	alike   map[string][]match.Address
	lone    map[string]bool // by type; see alone
	adopted map[string]bool // ids that a person gave and that are there
	before  map[string]bool // types and ids of the pulled state; see isNew
	// What the apply's log says: why it is believed, what it puts at an address,
	// and by which of its lines an object is the session's.
	believed string
	told     map[string]match.Word
	logged   map[string]int
	mapped   map[string]bool // types and ids that a person gave an address
	can      *answerable     // once somebody asks; see mapping
	places   places
	report   *Report
}

// Build makes the report: it compares, matches, and turns what it finds into
// actions, questions and statements. The same input gives the same report.
func Build(in Input) *Report {
	b := &builder{in: in, diff: diff.Compare(in.Subject, in.Reading)}
	b.adopt()
	b.solve()
	t := in.Reading.Trail
	b.report = &Report{
		Schema: Schema, Incident: in.Incident, Tool: in.Tool, GeneratedAt: in.GeneratedAt.UTC(), Caller: in.Reading.Caller,
		State: in.State, Errored: in.Errored, Backend: in.Backend, Lock: in.Lock, Window: in.Window, Session: in.Session,
		Trail:    Trail{Source: t.Source, Regions: list(t.Regions), CompleteUntil: t.CompleteUntil.UTC(), Why: t.CompleteWhy, Barriers: t.Barriers, Delay: in.TrailDelay.String(), Counts: t.Stats},
		Coverage: list(slices.Clone(in.Reading.Inventory.Coverage)), Guard: in.Guard, Notes: list(slices.Clone(in.Notes)),
		Findings: []Finding{}, Actions: []Action{}, Questions: []Question{}, Mutations: []Accounted{}, Incomplete: []string{}, Held: []string{}, Inputs: in.Inputs,
	}
	b.report.Session.AccessKeys = list(in.Session.AccessKeys)
	g := &b.report.Guard
	g.Files, g.VarFiles, g.Vars = list(g.Files), list(g.VarFiles), list(g.Vars)
	g.KnownAlive = slices.Clone(in.Guard.KnownAlive)
	b.notAdopted()
	b.logReport()
	b.answered()
	b.instances()
	b.matches()
	b.questions()
	b.unplaced()
	b.lookalikes()
	b.account()
	b.policy()
	b.order()
	b.ignore()
	b.first()
	b.unheard()
	b.incomplete()
	b.finish()
	b.report.Topology = b.topology()
	b.timeline()
	return b.report
}

func list[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return in
}

// adopt takes a person's word for who made an object, and the trail's for what
// the session was about to adopt.
func (b *builder) adopt() {
	b.adopted = map[string]bool{}
	for n := range b.diff.Objects {
		o := &b.diff.Objects[n]
		if ids := b.in.Taken[o.Type+" "+o.ID]; len(ids) > 0 && o.Maker == diff.ByNobody {
			o.Maker, o.Events = diff.BySession, ids
		}
		if slices.Contains(b.in.Adopt, o.ID) {
			b.adopted[o.ID] = true
			o.Maker, o.By = diff.BySession, ""
		}
	}
	b.hear()
	b.answers()
}

// notAdopted tells the ids that were given and that are not there.
func (b *builder) notAdopted() {
	for _, id := range slices.Compact(slices.Sorted(slices.Values(b.in.Adopt))) {
		vouched := slices.ContainsFunc(b.diff.Instances, func(i diff.Instance) bool { return i.ID == id && len(b.ownDeletion(i)) > 0 })
		if !b.adopted[id] && !vouched {
			b.report.Notes = append(b.report.Notes, "--adopt "+id+": no live object that the state does not hold has this id, and the session deleted no instance of it, so it changed nothing")
		}
	}
}

// madeBy says on whose word an object is the session's.
func (b *builder) madeBy(o diff.Object) string {
	if b.adopted[o.ID] {
		return "the session's, by --adopt"
	}
	if b.mapped[o.Type+" "+o.ID] {
		return "the session's, by " + byMap
	}
	if taken := len(b.in.Taken[o.Type+" "+o.ID]) > 0; taken && o.Abroad {
		return "made from the other side; the session had looked it up to accept it"
	} else if taken {
		return "AWS made it; the session had looked it up to adopt it"
	}
	if o.With != "" && len(b.diff.History.Created(o.Type, o.ID)) == 0 {
		return "made by AWS with " + o.With + ", which the session made"
	}
	if !o.Kind.Makes() {
		return "adopted by the session"
	}
	if line := b.logged[o.Type+" "+o.ID]; line > 0 {
		return fmt.Sprintf("the session's, by the apply's log (line %d)", line)
	}
	return "made by the session"
}

func (b *builder) finding(f Finding) {
	f.EventIDs = list(f.EventIDs)
	b.report.Findings = append(b.report.Findings, f)
}

// finish sorts what has no order of its own and gives the verdict.
func (b *builder) finish() {
	r := b.report
	slices.SortFunc(r.Findings, func(x, y Finding) int {
		return cmp.Or(cmp.Compare(x.Address, y.Address), cmp.Compare(x.Deposed, y.Deposed), cmp.Compare(x.Type, y.Type), cmp.Compare(x.ID, y.ID),
			cmp.Compare(x.Status, y.Status), cmp.Compare(x.Reason, y.Reason))
	})
	slices.SortFunc(r.Questions, func(x, y Question) int {
		return cmp.Or(cmp.Compare(x.Type, y.Type), cmp.Compare(x.ID, y.ID), cmp.Compare(x.Text, y.Text))
	})
	slices.SortFunc(r.Coverage, func(x, y providers.Coverage) int {
		return cmp.Or(cmp.Compare(x.Type, y.Type), x.Place.Compare(y.Place), cmp.Compare(x.Action, y.Action), cmp.Compare(x.Status, y.Status), cmp.Compare(x.Error, y.Error))
	})
	slices.SortStableFunc(r.Mutations, func(x, y Accounted) int {
		return cmp.Or(x.Time.Compare(y.Time), cmp.Compare(x.EventID, y.EventID))
	})
	slices.SortFunc(r.Guard.KnownAlive, func(x, y Alive) int {
		return cmp.Or(cmp.Compare(x.Address, y.Address), cmp.Compare(x.ID, y.ID), cmp.Compare(x.Why, y.Why))
	})
	r.Guard.KnownAlive = list(r.Guard.KnownAlive)
	r.Trail.Complete = len(b.in.Reading.Trail.Problems) == 0
	pending := slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Status == PendingObject && f.Ignored == "" })
	switch {
	case len(r.Incomplete) > 0 || len(r.Questions) > 0 || len(r.Held) > 0 || pending:
		r.Verdict = NeedsPerson
	case len(r.Actions) > 0:
		r.Verdict = HasActions
	default:
		r.Verdict = InSync
	}
}

// plural is "1 thing", "2 things".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strings.Join([]string{itoa(n), many}, " ")
}

func liveText(o *providers.Object) string {
	if o == nil || o.State == "" {
		return ""
	}
	return " (" + o.State + ")"
}
