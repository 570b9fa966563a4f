package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"reconcile/internal/hint"
	"reconcile/internal/jsontext"
	"reconcile/internal/plan"
)

// Encode writes report.json: two spaces an indent, no HTML escapes, a line
// break at the end.
func Encode(w io.Writer, r *plan.Report) error {
	text, err := jsontext.Indented(r)
	if err == nil && bytes.Contains(text, []byte(`\ufffd`)) {
		// A byte that is not UTF-8 is written as an escape, and read back as a
		// rune that needs none: only the second writing is final.
		var same plan.Report
		if err = json.Unmarshal(text, &same); err == nil {
			text, err = jsontext.Indented(&same)
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

// Decode reads what Encode wrote. A field that this version does not know is
// an error: a script must not be made from a report that is half understood.
func Decode(rd io.Reader) (*plan.Report, error) {
	r, unknown, err := decode(rd)
	if err == nil && unknown != nil {
		err = unknown
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// DecodeToRead is Decode for what a person only reads: a field that this
// version does not know is left out, and the note says so. The note is "" where
// nothing is left out.
func DecodeToRead(rd io.Reader) (r *plan.Report, note string, err error) {
	r, unknown, err := decode(rd)
	if err != nil {
		return nil, "", err
	}
	if unknown != nil {
		note = "a newer reconcile wrote this report, and what this one does not know of it is left out: " + clean(unknown.Error())
	}
	return r, note, nil
}

// decode returns the report, and apart from what makes it unreadable what
// speaks against trusting it as a whole.
func decode(rd io.Reader) (r *plan.Report, unknown, err error) {
	data, err := io.ReadAll(rd)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the report: %w", err)
	}
	var head struct {
		Schema *string   `json:"schema"`
		Tool   plan.Tool `json:"tool"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, nil, notJSON(data, err)
	}
	writer := "use the reconcile that wrote it: " + clean(strings.TrimSpace(head.Tool.Name+" "+head.Tool.Version))
	switch {
	case head.Schema == nil:
		return nil, nil, hint.Errorf(giveReport, `this is no report: it has no "schema"`)
	case *head.Schema != plan.Schema:
		return nil, nil, hint.Errorf(writer, "the report has schema %q and this version reads %q", *head.Schema, plan.Schema)
	}
	r = &plan.Report{}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, nil, hint.Errorf(writer, "the report is not as this version writes it: %w", jsontext.Why(err))
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&plan.Report{}); err != nil {
		return r, hint.Errorf(writer, "the report is not as this version writes it: %w", jsontext.Why(err)), nil
	}
	return r, nil, nil
}

const giveReport = "give the report.json that reconcile plan wrote"

// notJSON says where a report stops being JSON, and whether it was cut off.
func notJSON(data []byte, err error) error {
	if len(strings.TrimSpace(string(data))) == 0 {
		return hint.Errorf(giveReport, "the report is empty")
	}
	syntax, ok := errors.AsType[*json.SyntaxError](err)
	if !ok {
		return hint.Errorf(giveReport, "this is no report: %w", jsontext.Why(err))
	}
	if syntax.Offset >= int64(len(strings.TrimRight(string(data), " \t\r\n"))) {
		return hint.Errorf("copy the file again", "the report is cut off after %d bytes", len(data))
	}
	line := 1 + strings.Count(string(data[:syntax.Offset]), "\n")
	return hint.Errorf(giveReport, "this is not JSON, line %d: %w", line, jsontext.Why(err))
}
