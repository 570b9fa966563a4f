package main

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reconcile/internal/hint"
)

// doYouMean leads a hint to next with the names that somebody may have meant.
func doYouMean(near []string, next string) string {
	if len(near) == 0 {
		return next
	}
	return "do you mean " + strings.Join(near, " or ") + "? " + next
}

// unknownFlag is the error of a mistake among a command's flags.
func unknownFlag(c *cobra.Command, err error) error {
	next := "see " + c.CommandPath() + " --help"
	if none, ok := errors.AsType[*pflag.NotExistError](err); ok {
		var names []string
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden {
				names = append(names, f.Name)
			}
		})
		// -state is taken for a row of letters; what is meant is --state.
		near := nearest(names, cmp.Or(none.GetSpecifiedShortnames(), none.GetSpecifiedName()))
		for i := range near {
			near[i] = "--" + near[i]
		}
		next = doYouMean(near, next)
	}
	return hint.Errorf(next, "%w", err)
}

// unknownCommand is the error where args name no command, nil where they do.
func unknownCommand(root *cobra.Command, args []string) error {
	_, rest, err := root.Find(args)
	if err == nil {
		return nil
	}
	var near []string
	root.FParseErrWhitelist.UnknownFlags = true // they are the command's, and come behind it
	if root.ParseFlags(rest) == nil && root.Flags().NArg() > 0 {
		var names []string
		for _, c := range root.Commands() {
			if c.IsAvailableCommand() {
				names = append(names, c.Name())
			}
		}
		near = nearest(names, root.Flags().Arg(0))
		for i := range near {
			near[i] = root.Name() + " " + near[i]
		}
	}
	return hint.Errorf(doYouMean(near, "see "+root.Name()+" --help"), "%w", err)
}

// nearest are the names that somebody may mean: those that differ in few
// letters, else those that hold all of its words.
func nearest(names []string, given string) []string {
	const most = 3
	given = strings.ToLower(given)
	words := strings.FieldsFunc(given, func(r rune) bool { return r == '_' || r == '-' || r == ' ' })
	far := map[string]int{}
	var near, holding []string
	for _, name := range names {
		if far[name] = distance(given, name); far[name] <= max(1, len(given)/5) {
			near = append(near, name)
		}
		if len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(name, strings.TrimSuffix(w, "s")) }) {
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
