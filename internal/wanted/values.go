package wanted

import (
	"encoding/json"
	"slices"

	"github.com/zclconf/go-cty/cty"
)

// toCty turns a JSON value into what an expression sees. unknown marks the parts
// that are not known, as after_unknown does.
func toCty(v, unknown any) cty.Value {
	if unknown == true {
		return opaque()
	}
	switch v := v.(type) {
	case bool:
		return cty.BoolVal(v)
	case string:
		return cty.StringVal(v)
	case json.Number:
		if n, err := cty.ParseNumberVal(v.String()); err == nil {
			return n
		}
		return opaque()
	case float64:
		return cty.NumberFloatVal(v)
	case []any:
		u, _ := unknown.([]any)
		out := make([]cty.Value, 0, len(v))
		for i := range max(len(v), len(u)) {
			var e, eu any
			if i < len(v) {
				e = v[i]
			}
			if i < len(u) {
				eu = u[i]
			}
			out = append(out, toCty(e, eu))
		}
		return cty.TupleVal(out)
	case map[string]any:
		u, _ := unknown.(map[string]any)
		out := map[string]cty.Value{}
		for name, e := range v {
			out[name] = toCty(e, u[name])
		}
		for name, eu := range u {
			if _, ok := out[name]; !ok && anyTrue(eu) {
				out[name] = opaque()
			}
		}
		return cty.ObjectVal(out)
	}
	if anyTrue(unknown) {
		return opaque()
	}
	return cty.NullVal(cty.DynamicPseudoType)
}

// fromCty is the JSON value of something wholly known.
func fromCty(v cty.Value) any {
	ty := v.Type()
	switch {
	case v.IsNull():
		return nil
	case ty == cty.String:
		return v.AsString()
	case ty == cty.Bool:
		return v.True()
	case ty == cty.Number:
		return json.Number(v.AsBigFloat().Text('f', -1))
	case ty.IsMapType(), ty.IsObjectType():
		out := map[string]any{}
		for it := v.ElementIterator(); it.Next(); {
			k, e := it.Element()
			out[k.AsString()] = fromCty(e)
		}
		return out
	case v.CanIterateElements():
		out := []any{}
		for it := v.ElementIterator(); it.Next(); {
			_, e := it.Element()
			out = append(out, fromCty(e))
		}
		return out
	}
	return nil
}

// anyTrue reports whether after_unknown marks any part.
func anyTrue(u any) bool {
	switch u := u.(type) {
	case bool:
		return u
	case []any:
		return slices.ContainsFunc(u, anyTrue)
	case map[string]any:
		for _, e := range u {
			if anyTrue(e) {
				return true
			}
		}
	}
	return false
}
