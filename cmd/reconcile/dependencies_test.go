package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestEveryDependencyEarnsItsLine: whoever adds a module says why, and under
// which licence; whoever takes one out takes its line out.
func TestEveryDependencyEarnsItsLine(t *testing.T) {
	read := func(path string) string {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	direct := map[string]bool{}
	for line := range strings.Lines(read("../../go.mod")) {
		if module := regexp.MustCompile(`^\t(\S+) v\S+$`).FindStringSubmatch(strings.TrimSuffix(line, "\n")); module != nil {
			direct[module[1]] = true
		} else if tool, ok := strings.CutPrefix(strings.TrimSpace(line), "tool "); ok {
			module, _, _ := strings.Cut(tool, "/cmd/")
			direct[module] = true
		}
	}
	told := map[string]bool{}
	for line := range strings.Lines(read("../../docs/dependencies.md")) {
		row := regexp.MustCompile("^\\| `([^`]+/[^`]+)`([^|]*)\\| [^|]+ \\| ([^|]+) \\|$").FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if row == nil {
			continue
		}
		told[row[1]] = true
		for _, part := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[2], -1) {
			if direct[row[1]+"/"+part[1]] {
				told[row[1]+"/"+part[1]] = true
			}
		}
	}
	if len(direct) < 20 {
		t.Fatalf("go.mod has %d direct modules: is it read right?", len(direct))
	}
	for module := range direct {
		if !told[module] {
			t.Errorf("docs/dependencies.md has no line with a reason and a licence for %s", module)
		}
	}
	for module := range told {
		if !direct[module] {
			t.Errorf("docs/dependencies.md tells of %s, which go.mod does not require", module)
		}
	}
}
