package ec2_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTheWorkedExampleOfAKindIsTrue: the row that docs/contributing.md shows is
// the one in the code, and what it tells to type or to look at is there.
func TestTheWorkedExampleOfAKindIsTrue(t *testing.T) {
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, "docs", "contributing.md"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	code := func(pattern string) string {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		var all strings.Builder
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(data)
		}
		return all.String()
	}
	rows := code("providers/ec2/kind_*.go")
	shown := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(page, -1)
	if len(shown) == 0 {
		t.Error("no row is shown")
	}
	for _, m := range shown {
		if !strings.Contains(rows, m[1]) {
			t.Errorf("this is in no providers/ec2/kind_*.go; copy the row anew:\n%s", m[1])
		}
	}
	for _, m := range regexp.MustCompile("`([a-z]\\w*Rows?)`").FindAllStringSubmatch(page, -1) {
		if !strings.Contains(rows, "\nfunc "+m[1]+"(") {
			t.Errorf("there is no %s", m[1])
		}
	}
	typed := regexp.MustCompile(`go test \./(\S+) -run '?(Test\w+)`).FindAllStringSubmatch(page, -1)
	if len(typed) < 4 {
		t.Errorf("of the commands only %q are found", typed)
	}
	for _, m := range typed {
		if !strings.Contains(code(m[1]+"/*_test.go"), "\nfunc "+m[2]) {
			t.Errorf("%s has no test that begins with %s", m[1], m[2])
		}
	}
}
