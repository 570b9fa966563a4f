package plan

import (
	"maps"
	"slices"

	"reconcile/internal/wanted"
	"reconcile/providers"
)

// assembled spells the wanted values of a kind that AWS keeps in parts as its
// objects are spelled, and adds what identifies it: the attributes of its
// identity that no configuration has.
func assembled(want wanted.Instance, k providers.Kind) wanted.Instance {
	if k.Parts == nil {
		return want
	}
	known := providers.Attrs{}
	for name, v := range want.Values {
		if v.IsKnown() {
			known[name] = v.Known
		}
	}
	whole := k.Whole(k.Parts(known))
	values := maps.Clone(want.Values)
	for name, v := range want.Values {
		if w, ok := whole[name]; ok && v.IsKnown() && providers.Canon(v.Known) != "" {
			values[name] = wanted.Value{Known: w}
		}
	}
	var references []wanted.Value
	told := false
	for _, name := range k.Telling {
		switch v, ok := want.Values[name]; {
		case !ok:
		case !v.IsKnown():
			references = append(references, v)
		case providers.Canon(v.Known) != "" && providers.Canon(v.Known) != "false":
			told = true
		}
	}
	for _, name := range k.Identity.Names() {
		if _, ok := want.Values[name]; ok {
			continue
		}
		switch text := whole.Text(name); {
		case len(references) == 0 && text != "":
			values[name] = wanted.Value{Known: text}
		case len(references) == 1 && !told:
			values[name] = references[0]
		}
	}
	want.Values = values
	return want
}

// spelled gives an object's attributes the spelling that the configuration has
// of them, and the order of parts: to the provider another one is another object.
func spelled(k providers.Kind, a providers.Attrs, want *wanted.Instance) providers.Attrs {
	if want == nil || k.Parts == nil && len(k.Spellings) == 0 {
		return a
	}
	out := maps.Clone(a)
	for name, v := range want.Values {
		if !v.IsKnown() {
			continue
		}
		text := providers.Canon(v.Known)
		if ways := k.Spellings[name]; k.Parts != nil && text == providers.Canon(a[name]) || ways != nil && slices.Contains(ways(a.Text(name)), text) {
			out[name] = v.Known
		}
	}
	return out
}
