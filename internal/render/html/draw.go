package html

import (
	"fmt"
	"strings"
	"unicode"

	"reconcile/internal/printable"
)

// picture is a drawing of a fixed width. The template writes it: every text in
// it goes through the template engine.
type picture struct {
	ID     string
	W, H   int
	Label  string // what a screen reader says of it
	Shapes []shape
}

// shape is one element of a drawing. What it means is in its class.
type shape struct {
	Kind       string // rect, path, text, circle, group
	Class      string
	X, Y, W, H int
	R          int
	D          string
	Text       string
	Anchor     string // of a text: start, middle or end
	Href       string // of a group
	Title      string // of a group
	Kids       []shape
}

func rect(class string, x, y, w, h, r int) shape {
	return shape{Kind: "rect", Class: class, X: x, Y: y, W: max(w, 0), H: max(h, 0), R: r}
}

func text(class string, x, y int, s string) shape {
	return shape{Kind: "text", Class: class, X: x, Y: y, Text: s, Anchor: "start"}
}

func middle(class string, x, y int, s string) shape {
	return shape{Kind: "text", Class: class, X: x, Y: y, Text: s, Anchor: "middle"}
}

func end(class string, x, y int, s string) shape {
	return shape{Kind: "text", Class: class, X: x, Y: y, Text: s, Anchor: "end"}
}

func line(class string, x1, y1, x2, y2 int) shape {
	return shape{Kind: "path", Class: class, D: fmt.Sprintf("M%d %dL%d %d", x1, y1, x2, y2)}
}

// sign is a status's mark: a square with its sign.
func sign(status string, x, y int) []shape {
	w := wordOf(status)
	return []shape{rect("sign s-"+w.Status, x, y, 16, 16, 3), middle("signtext s-"+w.Status, x+8, y+12, w.Sign)}
}

// group holds what belongs together under one title; with a target it is a link.
func group(href, title string, kids ...shape) shape {
	return shape{Kind: "group", Href: href, Title: printable.Clean(title), Kids: kids}
}

// The pictures use a fixed-width font, so a text's width is known here.
const (
	glyph  = 7.3 // a character of the 12px font, a little over
	little = 6.7 // of the 11px font
)

// fit cuts a text to a width in pixels.
func fit(s string, width int, perRune float64) string {
	s = printable.Clean(s)
	room := int(float64(width) / perRune)
	if cells(s) <= room {
		return s
	}
	used := 0
	for i, r := range s {
		if used += cell(r); used > room-1 {
			return strings.TrimRight(s[:i], " ") + "…"
		}
	}
	return s
}

// wide is how many pixels a text takes.
func wide(s string, perRune float64) int { return int(float64(cells(printable.Clean(s))) * perRune) }

func cells(s string) int {
	n := 0
	for _, r := range s {
		n += cell(r)
	}
	return n
}

// cell is how many columns a rune takes in a fixed-width font: ideographs and
// pictographs take two.
func cell(r rune) int {
	switch {
	case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Me, r):
		return 0
	case r >= 0x1100 && (r <= 0x115f || (r >= 0x2e80 && r <= 0xa4cf) || (r >= 0xac00 && r <= 0xd7a3) || (r >= 0xf900 && r <= 0xfaff) ||
		(r >= 0xfe30 && r <= 0xfe6f) || (r >= 0xff00 && r <= 0xff60) || (r >= 0x1f000 && r <= 0x3fffd)):
		return 2
	case r >= 0x0590 && r <= 0x10ff, r >= 0x1200 && r < 0x2000:
		return 2 // no fixed-width font has these for sure
	}
	return 1
}
