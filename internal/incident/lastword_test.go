package incident_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"reconcile/fixtures"
	"reconcile/internal/incident"
	"reconcile/internal/plan"
)

// withErrored are the recorded incidents that left an errored state.
func withErrored(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, name := range fixtures.Names() {
		fsys, err := fixtures.Incident(name)
		if err != nil {
			t.Fatal(err)
		}
		if f, err := fsys.Open("errored.tfstate"); err == nil {
			out = append(out, name)
			_ = f.Close() // read only
		}
	}
	if len(out) == 0 {
		t.Fatal("no recorded incident has an errored state")
	}
	return out
}

// died gives the errored state the time at which the run ended.
func (d *day) died(t testing.TB, path string) {
	t.Helper()
	at := d.truth.Start.Add(10 * time.Minute)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

// TestAfterTheErroredStateOnlyUntaintIsLeft fails when something that Terraform
// itself recorded is imported or removed once more.
func TestAfterTheErroredStateOnlyUntaintIsLeft(t *testing.T) {
	for _, name := range withErrored(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := begin(t, name)
			d.o.ErroredState = d.path("errored.tfstate")
			d.died(t, d.o.ErroredState)
			r := d.read(t)
			if len(r.Actions) == 0 || r.Actions[0].Op != plan.StatePush || r.Actions[0].N != 1 || r.Errored == nil || r.Errored.Found {
				t.Fatalf("the first step is no push: %+v %+v", r.Actions, r.Errored)
			}
			var tainted []string
			var errored struct {
				Resources []struct {
					Mode, Module, Type, Name string
					Instances                []struct{ Status string }
				}
			}
			raw, err := os.ReadFile(d.o.ErroredState)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(raw, &errored); err != nil {
				t.Fatal(err)
			}
			for _, res := range errored.Resources {
				for _, i := range res.Instances {
					if i.Status == "tainted" {
						tainted = append(tainted, res.Type)
					}
				}
			}
			var untainted []string
			for n, a := range r.Actions[1:] {
				if a.Op != plan.Untaint || a.N != n+2 {
					t.Errorf("step %d: %s %s", a.N, a.Op, a.Address)
				}
				untainted = append(untainted, a.Type)
			}
			slices.Sort(tainted)
			slices.Sort(untainted)
			if diff := cmp.Diff(tainted, untainted); diff != "" {
				t.Errorf("tainted, against untainted:\n%s", diff)
			}
			if len(r.Questions) > 0 {
				t.Errorf("questions: %+v", r.Questions)
			}
			if r.State.Serial > r.Errored.Serial || r.State.SHA256 == r.Errored.SHA256 {
				t.Errorf("state %+v, errored %+v", r.State, r.Errored)
			}
		})
	}
}

// TestAnErroredStateInTheFolderIsTakenIfItFits covers the one that nobody named.
func TestAnErroredStateInTheFolderIsTakenIfItFits(t *testing.T) {
	for name, c := range map[string]struct {
		change func(t *testing.T, d *day, path string)
		taken  bool
		note   string
	}{
		"it fits":         {func(*testing.T, *day, string) {}, true, "lies in the folder and was taken"},
		"it is left out":  {func(_ *testing.T, d *day, _ string) { d.o.ErroredState = "none" }, false, ""},
		"another lineage": {replace(`"lineage": "`, `"lineage": "x`), false, "is of another state"},
		"older than the lock": {func(t *testing.T, d *day, path string) {
			at := d.truth.Start.Add(-time.Hour)
			if err := os.Chtimes(path, at, at); err != nil {
				t.Fatal(err)
			}
		}, false, "is of an earlier run: it was written at"},
		"older than the lock, the state from standard input": {func(t *testing.T, d *day, path string) {
			at := d.truth.Start.Add(-time.Hour)
			if err := os.Chtimes(path, at, at); err != nil {
				t.Fatal(err)
			}
			pulled, err := os.ReadFile(d.o.State)
			if err != nil {
				t.Fatal(err)
			}
			d.o.State, d.o.Stdin = "-", bytes.NewReader(pulled)
		}, false, "is of an earlier run: it was written at"},
		"encrypted": {func(t *testing.T, _ *day, path string) {
			write(t, path, `{"serial":9,"lineage":"a","meta":{},"encrypted_data":"AAAA","encryption_version":"v0"}`)
		}, false, "encrypted by OpenTofu"},
		"cut off": {func(t *testing.T, _ *day, path string) {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			write(t, path, string(raw[:len(raw)/2]))
		}, false, "it is cut off"},
		"a folder": {func(t *testing.T, _ *day, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, false, "is not a regular file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := begin(t, "shared-network-expire-15")
			path := filepath.Join(d.o.Dir, "errored.tfstate")
			raw, err := os.ReadFile(d.path("errored.tfstate"))
			if err != nil {
				t.Fatal(err)
			}
			write(t, path, string(raw))
			d.died(t, path)
			c.change(t, d, path)
			if c.note != "is of an earlier run: it was written at" && c.note != "is not a regular file" {
				d.died(t, path)
			}
			r := d.read(t)
			if taken := r.Errored != nil; taken != c.taken || taken && !r.Errored.Found {
				t.Errorf("taken: %v; notes %q", taken, r.Notes)
			}
			if c.note != "" && !slices.ContainsFunc(r.Notes, func(n string) bool { return strings.Contains(n, c.note) }) {
				t.Errorf("no note says %q: %q", c.note, r.Notes)
			}
			if !c.taken {
				if diff := cmp.Diff(d.truth.Import, of(r, plan.Import)); diff != "" {
					t.Errorf("without it the plan is not the usual one:\n%s", diff)
				}
			}
		})
	}
}

func replace(old, with string) func(*testing.T, *day, string) {
	return func(t *testing.T, _ *day, path string) {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(string(raw), old, with, 1)
		if text == string(raw) {
			t.Fatalf("the state has no %q", old)
		}
		write(t, path, text)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAnErroredStateThatIsNamedAndDoesNotFitIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		change func(t *testing.T, d *day, path string)
		says   string
	}{
		"another lineage": {replace(`"lineage": "`, `"lineage": "x`), "is of another state: its lineage is x"},
		"the same serial": {func(t *testing.T, d *day, path string) {
			raw, err := os.ReadFile(d.o.State)
			if err != nil {
				t.Fatal(err)
			}
			write(t, path, string(raw))
		}, "does not follow the pulled state"},
		"written anew": {func(t *testing.T, _ *day, path string) {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var v any
			if err := json.Unmarshal(raw, &v); err != nil {
				t.Fatal(err)
			}
			if raw, err = json.Marshal(v); err != nil {
				t.Fatal(err)
			}
			write(t, path, string(raw))
		}, "was written anew by another program than Terraform"},
		"no state":    {func(t *testing.T, _ *day, path string) { write(t, path, "hello") }, "not JSON"},
		"not there":   {func(t *testing.T, _ *day, path string) { _ = os.Remove(path) }, "reading the errored state"},
		"show -json":  {func(t *testing.T, d *day, _ string) { d.o.State = d.showJSON(t) }, "cannot be held against a state that was given as terraform show -json"},
		"another run": {func(_ *testing.T, d *day, _ string) { d.o.Session = "ci-prod-6" }, "is of another run: it has "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := begin(t, "shared-network-expire-15")
			d.o.ErroredState = d.path("errored.tfstate")
			c.change(t, d, d.o.ErroredState)
			if _, err := os.Stat(d.o.ErroredState); err == nil {
				d.died(t, d.o.ErroredState)
			}
			_, err := incident.Read(t.Context(), d.o)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v does not say %q", err, c.says)
			}
		})
	}
}

// showJSON is a state of the other format, empty.
func (d *day) showJSON(t *testing.T) string {
	d.write(t, "show.json", `{"format_version":"1.0","terraform_version":"1.11.4"}`)
	return d.path("show.json")
}

// TestTheLogChangesNothingThatTheTrailTells fails when a log makes another plan
// of a recorded incident whose trail tells all.
func TestTheLogChangesNothingThatTheTrailTells(t *testing.T) {
	for _, name := range fixtures.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := begin(t, name)
			without := d.read(t)
			d.o.ApplyLog = d.path("apply.log.jsonl")
			r := d.read(t)
			if r.ApplyLog == nil || r.ApplyLog.Believed == "" || r.ApplyLog.Made == 0 {
				t.Fatalf("the log is not believed: %+v", r.ApplyLog)
			}
			for _, op := range []plan.Op{plan.Import, plan.StateRm} {
				if diff := cmp.Diff(of(without, op), of(r, op)); diff != "" {
					t.Errorf("%s without and with the log:\n%s", op, diff)
				}
			}
			said := 0
			for _, a := range r.Actions {
				if strings.Contains(a.Why, "the apply's log (line ") {
					said++
				}
			}
			if said == 0 {
				t.Error("no step says what the log said of it")
			}
		})
	}
}

// TestTheLogEndsTheWindow fails when the end of the log is not the default.
func TestTheLogEndsTheWindow(t *testing.T) {
	d := begin(t, "shared-network-expire-15")
	d.o.Until = time.Time{}
	d.o.ApplyLog = d.path("apply.log.jsonl")
	r := d.read(t)
	if want := r.ApplyLog.Last.Add(2 * time.Minute).Truncate(time.Second); !r.Window.Until.Equal(want) || !strings.Contains(r.Window.UntilSource, "apply's log") {
		t.Errorf("%v (%s), want %v", r.Window.Until, r.Window.UntilSource, want)
	}
	d.o.Since = r.Window.Until.Add(time.Minute)
	if text := failure(t, d); !strings.Contains(text, "the apply's log ends before the window begins") {
		t.Error(text)
	}
}

// TestALogOfAnotherRunIsNotBelieved fails when the log of another incident, with
// the same addresses and other ids, moves an object.
func TestALogOfAnotherRunIsNotBelieved(t *testing.T) {
	d := begin(t, "shared-network-expire-15")
	other := begin(t, "shared-network-expire-7")
	raw, err := os.ReadFile(other.path("apply.log.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	d.o.ApplyLog = d.path("other.log")
	// The ids of one recording may be those of the next.
	write(t, d.o.ApplyLog, strings.NewReplacer("vpc-", "vpc-f", "subnet-", "subnet-f", "rtb-", "rtb-f", "tgw-attach-", "tgw-attach-f").Replace(string(raw)))
	r := d.read(t)
	if r.ApplyLog.Believed != "" || !slices.ContainsFunc(r.Notes, func(n string) bool { return strings.Contains(n, "nothing ties it to the session") }) {
		t.Errorf("%+v %q", r.ApplyLog, r.Notes)
	}
	if diff := cmp.Diff(d.truth.Import, of(r, plan.Import)); diff != "" {
		t.Error(diff)
	}
}

func TestALogThatIsNoneIsAnError(t *testing.T) {
	d := begin(t, "shared-network-expire-15")
	d.o.ApplyLog = d.path("nowhere")
	if text := failure(t, d); !strings.Contains(text, "reading the apply's log") {
		t.Error(text)
	}
	d.o.ApplyLog = d.path("plan.json")
	if text := failure(t, d); !strings.Contains(text, "no line of it says what terraform apply did") {
		t.Error(text)
	}
}
