package render

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"reconcile/internal/backend"
	"reconcile/internal/need"
	"reconcile/internal/plan"
)

// A configuration in which terraform import works for no address at all: a
// for_each waits for a resource that is not there yet.
const stuck = `resource "terraform_data" "later" {
}
resource "terraform_data" "waits" {
  for_each = toset([terraform_data.later.id])
}
resource "terraform_data" "kept" {
}
resource "terraform_data" "a" {
  input = "a"
}
resource "terraform_data" "b" {
  for_each = toset(["x<y>", "é $${x}"])
  input    = terraform_data.a.id
}
module "m" {
  source = "../shared/m"
  x      = terraform_data.a.id
}
output "all" {
  value = [for b in terraform_data.b : b.id]
}
`

const stuckModule = `variable "x" {
}
resource "terraform_data" "in" {
  input = var.x
  lifecycle {
    ignore_changes = [triggers_replace]
  }
}
`

// realStage lays out that configuration with a real Terraform and a local state
// that holds the kept resource only.
func realStage(t *testing.T) (s *stage, run func(args ...string) string) {
	t.Helper()
	terraform := need.Tool(t, "terraform")
	s = newStage(t, nil)
	work := filepath.Join(s.work, "live")
	s.must(os.MkdirAll(work, 0o755))
	s.must(os.MkdirAll(filepath.Join(s.work, "shared", "m"), 0o755))
	s.must(os.Remove(filepath.Join(s.bin, "terraform")))
	s.must(os.Symlink(terraform, filepath.Join(s.bin, "terraform")))
	s.env = append(s.env, "CHECKPOINT_DISABLE=1")
	s.put(filepath.Join(work, "main.tf"), stuck)
	s.put(filepath.Join(s.work, "shared", "m", "m.tf"), stuckModule)
	run = func(args ...string) string {
		t.Helper()
		cmd := exec.Command(terraform, args...)
		cmd.Dir, cmd.Env = work, append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
		var said strings.Builder
		cmd.Stderr = &said
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("terraform %s: %v\n%s%s", strings.Join(args, " "), err, out, said.String())
		}
		return string(out)
	}
	run("init", "-input=false", "-no-color")
	run("apply", "-auto-approve", "-input=false", "-no-color", "-target=terraform_data.kept")
	pulled := run("state", "pull")
	var head struct {
		Serial  uint64
		Lineage string
	}
	s.must(json.Unmarshal([]byte(pulled), &head))
	r := sample()
	r.GeneratedAt = time.Now().UTC().Truncate(time.Second)
	r.Backend, r.Lock = nil, backend.Lock{Status: backend.Unknown, Error: "no S3 backend was found"}
	r.State.Serial, r.State.Lineage, r.State.SHA256 = head.Serial, head.Lineage, sum(pulled)
	r.Guard.Dir, r.Guard.TerraformVersion = work, ""
	r.Guard.Files = []plan.FileHash{{Path: "../shared/m/m.tf", SHA256: sum(stuckModule)}, {Path: "main.tf", SHA256: sum(stuck)}}
	r.Guard.Declares = []plan.Declared{{Dir: "../shared/m", Resources: []string{"terraform_data.in"}},
		{Dir: ".", Resources: []string{"terraform_data.a", "terraform_data.b", "terraform_data.kept", "terraform_data.later", "terraform_data.waits"}, Outputs: []string{"all"}}}
	r.Actions = nil
	for _, i := range []struct {
		address, id string
		entry       plan.Entry
	}{
		{"terraform_data.a", "id-a", plan.Entry{Name: `"a"`}},
		{`terraform_data.b["x<y>"]`, "id-x", plan.Entry{Name: `"b"`, Key: `"x<y>"`}},
		{`terraform_data.b["é $${x}"]`, "id ${e} \"q\"", plan.Entry{Name: `"b"`, Key: `"é ${x}"`}},
		{"module.m.terraform_data.in", "id-m", plan.Entry{Module: `"module.m"`, Name: `"in"`}},
	} {
		i.entry.Type = `"terraform_data"`
		r.Actions = append(r.Actions, plan.Action{N: len(r.Actions) + 1, Op: plan.Import, Address: i.address, Type: "terraform_data", ID: i.id, NewStateID: i.id,
			Argv: []string{"import", "-input=false", i.address, i.id}, Entry: i.entry, Undo: []string{}, EventIDs: []string{}, Needs: []string{}})
	}
	s.report = r
	s.must(os.RemoveAll(s.out))
	s.must(WriteAll(s.out, r))
	return s, run
}

// mended fails unless the state holds the four imports and what it held.
func mended(t *testing.T, pulled string) {
	t.Helper()
	var state struct {
		Outputs   map[string]any
		Resources []struct {
			Module, Name string
			Instances    []struct {
				Key        any `json:"index_key"`
				Attributes struct{ ID string }
			}
		}
	}
	if err := json.Unmarshal([]byte(pulled), &state); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range state.Resources {
		for _, i := range r.Instances {
			if r.Name != "kept" {
				key, _ := i.Key.(string)
				got = append(got, strings.Join([]string{r.Module, r.Name, key, i.Attributes.ID}, " "))
			}
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{" a  id-a", " b x<y> id-x", " b é ${x} id ${e} \"q\"", "module.m in  id-m"}, got); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
	if len(state.Resources) < 4 || len(state.Outputs) > 0 {
		t.Errorf("the state holds more or less than it should:\n%s", pulled)
	}
}

func TestImportBlocksMendWhatTerraformImportCannot(t *testing.T) {
	s, run := realStage(t)
	args := []string{"--execute", "--incident", "INC-1", "--yes"}
	s.wants(s.run(append(args, "--one-by-one")...))(1, "Invalid for_each argument")
	// The closing check is Terraform's whole plan, and the for_each fails it.
	s.wants(s.run(args...))(3, "done: 4 together", "Invalid for_each argument")
	mended(t, run("state", "pull"))
	s.wants(s.run("--rollback", "--incident", "INC-1", "--yes"))(0)
	if got := stateIDs(t, run("state", "pull")); len(got) != 1 {
		t.Errorf("after the roll-back: %v", got)
	}
}

func TestARealRehearsalAndItsPush(t *testing.T) {
	s, run := realStage(t)
	work := s.report.Guard.Dir
	fine := strings.Replace(stuck, "terraform_data.later.id", `"fixed"`, 1)
	s.put(filepath.Join(work, "main.tf"), fine)
	s.report.Guard.Files[1].SHA256 = sum(fine)
	s.must(WriteAll(s.out, s.report))
	before := run("state", "pull")
	s.wants(s.run("--rehearse"))(0, "done: 4 together", "The rehearsal passed")
	if run("state", "pull") != before {
		t.Fatal("the rehearsal changed the state")
	}
	if got := s.rehearsal(); !got.Passed || got.Together != 4 || len(got.Updates) != 4 {
		t.Errorf("rehearsal.json says %+v", got)
	}
	args := []string{"--execute", "--incident", "INC-1", "--yes", "--push"}
	s.wants(s.run(args...))(0, "all 4 steps at once")
	mended(t, run("state", "pull"))
	s.wants(s.run(args...))(0)
}
