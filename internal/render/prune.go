package render

import (
	"regexp"
	"strings"
)

// prune leaves out of a shell program the functions that nothing calls: a script
// that a person must read holds nothing that it does not use. own is kept whole,
// shared is what it may call. Functions begin with "name() {" at the start of a
// line and end with "}" there, or are one line; comments right above are theirs.
func prune(shared, own string) string {
	pieces := shellPieces(shared)
	kept := make([]bool, len(pieces))
	text := withoutComments(own)
	for grown := true; grown; {
		grown = false
		for n, p := range pieces {
			if p.name != "" && !kept[n] && mentions(text, p.name) {
				kept[n], grown = true, true
				text += withoutComments(p.text)
			}
		}
	}
	var b strings.Builder
	heading := ""
	for n, p := range pieces {
		switch {
		case p.name == "":
			heading = p.text
		case kept[n]:
			b.WriteString(heading + p.text)
			heading = ""
		}
	}
	return b.String() + own
}

func mentions(text, name string) bool {
	return regexp.MustCompile(`(^|[^A-Za-z0-9_])` + regexp.QuoteMeta(name) + `($|[^A-Za-z0-9_])`).MatchString(text)
}

type shellPiece struct {
	name string // of the function; "" for a heading between them
	text string
}

var shellFunction = regexp.MustCompile(`^([a-z_][a-z0-9_]*)\(\) \{(.*)$`)

func shellPieces(program string) []shellPiece {
	var out []shellPiece
	var text strings.Builder
	name := ""
	flush := func() {
		out = append(out, shellPiece{name, text.String()})
		text.Reset()
		name = ""
	}
	for line := range strings.Lines(program) {
		bare := strings.TrimSuffix(line, "\n")
		if name != "" { // inside a function
			text.WriteString(line)
			if bare == "}" {
				flush()
			}
			continue
		}
		text.WriteString(line)
		if m := shellFunction.FindStringSubmatch(bare); m != nil {
			if name = m[1]; strings.HasSuffix(bare, "}") {
				flush()
			}
			continue
		}
		if strings.HasPrefix(bare, "# --- ") {
			flush()
		}
	}
	if text.Len() > 0 {
		flush()
	}
	return out
}

// withoutComments drops whole lines of comment.
func withoutComments(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimSpace(line), "#") {
			b.WriteString(line)
		}
	}
	return b.String()
}
