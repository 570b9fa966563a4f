package preflight

import (
	"fmt"
	"io"
	"strings"
	"time"

	"reconcile/internal/jsontext"
	"reconcile/internal/lock"
	"reconcile/internal/printable"
)

// schema names the form of the JSON output.
const schema = "reconcile.preflight/v1"

// Report is what `reconcile preflight` tells.
type Report struct {
	Schema      string     `json:"schema"`
	GeneratedAt time.Time  `json:"generated_at"`
	Caller      string     `json:"caller"`
	Place       lock.Place `json:"place"`
	Passed      bool       `json:"passed"`
	Strict      bool       `json:"strict"`
	Checks      []Check    `json:"checks"`
	Notes       []string   `json:"notes,omitempty"`
}

// NewReport judges the facts.
func NewReport(f Facts, at lock.Place, skip []string, strict bool, notes []string) Report {
	checks := Judge(f, skip)
	return Report{Schema: schema, GeneratedAt: f.Now.UTC().Truncate(time.Second), Caller: f.Caller, Place: at, Passed: passed(checks, strict), Strict: strict,
		Checks: checks, Notes: notes}
}

// Text writes the report for a person. What came from elsewhere cannot steer the
// terminal.
func (r Report) Text(w io.Writer) error {
	var b strings.Builder
	word := "passed"
	if !r.Passed {
		word = "failed"
	}
	fmt.Fprintf(&b, "%s  s3://%s/%s, workspace %s, as %s\n\n", word, r.Place.Bucket, r.Place.StateKey, r.Place.Workspace, r.Caller)
	for _, c := range r.Checks {
		fmt.Fprintf(&b, "%-8s  %-10s  %s\n", c.Status, c.Name, c.Says)
		if c.Next != "" && c.Status != OK {
			fmt.Fprintf(&b, "%-8s  %-10s  -> %s\n", "", "", c.Next)
		}
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "\nnote: %s\n", n)
	}
	_, err := io.WriteString(w, printable.Lines(b.String()))
	return err
}

// JSON writes the report as it is decoded again.
func (r Report) JSON(w io.Writer) error {
	if err := jsontext.Write(w, r); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}
