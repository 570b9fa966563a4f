package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"reconcile/internal/plan"
)

// Encode writes report.json: two spaces an indent, no HTML escapes, a line
// break at the end.
func Encode(w io.Writer, r *plan.Report) error {
	text, err := encode(r)
	if err == nil && bytes.Contains(text, []byte(`\ufffd`)) {
		// A byte that is not UTF-8 is written as an escape, and read back as a
		// rune that needs none: only the second writing is final.
		var same plan.Report
		if err = json.Unmarshal(text, &same); err == nil {
			text, err = encode(&same)
		}
	}
	if err == nil {
		_, err = w.Write(text)
	}
	if err != nil {
		return fmt.Errorf("writing the report as JSON: %w", err)
	}
	return nil
}

func encode(r *plan.Report) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(r)
	return b.Bytes(), err
}

// Decode reads what Encode wrote. A field that this version does not know is
// an error: a script must not be made from a report that is half understood.
func Decode(rd io.Reader) (*plan.Report, error) {
	data, err := io.ReadAll(rd)
	if err != nil {
		return nil, fmt.Errorf("reading the report: %w", err)
	}
	var head struct {
		Schema *string   `json:"schema"`
		Tool   plan.Tool `json:"tool"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, notJSON(data, err)
	}
	switch {
	case head.Schema == nil:
		return nil, errors.New(`this is no report: it has no "schema"; give the report.json that reconcile plan wrote`)
	case *head.Schema != plan.Schema:
		return nil, fmt.Errorf("the report has schema %q and this version reads %q; use the reconcile that wrote it (%s)",
			*head.Schema, plan.Schema, Clean(strings.TrimSpace(head.Tool.Name+" "+head.Tool.Version)))
	}
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.DisallowUnknownFields()
	var r plan.Report
	if err := dec.Decode(&r); err != nil {
		return nil, fmt.Errorf("the report is not as this version writes it: %w; it was written by %s", err,
			Clean(strings.TrimSpace(head.Tool.Name+" "+head.Tool.Version)))
	}
	return &r, nil
}

// notJSON says where a report stops being JSON, and whether it was cut off.
func notJSON(data []byte, err error) error {
	if len(strings.TrimSpace(string(data))) == 0 {
		return errors.New("the report is empty; give the report.json that reconcile plan wrote")
	}
	syntax, ok := errors.AsType[*json.SyntaxError](err)
	if !ok {
		return fmt.Errorf("this is no report: %w", err)
	}
	if syntax.Offset >= int64(len(strings.TrimRight(string(data), " \t\r\n"))) {
		return fmt.Errorf("the report is cut off after %d bytes; copy the file again", len(data))
	}
	line := 1 + strings.Count(string(data[:syntax.Offset]), "\n")
	return fmt.Errorf("the report is no JSON at line %d: %w", line, err)
}
