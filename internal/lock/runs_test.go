package lock

import (
	"testing"
	"time"

	"reconcile/providers"
)

// TestANewKeyMayBeTheHoldersNextOne: a holder whose credentials were refreshed
// is silent under its first key, and must not be called dead for that.
func TestANewKeyMayBeTheHoldersNextOne(t *testing.T) {
	with := func(key, after string) func(*providers.Run) {
		return func(r *providers.Run) { r.Keys[0].ID, r.Continues = key, after }
	}
	runs := func(after string) []providers.Run {
		return []providers.Run{run("ci", 95*time.Minute, 45*time.Minute, with("ASIA1", "")), run("ci", 44*time.Minute, time.Minute, with("ASIA2", after))}
	}
	for after, want := range map[string]Verdict{"": Unknown, "ASIA1": HeldAlive} {
		f := Facts{Now: noon, Lock: held(90 * time.Minute), TrailDelay: 15 * time.Minute, Trail: trail(GoneOn(runs(after))...)}
		if got := Judge(f); got.Verdict != want {
			t.Errorf("after %q: %s, %s; want %s", after, got.Verdict, got.Why, want)
		}
	}
	if got := GoneOn(append(runs("ASIA1"), run("ci", 20*time.Minute, 0, with("ASIA3", "ASIA2")))); len(got) != 1 || len(got[0].Keys) != 3 {
		t.Errorf("a chain of keys is %d runs", len(got))
	}
}
