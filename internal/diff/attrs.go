package diff

import (
	"slices"
	"strings"

	"reconcile/providers"
)

// compare finds the attributes of a live instance that are otherwise in AWS,
// and who changed them.
func compare(i *Instance, inline map[key]bool, set map[naming]bool, h History) {
	if i.Status != InSync {
		return
	}
	changed := h.changed(i.Type, i.ID)
	for _, name := range i.Kind.Compared {
		state, has := i.Attrs[name]
		live, read := i.Object.Attrs[name]
		if !has || !read {
			continue
		}
		if slices.ContainsFunc(i.Kind.Inline[name], func(typ string) bool { return inline[key{typ, i.ID}] }) {
			continue
		}
		if slices.ContainsFunc(i.Kind.SetBy[name], func(by providers.Argument) bool { return set[naming{by, i.ID}] }) {
			continue
		}
		a, b := providers.Canon(trimmed(state, live)), providers.Canon(live)
		if a == b {
			continue
		}
		d := Drift{Attribute: name, State: a, Live: b}
		if i.IsSensitive(name) {
			d.State, d.Live = "(sensitive)", "(sensitive)"
		}
		i.Drift = append(i.Drift, d)
	}
	if len(i.Drift) == 0 && len(changed) == 0 {
		i.Reason = "AWS has what the state says"
		if len(i.Kind.NotCompared) > 0 {
			i.Reason += " (not compared: " + strings.Join(i.Kind.NotCompared, ", ") + ")"
		}
		return
	}
	if len(i.Drift) == 0 {
		i.Events = changed
		i.Reason = "the session changed it in place; nothing that reconcile compares differs"
		return
	}
	i.Status = Drifted
	i.Events, i.Reason = changed, "the session changed it in place: no command, the next plan refreshes it"
	if len(changed) == 0 {
		i.Reason = "AWS has it otherwise than the state: no command, the next plan refreshes it"
		if by, ids := h.changedByOther(i.Type, i.ID); by != "" {
			i.By, i.Events = by, ids
			i.Reason = "changed by " + by + ": no command, the next plan shows it"
		}
	}
}

// trimmed keeps of the state's blocks only the members that the live
// reading has: a block may hold arguments that no API call returns. Maps that
// are no blocks, such as tags, stay whole.
func trimmed(state, live any) any {
	s, _ := state.([]any)
	l, _ := live.([]any)
	if len(s) == 0 || len(l) == 0 {
		return state
	}
	members, ok := l[0].(map[string]any)
	if !ok {
		return state
	}
	out := make([]any, len(s))
	for n := range s {
		block, ok := s[n].(map[string]any)
		if !ok {
			return state
		}
		kept := map[string]any{}
		for k := range members {
			kept[k] = trimmed(block[k], members[k])
		}
		out[n] = kept
	}
	return out
}

// inlined marks the objects that instances of another type refer to, so that
// the attribute which spells them inline is theirs, not the object's own.
func (s Subject) inlined() map[key]bool {
	out := map[key]bool{}
	for _, i := range s.Instances {
		for _, name := range i.Kind.Parents {
			if id := i.Attrs.Text(name); id != "" {
				out[key{i.Type, id}] = true
			}
		}
	}
	if s.Wanted != nil {
		for _, w := range s.Wanted.Instances {
			kind, _ := s.Kinds.Find(w.Type)
			for _, name := range kind.Parents {
				if v, ok := w.Values[name]; ok && v.IsKnown() {
					out[key{w.Type, providers.Canon(v.Known)}] = true
				}
			}
		}
	}
	return out
}

// naming is an argument and the object that it names.
type naming struct {
	by providers.Argument
	id string
}

// set are the objects that instances name by an argument which sets one of
// their attributes.
func (s Subject) set() map[naming]bool {
	setters := map[string][]string{}
	for _, k := range s.Kinds {
		for _, arguments := range k.SetBy {
			for _, by := range arguments {
				setters[by.Type] = append(setters[by.Type], by.Name)
			}
		}
	}
	out := map[naming]bool{}
	add := func(typ, name, id string) { out[naming{providers.Argument{Type: typ, Name: name}, id}] = true }
	for _, i := range s.Instances {
		for _, name := range setters[i.Type] {
			add(i.Type, name, i.Attrs.Text(name))
		}
	}
	if s.Wanted != nil {
		for _, w := range s.Wanted.Instances {
			for _, name := range setters[w.Type] {
				if v, ok := w.Values[name]; ok && v.IsKnown() {
					add(w.Type, name, providers.Canon(v.Known))
				}
			}
		}
	}
	return out
}
