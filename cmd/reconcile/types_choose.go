package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"reconcile/internal/hint"
	"reconcile/providers"
)

// knownTypes refuses the first type that is none, and names those it may mean.
func knownTypes(kinds providers.Kinds, given []string) error {
	for _, typ := range given {
		if _, known := kinds.Find(typ); known {
			continue
		}
		next := "reconcile types lists those it knows"
		if near := nearest(kinds, typ); len(near) > 0 {
			next = "do you mean " + strings.Join(near, " or ") + "? " + next
		}
		return hint.Errorf(next, "reconcile does not know the type %q", typ)
	}
	return nil
}

// chosenKinds are the kinds of these types; all without any.
func chosenKinds(kinds providers.Kinds, types []string) providers.Kinds {
	if len(types) == 0 {
		return kinds
	}
	return slices.DeleteFunc(slices.Clone(kinds), func(k providers.Kind) bool { return !slices.Contains(types, k.Type) })
}

// nearest are the known types that somebody may mean: those that differ in few
// letters, else those that hold all of its words.
func nearest(kinds providers.Kinds, typ string) []string {
	const most = 3
	bare := strings.TrimPrefix(strings.ToLower(typ), "aws_")
	far := map[string]int{}
	var near, holding []string
	for _, k := range kinds {
		name := strings.TrimPrefix(k.Type, "aws_")
		if far[k.Type] = distance(bare, name); far[k.Type] <= max(1, len(bare)/5) {
			near = append(near, k.Type)
		}
		words := strings.FieldsFunc(bare, func(r rune) bool { return r == '_' || r == '-' || r == ' ' })
		if len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(name, strings.TrimSuffix(w, "s")) }) {
			holding = append(holding, k.Type)
		}
	}
	if len(near) == 0 {
		near = holding
	}
	slices.SortFunc(near, func(a, b string) int { return cmp.Or(cmp.Compare(far[a], far[b]), cmp.Compare(a, b)) })
	return near[:min(most, len(near))]
}

// distance is how many letters must be put in, taken out, replaced or swapped
// with their neighbour.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		for j := range rows[i] {
			if i == 0 || j == 0 {
				rows[i][j] = i + j
				continue
			}
			change := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			rows[i][j] = min(change, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}

func formatError(format, command string) error {
	return usage(fmt.Errorf("no format is called %q; there are table, json", format), command)
}
