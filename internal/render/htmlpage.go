package render

import (
	"io"

	"reconcile/internal/plan"
	"reconcile/internal/render/html"
)

// HTML writes report.html, a page that needs nothing else.
func HTML(w io.Writer, r *plan.Report, o Options) error { return html.Write(w, r, storyOf(r, o)) }
