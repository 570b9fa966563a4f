// Package integrity says what is wrong with the state object itself: cut off,
// empty, of another lineage, older than one seen before, or not the one that its
// digest is of. It judges what others have read.
package integrity

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"reconcile/internal/backend"
	"reconcile/internal/statefile"
)

// Problem is a fault's kind, for errors.Is.
type Problem string

func (p Problem) Error() string { return string(p) }

// The problems.
const (
	ErrEmpty    Problem = "the state object is empty"
	ErrCutOff   Problem = "the state object is cut off"
	ErrNoState  Problem = "the state object is not a Terraform state"
	ErrDeleted  Problem = "the state object was deleted"
	ErrLineage  Problem = "the state is of another lineage"
	ErrSerial   Problem = "the state is older than one that was there before"
	ErrMismatch Problem = "the state object and its digest do not belong together"
)

// Fault is one thing that is wrong, as an error with what mends it.
type Fault struct {
	Problem Problem
	Where   string // s3://bucket/key
	Detail  string
	// Mend is the version of the state object that restore puts in place; "" where
	// none is known to be whole.
	Mend string
}

func (f *Fault) Error() string {
	s := f.Where + ": " + string(f.Problem)
	if f.Detail != "" {
		s += ": " + f.Detail
	}
	return s
}

// Unwrap makes errors.Is(err, ErrCutOff) and the like work.
func (f *Fault) Unwrap() error { return f.Problem }

// Hint is the one command that mends it.
func (f *Fault) Hint() string {
	switch {
	case f.Mend == "":
		return "reconcile versions lists the versions; reconcile restore VERSION writes the guarded script that puts one back and mends the digest"
	case f.Problem == ErrMismatch:
		return "reconcile restore " + f.Mend + " writes restore.sh, the guarded script that sets the digest right"
	}
	return "reconcile restore " + f.Mend + " writes restore.sh, the guarded script that puts that version back and mends the digest; reconcile versions shows the others"
}

// Seen is a version of the state object, as far as it could be read.
type Seen struct {
	backend.Version
	MD5     string             // "" if the bytes were not read
	Outline *statefile.Outline // nil with Err, and for a delete marker
	Err     error
}

// Whole reports whether it can be put in place.
func (s Seen) Whole() bool {
	return s.Outline != nil && s.Err == nil && s.Outline.Format == statefile.Raw && s.Outline.Lineage != ""
}

// Evidence is what was read.
type Evidence struct {
	Where   string
	Current *Seen // nil: there is no state object
	Digest  string
	Earlier []Seen // versions before the current one, newest first, as many as were read
	// Known is what somebody else knows of this state (a report, a file): its
	// lineage and the serial that it had. Lineage "" for nothing.
	Lineage string
	Serial  uint64
	From    string // who knows it
}

// Judge lists the faults of the present state object.
func Judge(e Evidence) []*Fault {
	if e.Current == nil {
		return nil
	}
	var out []*Fault
	add := func(p Problem, mend, format string, args ...any) {
		out = append(out, &Fault{Problem: p, Where: e.Where, Detail: fmt.Sprintf(format, args...), Mend: mend})
	}
	c := *e.Current
	good := e.goodOf(e.Lineage)
	switch {
	case c.Deleted:
		add(ErrDeleted, good, "at %s", c.Modified.Format("2006-01-02T15:04:05Z"))
		return out
	case c.Err != nil:
		p := ErrNoState
		if errors.Is(c.Err, statefile.ErrEmpty) {
			p = ErrEmpty
		} else if errors.Is(c.Err, statefile.ErrCutOff) {
			p = ErrCutOff
		}
		add(p, good, "%s", reason(c.Err, p, c.Size))
		return out
	}
	if c.Outline != nil {
		e.against(c, add)
	}
	// A digest that is missing or is none is no check, as Terraform has it.
	if c.MD5 != "" && len(e.Digest) == 32 && !strings.EqualFold(e.Digest, c.MD5) {
		mend := c.ID
		if len(out) > 0 {
			mend = out[0].Mend
		}
		add(ErrMismatch, mend, "the object's MD5 is %s and the row says %s, so Terraform refuses every command; a run died between the two writes, or something else wrote the object", c.MD5, e.Digest)
	}
	return out
}

// against holds a readable state against those before it and what is known.
func (e Evidence) against(c Seen, add func(p Problem, mend, format string, args ...any)) {
	lineage, serial, from := e.Lineage, e.Serial, e.From
	if lineage == "" {
		// A lineage that was there before is no stranger's: somebody put it back.
		for _, s := range e.Earlier {
			if s.Whole() && s.Outline.Lineage == c.Outline.Lineage {
				lineage, serial, from = s.Outline.Lineage, s.Outline.Serial, "version "+s.ID
				break
			}
		}
	}
	for _, s := range e.Earlier {
		if !s.Whole() {
			continue
		}
		if lineage == "" {
			lineage, serial, from = s.Outline.Lineage, s.Outline.Serial, "version "+s.ID
		}
		if s.Outline.Lineage == lineage && s.Outline.Serial > serial {
			serial, from = s.Outline.Serial, "version "+s.ID
		}
	}
	if lineage == "" {
		return
	}
	mend := ""
	for _, s := range e.Earlier {
		if s.Whole() && s.Outline.Lineage == lineage && s.Outline.Serial == serial {
			mend = s.ID
			break
		}
	}
	switch o := c.Outline; {
	case o.Lineage != lineage:
		add(ErrLineage, cmp.Or(mend, e.goodOf(lineage)), "its lineage is %s, and %s has %s", cmp.Or(o.Lineage, "none"), from, lineage)
	case o.Serial < serial:
		add(ErrSerial, mend, "its serial is %d, and %s has %d", o.Serial, from, serial)
	}
}

// goodOf is the newest version of a lineage that is whole, "" for none; of any
// for "".
func (e Evidence) goodOf(lineage string) string {
	for _, s := range e.Earlier {
		if s.Whole() && (lineage == "" || s.Outline.Lineage == lineage) {
			return s.ID
		}
	}
	return ""
}

func reason(err error, p Problem, size int64) string {
	if p == ErrEmpty {
		return "it has no content"
	}
	if e, ok := errors.AsType[*statefile.Error](err); ok {
		text := string(e.Problem)
		if e.Detail != "" {
			text += ": " + e.Detail
		}
		return fmt.Sprintf("%s (%d bytes)", text, size)
	}
	return err.Error()
}
