package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"reconcile/internal/printable"
	"reconcile/internal/render"
	"reconcile/providers"
	"reconcile/providers/watch"
)

// terminal is what is known of a stream: zero for a pipe or a file.
type terminal struct{ width, height int }

func (t terminal) is() bool { return t.width > 0 }

func terminalOf(f *os.File) terminal {
	fd := int(f.Fd())
	if !term.IsTerminal(fd) {
		return terminal{}
	}
	width, height, err := term.GetSize(fd)
	if err != nil || width <= 0 {
		width, height = 80, 24
	}
	return terminal{width, height}
}

// colour says whether a stream wants colour: a terminal, unless NO_COLOR or a
// dumb one.
func (t terminal) colour(getenv func(string) string) bool {
	return t.is() && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
}

// ascii reports whether the locale shows nothing but ASCII. One that says
// nothing is taken for UTF-8.
func ascii(getenv func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(getenv(name)); v != "" {
			return !strings.Contains(v, "utf-8") && !strings.Contains(v, "utf8")
		}
	}
	return false
}

// look says how standard output is to look. out is the folder of the outputs.
func (env environment) look(out string) render.Options {
	t := env.outTerminal
	return render.Options{Colour: t.colour(env.getenv), Width: t.width, Height: t.height, ASCII: t.is() && ascii(env.getenv), Out: out}
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
	watched bool   // each call is told, so a reading need not be
	reads   string // how far the listings are
	trail   string // how far the trail is
}

func newStatus(env environment, quiet, verbose bool) *status {
	s := &status{w: env.stderr, t: env.errTerminal, verbose: verbose, quiet: quiet, begun: time.Now()}
	if quiet || verbose {
		s.t = terminal{}
	}
	return s
}

func (s *status) update(p providers.Progress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.Note != "" {
		s.note(p.Note)
		return
	}
	if s.verbose && !s.watched {
		fmt.Fprintf(s.w, "reconcile: read %s in %s: %d so far (%s)\n", p.What, p.Region, p.Items, time.Since(s.begun).Round(time.Millisecond))
	}
	if !s.t.is() {
		return
	}
	if p.Total > 0 && !strings.HasPrefix(p.What, "CloudTrail") {
		s.reads = fmt.Sprintf("%d of %d listings, %s %s", p.Done, p.Total, p.Region, p.What)
	} else {
		s.trail = fmt.Sprintf("trail %s: page %d, %d records", p.Region, p.Done, p.Items)
		if p.Total > 0 {
			s.trail = fmt.Sprintf("trail %s: %d of %d, %d records", p.Region, p.Done, p.Total, p.Items)
		}
		if !p.Back.IsZero() {
			s.trail += ", back to " + p.Back.UTC().Format("15:04:05")
		}
	}
	line := time.Since(s.begun).Round(time.Second).String()
	for _, part := range []string{s.trail, s.reads} {
		if part != "" {
			line += "  " + part
		}
	}
	if r := []rune(line); len(r) > s.t.width-1 {
		line = string(r[:s.t.width-1])
	}
	fmt.Fprintf(s.w, "\r\x1b[K%s", line)
}

// call says one call to AWS, with -v.
func (s *status) call(c watch.Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	what := ""
	if c.Failed {
		what = " failed " + c.Code
	}
	fmt.Fprintf(s.w, "reconcile: %s:%s %s %s%s\n", c.Service, c.Operation, c.Region, c.Took.Round(time.Millisecond), printable.Lines(what))
}

// watching tells of each call below the context, with -v.
func (s *status) watching(ctx context.Context) context.Context {
	if !s.verbose {
		return ctx
	}
	s.watched = true
	return watch.With(ctx, s.call)
}

// note prints something to know while a read goes on, above the line.
func (s *status) note(text string) {
	if s.quiet {
		return
	}
	if s.t.is() {
		fmt.Fprint(s.w, "\r\x1b[K")
	}
	fmt.Fprintln(s.w, "reconcile: note: "+printable.Lines(text))
}

// done takes the line away.
func (s *status) done() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.t.is() {
		fmt.Fprint(s.w, "\r\x1b[K")
	}
}
