package render

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"reconcile/internal/plan"
)

func reconciled() map[string]string {
	return map[string]string{
		"aws_vpc.main":                    "vpc-1",
		`module.net.aws_subnet.a["data"]`: "subnet-2",
		"aws_route_table.rt[0]":           "rtb-9",
		"aws_eip.nat":                     "eipalloc-2",
	}
}

func untouched() map[string]string {
	return map[string]string{"aws_vpc.main": "vpc-1", `module.net.aws_subnet.a["data"]`: "subnet-1", "aws_eip.nat": "eipalloc-2!"}
}

func TestDryRunRunsNothing(t *testing.T) {
	s := newStage(t, nil)
	s.wants(s.run())(0, "step 1 of 4", "why        the session deleted it", "terraform state rm", "--holder-dead "+lockID)
	if log := s.commands(); len(log) > 0 {
		t.Errorf("it ran %q", log)
	}
	if _, err := os.Stat(s.private("")); err == nil {
		t.Error("it made files")
	}
}

func TestExecuteReconcilesOnceAndThenChangesNothing(t *testing.T) {
	s := newStage(t, nil)
	s.wants(s.execute())(0, "done: serial 5", "done: serial 8", "reconcile verify", "nothing against it")
	if diff := cmp.Diff(reconciled(), s.ids()); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
	if s.mutexHeld() {
		t.Error("the mutex is not released")
	}
	var left []string
	s.must(filepath.WalkDir(s.private(""), func(path string, d fs.DirEntry, err error) error {
		info, statErr := d.Info()
		if statErr != nil {
			return statErr
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %v", path, info.Mode())
		}
		if !d.IsDir() {
			left = append(left, d.Name())
		}
		return err
	}))
	if want := []string{"backup.tfstate", "journal", "last.index"}; !slices.Equal(left, want) {
		t.Errorf("OUT/private holds %q, want %q", left, want)
	}
	if got := s.commands("terraform", "import")[0]; !slices.Equal(got[1:], []string{"import", "-input=false", "-no-color", "-lock=false", `module.net.aws_subnet.a["data"]`, "subnet-2"}) {
		t.Errorf("import ran as %q", got)
	}
	s.wants(s.execute())(0, "skipped: done before", "nothing against it")
	if got := s.state().Serial; got != 8 {
		t.Errorf("the second run changed the state: serial %d", got)
	}
}

// The lock is read right before every command that writes or plans.
func TestLockIsReadBeforeEveryCommandThatNeedsIt(t *testing.T) {
	s := newStage(t, nil)
	s.wants(s.execute())(0)
	s.looksAtTheLock()
	// One at the start, one for each of four steps, one for the closing plan;
	// the mutex is put, not read.
	if got := len(s.commands("aws", "dynamodb", "get-item")); got != 6 {
		t.Errorf("the table was read %d times, want 6: each costs about a second", got)
	}
	if got := len(s.commands("terraform", "state", "pull")); got != 5 {
		t.Errorf("the state was pulled %d times, want 5", got)
	}
}

func TestTerraformsOwnWordsReachNoTerminalUncleaned(t *testing.T) {
	s := newStage(t, nil)
	s.faults(faults{Fail: "import"})
	code, text := s.execute()
	s.wants(code, text)(1, "no luck", "step 2 failed", "the journal is kept")
	if strings.ContainsAny(text, "\x1b\u202e") {
		t.Errorf("control characters reach the terminal: %q", text)
	}
}

func TestWithoutALockTerraformTakesItsOwn(t *testing.T) {
	free := func(r *plan.Report) { r.Lock.Status, r.Lock.ID = "none", "" }
	args := []string{"--execute", "--incident", "INC-1", "--yes"}
	s := newStage(t, free)
	s.wants(s.run(args...))(1, "is locked now, and was not")
	s.must(os.Remove(filepath.Join(s.world, "items", rowFile(stateRow))))
	s.wants(s.run(args...))(0)
	for _, argv := range s.commands("terraform") {
		if slices.Contains(argv, "-lock=false") {
			t.Errorf("%q runs without the lock", argv)
		}
	}
	if got := s.commands("terraform", "import")[0]; !slices.Contains(got, "-lock-timeout=60s") {
		t.Errorf("import ran as %q", got)
	}
}

func TestLockFileOfS3IsReadAndItsMutexHeld(t *testing.T) {
	s := newStage(t, func(r *plan.Report) {
		r.Backend.DynamoDBTable, r.Backend.UseLockfile, r.Lock.Form = "", true, "s3"
	})
	s.put(filepath.Join(s.work, ".terraform/terraform.tfstate"), strings.Replace(workspaceRecord, `"tf-locks"`, "null", 1))
	s.must(os.RemoveAll(filepath.Join(s.world, "items")))
	s.faults(faults{KillAtWrite: 2})
	s.wants(s.execute())(-1)
	if !s.mutexHeld() {
		t.Error("a killed run gave the mutex up")
	}
	s.faults(faults{})
	s.wants(s.execute())(0, "resuming: the mutex", "skipped: done before")
	if s.mutexHeld() {
		t.Error("the mutex is not released")
	}
	if diff := cmp.Diff(reconciled(), s.ids()); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
}

func TestFirstApplyStartsFromNoState(t *testing.T) {
	for _, pulled := range []string{"", "serial 0"} {
		t.Run("pull: "+pulled, func(t *testing.T) {
			s := newStage(t, func(r *plan.Report) {
				r.Guard.EmptyState, r.State = true, plan.State{Format: "none"}
				r.Actions = r.Actions[1:3]
			})
			s.must(os.RemoveAll(filepath.Join(s.world, "items", rowFile(stateRow+"-md5"))))
			s.must(os.Remove(filepath.Join(s.world, "state.tfstate")))
			if pulled != "" {
				empty := &fakeState{Version: 4, TerraformVersion: "1.11.4", Outputs: map[string]any{}, Resources: []*fakeResource{}}
				s.put(filepath.Join(s.world, "state.tfstate"), string(empty.text()))
			}
			s.faults(faults{KillAtWrite: 1})
			s.wants(s.execute())(-1)
			s.faults(faults{})
			s.wants(s.execute())(0, "resuming: step 1 was done", "done: serial 2")
			rollback := []string{"--rollback", "--incident", "INC-1", "--holder-dead", lockID, "--yes"}
			s.wants(s.run(rollback...))(0, "rolled back")
			if got := s.ids(); len(got) > 0 {
				t.Errorf("after the roll-back the state holds %v", got)
			}
		})
	}
}

func TestWithoutABackendTheMutexIsAFolder(t *testing.T) {
	s := newStage(t, func(r *plan.Report) { r.Backend, r.Lock.Status = nil, "none" })
	s.must(os.Remove(filepath.Join(s.work, ".terraform/terraform.tfstate")))
	s.faults(faults{KillAtWrite: 1})
	args := []string{"--execute", "--incident", "INC-1", "--yes"}
	s.wants(s.run(args...))(-1)
	if !s.mutexHeld() {
		t.Error("there is no mutex")
	}
	s.faults(faults{})
	s.wants(s.run(args...))(0)
	if s.mutexHeld() {
		t.Error("the mutex is not released")
	}
}

func TestTofuOfAnotherVersionIsWarnedOf(t *testing.T) {
	s := newStage(t, nil)
	s.faults(faults{Version: "OpenTofu v1.9.0"})
	s.must(os.Rename(filepath.Join(s.bin, "terraform"), filepath.Join(s.bin, "tofu.d")))
	s.must(os.MkdirAll(filepath.Join(s.bin, "t"), 0o755))
	s.must(os.Rename(filepath.Join(s.bin, "tofu.d"), filepath.Join(s.bin, "t", "terraform")))
	s.env = append(s.env, "TF_BIN="+filepath.Join(s.bin, "t", "terraform"))
	s.wants(s.execute())(0, "OpenTofu 1.9.0 runs a plan that was made for 1.11.4")
}

func TestVariablesGoToImportAndPlanOnly(t *testing.T) {
	var file string
	s := newStage(t, func(r *plan.Report) {
		file = filepath.Join(r.Guard.Dir, "prod vars.tfvars")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		r.Guard.VarFiles, r.Guard.Vars = []string{file}, []string{"secret"}
	})
	s.env = append(s.env, "TF_VAR_secret=")
	s.wants(s.execute())(0)
	for _, argv := range s.commands("terraform") {
		want := argv[1] == "import" || argv[1] == "plan"
		if got := slices.Contains(argv, "-var-file="+file); got != want {
			t.Errorf("%q: variable file %v, want %v", argv, got, want)
		}
	}
}

func planned(address, action string) string {
	a, _ := json.Marshal(address)
	return fmt.Sprintf(`{"@level":"info","@message":"x: Plan to %s \"action\":\"create\"","@module":"terraform.ui","change":{"resource":{"addr":%s,"module":"","resource_key":"},\"action\":\"delete\""},"action":%q,"reason":"cannot_update"},"type":"planned_change"}`+"\n", action, a, action)
}

func TestClosingCheck(t *testing.T) {
	const alive = `aws_route.hub["<a&b>"]`
	known := func(cannot, safe bool) func(r *plan.Report) {
		return func(r *plan.Report) {
			r.Guard.KnownAlive = []plan.Alive{{Address: alive, ID: "r-1", CannotImport: cannot, CreateIsSafe: safe, Why: "the type cannot be imported"}}
		}
	}
	ours := `module.net.aws_subnet.a["data"]`
	for name, c := range map[string]struct {
		change func(r *plan.Report)
		fault  faults
		args   []string
		code   int
		says   []string
	}{
		"would replace an import":    {fault: faults{Plan: planned(ours, "replace")}, code: 3, says: []string{"FOUND", "replace", "Do not release the lock"}},
		"would create an import":     {fault: faults{Plan: planned(ours, "create")}, code: 3, says: []string{"FOUND"}},
		"would destroy the untaint":  {fault: faults{Plan: planned("aws_eip.nat", "delete")}, code: 3, says: []string{"FOUND"}},
		"would update an import":     {fault: faults{Plan: planned(ours, "update")}, says: []string{"would update in place", "nothing else to change"}},
		"would create what is alive": {change: known(false, false), fault: faults{Plan: planned(alive, "create")}, code: 3, says: []string{"alive and known"}},
		"alive, accepted": {change: known(false, false), fault: faults{Plan: planned(alive, "create")}, args: []string{"--accept-incomplete"},
			says: []string{"***", "accepted by --accept-incomplete"}},
		"alive, no import, AWS may refuse": {change: known(true, false), fault: faults{Plan: planned(alive, "create")}, says: []string{"***", "AWS may refuse that", "cannot be imported"}},
		"alive, safe to create":            {change: known(true, true), fault: faults{Plan: planned(alive, "create")}, says: []string{"changes nothing", "cannot be imported"}},
		"the rest of the apply": {fault: faults{Plan: planned("aws_vpc.b", "create") + planned("aws_vpc.c", "replace") + planned("aws_vpc.d", "update") + planned("data.x.y", "read")},
			says: []string{"create 2, update 1, destroy 1"}},
		"plan fails": {fault: faults{PlanFails: true}, code: 3, says: []string{`Bad: line "one" two`, "terraform plan fails"}},
		"a change that cannot be read": {fault: faults{Plan: `{"changed":"shape","type":"planned_change"}` + "\n"}, code: 3,
			says: []string{"cannot be read"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, c.change)
			s.faults(c.fault)
			s.wants(s.execute(c.args...))(c.code, c.says...)
			if s.mutexHeld() {
				t.Error("the mutex is not released")
			}
			if _, err := os.Stat(s.private("closing-plan.jsonl")); err == nil {
				t.Error("the plan stays on the disk")
			}
		})
	}
}

func TestNothingToDoStillChecks(t *testing.T) {
	s := newStage(t, func(r *plan.Report) { r.Actions = nil })
	s.wants(s.execute())(0, "nothing against it")
	if diff := cmp.Diff(untouched(), s.ids()); diff != "" {
		t.Errorf("the state changed: %s", diff)
	}
	if len(s.commands("terraform", "plan")) != 1 {
		t.Error("there was no closing check")
	}
}

func TestReconciledIsWhatTheSampleSays(t *testing.T) {
	want := untouched()
	for _, a := range sample().Actions {
		want[a.Address] = a.NewStateID
	}
	if diff := cmp.Diff(want, reconciled()); diff != "" {
		t.Error(diff)
	}
}
