// Package hint makes errors that say what to type next. The message says what
// went wrong and where; the hint is printed on a line of its own.
package hint

import (
	"errors"
	"fmt"
)

// Error is an error with its way out.
type Error struct {
	err  error
	next string
}

func (e *Error) Error() string { return e.err.Error() }
func (e *Error) Unwrap() error { return e.err }

// Hint says what to type next.
func (e *Error) Hint() string { return e.next }

// Errorf makes an error as fmt.Errorf does, with what to type next.
func Errorf(next, format string, args ...any) error {
	return &Error{fmt.Errorf(format, args...), next}
}

// Text is err with its hint in brackets, for a note that has one line.
func Text(err error) string {
	if next := Of(err); next != "" {
		return err.Error() + " (" + next + ")"
	}
	return err.Error()
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
