// Package diff holds the state against the live reading and the trail: values
// in, statements out.
//
// Every instance of the state gets exactly one status. Absence is never taken
// from a reading that was not complete, and never from one look alone. The
// truth table of an instance, top row first:
//
//	kind not known                                   unknown
//	account or region not established                unknown
//	listing denied, throttled, failed or not made    unknown
//	there, on its way in or out                      pending
//	there, attributes equal                          in_sync
//	there, attributes differ                         drifted
//	not there, no second look or it failed           unknown
//	not there, the session deleted it or a parent    gone
//	not there, the session did not                   gone_unexplained
package diff

import (
	"cmp"
	"slices"

	"reconcile/internal/statefile"
	"reconcile/providers"
)

// Status is the one word of an instance.
type Status string

// The statuses of an instance.
const (
	InSync          Status = "in_sync"
	Drifted         Status = "drifted"
	Gone            Status = "gone"
	GoneUnexplained Status = "gone_unexplained"
	Pending         Status = "pending"
	Unknown         Status = "unknown"
)

// Reading is what AWS and the trail say.
type Reading struct {
	Caller providers.Caller
	// Further are the accounts that were read with other credentials.
	Further   []string
	Inventory providers.Inventory
	Looks     Looks
	Trail     providers.Trail
}

// Looks are the answers of the second look, by kind and place.
type Looks map[LookKey]Look

// LookKey is one question of the second look.
type LookKey struct {
	Type  string
	Place providers.Place
}

// Look is one answer: the objects that are there after all, or why it is not
// known.
type Look struct {
	Objects []providers.Object
	Err     error
}

// Instance is a managed instance of the state with what is true of it.
type Instance struct {
	statefile.Instance
	Kind   providers.Kind
	Attrs  providers.Attrs
	ID     string // identity, "" where the attributes do not tell
	Place  providers.Place
	Status Status
	Object *providers.Object // what is there, where something is
	Events []string          // ids of the events that explain the status
	By     string            // who did it, where it was not the session
	Reason string
	Drift  []Drift
	// Remade: it is gone, and some of its parts are alive again as parts of another
	// object that the session made.
	Remade bool
}

// Drift is one attribute that is otherwise in AWS. Sensitive values are left out.
type Drift struct {
	Attribute, State, Live string
}

// Maker says who made an object.
type Maker string

// The makers of an object.
const (
	BySession Maker = "session"
	ByOther   Maker = "other"
	ByUnclear Maker = "unclear" // one of several runs, any of which may be the one that died
	ByNobody  Maker = "nobody"  // no event explains it
)

// Object is a live object that no instance records.
type Object struct {
	providers.Object
	Kind   providers.Kind
	Maker  Maker
	By     string
	Events []string
	Tags   map[string]string // what the create request asked for
}

// Compare orders objects by type, id and place.
func (o Object) Compare(p Object) int {
	return cmp.Or(cmp.Compare(o.Type, p.Type), cmp.Compare(o.ID, p.ID), o.Place.Compare(p.Place))
}

// Result is every statement, sorted.
type Result struct {
	Instances []Instance
	Objects   []Object
	History   History
}

// Compare makes every statement.
func Compare(s Subject, r Reading) Result {
	live := index(r.Inventory.Objects)
	history := newHistory(r.Trail)
	instances := slices.Clone(s.Instances)
	slices.SortStableFunc(instances, func(a, b Instance) int {
		return cmp.Or(cmp.Compare(a.Address, b.Address), cmp.Compare(a.Deposed, b.Deposed))
	})
	for n := range instances {
		judge(r, &instances[n], live, history)
	}
	inline, set := s.inlined(), s.set()
	for n := range instances {
		compare(&instances[n], inline, set, history)
	}
	return Result{Instances: instances, Objects: unrecorded(s.Kinds, live, instances, history), History: history}
}

// judge fills in the status of one instance, up to the comparison of attributes.
func judge(r Reading, i *Instance, live objects, h History) {
	if i.Status == Unknown {
		return
	}
	if i.ID == "" {
		i.Status, i.Reason = Unknown, "the state does not hold the attributes that identify it"
		return
	}
	if !i.Place.Known() {
		i.Status, i.Reason = Unknown, "its account or region cannot be established"
		return
	}
	if i.Place.Account != r.Caller.Account && !slices.Contains(r.Further, i.Place.Account) {
		i.Status, i.Reason = Unknown, "it belongs to account "+i.Place.Account+", for which there are no credentials: give --assume-role "+
			i.Place.Account+"=ROLE-ARN or --profile ALIAS=NAME"
		return
	}
	if s := r.Inventory.Status(i.Type, i.Place); s != providers.Read {
		i.Status, i.Reason = Unknown, notRead(r.Inventory, i.Type, i.Place, s)
		return
	}
	o := live.of(*i)
	if o == nil {
		look, asked := r.Looks[LookKey{i.Type, i.Place}]
		switch {
		case !asked:
			i.Status, i.Reason = Unknown, "the listing does not hold it, and it was not looked at a second time"
			return
		case look.Err != nil:
			i.Status, i.Reason = Unknown, "the listing does not hold it, and the second look failed: "+look.Err.Error()
			return
		}
		o = index(look.Objects).of(*i)
	}
	if o == nil {
		explain(i, h)
		return
	}
	if events := h.remade(*i, live); len(events) > 0 {
		i.Status, i.Remade, i.Events = Gone, true, events
		i.Reason = "the session deleted it, and what AWS has of it is part of what it made then"
		return
	}
	i.Object = o
	if o.Life == providers.Pending {
		i.Status, i.Reason = Pending, "AWS says "+o.State+": look again when it has settled"
		return
	}
	i.Status = InSync
}

func notRead(inv providers.Inventory, typ string, at providers.Place, s providers.Status) string {
	for _, c := range inv.Coverage {
		if c.Type == typ && c.Place == at && c.Error != "" {
			return typ + " in " + at.Region + " could not be read: " + c.Error
		}
	}
	return typ + " in " + cmp.Or(at.Region, "its region") + " was not read (" + string(s) + ")"
}

// explain says why an instance is gone: only the session's own deletion of it
// or of a parent is an explanation.
func explain(i *Instance, h History) {
	if ids := h.DeletedAll(*i); len(ids) > 0 {
		i.Status, i.Events, i.Reason = Gone, ids, "the session deleted it"
		return
	}
	for _, name := range i.Kind.Parents {
		if ids := h.deletedID(i.Attrs.Text(name)); len(ids) > 0 {
			i.Status, i.Events, i.Reason = Gone, ids, "the session deleted its "+name+" "+i.Attrs.Text(name)+", and it went with it"
			return
		}
	}
	i.Status = GoneUnexplained
	if by, ids := h.DeletedByOther(i.Type, i.ID, i.Kind.Parents, i.Attrs); by != "" {
		i.By, i.Events, i.Reason = by, ids, "deleted by "+by+", not by the session: no command, the next plan's refresh drops it"
		return
	}
	i.Reason = "it is not there, and no deletion in the trail explains it: no command, the next plan's refresh drops it"
}

// Suspects are the instances that a complete listing does not hold: what the
// second look is asked about, by kind and place.
func Suspects(s Subject, inv providers.Inventory) map[LookKey][]providers.Attrs {
	live := index(inv.Objects)
	out := map[LookKey][]providers.Attrs{}
	for _, i := range s.Instances {
		if i.Status == Unknown || i.ID == "" || inv.Status(i.Type, i.Place) != providers.Read {
			continue
		}
		if live.of(i) == nil {
			k := LookKey{i.Type, i.Place}
			out[k] = append(out[k], i.Attrs)
		}
	}
	return out
}
