package hint

import (
	"cmp"
	"slices"
	"strings"
)

// Unknown is the error of a word that is none of those that are known; next is
// what to type where none of them is near. Where there are too many to name, as
// with nil, next says what lists them.
func Unknown(what, given string, known []string, next string) error {
	if len(known) == 0 {
		return Errorf(next, "unknown %s %q", what, given)
	}
	return Errorf(DidYouMean(Nearest(known, given), next), "unknown %s %q: one of %s", what, given, strings.Join(known, ", "))
}

// DidYouMean leads a hint to next with the names that somebody may have meant.
func DidYouMean(near []string, next string) string {
	if len(near) == 0 {
		return next
	}
	return "did you mean " + strings.Join(near, " or ") + "? " + next
}

// Nearest are the names that somebody may mean: those that differ in few
// letters, else those that hold all of its words.
func Nearest(names []string, given string) []string {
	const most, enough = 3, 2 // a single letter is in every other name
	given = strings.ToLower(given)
	words := strings.FieldsFunc(given, func(r rune) bool { return r == '_' || r == '-' || r == ' ' })
	far := map[string]int{}
	var near, holding []string
	for _, name := range names {
		if far[name] = distance(given, strings.ToLower(name)); far[name] <= max(1, len(given)/5) {
			near = append(near, name)
		}
		if len(given) >= enough && len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(name, strings.TrimSuffix(w, "s")) }) {
			holding = append(holding, name)
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
