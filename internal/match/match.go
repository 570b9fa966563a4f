// Package match finds the address that each unrecorded object of the session
// belongs at.
//
// It never guesses. What the create call fixes for good must agree; a
// reference to another address must lead to the object that is there. An
// object gets an address only if it fits that one alone and that one fits it
// alone, once everything that follows from what is certain has been followed.
// The order of the input never changes the result.
package match

import (
	"cmp"
	"slices"

	"reconcile/internal/diff"
	"reconcile/internal/wanted"
	"reconcile/providers"
)

// Address is a wanted address that has no object yet.
type Address struct {
	Wanted wanted.Instance
	Kind   providers.Kind
	Place  providers.Place
}

// Input is one matching problem.
type Input struct {
	Open    []Address
	Objects []diff.Object // the session's, alive and recorded nowhere
	// Bound are the attributes of every address that has its object.
	Bound map[string]providers.Attrs
	// Unread are the addresses whose kind could not be read completely: what
	// refers to them can be neither confirmed nor excluded.
	Unread map[string]bool
	// Referenced are the ids that live objects refer to.
	Referenced map[string]bool
	// Outputs are the addresses that a root output refers to.
	Outputs []string
}

// Match is one object at its address.
type Match struct {
	Address Address
	Object  diff.Object
	// Twins are the other addresses that it could have had as well, where
	// nothing tells the objects apart and nothing refers to them.
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
}

// Result holds every object exactly once.
type Result struct {
	Matches   []Match
	Questions []Question
	Unplaced  []diff.Object // no address fits
}

// Solve gives objects their addresses.
func Solve(in Input) Result {
	s := newSolver(in)
	s.settle()
	if s.dropContradictions() {
		s.settle()
	}
	return s.result()
}

// solver holds the problem as a bipartite graph; a and o are indexes.
type solver struct {
	in      Input
	addrs   []Address
	objects []diff.Object
	open    map[string]int   // address to index
	takers  []map[int]bool   // objects that an address may have
	options []map[int]bool   // addresses that an object may have
	maybe   []map[int]bool   // addresses that only an unread reference keeps away
	values  map[needle][]int // attribute value to objects
	hard    [][]requirement  // of each address
	soft    [][]requirement  //
	canon   []map[string]string
}

type needle struct{ attr, value string }

// requirement is what an address says of one attribute.
type requirement struct {
	attr    string
	known   bool
	value   any
	text    string // canonical, if known
	targets []wanted.Target
	items   []wanted.Value
}

func newSolver(in Input) *solver {
	s := &solver{in: in, addrs: slices.Clone(in.Open), objects: slices.Clone(in.Objects), open: map[string]int{}, values: map[needle][]int{}}
	slices.SortFunc(s.addrs, func(a, b Address) int { return cmp.Compare(a.Wanted.Address, b.Wanted.Address) })
	slices.SortFunc(s.objects, func(a, b diff.Object) int { return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID)) })
	for n, o := range s.objects {
		texts := make(map[string]string, len(o.Attrs))
		for name, v := range o.Attrs {
			texts[name] = providers.Canon(v)
			s.values[needle{name, texts[name]}] = append(s.values[needle{name, texts[name]}], n)
		}
		s.canon = append(s.canon, texts)
	}
	s.takers, s.options, s.maybe = sets(len(s.addrs)), sets(len(s.objects)), sets(len(s.objects))
	for a, addr := range s.addrs {
		s.open[addr.Wanted.Address] = a
		s.hard = append(s.hard, requirements(addr, addr.Kind.Hard()))
		s.soft = append(s.soft, requirements(addr, addr.Kind.Compared))
	}
	byKind := map[string][]int{}
	for o := range s.objects {
		byKind[s.objects[o].Type] = append(byKind[s.objects[o].Type], o)
	}
	for a, addr := range s.addrs {
		for _, o := range byKind[addr.Kind.Type] {
			if s.objects[o].Place == addr.Place && s.agrees(a, o) {
				s.takers[a][o], s.options[o][a] = true, true
			}
		}
	}
	return s
}

func sets(n int) []map[int]bool {
	out := make([]map[int]bool, n)
	for i := range out {
		out[i] = map[int]bool{}
	}
	return out
}

func requirements(a Address, names []string) []requirement {
	var out []requirement
	for _, name := range names {
		v, ok := a.Wanted.Values[name]
		switch {
		case !ok:
		case v.IsKnown():
			if text := providers.Canon(v.Known); text != "" {
				out = append(out, requirement{attr: name, known: true, value: v.Known, text: text})
			}
		default:
			out = append(out, requirement{attr: name, targets: v.OneOf, items: v.Items})
		}
	}
	return out
}

// agrees holds the known hard attributes against the object.
func (s *solver) agrees(a, o int) bool {
	for _, r := range s.hard[a] {
		if r.known && s.canon[o][r.attr] != r.text {
			return false
		}
	}
	return true
}

// support says whether a reference can lead to the value that the object has.
type support int

const (
	refuted support = iota
	unread
	supported
)

func (s *solver) supports(targets []wanted.Target, value string) support {
	best := refuted
	for _, t := range targets {
		if attrs, ok := s.in.Bound[t.Address]; ok {
			if providers.Canon(attrs[t.Attr]) == value {
				return supported
			}
			continue
		}
		b, open := s.open[t.Address]
		if open {
			for _, o := range s.values[needle{t.Attr, value}] {
				if s.takers[b][o] {
					return supported
				}
			}
		}
		if s.in.Unread[t.Address] || !open {
			best = unread
		}
	}
	return best
}

// settle follows what is certain until nothing follows any more. Each round
// decides on the graph as the round found it, so that order cannot matter.
func (s *solver) settle() {
	for s.dropUnsupported() || s.followForced() {
	}
}

type edge struct{ a, o int }

func (s *solver) drop(edges []edge) bool {
	for _, e := range edges {
		delete(s.takers[e.a], e.o)
		delete(s.options[e.o], e.a)
	}
	return len(edges) > 0
}

func (s *solver) dropUnsupported() bool {
	var bad []edge
	for a := range s.addrs {
		for o := range s.takers[a] {
			for _, r := range s.hard[a] {
				if r.targets == nil {
					continue
				}
				if got := s.supports(r.targets, s.canon[o][r.attr]); got != supported {
					bad = append(bad, edge{a, o})
					if got == unread {
						s.maybe[o][a] = true
					}
					break
				}
			}
		}
	}
	return s.drop(bad)
}

// forced returns the address of each object that has one option left which no
// other object claims in the same way. An object of the session was made for
// some address, so its only option is its address.
func (s *solver) forced() map[int]int {
	claims := map[int][]int{}
	for o := range s.objects {
		if len(s.options[o]) == 1 && len(s.maybe[o]) == 0 {
			a := anyOf(s.options[o])
			claims[a] = append(claims[a], o)
		}
	}
	out := map[int]int{}
	for a, os := range claims {
		if len(os) == 1 {
			out[os[0]] = a
		}
	}
	return out
}

func anyOf(set map[int]bool) int {
	for k := range set {
		return k
	}
	return -1
}

// followForced draws what follows from the certain ones: nobody else can have
// that address, and the one address that a reference of it names has the
// object which the live attribute names.
func (s *solver) followForced() bool {
	var bad []edge
	for o, a := range s.forced() {
		for other := range s.takers[a] {
			if other != o {
				bad = append(bad, edge{a, other})
			}
		}
		for _, r := range s.hard[a] {
			if len(r.targets) != 1 {
				continue
			}
			b, open := s.open[r.targets[0].Address]
			if !open {
				continue
			}
			for taker := range s.takers[b] {
				if s.canon[taker][r.targets[0].Attr] != s.canon[o][r.attr] {
					bad = append(bad, edge{b, taker})
				}
			}
		}
	}
	return s.drop(bad)
}
