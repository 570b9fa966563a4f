package jsontext_test

import (
	"encoding/json"
	"strings"
	"testing"

	"reconcile/internal/jsontext"
)

// No Go type is named where JSON is not as it should be.
func TestWhatIsWrongWithJSONIsSaidInItsOwnWords(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:              "it is an array",
		`{"a": "x"}`:      "a is a string",
		`{"b": {"c": 1}}`: "b.c is a number",
		`{"a": x}`:        "JSON does not allow this character here",
		`{"d": 1}`:        `unknown field "d"`,
	} {
		var into struct {
			A int `json:"a"`
			B struct {
				C string `json:"c"`
			} `json:"b"`
		}
		dec := json.NewDecoder(strings.NewReader(text))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&into); err == nil || jsontext.Why(err).Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
