package render

import (
	"bytes"
	"path"
	"strings"
)

// densest is how far a summary is shortened, and no further: what is left is
// what one must know.
const densest = 5

// fitted writes a page so that it fits the terminal's lines: tables and lists
// get shorter, counts and the next command stay. A page for a file is whole.
func fitted(o Options, write func(*page)) *page {
	t := &page{o: o}
	write(t)
	for o.Height > 0 && t.dense < densest && t.lines() > o.Height-2 {
		t = &page{o: o, dense: t.dense + 1}
		write(t)
	}
	if o.ASCII {
		plain := strings.NewReplacer("…", "...", "→", "->", "·", ".", "✔", "*", "●", "*", "✘", "*").Replace(t.b.String())
		t.b = *bytes.NewBufferString(plain)
	}
	return t
}

// most is how many rows of at most n are shown.
func (t *page) most(n int) int { return max(1, n>>t.dense) }

// mostSteps keeps the steps longest, few drops sentences first.
func (t *page) mostSteps() int { return max(1, maxActions>>max(0, t.dense-1)) }

func (t *page) few(n int) int {
	if t.dense == 0 {
		return n
	}
	return max(1, n>>(t.dense+1))
}

// lines are those that the page takes on the screen.
func (t *page) lines() int {
	n := 0
	for line := range strings.Lines(t.b.String()) {
		n++
		if t.o.Width > 0 {
			n += max(0, columns(unpainted(line))-1) / t.o.Width
		}
	}
	return n
}

// unpainted is a line without its colours and its end.
func unpainted(line string) string {
	line = strings.TrimRight(line, "\n")
	for _, colour := range []string{red, green, yellow, bold, faint, "0"} {
		line = strings.ReplaceAll(line, "\x1b["+colour+"m", "")
	}
	return line
}

// shortened says where all of it is.
func (t *page) shortened() {
	if t.dense == 0 {
		return
	}
	where := "report.json"
	if t.o.Out != "" {
		where = path.Join(t.o.Out, "summary.txt")
	}
	t.gap()
	t.whole(faint, "shortened to fit the screen: all of it is in "+where)
}
