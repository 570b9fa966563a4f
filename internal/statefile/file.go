package statefile

import (
	"io"
	"path/filepath"

	"reconcile/internal/hint"
)

// ReadFile reads the state that a person named: a file, "-" for stdin, "none"
// for one that is known not to exist.
func ReadFile(name string, stdin io.Reader) (*State, error) {
	switch name {
	case "none":
		return NoState(), nil
	case "-":
		return Read(stdin, name)
	}
	f, err := hint.Open(name, "the state", "give the output of terraform state pull with --state")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := Read(f, name)
	if err != nil {
		return nil, err
	}
	if abs, err := filepath.Abs(name); err == nil {
		st.Source = abs
	}
	return st, nil
}
