package wanted

import (
	"errors"
	"reflect"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// base is the part of an expression's context that all instances share.
type base struct {
	ctx       *hcl.EvalContext
	perObject bool // each or count is used
}

// repetition is one instance of a block that has count or for_each.
type repetition struct {
	key   any
	value func() cty.Value     // each.value
	bound map[string]cty.Value // the iterators of dynamic blocks
}

// repeat returns the repetition of the instance at key, nil if it has no key.
func (s *scope) repeat(key any, forEach *expression) *repetition {
	if key == nil {
		return nil
	}
	return &repetition{key: key, value: func() cty.Value { return s.eachValue(key, forEach) }}
}

// loop is the value of a for_each.
func (s *scope) loop(forEach *expression) cty.Value {
	v, ok := s.loops[forEach]
	if !ok {
		// A for_each that needs itself meets this.
		s.loops[forEach] = opaque()
		v = s.or("a for_each", forEach, nil)
		s.loops[forEach] = v
	}
	return v
}

func (s *scope) eachValue(key any, forEach *expression) cty.Value {
	k, ok := key.(string)
	if !ok || forEach == nil {
		return opaque()
	}
	v := s.loop(forEach)
	bare, marks := v.Unmark()
	ty := bare.Type()
	switch {
	case !bare.IsKnown() || bare.IsNull():
		return opaque().WithMarks(marks)
	case ty.IsSetType():
		return cty.StringVal(k)
	case ty.IsObjectType() && ty.HasAttribute(k):
		return bare.GetAttr(k).WithMarks(marks)
	case ty.IsMapType():
		if has := bare.HasIndex(cty.StringVal(k)); has.IsKnown() && has.True() {
			return bare.Index(cty.StringVal(k)).WithMarks(marks)
		}
	}
	return opaque()
}

// value evaluates an expression of this module for one instance of its block.
// What depends on a value that is not known yet comes out as unknown or as a
// reference (see marks.go), never as something else.
func (s *scope) value(e *expression, rep *repetition) (v cty.Value, err error) {
	defer func() {
		// An expression that makes a library panic costs its own value, no more.
		if r := recover(); r != nil {
			v, err = cty.NilVal, errors.New("the evaluation of "+e.Range().String()+" failed")
		}
	}()
	b, ok := s.bases[e]
	if !ok {
		b = s.base(e)
		s.bases[e] = b
	}
	ctx := b.ctx
	if b.perObject || len(e.bound) > 0 {
		each, count := opaque(), opaque()
		if rep != nil {
			switch k := rep.key.(type) {
			case string:
				each = cty.ObjectVal(map[string]cty.Value{"key": cty.StringVal(k), "value": s.eachIfUsed(e, rep)})
			case float64:
				count = cty.ObjectVal(map[string]cty.Value{"index": cty.NumberFloatVal(k)})
			}
		}
		ctx = ctx.NewChild()
		ctx.Variables = map[string]cty.Value{"each": each, "count": count}
		for _, name := range e.bound {
			ctx.Variables[name] = opaque()
			if rep != nil && rep.bound[name] != cty.NilVal {
				ctx.Variables[name] = rep.bound[name]
			}
		}
	}
	v, diags := e.Value(ctx)
	if diags.HasErrors() {
		return cty.NilVal, errors.New(firstError(diags))
	}
	return v, nil
}

func (s *scope) eachIfUsed(e *expression, rep *repetition) cty.Value {
	for _, t := range e.refs {
		if t.RootName() == "each" && step(t, 1) != "key" {
			return rep.value()
		}
	}
	return opaque()
}

// step returns the name at a place of a traversal, "" if there is none.
func step(t hcl.Traversal, i int) string {
	if i < len(t) {
		if a, ok := t[i].(hcl.TraverseAttr); ok {
			return a.Name
		}
	}
	return ""
}

// base works out what the names mean that an expression uses.
func (s *scope) base(e *expression) *base {
	b := &base{ctx: &hcl.EvalContext{Functions: s.world.functions}}
	roots := map[string]map[string]cty.Value{}
	put := func(root, name string, v cty.Value) {
		if roots[root] == nil {
			roots[root] = map[string]cty.Value{}
		}
		roots[root][name] = v
	}
	modules := map[string][]string{}
	data := map[string]map[string]cty.Value{}
	for _, t := range e.refs {
		root, name := t.RootName(), step(t, 1)
		switch {
		case slices.Contains(e.bound, root):
		case root == "each" || root == "count":
			b.perObject = true
		case root == "path":
			put(root, "module", cty.StringVal(s.modulePath()))
			put(root, "root", cty.StringVal("."))
			put(root, "cwd", opaque())
		case root == "terraform":
			put(root, "workspace", s.workspace())
			put(root, "applying", opaque())
		case root == "self" || name == "":
			roots[root] = nil
		case root == "var":
			put(root, name, s.variable(name))
		case root == "local":
			put(root, name, s.local(name))
		case root == "module":
			if _, seen := modules[name]; !seen {
				modules[name] = []string{}
			}
			// A splat or a for over instances does not tell which output.
			out := outputOf(t)
			if out == "" {
				modules[name] = nil
			} else if modules[name] != nil {
				modules[name] = append(modules[name], out)
			}
		case root == "data":
			if data[name] == nil {
				data[name] = map[string]cty.Value{}
			}
			data[name][step(t, 2)] = s.resource("data." + name + "." + step(t, 2))
		default:
			put(root, name, s.resource(root+"."+name))
		}
	}
	for name, wants := range modules {
		slices.Sort(wants)
		put("module", name, s.moduleValue(name, slices.Compact(wants)))
	}
	for typ, names := range data {
		put("data", typ, cty.ObjectVal(names))
	}
	b.ctx.Variables = map[string]cty.Value{}
	for root, names := range roots {
		if names == nil {
			b.ctx.Variables[root] = opaque()
			continue
		}
		b.ctx.Variables[root] = cty.ObjectVal(names)
	}
	return b
}

func outputOf(t hcl.Traversal) string {
	for i := 2; i < len(t); i++ {
		switch at := t[i].(type) {
		case hcl.TraverseAttr:
			return at.Name
		case hcl.TraverseIndex:
			continue
		}
		break
	}
	return ""
}

func (s *scope) modulePath() string {
	if s.module == nil {
		return ""
	}
	return s.module.path
}

func (s *scope) workspace() cty.Value {
	if s.world.workspace == "" {
		return lacking("the workspace is not recorded in .terraform/environment")
	}
	return cty.StringVal(s.world.workspace)
}

// classify says what an evaluated attribute is. It reports false for what is
// not known, for null (the provider chooses then), and for what is known in
// full: a plan that does not know it all the same had a reason.
func classify(v cty.Value) (Value, bool) {
	if v == cty.NilVal || (v.IsWhollyKnown() && !v.ContainsMarked()) {
		return Value{}, false
	}
	return part(v)
}

func part(v cty.Value) (Value, bool) {
	if t, ok := targetOf(v); ok {
		return Value{OneOf: []Target{t}}, true
	}
	bare, marks := v.Unmark()
	_, isSet := marks[unordered]
	if !bare.IsKnown() || bare.IsNull() || len(marks) > 1 || (len(marks) == 1 && !isSet) {
		return Value{}, false
	}
	ty := bare.Type()
	if !ty.IsListType() && !ty.IsSetType() && !ty.IsTupleType() {
		if isSet || bare.ContainsMarked() || !bare.IsWhollyKnown() {
			return Value{}, false
		}
		return Value{Known: fromCty(bare)}, true
	}
	items := []Value{}
	for it := bare.ElementIterator(); it.Next(); {
		_, e := it.Element()
		item, ok := part(e)
		if !ok {
			return Value{}, false
		}
		if isSet && slices.ContainsFunc(items, func(have Value) bool { return reflect.DeepEqual(have, item) }) {
			continue
		}
		items = append(items, item)
	}
	return Value{Items: items}, true
}
