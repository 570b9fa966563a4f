package render

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// tame is a word that Markdown, GitHub and GitLab leave as it is: no mark-up,
// no mention, no reference to an issue or a commit, no emoji, no link.
var tame = regexp.MustCompile(`^[\p{L}\p{N}\p{M}.,;:()'"=/+?%-]*$`)

var (
	shortcode = regexp.MustCompile(`:.*:`)
	linked    = regexp.MustCompile(`(?i)www\.|://|gh-\d`)
	clockTime = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2}T)?\d{2}:\d{2}:\d{2}Z?$`)
	hex7      = regexp.MustCompile(`^[0-9a-f]{7,}$`)
	begins    = regexp.MustCompile(`^(\d+[.)]|[-+=]+)$`)
)

// mdProse writes a sentence that somebody else's names are in. A word that
// could mean something to a renderer is shown as code, where nothing does.
func mdProse(s string) string {
	var out []string
	for i, word := range strings.Fields(clean(s)) {
		core := strings.TrimRight(word, ".,;:)?")
		tail := word[len(core):]
		lead := core[:len(core)-len(strings.TrimLeft(core, "("))]
		core = core[len(lead):]
		switch {
		case core == "", clockTime.MatchString(core):
		case shortcode.MatchString(word):
			word = mdCode(word)
		case !tame.MatchString(core), linked.MatchString(core), hex7.MatchString(core), i == 0 && begins.MatchString(word):
			if i == 0 && begins.MatchString(word) {
				word = mdCode(word)
			} else {
				word = lead + mdCode(core) + tail
			}
		}
		out = append(out, word)
	}
	return strings.Join(out, " ")
}

// mdCode shows text as code: with backticks where that is safe anywhere, in a
// table too, else as an element with every sign of it escaped.
func mdCode(s string) string {
	s = clean(s)
	if s == "" {
		return ""
	}
	if !strings.ContainsAny(s, "`|\\") && strings.TrimSpace(s) == s {
		return "`" + s + "`"
	}
	var b strings.Builder
	b.WriteString("<code>")
	for _, r := range s {
		if r == ' ' || unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, "&#%d;", r)
	}
	b.WriteString("</code>")
	return b.String()
}

// mdBlock is a command on lines of its own.
func mdBlock(indent, command string) string {
	fence := "```"
	for strings.Contains(command, fence) {
		fence += "`"
	}
	return indent + fence + "sh\n" + indent + command + "\n" + indent + fence + "\n"
}
