package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func testRoot() *cobra.Command {
	return newRoot(environment{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard, getenv: func(string) string { return "" }})
}

// TestTheCommandsAreDocumentedAsTheyAre holds docs/cli.md against the commands,
// and writes it anew with -update: no flag is without documentation.
func TestTheCommandsAreDocumentedAsTheyAre(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "cli.md")
	want := cliDocs(testRoot())
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is stale: go test ./cmd/reconcile -run TestTheCommandsAreDocumented -update writes it anew. Wanted against got:\n%s", path, diff)
	}
}

// cliDocs is every command with its flags.
func cliDocs(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString("# Commands\n\nWritten by: go test ./cmd/reconcile -run TestTheCommandsAreDocumented -update\n\n")
	fmt.Fprintf(&b, "%s\n\nEvery command takes `--config` ([settings.md](settings.md)) and `--help`. Exit codes:\n[exit-codes.md](exit-codes.md).\n", root.Long)
	for _, c := range documented(root) {
		fmt.Fprintf(&b, "\n## %s\n\n%s.\n", c.CommandPath(), c.Short)
		if c.Long != "" {
			fmt.Fprintf(&b, "\n%s\n", strings.TrimSpace(c.Long))
		}
		if c.Example != "" {
			fmt.Fprintf(&b, "\n```\n%s\n```\n", unindented(c.Example))
		}
		rows := ""
		c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) { rows += flagRow(f) })
		if rows != "" {
			fmt.Fprintf(&b, "\n| flag | default | |\n|---|---|---|\n%s", rows)
		}
	}
	return b.String()
}

func documented(root *cobra.Command) []*cobra.Command {
	var out []*cobra.Command
	for _, c := range root.Commands() {
		if !c.Hidden && c.Name() != "help" && c.Name() != "completion" {
			out = append(append(out, c), documented(c)...)
		}
	}
	slices.SortFunc(out, func(a, b *cobra.Command) int { return strings.Compare(a.CommandPath(), b.CommandPath()) })
	return out
}

func flagRow(f *pflag.Flag) string {
	if f.Hidden || f.Name == "help" {
		return ""
	}
	kind, usage := pflag.UnquoteUsage(f)
	name := "`--" + f.Name
	if f.Shorthand != "" {
		name = "`-" + f.Shorthand + "`, `--" + f.Name
	}
	if kind != "" {
		name += " " + kind
	}
	value := f.DefValue
	if value == "[]" || value == "false" {
		value = ""
	}
	if value != "" {
		value = "`" + value + "`"
	}
	cell := func(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
	return fmt.Sprintf("| %s` | %s | %s |\n", cell(name), cell(value), cell(usage))
}

func unindented(s string) string {
	var out []string
	for line := range strings.Lines(s) {
		out = append(out, strings.TrimPrefix(strings.TrimRight(line, "\n"), "  "))
	}
	return strings.Join(out, "\n")
}

// TestEveryExampleOfHelpIsACommandThatWorks parses each line of every example
// with the command's own flags and rules for arguments.
func TestEveryExampleOfHelpIsACommandThatWorks(t *testing.T) {
	for _, c := range append(documented(testRoot()), findCommand(t, "docs")) {
		if c.Example == "" {
			t.Errorf("%s has no example", c.CommandPath())
			continue
		}
		own := false
		for _, line := range exampleLines(c.Example) {
			words := shellWords(line)
			if len(words) == 0 || words[0] != "reconcile" {
				continue // another program's
			}
			cmd, rest, err := testRoot().Find(words[1:])
			if err != nil {
				t.Errorf("%s: %s: %v", c.CommandPath(), line, err)
				continue
			}
			own = own || cmd.CommandPath() == c.CommandPath()
			if err := cmd.ParseFlags(rest); err != nil {
				t.Errorf("%s: %s: %v", c.CommandPath(), line, err)
				continue
			}
			if err := cmd.ValidateArgs(cmd.Flags().Args()); err != nil {
				t.Errorf("%s: %s: %v", c.CommandPath(), line, err)
			}
		}
		if !own {
			t.Errorf("%s: no example is of the command itself:\n%s", c.CommandPath(), c.Example)
		}
	}
}

func findCommand(t *testing.T, name string) *cobra.Command {
	t.Helper()
	c, _, err := testRoot().Find([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// exampleLines joins lines that go on, and drops comments.
func exampleLines(example string) []string {
	var out []string
	for _, line := range strings.Split(strings.ReplaceAll(example, "\\\n", " "), "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

// shellWords splits a simple command: quotes, no expansion, an end at a pipe, a
// redirection, a comment or the next command.
func shellWords(line string) []string {
	var out []string
	var word strings.Builder
	quote, open := rune(0), false
	end := func() {
		if open {
			out = append(out, word.String())
		}
		word.Reset()
		open = false
	}
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, open = r, true
		case r == ' ' || r == '\t':
			end()
		case strings.ContainsRune("|>;&#", r) && !open:
			return out
		default:
			word.WriteRune(r)
			open = true
		}
	}
	end()
	return out
}

// TestEveryFlagHasAWord, on all commands, those below others too.
func TestEveryFlagHasAWord(t *testing.T) {
	for _, c := range append(documented(testRoot()), testRoot()) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" {
				t.Errorf("%s --%s is not explained", c.CommandPath(), f.Name)
			}
		})
		if c.Short == "" {
			t.Errorf("%s has no summary", c.CommandPath())
		}
	}
}

// TestManualPagesAndCompletionsAreWritten: one page a command, and each
// completion knows plan.
func TestManualPagesAndCompletionsAreWritten(t *testing.T) {
	dir := t.TempDir()
	root := testRoot()
	root.SetArgs([]string{"docs", "--man", filepath.Join(dir, "man"), "--completions", filepath.Join(dir, "completions")})
	if err := root.Execute(); err != nil {
		t.Fatal(err)
	}
	for _, c := range documented(testRoot()) {
		page, err := os.ReadFile(filepath.Join(dir, "man", strings.ReplaceAll(c.CommandPath(), " ", "-")+".1"))
		if err != nil {
			t.Error(err)
			continue
		}
		if !bytes.Contains(page, []byte(".TH")) || !bytes.Contains(page, []byte("EXAMPLE")) {
			t.Errorf("the page of %s has no head or no example", c.CommandPath())
		}
	}
	for _, name := range []string{"reconcile.bash", "_reconcile", "reconcile.fish", "reconcile.ps1"} {
		data, err := os.ReadFile(filepath.Join(dir, "completions", name))
		if err != nil || len(data) < 500 || !bytes.Contains(data, []byte("reconcile")) {
			t.Errorf("%s: %d bytes, %v", name, len(data), err)
		}
	}
}

// TestLinksOfTheDocumentsLeadSomewhere: files that are named are there.
func TestLinksOfTheDocumentsLeadSomewhere(t *testing.T) {
	docs, err := filepath.Glob(filepath.Join("..", "..", "docs", "*.md"))
	if err != nil || len(docs) == 0 {
		t.Fatal("no documents", err)
	}
	for _, path := range append(docs, filepath.Join("..", "..", "README.md"), filepath.Join("..", "..", "SECURITY.md")) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, part := range strings.Split(string(text), "](")[1:] {
			to, _, ok := strings.Cut(part, ")")
			to, _, _ = strings.Cut(to, "#")
			if !ok || to == "" || strings.Contains(to, "://") || strings.ContainsAny(to, " `") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), filepath.FromSlash(to))); err != nil {
				t.Errorf("%s names %s, which is not there", path, to)
			}
		}
	}
}
