package render

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"reconcile/internal/plan"
)

// TestWhatANewerVersionAddsIsLeftOutAndSaid: a person can read such a report, a
// script is not made from it.
func TestWhatANewerVersionAddsIsLeftOutAndSaid(t *testing.T) {
	whole := rendered(t, func(w io.Writer, r *plan.Report, _ Options) error { return Encode(w, r) }, sample(), Options{})
	newer := strings.Replace(whole, `"incident"`, `"severity": 1, "incident"`, 1)
	r, note, err := DecodeToRead(strings.NewReader(newer))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(note, "severity") || r.Incident != sample().Incident {
		t.Errorf("note %q, incident %q", note, r.Incident)
	}
	if _, note, err := DecodeToRead(strings.NewReader(whole)); note != "" || err != nil {
		t.Errorf("a report of this version has the note %q and the error %v", note, err)
	}
	for _, name := range []string{"json", "shell", "import-blocks"} {
		if !Exact(name) {
			t.Errorf("%s is made from a report that is half understood", name)
		}
	}
}

// TestReportsOfOlderVersionsAreRead: the files are reports as v1 had them when
// they were kept. They are never written anew; a change that breaks one breaks
// the promise of docs/report.md.
func TestReportsOfOlderVersionsAreRead(t *testing.T) {
	names, err := filepath.Glob("testdata/v1/*.json")
	if err != nil || len(names) == 0 {
		t.Fatal("there are no kept reports", err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Decode(bytes.NewReader(data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, format := range formats() {
			if err := format.Render(io.Discard, r, Options{Width: 80}); err != nil {
				t.Errorf("%s as %s: %v", name, format.Name, err)
			}
		}
	}
}
