package diff

import (
	"slices"
	"strings"

	"reconcile/providers"
)

// unrecorded are the live objects that no instance of their type records, each
// once a place, sorted. A thing that is recorded as another type is not
// unrecorded, unless this type is a facet that may be managed beside that one.
func unrecorded(kinds providers.Kinds, live objects, instances []Instance, h History) []Object {
	bound, things := map[key]bool{}, map[string]bool{}
	for _, i := range instances {
		if i.ID == "" || i.Remade {
			continue
		}
		for _, piece := range i.Kind.Pieces(i.Attrs) {
			bound[key{i.Type, i.Kind.IdentityOf(piece)}] = true
		}
		if i.Object != nil {
			things[i.ID] = true
		}
	}
	var out []Object
	for k, places := range live {
		kind, ok := kinds.Find(k.typ)
		if !ok || bound[k] || (things[k.id] && !kind.Facet) {
			continue
		}
		for _, o := range places {
			if o.Life == providers.Gone {
				continue
			}
			u := Object{Object: *o, Kind: kind}
			u.Maker, u.By, u.Events, u.Tags = h.maker(kind, o.ID)
			if u.Maker == ByNobody && o.With != "" {
				u.Maker, u.By, u.Events = h.makerOf(o.With)
			}
			out = append(out, u)
			if kind.Everywhere {
				break
			}
		}
	}
	slices.SortFunc(out, Object.Compare)
	return joined(out)
}

// joined puts the parts together that one call made and that share what all
// parts of an instance share: they are what one instance asked for. Parts of no
// known call stay as they are.
func joined(in []Object) []Object {
	var out []Object
	at := map[string]int{}
	parts := map[int][]*providers.Object{}
	for n := range in {
		o := in[n]
		if o.Kind.Parts == nil || len(o.Events) == 0 {
			out = append(out, o)
			continue
		}
		call := o.Type + " " + o.Place.String() + " " + string(o.Maker) + " " + strings.Join(o.Events, " ")
		for _, name := range o.Kind.Identity.Names() {
			if slices.Contains(o.Kind.Fixed, name) {
				call += " " + providers.Canon(o.Attrs[name])
			}
		}
		i, known := at[call]
		if !known {
			i = len(out)
			at[call] = i
			out = append(out, o)
		}
		parts[i] = append(parts[i], &in[n].Object)
	}
	for i, p := range parts {
		out[i].Object = *together(out[i].Kind, p)
	}
	return out
}
