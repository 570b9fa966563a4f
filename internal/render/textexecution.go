package render

import (
	"fmt"
	"io"

	"reconcile/internal/plan"
)

// Verified writes what verify saw, and what comes next.
func Verified(w io.Writer, r *plan.Report, o Options) error {
	t := &page{o: o}
	switch x := r.Execution; {
	case x == nil:
		t.line(red, "not verified")
	case x.Clean:
		t.line(green, fmt.Sprintf("verified: nothing is left to do (serial %d)", x.Serial))
	default:
		t.line(red, fmt.Sprintf("not done: %s left (serial %d)", count(len(x.Left), "thing"), x.Serial))
	}
	t.execution(r)
	t.next(r)
	if _, err := w.Write(t.b.Bytes()); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}

func (t *page) execution(r *plan.Report) {
	x := r.Execution
	if x == nil {
		return
	}
	t.heading(fmt.Sprintf("verified %s, serial %d", stamp(x.VerifiedAt), x.Serial))
	if x.Clean {
		t.line(green, "  nothing is left to do")
	}
	t.items(yellow, x.Left)
	if len(x.Seen) > 0 {
		t.line("", "  seen, and no reason to wait:")
		t.items("", x.Seen)
	}
	if u := r.Unlock; u != nil && u.Override != "" {
		t.prose(red, "  OVERRIDE: ", u.Override)
		t.items(red, u.Overridden)
	}
}

// next is what to do now: the first step of the course, after those that may
// have been done already.
func (t *page) next(r *plan.Report) {
	t.heading("next")
	for _, s := range course(r, t.o) {
		t.prose("", "  ", s.Say)
		if s.Command != "" {
			t.whole("", "    "+s.Command)
		}
		if !s.Maybe {
			break
		}
	}
}
