// Package jsontext writes JSON as every file and answer of reconcile has it:
// without HTML escapes, so that what stands in a state or a policy is found
// again by its own letters.
package jsontext

import (
	"bytes"
	"encoding/json"
	"io"
)

// Line is a value on one line, without a line break.
func Line(v any) ([]byte, error) {
	out, err := encoded(v, "")
	return bytes.TrimSuffix(out, []byte("\n")), err
}

// Indented is a value for people as well: two spaces an indent, a line break at
// the end.
func Indented(v any) ([]byte, error) { return encoded(v, "  ") }

// Write writes a value indented, and nothing of one that cannot be encoded.
func Write(w io.Writer, v any) error {
	out, err := Indented(v)
	if err != nil {
		return err
	}
	_, err = w.Write(out)
	return err
}

func encoded(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
