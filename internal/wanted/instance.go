package wanted

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"reconcile/internal/statefile"
	"reconcile/providers"
)

// instance plans one instance.
func (p *planner) instance(s *scope, r *resource, typ, name string, key any, source string) *made {
	address := statefile.FormatAddress(moduleText(s.steps()), statefile.Managed, typ, name, key)
	m := &made{scope: s, block: r, old: p.prior[address], args: p.arguments(s, r, key), inst: Instance{
		Address: address, Module: moduleText(s.steps()), Type: typ, Name: name, Key: key, Source: source, Values: map[string]Value{},
	}}
	known := p.schemas[typ]
	if known == nil {
		known = &schema{attrs: map[string]attribute{}}
	}
	for name, v := range m.args {
		if isNull(v) {
			delete(m.args, name)
			continue
		}
		m.args[name] = known.attrs[name].spelled(v)
		for _, why := range complaints(v) {
			p.pr.blame(why, address+"."+name)
		}
	}
	p.defaultTags(m, known)
	asked := maps.Clone(m.args)
	if m.old != nil {
		m.inst.PriorID = m.old.attrs.Text("id")
		if m.old.address != address {
			m.inst.PreviousAddress = m.old.address
		}
		m.ignore()
	}
	replaced := p.decide(m, known)
	switch {
	case m.old == nil && p.imports[address] != "":
		// Another object than the one that the block names cannot be meant.
		m.inst.Action, m.inst.PriorID = Update, p.imports[address]
	case m.old == nil:
		m.inst.Action = Create
	case replaced:
		m.inst.Action = Replace
		m.args = asked // what is ignored of an object says nothing of its successor
	}
	m.attrs = map[string]cty.Value{}
	if m.old == nil || m.inst.Action == Replace {
		p.fresh(m, known)
	} else {
		p.kept(m, known)
	}
	if !known.whole {
		m.attrs[rest] = opaque()
	}
	slices.Sort(m.inst.Unknown)
	return m
}

// ignore puts the state's value in place of an argument under ignore_changes.
func (m *made) ignore() {
	if m.block.life.ignoreAll {
		for name := range m.args {
			m.keep(name)
		}
		return
	}
	for _, t := range m.block.life.ignored {
		name := step(t, 0)
		if name == "tags" {
			delete(m.args, "tags_all")
		}
		if len(t) == 1 || !m.keepPart(name, t[1:]) {
			m.keep(name)
		}
	}
}

func (m *made) keep(name string) {
	if v, ok := m.old.attrs[name]; ok && v != nil {
		m.args[name] = toCty(v, nil)
		return
	}
	delete(m.args, name)
}

// keepPart keeps one entry of a map; false if it cannot be told which.
func (m *made) keepPart(name string, t hcl.Traversal) bool {
	at, ok := t[0].(hcl.TraverseIndex)
	v, set := m.args[name]
	if !ok || len(t) != 1 || !set || v.IsMarked() || !v.IsKnown() || at.Key.Type() != cty.String || !(v.Type().IsMapType() || v.Type().IsObjectType()) {
		return false
	}
	entries := v.AsValueMap()
	if entries == nil {
		entries = map[string]cty.Value{}
	}
	delete(entries, at.Key.AsString())
	if old, ok := m.old.attrs[name].(map[string]any); ok {
		if e, ok := old[at.Key.AsString()]; ok {
			entries[at.Key.AsString()] = toCty(e, nil)
		}
	}
	m.args[name] = cty.ObjectVal(entries)
	return true
}

// decide compares with what the state has and sets the action, but for a
// replacement, which it reports.
func (p *planner) decide(m *made, known *schema) (replaced bool) {
	if m.old == nil {
		return false
	}
	m.inst.Action = NoOp
	if m.old.inst.Tainted {
		return true
	}
	switch p.triggered(m) {
	case differs:
		return true
	case open:
		m.inst.Action, m.unsure = Update, true
	}
	for name, v := range m.args {
		a := known.attrs[name]
		if strings.HasSuffix(name, "_wo") {
			continue // write-only: the state never has it
		}
		switch p.compare(v, m.old.attrs[name], a) {
		case same:
		case differs:
			m.inst.Action = Update
			replaced = replaced || a.replaces
		case open:
			m.inst.Action, m.unsure = Update, true
		}
	}
	for name, a := range known.attrs {
		if _, set := m.args[name]; set || a.mode != isOptional || m.block.life.ignores(name) || slices.Contains(m.block.unread, name) {
			continue
		}
		// What nobody sets any more goes back to its default.
		if was := m.old.attrs[name]; !isNothing(was) && providers.Canon(was) != providers.Canon(a.initial) {
			m.inst.Action = Update
			replaced = replaced || a.replaces
		}
	}
	return replaced
}

// argument is what the configuration sets, null if it sets nothing.
func (m *made) argument(name string) cty.Value {
	if v, ok := m.args[name]; ok {
		return v
	}
	return cty.NullVal(cty.DynamicPseudoType)
}

func (l lifecycle) ignores(name string) bool {
	return l.ignoreAll || slices.ContainsFunc(l.ignored, func(t hcl.Traversal) bool { return step(t, 0) == name })
}

// fresh fills an instance whose object is yet to be made.
func (p *planner) fresh(m *made, known *schema) {
	if v, ok := m.args["tags_all"]; ok && v.IsWhollyKnown() && !v.ContainsMarked() && v.LengthInt() == 0 {
		delete(m.args, "tags_all") // the provider says so only once it has made the object
	}
	after := func(name string, sure bool) cty.Value {
		v := reference(Target{m.inst.Address, name})
		if !sure {
			return unsure(v)
		}
		return v
	}
	for _, name := range p.names {
		m.attrs[name] = after(name, false)
	}
	if known.whole {
		clear(m.attrs)
	}
	for name, a := range known.attrs {
		_, set := m.args[name]
		switch {
		case set:
		case a.mode == isOptional:
			m.attrs[name] = toCty(a.initial, nil)
			m.inst.Values[name] = Value{Known: a.initial}
		case a.mode == isBlock:
			m.attrs[name] = opaque()
		default:
			m.attrs[name] = after(name, a.mode != notTold)
			m.inst.Unknown = append(m.inst.Unknown, name)
			m.inst.Unset = append(m.inst.Unset, name)
		}
	}
	if m.attrs["id"] == cty.NilVal {
		m.attrs["id"] = after("id", true)
	}
	if !slices.Contains(m.inst.Unknown, "id") {
		if _, set := m.args["id"]; !set {
			m.inst.Unknown = append(m.inst.Unknown, "id")
		}
	}
	for name, v := range m.args {
		m.configured(name, v, known.attrs[name], after(name, true))
	}
}

// configured takes an argument over: as it is if that is known or a reference,
// else as an attribute that the instance will have.
func (m *made) configured(name string, v cty.Value, a attribute, later cty.Value) {
	isBlock := a.mode == isBlock || slices.ContainsFunc(m.block.blocks, func(n *nested) bool { return n.name == name })
	if isBlock && (a.ty == cty.NilType || !a.ty.IsSetType()) {
		// Blocks have members that only the schema knows.
		m.attrs[name] = opaque()
		m.inst.Unknown = append(m.inst.Unknown, name)
		return
	}
	if v.IsWhollyKnown() && !v.ContainsMarked() {
		m.attrs[name] = v
		m.inst.Values[name] = Value{Known: fromCty(v)}
		return
	}
	m.inst.Unknown = append(m.inst.Unknown, name)
	out, ok := part(v)
	if !ok {
		m.attrs[name] = later
		return
	}
	m.attrs[name] = v
	m.inst.Values[name] = out
}

// lasting are attributes that no update changes.
func lasting(name string, a attribute) bool {
	return name == "id" || name == "arn" || name == "owner_id" || a.replaces
}

// kept fills an instance whose object stays.
func (p *planner) kept(m *made, known *schema) {
	for name, was := range m.old.attrs {
		a := known.attrs[name]
		v, set := m.args[name]
		switch {
		case m.inst.Action == NoOp, lasting(name, a) && !set, set && p.compare(v, was, a) == same:
			m.attrs[name] = toCty(was, nil)
			m.inst.Values[name] = Value{Known: was}
		case set:
			m.configured(name, v, a, reference(Target{m.inst.Address, name}))
		case a.mode == isOptional && isNothing(was) && a.initial == nil:
			// The provider does not tell nothing from nothing.
			m.attrs[name] = toCty(was, nil)
			m.inst.Values[name] = Value{Known: was}
		case a.mode == isOptional:
			m.attrs[name] = toCty(a.initial, nil)
			m.inst.Values[name] = Value{Known: a.initial}
		default:
			if a.follows != "" && p.compare(m.argument(a.follows), m.old.attrs[a.follows], known.attrs[a.follows]) != same {
				m.renewed = append(m.renewed, name)
			}
			m.attrs[name] = reference(Target{m.inst.Address, name})
			m.inst.Unknown = append(m.inst.Unknown, name)
		}
	}
	for name, v := range m.args {
		if _, ok := m.old.attrs[name]; !ok {
			m.configured(name, v, known.attrs[name], reference(Target{m.inst.Address, name}))
		}
	}
}
