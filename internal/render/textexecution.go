package render

import (
	"cmp"
	"fmt"
	"io"
	"path"

	"al.essio.dev/pkg/shellescape"

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
	lines := func(colour string, all []string) {
		for i, s := range all {
			if i == t.few(maxSentences) {
				t.more(len(all) - i)
				break
			}
			t.prose(colour, "  - ", s)
		}
	}
	lines(yellow, x.Left)
	if len(x.Seen) > 0 {
		t.line("", "  seen, and no reason to wait:")
		lines("", x.Seen)
	}
	if u := r.Unlock; u != nil && u.Override != "" {
		t.prose(red, "  OVERRIDE: ", u.Override)
		lines(red, u.Overridden)
	}
}

// next is the next command, every time.
func (t *page) next(r *plan.Report) {
	t.heading("next")
	report := path.Join(t.o.Out, "report.json")
	command := func(words ...string) { t.whole("", "  "+shellescape.QuoteCommand(words)) }
	script := func(name, more string) {
		t.whole("", "  bash "+shellescape.Quote(path.Join(t.o.Out, name))+"   ("+more+")")
	}
	held := r.Lock.Status == "held"
	apply := func() { t.prose("", "  ", "terraform plan, read it, terraform apply; then let the pipeline run again") }
	switch x := r.Execution; {
	case x != nil && x.Clean && held && r.Unlock != nil:
		script("unlock.sh", "prints the checklist, changes nothing")
	case x != nil && x.Clean && held:
		command("reconcile", "unlock", report)
	case x != nil && x.Clean:
		apply()
	case !r.Guard.Executable:
		t.prose("", "  ", "no script can run: "+cmp.Or(r.Guard.WhyNot, "the report does not say why"))
	case len(r.Incomplete) > 0:
		t.prose("", "  ", "mend what is incomplete and run reconcile plan again")
	case len(r.Held) > 0:
		t.prose("", "  ", "if the removals are right, run reconcile plan again with --allow-mass-removal")
	case len(r.Actions) > 0 && x != nil:
		t.prose("", "  ", "finish the script; if it is done, run reconcile plan again with a new --out")
	case len(r.Actions) > 0:
		if r.Backend != nil && r.Backend.Type == "s3" {
			t.prose("", "  ", "first, if no snapshot was taken: reconcile snapshot, and run its snapshot.sh; then")
		}
		script("reconcile.sh", "prints the steps, changes nothing")
	case len(r.Questions) > 0:
		t.prose("", "  ", "answer the questions (--map), then run reconcile plan again")
	case held:
		command("reconcile", "verify", report)
		t.prose("", "  ", "and, if it finds nothing left, release the lock:")
		command("reconcile", "unlock", report)
	default:
		apply()
	}
}
