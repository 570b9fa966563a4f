package render

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"reconcile/internal/backend"
	"reconcile/internal/need"
	"reconcile/internal/plan"
)

const nasty = "a b'\"$(touch pwned)`touch pwned`\\ ${x}\nü*"

// wayScripts are the three scripts around the reconciliation.
func wayScripts(t testing.TB, hostile bool) map[string]string {
	t.Helper()
	p := Place{Tool: plan.Tool{Name: "reconcile", Version: "v0.1.0"}, Incident: "INC-1", At: at(made), Account: account, Backend: s3Backend(), Lock: sample().Lock}
	r := sample()
	r.Execution = &plan.Execution{VerifiedAt: at(made), Serial: 8, Lineage: lineage, SHA256: sum("x"), Clean: true, Left: []string{}, Seen: []string{}}
	r.Unlock = &plan.Unlock{At: at(made), LockID: lockID, Verdict: "dead", Evidence: []string{"its session has expired"}}
	version := backend.Version{ID: "3sL4kqtJ_lcp.Xr-o", Modified: at(made), Size: 42, ETag: "0123", Current: true}
	what := "the current version"
	if hostile {
		b := *p.Backend
		b.Bucket, b.StateKey, b.Key, b.DynamoDBTable, b.UseLockfile, b.Workspace = "bucket "+nasty, "env:/w/"+nasty, nasty, "table "+nasty, true, "w"
		p.Backend, p.Incident, p.Tool.Version, p.Lock.ID, p.Lock.Who = &b, nasty, nasty, nasty, nasty
		r.Incident, r.Guard.Dir, r.Unlock.Override, r.Unlock.Overridden = nasty, "/"+nasty, nasty, []string{nasty}
		what = nasty
	}
	out := map[string]string{}
	for name, f := range map[string]func(*bytes.Buffer) error{
		"snapshot": func(b *bytes.Buffer) error {
			return SnapshotScript(b, Snapshot{Place: p, Bucket: p.Backend.Bucket, Prefix: "reconcile-quarantine/INC-1-00/", Versions: []SnapshotVersion{{version, what}}})
		},
		"restore": func(b *bytes.Buffer) error {
			return RestoreScript(b, Restore{Place: p, Target: version, SHA256: sum("x"), Serial: 4, Current: &version, Says: what, NewSerial: 9})
		},
		"unlock": func(b *bytes.Buffer) error {
			return UnlockScript(b, Unlock{Place: p, Report: r, Checklist: []string{what}, Verified: true, Snapshot: true})
		},
	} {
		var b bytes.Buffer
		if err := f(&b); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = b.String()
	}
	return out
}

func TestTheScriptsAroundAreCleanForShellcheck(t *testing.T) {
	need.NoRace(t, need.Processes)
	shellcheck := need.Tool(t, "shellcheck")
	for name, text := range wayScripts(t, true) {
		path := filepath.Join(t.TempDir(), name+".sh")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(shellcheck, "--shell=bash", path).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// TestTheScriptsAroundDoNothingUnasked runs each without arguments, with hostile
// names in it: it prints, calls nothing, and expands nothing.
func TestTheScriptsAroundDoNothingUnasked(t *testing.T) {
	need.Tool(t, "bash")
	for name, text := range wayScripts(t, true) {
		dir := t.TempDir()
		path := filepath.Join(dir, name+".sh")
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
		for _, tool := range []string{"aws", "terraform"} {
			if err := os.WriteFile(filepath.Join(dir, tool), []byte("#!/bin/sh\necho called >\"$0.called\"\n"), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		for _, args := range [][]string{nil, {"--help"}, {"--nonsense"}, {"--execute", "--incident", "another"}} {
			if name == "snapshot" && len(args) > 1 {
				continue // it has no incident to get wrong
			}
			c := exec.Command("bash", append([]string{path}, args...)...)
			c.Dir, c.Env = dir, append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
			out, err := c.CombinedOutput()
			if refused := err != nil; refused != (len(args) > 0 && args[0] != "--help") {
				t.Errorf("%s %v: %v\n%s", name, args, err, out)
			}
			if bytes.ContainsAny(out, "\x1b\a") {
				t.Errorf("%s %v steers the terminal: %q", name, args, out)
			}
		}
		left, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(left) != 3 {
			t.Errorf("%s left something behind or called a tool: %v", name, left)
		}
	}
}

func TestNamesThatTheCLIWouldTakeForSomethingElseAreRefused(t *testing.T) {
	for _, key := range []string{"-x", "file:///etc/passwd", "https://example.com/x"} {
		b := *s3Backend()
		b.StateKey = key
		if err := SnapshotScript(&bytes.Buffer{}, Snapshot{Place: Place{Backend: &b}}); err == nil {
			t.Errorf("a script was written for the key %q", key)
		}
	}
}

func TestTheQuarantineLiesOutsideOfTheWorkspaces(t *testing.T) {
	b := s3Backend()
	b.WorkspacePrefix = "env:"
	for given, want := range map[string]string{
		"": "reconcile-quarantine/INC-1-", "kept/": "kept/INC-1-", "s3://other/a/b": "a/b/INC-1-",
		"env:/x": "", "/": "", "s3://": "", "s3://x": "", "../x": "", "a b": "", "-x": "",
	} {
		bucket, prefix, err := Quarantine(b, "INC-1", given)
		switch {
		case want == "" && err == nil:
			t.Errorf("%q: %s in %s was accepted", given, prefix, bucket)
		case want != "" && (err != nil || !strings.HasPrefix(prefix, want) || !strings.HasSuffix(prefix, "/")):
			t.Errorf("%q: %s in %s, %v", given, prefix, bucket, err)
		}
	}
	b.WorkspacePrefix = "kept"
	if _, prefix, err := Quarantine(b, "INC-1", "kept"); err == nil {
		t.Errorf("%s lies among the workspaces", prefix)
	}
	_, one, _ := Quarantine(s3Backend(), "INC 1", "")
	_, two, _ := Quarantine(s3Backend(), "INC/1", "")
	if one == two {
		t.Error("two incidents' snapshots meet")
	}
}
