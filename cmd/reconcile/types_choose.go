package main

import (
	"slices"
	"strings"

	"reconcile/internal/hint"
	"reconcile/providers"
)

// knownTypes refuses the first type that is none, and names those it may mean.
// what says where they were given.
func knownTypes(kinds providers.Kinds, what string, given []string) error {
	for _, typ := range given {
		if _, known := kinds.Find(typ); known {
			continue
		}
		return hint.Errorf(hint.DidYouMean(nearestTypes(kinds, typ), "reconcile types lists those it knows"), "unknown %s %q", what, typ)
	}
	return nil
}

func nearestTypes(kinds providers.Kinds, typ string) []string {
	const common = "aws_" // it would count for nothing but make long names alike
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = strings.TrimPrefix(k.Type, common)
	}
	near := hint.Nearest(names, strings.TrimPrefix(strings.ToLower(typ), common))
	for i := range near {
		near[i] = common + near[i]
	}
	return near
}

// chosenKinds are the kinds of these types; all without any.
func chosenKinds(kinds providers.Kinds, types []string) providers.Kinds {
	if len(types) == 0 {
		return kinds
	}
	return slices.DeleteFunc(slices.Clone(kinds), func(k providers.Kind) bool { return !slices.Contains(types, k.Type) })
}
