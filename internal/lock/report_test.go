package lock

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reconcile/internal/backend"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is another:\n%s", name, got)
	}
}

func place() *backend.Config {
	return &backend.Config{Bucket: "b", Key: `net "prod".tfstate`, StateKey: `env:/w/net "prod".tfstate`, Workspace: "w", DynamoDBTable: "tf-locks", UseLockfile: true, Region: "eu-west-1"}
}

// TestOutputsAreAsReviewed in every format, for a lock with all kinds of
// evidence and for none.
func TestOutputsAreAsReviewed(t *testing.T) {
	l := held(90 * m)
	l.Version = "1.11.4"
	f := Facts{Now: noon, Lock: l, TrailDelay: 15 * m, Trail: trail(run("ci-7", 95*m, 80*m, refused(79*m, "ExpiredToken")), run("ci-6", 200*m, 120*m)),
		StateWritten: ago(85 * m), StateVersion: "v7", RunEnded: "https://ci/7",
		Others: []backend.Lock{{Status: backend.Held, ID: "lock-2", Form: backend.DynamoDB, Who: l.Who, Created: ago(20 * m), Path: "b/other"}}}
	for name, facts := range map[string]Facts{"dead": f, "none": {Now: noon, Lock: backend.Lock{Status: backend.NotHeld, Form: backend.S3}},
		"alive": {Now: noon, Lock: l, TrailDelay: 15 * m, Trail: trail(run("ci-7", 50*m, 3*m), run("ci-8", 93*m, 3*m, lasts))}} {
		r := NewReport(facts, PlaceOf(place()), 20*m, []string{"a note"})
		var text, js, prom bytes.Buffer
		if err := r.Text(&text); err != nil {
			t.Fatal(err)
		}
		if err := JSON(&js, r); err != nil {
			t.Fatal(err)
		}
		if err := r.Prometheus(&prom); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".txt", text.Bytes())
		golden(t, name+".json", js.Bytes())
		golden(t, name+".prom", prom.Bytes())
		var back Report
		if err := json.Unmarshal(js.Bytes(), &back); err != nil {
			t.Fatal(err)
		}
		var again bytes.Buffer
		if err := JSON(&again, back); err != nil || !bytes.Equal(js.Bytes(), again.Bytes()) {
			t.Errorf("the JSON does not come back the same: %v\n%s", err, again.Bytes())
		}
	}
}

func TestAllLocksAreListedTheOldestFirst(t *testing.T) {
	young := held(5 * m)
	young.Path = "b/young"
	locks := []backend.Lock{young, held(3 * time.Hour), {Status: backend.Held, Form: backend.S3, Path: "b/x", Error: "not JSON"}}
	a := NewAll(noon, place(), locks, 20*m, []string{"the bucket b: access denied"})
	if a.TooOld != 2 { // one of which nobody knows the age is no young one
		t.Errorf("%d too old", a.TooOld)
	}
	var text, prom bytes.Buffer
	if err := a.Text(&text); err != nil {
		t.Fatal(err)
	}
	if err := a.Prometheus(&prom); err != nil {
		t.Fatal(err)
	}
	golden(t, "all.txt", text.Bytes())
	golden(t, "all.prom", prom.Bytes())
}

func TestLockIsTooOldOnlyIfItIsHeld(t *testing.T) {
	for _, c := range []struct {
		name string
		lock backend.Lock
		max  time.Duration
		want bool
	}{
		{"older", held(21 * m), 20 * m, true},
		{"younger", held(19 * m), 20 * m, false},
		{"any age", held(100 * time.Hour), 0, false},
		{"none", backend.Lock{Status: backend.NotHeld}, 20 * m, false},
		{"of no known age", backend.Lock{Status: backend.Held}, 20 * m, true},
	} {
		if got := NewReport(Facts{Now: noon, Lock: c.lock}, Place{}, c.max, nil).TooOld; got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

func TestMetricsEscapeWhatAKeyHolds(t *testing.T) {
	got := labels("key", "a\"b\\c\nd\xff")
	if got != `{key="a\"b\\c\nd`+"\ufffd"+`"}` || strings.Count(got, "\n") != 0 {
		t.Error(got)
	}
}

// TestWatchPrintsNoLineWhereNothingHappened: the line holds no age.
func TestWatchPrintsNoLineWhereNothingHappened(t *testing.T) {
	f := Facts{Now: noon, Lock: held(90 * m), TrailDelay: 15 * m, Trail: trail(run("a", 95*m, 80*m))}
	a := NewReport(f, Place{}, 0, nil).Line()
	f.Now = noon.Add(m)
	if b := NewReport(f, Place{}, 0, nil).Line(); a != b {
		t.Errorf("%s\n%s", a, b)
	}
}
