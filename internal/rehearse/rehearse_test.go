package rehearse_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reconcile/internal/backend"
	"reconcile/internal/hint"
	"reconcile/internal/need"
	"reconcile/internal/plan"
	"reconcile/internal/rehearse"
	"reconcile/internal/render"
	"reconcile/providers"
)

const account = "123456789012"

// scene lays out a report without a step and a terraform and an aws that say
// what a rehearsal of it asks them.
func scene(t *testing.T, planned string) (out string) {
	t.Helper()
	need.Tools(t, "bash", "awk", "sed", "grep", "cmp", "ps", "od")
	root := t.TempDir()
	work, bin := filepath.Join(root, "work"), filepath.Join(root, "bin")
	write := func(path, text string, mode os.FileMode) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(work, "README"), "", 0o600)
	write(filepath.Join(root, "planned"), planned+`{"type":"change_summary"}`+"\n", 0o600)
	write(filepath.Join(bin, "terraform"), `#!/bin/sh
case "$1 $2" in
  version*) echo "Terraform v1.11.4" ;;
  "state pull") printf '{\n  "version": 4,\n  "serial": 7,\n  "lineage": "l",\n  "resources": []\n}\n' ;;
  plan*) : >"`+filepath.Join(root, "planning")+`"; [ ! -e "`+filepath.Join(root, "slow")+`" ] || sleep 1; cat "`+filepath.Join(root, "planned")+`" ;;
esac
`, 0o700)
	write(filepath.Join(bin, "aws"), "#!/bin/sh\nprintf '"+account+"\\tarn:aws:iam::"+account+":user/me\\n'\n", 0o700)
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	out = filepath.Join(root, "out")
	if err := render.WriteAll(out, &plan.Report{Schema: plan.Schema, Incident: "INC-1", GeneratedAt: time.Now().UTC(), Verdict: plan.InSync, Lock: backend.Lock{Status: backend.Unknown},
		Caller: providers.Caller{Account: account}, State: plan.State{Format: "raw", Serial: 7, Lineage: "l"},
		Guard: plan.Guard{Dir: work, Account: account, Executable: true, Files: []plan.FileHash{},
			KnownAlive: []plan.Alive{{Address: "aws_x.y", ID: "x-1", Why: "it cannot be imported"}}}}); err != nil {
		t.Fatal(err)
	}
	return out
}

func run(t *testing.T, out string) (*plan.Report, string, error) {
	t.Helper()
	var said bytes.Buffer
	r, err := rehearse.Run(t.Context(), rehearse.Options{Out: out, Stdout: &said, Stderr: &said})
	return r, said.String(), err
}

func TestTheResultGoesIntoEveryOutput(t *testing.T) {
	for name, c := range map[string]struct {
		planned string
		passed  bool
		summary string
	}{
		"passed": {"", true, "passed: 0 steps on a copy"},
		"failed": {`{"change":{"resource":{"addr":"aws_x.y"},"action":"create"},"type":"planned_change"}` + "\n", false, "terraform plan would create what was reconciled or is alive: aws_x.y"},
	} {
		t.Run(name, func(t *testing.T) {
			out := scene(t, c.planned)
			script, err := os.ReadFile(filepath.Join(out, "reconcile.sh"))
			if err != nil {
				t.Fatal(err)
			}
			r, said, err := run(t, out)
			if err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			if r.Rehearsal == nil || r.Rehearsal.Passed != c.passed || r.Rehearsal.Serial != 7 {
				t.Fatalf("the rehearsal: %+v\n%s", r.Rehearsal, said)
			}
			f, err := os.Open(filepath.Join(out, "report.json"))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			again, err := render.Decode(f)
			if err != nil || again.Rehearsal == nil || again.Rehearsal.Passed != c.passed {
				t.Errorf("report.json: %v, %+v", err, again)
			}
			summary, err := os.ReadFile(filepath.Join(out, "summary.txt"))
			if err != nil || !strings.Contains(string(summary), c.summary) {
				t.Errorf("the summary does not say %q: %v\n%s", c.summary, err, summary)
			}
			// The journal and the script agree on the plan, not on what came after.
			if after, err := os.ReadFile(filepath.Join(out, "reconcile.sh")); err != nil || !bytes.Equal(script, after) {
				t.Errorf("the rehearsal made another script: %v", err)
			}
			if _, _, err := run(t, out); err != nil {
				t.Errorf("once more: %v", err)
			}
		})
	}
}

func TestWhatIsNoRehearsalIsAnErrorWithAHint(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(out string) error
		says  string
	}{
		"no report": {func(out string) error { return os.Remove(filepath.Join(out, "report.json")) }, "reading the report"},
		"no script": {func(out string) error { return os.Remove(filepath.Join(out, "reconcile.sh")) }, "reading the script"},
		"a script that was written to": {func(out string) error {
			return os.WriteFile(filepath.Join(out, "reconcile.sh"), []byte("exit 0\n"), 0o700)
		}, "not the script of the report"},
		"an older result, and a refusal": {func(out string) error {
			return os.WriteFile(filepath.Join(filepath.Dir(out), "bin", "aws"), []byte("#!/bin/sh\nexit 1\n"), 0o700)
		}, "no rehearsal was held"},
	} {
		t.Run(name, func(t *testing.T) {
			out := scene(t, "")
			if _, said, err := run(t, out); err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			if err := c.spoil(out); err != nil {
				t.Fatal(err)
			}
			if _, _, err := run(t, out); c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says) || hint.Of(err) == "") {
				t.Errorf("the error is %v, its hint %q", err, hint.Of(err))
			}
		})
	}
}

// An interrupt ends the rehearsal between two commands, and the copy, which
// holds the state, goes.
func TestAnInterruptStopsTheRehearsal(t *testing.T) {
	out := scene(t, "")
	root := filepath.Dir(out)
	if err := os.WriteFile(filepath.Join(root, "slow"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		if need.File(ctx, filepath.Join(root, "planning")) == nil {
			cancel()
		}
	}()
	var said bytes.Buffer
	if _, err := rehearse.Run(ctx, rehearse.Options{Out: out, Stdout: &said, Stderr: &said}); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if !strings.Contains(said.String(), "interrupted by SIGINT") {
		t.Errorf("the script was not told:\n%s", said.String())
	}
	if _, err := os.Stat(filepath.Join(out, "private", "rehearsal")); err == nil {
		t.Error("the copy stays")
	}
}
