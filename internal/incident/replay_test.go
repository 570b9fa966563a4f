package incident_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"reconcile/internal/bundle"
)

// replays records an incident, takes the world and the files away, and plans
// from the recording.
func (d *day) replays(t *testing.T) {
	t.Helper()
	want, b, err := bundle.Record(t.Context(), d.o)
	if err != nil {
		t.Fatal(err)
	}
	if len(want.Mutations) == 0 {
		t.Fatal("the trail was not read")
	}
	path := filepath.Join(t.TempDir(), "incident.bundle")
	if _, err := b.Write(path); err != nil {
		t.Fatal(err)
	}
	packed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d.server.Close()
	if err := os.RemoveAll(d.dir); err != nil {
		t.Fatal(err)
	}
	again, err := bundle.Read(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	got, notes, err := bundle.Replay(t.Context(), again, d.o.Tool, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(notes) > 0 {
		t.Errorf("a replay that is the same has notes: %q", notes)
	}
	was, is := asLines(t, want), asLines(t, got)
	if diff := cmp.Diff(was, is); diff != "" {
		t.Errorf("recorded against replayed:\n%s", diff)
	}
}

func asLines(t *testing.T, v any) string {
	t.Helper()
	out, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestARecordingHoldsWhateverTheTrailWasReadFrom fails when a place that
// CloudTrail's records come from is not recorded, or replays to another plan.
func TestARecordingHoldsWhateverTheTrailWasReadFrom(t *testing.T) {
	const name = "shared-network-expire-7"
	for source, s := range begin(t, name).sources(t) {
		if s.stdin != nil {
			continue // bundle's own tests have it
		}
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			d := begin(t, name)
			d.o.Trail.Source = d.sources(t)[source].flag
			d.replays(t)
		})
	}
}

// TestARecordingHoldsEveryAccount fails when what another account's credentials
// answered is not recorded, or is mixed up with the caller's.
func TestARecordingHoldsEveryAccount(t *testing.T) { twoAccounts(t).replays(t) }

func TestARecordingHoldsThatAnAccountCouldNotBeSeen(t *testing.T) {
	d := twoAccounts(t)
	d.o.AssumeRoles = nil
	d.replays(t)
}
