package lock

import (
	"fmt"
	"io"
	"strings"
	"time"

	"reconcile/internal/backend"
	"reconcile/internal/printable"
)

// Text writes the report for a person. What came from elsewhere cannot steer the
// terminal.
func (r Report) Text(w io.Writer) error {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "  %-9s %s\n", name, fmt.Sprintf(format, args...))
	}
	fmt.Fprintf(&b, "%s  s3://%s/%s, workspace %s\n", r.Verdict, r.Place.Bucket, r.Place.StateKey, r.Place.Workspace)
	fmt.Fprintf(&b, "  %s\n", r.Why)
	if l := r.Lock; l.Status == backend.Held {
		b.WriteString("\nlock\n")
		if l.ID != "" {
			line("id", "%s", l.ID)
			line("holder", "%s, Terraform %s", l.Who, l.Version)
			line("for", "%s", Operation(l.Operation))
		}
		if !l.Created.IsZero() {
			line("since", "%s, %s ago", clock(l.Created), Age(time.Duration(r.AgeSeconds)*time.Second))
		}
		line("kept in", "%s", r.kept())
		if r.TooOld {
			line("age", "older than %s", Age(time.Duration(r.MaxAgeSeconds)*time.Second))
		}
	}
	if len(r.Evidence) > 0 {
		b.WriteString("\nevidence\n")
		for _, e := range r.Evidence {
			at := "                    "
			if !e.At.IsZero() {
				at = clock(e.At)
			}
			fmt.Fprintf(&b, "  %-5s %s  %s [%s]\n", e.For, at, e.Says, e.Source)
		}
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "\nnote: %s\n", n)
	}
	if next := r.next(); len(next) > 0 {
		fmt.Fprintf(&b, "\nnext\n  %s\n", strings.Join(next, "\n  "))
	}
	_, err := io.WriteString(w, printable.Lines(b.String()))
	return err
}

func (r Report) kept() string {
	if r.Lock.Form == backend.S3 {
		return "the lock file s3://" + r.Place.Bucket + "/" + r.Place.LockFile
	}
	return "the lock table " + r.Place.Table + ", row " + r.Place.Bucket + "/" + r.Place.StateKey
}

// next is what a person does now.
func (r Report) next() []string {
	var more []string
	if !r.Again.IsZero() {
		more = append(more, "after "+clock(r.Again))
	}
	if r.Next != "" {
		more = append(more, r.Next)
	}
	var out []string
	switch r.Verdict {
	case HeldAlive:
		out = []string{"release nothing: let it finish, or stop the run first"}
	case Dead, ProbablyDead:
		out = []string{"do not release it yet: an apply on a stale state makes everything a second time. Run reconcile plan first"}
	}
	if len(more) > 0 {
		out = append(out, "to know more: "+strings.Join(more, ": "))
	}
	return out
}

// Line is the report in one line, for --watch: it changes only where something
// has happened.
func (r Report) Line() string {
	if r.Lock.Status != backend.Held {
		return string(r.Verdict) + ": " + r.Why
	}
	return fmt.Sprintf("%s: %s since %s, lock %s", r.Verdict, r.Lock.Who, clock(r.Lock.Created), r.Lock.ID)
}

// Text writes the list for a person.
func (a All) Text(w io.Writer) error {
	var b strings.Builder
	switch len(a.Locks) {
	case 0:
		b.WriteString("no lock is held\n")
	default:
		fmt.Fprintf(&b, "%-7s  %-8s  %-20s  %-20s  %s\n", "age", "form", "for", "holder", "state")
		for _, l := range a.Locks {
			age := "?"
			if !l.Created.IsZero() {
				age = Age(time.Duration(l.AgeSeconds) * time.Second)
			}
			if l.TooOld {
				age += "!"
			}
			who := l.Who
			if l.ID == "" {
				who = "not Terraform's"
			}
			what := "?"
			if l.Operation != "" {
				what = Operation(l.Operation)
			}
			fmt.Fprintf(&b, "%-7s  %-8s  %-20s  %-20s  %s\n", age, l.Form, what, who, l.Path)
		}
	}
	for _, p := range a.Problems {
		fmt.Fprintf(&b, "not read: %s\n", p)
	}
	_, err := io.WriteString(w, printable.Lines(b.String()))
	return err
}
