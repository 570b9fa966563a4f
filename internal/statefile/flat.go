package statefile

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// unflatten rebuilds the attributes of an instance that no Terraform since
// 0.12 has refreshed: "tags.%" counts a map, "cidr_blocks.#" a list or set, and
// every value is text. Elements of sets are numbered by hash, so lists come in
// the order of their numbers.
func unflatten(flat map[string]string) map[string]any { return unflattenLevel(flat, 0) }

// maxFlatDepth bounds the recursion on hostile input.
const maxFlatDepth = 32

func unflattenLevel(flat map[string]string, depth int) map[string]any {
	out := map[string]any{}
	groups := map[string]map[string]string{}
	for key, value := range flat {
		head, rest, nested := strings.Cut(key, ".")
		if !nested || depth == maxFlatDepth {
			out[key] = value
			continue
		}
		if groups[head] == nil {
			groups[head] = map[string]string{}
		}
		groups[head][rest] = value
	}
	for head, group := range groups {
		out[head] = unflattenGroup(group, depth+1)
	}
	return out
}

func unflattenGroup(group map[string]string, depth int) any {
	if _, isMap := group["%"]; isMap {
		// A map's elements are scalars, and its keys may hold dots.
		out := map[string]any{}
		for key, value := range group {
			if key != "%" {
				out[key] = value
			}
		}
		return out
	}
	if _, isList := group["#"]; !isList {
		return unflattenLevel(group, depth)
	}
	delete(group, "#")
	elements := unflattenLevel(group, depth)
	keys := slices.SortedFunc(maps.Keys(elements), func(a, b string) int {
		x, _ := strconv.ParseUint(a, 10, 64)
		y, _ := strconv.ParseUint(b, 10, 64)
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return strings.Compare(a, b)
	})
	out := make([]any, 0, len(keys))
	for _, key := range keys {
		out = append(out, elements[key])
	}
	return out
}
