package applylog

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"reconcile/fixtures"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestLogsOfCISystemsReadAsRecorded(t *testing.T) {
	files, err := filepath.Glob("testdata/*.log")
	if err != nil || len(files) == 0 {
		t.Fatal("no logs", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			l, err := Read(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(l, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(file, ".log") + ".golden"
			if *update {
				if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(strings.TrimSpace(string(want)), string(got)); d != "" {
				t.Error(d)
			}
		})
	}
}

// recorded are the logs of the recorded incidents.
func recorded(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, name := range fixtures.Names() {
		fsys, err := fixtures.Incident(name)
		if err != nil {
			t.Fatal(err)
		}
		if out[name], err = fs.ReadFile(fsys, "apply.log.jsonl"); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func read(t *testing.T, data string) *Log {
	t.Helper()
	l, err := Read(strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestARecordedLogSaysWhatWasMade holds the entries against a plain reading of
// the JSON lines.
func TestARecordedLogSaysWhatWasMade(t *testing.T) {
	for name, data := range recorded(t) {
		l := read(t, string(data))
		want := map[string]string{}
		for line := range strings.Lines(string(data)) {
			var m struct {
				Type string
				Hook struct {
					Resource struct{ Addr string }
					Action   string
					IDValue  string `json:"id_value"`
				}
			}
			if json.Unmarshal([]byte(line), &m) == nil && m.Type == "apply_complete" && m.Hook.Action == "create" {
				want[m.Hook.Resource.Addr] = m.Hook.IDValue
			}
		}
		got := map[string]string{}
		for a, d := range l.Made() {
			got[a] = d.ID
		}
		if d := cmp.Diff(want, got); d != "" || len(want) == 0 {
			t.Errorf("%s: %s", name, d)
		}
		if l.Odd != 0 || l.Last.IsZero() || !l.Last.After(l.First) {
			t.Errorf("%s: odd %d, from %v to %v", name, l.Odd, l.First, l.Last)
		}
	}
}

// TestEveryWrappingReadsTheSame fails when a colour, a time stamp or a prefix
// makes a log say something else than the plain JSON does.
func TestEveryWrappingReadsTheSame(t *testing.T) {
	wrappings := map[string]func(n int, line string) string{
		"plain":   func(_ int, s string) string { return s },
		"crlf":    func(_ int, s string) string { return s + "\r" },
		"colour":  func(_ int, s string) string { return "\x1b[0m\x1b[1m" + s + "\x1b[0m\x1b[0m" },
		"github":  func(n int, s string) string { return fmt.Sprintf("2026-11-25T10:00:%02d.1234567Z %s", n%60, s) },
		"gitlab":  func(_ int, s string) string { return "2026-11-25T10:00:00.123456Z 00O " + s },
		"jenkins": func(_ int, s string) string { return "[2026-11-25T10:00:00.123Z] " + s },
		"compose": func(_ int, s string) string { return "runner-1  | " + s },
		"kubernetes": func(_ int, s string) string {
			return "2026-11-25T10:00:00.123456789Z stdout F " + s
		},
		"docker": func(_ int, s string) string {
			text, _ := json.Marshal(s + "\n")
			return `{"log":` + string(text) + `,"stream":"stdout","time":"2026-11-25T10:00:00.1Z"}`
		},
		"terragrunt": func(_ int, s string) string { return "10:00:00.123 STDOUT [live/prod/net] terraform: " + s },
		"prefix":     func(_ int, s string) string { return "[live/prod/net] " + s },
		"buildkite":  func(_ int, s string) string { return "\x1b_bk;t=1764064800000\x07" + s },
		"redrawn":    func(_ int, s string) string { return "\x1b[Kprogress 10%\r" + s },
	}
	for name, data := range recorded(t) {
		plain := read(t, string(data))
		for wrapping, wrap := range wrappings {
			var lines, text strings.Builder
			for n, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
				lines.WriteString(wrap(n, line) + "\n")
				for s := range strings.SplitSeq(asText(t, line), "\n") {
					text.WriteString(wrap(n, s) + "\n")
				}
			}
			same(t, name+" as JSON, "+wrapping, plain, read(t, lines.String()))
			same(t, name+" as text, "+wrapping, plain, read(t, text.String()))
		}
		wide := utf16.Encode([]rune("\ufeff" + string(data)))
		var b bytes.Buffer
		for _, u := range wide {
			b.Write([]byte{byte(u), byte(u >> 8)})
		}
		l, err := Read(&b)
		if err != nil {
			t.Fatal(err)
		}
		same(t, name+" as UTF-16", plain, l)
	}
}

// asText spells a JSON line as the text form does.
func asText(t *testing.T, line string) string {
	t.Helper()
	var m struct {
		Message    string `json:"@message"`
		Type       string
		Diagnostic struct{ Severity, Summary, Detail, Address string }
	}
	if err := json.Unmarshal([]byte(line), &m); err != nil {
		t.Fatal(err)
	}
	switch {
	case m.Type == "apply_errored":
		return "" // the text form does not say it
	case m.Type == "diagnostic" && m.Diagnostic.Address != "":
		return boxed(m.Diagnostic.Severity, m.Diagnostic.Summary, m.Diagnostic.Detail, "  with "+m.Diagnostic.Address+",\n  on main.tf line 1:")
	case m.Type == "diagnostic":
		return boxed(m.Diagnostic.Severity, m.Diagnostic.Summary, m.Diagnostic.Detail)
	}
	return m.Message
}

func boxed(severity, summary string, paragraphs ...string) string {
	text := strings.ToUpper(severity[:1]) + severity[1:] + ": " + strings.Join(append([]string{summary}, paragraphs...), "\n\n")
	return "╷\n│ " + strings.ReplaceAll(text, "\n", "\n│ ") + "\n╵"
}

func same(t *testing.T, what string, want, got *Log) {
	t.Helper()
	opts := cmp.Options{cmpopts.IgnoreFields(Deed{}, "At", "Line"), cmpopts.IgnoreFields(Failure{}, "Line"), cmpopts.IgnoreFields(Entry{}, "Begun")}
	if d := cmp.Diff(want.Made(), got.Made(), opts); d != "" {
		t.Errorf("%s: made: %s", what, d)
	}
	if d := cmp.Diff(want.Entries, got.Entries, opts); d != "" {
		t.Errorf("%s: %s", what, d)
	}
	if d := cmp.Diff(want.Failures, got.Failures, opts); d != "" {
		t.Errorf("%s: failures: %s", what, d)
	}
	if got.Odd != 0 {
		t.Errorf("%s: %d odd lines", what, got.Odd)
	}
}

func TestWhatIsNoLogSaysSo(t *testing.T) {
	for _, s := range []string{"", "hello\n", `{"version":4,"serial":1}`, "Error: something\n", "error.log: Creating...\n", "{\"@level\":\"info\"", "\xff\xfeh"} {
		if _, err := Read(strings.NewReader(s)); !errors.Is(err, ErrNothing) {
			t.Errorf("%q: %v", s, err)
		}
	}
	broken := errors.New("the disk is gone")
	if _, err := Read(io.MultiReader(strings.NewReader("x\n"), failingReader{broken})); !errors.Is(err, broken) {
		t.Error(err)
	}
}

type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }

func TestALongLineIsReadPast(t *testing.T) {
	l := read(t, "aws_vpc.a: Creating..."+strings.Repeat("x", 3*maxLine)+"\naws_vpc.b: Creation complete after 1s [id=vpc-1]\n")
	if l.Odd != 1 || len(l.Entries) != 1 || l.Entries[0].Made.ID != "vpc-1" || l.Lines != 2 {
		t.Errorf("%+v", l)
	}
}

// TestAStampIsReadOnlyWhereCISystemsPutIt keeps a date in a resource from
// moving the end of the window.
func TestAStampIsReadOnlyWhereCISystemsPutIt(t *testing.T) {
	at := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	for s, want := range map[string]time.Time{
		"2026-11-25T10:00:00Z x":                                          at,
		"2026-11-25T12:00:00+02:00 x":                                     at,
		"2026-11-25 10:00:00.000 +00:00":                                  {},
		"2026-11-25T10:00:00+0000 x":                                      at,
		"[2026-11-25T10:00:00.000Z] x":                                    at,
		"runner-1  | 2026-11-25T10:00:00Z x":                              at,
		`time="2026-11-25T10:00:00Z" level=info`:                          at,
		"2026-11-25 10:00:00 x":                                           {}, // no zone
		`  + expires = "2026-11-25T10:00:00Z"`:                            {},
		`      "2026-11-25T10:00:00Z",`:                                   {},
		"aws_x_y.z: Creation complete after 1s [id=2026-11-25T10:00:00Z]": {},
		"2026-13-45T10:00:00Z x":                                          {},
	} {
		if got := stamped(s); !got.Equal(want) {
			t.Errorf("%q: %v", s, got)
		}
	}
}
