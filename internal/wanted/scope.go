package wanted

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// world is what is known of resources and variables before the apply: from a
// plan, or from the configuration and a state.
type world struct {
	scopes    map[string]*scope
	root      *scope
	objects   map[objectKey][]object
	variables map[string]cty.Value // of the root
	// where names what objects come from, for messages.
	where string
	// planner makes the objects when they are first asked for, nil if a plan
	// has made them.
	planner   *planner
	workspace string // "" if not known
	functions map[string]function.Function
	// whole: every instance that the configuration asks for is among objects.
	whole bool
}

// objectKey names a resource in one module instance.
type objectKey struct {
	scope string
	name  string // "aws_vpc.this", "data.aws_ami.this"
}

// object is what is known of one instance.
type object struct {
	key     any // nil, float64 or string
	address string
	values  map[string]any
	unknown any // as after_unknown: true, or an object of such
	// attrs are the attributes as they stand, in place of values and unknown.
	attrs map[string]cty.Value
}

// scope is one module instance: what names mean in it. Values are worked out
// when they are first asked for, and kept.
type scope struct {
	world  *world
	id     string // "" for the root
	parent *scope
	name   string // of the call
	key    any    // of the call's instance
	module *module
	call   *call
	memo   map[string]cty.Value
	busy   map[string]bool
	bases  map[*expression]*base
	loops  map[*expression]cty.Value
}

func newWorld(root *module, functions map[string]function.Function) *world {
	w := &world{functions: functions, scopes: map[string]*scope{}, objects: map[objectKey][]object{}, variables: map[string]cty.Value{}, where: "plan", whole: true}
	w.root = w.scope(nil, "", nil)
	w.root.module = root
	return w
}

// scope returns the instance of a module call, made when first asked for.
func (w *world) scope(parent *scope, name string, key any) *scope {
	id := ""
	if parent != nil {
		id = parent.id + "." + name + keyText(key)
	}
	if s, ok := w.scopes[id]; ok {
		return s
	}
	s := &scope{
		world: w, id: id, parent: parent, name: name, key: key,
		memo: map[string]cty.Value{}, busy: map[string]bool{},
		bases: map[*expression]*base{}, loops: map[*expression]cty.Value{},
	}
	if parent != nil && parent.module != nil {
		if s.call = parent.module.calls[name]; s.call != nil {
			s.module = s.call.module
		}
	}
	w.scopes[id] = s
	return s
}

func keyText(key any) string {
	switch k := key.(type) {
	case string:
		return "[" + strconv.Quote(k) + "]"
	case float64:
		return "[" + strconv.FormatFloat(k, 'f', -1, 64) + "]"
	}
	return ""
}

// once evaluates something that has a name, guarding against a name that needs
// itself.
func (s *scope) once(name string, f func() cty.Value) cty.Value {
	if v, ok := s.memo[name]; ok {
		return v
	}
	if s.busy[name] {
		return lacking(name + " refers to itself")
	}
	s.busy[name] = true
	v := f()
	delete(s.busy, name)
	s.memo[name] = v
	return v
}

// or is the value of an expression, opaque with the reason if it has none.
func (s *scope) or(what string, e *expression, rep *repetition) cty.Value {
	v, err := s.value(e, rep)
	if err != nil {
		return lacking(fmt.Sprintf("%s cannot be evaluated (%v)", what, err))
	}
	return v
}

func (s *scope) local(name string) cty.Value {
	return s.once("local."+name, func() cty.Value {
		if s.module == nil || s.module.locals[name] == nil {
			return lacking("local." + name + " is not in the configuration that was read")
		}
		return s.or("local."+name, s.module.locals[name], nil)
	})
}

func (s *scope) output(name string) cty.Value {
	return s.once("output."+name, func() cty.Value {
		if s.module == nil || s.module.outputs[name] == nil || s.module.outputs[name].value == nil {
			return lacking("output " + name + " of module." + s.name + " is not in the configuration that was read")
		}
		return s.or("output "+name+" of module."+s.name, s.module.outputs[name].value, nil)
	})
}

func (s *scope) variable(name string) cty.Value {
	return s.once("var."+name, func() cty.Value {
		what := "var." + name
		if s.module == nil || s.module.variables[name] == nil {
			return lacking(what + " is not in the configuration that was read")
		}
		decl := s.module.variables[name]
		v, given := s.given(name)
		if (!given || (!decl.nullable && isNull(v))) && decl.value != nil {
			v, given = s.or("the default of "+what, decl.value, nil), true
		}
		switch {
		case given:
		case s.world.planner != nil && s.parent == nil:
			return lacking(what + " has no value (--var, --var-file and TF_VAR_" + name + " give it one)")
		default:
			return lacking(what + " has no value in the " + s.world.where)
		}
		if decl.ty == cty.NilType || v.Type() == cty.DynamicPseudoType {
			return v
		}
		if decl.defaults != nil && !isNull(v) {
			v = decl.defaults.Apply(v)
		}
		out, err := convertTo(v, decl.ty)
		if err != nil {
			return lacking(fmt.Sprintf("%s does not have its declared type (%v)", what, err))
		}
		return out
	})
}

// given returns what the caller passes for a variable.
func (s *scope) given(name string) (cty.Value, bool) {
	if s.parent == nil {
		v, ok := s.world.variables[name]
		return v, ok
	}
	if s.call == nil || s.call.args[name] == nil {
		return cty.NilVal, false
	}
	return s.parent.or("the argument "+name+" of module."+s.name, s.call.args[name], s.parent.repeat(s.key, s.call.forEach)), true
}

func isNull(v cty.Value) bool {
	if v == cty.NilVal {
		return true
	}
	v, _ = v.Unmark()
	return v.IsNull()
}

// moduleValue is what module.NAME means here: an object with the outputs that
// are asked for (nil: all), or a collection of such.
func (s *scope) moduleValue(name string, wants []string) cty.Value {
	if s.module == nil || s.module.calls[name] == nil || s.module.calls[name].module == nil {
		return lacking("module." + name + " is not in the configuration that was read")
	}
	c := s.module.calls[name]
	if wants == nil {
		wants = slices.Collect(maps.Keys(c.module.outputs))
	}
	one := func(key any) cty.Value {
		child := s.world.scope(s, name, key)
		attrs := map[string]cty.Value{}
		for _, out := range wants {
			attrs[out] = child.output(out)
		}
		return cty.ObjectVal(attrs)
	}
	switch {
	case c.count != nil:
		n, ok := wholeNumber(s.or("the count of module."+name, c.count, nil))
		if !ok {
			return opaque()
		}
		list := make([]cty.Value, 0, n)
		for i := range n {
			list = append(list, one(float64(i)))
		}
		return cty.TupleVal(list)
	case c.forEach != nil:
		keys, _ := loopKeys(s.loop(c.forEach))
		if keys == nil {
			return opaque()
		}
		named := map[string]cty.Value{}
		for _, k := range keys {
			named[k] = one(k)
		}
		return cty.ObjectVal(named)
	}
	return one(nil)
}

// mostCopies bounds what a count may make us build.
const mostCopies = 100000

func wholeNumber(v cty.Value) (int, bool) {
	if v.IsMarked() || !v.IsKnown() || v.IsNull() {
		return 0, false
	}
	v, err := convertTo(v, cty.Number)
	if err != nil {
		return 0, false
	}
	n, acc := v.AsBigFloat().Int64()
	return int(n), acc == big.Exact && n >= 0 && n <= mostCopies
}

// resource is what TYPE.NAME or data.TYPE.NAME means here.
func (s *scope) resource(name string) cty.Value {
	return s.once(name, func() cty.Value {
		if p := s.world.planner; p != nil {
			if why := p.expand(s, name); why != "" {
				return lacking(why)
			}
		}
		list := s.world.objects[objectKey{s.id, name}]
		var cfg *resource
		if s.module != nil {
			cfg = s.module.resources[name]
		}
		counted, named := false, false
		switch {
		case cfg != nil:
			counted, named = cfg.count != nil, cfg.forEach != nil
		case len(list) > 0:
			_, counted = list[0].key.(float64)
			_, named = list[0].key.(string)
		}
		if len(list) == 0 && (!s.world.whole || !(counted || named)) {
			return lacking(name + " is not in the " + s.world.where)
		}
		switch {
		case counted:
			return tuple(list)
		case named:
			out := map[string]cty.Value{}
			for _, o := range list {
				if k, ok := o.key.(string); ok {
					out[k] = o.value()
				}
			}
			return cty.ObjectVal(out)
		}
		for _, o := range list {
			if o.key == nil {
				return o.value()
			}
		}
		return lacking(name + " is not in the " + s.world.where)
	})
}

func tuple(list []object) cty.Value {
	var out []cty.Value
	for _, o := range list {
		k, ok := o.key.(float64)
		if !ok || k < 0 || k > mostCopies {
			continue
		}
		for len(out) <= int(k) {
			out = append(out, opaque())
		}
		out[int(k)] = o.value()
	}
	return cty.TupleVal(out)
}

// value is the object as an expression sees it.
func (o object) value() cty.Value {
	if o.attrs != nil {
		return cty.ObjectVal(o.attrs)
	}
	if o.unknown == true {
		return opaque()
	}
	unknown, _ := o.unknown.(map[string]any)
	attrs := map[string]cty.Value{}
	for name, v := range o.values {
		attrs[name] = toCty(v, unknown[name])
	}
	for name, u := range unknown {
		if u == true {
			attrs[name] = opaque()
			if o.address != "" {
				attrs[name] = reference(Target{o.address, name})
			}
		} else if _, ok := attrs[name]; !ok && anyTrue(u) {
			attrs[name] = opaque()
		}
	}
	return cty.ObjectVal(attrs)
}
