package render

import (
	"time"

	"reconcile/internal/printable"
)

// shown is a command as a person can read and copy it.
func shown(argv ...string) string { return printable.Shell(argv...) }

// clock is a time in a sentence.
func clock(t time.Time) string {
	if t.IsZero() {
		return "a time not told"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}
