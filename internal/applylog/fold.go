package applylog

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// phase is where in an action a line stands.
type phase int

const (
	begins phase = iota
	goesOn
	ends
	fails
	looks // reads and refreshes: nothing is done
)

// event is one line that says what happens to a resource.
type event struct {
	address, deposed, id string
	action               Action
	phase                phase
}

// record collects entries while the log streams by.
type record struct {
	entries map[string]*entry
}

type entry struct {
	Entry
	running map[step]Deed
}

// step is one action on one object of an address.
type step struct {
	action  Action
	deposed string
}

func (r *record) add(e event, at time.Time, line int) {
	if e.phase == looks {
		return
	}
	if r.entries == nil {
		r.entries = map[string]*entry{}
	}
	x := r.entries[e.address]
	if x == nil {
		x = &entry{Entry: Entry{Address: e.address}, running: map[step]Deed{}}
		r.entries[e.address] = x
	}
	s := step{e.action, e.deposed}
	d := Deed{Action: e.action, ID: e.id, Deposed: e.deposed, At: at, Line: line}
	before, running := x.running[s]
	switch e.phase {
	case begins:
		x.running[s] = d
	case goesOn:
		if !running {
			x.running[s] = d // the line that began it is missing
		}
	case fails:
		delete(x.running, s)
	case ends:
		delete(x.running, s)
		x.done(d, before)
	}
}

// done takes a completed action in. A deletion does not say the id of what it
// deleted when it ends, but it did when it began.
func (x *entry) done(d, begun Deed) {
	switch d.Action {
	case Create, Import:
		if x.Made != nil && x.Made.ID != d.ID {
			x.Unclear = true
		}
		x.Made = &d
	case Update:
		x.Updated = &d
	case Delete:
		if d.ID == "" {
			d.ID = begun.ID
		}
		x.Removed = append(x.Removed, d)
		switch {
		case x.Made == nil || d.Deposed != "" && d.ID == "":
		case d.ID == "":
			x.Unclear = true
		case d.ID == x.Made.ID:
			x.Made = nil
		}
	}
}

func (r *record) sorted() []Entry {
	var out []Entry
	for _, x := range r.entries {
		x.Begun = slices.AppendSeq(x.Begun, maps.Values(x.running))
		slices.SortFunc(x.Begun, func(a, b Deed) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Action, b.Action), cmp.Compare(a.Deposed, b.Deposed))
		})
		out = append(out, x.Entry)
	}
	slices.SortFunc(out, func(a, b Entry) int { return cmp.Compare(a.Address, b.Address) })
	return out
}
