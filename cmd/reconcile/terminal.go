package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"

	"reconcile/internal/incident"
)

// terminal is what is known of a stream: zero for a pipe or a file.
type terminal struct{ width int }

func (t terminal) is() bool { return t.width > 0 }

func terminalOf(f *os.File) terminal {
	fd := int(f.Fd())
	if !term.IsTerminal(fd) {
		return terminal{}
	}
	width, _, err := term.GetSize(fd)
	if err != nil || width <= 0 {
		width = 80
	}
	return terminal{width}
}

// colour says whether a stream wants colour: a terminal, unless NO_COLOR or a
// dumb one.
func (t terminal) colour(getenv func(string) string) bool {
	return t.is() && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
}

// status is the one line that shows a long read's progress on a terminal, and
// nothing elsewhere.
type status struct {
	w       io.Writer
	t       terminal
	verbose bool
	quiet   bool
	begun   time.Time
	mu      sync.Mutex
}

func newStatus(env environment, quiet, verbose bool) *status {
	s := &status{w: env.stderr, t: env.errTerminal, verbose: verbose, quiet: quiet, begun: time.Now()}
	if quiet || verbose {
		s.t = terminal{}
	}
	return s
}

func (s *status) update(p incident.Progress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.Note != "" {
		s.note(p.Note)
		return
	}
	if s.verbose {
		fmt.Fprintf(s.w, "reconcile: read %s in %s: %d so far (%s)\n", p.What, p.Region, p.Items, time.Since(s.begun).Round(time.Millisecond))
	}
	if !s.t.is() {
		return
	}
	line := fmt.Sprintf("reading %s %s", p.What, p.Region)
	if p.Total > 0 {
		line += fmt.Sprintf("  %d of %d reads", p.Done, p.Total)
	} else {
		line += fmt.Sprintf("  page %d, %d records", p.Done, p.Items)
	}
	line += "  " + time.Since(s.begun).Round(time.Second).String()
	if r := []rune(line); len(r) > s.t.width-1 {
		line = string(r[:s.t.width-1])
	}
	fmt.Fprintf(s.w, "\r\x1b[K%s", line)
}

// note prints something to know while a read goes on, above the line.
func (s *status) note(text string) {
	if s.quiet {
		return
	}
	if s.t.is() {
		fmt.Fprint(s.w, "\r\x1b[K")
	}
	fmt.Fprintln(s.w, "reconcile: note: "+clean(text))
}

// done takes the line away.
func (s *status) done() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.t.is() {
		fmt.Fprint(s.w, "\r\x1b[K")
	}
}
