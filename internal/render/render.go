package render

import (
	"io"
	"slices"

	"reconcile/internal/hint"
	"reconcile/internal/plan"
)

// Options say how an output is to look. They never change what it says.
type Options struct {
	Colour bool   // ANSI colours and symbols
	Width  int    // columns of the terminal; 0: lines are never cut
	Height int    // lines of the terminal; 0: nothing is left out to fit it
	ASCII  bool   // the terminal shows no other characters
	Out    string // the folder of the report, as the person named it; "" for none
	Brief  bool   // of Markdown: no longer than a chat message
}

// Func renders a report.
type Func func(w io.Writer, r *plan.Report, o Options) error

// Format is one output and its name on the command line.
type Format struct {
	Name   string
	Render Func
}

// formats lists every output, in the order that help shows.
func formats() []Format {
	return []Format{
		{"text", Text},
		{"json", func(w io.Writer, r *plan.Report, _ Options) error { return Encode(w, r) }},
		{"markdown", Markdown},
		{"html", HTML},
		{"shell", Shell},
		{"import-blocks", ImportBlocks},
	}
}

// Names are the names of all outputs.
func Names() []string {
	var out []string
	for _, f := range formats() {
		out = append(out, f.Name)
	}
	return out
}

// ByName returns the output of that name. The error names those there are.
func ByName(name string) (Format, error) {
	all := formats()
	i := slices.IndexFunc(all, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Format{}, hint.Unknown("format", name, Names(), "see reconcile render --help")
	}
	return all[i], nil
}
