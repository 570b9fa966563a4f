package render

import (
	"strings"
	"unicode"

	"reconcile/internal/printable"
)

// clean makes text fit for a terminal and for a line of its own.
func clean(s string) string { return printable.Clean(s) }

// columns is the width of cleaned text, a column a rune but for marks that
// combine with the one before.
func columns(s string) int {
	n := 0
	for _, r := range s {
		if !unicode.Is(unicode.Mn, r) && !unicode.Is(unicode.Me, r) {
			n++
		}
	}
	return n
}

// pad fills up with spaces to a width.
func pad(s string, width int) string { return s + strings.Repeat(" ", max(0, width-columns(s))) }

// cut shortens to a width; 0 leaves all of it.
func cut(s string, width int) string {
	if width <= 0 || columns(s) <= width {
		return s
	}
	n := 0
	for i, r := range s {
		if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) {
			continue
		}
		if n == width-1 {
			return s[:i] + "…"
		}
		n++
	}
	return s
}
