package html

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"

	"reconcile/internal/plan"
)

//go:embed page.tmpl
var pageTemplate string

//go:embed style.css
var style string

//go:embed page.js
var script string

// Story is what the page says in sentences.
type Story struct {
	Verdict  string
	Happened []string // one paragraph
	Next     []Step   // what to do, the next thing first
	Risks    []string // what could go wrong
	Unseen   []string // what was not looked at
	Facts    []Fact
}

// Step is one thing to do. Command is what to type, "" for nothing. Maybe says
// that it may have been done already.
type Step struct {
	Say, Command string
	Maybe        bool
}

// Fact is a particular with its name.
type Fact struct {
	Name, Value string
}

// Write writes the page.
func Write(w io.Writer, r *plan.Report, s Story) error {
	t, err := template.New("page").Parse(pageTemplate)
	if err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	v := viewOf(r, s)
	v.Style, v.Script, v.Policy = template.CSS(style), template.JS(script), policy()
	if err := t.Execute(w, v); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	return nil
}

// policy lets the page use its own style and its own script, by their hashes,
// and nothing else: no network, no frame, no form.
func policy() string {
	hash := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; style-src " + hash(style) + "; script-src " + hash(script) + "; base-uri 'none'; form-action 'none'"
}
