package wanted

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"reconcile/internal/statefile"
)

// moved is one moved block, removed one removed block. Both are relative to the
// module that holds them.
type moved struct{ from, to place }

type removed struct {
	from    place
	destroy bool
}

// place is an address in parts: of a resource, of one of its instances, or of a
// module (then typ is "").
type place struct {
	steps     []moduleStep
	typ, name string
	key       any
}

type moduleStep struct {
	name string
	key  any
}

// move reads a moved or removed block.
func (l *loader) move(m *module, b *hcl.Block) {
	meta := metaArguments(b.Body, "from", "to")
	at := func(name string) (place, bool) {
		if meta[name] == nil {
			return place{}, false
		}
		t, diags := hcl.AbsTraversalForExpr(meta[name])
		if diags.HasErrors() {
			return place{}, false
		}
		return placeOf(t)
	}
	from, ok := at("from")
	if !ok {
		l.unreadMove(b)
		return
	}
	if b.Type == "moved" {
		to, ok := at("to")
		if !ok || (to.typ == "") != (from.typ == "") {
			l.unreadMove(b)
			return
		}
		m.moved = append(m.moved, moved{from, to})
		return
	}
	r := removed{from, true}
	content, _, _ := b.Body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "lifecycle"}}})
	for _, life := range content.Blocks {
		if set, ok := literalBool(metaArguments(life.Body, "destroy")["destroy"]); ok {
			r.destroy = set
		}
	}
	m.removed = append(m.removed, r)
}

// unreadMove says that a block is passed over. What it moves would else seem to
// be deleted at one address and created at another.
func (l *loader) unreadMove(b *hcl.Block) {
	l.notes = append(l.notes, fmt.Sprintf("%s line %d: the %s block is not understood: what it speaks of may be wanted at another address",
		b.DefRange.Filename, b.DefRange.Start.Line, b.Type))
}

// importBlock is one import block of the root.
type importBlock struct {
	to    string // the address, as far as it can be told
	id    *expression
	plain bool // one address, one id
}

func (l *loader) imports(m *module, b *hcl.Block) {
	meta := metaArguments(b.Body, "to", "for_each")
	out := importBlock{id: l.attributes(b.Body, "to", "for_each", "provider", "identity")["id"], to: "an address that is computed"}
	if meta["to"] != nil {
		if t, diags := hcl.AbsTraversalForExpr(meta["to"]); !diags.HasErrors() {
			if p, ok := placeOf(t); ok && p.typ != "" {
				out.to, out.plain = p.String(), meta["for_each"] == nil
			}
		}
	}
	m.imports = append(m.imports, out)
}

// placeOf reads an address such as module.a["k"].aws_vpc.this[0].
func placeOf(t hcl.Traversal) (place, bool) {
	var p place
	var words []string
	var keys []any // of the word before, nil if it has none
	for i, st := range t {
		switch st := st.(type) {
		case hcl.TraverseRoot:
			words, keys = append(words, st.Name), append(keys, nil)
		case hcl.TraverseAttr:
			words, keys = append(words, st.Name), append(keys, nil)
		case hcl.TraverseIndex:
			key := instanceKey(fromCty(st.Key))
			if i == 0 || key == nil || keys[len(keys)-1] != nil {
				return place{}, false
			}
			keys[len(keys)-1] = key
		default:
			return place{}, false
		}
	}
	for len(words) >= 2 && words[0] == "module" && keys[0] == nil {
		p.steps = append(p.steps, moduleStep{words[1], keys[1]})
		words, keys = words[2:], keys[2:]
	}
	switch {
	case len(words) == 0:
		return p, len(p.steps) > 0
	case len(words) == 2 && keys[0] == nil && words[0] != "data":
		p.typ, p.name, p.key = words[0], words[1], keys[1]
		return p, true
	}
	return place{}, false
}

// stepsOf reads the address of a module as the state spells it.
func stepsOf(module string) ([]moduleStep, bool) {
	if module == "" {
		return nil, true
	}
	t, diags := hclsyntax.ParseTraversalAbs([]byte(module), "", hcl.InitialPos)
	if diags.HasErrors() {
		return nil, false
	}
	p, ok := placeOf(t)
	return p.steps, ok && p.typ == ""
}

func (p place) String() string {
	return statefile.FormatAddress(moduleText(p.steps), statefile.Managed, p.typ, p.name, p.key)
}

// moduleText spells a module's address as Terraform does.
func moduleText(steps []moduleStep) string {
	out := ""
	for i, st := range steps {
		if i > 0 {
			out += "."
		}
		// A resource's address has the same form: module.NAME[KEY].
		out += statefile.FormatAddress("", statefile.Managed, "module", st.name, st.key)
	}
	return out
}

// statement is a moved block with the names of the calls that lead to it.
type statement struct {
	moved
	path []string
}

func statements(m *module, path []string) []statement {
	if m == nil {
		return nil
	}
	var out []statement
	for _, mv := range m.moved {
		out = append(out, statement{mv, path})
	}
	for _, name := range slices.Sorted(maps.Keys(m.calls)) {
		out = append(out, statements(m.calls[name].module, append(slices.Clone(path), name))...)
	}
	return out
}

// under reports whether steps begin with these calls, whatever their keys.
func under(steps []moduleStep, path []string) bool {
	if len(steps) < len(path) {
		return false
	}
	for i, name := range path {
		if steps[i].name != name {
			return false
		}
	}
	return true
}

// apply returns where the statement takes an instance, false if it does not
// speak of it. Without keys on either side it speaks of all instances.
func (st statement) apply(at place) (place, bool) {
	if !under(at.steps, st.path) {
		return at, false
	}
	n := len(st.path)
	prefix, rest := at.steps[:n], at.steps[n:]
	if st.from.typ != "" {
		if at.typ != st.from.typ || at.name != st.from.name || !slices.Equal(rest, st.from.steps) {
			return at, false
		}
		key := at.key
		if st.from.key != nil || st.to.key != nil {
			if at.key != st.from.key {
				return at, false
			}
			key = st.to.key
		}
		return place{slices.Concat(prefix, st.to.steps), st.to.typ, st.to.name, key}, true
	}
	last := len(st.from.steps) - 1
	if len(rest) <= last || !slices.Equal(rest[:last], st.from.steps[:last]) || rest[last].name != st.from.steps[last].name {
		return at, false
	}
	to := slices.Clone(st.to.steps)
	end := &to[len(to)-1]
	if st.from.steps[last].key != nil || end.key != nil {
		if rest[last].key != st.from.steps[last].key {
			return at, false
		}
	} else {
		end.key = rest[last].key
	}
	return place{slices.Concat(prefix, to, rest[last+1:]), at.typ, at.name, at.key}, true
}

// longestChain bounds how often one object is moved on.
const longestChain = 100

// relocate says where each instance of the state stands once the moves are
// made: by its old address. Moves into a place that is taken are not made.
func relocate(root *module, at map[string]place) map[string]place {
	all := statements(root, nil)
	out := map[string]place{}
	for old, p := range at {
		explicit := false
		for range longestChain {
			i := slices.IndexFunc(all, func(st statement) bool {
				next, ok := st.apply(p)
				return ok && next.String() != p.String()
			})
			if i < 0 {
				break
			}
			p, _ = all[i].apply(p)
			explicit = true
		}
		if !explicit {
			p = implied(root, p)
		}
		out[old] = p
	}
	for _, old := range slices.Sorted(maps.Keys(out)) {
		if now := out[old].String(); now != old {
			if there, taken := at[now]; taken && out[now].String() == there.String() {
				out[old] = at[old]
			}
		}
	}
	return out
}

// implied is the move that Terraform makes by itself when count is added to a
// resource or taken from it.
func implied(root *module, p place) place {
	m := root
	for _, st := range p.steps {
		if m == nil || m.calls[st.name] == nil {
			return p
		}
		m = m.calls[st.name].module
	}
	if m == nil || m.resources[p.typ+"."+p.name] == nil {
		return p
	}
	switch r := m.resources[p.typ+"."+p.name]; {
	case r.count != nil && p.key == nil:
		p.key = 0.0
	case r.count == nil && r.forEach == nil && p.key == 0.0:
		p.key = nil
	}
	return p
}

// forgotten reports whether a removed block speaks of an instance that the
// configuration no longer has, and keeps its object.
func forgotten(m *module, path []string, at place) bool {
	if m == nil {
		return false
	}
	for _, r := range m.removed {
		if r.destroy || !under(at.steps, path) {
			continue
		}
		rest := at.steps[len(path):]
		names := make([]string, len(r.from.steps))
		for i, st := range r.from.steps {
			names[i] = st.name
		}
		if under(rest, names) && (r.from.typ == "" || (len(rest) == len(names) && r.from.typ == at.typ && r.from.name == at.name)) {
			return true
		}
	}
	for name, c := range m.calls {
		if forgotten(c.module, append(slices.Clone(path), name), at) {
			return true
		}
	}
	return false
}
