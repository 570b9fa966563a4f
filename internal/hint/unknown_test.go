package hint

import (
	"strings"
	"testing"
)

func TestDistanceIsThatOfLetters(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"vpc", "vcp", 1}, {"kitten", "sitting", 3}, {"same", "same", 0}} {
		if got := distance(c.a, c.b); got != c.want || distance(c.b, c.a) != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestAnUnknownWordNamesTheKnownOnesAndTheNearest(t *testing.T) {
	words := []string{"text", "json", "markdown"}
	for _, c := range []struct{ given, says, next string }{
		{"jsno", `unknown --format "jsno": one of text, json, markdown`, "did you mean json? see x --help"},
		{"mark", `unknown --format "mark": one of text, json, markdown`, "did you mean markdown? see x --help"},
		{"x", `unknown --format "x": one of text, json, markdown`, "see x --help"},
		{"", `unknown --format "": one of text, json, markdown`, "see x --help"},
	} {
		err := Unknown("--format", c.given, words, "see x --help")
		if err.Error() != c.says || Of(err) != c.next {
			t.Errorf("%v | %s, want %s | %s", err, Of(err), c.says, c.next)
		}
	}
	if err := Unknown("type", "x", nil, "y lists them"); err.Error() != `unknown type "x"` || strings.Contains(Of(err), "mean") {
		t.Errorf("%v | %s", err, Of(err))
	}
}
