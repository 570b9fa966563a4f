package plan

import (
	"slices"

	"reconcile/internal/diff"
	"reconcile/internal/match"
	"reconcile/providers"
)

// Adoption is a live object that no call makes and that a wanted address would
// adopt. Terraform records what it adopts before its first call on it, so if
// that call was refused without a record, only the look before it tells.
type Adoption struct {
	Key   string
	Place providers.Place
	Takes providers.Wait
	Names string
}

// Adoptions are those that whoever can read the session's own reads should look
// into: Input.Taken takes the answer by Key.
func Adoptions(in Input) []Adoption {
	b := &builder{in: in, diff: diff.Compare(in.Subject, in.Reading)}
	b.adopt()
	b.solve()
	var objects []diff.Object
	for _, o := range b.diff.Objects {
		if o.Maker == diff.ByNobody && o.Kind.Takes.Call != "" && (o.Abroad || !o.Kind.Takes.Abroad) {
			objects = append(objects, untouched(o))
		}
	}
	if len(objects) == 0 {
		return nil
	}
	alike := match.Alike(b.problem, objects)
	var out []Adoption
	for _, o := range objects {
		key := o.Type + " " + o.ID
		if slices.ContainsFunc(alike[key], func(a match.Address) bool { return a.Blocked == "" }) {
			out = append(out, Adoption{Key: key, Place: o.Place, Takes: o.Kind.Takes, Names: o.Kind.Takes.Names.Expand(o.Attrs.Text)})
		}
	}
	return out
}

// untouched is the object without what a call on it would have set: as no call
// came through, what it shows there is not the configuration's, and so speaks
// for no address and against none.
func untouched(o diff.Object) diff.Object {
	attrs := providers.Attrs{}
	for _, name := range slices.Concat(o.Kind.Hard(), o.Kind.Parents, o.Kind.Takes.Names.Names(), []string{"id", o.Kind.Account}) {
		if v, ok := o.Attrs[name]; ok {
			attrs[name] = v
		}
	}
	o.Attrs = attrs
	return o
}
