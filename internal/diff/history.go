package diff

import (
	"slices"

	"reconcile/providers"
)

// History answers who did what to an object.
type History struct {
	own, others map[key][]deed
	ownDeleted  map[string][]string // any id to the events of the session that deleted it
}

type deed struct {
	role  providers.Role
	event string
	by    providers.Principal
	tags  map[string]string
}

func newHistory(t providers.Trail) History {
	h := History{own: map[key][]deed{}, others: map[key][]deed{}, ownDeleted: map[string][]string{}}
	for _, c := range t.Own {
		for _, m := range c.Mutations {
			k := key{m.Type, m.ID}
			h.own[k] = append(h.own[k], deed{m.Role, c.EventID, c.By, m.Tags})
			if m.Role == providers.Deleted && !slices.Contains(h.ownDeleted[m.ID], c.EventID) {
				h.ownDeleted[m.ID] = append(h.ownDeleted[m.ID], c.EventID)
			}
		}
	}
	for _, c := range t.Others {
		for _, m := range c.Mutations {
			k := key{m.Type, m.ID}
			h.others[k] = append(h.others[k], deed{m.Role, c.EventID, c.By, m.Tags})
		}
	}
	return h
}

func with(deeds []deed, role providers.Role) []string {
	var out []string
	for _, d := range deeds {
		if d.role == role && !slices.Contains(out, d.event) {
			out = append(out, d.event)
		}
	}
	return out
}

// Deleted are the session's events that deleted an object.
func (h History) Deleted(typ, id string) []string {
	return with(h.own[key{typ, id}], providers.Deleted)
}

// DeletedID are the session's events that deleted whatever bears the id.
func (h History) DeletedID(id string) []string { return h.ownDeleted[id] }

// Changed are the session's events that changed an object in place.
func (h History) Changed(typ, id string) []string {
	return with(h.own[key{typ, id}], providers.Changed)
}

// Created are the session's events that made an object.
func (h History) Created(typ, id string) []string {
	return with(h.own[key{typ, id}], providers.Created)
}

// DeletedByOther says who else deleted an object or one of its parents.
func (h History) DeletedByOther(typ, id string, parents []string, a providers.Attrs) (string, []string) {
	for _, d := range h.others[key{typ, id}] {
		if d.role == providers.Deleted {
			return d.by.String(), []string{d.event}
		}
	}
	for _, name := range parents {
		for k, deeds := range h.others {
			for _, d := range deeds {
				if d.role == providers.Deleted && k.id == a.Text(name) && k.id != "" {
					return d.by.String(), []string{d.event}
				}
			}
		}
	}
	return "", nil
}

// ChangedByOther says who else changed an object in place.
func (h History) ChangedByOther(typ, id string) (string, []string) {
	for _, d := range h.others[key{typ, id}] {
		if d.role == providers.Changed {
			return d.by.String(), []string{d.event}
		}
	}
	return "", nil
}

// maker says who made an object. A kind that no call creates (it is adopted)
// is the session's if the session changed it.
func (h History) maker(k providers.Kind, id string) (Maker, string, []string, map[string]string) {
	role := providers.Created
	if !slices.ContainsFunc(k.Events, func(e providers.Event) bool { return e.Role == providers.Created }) {
		role = providers.Changed
	}
	for _, d := range h.own[key{k.Type, id}] {
		if d.role == role {
			return BySession, "", with(h.own[key{k.Type, id}], role), d.tags
		}
	}
	for _, d := range h.others[key{k.Type, id}] {
		if d.role == role {
			return ByOther, d.by.String(), []string{d.event}, d.tags
		}
	}
	return ByNobody, "", nil, nil
}
