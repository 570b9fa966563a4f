package cloudtrail

import (
	"cmp"
	"slices"
	"strings"

	"reconcile/providers"
)

// Index maps records to what they did, by the events of the kinds.
type Index struct {
	kinds  providers.Kinds
	events map[string][]effect
	looks  map[string]bool // reads by which the provider makes sure of something
}

type effect struct {
	kind  providers.Kind
	event providers.Event
}

// NewIndex derives the index of events from the kinds.
func NewIndex(kinds providers.Kinds) Index {
	x := Index{kinds: kinds, events: map[string][]effect{}, looks: map[string]bool{}}
	for _, k := range kinds {
		for _, name := range []string{k.Wait.Call, k.Takes.Call, k.Takes.Beside} {
			x.looks[name] = true
		}
		for _, e := range k.Events {
			name := e.From() + " " + e.Name
			x.events[name] = append(x.events[name], effect{k, e})
		}
	}
	return x
}

// CreateEvents are the names of the calls that make an object of a type.
func (x Index) CreateEvents(typ string) []string {
	var out []string
	if k, ok := x.kinds.Find(typ); ok {
		for _, e := range k.Events {
			if e.Role == providers.Created && !slices.Contains(out, e.Name) {
				out = append(out, e.Name)
			}
		}
	}
	return out
}

// Call says what a record did. A call whose identity cannot be read from the
// record is not mapped, even where a kind knows its name.
func (x Index) Call(r Record) providers.Call {
	c := providers.Call{EventID: r.EventID, RequestID: r.RequestID, Name: r.Name, Source: r.Source, Time: r.Time, Place: r.Place, By: r.By, Error: r.Error}
	for _, e := range x.events[r.Source+" "+r.Name] {
		if e.event.Single != "" && len(r.values(e.event.Single)) != 1 {
			continue
		}
		var tags map[string]string
		if e.event.Role == providers.Created {
			tags = r.requestTags()
		}
		for _, id := range e.event.ID.ExpandAll(r.canonical) {
			c.Mutations = append(c.Mutations, providers.Mutation{Type: e.kind.Type, ID: id, Role: e.event.Role, Tags: tags})
		}
	}
	if r.Source == providers.EC2 && (r.Name == "CreateTags" || r.Name == "DeleteTags") {
		for _, id := range r.values("req.resourcesSet.resourceId") {
			for _, k := range x.ofID(id) {
				c.Mutations = append(c.Mutations, providers.Mutation{Type: k.Type, ID: id, Role: providers.Changed})
			}
		}
	}
	c.Mapped = len(c.Mutations) > 0
	slices.SortFunc(c.Mutations, func(a, b providers.Mutation) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Role, b.Role))
	})
	return c
}

// omissions says which of the session's calls a kind knows and could not place,
// because CloudTrail left out what was too large.
func (x Index) omissions(all []Record, own []providers.Call) []string {
	unplaced := map[string]bool{}
	for _, c := range own {
		if !c.Mapped {
			unplaced[c.EventID] = true
		}
	}
	var out []string
	for _, r := range all {
		if r.Omitted && unplaced[r.EventID] && len(x.events[r.Source+" "+r.Name]) > 0 {
			out = append(out, "CloudTrail left out what "+r.Name+" (event "+r.EventID+") was about: what the session changed by it is not known")
		}
	}
	return unique(out)
}

// ofID returns the kinds whose ids look like this one: those with the longest
// prefix that fits.
func (x Index) ofID(id string) []providers.Kind {
	best := 0
	for _, k := range x.kinds {
		if k.Prefix != "" && strings.HasPrefix(id, k.Prefix) {
			best = max(best, len(k.Prefix))
		}
	}
	var out []providers.Kind
	for _, k := range x.kinds {
		if best > 0 && len(k.Prefix) == best && strings.HasPrefix(id, k.Prefix) {
			out = append(out, k)
		}
	}
	return out
}
