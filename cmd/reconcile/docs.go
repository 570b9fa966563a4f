package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// newDocs writes what a package of reconcile holds besides the program.
func newDocs() *cobra.Command {
	var man, completions string
	c := &cobra.Command{
		Use:     "docs",
		Short:   "Write manual pages and shell completions into folders, for packaging",
		Example: "  reconcile docs --man man/man1 --completions completions",
		Hidden:  true,
		RunE: func(c *cobra.Command, _ []string) error {
			for _, out := range []struct {
				dir   string
				write func(root *cobra.Command, dir string) error
			}{{man, manPages}, {completions, shellCompletions}} {
				if out.dir == "" {
					continue
				}
				if err := os.MkdirAll(out.dir, 0o755); err != nil {
					return fmt.Errorf("making the folder: %w", err)
				}
				if err := out.write(c.Root(), out.dir); err != nil {
					return fmt.Errorf("writing into %s: %w", out.dir, err)
				}
			}
			return nil
		},
	}
	c.Flags().StringVar(&man, "man", "", "folder for the manual pages")
	c.Flags().StringVar(&completions, "completions", "", "folder for the completions")
	return c
}

// manPages bear no date: the same program gives the same pages.
func manPages(root *cobra.Command, dir string) error {
	root.DisableAutoGenTag = true
	return doc.GenManTree(root, &doc.GenManHeader{Title: "RECONCILE", Section: "1", Source: "reconcile", Manual: "reconcile", Date: new(time.Unix(0, 0).UTC())}, dir)
}

func shellCompletions(root *cobra.Command, dir string) error {
	for name, write := range map[string]func(io.Writer) error{
		"reconcile.bash": func(w io.Writer) error { return root.GenBashCompletionV2(w, true) },
		"_reconcile":     root.GenZshCompletion,
		"reconcile.fish": func(w io.Writer) error { return root.GenFishCompletion(w, true) },
		"reconcile.ps1":  root.GenPowerShellCompletionWithDesc,
	} {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		if err := write(f); err != nil {
			_ = f.Close() // the first error is the one that counts
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}
