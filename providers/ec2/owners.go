package ec2

import (
	"context"
	"slices"

	"reconcile/providers"
)

// choice reports whether a parent is asked for a listing.
type choice func(l *listing, region, parent string) bool

// members are the reads of the parents that were found and chosen, and that are
// not done yet.
func members(children []*listing, regions []string, got map[read]result, chosen choice) []read {
	var todo []read
	for _, region := range regions {
		for _, l := range children {
			for _, item := range got[read{listing: l.parent, region: region}].items {
				one := read{listing: l, region: region, parent: l.parentID(item)}
				if _, done := got[one]; !done && one.parent != "" && chosen(l, region, one.parent) {
					todo = append(todo, one)
				}
			}
		}
	}
	return todo
}

// named chooses by what is known before anything is read: every parent where
// nobody chooses, or where another kind's attributes come from the members.
func (r *Reader) named(rows []Row) choice {
	return r.by(rows, func(row Row, _ string) providers.Asking {
		if r.owners == nil || joinedBy(rows, row.Type) {
			return providers.Asking{All: true}
		}
		return r.owners.Named(row.Type)
	})
}

// told chooses by the run's own record.
func (r *Reader) told(ctx context.Context, rows []Row, got map[read]result) choice {
	return r.by(rows, func(row Row, region string) providers.Asking {
		objects, _ := r.collect(row, region, got)
		seen := func(id string) bool {
			return slices.ContainsFunc(objects, func(o providers.Object) bool { return o.ID == id })
		}
		return r.owners.Told(ctx, row.Type, seen)
	})
}

// by chooses a parent if the kind of any row that is read off the listing asks
// it, and asks about each kind and region once.
func (r *Reader) by(rows []Row, ask func(Row, string) providers.Asking) choice {
	type key struct {
		listing *listing
		region  string
	}
	answers := map[key][]providers.Asking{}
	return func(l *listing, region, parent string) bool {
		k := key{l, region}
		asked, done := answers[k]
		if !done {
			for _, row := range rows {
				if row.source == l {
					asked = append(asked, ask(row, region))
				}
			}
			answers[k] = asked
		}
		return slices.ContainsFunc(asked, func(a providers.Asking) bool { return a.Of(parent) })
	}
}

// joinedBy reports whether a row has the type read for its own attributes.
func joinedBy(rows []Row, typ string) bool {
	return slices.ContainsFunc(rows, func(row Row) bool {
		return slices.ContainsFunc(row.joins, func(j join) bool { return j.reads && j.typ == typ })
	})
}
