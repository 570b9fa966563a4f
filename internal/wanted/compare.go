package wanted

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"reconcile/providers"
)

// verdict is what a configured value is beside the state's.
type verdict int

const (
	same    verdict = iota
	differs         // or will, as far as Terraform can tell before the apply
	open            // it cannot be told
)

// compare holds a configured value against what the state has.
func (p *planner) compare(v cty.Value, was any, a attribute) verdict {
	v, news, lost := p.settled(v)
	switch {
	case lost:
		return open
	case news:
		return differs
	case !v.IsWhollyKnown() || v.ContainsMarked():
		return open
	}
	want := fromCty(v)
	if a.ty == cty.DynamicPseudoType {
		if reflect.DeepEqual(plainNumbers(want), plainNumbers(was)) {
			return same
		}
		return differs
	}
	if alike(want, was) || (a.protocol && protocolName(want) == protocolName(was)) {
		return same
	}
	return differs
}

// protocolName is the name that the provider gives a protocol, which may be
// written as a number.
func protocolName(v any) string {
	name := strings.ToLower(providers.Canon(v))
	if known, ok := map[string]string{"all": "-1", "1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}[name]; ok {
		return known
	}
	return name
}

// isNothing reports whether a value is one that a provider takes for unset.
func isNothing(v any) bool {
	return slices.Contains([]string{"", "0", "false", "[]"}, providers.Canon(v))
}

// settled puts what the state has in the place of attributes of instances that
// stay. It reports whether a part will be new: Terraform then holds the whole
// for changed; and whether a part cannot be told.
func (p *planner) settled(v cty.Value) (out cty.Value, news, lost bool) {
	defer func() {
		// A value that makes the library panic is one that cannot be told.
		if recover() != nil {
			out, lost = opaque(), true
		}
	}()
	out, _ = cty.Transform(v, func(_ cty.Path, e cty.Value) (cty.Value, error) {
		bare, marks := e.Unmark()
		if t, ok := targetOf(e); ok {
			was, stays := p.stays(t)
			switch {
			case !stays:
				news = true
			default:
				if text, ok := was.(string); ok {
					return cty.StringVal(text), nil
				}
				lost = true
			}
			return e, nil
		}
		fromNew, fromOther := false, false
		for m := range marks {
			switch m := m.(mark); {
			case m == unordered:
			case m.Address != "":
				if _, stays := p.stays(m.Target); stays {
					fromOther = true
				} else {
					fromNew = true
				}
			case m != derived:
				fromOther = true
			}
		}
		switch {
		case fromOther:
			lost = true
		case fromNew && !bare.IsKnown():
			news = true
		case !bare.IsKnown():
			lost = true
		}
		return bare, nil
	})
	return out, news, lost
}

// stays reports whether an attribute is one of an object that the plan keeps,
// with what the state has there.
func (p *planner) stays(t Target) (was any, stays bool) {
	m := p.made[t.Address]
	if m == nil || m.old == nil || m.inst.Action == Replace || slices.Contains(m.renewed, t.Attr) {
		return nil, false
	}
	return m.old.attrs[t.Attr], true
}

// alike compares as the provider does: nothing is nothing in every spelling,
// a block says only what it sets, a policy is JSON and no text.
func alike(want, was any) bool {
	if providers.Canon(want) == providers.Canon(was) {
		return true
	}
	switch w := want.(type) {
	case bool:
		return !w && was == nil
	case string:
		old, ok := was.(string)
		return ok && sameJSON(w, old)
	case []any:
		old, ok := was.([]any)
		if !ok {
			// A block of which there is one at most.
			return len(w) == 1 && alikeBlock(w[0], was)
		}
		if len(w) != len(old) {
			return false
		}
		left := slices.Clone(old)
		for _, e := range w {
			i := slices.IndexFunc(left, func(o any) bool { return alikeBlock(e, o) })
			if i < 0 {
				return false
			}
			left = slices.Delete(left, i, i+1)
		}
		return true
	case map[string]any:
		if old, ok := was.([]any); ok && len(old) == 1 {
			return alikeBlock(w, old[0])
		}
	}
	return false
}

// alikeBlock compares the members that a block sets; the others must be nothing.
func alikeBlock(want, was any) bool {
	w, isBlock := want.(map[string]any)
	o, wasBlock := was.(map[string]any)
	if !isBlock || !wasBlock {
		return alike(want, was)
	}
	for name, v := range w {
		if !alike(v, o[name]) && !(name == "protocol" && protocolName(v) == protocolName(o[name])) {
			return false
		}
	}
	for name, v := range o {
		if _, set := w[name]; !set && !isNothing(v) {
			return false
		}
	}
	return true
}

// holds reports whether a reading has all entries of a map that was asked for.
func holds(want, was any) bool {
	w, isMap := want.(map[string]any)
	o, wasMap := was.(map[string]any)
	if !isMap || !wasMap {
		return alike(want, was)
	}
	for k, v := range w {
		if got, ok := o[k]; !ok || !alike(v, got) {
			return false
		}
	}
	return true
}

func sameJSON(a, b string) bool {
	decode := func(s string) (any, bool) {
		s = strings.TrimSpace(s)
		if !strings.HasPrefix(s, "{") && !strings.HasPrefix(s, "[") {
			return nil, false
		}
		var v any
		return v, json.Unmarshal([]byte(s), &v) == nil
	}
	x, okX := decode(a)
	y, okY := decode(b)
	return okX && okY && reflect.DeepEqual(x, y)
}

func plainNumbers(v any) any {
	return providers.MapLeaves(v, func(leaf any) any {
		if n, ok := leaf.(json.Number); ok {
			if f, err := n.Float64(); err == nil {
				return f
			}
		}
		return leaf
	})
}

// triggered says whether something under replace_triggered_by changes.
func (p *planner) triggered(m *made) verdict {
	worst := same
	for _, e := range m.block.life.triggers {
		switch p.changes(m, e) {
		case differs:
			return differs
		case open:
			worst = open
		}
	}
	return worst
}

// changes says whether the resource, instance or attribute changes that an
// entry of replace_triggered_by names.
func (p *planner) changes(m *made, e hcl.Expression) verdict {
	refs := e.Variables()
	if len(refs) == 0 {
		return open
	}
	t, attr, key, keyed := refs[0], "", any(nil), false
	for _, r := range refs[1:] {
		if r.RootName() != "each" && r.RootName() != "count" {
			return open
		}
	}
	name := t.RootName() + "." + step(t, 1)
	for i := 2; i < len(t); i++ {
		switch st := t[i].(type) {
		case hcl.TraverseIndex:
			key, keyed = instanceKey(fromCty(st.Key)), true
		case hcl.TraverseAttr:
			if attr == "" {
				attr = st.Name
			}
		}
	}
	if len(refs) > 1 { // a.b[each.key], a.b[count.index].c
		key, keyed = m.inst.Key, true
		if rel, ok := e.(*hclsyntax.RelativeTraversalExpr); ok {
			attr = step(rel.Traversal, 0)
		}
	}
	if p.expand(m.scope, name) != "" {
		return open
	}
	worst := same
	for _, o := range p.pr.world.objects[objectKey{m.scope.id, name}] {
		of := p.made[o.address]
		if of == nil || (keyed && o.key != key) || (of.inst.Action != Replace && of.inst.Action != Update) {
			continue
		}
		v := differs
		switch {
		case attr == "" && of.unsure && of.inst.Action == Update:
			v = open
		case attr != "":
			v = p.compare(of.attrs[attr], of.was(attr), attribute{})
		}
		if v == differs {
			return differs
		}
		worst = max(worst, v)
	}
	return worst
}

func (m *made) was(attr string) any {
	if m.old == nil {
		return nil
	}
	return m.old.attrs[attr]
}
