package need

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// verdict is a test that keeps how it was ended.
type verdict struct {
	testing.TB
	failed, skipped string
}

func (v *verdict) Helper() {}

func (v *verdict) Fatalf(format string, args ...any) {
	v.failed = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func (v *verdict) Skip(args ...any) {
	v.skipped = fmt.Sprint(args...)
	runtime.Goexit()
}

func (v *verdict) Skipf(format string, args ...any) { v.Skip(fmt.Sprintf(format, args...)) }

func judged(test func(t testing.TB)) *verdict {
	v, done := &verdict{}, make(chan struct{})
	go func() {
		defer close(done)
		test(v)
	}()
	<-done
	return v
}

func TestAMissingToolSkipsATestAndFailsItWhereToolsAreObligatory(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	ask := func(t testing.TB) { Tools(t, "terraform") }
	t.Setenv("RECONCILE_REQUIRE_TOOLS", "")
	if v := judged(ask); v.skipped != "terraform is not installed here" || v.failed != "" {
		t.Errorf("%+v", v)
	}
	t.Setenv("RECONCILE_REQUIRE_TOOLS", "1")
	if v := judged(ask); v.skipped != "" || !strings.Contains(v.failed, "terraform is not installed here") {
		t.Errorf("%+v", v)
	}
}

func TestTheProviderIsObligatoryUnlessSomebodySaysThatItCannotBeHad(t *testing.T) {
	t.Setenv("RECONCILE_REQUIRE_TOOLS", "1")
	for mirror, want := range map[string]struct{ skipped, failed string }{
		"": {"", "set RECONCILE_TF_MIRROR"}, "none": {"is not to be had here", ""}, "/mirror": {},
	} {
		t.Setenv("RECONCILE_TF_MIRROR", mirror)
		cli := ""
		v := judged(func(t testing.TB) { cli = Provider(t) })
		if !strings.Contains(v.skipped, want.skipped) || !strings.Contains(v.failed, want.failed) || (v.skipped == "") != (want.skipped == "") || (v.failed == "") != (want.failed == "") {
			t.Errorf("%q: %+v", mirror, v)
		}
		if strings.Contains(cli, `path = "/mirror"`) != (mirror == "/mirror") {
			t.Errorf("%q: %q", mirror, cli)
		}
	}
}

func TestAToolThatIsThereIsNamedByItsPath(t *testing.T) {
	dir := t.TempDir()
	want := filepath.Join(dir, "terraform")
	if err := os.WriteFile(want, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	if got := Tool(t, "terraform"); got != want {
		t.Errorf("%q", got)
	}
}

func TestASlowTestRunsOnlyWhenItIsAskedFor(t *testing.T) {
	for set, skipped := range map[string]bool{"": true, "1": false} {
		t.Setenv("RECONCILE_SLOW", set)
		if v := judged(func(t testing.TB) { Time(t, "it takes a minute") }); strings.Contains(v.skipped, "it takes a minute") != skipped {
			t.Errorf("RECONCILE_SLOW=%q: %+v", set, v)
		}
	}
}

func TestTheRaceRunLeavesOutWhatItCannotSee(t *testing.T) {
	if v := judged(func(t testing.TB) { NoRace(t, Processes) }); (v.skipped != "") != underRace {
		t.Errorf("%+v", v)
	}
}

func TestWaitingForAFileEndsWithTheFileOrTheContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "begun")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := File(ended, path); !errors.Is(err, context.Canceled) {
		t.Errorf("without the file: %v", err)
	}
	go func() { _ = os.WriteFile(path, nil, 0o600) }()
	if err := File(t.Context(), path); err != nil {
		t.Error(err)
	}
}
