package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// proper are words that a message may begin with although they begin with a
// capital: names, abbreviations, and what a person sees spelled so.
var proper = []string{"ARN", "AWS", "AWS's", "Athena's", "CloudTrail", "CloudTrail's", "DynamoDB", "IAM", "JSON", "OpenTofu", "S3", "STS", "Terraform", "Terraform's"}

// fog says nothing: what was being done and what is wrong says more.
var fog = regexp.MustCompile(`(?i)\b(failed to|unable to|invalid|an error occurred|oops|please)\b`)

// spoken are the functions that make what a person reads, with the arguments
// that are texts: an error's, a hint's, a note's.
var spoken = map[string][]int{
	"errors.New": {0}, "fmt.Errorf": {0}, "hint.Errorf": {0, 1}, "hint.Open": {1, 2}, "hint.File": {1, 2}, "hint.Unknown": {3}, "usage": {0},
	"note": {0}, "problem": {0}, "incomplete": {0},
}

// TestMessagesHaveOneVoice holds every error, hint and note of the program's own
// code to one form: it begins in lower case, ends without a full stop, and says
// what is wrong instead of that something is.
func TestMessagesHaveOneVoice(t *testing.T) {
	root, heard := filepath.Join("..", ".."), 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if n := d.Name(); d.IsDir() {
			if n == "testdata" || n == "ec2test" || n == "need" || path != root && strings.HasPrefix(n, ".") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		files := token.NewFileSet()
		f, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			for _, text := range texts(n) {
				heard++
				if why := unlike(text); why != "" {
					t.Errorf("%s: %s: %q", files.Position(n.Pos()), why, text)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if heard < 500 {
		t.Errorf("only %d texts were found: the test looks at too little", heard)
	}
}

// texts are the literal texts of a node that makes what a person reads.
func texts(n ast.Node) []string {
	var out []string
	switch n := n.(type) {
	case *ast.CallExpr:
		name := ""
		switch f := n.Fun.(type) {
		case *ast.Ident:
			name = f.Name
		case *ast.SelectorExpr:
			name = f.Sel.Name
			if x, ok := f.X.(*ast.Ident); ok && spoken[x.Name+"."+name] != nil {
				name = x.Name + "." + name
			}
		}
		for _, i := range spoken[name] {
			if i < len(n.Args) {
				out = append(out, spelled(n.Args[i]))
			}
		}
	case *ast.ValueSpec: // of a Problem
		if typ, ok := n.Type.(*ast.Ident); ok && typ.Name == "Problem" {
			for _, v := range n.Values {
				out = append(out, spelled(v))
			}
		}
	case *ast.KeyValueExpr: // of what is known to be wrong, and what to type
		if key, ok := n.Key.(*ast.Ident); ok && slices.Contains([]string{"Why", "Next", "Says", "WhyNot", "IfSkipped"}, key.Name) {
			out = append(out, spelled(n.Value))
		}
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

// spelled is a text with %s for what is put in when the program runs.
func spelled(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if s, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return s
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return spelled(e.X) + spelled(e.Y)
		}
	case *ast.CallExpr:
		if f, ok := e.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Sprintf" && len(e.Args) > 0 {
			return spelled(e.Args[0])
		}
	}
	return "%s"
}

// unlike says in what a text is unlike all the others, "" if in nothing.
func unlike(text string) string {
	first, _, _ := strings.Cut(text, " ")
	letter, _ := utf8.DecodeRuneInString(first)
	switch {
	case unicode.IsUpper(letter) && !slices.Contains(proper, first):
		return "it begins with a capital"
	case strings.HasSuffix(text, "."):
		return "it ends with a full stop"
	case fog.MatchString(text):
		return "it says no more than that something is wrong"
	}
	return ""
}

func TestWhatIsUnlikeTheOthersIsHeard(t *testing.T) {
	for text, want := range map[string]bool{
		"reading the state x: %w": false, "AWS says nothing": false, "%s is not a folder": false, "waits for a word …": false, "--role is missing": false,
		"Reading the state": true, "the state is empty.": true, "failed to read it": true, "the address is Invalid": true,
	} {
		if got := unlike(text); (got != "") != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// One flag has one meaning and one description, wherever it is. Those below mean
// something else in each command, or name the command's own words.
func TestAFlagSaysTheSameInEveryCommand(t *testing.T) {
	differ := []string{"all", "format", "incident", "out", "plan-json", "quarantine", "quiet", "region", "role", "session", "since", "state", "trail-delay", "type", "wait", "oidc-subject", "apply-log"}
	said := map[string]map[string][]string{}
	for _, c := range documented(testRoot()) {
		c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			if said[f.Name] == nil {
				said[f.Name] = map[string][]string{}
			}
			said[f.Name][f.Usage] = append(said[f.Name][f.Usage], c.Name())
			if why := unlike(f.Usage); why != "" {
				t.Errorf("%s --%s: %s: %q", c.CommandPath(), f.Name, why, f.Usage)
			}
		})
	}
	for name, usages := range said {
		if len(usages) > 1 && !slices.Contains(differ, name) {
			t.Errorf("--%s is described in %d ways: %v", name, len(usages), usages)
		}
	}
	for _, name := range differ {
		if len(said[name]) < 2 {
			t.Errorf("--%s is described in one way, and need not be in the list", name)
		}
	}
}

// A command's own line begins with a capital, as a title, and ends without a
// full stop; its long text speaks in sentences.
func TestACommandIsIntroducedInOneForm(t *testing.T) {
	for _, c := range append(documented(testRoot()), newHelp(), findCommand(t, "completion")) {
		for _, why := range introduced(c) {
			t.Errorf("%s: %s", c.CommandPath(), why)
		}
	}
}

func introduced(c *cobra.Command) []string {
	var out []string
	if r, _ := utf8.DecodeRuneInString(c.Short); !unicode.IsUpper(r) || strings.HasSuffix(c.Short, ".") {
		out = append(out, fmt.Sprintf("%q is no title", c.Short))
	}
	for line := range strings.Lines(c.Long) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 90 && strings.Contains(line, " ") && !strings.Contains(line, "Incidents: ") {
			out = append(out, fmt.Sprintf("a line of %d columns does not fit a terminal: %q", n, line))
		}
	}
	return out
}
