package incident_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"reconcile/fixtures"
	"reconcile/internal/plan"
	"reconcile/providers"
)

// TestEachIncidentsPlanIsItsTruth holds the plan against what was found out
// when the incident was recorded. Where that is complete, the imports and the
// removals are exactly those. Where the runner was killed in the middle of a
// call, what it knew is not all: the plan may import more, and whatever it
// imports beyond that must be alive in the recording and made by the session.
func TestEachIncidentsPlanIsItsTruth(t *testing.T) {
	for _, name := range fixtures.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := begin(t, name)
			r := d.read(t)
			imports := of(r, plan.Import)
			if !d.truth.Complete {
				for address, id := range imports {
					if _, known := d.truth.Import[address]; known {
						continue
					}
					if !d.madeBySession(t, id) || !d.alive(t, id) {
						t.Errorf("%s is imported as %s, which the session did not make or which is not there", address, id)
					}
					delete(imports, address)
				}
			}
			if diff := cmp.Diff(d.truth.Import, imports); diff != "" {
				t.Errorf("imports, truth against plan:\n%s", diff)
			}
			if diff := cmp.Diff(d.truth.StateRm, of(r, plan.StateRm)); diff != "" {
				t.Errorf("removals, truth against plan:\n%s", diff)
			}
			if len(r.Incomplete) > 0 && d.truth.Complete {
				t.Logf("incomplete: %s", strings.Join(r.Incomplete, "\n"))
			}
		})
	}
}

// madeBySession looks for the id in the records of the session, as text: an
// identity of parts is made where all its parts are in one record.
func (d *day) madeBySession(t *testing.T, id string) bool {
	t.Helper()
	var trail struct{ Records []json.RawMessage }
	raw, err := fs.ReadFile(d.fsys, "cloudtrail.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &trail); err != nil {
		t.Fatal(err)
	}
	for _, record := range trail.Records {
		var r struct {
			EventName, ErrorCode string
			UserIdentity         struct{ ARN string }
		}
		if err := json.Unmarshal(record, &r); err != nil {
			t.Fatal(err)
		}
		if r.ErrorCode == "" && strings.HasSuffix(r.UserIdentity.ARN, "/"+d.truth.Session) && !strings.HasPrefix(r.EventName, "Describe") && holds(record, id) {
			return true
		}
	}
	return false
}

func (d *day) alive(t *testing.T, id string) bool {
	t.Helper()
	raw, err := fs.ReadFile(d.fsys, "live.json")
	if err != nil {
		t.Fatal(err)
	}
	return holds(raw, id)
}

func holds(text []byte, id string) bool {
	for part := range strings.SplitSeq(id, "_") {
		if !bytes.Contains(text, []byte(part)) {
			return false
		}
	}
	return true
}

func TestTheSameIncidentGivesTheSameBytes(t *testing.T) {
	for _, name := range fixtures.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := begin(t, name)
			if diff := cmp.Diff(encode(t, d.read(t)), encode(t, d.read(t))); diff != "" {
				t.Errorf("read twice:\n%s", diff)
			}
		})
	}
}

func encode(t *testing.T, r *plan.Report) string {
	t.Helper()
	raw, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestOnlyReadsAreAskedFor(t *testing.T) {
	d := begin(t, "shared-network-expire-15")
	var seen []providers.Progress
	done := make(chan struct{})
	updates := make(chan providers.Progress, 1000)
	go func() {
		defer close(done)
		for p := range updates {
			seen = append(seen, p)
		}
	}()
	d.o.OnProgress = func(p providers.Progress) { updates <- p }
	d.read(t)
	close(updates)
	<-done
	calls := d.server.Calls()
	for call := range maps.Keys(calls) {
		_, action, _ := strings.Cut(call, ":")
		if !strings.HasPrefix(action, "Describe") && !strings.HasPrefix(action, "Get") && !strings.HasPrefix(action, "Search") && action != "LookupEvents" && action != "HeadObject" && action != "ListObjectVersions" {
			t.Errorf("%s was called", call)
		}
	}
	if total := len(d.server.Requests()); total > 30 {
		t.Errorf("%d calls: %v", total, calls)
	}
	if len(seen) == 0 || seen[0].What == "" || seen[0].Region != "us-east-1" {
		t.Errorf("progress %+v", seen)
	}
}
