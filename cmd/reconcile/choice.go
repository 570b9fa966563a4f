package main

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// choiceValue is a flag that takes one of a few words.
type choiceValue struct {
	to    *string
	words []string
}

// choiceVar adds a flag that takes one of words; usage says what for, and the
// words follow it.
func choiceVar(fl *pflag.FlagSet, to *string, name, value, usage string, words ...string) {
	*to = value
	fl.Var(choiceValue{to, words}, name, usage+oneOf(words))
}

// formatVar adds --format.
func formatVar(fl *pflag.FlagSet, to *string, words ...string) {
	choiceVar(fl, to, "format", words[0], "what is printed: ", words...)
}

func oneOf(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// unknownWord says that a word is none of those that a flag takes.
type unknownWord struct{ words []string }

func (e unknownWord) Error() string { return "is none of " + strings.Join(e.words, ", ") }

func (v choiceValue) Set(s string) error {
	if !slices.Contains(v.words, s) {
		return unknownWord{v.words}
	}
	*v.to = s
	return nil
}

// Type is what help calls the value.
func (v choiceValue) Type() string { return "string" }

func (v choiceValue) String() string {
	if v.to == nil {
		return ""
	}
	return *v.to
}
