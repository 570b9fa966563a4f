package main

import (
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
	f, err := os.Open(path)
	if err != nil {
		return nil, "", hint.Errorf("run reconcile plan first, or name its report.json", "reading the report: %w", err)
	}
	defer f.Close()
	report, err := render.Decode(f)
	return report, filepath.Dir(path), err
}
