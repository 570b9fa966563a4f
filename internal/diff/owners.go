package diff

import (
	"slices"

	"reconcile/internal/wanted"
	"reconcile/providers"
)

// OwnersNamed says which owners of a kind's objects matter before the trail is
// read: those of the instances and of the wanted addresses. A wanted owner that
// is still to be made may be any object that the state does not hold, and one of
// which nothing is known may be any at all.
func (s Subject) OwnersNamed(typ string) providers.Asking {
	kind, _ := s.Kinds.Find(typ)
	asking := providers.Asking{IDs: map[string]bool{}}
	recorded := map[string]bool{}
	at := map[string]Instance{}
	for _, i := range s.Instances {
		recorded[i.Attrs.Text("id")] = true
		if i.Deposed == "" {
			at[i.Address] = i
		}
		if i.Type == typ {
			owner := kind.Owner.Expand(i.Attrs.Text)
			asking.IDs[owner], asking.All = true, asking.All || owner == ""
		}
	}
	if asking.All || s.Wanted == nil {
		return asking
	}
	for _, w := range s.Wanted.Instances {
		if w.Type != typ {
			continue
		}
		switch owners, is := s.ownersOf(kind, w, at); is {
		case named:
			for _, id := range owners {
				asking.IDs[id] = true
			}
		case unmade:
			for _, id := range owners {
				asking.IDs[id] = true
			}
			asking.All, asking.Except = true, recorded
		default:
			return providers.Asking{All: true}
		}
	}
	return asking
}

// settled is what a plan tells of an owner.
type settled int

const (
	open   settled = iota // nothing
	named                 // it is one of these
	unmade                // it is one of these, or one that the apply was to make
)

// ownersOf are the ids that the owner of a wanted address may have.
func (s Subject) ownersOf(kind providers.Kind, w wanted.Instance, at map[string]Instance) ([]string, settled) {
	names := kind.Owner.Names()
	if len(names) != 1 {
		return nil, open
	}
	v, ok := w.Values[names[0]]
	if !ok {
		return nil, open
	}
	if v.IsKnown() {
		id := providers.Canon(v.Known)
		if id == "" {
			return nil, open
		}
		return []string{id}, named
	}
	if len(v.OneOf) == 0 {
		return nil, open
	}
	is := named
	var ids []string
	for _, target := range v.OneOf {
		t, ok := s.Wanted.Find(target.Address)
		if !ok {
			return nil, open // what stands there is not known
		}
		found := false
		// Until a move is made the state has the object at its old address.
		for _, address := range []string{target.Address, t.PreviousAddress} {
			if i, ok := at[address]; ok && i.Attrs.Text(target.Attr) != "" {
				ids, found = append(ids, i.Attrs.Text(target.Attr)), true
			}
		}
		if !found || t.Action == wanted.Replace || t.Action == wanted.ReplaceCBD {
			is = unmade
		}
	}
	return ids, is
}

// OwnersTold says which owners the session's record adds: those that it touched,
// and any at all where it made an object of the kind that is not seen and whose
// identity does not spell its owner.
func (s Subject) OwnersTold(typ string, trail providers.Trail, seen func(id string) bool) providers.Asking {
	kind, _ := s.Kinds.Find(typ)
	spelled := !slices.ContainsFunc(kind.Owner.Names(), func(name string) bool {
		return !slices.Contains(kind.Identity.Names(), name)
	})
	var asking providers.Asking
	for _, calls := range [][]providers.Call{trail.Own, trail.Refused, trail.Unclear} {
		for _, c := range calls {
			for _, m := range c.Mutations {
				asking.In = append(asking.In, m.ID)
				if m.Type == typ && m.Role != providers.Deleted && !spelled && !seen(m.ID) {
					return providers.Asking{All: true}
				}
			}
		}
	}
	return asking
}
