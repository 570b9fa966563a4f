package wanted

import (
	"maps"
	"slices"

	"github.com/zclconf/go-cty/cty"
)

// read takes a data source from the state, if it was read with what the
// configuration asks for now.
func (p *planner) read(s *scope, id objectKey, name string, r *resource, keys []any) string {
	known := map[any]*prior{}
	for _, old := range p.data[moduleText(s.steps())+" "+name] {
		known[old.inst.Key] = old
	}
	list := []object{}
	if on := p.awaits(s, r); on != "" {
		return name + " is read after " + on + " is changed"
	}
	for _, key := range keys {
		old := known[key]
		if old == nil {
			return name + " is not in the state"
		}
		if why := p.asked(s, r, key, old); why != "" {
			return name + " was read for something else, or it is not known for what: " + why
		}
		list = append(list, object{key: key, values: old.attrs})
	}
	p.pr.world.objects[id] = list
	return ""
}

// asked names an argument of a data source that the state's reading did not
// have, "" if there is none.
func (p *planner) asked(s *scope, r *resource, key any, old *prior) string {
	args := p.arguments(s, r, key)
	for _, name := range slices.Sorted(maps.Keys(args)) {
		if isNull(args[name]) {
			continue
		}
		v, news, lost := p.settled(args[name])
		if news || lost || !v.IsWhollyKnown() || v.ContainsMarked() || !holds(fromCty(v), old.attrs[name]) {
			return name
		}
	}
	return ""
}

// awaits names what a data source depends on that is yet to be changed, "" if
// there is nothing: it is then read during the apply.
func (p *planner) awaits(s *scope, r *resource) string {
	for _, t := range r.dependsOn {
		name := t.RootName() + "." + step(t, 1)
		if t.RootName() == "module" || t.RootName() == "data" {
			return name
		}
		if p.expand(s, name) != "" {
			return name
		}
		for _, o := range p.pr.world.objects[objectKey{s.id, name}] {
			if m := p.made[o.address]; m != nil && m.inst.Action != NoOp {
				return m.inst.Address
			}
		}
	}
	for at := s; at.call != nil; at = at.parent {
		if len(at.call.dependsOn) > 0 {
			return "what module." + at.name + " depends on"
		}
	}
	return ""
}

// importBlocks evaluates the root's import blocks. Of one that cannot be
// evaluated nothing is taken.
func (p *planner) importBlocks() {
	for _, b := range p.root.imports {
		v := cty.NilVal
		if b.id != nil {
			v = p.pr.world.root.or("its id", b.id, nil)
		}
		if !b.plain || v == cty.NilVal || v.IsMarked() || !v.IsKnown() || v.IsNull() || v.Type() != cty.String {
			p.pr.note("an import block for %s is not evaluated: what it brings in is not known", b.to)
			continue
		}
		p.imports[b.to] = v.AsString()
		p.pr.note("the configuration itself imports %s (an import block)", b.to)
	}
}
