package render

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"reconcile/internal/plan"

	"reconcile/internal/hint"
)

func TestWriteAllKeepsFilesToTheOwner(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "out")
	for range 2 { // and once more over what is there
		if err := WriteAll(dir, sample()); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]os.FileMode{"reconcile.sh": 0o700, "report.json": 0o600, "summary.txt": 0o600, "report.html": 0o600, "report.md": 0o600, "imports.tf": 0o600}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if want[e.Name()] != info.Mode().Perm() {
			t.Errorf("%s has mode %v, want %v", e.Name(), info.Mode(), want[e.Name()])
		}
		delete(want, e.Name())
	}
	if len(want) > 0 {
		t.Errorf("not written: %v", want)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v, %v", info.Mode(), err)
	}
}

func TestWriteAllIsDeterministic(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	for _, dir := range []string{a, b} {
		if err := WriteAll(dir, hostile()); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"reconcile.sh", "report.json", "imports.tf"} {
		x, errX := os.ReadFile(filepath.Join(a, name))
		y, errY := os.ReadFile(filepath.Join(b, name))
		if errX != nil || errY != nil || !slices.Equal(x, y) {
			t.Errorf("%s differs: %v %v", name, errX, errY)
		}
	}
}

func TestAnOlderFileSurvivesAReportThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	if err := WriteAll(dir, sample()); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(dir, "reconcile.sh"))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(r *plan.Report){
		"a NUL":                func(r *plan.Report) { r.Guard.Dir = "/a\x00b" },
		"argv of another step": func(r *plan.Report) { r.Actions[0].Argv = []string{"state", "rm", "aws_vpc.main"} },
		"a flag of its own":    func(r *plan.Report) { r.Actions[1].Argv = slices.Insert(r.Actions[1].Argv, 1, "-lock=false") },
		"an unknown operation": func(r *plan.Report) { r.Actions[0].Op = "destroy" },
		"an option for address": func(r *plan.Report) {
			r.Actions[0].Address, r.Actions[0].Argv = "-state=x", []string{"state", "rm", "-state=x"}
		},
		"no address":               func(r *plan.Report) { r.Actions[0].Address, r.Actions[0].Argv = "", []string{"state", "rm", ""} },
		"an entry without type":    func(r *plan.Report) { r.Actions[0].Entry.Type = "" },
		"an entry that is no JSON": func(r *plan.Report) { r.Actions[0].Entry.Key = "data" },
		"an entry of two values":   func(r *plan.Report) { r.Actions[0].Entry.Key = "1 2" },
	} {
		r := sample()
		change(r)
		if err := WriteAll(dir, r); err == nil {
			t.Errorf("%s was written", name)
		}
		after, err := os.ReadFile(filepath.Join(dir, "reconcile.sh"))
		if err != nil || !slices.Equal(before, after) {
			t.Errorf("%s: the older script is gone: %v", name, err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 6 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestAFolderThatCannotBeWrittenIsOneClearError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := WriteAll(filepath.Join(path, "out"), sample())
	if err == nil || !strings.Contains(hint.Of(err), "--out") || strings.Contains(err.Error(), "\n") {
		t.Errorf("the error is %v", err)
	}
}
