// Package match finds the address that each unrecorded object of the session
// belongs at.
//
// It never guesses. What the create call fixes for good must agree, and so
// must the tags that the create request asked for; a reference to another
// address must lead to the object that is there. An object gets an address
// only if it fits that one alone and that one fits it alone, once everything
// that follows from what is certain has been followed. The order of the input
// never changes the result.
//
// One assumption carries the inference: an object of the session was made for
// some address of this configuration. It does not hold for facets, which may
// be spelled inline in another resource, so nothing follows from a facet, and
// a facet has its address only where everything that identifies it is settled;
// one with an id of its own also where nothing else can have asked for it.
// What is told of an address (see Word) needs no inference, and is held against
// everything that is known for good.
// Where a conclusion turns out to contradict itself, the object that it came
// from is distrusted and everything is worked out again without it.
package match

import (
	"reconcile/internal/diff"
	"reconcile/internal/wanted"
	"reconcile/providers"
)

// Address is a wanted address that has no object yet.
type Address struct {
	Wanted wanted.Instance
	Kind   providers.Kind
	Place  providers.Place
	// Blocked says why no object can be given to this address now, "" if one
	// can. A blocked address still competes for the objects that fit it: they
	// become questions, and do not go elsewhere.
	Blocked string
	// Only is the one id, as Terraform records it, that may be here; "" for any.
	Only string
	// Alone: no resource of the configuration asks inline for what this kind makes.
	Alone bool
	// Occupied: the state holds a living object here that a match would release.
	Occupied bool
}

// Input is one matching problem.
type Input struct {
	Open    []Address
	Objects []diff.Object // the session's, alive and recorded nowhere
	// Bound are the attributes of every address that has its object.
	Bound map[string]providers.Attrs
	// Unread are the addresses whose object may be there without being known:
	// what refers to them can be neither confirmed nor excluded.
	Unread map[string]bool
	// Referenced are the ids that recorded instances and live objects other than
	// Objects refer to.
	Referenced map[string]bool
	// Opaque are the addresses that something refers to which cannot be looked
	// at: which object it uses is not known.
	Opaque map[string]bool
	// Told is somebody's word on which object is at an address.
	Told map[string]Word
	// Outputs are the addresses that a root output refers to.
	Outputs []string
}

// Match is one object at its address.
type Match struct {
	Address Address
	Object  diff.Object
	// Says is who said that it belongs there; "" where that was inferred.
	Says string
	// Twins are the other addresses that it could have had as well: any choice
	// gives the same network.
	Twins []string
	// Fits says what agreed, for the reader.
	Fits []string
}

// Question is an object that could not be given one address.
type Question struct {
	Object     diff.Object
	Candidates []Candidate
	Reason     string
}

// Candidate is an address that the object may belong at.
type Candidate struct {
	Address Address
	Tells   []string
	// Refuted: what is known for good speaks against it.
	Refuted bool
}

// Result holds every object exactly once.
type Result struct {
	Matches   []Match
	Questions []Question
	Unplaced  []diff.Object // no address fits
}

// Solve gives objects their addresses.
func Solve(in Input) Result {
	distrusted, doubted, apart := map[int]bool{}, map[string]bool{}, map[int]bool{}
	for {
		s := newSolver(in, doubted)
		s.distrusted, s.apart = distrusted, apart
		s.follow()
		for !s.doubt() && !s.distrust() {
			if !s.pairTwins() {
				if s.part() {
					break
				}
				return s.result()
			}
			s.follow()
		}
	}
}
