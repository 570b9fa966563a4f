package render

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestScriptsSpeakAsTheProgramDoes holds what the scripts say when they stop to
// the program's own form: in lower case, without a full stop, and with a hint of
// what to type next.
func TestScriptsSpeakAsTheProgramDoes(t *testing.T) {
	paths, err := filepath.Glob("*/*.sh")
	if err != nil {
		t.Fatal(err)
	}
	call := regexp.MustCompile(`(^|[^a-z_])(stop|warn) "`)
	follows := regexp.MustCompile(`^ (\\\n *)?"`)
	title := regexp.MustCompile(`^[A-Z][a-z]`) // AWS is none
	heard := 0
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		for _, at := range call.FindAllStringSubmatchIndex(text, -1) {
			said, rest := shellWord(text[at[1]:])
			words := []string{said}
			if text[at[4]:at[5]] == "stop" {
				hint := follows.FindString(rest)
				if hint == "" {
					t.Errorf("%s: no hint of what to type next: %q", path, said)
					continue
				}
				next, _ := shellWord(rest[len(hint):])
				words = append(words, next)
			}
			for _, w := range words {
				heard++
				if title.MatchString(w) || strings.HasSuffix(w, ".") {
					t.Errorf("%s: a capital at its begin or a full stop at its end: %q", path, w)
				}
			}
		}
	}
	if heard < 300 {
		t.Errorf("only %d texts were found: the test looks at too little", heard)
	}
}

// shellWord is a text up to its closing double quote, and what follows it. What
// a $( ) holds is no part of the quoting around it.
func shellWord(s string) (word, rest string) {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case strings.HasPrefix(s[i:], "$("):
			depth++
		case s[i] == ')' && depth > 0:
			depth--
		case s[i] == '"' && depth == 0:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}
