package render

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"reconcile/internal/plan"
)

func TestRefusesBeforeAnyTerraformCommand(t *testing.T) {
	for name, c := range map[string]struct {
		change func(r *plan.Report)
		stage  func(s *stage)
		args   []string
		says   string
	}{
		"no incident":           {args: []string{"--execute", "--yes", "--holder-dead", lockID}, says: "--incident is missing"},
		"another incident":      {args: []string{"--execute", "--yes", "--holder-dead", lockID, "--incident", "INC-2"}, says: "not the incident"},
		"holder not named dead": {args: []string{"--execute", "--yes", "--incident", "INC-1"}, says: "held state lock"},
		"another holder dead":   {args: []string{"--execute", "--yes", "--incident", "INC-1", "--holder-dead", "x"}, says: "another lock"},
		"dead without a lock": {change: func(r *plan.Report) { r.Lock.Status, r.Lock.ID = "none", "" }, args: executing,
			says: "saw no held lock"},
		"unknown argument":    {args: append(slices.Clone(executing), "--force"), says: "unknown argument: --force"},
		"no mode":             {args: []string{"--incident", "INC-1"}, says: "neither --execute nor"},
		"both modes":          {args: append(slices.Clone(executing), "--rollback"), says: "contradict each other"},
		"value missing":       {args: []string{"--execute", "--incident"}, says: "needs a value"},
		"no terminal, no yes": {args: executing[:len(executing)-1], says: "no terminal"},
		"incomplete":          {change: func(r *plan.Report) { r.Incomplete = []string{"the trail is late"} }, says: "the trail is late"},
		"not executable": {change: func(r *plan.Report) { r.Guard.Executable, r.Guard.WhyNot = false, "the raw state was not given" },
			says: "the raw state was not given"},
		"stale": {change: func(r *plan.Report) { r.GeneratedAt = r.GeneratedAt.Add(-maxAge - 1e10) }, says: "--allow-stale-plan"},
		"removal that AWS cannot be asked about": {change: func(r *plan.Report) { r.Actions[0].Confirm = nil },
			says: "names no way to ask AWS"},
		"directory gone": {stage: func(s *stage) { s.must(os.Rename(s.work, s.work+"2")) }, says: "cannot be entered"},
		"file changed":   {stage: func(s *stage) { s.put(filepath.Join(s.work, "main.tf"), "# other\n") }, says: "has changed since the plan was made: main.tf"},
		"file gone":      {stage: func(s *stage) { s.must(os.Remove(filepath.Join(s.work, "main.tf"))) }, says: "is gone: main.tf"},
		"file added":     {stage: func(s *stage) { s.put(filepath.Join(s.work, "modules/net/more.tf.json"), "{}") }, says: "has appeared since the plan was made: modules/net/more.tf.json"},
		"not initialised": {stage: func(s *stage) { s.must(os.Remove(filepath.Join(s.work, ".terraform/terraform.tfstate"))) },
			says: "not initialised"},
		"another bucket": {stage: func(s *stage) {
			s.put(filepath.Join(s.work, ".terraform/terraform.tfstate"), strings.Replace(workspaceRecord, "tf-state-prod", "tf-state-dev", 1))
		}, says: "backend's bucket"},
		"another key": {stage: func(s *stage) {
			s.put(filepath.Join(s.work, ".terraform/terraform.tfstate"), strings.Replace(workspaceRecord, "env/prod/", "env/dev/", 1))
		}, says: "backend's key"},
		"no table any more": {stage: func(s *stage) {
			s.put(filepath.Join(s.work, ".terraform/terraform.tfstate"), strings.Replace(workspaceRecord, `"tf-locks"`, "null", 1))
		}, says: "backend's dynamodb_table"},
		"a backend where there was none": {change: func(r *plan.Report) { r.Backend, r.Lock.Status = nil, "none" },
			args: []string{"--execute", "--yes", "--incident", "INC-1"}, says: "has a backend now"},
		"workspace by environment": {stage: func(s *stage) { s.env = append(s.env, "TF_WORKSPACE=typo") }, says: "workspace is not"},
		"workspace by file": {stage: func(s *stage) { s.put(filepath.Join(s.work, ".terraform/environment"), "staging") },
			says: "workspace is not"},
		"variable not set": {change: func(r *plan.Report) { r.Guard.Vars = []string{"db-password"} }, says: "no TF_VAR_db-password"},
		"variable file gone": {change: func(r *plan.Report) { r.Guard.VarFiles = []string{filepath.Join(r.Guard.Dir, "nosuch.tfvars")} },
			says: "variable file"},
		"another version": {stage: func(s *stage) { s.faults(faults{Version: "Terraform v1.12.0"}) }, says: "is version 1.12.0, the plan was made for 1.11.4"},
		"another account": {stage: func(s *stage) { s.faults(faults{Account: "999999999999"}) }, says: "belong to account 999999999999"},
		"another responder": {stage: func(s *stage) {
			row := fmt.Sprintf(`{"LockID":{"S":%q},"Info":{"S":"{\"Incident\":\"INC-9\",\"Who\":\"eve\"}"},"ReconcileToken":{"S":"ff"}}`, stateRow+"-reconcile")
			s.put(filepath.Join(s.world, "items", rowFile(stateRow+"-reconcile")), row)
		}, says: `"Who":"eve"`},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, c.change)
			if c.stage != nil {
				c.stage(s)
			}
			args := c.args
			if args == nil {
				args = executing
			}
			s.wants(s.run(args...))(1, c.says, "reconcile: ")
			for _, argv := range s.commands("terraform") {
				if argv[1] != "version" {
					t.Errorf("it ran %q", argv)
				}
			}
			if diff := cmp.Diff(untouched(), s.ids()); diff != "" {
				t.Errorf("the state changed: %s", diff)
			}
			if name != "another responder" && s.mutexHeld() {
				t.Error("the mutex stays")
			}
		})
	}
}

func TestStopsAndLeavesTheStateWhere(t *testing.T) {
	changeState := func(f func(state *fakeState)) func(s *stage) {
		return func(s *stage) {
			state, _ := loadState()
			f(state)
			s.put(filepath.Join(s.world, "state.tfstate"), string(state.text()))
			putDigest(state.text())
		}
	}
	for name, c := range map[string]struct {
		change func(r *plan.Report)
		stage  func(s *stage)
		says   string
	}{
		"the lock is gone": {stage: func(s *stage) { s.must(os.Remove(filepath.Join(s.world, "items", rowFile(stateRow)))) },
			says: "is gone"},
		"the lock changed hands": {stage: func(*stage) { setLock("00000000-1111-2222-3333-444444444444") },
			says: "locked by another run now: 00000000-1111-2222-3333-444444444444"},
		"the serial moved":  {stage: changeState(func(f *fakeState) { f.Serial++ }), says: "serial 5, the plan read 4"},
		"another lineage":   {stage: changeState(func(f *fakeState) { f.Lineage = "aaaa" }), says: "lineage differs"},
		"other content":     {stage: changeState(func(f *fakeState) { f.Resources[3].Instances[0].Attributes["id"] = "vpc-2" }), says: "other content"},
		"the pull fails":    {stage: func(s *stage) { s.faults(faults{Fail: "state pull"}) }, says: "state pull failed"},
		"the object lives":  {stage: func(s *stage) { s.faults(faults{Alive: "1"}) }, says: "AWS answers: 1"},
		"AWS is not sure":   {stage: func(s *stage) { s.faults(faults{AliveCode: "UnauthorizedOperation"}) }, says: "does not confirm"},
		"AWS says nothing":  {stage: func(s *stage) { s.faults(faults{Alive: "None"}) }, says: "AWS answers: None"},
		"the removal fails": {stage: func(s *stage) { s.faults(faults{Fail: "state rm"}) }, says: "step 1 failed"},
		"a state where there was none": {change: func(r *plan.Report) { r.Guard.EmptyState, r.State = true, plan.State{Format: "none"} },
			says: "there is one now"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, c.change)
			if c.stage != nil {
				c.stage(s)
			}
			before := s.read(filepath.Join(s.world, "state.tfstate"))
			s.wants(s.execute())(1, c.says, "hint: ")
			if after := s.read(filepath.Join(s.world, "state.tfstate")); after != before {
				t.Error("the state changed")
			}
			if got := s.mutexHeld(); got != (name == "the removal fails") {
				t.Errorf("mutex held: %v", got)
			}
		})
	}
}

func TestStepsThatTheStateHasAlreadyAreSkipped(t *testing.T) {
	s := newStage(t, func(r *plan.Report) {
		r.Actions[0].OldStateID = "subnet-0" // removed and imported before: the state holds the new one
		r.Actions[1].NewStateID = "subnet-1"
		r.Actions[3].Op, r.Actions[3].Argv = plan.StateRm, []string{"state", "rm", "aws_eip.other"}
		r.Actions[3].Address, r.Actions[3].Entry.Name = "aws_eip.other", `"other"`
		r.Actions[3].Releases = true
	})
	s.wants(s.execute())(0, "skipped: the state has the new object already", "skipped: the state has it already", "skipped: the state does not have it")
	if got := s.state().Serial; got != 5 {
		t.Errorf("serial %d, want 5: one import", got)
	}
}

func TestAnObjectThatThePlanDidNotSeeStopsTheStep(t *testing.T) {
	s := newStage(t, func(r *plan.Report) { r.Actions[0].OldStateID = "subnet-0" })
	s.wants(s.execute())(1, `step 1: the state holds "subnet-1" at the address`)
	if diff := cmp.Diff(untouched(), s.ids()); diff != "" {
		t.Errorf("the state changed: %s", diff)
	}
}
