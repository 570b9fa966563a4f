package plan

import (
	"cmp"
	"maps"
	"slices"

	"reconcile/internal/diff"
	"reconcile/internal/match"
	"reconcile/internal/wanted"
	"reconcile/providers"
)

// opening is a wanted address that has no object yet, and what the state
// holds there.
type opening struct {
	address match.Address
	old     *diff.Instance // what the state holds there, alive, gone or not known; nil for nothing
	stands  bool           // for addresses of which it is not known which there are
}

// solve finds the addresses that want an object and the objects that want an
// address, and brings them together.
func (b *builder) solve() {
	b.open, b.waiting = map[string]opening{}, nil
	b.problem = match.Input{Bound: map[string]providers.Attrs{}, Unread: map[string]bool{}, Opaque: map[string]bool{}, Referenced: b.referenced(), Told: b.told}
	in := &b.problem
	if w := b.in.Subject.Wanted; w != nil {
		in.Outputs = w.OutputRefs
		holders := b.holders(w)
		for _, want := range w.Instances {
			if want.Action == wanted.Delete || want.Action == wanted.Forget {
				continue
			}
			if kind, known := b.in.Subject.Kinds.Find(want.Type); known && kind.Unread == "" && diff.IsAWS(want.Source) {
				b.openAddress(want, kind, holders[want.Address])
				continue
			}
			b.unseen(want, holders[want.Address])
		}
		b.unlisted(w)
	}
	for _, o := range b.diff.Objects {
		if o.Maker == diff.BySession {
			in.Objects = append(in.Objects, o)
		}
	}
	b.match = match.Solve(*in)
	for _, m := range b.match.Matches {
		in.Bound[m.Address.Wanted.Address] = m.Object.Attrs
	}
}

// unseen binds the address of a kind that reconcile does not look at to what
// the state says of it, and marks what it refers to: which of the objects there
// it uses cannot be seen.
func (b *builder) unseen(want wanted.Instance, i *diff.Instance) {
	if want.Action != wanted.NoOp {
		for _, a := range want.DependsOn {
			b.problem.Opaque[a] = true
		}
	}
	replaced := want.Action == wanted.Replace || want.Action == wanted.ReplaceCBD
	if i == nil {
		return
	}
	attrs, err := i.Instance.Attrs()
	if err == nil && (!replaced || attrs.Text("id") != want.PriorID) {
		b.problem.Bound[want.Address] = attrs
	}
}

func (b *builder) openAddress(want wanted.Instance, kind providers.Kind, i *diff.Instance) {
	in := &b.problem
	want = assembled(want, kind)
	a := match.Address{Wanted: want, Kind: kind, Place: b.in.Subject.WantedPlace(want, b.in.Reading.Caller), Alone: kind.Facet && b.alone(want.Type)}
	switch {
	case i == nil:
		if want.Action == wanted.NoOp || want.Action == wanted.Update {
			// The plan saw an object here that the pulled state does not hold:
			// no other one can be meant.
			a.Only = want.PriorID
		}
	case i.Status == diff.InSync || i.Status == diff.Drifted:
		if want.Action == wanted.Replace && !b.isSuccessor(want, i) {
			// The old object has to go before the new one is made, so nothing
			// can refer to the new one yet.
			in.Bound[want.Address] = providers.Attrs{}
			b.waiting = append(b.waiting, a)
			return
		}
		if want.Action != wanted.ReplaceCBD || b.isSuccessor(want, i) {
			attrs := maps.Clone(i.Attrs)
			maps.Copy(attrs, i.Object.Attrs)
			in.Bound[want.Address] = attrs
			return
		}
		a.Occupied = true
	case i.Status == diff.Unknown || i.Status == diff.Pending:
		in.Unread[want.Address] = true
		a.Blocked = "the state holds " + cmp.Or(i.ID, "an object") + " there, which is not known to be gone (" + i.Reason + ")"
	}
	if status := b.in.Reading.Inventory.Status(want.Type, a.Place); a.Place.Known() && status != providers.Read {
		in.Unread[want.Address] = true
		a.Blocked = cmp.Or(a.Blocked, want.Type+" could not be read completely, so another object may fit as well")
	}
	if !a.Place.Known() {
		in.Unread[want.Address] = true
		a.Blocked = cmp.Or(a.Blocked, "the account or region of the address cannot be established")
	}
	if in.Unread[want.Address] {
		for _, d := range want.DependsOn {
			in.Opaque[d] = true
		}
	}
	b.open[want.Address] = opening{address: a, old: i}
	in.Open = append(in.Open, a)
}

// alone reports whether only resources of their own ask for what a type makes:
// no other one of the configuration spells it inline, unless the state has it so
// already.
func (b *builder) alone(typ string) bool {
	if b.lone == nil {
		b.lone = map[string]bool{}
	}
	alone, known := b.lone[typ]
	if !known {
		alone = !slices.ContainsFunc(b.in.Subject.Wanted.Instances, func(w wanted.Instance) bool { return b.asksInline(w, typ) })
		b.lone[typ] = alone
	}
	return alone
}

// asksInline reports whether an instance may ask inline for what a type makes,
// other than it did before.
func (b *builder) asksInline(w wanted.Instance, typ string) bool {
	kind, _ := b.in.Subject.Kinds.Find(w.Type)
	for attr, types := range kind.Inline {
		v, told := w.Values[attr]
		switch {
		case !slices.Contains(types, typ):
		case !told:
			if slices.Contains(w.Unknown, attr) && !slices.Contains(w.Unset, attr) {
				return true
			}
		case !v.IsKnown():
			return true
		default:
			had := ""
			if i := b.current(w.Address); i != nil {
				had = providers.Canon(i.Attrs[attr])
			}
			if text := providers.Canon(v.Known); text != had && text != "" && text != "false" && text != "[]" {
				return true
			}
		}
	}
	return false
}

// isSuccessor reports whether the state already holds the new object of a
// create_before_destroy replacement: a snapshot from half way does.
func (b *builder) isSuccessor(want wanted.Instance, i *diff.Instance) bool {
	return (want.PriorID != "" && i.Attrs.Text("id") != want.PriorID) || len(b.diff.History.Created(i.Type, i.ID)) > 0
}

// referenced are all ids that the attributes of live objects (other than those
// that are to be matched) and of the state's instances hold, other than their
// own.
func (b *builder) referenced() map[string]bool {
	out, matched := map[string]bool{}, map[string]bool{}
	for _, o := range b.diff.Objects {
		if o.Maker == diff.BySession {
			for _, k := range pieces(o.Kind, o.Attrs, o.Type, o.ID) {
				matched[k] = true
			}
		}
	}
	for _, o := range b.in.Reading.Inventory.Objects {
		kind, _ := b.in.Subject.Kinds.Find(o.Type)
		part := o.Implicit && kind.Facet // a table's own local route is the table
		if o.Life != providers.Gone && !part && !matched[o.Type+" "+o.ID] {
			mention(out, o.Attrs, o.Attrs.Text("id"))
		}
	}
	for _, i := range b.diff.Instances {
		attrs, err := i.Instance.Attrs()
		if err == nil {
			mention(out, attrs, attrs.Text("id"))
		}
	}
	return out
}

func mention(out map[string]bool, attrs providers.Attrs, own string) {
	for name, v := range attrs {
		if name == "id" || name == "arn" {
			continue
		}
		for text := range providers.Texts(v) {
			if text != own {
				out[text] = true
			}
		}
	}
}

// Suspects are the live objects that nobody is known to have made and that
// would fit a wanted address: whoever has a way to ask who made them should.
// It returns their types.
func Suspects(in Input) []string {
	b := &builder{in: in, diff: diff.Compare(in.Subject, in.Reading)}
	b.adopt()
	b.solve()
	types := map[string]bool{}
	for _, o := range b.unexplained() {
		types[o.Type] = true
	}
	return sortedKeys(types)
}

// unexplained are the live objects without a known maker that fit a wanted
// address which has no object.
func (b *builder) unexplained() []diff.Object {
	return b.fitting(diff.ByNobody)
}

// fitting are the live unrecorded objects of a maker that fit an address; the
// addresses are kept in b.alike.
func (b *builder) fitting(maker diff.Maker) []diff.Object {
	var objects, out []diff.Object
	for _, o := range b.diff.Objects {
		if o.Maker == maker && !(maker == diff.ByNobody && o.Implicit) {
			objects = append(objects, o)
		}
	}
	if b.alike == nil {
		b.alike = map[string][]match.Address{}
	}
	for k, as := range match.Alike(b.problem, objects) {
		// An address whose own object is not known to be gone is not free.
		as = slices.DeleteFunc(as, func(a match.Address) bool {
			o := b.open[a.Wanted.Address]
			return o.stands || (o.old != nil && a.Blocked != "")
		})
		if len(as) > 0 {
			b.alike[k] = as
		}
	}
	for _, o := range objects {
		if len(b.alike[o.Type+" "+o.ID]) > 0 {
			out = append(out, o)
		}
	}
	return out
}
