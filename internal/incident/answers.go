package incident

import (
	"context"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"reconcile/internal/hint"
	"reconcile/internal/plan"
)

// readMaps reads a person's answers. One that begins with @ names a file of
// them, one a line; no address begins so.
func (r *reading) readMaps() error {
	for _, given := range r.o.Maps {
		path, isFile := strings.CutPrefix(given, "@")
		if !isFile {
			m, err := plan.ParseMap(given)
			if err != nil {
				return err
			}
			r.maps = append(r.maps, m)
			continue
		}
		const next = "give --map 'ADDRESS=ID', or --map @FILE for a file with one a line"
		text, err := os.ReadFile(path)
		switch {
		case err != nil:
			return hint.File(path, "the answers", next, err)
		case !utf8.Valid(text):
			return hint.Errorf(next, "%s is no text file", path)
		}
		for n, line := range strings.Split(string(text), "\n") {
			line = strings.TrimSpace(line)
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			m, err := plan.ParseMap(line)
			if err != nil {
				return fmt.Errorf("%s, line %d: %w", path, n+1, err)
			}
			r.maps = append(r.maps, m)
		}
	}
	return nil
}

// answered holds the answers against what was read.
func (r *reading) answered(context.Context) error {
	in := r.input()
	if r.o.StateNow == nil { // the script has dealt with it
		if err := plan.CheckAdopt(in); err != nil {
			return err
		}
	}
	return plan.Check(in)
}
