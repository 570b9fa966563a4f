package render

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// page collects lines. Whatever goes in by line or row is cleaned there.
type page struct {
	b bytes.Buffer
	o Options
	// dense says how much is left out to fit the screen: 0 for nothing.
	dense int
}

// The few colours; a word tells the same without them.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	bold   = "1"
	faint  = "2"
)

func (t *page) paint(colour, s string) string {
	if !t.o.Colour || colour == "" || s == "" {
		return s
	}
	return "\x1b[" + colour + "m" + s + "\x1b[0m"
}

// line writes one line, cleaned, cut to the width, then coloured.
func (t *page) line(colour, s string) {
	t.b.WriteString(t.paint(colour, cut(clean(s), t.o.Width)))
	t.b.WriteByte('\n')
}

// whole writes a line that must not lose its end: an id, a command.
func (t *page) whole(colour, s string) {
	t.b.WriteString(t.paint(colour, clean(s)))
	t.b.WriteByte('\n')
}

// prose wraps a sentence at the width, behind an indent.
func (t *page) prose(colour, lead, s string) {
	indent := strings.Repeat(" ", columns(lead))
	text := lead
	used := columns(lead)
	fresh := true
	for word := range strings.FieldsSeq(clean(s)) {
		if !fresh && t.o.Width > 0 && used+1+columns(word) > t.o.Width {
			t.whole(colour, text)
			text, used, fresh = indent, columns(indent), true
		}
		if !fresh {
			text, used = text+" ", used+1
		}
		text, used, fresh = text+word, used+columns(word), false
	}
	t.whole(colour, text)
}

func (t *page) gap() { t.b.WriteByte('\n') }

func (t *page) heading(s string) {
	t.gap()
	t.line(bold, s)
}

// table aligns columns. A row that does not fit puts its last cell on a line of
// its own: an id that is cut is worth nothing.
func (t *page) table(rows [][]string, limit int, colour func(i int) string) {
	shown := rows
	if len(rows) > limit {
		shown = rows[:limit]
	}
	var widths []int
	for _, row := range shown {
		for i := range row {
			row[i] = clean(row[i])
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], columns(row[i]))
		}
	}
	for n, row := range shown {
		text, wide := " ", 1
		for i, cell := range row {
			last := i == len(row)-1
			if last && i > 0 && t.o.Width > 0 && wide+1+columns(cell) > t.o.Width {
				t.whole(colour(n), strings.TrimRight(text, " "))
				text = "      "
			}
			if last {
				text += " " + cell
			} else {
				text += " " + pad(cell, widths[i])
				wide += 1 + widths[i]
			}
		}
		t.whole(colour(n), strings.TrimRight(text, " "))
	}
	t.more(len(rows) - len(shown))
}

func (t *page) more(n int) {
	if n > 0 {
		t.line(faint, fmt.Sprintf("  … and %d more (see report.json)", n))
	}
}

func plain(int) string { return "" }

func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return "not told"
	}
	return t.UTC().Format(time.RFC3339)
}
