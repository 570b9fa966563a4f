package printable

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"al.essio.dev/pkg/shellescape"
)

// Shell writes a command that can be read and copied: a shell takes it apart
// into exactly these words. A word with something in it that cannot be seen is
// written as $'…' with an escape for each such byte, so that what is shown is
// what is pasted.
func Shell(argv ...string) string {
	words := make([]string, len(argv))
	for i, word := range argv {
		if strings.IndexFunc(word, hidden) < 0 {
			words[i] = shellescape.Quote(word)
			continue
		}
		words[i] = escaped(word)
	}
	return strings.Join(words, " ")
}

func escaped(word string) string {
	var b strings.Builder
	b.WriteString("$'")
	for rest := word; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		switch {
		case r == '\'' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case hidden(r):
			for _, c := range []byte(rest[:size]) {
				// Octal has at most three digits, so what follows cannot be taken for one.
				fmt.Fprintf(&b, `\%03o`, c)
			}
		default:
			b.WriteString(rest[:size])
		}
		rest = rest[size:]
	}
	b.WriteString("'")
	return b.String()
}
