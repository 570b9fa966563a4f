package plan

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"reconcile/internal/diff"
	"reconcile/internal/match"
)

// removal plans a state rm. It reports false where the object cannot be asked
// for once more by id right before the removal, or told in the state by its id.
func (b *builder) removal(i diff.Instance, ifSkipped string, releases bool) bool {
	if i.Kind.NoID {
		return false
	}
	a := Action{
		Op: StateRm, Address: i.Address, Type: i.Type, ID: i.ID, Argv: []string{"state", "rm", i.Address},
		OldStateID: i.Attrs.Text("id"), Entry: entryOf(i.Module, i.Type, i.Name, i.Key),
		Why:       "gone: " + i.Reason + ", the listing does not hold it and a second look by id agrees" + b.removedText(i),
		IfSkipped: ifSkipped, Undo: []string{}, EventIDs: list(i.Events), Releases: releases, Absorbed: i.Remade,
	}
	if releases {
		a.Why = "releases a live object: the successor that the session made takes its address (create_before_destroy)"
		if i.Remade {
			a.Why = i.Reason + ", which takes its address"
		}
		a.Undo = []string{"import", "-input=false", i.Address, b.importID(i.Kind, i.Attrs, i.Place, i.Address)}
	} else {
		if i.Kind.Confirm == nil {
			return false
		}
		argv := i.Kind.Confirm(i.Attrs)
		if argv == nil {
			return false
		}
		if i.Place.Region != "" {
			argv = append([]string{"--region", i.Place.Region}, argv...)
		}
		a.Confirm = &Confirm{Argv: argv, NotFound: list(i.Kind.NotFound)}
		if i.Place.Account != b.in.Reading.Caller.Account {
			a.Confirm.Via = b.in.Vias[i.Place.Account]
		}
	}
	b.report.Actions = append(b.report.Actions, a)
	return true
}

func (b *builder) imports(m match.Match) {
	want, o := m.Address.Wanted, m.Object
	id := b.importID(o.Kind, o.Attrs, o.Place, want.Address)
	b.report.Actions = append(b.report.Actions, Action{
		Op: Import, Address: want.Address, Type: o.Type, ID: id, Argv: []string{"import", "-input=false", want.Address, id},
		NewStateID: o.Kind.StateIDOf(spelled(o.Kind, o.Attrs, &want)), Entry: entryOf(want.Module, want.Type, want.Name, want.Key),
		Why: b.madeBy(o) + ", alive" + liveText(&o.Object) + "; " + fitText(m), IfSkipped: o.Kind.IfSkipped,
		Undo: []string{"state", "rm", want.Address}, EventIDs: list(o.Events),
	})
}

// entryOf spells an instance's place as Terraform's own encoder writes it,
// HTML characters escaped and all.
func entryOf(module, typ, name string, key any) Entry {
	literal := func(v any) string {
		switch v := v.(type) {
		case nil:
			return ""
		case float64:
			return strconv.FormatFloat(v, 'f', -1, 64)
		}
		text, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(text)
	}
	e := Entry{Type: literal(typ), Name: literal(name), Key: literal(key)}
	if module != "" {
		e.Module = literal(module)
	}
	return e
}

// The limits of rule 3.
const (
	massRemovals = 10
	massPercent  = 10
)

// policy holds back what must not happen by accident: over 10 removals and
// over 10% of the instances. A removal whose address is imported anew in the
// same plan is not a loss and does not count.
func (b *builder) policy() {
	imported := map[string]bool{}
	for _, a := range b.report.Actions {
		if a.Op == Import {
			imported[a.Address] = true
		}
	}
	var removed []string
	for _, a := range b.report.Actions {
		if a.Op == StateRm && !imported[a.Address] {
			removed = append(removed, a.Address)
		}
	}
	if b.in.AllowMassRemoval || len(removed) <= massRemovals || len(removed)*100 <= massPercent*len(b.diff.Instances) {
		return
	}
	b.report.Held = removed
	b.report.Actions = slices.DeleteFunc(b.report.Actions, func(a Action) bool { return a.Op == StateRm && !imported[a.Address] })
	b.report.Notes = append(b.report.Notes, "held back: "+plural(len(removed), "removal", "removals")+" of "+
		plural(len(b.diff.Instances), "instance", "instances")+". If that many were really deleted, run plan again with --allow-mass-removal")
}

func itoa(n int) string { return strconv.Itoa(n) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
