package plan

import (
	"maps"

	"reconcile/internal/diff"
	"reconcile/internal/match"
	"reconcile/internal/wanted"
	"reconcile/providers"
)

// opening is a wanted address that has no object yet, and what the state
// holds there.
type opening struct {
	address match.Address
	old     *diff.Instance // the object that is gone, or to be released; nil for none
}

// solve finds the addresses that want an object and the objects that want an
// address, and brings them together.
func (b *builder) solve() {
	current := map[string]*diff.Instance{}
	for n := range b.diff.Instances {
		if i := &b.diff.Instances[n]; i.Deposed == "" {
			current[i.Address] = i
		}
	}
	b.open = map[string]opening{}
	in := match.Input{Bound: map[string]providers.Attrs{}, Unread: map[string]bool{}, Referenced: b.referenced()}
	if w := b.in.Subject.Wanted; w != nil {
		in.Outputs = w.OutputRefs
		for _, want := range w.Instances {
			b.openAddress(&in, want, current)
		}
	}
	for _, o := range b.diff.Objects {
		if o.Maker == diff.BySession {
			in.Objects = append(in.Objects, o)
		}
	}
	b.problem, b.match = in, match.Solve(in)
	for _, m := range b.match.Matches {
		b.problem.Bound[m.Address.Wanted.Address] = m.Object.Attrs
	}
}

func (b *builder) openAddress(in *match.Input, want wanted.Instance, current map[string]*diff.Instance) {
	kind, known := b.in.Subject.Kinds.Find(want.Type)
	if !known || !diff.IsAWS(want.Source) || want.Action == wanted.Delete || want.Action == wanted.Forget {
		return
	}
	a := match.Address{Wanted: want, Kind: kind, Place: b.in.Subject.WantedPlace(want, b.in.Reading.Caller)}
	i := current[want.Address]
	if i == nil && want.PreviousAddress != "" {
		i = current[want.PreviousAddress]
	}
	switch {
	case i == nil:
	case i.Status == diff.InSync || i.Status == diff.Drifted:
		if want.Action != wanted.ReplaceCBD {
			attrs := maps.Clone(i.Attrs)
			maps.Copy(attrs, i.Object.Attrs)
			in.Bound[want.Address] = attrs
			return
		}
	case i.Status == diff.Unknown || i.Status == diff.Pending:
		in.Unread[want.Address] = true
		return
	}
	if b.in.Reading.Inventory.Status(want.Type, a.Place) != providers.Read {
		in.Unread[want.Address] = true
	}
	b.open[want.Address] = opening{a, i}
	in.Open = append(in.Open, a)
}

// referenced are all ids that some live object's attributes hold, other than
// its own.
func (b *builder) referenced() map[string]bool {
	out := map[string]bool{}
	for _, o := range b.in.Reading.Inventory.Objects {
		if o.Life == providers.Gone {
			continue
		}
		own := o.Attrs.Text("id")
		add := func(v any) {
			if id := providers.Canon(v); id != "" && id != own {
				out[id] = true
			}
		}
		for name, v := range o.Attrs {
			if name == "id" || name == "arn" {
				continue
			}
			if elements, ok := v.([]any); ok {
				for _, e := range elements {
					add(e)
				}
				continue
			}
			add(v)
		}
	}
	return out
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
	maps.Copy(b.alike, match.Alike(b.problem, objects))
	for _, o := range objects {
		if len(b.alike[o.Type+" "+o.ID]) > 0 {
			out = append(out, o)
		}
	}
	return out
}
