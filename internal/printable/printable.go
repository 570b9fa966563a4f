// Package printable makes text fit to be shown: nothing that a terminal or a
// reader's eye would obey gets through, and it is said what was there.
package printable

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes text fit for a terminal and for a line of its own: every rune
// that is not printable becomes \u{…}. This takes control characters, line
// breaks, zero-width and bidirectional marks. A byte that is not UTF-8 is
// shown as U+FFFD.
func Clean(s string) string {
	if strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if hidden(r) {
			fmt.Fprintf(&b, `\u{%x}`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Lines is Clean for a text of several lines, whose breaks stay.
func Lines(s string) string { return strings.Join(All(strings.Split(s, "\n")), "\n") }

// All is Clean for each of several texts.
func All(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = Clean(t)
	}
	return out
}

func hidden(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }
