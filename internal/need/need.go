// Package need is for tests that need what not every machine has, or time that
// not every run has. Such a test is skipped with the reason; where
// RECONCILE_REQUIRE_TOOLS is set, as in CI, a missing tool fails it instead, so
// that a tool that went missing cannot turn the tests off unseen.
package need

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"testing"
	"time"
)

// Tool is the path of a program on PATH.
func Tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Missing(t, name+" is not installed here")
	}
	return path
}

// Tools asks for several programs that are run by name.
func Tools(t testing.TB, names ...string) {
	t.Helper()
	for _, name := range names {
		Tool(t, name)
	}
}

// Missing ends a test for want of something: what says of what, and how to get
// it where that is no package of the system.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("RECONCILE_REQUIRE_TOOLS") != "" {
		t.Fatalf("%s, and RECONCILE_REQUIRE_TOOLS makes the tests that need it obligatory", what)
	}
	t.Skip(what)
}

// Provider is the text of a CLI configuration by which terraform init has the
// AWS provider: from RECONCILE_TF_MIRROR, a folder in a mirror's layout. "none"
// is the word of whoever runs the tests that it is not to be had.
func Provider(t testing.TB) string {
	t.Helper()
	mirror := os.Getenv("RECONCILE_TF_MIRROR")
	switch mirror {
	case "none":
		t.Skip("RECONCILE_TF_MIRROR says that the AWS provider is not to be had here")
	case "":
		Missing(t, "the AWS provider is needed: set RECONCILE_TF_MIRROR to a folder that terraform providers mirror has filled with it")
	}
	return fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror)
}

// Time leaves a test out of the quick run; why says what takes so long.
func Time(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("RECONCILE_SLOW") == "" {
		t.Skipf("RECONCILE_SLOW is not set: %s", why)
	}
}

// NoRace leaves a test to the plain run where the race detector has nothing to
// say of it, or stands in its way.
func NoRace(t testing.TB, why string) {
	t.Helper()
	if underRace {
		t.Skipf("%s: the plain run covers it", why)
	}
}

// Processes is the reason of tests whose work is done by scripts and programs.
const Processes = "the work is done by processes of their own, which the race detector does not look into"

// File waits until a process has written a file, as long as ctx lasts.
func File(ctx context.Context, path string) error {
	for {
		_, err := os.Stat(path)
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", path, context.Cause(ctx))
		case <-time.After(10 * time.Millisecond):
		}
	}
}
