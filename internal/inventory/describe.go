package inventory

import (
	"regexp"
	"slices"
	"strings"

	"reconcile/internal/diff"
	"reconcile/providers"
)

var accountID = regexp.MustCompile(`^\d{12}$`)

// describe says of one object who manages it.
func (r *reading) describe(k providers.Kind, o providers.Object, owners owners) Object {
	out := Object{Type: o.Type, ID: o.ID, ImportID: k.ImportIDOf(o.Attrs), Account: o.Place.Account, Region: o.Place.Region,
		State: o.State, Life: o.Life}
	var owner *diff.Instance
	if all := owners.of(k, o); len(all) > 0 {
		owner = &all[0]
		if len(all) > 1 && all[1].Deposed == "" && all[1].Type == owner.Type {
			r.note(o.Type + " " + o.ID + " is recorded at two addresses: " + owner.Address + " and " + all[1].Address)
		}
	}
	foreign := ""
	if k.Account != "" && o.Attrs.Text(k.Account) != o.Place.Account {
		foreign = o.Attrs.Text(k.Account)
	}
	switch {
	case owner != nil:
		out.Status, out.Address, out.Deposed = Managed, owner.Address, owner.Deposed
		out.By = &By{Source: "state", Module: owner.Module}
		if r.place != nil {
			out.By.Workspace = r.place.Workspace
		}
	case o.Life == providers.Gone:
		out.Status = Gone
	case o.Implicit || foreign != "" && !accountID.MatchString(foreign): // "amazon", "AWS"
		out.Status, out.By = ByAWS, &By{Source: "aws"}
	case foreign != "":
		out.Status, out.Owner = Shared, foreign
	case k.Facet:
		out.Status = Aspect
		out.Of, out.OfAt = owners.carrier(k, o)
	case r.state == nil:
		out.Status = Unknown
	default:
		out.Status = Unmanaged
	}
	out.Attrs = shown(o.Attrs, func(name string) bool { return sensitive(owner, name) })
	out.what = what(k, out)
	return out
}

// carrier is the object that an aspect belongs to: a recorded parent, else the
// first that it names.
func (w owners) carrier(k providers.Kind, o providers.Object) (id, address string) {
	for _, name := range k.Parents {
		parent := o.Attrs.Text(name)
		if parent == "" {
			continue
		}
		if all := in(o.Place, false, w.things[parent]); len(all) > 0 {
			return parent, all[0].Address
		}
		if id == "" {
			id = parent
		}
	}
	return id, ""
}

// shown are the attributes without secrets: those that the state marks, and
// those whose name says so, at any depth.
func shown(a providers.Attrs, secret func(string) bool) providers.Attrs {
	var clean func(v any) any
	members := func(m map[string]any) map[string]any {
		out := make(map[string]any, len(m))
		for name, v := range m {
			if secret(name) && providers.Canon(v) != "" {
				out[name] = "(sensitive)"
			} else {
				out[name] = clean(v)
			}
		}
		return out
	}
	clean = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			return members(v)
		case []any:
			out := make([]any, len(v))
			for i := range v {
				out[i] = clean(v[i])
			}
			return out
		}
		return v
	}
	return members(a)
}

// what tells an object from its siblings: its Name tag, and the attributes by
// which the kind is told apart, else its parents, where the id does not hold
// them already.
func what(k providers.Kind, o Object) string {
	var parts []string
	add := func(names []string) {
		for i, name := range names {
			if v := o.Attrs.Text(name); v != "" && !slices.Contains(names[:i], name) && !strings.Contains(o.ID, v) {
				parts = append(parts, name+"="+v)
			}
		}
	}
	if tags, ok := o.Attrs["tags_all"].(map[string]any); ok && providers.Canon(tags["Name"]) != "" {
		parts = append(parts, providers.Canon(tags["Name"]))
	}
	if add(k.Tells()); len(parts) == 0 {
		add(k.Parents)
	}
	return strings.Join(parts, " ")
}
