package main

import (
	"fmt"
	"os"
	"path/filepath"

	"reconcile/internal/hint"
	"reconcile/internal/plan"
	"reconcile/internal/render"
)

// reportIn reads the report of a plan: OUT/report.json, or the file or folder
// that was named. It returns the folder too, where the outputs go.
func reportIn(out string, args []string) (*plan.Report, string, error) {
	path := filepath.Join(out, "report.json")
	if len(args) > 0 {
		path = args[0]
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			path = filepath.Join(path, "report.json")
		}
	}
	f, err := hint.Open(path, "the report", "run reconcile plan first, or name the report.json that it wrote")
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	report, err := render.Decode(f)
	return report, filepath.Dir(path), in(path, err)
}

// in says which input an error is about.
func in(name string, err error) error {
	switch {
	case err == nil:
		return nil
	case name == "-":
		name = "standard input"
	}
	return fmt.Errorf("%s: %w", name, err)
}
