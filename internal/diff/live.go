package diff

import (
	"cmp"
	"slices"

	"reconcile/providers"
)

type key struct{ typ, id string }

// objects finds live objects by type and id, in the place that is meant.
type objects map[key][]*providers.Object

// index arranges objects by type and id. What AWS lists in two places (a
// peering, a gateway that is shared) is there in both.
func index(all []providers.Object) objects {
	out := make(objects, len(all))
	for n := range all {
		k := key{all[n].Type, all[n].ID}
		out[k] = append(out[k], &all[n])
	}
	return out
}

// find returns the object of one id, nil for none: the one in the place that is
// meant, else wherever it is, and of those the liveliest.
func (s objects) find(k key, at providers.Place) *providers.Object {
	var best *providers.Object
	for _, o := range s[k] {
		here, there := o.Place == at, best != nil && best.Place == at
		if best == nil || (here && !there) || (here == there && before(*o, *best)) {
			best = o
		}
	}
	return best
}

// of returns what there is of an instance: its object, or one made of as many
// of its parts as are there; nil for nothing.
func (s objects) of(i Instance) *providers.Object {
	if i.Kind.Parts == nil {
		if o := s.find(key{i.Type, i.ID}, i.Place); o != nil && o.Life != providers.Gone {
			return o
		}
		return nil
	}
	var parts []*providers.Object
	for _, a := range i.Kind.Parts(i.Attrs) {
		if o := s.find(key{i.Type, i.Kind.IdentityOf(a)}, i.Place); o != nil && o.Life != providers.Gone {
			parts = append(parts, o)
		}
	}
	return together(i.Kind, parts)
}

// together makes one object of parts, nil of none.
func together(k providers.Kind, parts []*providers.Object) *providers.Object {
	if len(parts) == 0 {
		return nil
	}
	whole := *parts[0]
	attrs := make([]providers.Attrs, len(parts))
	for n, p := range parts {
		attrs[n] = p.Attrs
		if p.Life == providers.Pending {
			whole.Life, whole.State = p.Life, p.State
		}
	}
	whole.Attrs = k.Whole(attrs)
	whole.ID = k.IdentityOf(whole.Attrs)
	return &whole
}

func before(o, p providers.Object) bool {
	lives := []providers.Life{providers.Alive, providers.Pending, providers.Gone}
	return cmp.Or(cmp.Compare(slices.Index(lives, o.Life), slices.Index(lives, p.Life)), o.Place.Compare(p.Place),
		cmp.Compare(providers.Canon(map[string]any(o.Attrs)), providers.Canon(map[string]any(p.Attrs)))) < 0
}
