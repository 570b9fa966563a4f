// Package hint makes errors that say what to type next. The message says what
// went wrong and where; the hint is printed on a line of its own.
package hint

import (
	"errors"
	"fmt"
)

// advised is an error with its way out.
type advised struct {
	err  error
	next string
}

func (e *advised) Error() string { return e.err.Error() }
func (e *advised) Unwrap() error { return e.err }

// Hint says what to type next.
func (e *advised) Hint() string { return e.next }

// Errorf makes an error as fmt.Errorf does, with what to type next.
func Errorf(next, format string, args ...any) error {
	return &advised{fmt.Errorf(format, args...), next}
}

// Of returns the hint of the first error in the chain that has one, "" if none
// does.
func Of(err error) string {
	h, ok := errors.AsType[interface {
		error
		Hint() string
	}](err)
	if !ok {
		return ""
	}
	return h.Hint()
}

// Said is an error with its hint in brackets, for a note or a report, where
// there is one line for both.
func Said(err error) string {
	if next := Of(err); next != "" {
		return err.Error() + " (" + next + ")"
	}
	return err.Error()
}
