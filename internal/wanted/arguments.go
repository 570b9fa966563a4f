package wanted

import (
	"maps"

	"github.com/zclconf/go-cty/cty"
)

// notArguments are blocks of a resource whose change is no change of the object.
var notArguments = []string{"timeouts"}

// arguments evaluates what the configuration sets at one instance: arguments as
// they are, nested blocks as lists of objects.
func (p *planner) arguments(s *scope, r *resource, key any) map[string]cty.Value {
	rep := s.repeat(key, r.forEach)
	out := map[string]cty.Value{}
	for name, e := range r.attrs {
		out[name] = s.or("its expression", e, rep)
	}
	maps.Copy(out, s.blockValues(r.blocks, rep))
	for _, name := range r.unread {
		out[name] = lacking("the block " + name + " is written in a form that reconcile does not evaluate")
	}
	for _, name := range notArguments {
		delete(out, name)
	}
	return out
}

// blockValues evaluates nested blocks, the dynamic ones too. One that cannot be
// evaluated in full leaves all of its type unknown.
func (s *scope) blockValues(list []*nested, rep *repetition) map[string]cty.Value {
	items := map[string][]cty.Value{}
	open := map[string]cty.Value{}
	for _, n := range list {
		if items[n.name] == nil {
			items[n.name] = []cty.Value{}
		}
		if n.forEach == nil {
			items[n.name] = append(items[n.name], s.blockValue(n, rep))
			continue
		}
		v := s.or("the for_each of dynamic "+n.name, n.forEach, rep)
		if v.IsMarked() || !v.IsKnown() || v.IsNull() || !v.CanIterateElements() || partial(v) {
			open[n.name] = opaque().WithSameMarks(v)
			continue
		}
		for it := v.ElementIterator(); it.Next(); {
			k, e := it.Element()
			if v.Type().IsSetType() {
				k = e
			}
			inner := repetition{bound: map[string]cty.Value{}}
			if rep != nil {
				inner.key, inner.value = rep.key, rep.value
				maps.Copy(inner.bound, rep.bound)
			}
			inner.bound[n.iterator] = cty.ObjectVal(map[string]cty.Value{"key": k, "value": e})
			items[n.name] = append(items[n.name], s.blockValue(n, &inner))
		}
	}
	out := map[string]cty.Value{}
	for name, list := range items {
		out[name] = cty.TupleVal(list)
	}
	maps.Copy(out, open)
	return out
}

func (s *scope) blockValue(n *nested, rep *repetition) cty.Value {
	attrs := map[string]cty.Value{}
	for name, e := range n.attrs {
		attrs[name] = s.or("its expression", e, rep)
	}
	maps.Copy(attrs, s.blockValues(n.blocks, rep))
	return cty.ObjectVal(attrs)
}
