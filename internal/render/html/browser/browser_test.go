// Package browser opens report.html in Chromium and uses it as a person would.
// It needs Node, npm's packages (npm ci in this folder) and Chromium.
package browser

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"reconcile/internal/need"
	"reconcile/internal/plan"
	"reconcile/internal/render"
)

// saw is what check.mjs says of one page.
type saw struct {
	Name     string
	Console  []string
	Dialogs  []string
	Requests []string
	Layout   map[string][]string
	Axe      map[string][]violation
	Filters  filters
	Copied   *struct{ Want, Said, Got string }
	Timing   struct {
		Loaded, Painted, Filter float64
		Elements                int
	}
	Page struct {
		Scripts, Images, Frames, Inline, Headings, Mains, Pictures int
		Title                                                      string
		Dead, Twice                                                []string
	}
	Text  string
	Focus []string
	Bare  struct{ Rows, Buttons int }
}

type violation struct {
	ID, Impact, Help string
	Nodes            []string
}

type filters struct {
	First, Rows, All, Word, None, Type, Status int
	Said                                       string
	WordRight, TypeRight, StatusRight          bool
	Link                                       bool
}

type page struct {
	Name string `json:"name"`
	File string `json:"file"`
	Word string `json:"word"` // in some findings and not in all
	Big  bool   `json:"big"`
}

// tools finds what the tests need.
func tools(t *testing.T) (node, chromium string) {
	t.Helper()
	node = need.Tool(t, "node")
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			chromium = path
			break
		}
	}
	if chromium == "" {
		need.Missing(t, "chromium is not installed here")
	}
	if _, err := os.Stat(filepath.Join("node_modules", "playwright-core")); err != nil {
		need.Missing(t, "npm's packages are not installed here: run npm ci in internal/render/html/browser")
	}
	return node, chromium
}

// look writes the pages, opens them and returns what was seen.
func look(t *testing.T, reports map[string]*plan.Report, words map[string]string) map[string]saw {
	t.Helper()
	node, chromium := tools(t)
	dir := t.TempDir()
	var shots string // nobody looks at those of CI
	if os.Getenv("RECONCILE_SHOTS") != "" {
		var err error
		if shots, err = filepath.Abs("shots"); err != nil {
			t.Fatal(err)
		}
	}
	ask := struct {
		Chromium string `json:"chromium"`
		Shots    string `json:"shots"`
		Pages    []page `json:"pages"`
	}{Chromium: chromium, Shots: shots}
	for name, r := range reports {
		p := page{Name: name, File: filepath.Join(dir, name+".html"), Word: words[name], Big: name == "big"}
		if err := os.WriteFile(p.File, written(t, r), 0o600); err != nil {
			t.Fatal(err)
		}
		ask.Pages = append(ask.Pages, p)
	}
	in, err := json.Marshal(ask)
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd := exec.Command(node, "check.mjs")
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), &stderr
	out, err := cmd.Output()
	t.Log(stderr.String())
	if err != nil {
		t.Fatal(err)
	}
	var all []saw
	if err := json.Unmarshal(out, &all); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	byName := map[string]saw{}
	for _, s := range all {
		byName[s.Name] = s
	}
	return byName
}

// written is the page, made from the decoded report as reconcile render does.
func written(t testing.TB, r *plan.Report) []byte {
	t.Helper()
	var js, page bytes.Buffer
	if err := render.Encode(&js, r); err != nil {
		t.Fatal(err)
	}
	decoded, err := render.Decode(&js)
	if err != nil {
		t.Fatal(err)
	}
	if err := render.HTML(&page, decoded, render.Options{}); err != nil {
		t.Fatal(err)
	}
	return page.Bytes()
}

func TestThePageHoldsInABrowser(t *testing.T) {
	need.NoRace(t, need.Processes)
	tools(t)
	reports := map[string]*plan.Report{
		"demo": recorded(t, "replaced-vpc-expire-11"), "shared": recorded(t, "shared-network-expire-15"), "big": made(t), "hostile": hostile(t), "incomplete": incomplete(t),
	}
	seen := look(t, reports, map[string]string{"demo": "subnet", "shared": "subnet", "big": "subnet", "hostile": "vpc", "incomplete": "subnet"})
	for name, r := range reports {
		t.Run(name, func(t *testing.T) { judge(t, seen[name], r) })
	}
	t.Run("hostile text", func(t *testing.T) { shown(t, seen["hostile"]) })
}

func judge(t *testing.T, s saw, r *plan.Report) {
	if s.Name == "" {
		t.Fatal("the page was not looked at")
	}
	for _, m := range s.Console {
		t.Errorf("the console says: %s", m)
	}
	for _, u := range s.Requests {
		t.Errorf("the page asks for %s", u)
	}
	for _, d := range s.Dialogs {
		t.Errorf("a dialog opened: %s", d)
	}
	for where, all := range s.Layout {
		for _, what := range all {
			t.Errorf("%s: %s", where, what)
		}
	}
	for where, all := range s.Axe {
		for _, v := range all {
			t.Errorf("axe, %s: %s (%s): %s\n  %s", where, v.ID, v.Impact, v.Help, strings.Join(v.Nodes, "\n  "))
		}
	}
	p := s.Page
	if p.Scripts != 1 || p.Images != 0 || p.Frames != 0 || p.Inline != 0 {
		t.Errorf("the page has %d scripts, %d images, %d frames, %d inline styles and handlers", p.Scripts, p.Images, p.Frames, p.Inline)
	}
	if p.Headings != 1 || p.Mains != 1 || p.Pictures != 2 {
		t.Errorf("the page has %d first headings, %d mains, %d pictures to see", p.Headings, p.Mains, p.Pictures)
	}
	if len(p.Dead) > 0 || len(p.Twice) > 0 {
		t.Errorf("links to nowhere: %v, ids twice: %v", p.Dead, p.Twice)
	}
	f := s.Filters
	if f.All != f.Rows || f.All != len(r.Findings) {
		t.Errorf("%d of %d rows are shown unfiltered, and there are %d findings", f.All, f.Rows, len(r.Findings))
	}
	if f.Word == 0 || f.Word >= f.All || !f.WordRight || f.None != 0 {
		t.Errorf("searching shows %d of %d (right: %v), and nonsense %d", f.Word, f.All, f.WordRight, f.None)
	}
	if f.Type == 0 || !f.TypeRight || f.Status == 0 || !f.StatusRight {
		t.Errorf("a type shows %d (right: %v), a status %d (right: %v)", f.Type, f.TypeRight, f.Status, f.StatusRight)
	}
	if !f.Link {
		t.Error("a link of the picture does not lead to its finding")
	}
	if !strings.Contains(f.Said, "shown") {
		t.Errorf("the filter says %q", f.Said)
	}
	if s.Copied == nil || s.Copied.Got != s.Copied.Want || s.Copied.Said != "Copied" {
		t.Errorf("copying: %+v", s.Copied)
	}
	if len(s.Focus) == 0 || s.Focus[0] != "Skip to the report" {
		t.Errorf("the keyboard's first stop is %q", s.Focus)
	}
	if s.Bare.Rows < len(r.Findings) || s.Bare.Buttons != 0 {
		t.Errorf("without a script %d rows and %d buttons are shown", s.Bare.Rows, s.Bare.Buttons)
	}
	t.Logf("loaded after %.0f ms, first paint %.0f ms, filtering takes %.1f ms, %d elements", s.Timing.Loaded, s.Timing.Painted, s.Timing.Filter, s.Timing.Elements)
}

// shown wants hostile names as the text that they are.
func shown(t *testing.T, s saw) {
	for _, want := range hostileTexts() {
		if !strings.Contains(s.Text, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	for _, r := range s.Text {
		if r == '\u202e' || r == '\u2066' || r == '\u200b' || r == '\x1b' {
			t.Errorf("%U is in the page", r)
		}
	}
}

func TestAFiveHundredResourceIncidentStaysSmall(t *testing.T) {
	r := made(t)
	if n := len(r.Findings); n < 500 {
		t.Fatalf("the incident has %d findings", n)
	}
	size := len(written(t, r))
	t.Logf("%d findings, %d steps: %d KB", len(r.Findings), len(r.Actions), size/1024)
	if size >= 2<<20 {
		t.Errorf("the page has %d bytes", size)
	}
}

func BenchmarkThePageOfFiveHundredResources(b *testing.B) {
	r := made(b)
	for b.Loop() {
		written(b, r)
	}
}
