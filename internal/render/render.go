package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

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

// ByName returns the output of that name. The error names those there are.
func ByName(name string) (Format, error) {
	formats := formats()
	i := slices.IndexFunc(formats, func(f Format) bool { return f.Name == name })
	if i < 0 {
		names := make([]string, len(formats))
		for j, f := range formats {
			names[j] = f.Name
		}
		return Format{}, fmt.Errorf("no format is called %q; there are %s", name, strings.Join(names, ", "))
	}
	return formats[i], nil
}
