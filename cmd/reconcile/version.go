package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"reconcile/internal/plan"
)

func newVersion(env environment) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  reconcile version",
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(env.stdout, "reconcile %s (%s, %s/%s)\n", tool().Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

// tool is this program as reports name it: the module's version, or the commit
// it was built from.
func tool() plan.Tool {
	t := plan.Tool{Name: "reconcile", Version: "dev"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return t
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		t.Version = v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && t.Version == "dev" {
			t.Version = "dev+" + s.Value[:min(12, len(s.Value))]
		}
	}
	return t
}
