package match

import (
	"fmt"
	"maps"
	"slices"

	"reconcile/internal/wanted"
	"reconcile/providers"
)

// world is an interrupted apply whose truth is known.
type world struct {
	pick   func(n int, what string) int // below n; small numbers are the calm choice
	in     Input
	truth  map[string]string            // object to the address that it was made for
	ids    map[string]string            // address to the object made for it
	copies map[string]bool              // objects that a repeated create call left behind
	named  map[string]bool              // kinds all of whose addresses say which tags they want
	refs   map[string]map[string]string // address to what each attribute of it refers to
	next   int
	// How many of a hundred values are not known, and references may mean others.
	untold, vague int
	planless      bool // wanted as the configuration alone tells it
}

func (w *world) chance(percent int, what string) bool {
	return w.pick(100, what) >= 100-percent
}

func (w *world) id(prefix string) string {
	// Ids in an order that has nothing to do with the order of creation.
	w.next++
	return fmt.Sprintf("%s-%02d%d", prefix, (w.next*37)%100, w.next)
}

// field is one attribute of an address with the value that the object got.
type field struct {
	attr  string
	known any      // the planned value, or
	ref   string   // the address whose id it is, or
	refs  []string // the addresses whose ids it lists
	later bool     // a later call sets it
	unset bool     // the configuration does not, so that AWS does
}

// add makes an address and, where what it refers to exists, perhaps its object.
func (w *world) add(address string, fields ...field) {
	pairs, live, can := []any{}, providers.Attrs{}, true
	w.refs[address] = map[string]string{}
	for _, f := range fields {
		if f.refs != nil {
			var ids []any
			var targets []string
			for _, a := range f.refs {
				can = can && w.ids[a] != ""
				ids, targets = append(ids, w.ids[a]), append(targets, a+".id")
			}
			live[f.attr] = ids[:len(ids)-w.pick(len(ids), "listed")]
			if w.chance(w.untold, "unknown") {
				pairs = append(pairs, f.attr, unknown{})
			} else {
				pairs = append(pairs, f.attr, refs(targets...))
			}
			continue
		}
		if f.ref == "" {
			live[f.attr] = f.known
			if f.later && w.chance(30, "not yet") {
				delete(live, f.attr)
			}
			if f.unset {
				pairs = append(pairs, f.attr, unset{})
			} else if w.chance(w.untold, "unknown") {
				pairs = append(pairs, f.attr, unknown{})
			} else {
				pairs = append(pairs, f.attr, f.known)
			}
			continue
		}
		id := w.ids[f.ref]
		can = can && (id != "" || f.later)
		live[f.attr] = id
		if f.later && w.chance(40, "not yet") {
			live[f.attr] = ""
		}
		w.refs[address][f.attr] = f.ref
		targets := []string{f.ref + ".id"}
		others := slices.DeleteFunc(slices.Sorted(maps.Keys(w.ids)), func(a string) bool { return a == f.ref || typeOf(a) != typeOf(f.ref) })
		switch {
		case w.chance(w.untold, "unknown"):
			pairs = append(pairs, f.attr, unknown{})
			continue
		case len(others) > 0 && w.chance(w.vague, "vague"):
			targets = append(targets, others[w.pick(len(others), "other")]+".id")
		}
		pairs = append(pairs, f.attr, ref(targets...))
	}
	a := at(address, pairs...)
	for _, f := range fields {
		for _, r := range append(slices.Clone(f.refs), f.ref) {
			for other := range w.ids { // a block's references, whichever instance they mean
				if r != "" && typeOf(other) == typeOf(r) {
					a.Wanted.DependsOn = append(a.Wanted.DependsOn, other)
				}
			}
		}
	}
	slices.Sort(a.Wanted.DependsOn)
	a.Wanted.DependsOn = slices.Compact(a.Wanted.DependsOn)
	var asked map[string]string
	if slices.Contains(a.Kind.Compared, "tags_all") {
		asked = w.tag(&a, live)
	}
	w.ids[address] = ""
	if !can || w.chance(30, "missing") {
		w.in.Open = append(w.in.Open, a)
		return
	}
	id := w.id(a.Kind.Type[4:7])
	if a.Kind.Facet {
		id = a.Kind.IdentityOf(live)
		if _, taken := w.truth[id]; taken {
			w.in.Open = append(w.in.Open, a)
			return
		}
	}
	w.ids[address] = id
	live["id"] = id
	switch {
	case w.chance(15, "recorded"):
		w.in.Bound[address] = live
		return
	case w.chance(7, "unread"):
		w.in.Unread[address] = true
		a.Blocked = "what the state holds there could not be read"
		w.in.Open = append(w.in.Open, a)
		return
	}
	w.in.Open = append(w.in.Open, a)
	o := made(a.Kind.Type, id)
	o.Attrs, o.Tags = live, asked
	w.in.Objects = append(w.in.Objects, o)
	w.truth[id] = address
	if !a.Kind.Facet && w.chance(8, "repeated") {
		c := made(a.Kind.Type, w.id(a.Kind.Type[4:7]))
		again := maps.Clone(live)
		again["id"] = c.ID
		c.Attrs, c.Tags = again, asked
		w.copies[c.ID] = true
		w.in.Objects = append(w.in.Objects, c)
	}
}

func typeOf(address string) string { return at(address).Kind.Type }

// tag gives an address wanted tags, and its object live ones of which some may
// still be missing.
func (w *world) tag(a *Address, live providers.Attrs) map[string]string {
	want := map[string]any{}
	switch w.pick(3, "tags") {
	case 0:
		want["Name"] = a.Wanted.Address
	case 1:
		want["Team"] = "net"
	}
	if len(want) == 0 || w.chance(10, "untold") {
		w.named[a.Kind.Type] = false
		if w.planless && len(want) == 0 && w.chance(50, "no tags") {
			a.Wanted.Values["tags"], a.Wanted.Unknown = wanted.Value{}, append(a.Wanted.Unknown, "tags_all")
		}
	} else if w.planless {
		a.Wanted.Values["tags"], a.Wanted.Unknown = wanted.Value{Known: want}, append(a.Wanted.Unknown, "tags_all")
	} else {
		a.Wanted.Values["tags_all"] = wanted.Value{Known: want}
	}
	if len(want) > 0 && w.chance(70, "asked") {
		live["tags_all"] = want
		out := map[string]string{}
		for k, v := range want {
			out[k] = v.(string)
		}
		return out
	}
	if w.chance(50, "tagged") {
		live["tags_all"] = want
	}
	return nil
}

func emptyWorld(pick func(int, string) int) *world {
	w := &world{pick: pick, truth: map[string]string{}, ids: map[string]string{}, copies: map[string]bool{}, named: map[string]bool{},
		refs: map[string]map[string]string{}, untold: 6, vague: 20,
		in: Input{Bound: map[string]providers.Attrs{}, Unread: map[string]bool{}, Referenced: map[string]bool{}}}
	for _, k := range kinds {
		w.named[k.Type] = slices.Contains(k.Compared, "tags_all")
	}
	return w
}

func newWorld(pick func(int, string) int) *world {
	w := emptyWorld(pick)
	n := func(low, high int, what string) int { return low + pick(high-low+1, what) }
	cidr := func() string { return []string{"10.0.0.0/24", "10.0.1.0/24"}[pick(2, "cidr")] }
	names := func(typ string, count int) []string {
		form := []string{".x[%d]", ".x%d"}[pick(2, "form")]
		var out []string
		for i := range count {
			out = append(out, typ+fmt.Sprintf(form, i))
		}
		return out
	}
	vpcs := names("aws_vpc", n(1, 3, "vpcs"))
	for _, a := range vpcs {
		w.add(a, field{attr: "cidr_block", known: cidr()})
	}
	subnets := names("aws_subnet", n(0, 4, "subnets"))
	for _, a := range subnets {
		w.add(a, field{attr: "vpc_id", ref: vpcs[pick(len(vpcs), "vpc")]}, field{attr: "cidr_block", known: cidr()})
	}
	tables := names("aws_route_table", n(0, 5, "tables"))
	for _, a := range tables {
		w.add(a, field{attr: "vpc_id", ref: vpcs[pick(len(vpcs), "vpc")]})
	}
	if len(subnets) > 0 && len(tables) > 0 {
		for _, a := range names("aws_route_table_association", n(0, 3, "associations")) {
			w.add(a, field{attr: "subnet_id", ref: subnets[pick(len(subnets), "subnet")]}, field{attr: "route_table_id", ref: tables[pick(len(tables), "table")]})
		}
	}
	inline := map[string]bool{}
	for _, a := range tables {
		inline[a] = w.chance(40, "inline")
	}
	for i, a := range tables {
		if !inline[a] && w.chance(50, "routed") {
			w.add(fmt.Sprintf("aws_route.x%d", i), field{attr: "route_table_id", ref: a}, field{attr: "destination_cidr_block", known: "0.0.0.0/0"})
		}
		if id := w.ids[a]; inline[a] && id != "" {
			w.in.Objects = append(w.in.Objects, made("aws_route", id+"_0.0.0.0/0", "route_table_id", id, "destination_cidr_block", "0.0.0.0/0"))
		}
	}
	for _, a := range names("aws_internet_gateway", n(0, 2, "gateways")) {
		w.add(a)
	}
	w.strangers()
	w.finish()
	return w
}

// finish says what the state refers to.
func (w *world) finish() {
	for _, a := range w.in.Bound {
		mentions(w.in.Referenced, a)
	}
}

func mentions(out map[string]bool, a providers.Attrs) {
	for name, v := range a {
		list, _ := v.([]any)
		for _, e := range list {
			out[providers.Canon(e)] = true
		}
		if name != "id" {
			out[a.Text(name)] = true
		}
	}
}

// strangers are objects that the same session made for another configuration:
// like those of this one in everything but the tags of their create request.
func (w *world) strangers() {
	for _, o := range slices.Clone(w.in.Objects) {
		if w.named[o.Type] && w.chance(20, "stranger") {
			c := made(o.Type, w.id("str"))
			a := maps.Clone(o.Attrs)
			a["id"] = c.ID
			c.Attrs, c.Tags = a, map[string]string{"Name": "of another configuration"}
			w.in.Objects = append(w.in.Objects, c)
		}
	}
}

func (w *world) String() string {
	out := ""
	for _, a := range w.in.Open {
		out += fmt.Sprintf("open %s %v unknown %v %s\n", a.Wanted.Address, a.Wanted.Values, a.Wanted.Unknown, a.Blocked)
	}
	for _, o := range w.in.Objects {
		out += fmt.Sprintf("object %s %v asked %v, made for %q\n", o.ID, o.Attrs, o.Tags, w.truth[o.ID])
	}
	return out + fmt.Sprintf("bound %v\n", w.in.Bound)
}
