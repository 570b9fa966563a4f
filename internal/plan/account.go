package plan

import (
	"cmp"
	"fmt"
	"slices"

	"reconcile/internal/diff"
	"reconcile/internal/wanted"
	"reconcile/providers"
)

// Outcomes of a call, the more telling first: a call often touches several
// kinds, and the report names the outcome that matters most.
const (
	outUnrecorded = "unrecorded" // its object is alive and the state does not hold it
	outGone       = "gone"       // the state holds what it deleted
	outChanged    = "changed"    // changed in place: the next plan refreshes it
	outRecorded   = "recorded"   // the state agrees with it already
	outNotKnown   = "not_known"  // no kind knows the call, or its kind could not be read
	outUnmanaged  = "unmanaged"  // it belongs to nothing that this configuration manages
	outUndone     = "undone"     // a later call took it back
)

var outcomes = []string{outUnrecorded, outGone, outChanged, outRecorded, outNotKnown, outUnmanaged, outUndone}

// places are what the pieces of instances and objects belong to.
type places struct {
	recorded map[string]*diff.Instance // in the state
	alive    map[string]diff.Object
	placed   map[string]string // addresses that objects are matched to
}

// account says of every call of the session what became of it.
func (b *builder) account() {
	p := places{recorded: map[string]*diff.Instance{}, alive: map[string]diff.Object{}, placed: map[string]string{}}
	for n := range b.diff.Instances {
		i := &b.diff.Instances[n]
		for _, k := range pieces(i.Kind, i.Attrs, i.Type, i.ID) {
			p.recorded[k] = i
		}
	}
	for _, o := range b.diff.Objects {
		for _, k := range pieces(o.Kind, o.Attrs, o.Type, o.ID) {
			p.alive[k] = o
		}
	}
	for _, m := range b.match.Matches {
		for _, k := range pieces(m.Object.Kind, m.Object.Attrs, m.Object.Type, m.Object.ID) {
			p.placed[k] = m.Address.Wanted.Address
		}
	}
	b.places = p
	for _, c := range b.in.Reading.Trail.Own {
		a, _ := b.accounted(c)
		b.report.Mutations = append(b.report.Mutations, a)
	}
}

// accounted is what became of a call, and which of its mutations tells: nil if
// it has none.
func (b *builder) accounted(c providers.Call) (Accounted, *providers.Mutation) {
	best := Accounted{Call: c, Outcome: outNotKnown}
	var tells *providers.Mutation
	for n := range c.Mutations {
		outcome, address := b.outcome(c, c.Mutations[n])
		better := slices.Index(outcomes, outcome) < slices.Index(outcomes, best.Outcome)
		if n == 0 || better || (outcome == best.Outcome && best.Address == "" && address != "") {
			best.Outcome, best.Address, tells = outcome, address, &c.Mutations[n]
		} else if outcome == best.Outcome && address == best.Address && tells.Role == providers.Changed && c.Mutations[n].Role != providers.Changed {
			tells = &c.Mutations[n] // the thing itself, rather than what it is in
		}
	}
	return best, tells
}

// pieces are the keys of the things that one instance or object is made of.
func pieces(k providers.Kind, a providers.Attrs, typ, id string) []string {
	if k.Parts == nil {
		return []string{typ + " " + id}
	}
	var out []string
	for _, piece := range k.Pieces(a) {
		out = append(out, typ+" "+k.IdentityOf(piece))
	}
	return out
}

func (b *builder) outcome(c providers.Call, m providers.Mutation) (string, string) {
	k := m.Type + " " + m.ID
	if i := b.places.recorded[k]; i != nil {
		switch {
		case i.Status == diff.Unknown:
			return outNotKnown, i.Address
		case i.Object == nil:
			return outGone, i.Address
		case m.Role == providers.Created:
			return outRecorded, i.Address
		}
		return outChanged, i.Address
	}
	if o, ok := b.places.alive[k]; ok {
		if address := b.places.placed[k]; address != "" {
			return outUnrecorded, address
		}
		if o.Kind.Facet {
			return outUnmanaged, ""
		}
		if o.Maker == diff.BySession {
			return outUnrecorded, ""
		}
		return outUnmanaged, ""
	}
	if b.in.Reading.Inventory.Status(m.Type, c.Place) != providers.Read {
		if kind, _ := b.in.Subject.Kinds.Find(m.Type); kind.Facet {
			return outUnmanaged, ""
		}
		return outNotKnown, ""
	}
	if m.Role == providers.Deleted && len(b.diff.History.Created(m.Type, m.ID)) == 0 {
		return outRecorded, ""
	}
	return outUndone, ""
}

// incomplete collects why the report cannot speak for everything.
func (b *builder) incomplete() {
	var out []string
	add := func(s string) {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	for _, p := range b.in.Problems {
		add(p)
	}
	for _, p := range b.in.Reading.Trail.Problems {
		add(p)
	}
	for _, c := range b.in.Reading.Inventory.Coverage {
		if c.Status != providers.Read && c.Status != providers.NotSupported { // see unknownTypes
			add(fmt.Sprintf("%s in %s: %s", c.Type, cmp.Or(c.Place.Region, "its region"), cmp.Or(c.Error, string(c.Status))))
		}
	}
	b.unknownInstances(add)
	b.unseenAddresses(add)
	b.unknownCalls(add)
	b.unknownTypes(add)
	slices.Sort(out)
	b.report.Incomplete = list(out)
}

// unknownInstances counts the instances of known kinds that nothing can be said
// of, where the coverage does not say so already. One that another account
// holds and that the plan leaves alone is only noted.
func (b *builder) unknownInstances(add func(string)) {
	unplaced, other, silent := 0, 0, 0
	for _, i := range b.diff.Instances {
		if i.Kind.Type == "" || i.Status != diff.Unknown {
			continue
		}
		want, ok := b.in.Subject.Wanted.Find(i.Address)
		read := b.in.Reading.Inventory.Status(i.Type, i.Place)
		switch {
		case !i.Place.Known():
			unplaced++
		case !b.sees(i.Place.Account) && ok && want.Action == wanted.NoOp:
			silent++
		case read == providers.Read || read == providers.NotRead:
			other++
		}
	}
	if unplaced > 0 {
		add("the account or region of " + plural(unplaced, "instance", "instances") + " cannot be established: see the findings of status unknown")
	}
	if other > 0 {
		add("nothing can be said of " + plural(other, "instance", "instances") + ": see the findings of status unknown")
	}
	if silent > 0 {
		b.report.Notes = append(b.report.Notes, "not looked at: "+plural(silent, "instance", "instances")+" of another account; the plan does not change "+pronoun(silent))
	}
}

// unknownCalls names what the session did that no kind knows.
func (b *builder) unknownCalls(add func(string)) {
	names := map[string]int{}
	for _, c := range b.in.Reading.Trail.Own {
		if !c.Mapped {
			names[service(c.Source)+":"+c.Name]++
		}
	}
	for _, name := range sortedKeys(names) {
		add(fmt.Sprintf("the session called %s %s, which reconcile does not know: what it made or changed is not looked at", name, times(names[name])))
	}
}

// unknownTypes names the types that the plan was about to change and that
// reconcile cannot look at. Types that the plan leaves alone are only noted.
func (b *builder) unknownTypes(add func(string)) {
	changing, silent := map[string]int{}, map[string]int{}
	planned := map[string]bool{}
	if w := b.in.Subject.Wanted; w != nil {
		for _, i := range w.Instances {
			if k, known := b.in.Subject.Kinds.Find(i.Type); (known && k.Unread == "") || !diff.IsAWS(i.Source) {
				continue
			}
			planned[i.Address] = true
			if i.Action == wanted.NoOp {
				silent[i.Type]++
			} else {
				changing[i.Type]++
			}
		}
	}
	for _, i := range b.diff.Instances {
		if (i.Kind.Type == "" || i.Kind.Unread != "") && diff.IsAWS(i.Provider.Source) && !planned[i.Address] {
			silent[i.Type]++
		}
	}
	for _, typ := range sortedKeys(changing) {
		k, _ := b.in.Subject.Kinds.Find(typ)
		add(fmt.Sprintf("%s %s, and the plan was about to change %s of it: look at them by hand",
			typ, notKnown(k, "is not a kind that reconcile knows"), plural(changing[typ], "instance", "instances")))
	}
	for _, typ := range sortedKeys(silent) {
		k, _ := b.in.Subject.Kinds.Find(typ)
		b.report.Notes = append(b.report.Notes, fmt.Sprintf("not looked at: %s of %s, which %s; the plan does not change %s",
			plural(silent[typ], "instance", "instances"), typ, notKnown(k, "reconcile does not know"), pronoun(silent[typ])))
	}
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return itoa(n) + " times"
}

func pronoun(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// sees reports whether an account was read.
func (b *builder) sees(account string) bool {
	return account == b.in.Reading.Caller.Account || slices.Contains(b.in.Reading.Further, account)
}

// notKnown says why a type is not looked at.
func notKnown(k providers.Kind, otherwise string) string {
	if k.Unread != "" {
		return "cannot be read (" + k.Unread + ")"
	}
	return otherwise
}
