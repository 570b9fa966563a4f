package plan

import (
	"slices"
	"strings"

	"reconcile/internal/diff"
	"reconcile/internal/match"
	"reconcile/internal/wanted"
	"reconcile/providers"
)

// instances gives every instance of the state its one finding, and the removal
// or untaint that follows from it. Instances whose address gets a new object
// are left to matches.
func (b *builder) instances() {
	taken := map[string]string{} // address of an instance to the address of its successor
	for _, m := range b.match.Matches {
		if old := b.open[m.Address.Wanted.Address].old; old != nil {
			taken[old.Address] = m.Address.Wanted.Address
			if b.replaces(m) {
				taken[old.Address] = ""
			}
		}
	}
	for _, i := range b.diff.Instances {
		successor, has := taken[i.Address]
		if i.Deposed == "" && has && successor == "" {
			continue
		}
		f := instanceFinding(i)
		if i.Status == diff.Gone && i.Deposed == "" {
			f.Reason += b.removedText(i)
		}
		switch {
		case i.Status == diff.Gone && i.Deposed != "":
			f.Reason += "; no command can drop one deposed object: the next apply finds it gone and drops it"
		case i.Status == diff.Gone && b.deposedLeft(i.Address) != "":
			f.Reason += "; no command: state rm would also forget " + b.deposedLeft(i.Address)
		case i.Status == diff.Gone && has && successor != i.Address:
			f.Reason += "; no command: see the question about " + successor
		case i.Status == diff.Gone && b.kept(i):
			f.Reason += "; no command: it is wanted as it was, so the entry may stay, and the next apply makes the object again"
		case i.Status == diff.Gone && !b.seenThrough(i):
			f.Reason += "; no command: the run died before it saw that it was gone, so Terraform may still hold it. The next plan's refresh drops it"
		case i.Remade:
			f.Reason += "; no command: that is not at this address, and what the next apply does here would do it to that"
			for _, o := range b.diff.Objects {
				if o.Type == i.Type && slices.ContainsFunc(o.Events, func(id string) bool { return slices.Contains(i.Events, id) }) {
					b.ask(o, nil, "the session made it after it deleted "+i.ID+" at "+i.Address+", of which it has a part: look at both before the next apply")
				}
			}
		case i.Status == diff.Gone:
			if !b.removal(i, "nothing: the next plan's refresh finds it gone and drops it by itself", false) {
				f.Reason += "; no command: it cannot be asked for once more by id"
			}
		case i.Tainted && i.Deposed == "" && (i.Status == diff.InSync || i.Status == diff.Drifted):
			f.Reason = b.tainted(i, f.Reason)
		}
		if text := b.fate(i); text != "" {
			f.Reason = text
		}
		b.finding(f)
	}
	b.renamed()
}

// kept reports whether the plan was to leave an instance where it is, changed
// or not: what the session deleted of it was on the way to something else.
func (b *builder) kept(i diff.Instance) bool {
	want, ok := b.in.Subject.Wanted.Find(i.Address)
	return ok && (want.Action == wanted.NoOp || want.Action == wanted.Update)
}

// replaces reports whether a match turns the instance at its address into one
// of status replaced.
func (b *builder) replaces(m match.Match) bool {
	old := b.open[m.Address.Wanted.Address].old
	return old != nil && old.Address == m.Address.Wanted.Address && m.Object.Life == providers.Alive && b.importable(m.Object.Kind)
}

// deposedLeft names a deposed object at an address that is not gone by the
// session's own deletion, "" for none. state rm and import know no difference
// between it and the current object.
func (b *builder) deposedLeft(address string) string {
	for _, i := range b.diff.Instances {
		if i.Address == address && i.Deposed != "" && i.Status != diff.Gone {
			return "the deposed object " + i.ID + " (deposed " + i.Deposed + ", " + string(i.Status) + ")"
		}
	}
	return ""
}

// deposedOnly reports whether the state holds deposed objects at an address and
// nothing else: an import is refused there.
func (b *builder) deposedOnly(address string) bool {
	deposed := false
	for _, i := range b.diff.Instances {
		if i.Address == address {
			if i.Deposed == "" {
				return false
			}
			deposed = true
		}
	}
	return deposed
}

func instanceFinding(i diff.Instance) Finding {
	f := Finding{Status: FindingStatus(i.Status), Address: i.Address, Deposed: i.Deposed, Type: i.Type, ID: i.ID,
		Account: i.Place.Account, Region: i.Place.Region, EventIDs: i.Events, By: i.By, Reason: i.Reason}
	for _, d := range i.Drift {
		f.Drift = append(f.Drift, Drift{Attribute: d.Attribute, State: d.State, Live: d.Live})
	}
	return f
}

// lost names an attribute that the address asks for and that an import does not
// bring back, so that Terraform would replace the object; "" for none.
func lost(want wanted.Instance, k providers.Kind) string {
	for _, name := range k.Lost {
		if v, ok := want.Values[name]; ok && (!v.IsKnown() || providers.Canon(v.Known) != "") {
			return name
		}
	}
	return ""
}

// matches turns each object at its address into an import, with the removal of
// what the state holds there first.
func (b *builder) matches() {
	for _, m := range b.match.Matches {
		want, o := m.Address.Wanted, m.Object
		old := b.open[want.Address].old
		f := Finding{Status: Unrecorded, Address: want.Address, Type: o.Type, ID: o.ID, Account: o.Place.Account, Region: o.Place.Region,
			EventIDs: o.Events, Reason: b.madeBy(o) + "; " + fitText(m)}
		alive := Alive{Address: want.Address, ID: o.ID}
		candidates := []match.Candidate{{Address: m.Address}}
		switch {
		case o.Life == providers.Pending:
			f.Status, f.Reason = PendingObject, b.madeBy(o)+", and AWS says "+o.State+": run plan again when it has settled"
			alive.Why = "it is " + o.State
			b.alive(alive)
		case !b.importable(o.Kind):
			f.Reason = b.madeBy(o) + ". " + b.notImportable(o.Kind)
			alive.CannotImport, alive.CreateIsSafe, alive.Why = true, o.Kind.Again.Outcome == providers.Same, b.notImportable(o.Kind)
			b.alive(alive)
		case o.Kind.ImportIDOf(o.Attrs) == "":
			f.Reason += "; no command: AWS did not return what its import id is made of"
			b.ask(o, candidates, f.Reason)
		case b.deposedOnly(want.Address):
			f.Reason = b.madeBy(o) + ", but the state holds a deposed object at this address, and Terraform refuses to import there"
			b.ask(o, candidates, f.Reason+". "+b.makingRoom(want.Address))
		case old == nil && b.current(want.Address) != nil:
			f.Reason = b.madeBy(o) + ", but the state still holds " + b.current(want.Address).ID + " at this address, which a moved block takes to " + b.movedAway(want.Address)
			b.ask(o, candidates, f.Reason+": finish the move first (terraform state mv), then run plan again")
		case lost(want, o.Kind) != "":
			f.Reason += "; no command: an import leaves " + lost(want, o.Kind) + " empty, and Terraform would then replace the object"
			b.ask(o, candidates, f.Reason+". Put the attribute under ignore_changes, import it by hand, and keep it there")
		case old != nil && old.Address != want.Address:
			f.Reason = b.madeBy(o) + " for " + want.Address + ", which the state still holds as " + old.Address
			text := "the configuration has a moved block; finish the move first"
			if old.Status == diff.Gone {
				text = "what it held is gone (" + bare(old.Reason) + "). Run terraform state rm " + old.Address + " and then the import by hand"
			}
			b.ask(o, candidates, f.Reason+": "+text)
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
	candidates := []match.Candidate{{Address: m.Address}}
	if left := b.deposedLeft(old.Address); left != "" {
		f.Reason = "the new object was " + f.Reason
		b.ask(m.Object, candidates, "the state holds "+old.ID+" at this address, and "+left+" beside it: terraform state rm, which must make room, would forget both")
		return false
	}
	switch old.Status {
	case diff.Gone:
		f.EventIDs = append(slices.Clone(old.Events), f.EventIDs...)
		f.Reason = "the old object is gone (" + bare(old.Reason) + "); the new one was " + f.Reason
		if b.removal(*old, "the import is refused: the address is taken by an object that is gone", old.Remade) {
			return true
		}
		b.ask(m.Object, candidates, "the old object cannot be asked for once more by id, so it is not removed by a command")
	case diff.GoneUnexplained:
		f.Reason = "the old object is gone (" + bare(old.Reason) + "); the new one was " + f.Reason
		b.ask(m.Object, candidates, "the state holds "+old.ID+" at this address; it is gone, but not by the session's own deletion ("+
			bare(old.Reason)+"). If you are sure, run terraform state rm and then the import by hand")
	case diff.InSync, diff.Drifted:
		f.Reason = "create_before_destroy stopped half way: the new object was " + f.Reason + "; the old one is alive and loses its address"
		b.finding(Finding{Status: Leftover, Type: old.Type, ID: old.ID, Account: old.Place.Account, Region: old.Place.Region, EventIDs: []string{},
			Reason: "the old object of " + m.Address.Wanted.Address + ", alive; the apply would have destroyed it next. Delete it after the next apply",
			Delete: b.deletion(old.Kind, old.Attrs, old.Place)})
		return b.removal(*old, "the import is refused: the address is taken by the old object", true)
	}
	return false
}

// bare is an instance's reason without what follows for its own address.
func bare(reason string) string {
	before, _, _ := strings.Cut(reason, ": no command")
	return before
}

func fitText(m match.Match) string {
	text := "it fits this address alone"
	if m.Says != "" {
		text = m.Says + " says that it is this address's"
	}
	if len(m.Twins) > 0 {
		text = "it could as well be at " + strings.Join(m.Twins, ", ") + ": nothing tells these apart, and what refers to them goes with them, so any order gives the same network"
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
		text := b.madeBy(q.Object) + ", but " + q.Reason
		b.ask(q.Object, q.Candidates, text)
		b.finding(Finding{Status: Unrecorded, Type: q.Object.Type, ID: q.Object.ID, Account: q.Object.Place.Account, Region: q.Object.Place.Region,
			EventIDs: q.Object.Events, Reason: text + ": see questions"})
	}
}

func (b *builder) ask(o diff.Object, candidates []match.Candidate, text string) {
	q := Question{Type: o.Type, ID: o.ID, Region: o.Place.Region, Text: text, Candidates: []Candidate{}, EventIDs: list(o.Events)}
	for _, c := range candidates {
		q.Candidates = append(q.Candidates, Candidate{Address: c.Address.Wanted.Address, ID: b.importID(o.Kind, o.Attrs, o.Place, c.Address.Wanted.Address), Tells: list(c.Tells), Map: b.mapping(o, c)})
		b.alive(Alive{Address: c.Address.Wanted.Address, ID: o.ID, Why: text})
	}
	b.report.Questions = append(b.report.Questions, q)
}
