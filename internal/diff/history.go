package diff

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"reconcile/providers"
)

// History answers who did what to an object. Events carry their second only,
// so two deeds of one second have no order: where order decides, the answer is
// the careful one.
type History struct {
	own, others, unclear     map[key][]deed    // unclear: of one of several runs, any of which may be the session
	refused                  map[key][]deed    // what the session tried to do
	ownDeleted, otherDeleted map[string][]deed // by id, whatever its type
	made                     map[string][]made // by id, whatever its type
}

// made is one creation, and whose.
type made struct {
	deed
	maker Maker
}

type deed struct {
	role  providers.Role
	event string
	at    time.Time
	by    providers.Principal
	tags  map[string]string
}

func newHistory(t providers.Trail) History {
	h := History{ownDeleted: map[string][]deed{}, otherDeleted: map[string][]deed{}}
	h.own = deeds(t.Own, h.ownDeleted)
	h.others = deeds(t.Others, h.otherDeleted)
	h.unclear = deeds(t.Unclear, h.otherDeleted)
	h.refused = deeds(t.Refused, map[string][]deed{})
	h.made = map[string][]made{}
	for _, side := range []struct {
		maker Maker
		of    map[key][]deed
	}{{BySession, h.own}, {ByUnclear, h.unclear}, {ByOther, h.others}} {
		for k, of := range side.of {
			for _, d := range with(of, providers.Created) {
				h.made[k.id] = append(h.made[k.id], made{d, side.maker})
			}
		}
	}
	return h
}

// makerOf says who made whatever bears the id, if one alone is known to have.
func (h History) makerOf(id string) (Maker, string, []string) {
	all := slices.SortedFunc(slices.Values(h.made[id]), func(a, b made) int { return cmp.Compare(a.event, b.event) })
	if len(all) == 0 {
		return ByNobody, "", nil
	}
	var ids []string
	for _, m := range all {
		if m.maker != all[0].maker {
			return ByNobody, "", nil
		}
		ids = append(ids, m.event)
	}
	ids = slices.Compact(ids)
	if all[0].maker == BySession {
		return BySession, "", ids
	}
	return all[0].maker, all[0].by.String(), ids[:1]
}

// deeds arranges calls by object, in order of time, and the deletions by id.
func deeds(calls []providers.Call, deleted map[string][]deed) map[key][]deed {
	sorted := slices.SortedStableFunc(slices.Values(calls), providers.Call.Compare)
	out := map[key][]deed{}
	for _, c := range sorted {
		for _, m := range c.Mutations {
			k, d := key{m.Type, m.ID}, deed{m.Role, c.EventID, c.Time, c.By, m.Tags}
			out[k] = append(out[k], d)
			if m.Role == providers.Deleted {
				deleted[m.ID] = append(deleted[m.ID], d)
			}
		}
	}
	return out
}

func events(deeds []deed) []string {
	var out []string
	for _, d := range deeds {
		if !slices.Contains(out, d.event) {
			out = append(out, d.event)
		}
	}
	return out
}

func with(deeds []deed, role providers.Role) []deed {
	return slices.DeleteFunc(slices.Clone(deeds), func(d deed) bool { return d.role != role })
}

// last returns the time of the last deed of a role, the zero time for none.
func last(deeds []deed, role providers.Role) time.Time {
	var at time.Time
	for _, d := range with(deeds, role) {
		if d.at.After(at) {
			at = d.at
		}
	}
	return at
}

// Deleted are the session's events that deleted an object. There are none if
// anybody made the object again in the same second or later: what is missing
// then is another one, and that one the session did not delete.
func (h History) Deleted(typ, id string) []string { return h.deletedAs(typ, id, id) }

// deletedAs are those that deleted an object under another name than its own.
func (h History) deletedAs(typ, id, name string) []string {
	k := key{typ, id}
	deleted := with(h.own[key{typ, name}], providers.Deleted)
	if len(deleted) == 0 {
		return nil
	}
	at := last(deleted, providers.Deleted)
	for _, by := range [][]deed{h.own[k], h.others[k], h.unclear[k]} {
		if made := last(by, providers.Created); !made.IsZero() && !made.Before(at) {
			return nil
		}
	}
	return events(deleted)
}

// DeletedAll are the session's events that deleted everything an instance is
// made of, none if one part is not explained.
func (h History) DeletedAll(i Instance) []string {
	var out []string
	for _, piece := range i.Kind.Pieces(i.Attrs) {
		id := i.Kind.IdentityOf(piece)
		ids := h.Deleted(i.Type, id)
		if swept := i.Kind.Swept.Expand(piece.Text); len(ids) == 0 && swept != "" {
			ids = h.deletedAs(i.Type, id, swept)
		}
		if len(ids) == 0 {
			return nil
		}
		for _, id := range ids {
			if !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

// remade are the session's events that deleted every part of an instance and
// then made those that are alive again, in calls that made other parts too or
// not all of these: for Terraform that is another object. There are none where
// one of the deeds is missing, or where anybody else made a part.
func (h History) remade(i Instance, live objects) []string {
	if i.Kind.Parts == nil {
		return nil
	}
	var deleted, created []deed
	pieces := map[string]bool{}
	for _, piece := range i.Kind.Pieces(i.Attrs) {
		id := i.Kind.IdentityOf(piece)
		k := key{i.Type, id}
		pieces[id] = true
		gone := with(h.own[k], providers.Deleted)
		if len(gone) == 0 {
			return nil
		}
		deleted = append(deleted, gone...)
		if o := live.find(k, i.Place); o == nil || o.Life == providers.Gone {
			continue
		}
		maker, _, _, _ := h.maker(i.Kind, id)
		made := with(h.own[k], providers.Created)
		if maker != BySession || last(made, providers.Created).Before(last(gone, providers.Deleted)) {
			return nil
		}
		created = append(created, made...)
	}
	calls := events(created)
	made := map[string]bool{}
	for k, deeds := range h.own {
		if k.typ == i.Type && slices.ContainsFunc(with(deeds, providers.Created), func(d deed) bool { return slices.Contains(calls, d.event) }) {
			made[k.id] = true
		}
	}
	if len(created) == 0 || maps.Equal(made, pieces) {
		return nil
	}
	return slices.Concat(events(deleted), calls)
}

// deletedID are the session's events that deleted whatever bears the id.
func (h History) deletedID(id string) []string {
	if id == "" {
		return nil
	}
	return events(h.ownDeleted[id])
}

// changed are the session's events that changed an object in place.
func (h History) changed(typ, id string) []string {
	return events(with(h.own[key{typ, id}], providers.Changed))
}

// Created are the session's events that made an object.
func (h History) Created(typ, id string) []string {
	return events(with(h.own[key{typ, id}], providers.Created))
}

// CreatedByOther says who else made an object, "" if nobody is known to.
func (h History) CreatedByOther(typ, id string) string {
	by, _ := first(with(h.others[key{typ, id}], providers.Created))
	return by
}

// DeletedByOther says who else deleted an object or, in the order of the
// kind's parents, one of those.
func (h History) DeletedByOther(typ, id string, parents []string, a providers.Attrs) (string, []string) {
	found := slices.Concat(with(h.others[key{typ, id}], providers.Deleted), with(h.unclear[key{typ, id}], providers.Deleted))
	for _, name := range parents {
		if parent := a.Text(name); parent != "" {
			found = append(found, h.otherDeleted[parent]...)
		}
	}
	return first(found)
}

func first(deeds []deed) (by string, ids []string) {
	if len(deeds) == 0 {
		return "", nil
	}
	return deeds[0].by.String(), []string{deeds[0].event}
}

// changedByOther says who else changed an object in place.
func (h History) changedByOther(typ, id string) (string, []string) {
	return first(with(h.others[key{typ, id}], providers.Changed))
}

// maker says who made the object that is alive now: whoever made it last. A
// kind that no call creates (it is adopted) is the session's if the session
// changed it or was refused to: Terraform records what it adopts before it
// makes its first call.
func (h History) maker(k providers.Kind, id string) (Maker, string, []string, map[string]string) {
	own, others := h.own[key{k.Type, id}], h.others[key{k.Type, id}]
	role := providers.Created
	if !k.Makes() {
		role = providers.Changed
	}
	mine, theirs, unclear := with(own, role), with(others, role), with(h.unclear[key{k.Type, id}], role)
	if role == providers.Changed {
		mine = append(mine, with(h.refused[key{k.Type, id}], role)...)
	}
	if role == providers.Created {
		made := last(own, role)
		switch {
		case len(mine) > 0 && len(theirs) > 0 && !last(others, role).Before(made):
			mine = nil // a route or a tag that somebody made again
		case len(mine) > 0 && (last(own, providers.Deleted).After(made) || last(others, providers.Deleted).After(made)):
			mine, theirs = nil, nil // what is there now is another one, of nobody known
		}
	}
	switch {
	case len(mine) > 0:
		return BySession, "", events(mine), mine[len(mine)-1].tags
	case len(unclear) > 0 && !last(theirs, role).After(last(unclear, role)):
		d := unclear[len(unclear)-1]
		return ByUnclear, d.by.String(), []string{d.event}, d.tags
	case len(theirs) > 0:
		d := theirs[len(theirs)-1]
		return ByOther, d.by.String(), []string{d.event}, d.tags
	}
	return ByNobody, "", nil, nil
}
