package match

import (
	"cmp"
	"slices"

	"reconcile/internal/diff"
	"reconcile/internal/wanted"
	"reconcile/providers"
)

// solver holds the problem as a bipartite graph; a and o are indexes.
type solver struct {
	in      Input
	addrs   []Address
	objects []diff.Object
	open    map[string]int   // address to index
	takers  []set            // objects that an address may have
	options []set            // addresses that an object may have
	maybe   []set            // addresses that only an unread reference keeps away
	against []set            // addresses that only the tags of the create request speak against
	values  map[needle][]int // attribute value to objects
	hard    [][]requirement  // of each address
	soft    [][]requirement  //
	canon   []map[string]string
	told    [][]int       // objects that somebody's word puts at an address
	toldAt  map[int][]int // addresses that a word puts an object at
	denied  []set         // addresses that a word puts an object at, and that it cannot be at

	doubted    map[string]bool      // addresses whose word is not followed
	doubled    []bool               // objects of which there is another one like it
	distrusted map[int]bool         // objects that nothing may follow from
	spare      map[int]bool         // objects that may be the second one of a repeated call
	own        map[string]bool      // ids of the configuration's own objects
	apart      map[int]bool         // objects that are not twins after all
	paired     map[int][]int        // what was undecided when twins were paired, with its addresses then
	twins      map[int]bool         // the objects that were paired
	mentioned  map[string][]mention // by id
	users      map[int][]int        // addresses that refer to an address
	followed   map[int]int          // objects that something followed from, each with its address
}

type needle struct{ typ, attr, value string }

// requirement is what an address says of one attribute.
type requirement struct {
	attr    string
	known   bool
	value   any
	text    string // canonical, if known
	targets []wanted.Target
	items   []wanted.Value
}

func newSolver(in Input, doubted map[string]bool) *solver {
	s := &solver{in: in, doubted: doubted, addrs: slices.Clone(in.Open), objects: slices.Clone(in.Objects),
		open: map[string]int{}, values: map[needle][]int{}, followed: map[int]int{}, spare: map[int]bool{}, paired: map[int][]int{}, twins: map[int]bool{}}
	slices.SortFunc(s.addrs, func(a, b Address) int { return cmp.Compare(a.Wanted.Address, b.Wanted.Address) })
	slices.SortFunc(s.objects, diff.Object.Compare)
	byKind := map[string][]int{}
	for n, o := range s.objects {
		byKind[o.Type] = append(byKind[o.Type], n)
		texts := make(map[string]string, len(o.Attrs))
		for name, v := range o.Attrs {
			texts[name] = providers.Canon(v)
			k := needle{o.Type, name, texts[name]}
			s.values[k] = append(s.values[k], n)
		}
		s.canon = append(s.canon, texts)
	}
	s.doubled = s.doubles()
	s.takers = sets(len(s.addrs), len(s.objects))
	s.options = sets(len(s.objects), len(s.addrs))
	s.maybe, s.against = sets(len(s.objects), len(s.addrs)), sets(len(s.objects), len(s.addrs))
	s.denied = sets(len(s.objects), len(s.addrs))
	for a := range s.addrs {
		addr := &s.addrs[a]
		if !addr.Place.Known() && addr.Blocked == "" {
			addr.Blocked = "the account or region of the address cannot be established"
		}
		s.open[addr.Wanted.Address] = a
		s.hard = append(s.hard, requirements(*addr, addr.Kind.Hard()))
		s.soft = append(s.soft, requirements(*addr, addr.Kind.Compared))
	}
	s.saying()
	for a, addr := range s.addrs {
		fit := s.near(a, byKind[addr.Kind.Type])
		if _, told := s.word(a); told {
			s.hear(a, fit)
			continue
		}
		for _, o := range fit {
			switch {
			case !s.agrees(a, o) || s.claimed(o):
			case len(s.toldAt[o]) > 0: // a word puts it elsewhere, and cannot be followed
				s.against[o].add(a)
			case contradictsRequest(addr.Wanted, s.objects[o].Tags):
				s.against[o].add(a)
			default:
				s.takers[a].add(o)
				s.options[o].add(a)
			}
		}
	}
	return s
}

// near returns the objects of the address's kind that share its rarest known
// value, so that not every pair has to be looked at.
func (s *solver) near(a int, all []int) []int {
	for _, r := range s.hard[a] {
		value := r.text
		if !r.known {
			attrs, bound := providers.Attrs(nil), false
			if len(r.targets) == 1 {
				attrs, bound = s.in.Bound[r.targets[0].Address]
			}
			if !bound {
				continue
			}
			value = providers.Canon(attrs[r.targets[0].Attr])
		}
		if some := s.values[needle{s.addrs[a].Kind.Type, r.attr, value}]; len(some) < len(all) {
			all = some
		}
	}
	return all
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

// untold reports whether something that the create call fixes is not known of
// the address, not even as a reference.
func (s *solver) untold(a int) bool {
	return s.lacks(a, func(string) bool { return false })
}

// hidden reports whether the configuration sets something that the create call
// fixes for good to a value that is not known, not even as a reference. What it
// does not set has the provider's or AWS's own value, at every address alike.
func (s *solver) hidden(a, o int) bool {
	return s.lacks(a, func(name string) bool { return s.given(a, o, name) })
}

// lacks reports whether one of the hard attributes is not known, but for those
// that given excuses.
func (s *solver) lacks(a int, given func(name string) bool) bool {
	w := s.addrs[a].Wanted
	return slices.ContainsFunc(s.addrs[a].Kind.Hard(), func(name string) bool {
		v, told := w.Values[name]
		return v.Items != nil || !told && slices.Contains(w.Unknown, name) && !given(name)
	})
}

// given reports whether an attribute that an object shows has a value which the
// configuration did not set. A dynamic block sets a list unseen.
func (s *solver) given(a, o int, name string) bool {
	switch s.objects[o].Attrs[name].(type) {
	case []any, map[string]any:
		return false
	}
	return slices.Contains(s.addrs[a].Wanted.Unset, name)
}

// agrees holds the place and the known hard attributes against the object. A
// place that is not established excludes nothing.
func (s *solver) agrees(a, o int) bool {
	if !s.placed(a, o) {
		return false
	}
	if only := s.addrs[a].Only; only != "" && !slices.Contains(s.addrs[a].Kind.StateIDsOf(s.objects[o].Attrs), only) {
		return false
	}
	return !slices.ContainsFunc(s.hard[a], func(r requirement) bool { return r.known && s.canon[o][r.attr] != r.text })
}

// placed reports whether an object may be in the place of an address.
func (s *solver) placed(a, o int) bool {
	at, of := s.addrs[a].Place, s.objects[o].Place
	return (at.Account == "" || at.Account == of.Account) && (at.Region == "" || at.Region == of.Region || s.addrs[a].Kind.Everywhere)
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
			for _, o := range s.values[needle{s.addrs[b].Kind.Type, t.Attr, value}] {
				if s.takers[b].has(o) {
					return supported
				}
				if s.maybe[o].has(b) || s.against[o].has(b) || s.denied[o].has(b) {
					best = unread // it is a question whether this one is there
				}
			}
		}
		if s.in.Unread[t.Address] || !open {
			best = unread
		}
	}
	return best
}

// settledAt reports whether an exact reference leads to the value by way of an
// address that has its object for certain. Where the expression may mean
// several addresses nothing is settled.
func (s *solver) settledAt(targets []wanted.Target, value string, accepted map[int]int) bool {
	if len(targets) != 1 {
		return false
	}
	t := targets[0]
	if attrs, ok := s.in.Bound[t.Address]; ok {
		return providers.Canon(attrs[t.Attr]) == value
	}
	b, open := s.open[t.Address]
	if !open {
		return false
	}
	o, has := accepted[b]
	return has && s.canon[o][t.Attr] == value
}
