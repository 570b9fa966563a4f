package inventory

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"reconcile/internal/diff"
	"reconcile/internal/hint"
	"reconcile/internal/statefile"
	"reconcile/providers"
)

// scope settles which kinds are read in which regions: what a person named,
// else what the state and the plan name, each kind in each region.
func (r *reading) scope(context.Context) error {
	caller := r.aws.Caller
	reads, problems := r.subject.Reads(caller)
	var types, regions []string
	for at, more := range reads {
		if at.Account == caller.Account {
			types, regions = append(types, more...), append(regions, at.Region)
		}
	}
	switch {
	case r.o.All:
		types = nil
		for _, k := range r.kinds {
			types = append(types, k.Type)
		}
	case len(r.o.Types) > 0:
		types = slices.Clone(r.o.Types)
	}
	if len(r.o.Regions) > 0 {
		regions = slices.Clone(r.o.Regions)
	} else {
		for _, p := range problems {
			r.incomplete(p)
		}
	}
	if len(types) == 0 {
		return hint.Errorf("reconcile types lists the kinds it knows; --all reads them all",
			"neither the state nor the plan names a kind that reconcile knows in account %s", caller.Account)
	}
	if len(regions) == 0 {
		return hint.Errorf("give --region", "neither the state nor the plan names a region of account %s", caller.Account)
	}
	slices.Sort(types)
	slices.Sort(regions)
	r.types, r.regions = slices.Compact(types), slices.Compact(regions)
	r.report.Regions = append(r.report.Regions, r.regions...)
	r.outside()
	return nil
}

// outside tells of the instances that no reading will show.
func (r *reading) outside() {
	elsewhere, unknown, regions := map[string]int{}, map[string]int{}, map[string]int{}
	for _, i := range r.subject.Instances {
		switch _, known := r.kinds.Find(i.Type); {
		case !diff.IsAWS(i.Provider.Source):
		case !known:
			unknown[i.Type]++
		case i.Place.Account != "" && i.Place.Account != r.aws.Caller.Account:
			elsewhere[i.Place.Account]++
		case i.Place.Region != "" && !slices.Contains(r.regions, i.Place.Region):
			regions[i.Place.Region]++
		}
	}
	for _, region := range slices.Sorted(maps.Keys(regions)) {
		r.note(fmt.Sprintf("not read: %s of the state in %s, which --region leaves out", instances(regions[region]), region))
	}
	for _, account := range slices.Sorted(maps.Keys(elsewhere)) {
		r.note(fmt.Sprintf("not read: %s of the state in account %s; run it with credentials of that account", instances(elsewhere[account]), account))
	}
	for _, typ := range slices.Sorted(maps.Keys(unknown)) {
		r.note(fmt.Sprintf("not read: %s of %s, a type that reconcile does not know", instances(unknown[typ]), typ))
	}
}

func instances(n int) string {
	if n == 1 {
		return "1 instance"
	}
	return fmt.Sprintf("%d instances", n)
}

// told is one row of the ledger as a sentence.
func told(c providers.Coverage) string {
	if c.Status == providers.NotSupported && c.Error != "" {
		return c.Type + " " + c.Error
	}
	return c.Type + " in " + c.Place.Region + ": " + cmp.Or(c.Error, string(c.Status))
}

// owners finds the instance that records an object.
type owners struct {
	exact  map[string][]diff.Instance // by type and identity
	things map[string][]diff.Instance // by identity: one thing may be an object of several types
}

func (r *reading) owners() owners {
	out := owners{map[string][]diff.Instance{}, map[string][]diff.Instance{}}
	for _, i := range r.subject.Instances {
		if i.Kind.Type == "" || i.ID == "" {
			continue
		}
		for _, piece := range i.Kind.Pieces(i.Attrs) {
			id := i.Kind.IdentityOf(piece)
			if id == "" {
				continue
			}
			out.exact[i.Type+" "+id] = append(out.exact[i.Type+" "+id], i)
			if !i.Kind.Facet {
				out.things[id] = append(out.things[id], i)
			}
		}
	}
	for _, m := range []map[string][]diff.Instance{out.exact, out.things} {
		for _, list := range m {
			slices.SortStableFunc(list, func(a, b diff.Instance) int {
				return cmp.Or(cmp.Compare(a.Deposed, b.Deposed), cmp.Compare(a.Address, b.Address))
			})
		}
	}
	return out
}

// of returns the instances that record an object, the one to name first. What
// is recorded in another place is another object.
func (w owners) of(k providers.Kind, o providers.Object) []diff.Instance {
	if here := in(o.Place, k.Global, w.exact[o.Type+" "+o.ID]); len(here) > 0 || k.Facet {
		return here
	}
	return in(o.Place, k.Global, w.things[o.ID])
}

func in(at providers.Place, anywhere bool, list []diff.Instance) []diff.Instance {
	var out []diff.Instance
	for _, i := range list {
		if same(i.Place.Account, at.Account) && (anywhere || same(i.Place.Region, at.Region)) {
			out = append(out, i)
		}
	}
	return out
}

// same holds what is not established for equal: an identity is rarely in two places.
func same(a, b string) bool { return a == "" || b == "" || a == b }

// sensitive reports whether an attribute must not be shown.
func sensitive(i *diff.Instance, name string) bool {
	if i != nil {
		return i.IsSensitive(name)
	}
	return statefile.Instance{}.IsSensitive(name)
}
