package providers

import "iter"

// Leaves are the scalars anywhere in a decoded value, nil among them. Members
// come in no order that can be relied on.
func Leaves(v any) iter.Seq[any] {
	return func(yield func(any) bool) { leaves(v, yield) }
}

func leaves(v any, yield func(any) bool) bool {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			if !leaves(e, yield) {
				return false
			}
		}
		return true
	case map[string]any:
		for _, e := range v {
			if !leaves(e, yield) {
				return false
			}
		}
		return true
	}
	return yield(v)
}

// MapLeaves is a copy of a decoded value with each scalar as f has it.
func MapLeaves(v any, f func(any) any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = MapLeaves(e, f)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, e := range v {
			out[name] = MapLeaves(e, f)
		}
		return out
	}
	return f(v)
}

// Texts are the texts among the leaves that say something.
func Texts(v any) iter.Seq[string] {
	return func(yield func(string) bool) {
		for leaf := range Leaves(v) {
			if s, ok := leaf.(string); ok && s != "" && !yield(s) {
				return
			}
		}
	}
}
