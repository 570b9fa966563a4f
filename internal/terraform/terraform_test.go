package terraform

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"reconcile/internal/hint"
	"reconcile/internal/need"
)

// fake writes a shell script that stands for the binary.
func fake(t *testing.T, name, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestTheBinaryIsTheOneThatTheUserNames(t *testing.T) {
	path := fake(t, "mine", "")
	if c, err := Find(env("TF_BIN", path)); err != nil || c.Path != path {
		t.Errorf("TF_BIN: %v, %v", c, err)
	}
	for _, name := range []string{"terraform", "tofu"} {
		path := fake(t, name, "")
		t.Setenv("PATH", filepath.Dir(path))
		if c, err := Find(env()); err != nil || c.Path != path {
			t.Errorf("%s on PATH: %v, %v", name, c, err)
		}
	}
	t.Setenv("PATH", t.TempDir())
	for _, e := range []func(string) string{env(), env("TF_BIN", "nonesuch")} {
		if _, err := Find(e); err == nil || !strings.Contains(err.Error(), "not on PATH") || hint.Of(err) == "" {
			t.Errorf("nothing there: %v", err)
		}
	}
}

func TestACommandRunsWhereAndWithWhatItIsTold(t *testing.T) {
	dir := t.TempDir()
	c := CLI{fake(t, "terraform", `pwd; echo "$X $TF_CLI_ARGS $TF_CLI_ARGS_plan $TF_INPUT"; for a; do echo "<$a>"; done; cat`)}
	out, err := c.Run(t.Context(), dir, Environ([]string{"PATH=" + os.Getenv("PATH"), "TF_CLI_ARGS=-lock=true", "TF_CLI_ARGS_plan=-x", "TF_INPUT=1"}, "X=y"), "plan", "a b'c")
	if err != nil {
		t.Fatal(err)
	}
	real, _ := filepath.EvalSymlinks(dir)
	if want := real + "\ny   0\n<plan>\n<a b'c>\n"; string(out) != want && string(out) != strings.Replace(want, real, dir, 1) {
		t.Errorf("got %q, want %q", out, want)
	}
}

func TestAFailureSaysWhatTerraformSaid(t *testing.T) {
	c := CLI{fake(t, "terraform", `printf '\033[31m╷\n│ Error: No such\n│   thing\n╵\033[0m\n' >&2; exit 3`)}
	_, err := c.Run(t.Context(), t.TempDir(), nil, "plan", "-var", "x=secret")
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Code != 3 {
		t.Fatalf("got %v", err)
	}
	if got, want := err.Error(), "terraform plan failed (exit code 3): Error: No such thing"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := (CLI{filepath.Join(t.TempDir(), "gone")}).Run(t.Context(), t.TempDir(), nil, "plan"); err == nil || !strings.Contains(err.Error(), "exit code -1") {
		t.Errorf("a binary that is not there: %v", err)
	}
}

func TestACommandThatIsCancelledIsInterruptedAndNotKilled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	dir := t.TempDir()
	c := CLI{fake(t, "terraform", `trap 'echo ended > ended; exit 1' INT; touch started; while :; do sleep 0.05; done`)}
	go func() {
		if need.File(ctx, filepath.Join(dir, "started")) == nil {
			cancel()
		}
	}()
	if _, err := c.Run(ctx, dir, os.Environ(), "plan"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "ended")); err != nil {
		t.Error("it had no time to end in good order")
	}
}

func TestTheVersionIsReadFromJSONWhateverFollows(t *testing.T) {
	c := CLI{fake(t, "terraform", `echo '{"terraform_version": "1.11.4"}'; echo 'Warning: old'`)}
	if v, err := c.Version(t.Context(), nil); err != nil || v != "1.11.4" {
		t.Errorf("%q, %v", v, err)
	}
	c = CLI{fake(t, "terraform", "echo Terraform")}
	if _, err := c.Version(t.Context(), nil); err == nil || hint.Of(err) == "" {
		t.Errorf("got %v", err)
	}
}

func TestTheEnvironmentKeepsWhatIsNotTerraformsArguments(t *testing.T) {
	got := Environ([]string{"A=1", "TF_VAR_x=2", "TF_WORKSPACE=w", "TF_CLI_ARGS_import=z"})
	if want := []string{"A=1", "TF_VAR_x=2", "TF_WORKSPACE=w", "TF_INPUT=0", "TF_IN_AUTOMATION=1"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
