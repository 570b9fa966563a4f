package wanted

import (
	"errors"
	"fmt"

	"github.com/hashicorp/hcl/v2/ext/customdecode"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
)

// The functions that rearrange what they are given. cty's own versions of these
// put the marks of all arguments on the result, or give up where one part of
// them is not known.

// handsOnFunc makes a function that is given its arguments as they are.
func handsOnFunc(f func(args []cty.Value) (cty.Value, error)) function.Function {
	return function.New(&function.Spec{
		VarParam: &function.Parameter{
			Name: "values", Type: cty.DynamicPseudoType,
			AllowNull: true, AllowUnknown: true, AllowDynamicType: true, AllowMarked: true,
		},
		// The result is worked out by Impl alone: its type depends on the values.
		Type: function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return f(args) },
	})
}

func single(name string, f func(v cty.Value) (cty.Value, error)) function.Function {
	return handsOnFunc(func(args []cty.Value) (cty.Value, error) {
		if len(args) != 1 {
			return cty.NilVal, fmt.Errorf("%s takes one argument", name)
		}
		return f(args[0])
	})
}

// ofWhole is a function of one value, which an object that has more than it
// shows is not good enough for.
func ofWhole(f function.Function) function.Function {
	return single("this function", func(v cty.Value) (cty.Value, error) {
		if partial(v) || (v.Type() == cty.DynamicPseudoType && !v.IsKnown()) {
			return opaque().WithSameMarks(v), nil
		}
		return f.Call([]cty.Value{v})
	})
}

// listed is single for a collection; one that is not known stays so.
func listed(name string, f func(list []cty.Value, marks cty.ValueMarks) (cty.Value, error)) function.Function {
	return single(name, func(v cty.Value) (cty.Value, error) {
		if !v.IsKnown() {
			return opaque().WithSameMarks(v), nil
		}
		list, marks, err := elements(v)
		if err != nil {
			return cty.NilVal, err
		}
		return f(list, marks)
	})
}

func passFunc() function.Function {
	return single("sensitive", func(v cty.Value) (cty.Value, error) { return v, nil })
}

// converts is toset, tolist, tomap and tostring.
func converts(ty cty.Type) function.Function {
	return single("conversion", func(v cty.Value) (cty.Value, error) {
		if v.Type() == cty.DynamicPseudoType && !v.IsKnown() {
			return opaque().WithSameMarks(v), nil
		}
		return convertTo(v, ty)
	})
}

// tryFunc hands on a result that holds an unchanged attribute: reading text that
// another resource will have cannot fail later. Anything else that is not known
// might, so that what try returns is not known either.
func tryFunc() function.Function {
	return function.New(&function.Spec{
		VarParam: &function.Parameter{Name: "expressions", Type: customdecode.ExpressionClosureType},
		Type:     function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			for _, arg := range args {
				v, diags := customdecode.ExpressionClosureFromVal(arg).Value()
				switch {
				case diags.HasErrors():
					continue
				case exact(v):
					return v, nil
				}
				return settle(opaqueIfUnknown(v)), nil
			}
			return cty.NilVal, errors.New("no expression succeeded")
		},
	})
}

func opaqueIfUnknown(v cty.Value) cty.Value {
	if v.IsWhollyKnown() {
		return v
	}
	_, marks := v.UnmarkDeep()
	return opaque().WithMarks(marks)
}

// oneFunc returns the only element. A set of several that are not known could
// turn out to hold one.
func oneFunc() function.Function {
	return listed("one", func(list []cty.Value, marks cty.ValueMarks) (cty.Value, error) {
		_, isSet := marks[unordered]
		switch {
		case len(list) == 0:
			return cty.NullVal(cty.DynamicPseudoType).WithMarks(marks), nil
		case len(list) == 1:
			delete(marks, unordered)
			return list[0].WithMarks(marks), nil
		case isSet:
			return opaque().WithMarks(marks), nil
		}
		return cty.NilVal, errors.New("one needs a list of at most one element")
	})
}

// coalesceFunc passes over null and "", as Terraform does. Of the attributes
// that are not known only an id or ARN is sure to be neither.
func coalesceFunc() function.Function {
	return handsOnFunc(func(args []cty.Value) (cty.Value, error) {
		for _, v := range args {
			if t, ok := targetOf(v); ok && neverEmpty(t.Attr) {
				return v, nil
			}
			if !v.IsKnown() {
				_, marks := cty.TupleVal(args).UnmarkDeep()
				return opaque().WithMarks(marks), nil
			}
			bare, _ := v.Unmark()
			if bare.IsNull() || (bare.Type() == cty.String && bare.AsString() == "") {
				continue
			}
			return v, nil
		}
		return cty.NilVal, errors.New("no argument that is neither null nor empty")
	})
}

func coalesceListFunc() function.Function {
	return handsOnFunc(func(args []cty.Value) (cty.Value, error) {
		for _, v := range args {
			if !v.IsKnown() {
				_, marks := cty.TupleVal(args).UnmarkDeep()
				return opaque().WithMarks(marks), nil
			}
			if bare, _ := v.Unmark(); bare.IsNull() {
				continue
			}
			list, _, err := elements(v)
			if err != nil {
				return cty.NilVal, err
			}
			if len(list) > 0 {
				return v, nil
			}
		}
		return cty.NilVal, errors.New("no argument that is neither null nor empty")
	})
}

// compactFunc leaves out null and "".
func compactFunc() function.Function {
	return listed("compact", func(list []cty.Value, marks cty.ValueMarks) (cty.Value, error) {
		var kept []cty.Value
		for _, v := range list {
			t, ok := targetOf(v)
			switch bare, _ := v.Unmark(); {
			case ok && neverEmpty(t.Attr):
			case !bare.IsKnown():
				return opaque().WithSameMarks(v).WithMarks(marks), nil
			case bare.IsNull(), bare.Type() == cty.String && bare.AsString() == "":
				continue
			}
			text, err := convert.Convert(v, cty.String)
			if err != nil {
				return cty.NilVal, err
			}
			kept = append(kept, text)
		}
		if len(kept) == 0 {
			return cty.ListValEmpty(cty.String).WithMarks(marks), nil
		}
		return cty.ListVal(kept).WithMarks(marks), nil
	})
}

// distinctFunc can tell elements apart where all are known, or where there is
// but one; references may be told from themselves only.
func distinctFunc() function.Function {
	return listed("distinct", func(list []cty.Value, marks cty.ValueMarks) (cty.Value, error) {
		var kept []cty.Value
		for _, v := range list {
			found := false
			for _, k := range kept {
				a, isA := targetOf(v)
				b, isB := targetOf(k)
				if isA && isB && a == b {
					found = true
					break
				}
				same := equal(v, k)
				if !same.IsKnown() {
					return opaque().WithSameMarks(v, k).WithMarks(marks), nil
				}
				if same.True() {
					found = true
					break
				}
			}
			if !found {
				kept = append(kept, v)
			}
		}
		if len(kept) > 0 && cty.CanListVal(kept) {
			return cty.ListVal(kept).WithMarks(marks), nil
		}
		return cty.TupleVal(kept).WithMarks(marks), nil
	})
}

func equal(a, b cty.Value) cty.Value {
	a, _ = a.UnmarkDeep()
	b, _ = b.UnmarkDeep()
	return a.Equals(b)
}

// lookupFunc looks a key up in a map of which only that key needs to be known.
func lookupFunc() function.Function {
	return handsOnFunc(func(args []cty.Value) (cty.Value, error) {
		if len(args) != 3 {
			return cty.NilVal, errors.New("lookup takes a map, a key and a default")
		}
		key := args[1]
		m, marks := args[0].Unmark()
		if key.IsMarked() || !key.IsKnown() || !m.IsKnown() || partial(m) {
			return opaque().WithSameMarks(args[0], key), nil
		}
		key, err := convert.Convert(key, cty.String)
		if err != nil || key.IsNull() || m.IsNull() || !(m.Type().IsMapType() || m.Type().IsObjectType()) {
			return cty.NilVal, errors.New("lookup takes a map, a key and a default")
		}
		for it := m.ElementIterator(); it.Next(); {
			if k, v := it.Element(); k.AsString() == key.AsString() {
				return v.WithMarks(marks), nil
			}
		}
		return args[2].WithMarks(marks), nil
	})
}

func setUnionFunc() function.Function {
	return handsOnFunc(func(args []cty.Value) (cty.Value, error) {
		var all []cty.Value
		marks := cty.ValueMarks{}
		for _, v := range args {
			if !v.IsKnown() {
				_, all := cty.TupleVal(args).UnmarkDeep()
				return opaque().WithMarks(all), nil
			}
			list, own, err := elements(v)
			if err != nil {
				return cty.NilVal, err
			}
			all = append(all, list...)
			for m := range own {
				marks[m] = struct{}{}
			}
		}
		delete(marks, unordered)
		set, err := convertTo(cty.TupleVal(all), cty.Set(cty.DynamicPseudoType))
		if err != nil {
			return cty.NilVal, err
		}
		return set.WithMarks(marks), nil
	})
}
