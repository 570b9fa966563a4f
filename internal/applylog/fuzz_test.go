package applylog

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"reconcile/internal/statefile"
)

// FuzzRead fails when a log makes the reader panic, or makes it say what no
// use can be made of.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.log")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		for line := range bytes.Lines(data) {
			f.Add(line)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := Read(bytes.NewReader(data))
		if err != nil && !errors.Is(err, ErrNothing) {
			t.Fatal(err)
		}
		if !slices.IsSortedFunc(l.Entries, func(a, b Entry) int { return bytes.Compare([]byte(a.Address), []byte(b.Address)) }) {
			t.Fatal("the entries are not sorted")
		}
		for _, e := range l.Entries {
			a, err := statefile.ParseAddress(e.Address)
			if err != nil || a.String() != e.Address || a.Mode != statefile.Managed {
				t.Fatalf("%q is no address of a resource (%v)", e.Address, err)
			}
			if found, ok := l.Find(e.Address); !ok || found.Address != e.Address {
				t.Fatalf("%q is not found", e.Address)
			}
		}
		again, _ := Read(bytes.NewReader(data))
		if len(again.Entries) != len(l.Entries) || again.Odd != l.Odd || again.Events != l.Events {
			t.Fatal("it reads differently the second time")
		}
	})
}
