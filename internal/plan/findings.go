package plan

import (
	"fmt"
	"slices"
	"strings"

	"reconcile/internal/diff"
	"reconcile/internal/match"
	"reconcile/providers"
)

// instances gives every instance of the state its one finding, and the removal
// or untaint that follows from it. Instances whose address gets a new object
// are left to matches.
func (b *builder) instances() {
	replaced := map[string]bool{}
	for _, m := range b.match.Matches {
		if o := b.open[m.Address.Wanted.Address]; o.old != nil && m.Object.Life == providers.Alive {
			replaced[o.old.Address] = true
		}
	}
	deposedAlive := map[string]bool{}
	for _, i := range b.diff.Instances {
		if i.Deposed != "" && i.Status != diff.Gone && i.Status != diff.GoneUnexplained {
			deposedAlive[i.Address] = true
		}
	}
	for _, i := range b.diff.Instances {
		if i.Deposed == "" && replaced[i.Address] {
			continue
		}
		f := instanceFinding(i)
		switch {
		case i.Status == diff.Gone && i.Deposed != "":
			f.Reason += "; no command can drop one deposed object: the next apply finds it gone and drops it"
		case i.Status == diff.Gone && deposedAlive[i.Address]:
			f.Reason += "; no command: state rm would also forget the deposed object that is still alive"
		case i.Status == diff.Gone:
			if !b.removal(i, "nothing: the next plan's refresh finds it gone and drops it by itself", false) {
				f.Reason += "; no command: it cannot be asked for once more by id"
			}
		case i.Tainted && (i.Status == diff.InSync || i.Status == diff.Drifted):
			f.Reason = b.tainted(i, f.Reason)
		}
		b.finding(f)
	}
}

func instanceFinding(i diff.Instance) Finding {
	f := Finding{Status: FindingStatus(i.Status), Address: i.Address, Deposed: i.Deposed, Type: i.Type, ID: i.ID,
		Account: i.Place.Account, Region: i.Place.Region, EventIDs: i.Events, By: i.By, Reason: i.Reason}
	for _, d := range i.Drift {
		f.Drift = append(f.Drift, Drift{Attribute: d.Attribute, State: d.State, Live: d.Live})
	}
	return f
}

// tainted keeps an object that the session made and that only an unfinished
// create has marked. One that was tainted before is left to be replaced.
func (b *builder) tainted(i diff.Instance, reason string) string {
	made := b.diff.History.Created(i.Type, i.ID)
	if len(made) == 0 {
		return "tainted, and not made by the session: the next apply replaces it, as somebody wanted; " + reason
	}
	b.report.Actions = append(b.report.Actions, Action{
		Op: Untaint, Address: i.Address, Type: i.Type, ID: i.ID, Argv: []string{"untaint", i.Address},
		OldStateID: i.Attrs.Text("id"), NewStateID: i.Attrs.Text("id"), Entry: entryOf(i.Module, i.Type, i.Name, i.Key),
		Why:       "the session made it and the state marks it as tainted, because its creation did not finish; it is alive" + liveText(i.Object),
		IfSkipped: "the next apply destroys it and makes another",
		Undo:      []string{"taint", i.Address}, EventIDs: made,
	})
	return "tainted by the interrupted create; alive"
}

// matches turns each object at its address into an import, with the removal of
// what the state holds there first.
func (b *builder) matches() {
	for _, m := range b.match.Matches {
		want, o := m.Address.Wanted, m.Object
		old := b.open[want.Address].old
		f := Finding{Status: Unrecorded, Address: want.Address, Type: o.Type, ID: o.ID, Account: o.Place.Account, Region: o.Place.Region,
			EventIDs: o.Events, Reason: "made by the session; " + fitText(m)}
		alive := Alive{Address: want.Address, ID: o.ID}
		switch {
		case o.Life == providers.Pending:
			f.Status, f.Reason = PendingObject, "made by the session, and AWS says "+o.State+": run plan again when it has settled"
			alive.Why = "it is " + o.State
			b.alive(alive)
		case o.Kind.Import == "":
			f.Reason = "made by the session. " + o.Kind.NoImport
			alive.CreateIsSafe, alive.Why = true, o.Kind.NoImport
			b.alive(alive)
		case old != nil && old.Address != want.Address:
			f.Reason = "made by the session for " + want.Address + ", which the state still holds as " + old.Address
			b.ask(o, []match.Candidate{{Address: m.Address}}, f.Reason+": the configuration has a moved block; finish the move first")
		case old != nil && !b.replace(m, old, &f):
		default:
			b.imports(m)
		}
		b.finding(f)
	}
}

// replace makes room at an address that the state already uses. It reports
// whether the import may follow.
func (b *builder) replace(m match.Match, old *diff.Instance, f *Finding) bool {
	f.Status, f.OldID = Replaced, old.ID
	switch old.Status {
	case diff.Gone:
		f.EventIDs = append(slices.Clone(old.Events), f.EventIDs...)
		f.Reason = "the old object is gone (" + old.Reason + "); the new one was " + f.Reason
		if b.removal(*old, "the import is refused: the address is taken by an object that is gone", false) {
			return true
		}
		b.ask(m.Object, []match.Candidate{{Address: m.Address}}, "the old object cannot be asked for once more by id, so it is not removed by a command")
	case diff.GoneUnexplained:
		b.ask(m.Object, []match.Candidate{{Address: m.Address}}, "the state holds "+old.ID+" at this address; it is gone, but not by the session's own deletion ("+
			old.Reason+"). If you are sure, run terraform state rm and then the import by hand")
	default:
		f.Reason = "create_before_destroy stopped half way: the new object was " + f.Reason + "; the old one is alive and loses its address"
		b.finding(Finding{Status: Leftover, Type: old.Type, ID: old.ID, Account: old.Place.Account, Region: old.Place.Region, EventIDs: []string{},
			Reason: "the old object of " + m.Address.Wanted.Address + ", alive; the apply would have destroyed it next. Delete it after the next apply"})
		return b.removal(*old, "the import is refused: the address is taken by the old object", true)
	}
	return false
}

func fitText(m match.Match) string {
	text := "it fits this address alone"
	if len(m.Twins) > 0 {
		text = "it could as well be at " + strings.Join(m.Twins, ", ") + ": nothing tells these objects apart and nothing refers to them, so any order gives the same network"
	}
	if len(m.Fits) > 0 {
		text += ": " + strings.Join(m.Fits, ", ")
	}
	return text
}

func (b *builder) alive(a Alive) {
	b.report.Guard.KnownAlive = append(b.report.Guard.KnownAlive, a)
}

// questions are what only a person can answer.
func (b *builder) questions() {
	for _, q := range b.match.Questions {
		b.ask(q.Object, q.Candidates, "made by the session, but "+q.Reason)
		b.finding(Finding{Status: Unrecorded, Type: q.Object.Type, ID: q.Object.ID, Account: q.Object.Place.Account, Region: q.Object.Place.Region,
			EventIDs: q.Object.Events, Reason: "made by the session, but " + q.Reason + ": see questions"})
	}
}

func (b *builder) ask(o diff.Object, candidates []match.Candidate, text string) {
	q := Question{Type: o.Type, ID: o.ID, Region: o.Place.Region, Text: text, Candidates: []Candidate{}, EventIDs: list(o.Events)}
	for _, c := range candidates {
		q.Candidates = append(q.Candidates, Candidate{Address: c.Address.Wanted.Address, ID: o.Kind.ImportIDOf(o.Attrs), Tells: list(c.Tells)})
		b.alive(Alive{Address: c.Address.Wanted.Address, ID: o.ID, Why: text})
	}
	b.report.Questions = append(b.report.Questions, q)
}

// unplaced are the session's objects that no address wants.
func (b *builder) unplaced() {
	recorded := map[string]string{}
	for _, i := range b.diff.Instances {
		if i.Object != nil {
			recorded[i.Attrs.Text("id")] = i.Address
		}
	}
	for _, o := range b.match.Unplaced {
		if o.Kind.Facet || recorded[o.Attrs.Text("id")] != "" {
			continue
		}
		f := Finding{Status: Leftover, Type: o.Type, ID: o.ID, Account: o.Place.Account, Region: o.Place.Region, EventIDs: o.Events,
			Reason: "made by the session, alive, and no address of the configuration wants it: look at it and delete it by hand after the next apply"}
		switch {
		case b.in.Subject.Wanted == nil:
			f.Status = Unrecorded
			f.Reason = "made by the session; without a plan no address can be told: give --plan-json"
			b.ask(o, nil, f.Reason)
		case o.Life == providers.Pending:
			f.Status, f.Reason = PendingObject, "made by the session, and AWS says "+o.State+": run plan again when it has settled"
		}
		b.finding(f)
	}
}

// lookalikes are objects of others that fit a wanted address: told, and asked
// about only where nobody is known to have made them and the address is free.
func (b *builder) lookalikes() {
	taken := map[string]bool{}
	for _, m := range b.match.Matches {
		taken[m.Address.Wanted.Address] = true
	}
	for _, o := range b.fitting(diff.ByOther) {
		b.finding(Finding{Status: Foreign, Type: o.Type, ID: o.ID, Account: o.Place.Account, Region: o.Place.Region, EventIDs: o.Events, By: o.By,
			Reason: "looks like " + addresses(b.alike[o.Type+" "+o.ID]) + ", but " + o.By + " made it: never imported"})
	}
	free := map[string][]diff.Object{}
	for _, o := range b.unexplained() {
		for _, a := range b.alike[o.Type+" "+o.ID] {
			if !taken[a.Wanted.Address] {
				free[a.Wanted.Address] = append(free[a.Wanted.Address], o)
			}
		}
	}
	for _, address := range sortedKeys(free) {
		objects := free[address]
		if len(objects) > 1 {
			b.report.Notes = append(b.report.Notes, fmt.Sprintf("%s looks like %s that nobody made in the window: not the session's, left alone",
				address, plural(len(objects), "older object", "older objects")))
			continue
		}
		o := objects[0]
		if len(b.alike[o.Type+" "+o.ID]) > 1 {
			continue
		}
		b.ask(o, []match.Candidate{{Address: b.open[address].address}},
			"it alone fits "+address+", but no event in the window says who made it: if it is the session's, run plan again with --adopt "+o.ID)
		b.finding(Finding{Status: Unknown, Type: o.Type, ID: o.ID, Account: o.Place.Account, Region: o.Place.Region, EventIDs: []string{},
			Reason: "it alone fits " + address + ", but no event says who made it: see questions"})
	}
}

func addresses(in []match.Address) string {
	var out []string
	for _, a := range in {
		out = append(out, a.Wanted.Address)
	}
	return strings.Join(out, ", ")
}
