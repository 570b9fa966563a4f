package wanted

import (
	"fmt"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// convertTo converts as Terraform does, but keeps the parts of a set apart
// where some of them are not known: such a set becomes a list with the
// unordered mark.
func convertTo(v cty.Value, ty cty.Type) (cty.Value, error) {
	if !holdsSet(ty) || (v.IsWhollyKnown() && !v.ContainsMarked()) {
		return convert.Convert(v, ty)
	}
	v, err := convert.Convert(v, setsAsLists(ty))
	if err != nil {
		return cty.NilVal, err
	}
	return markSets(v, ty), nil
}

func holdsSet(ty cty.Type) bool {
	switch {
	case ty.IsSetType():
		return true
	case ty.IsListType(), ty.IsMapType():
		return holdsSet(ty.ElementType())
	case ty.IsObjectType():
		for _, t := range ty.AttributeTypes() {
			if holdsSet(t) {
				return true
			}
		}
	case ty.IsTupleType():
		for _, t := range ty.TupleElementTypes() {
			if holdsSet(t) {
				return true
			}
		}
	}
	return false
}

func setsAsLists(ty cty.Type) cty.Type {
	switch {
	case ty.IsSetType(), ty.IsListType():
		return cty.List(setsAsLists(ty.ElementType()))
	case ty.IsMapType():
		return cty.Map(setsAsLists(ty.ElementType()))
	case ty.IsObjectType():
		attrs, optional := map[string]cty.Type{}, []string(nil)
		for name, t := range ty.AttributeTypes() {
			attrs[name] = setsAsLists(t)
			if ty.AttributeOptional(name) {
				optional = append(optional, name)
			}
		}
		return cty.ObjectWithOptionalAttrs(attrs, optional)
	case ty.IsTupleType():
		elems := make([]cty.Type, 0, ty.Length())
		for _, t := range ty.TupleElementTypes() {
			elems = append(elems, setsAsLists(t))
		}
		return cty.Tuple(elems)
	}
	return ty
}

// markSets gives the lists of a value that ty calls sets their mark.
func markSets(v cty.Value, ty cty.Type) cty.Value {
	bare, marks := v.Unmark()
	if !bare.IsKnown() || bare.IsNull() || !holdsSet(ty) {
		return v
	}
	elementType := func(key cty.Value) cty.Type {
		switch {
		case ty.IsObjectType():
			return ty.AttributeType(key.AsString())
		case ty.IsTupleType():
			i, _ := key.AsBigFloat().Int64()
			return ty.TupleElementType(int(i))
		}
		return ty.ElementType()
	}
	var list []cty.Value
	named := map[string]cty.Value{}
	for it := bare.ElementIterator(); it.Next(); {
		key, e := it.Element()
		e = markSets(e, elementType(key))
		list = append(list, e)
		if key.Type() == cty.String {
			named[key.AsString()] = e
		}
	}
	out := bare
	switch {
	case ty.IsSetType():
		return asSet(list, bare.Type().ElementType()).WithMarks(marks)
	case len(list) == 0:
	case ty.IsListType() && cty.CanListVal(list):
		out = cty.ListVal(list)
	case ty.IsMapType() && cty.CanMapVal(named):
		out = cty.MapVal(named)
	case ty.IsListType(), ty.IsTupleType():
		// Some of the inner sets are whole and some stand in as lists.
		out = cty.TupleVal(list)
	default:
		out = cty.ObjectVal(named)
	}
	return out.WithMarks(marks)
}

// asSet makes a set of elements, of which some may not be known. Two elements
// that are not known may turn out to be equal: nobody may count them.
func asSet(elems []cty.Value, ty cty.Type) cty.Value {
	if len(elems) == 0 {
		return cty.SetValEmpty(ty)
	}
	seen := map[Target]bool{}
	list := elems[:0:0]
	for _, e := range elems {
		if t, ok := targetOf(e); ok {
			if seen[t] {
				continue
			}
			seen[t] = true
		}
		list = append(list, e)
	}
	if !cty.CanListVal(list) {
		return cty.TupleVal(list).Mark(unordered)
	}
	whole := cty.ListVal(list)
	if whole.IsWhollyKnown() && !whole.ContainsMarked() {
		return cty.SetVal(list)
	}
	return whole.Mark(unordered)
}

// unifyWith converts v to the type that it and the other branch of a choice
// have in common.
func unifyWith(v, other cty.Value) cty.Value {
	a, b := v.Type(), other.Type()
	if a.Equals(b) || a == cty.DynamicPseudoType || b == cty.DynamicPseudoType {
		return v
	}
	ty, _ := convert.UnifyUnsafe([]cty.Type{a, b})
	if ty == cty.NilType || ty == cty.DynamicPseudoType {
		return v
	}
	if out, err := convertTo(v, ty); err == nil {
		return out
	}
	return v
}

// elements returns what a list, set or tuple holds, and the marks of the whole.
func elements(v cty.Value) ([]cty.Value, cty.ValueMarks, error) {
	bare, marks := v.Unmark()
	ty := bare.Type()
	if bare.IsNull() || !(ty.IsListType() || ty.IsSetType() || ty.IsTupleType()) {
		return nil, nil, fmt.Errorf("a list, set or tuple is needed, not %s", ty.FriendlyName())
	}
	if !bare.IsKnown() {
		return nil, nil, fmt.Errorf("the number of elements is not known")
	}
	var out []cty.Value
	for it := bare.ElementIterator(); it.Next(); {
		_, e := it.Element()
		out = append(out, e)
	}
	return out, marks, nil
}
