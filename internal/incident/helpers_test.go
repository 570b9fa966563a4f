package incident_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"reconcile/fixtures"
	"reconcile/internal/incident"
	"reconcile/internal/plan"
	"reconcile/providers/ec2/ec2test"
)

// day is one incident as an engineer has it: files on disk, and AWS.
type day struct {
	truth  truth
	fsys   fs.FS
	dir    string // where the files lie
	world  *ec2test.World
	server *ec2test.Server
	o      incident.Options
}

type truth struct {
	Start         time.Time
	Complete      bool
	Role, Session string
	Import        map[string]string // address to the id that the state gets
	StateRm       map[string]string `json:"state_rm"`
}

// end is when the window of every recorded incident ends.
func (d day) end() time.Time { return d.truth.Start.Add(30 * time.Minute) }

// begin lays an incident out and serves it.
func begin(t testing.TB, name string) *day {
	t.Helper()
	fsys, err := fixtures.Incident(name)
	if err != nil {
		t.Fatal(err)
	}
	d := &day{fsys: fsys, dir: t.TempDir()}
	raw, err := fs.ReadFile(fsys, "truth.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &d.truth); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(d.dir, fsys); err != nil {
		t.Fatal(err)
	}
	d.write(t, "config/.terraform/terraform.tfstate", `{"version":3,"backend":{"type":"s3","config":{"bucket":"tf-state-prod",
		"key":"env/prod/network.tfstate","region":"us-east-1","dynamodb_table":"tf-locks","use_path_style":true},"hash":1}}`)
	if d.world, err = ec2test.LoadIncident(fsys); err != nil {
		t.Fatal(err)
	}
	d.server = ec2test.NewServer(d.world)
	if err := d.server.Err(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.server.Close)
	d.o = incident.Options{
		Incident: "INC-1", Dir: d.path("config"), State: d.path("state.tfstate"), PlanJSON: d.path("plan.json"), Role: d.truth.Role, Session: d.truth.Session,
		Since: d.truth.Start, Until: d.end(), TrailDelay: 15 * time.Minute, Endpoint: d.server.URL,
		Now: func() time.Time { return d.end().Add(30 * time.Minute) }, Env: func(string) string { return "" },
	}
	return d
}

func (d *day) path(name string) string { return filepath.Join(d.dir, filepath.FromSlash(name)) }

func (d *day) write(t testing.TB, name, text string) {
	t.Helper()
	path := d.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (d *day) read(t testing.TB) *plan.Report {
	t.Helper()
	report, err := incident.Read(t.Context(), d.o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// of are the actions of one operation: address to the id that the state has
// after an import, or before a removal.
func of(r *plan.Report, op plan.Op) map[string]string {
	out := map[string]string{}
	for _, a := range r.Actions {
		if a.Op != op {
			continue
		}
		if out[a.Address] = a.NewStateID; op == plan.StateRm {
			out[a.Address] = a.OldStateID
		}
	}
	return out
}

func has(list []string, want string) bool { return slices.Contains(list, want) }

// failure is the error of a reading that must not succeed.
func failure(t testing.TB, d *day) string {
	t.Helper()
	_, err := incident.Read(t.Context(), d.o)
	if err == nil {
		t.Fatal("there is a report where an error was due")
	}
	return err.Error()
}
