package render

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"reconcile/internal/plan"
)

func (s *stage) rehearsal() plan.Rehearsal {
	s.t.Helper()
	var r plan.Rehearsal
	dec := json.NewDecoder(strings.NewReader(s.read(filepath.Join(s.out, "rehearsal.json"))))
	dec.DisallowUnknownFields()
	s.must(dec.Decode(&r))
	return r
}

func TestARehearsalWritesNothingReal(t *testing.T) {
	s := manyStage(t, 4)
	s.faults(faults{Plan: planned("aws_route_table.rt[0]", "update") + planned("aws_vpc.later", "create")})
	before := s.read(filepath.Join(s.world, "state.tfstate"))
	s.wants(s.run("--rehearse"))(0, "done: 6 together", "would update in place", "The rehearsal passed")
	if after := s.read(filepath.Join(s.world, "state.tfstate")); after != before {
		t.Error("the state changed")
	}
	s.untouchedFolder()
	for _, argv := range s.commands("aws") {
		if line := strings.Join(argv, " "); strings.Contains(line, "put-item") || strings.Contains(line, "put-object") || strings.Contains(line, "delete") && !strings.Contains(line, "describe") {
			t.Errorf("it ran %q", argv)
		}
	}
	if n := len(s.commands("aws", "dynamodb")); n > 0 {
		t.Errorf("the lock table was asked %d times", n)
	}
	id, err := PlanID(s.report)
	s.must(err)
	got := s.rehearsal()
	want := plan.Rehearsal{Schema: plan.RehearsalSchema, PlanID: id, At: got.At, Passed: true, Terraform: "Terraform 1.11.4", Serial: 4, SHA256: sum(before),
		Steps: 8, Together: 6, Create: 1, Found: []plan.Change{}, Updates: []plan.Change{{Action: "update", Address: "aws_route_table.rt[0]"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rehearsal.json (-want +got):\n%s", diff)
	}
	if left, _ := filepath.Glob(s.private("*")); !slices.Equal(left, []string{s.private("rehearsed"), s.private("rehearsed.tfstate")}) {
		t.Errorf("OUT/private holds %q", left)
	}
	s.wants(s.execute())(0, "rehearsed: passed", "done: serial 7")
}

func TestARehearsalThatFindsSomethingFails(t *testing.T) {
	for name, c := range map[string]struct {
		fault faults
		args  []string
		code  int
		found []plan.Change
		why   string
	}{
		"a replacement":      {faults{Plan: planned("aws_route_table.rt[0]", "replace")}, nil, 3, []plan.Change{{Action: "replace", Address: "aws_route_table.rt[0]"}}, "closing check"},
		"a step fails":       {faults{Fail: "import"}, nil, 1, []plan.Change{}, "step 2 failed"},
		"an object is alive": {faults{Alive: "1"}, nil, 1, []plan.Change{}, "does not confirm"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, nil)
			s.faults(c.fault)
			s.wants(s.run(append([]string{"--rehearse"}, c.args...)...))(c.code)
			got := s.rehearsal()
			if got.Passed || !strings.Contains(got.WhyNot, c.why) || !slices.Equal(got.Found, c.found) {
				t.Errorf("rehearsal.json says %+v", got)
			}
			if diff := cmp.Diff(untouched(), s.ids()); diff != "" {
				t.Errorf("the state changed: %s", diff)
			}
			s.faults(faults{})
			s.wants(s.execute("--push"))(1, "no rehearsal of this plan has passed")
			s.wants(s.execute())(0, "rehearsed: no.")
		})
	}
}

func TestAConfigurationThatNamesItsFolderIsNotRehearsed(t *testing.T) {
	for _, text := range []string{"# ${path.cwd}\n", "# abspath (path.module)\n"} {
		s := newStage(t, func(r *plan.Report) { r.Guard.Files[0].SHA256 = sum(text) })
		s.put(filepath.Join(s.work, "main.tf"), text)
		s.wants(s.run("--rehearse"))(1, "cannot be rehearsed", "main.tf")
		if _, err := os.Stat(filepath.Join(s.out, "rehearsal.json")); err == nil {
			t.Error("there is a rehearsal.json")
		}
	}
}

func TestRehearseTakesNoWordThatItDoesNotNeed(t *testing.T) {
	for _, args := range [][]string{{"--rehearse", "--incident", "INC-1"}, {"--rehearse", "--execute"}, {"--rehearse", "--push"}, {"--rollback", "--push"}} {
		s := newStage(t, nil)
		s.wants(s.run(args...))(1, "reconcile: ")
		if log := s.commands(); len(log) > 0 {
			t.Errorf("%q ran %q", args, log)
		}
	}
}

func TestTheRehearsedStateIsPutInPlaceAtOnce(t *testing.T) {
	s := manyStage(t, 4)
	s.wants(s.run("--rehearse"))(0)
	s.wants(s.execute("--push"))(0, "all 8 steps at once", "done: serial 7", "nothing against it")
	if diff := cmp.Diff(manyReconciled(4), s.ids()); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
	if n := len(s.commands("terraform", "state", "push")); n != 1 {
		t.Errorf("%d pushes, want 1", n)
	}
	if s.mutexHeld() {
		t.Error("the mutex is not released")
	}
	s.wants(s.execute("--push"))(0, "nothing against it")
	s.wants(s.execute())(0, "skipped: done before")
	if n := len(s.commands("terraform", "state", "push")); n != 1 {
		t.Errorf("run again: %d pushes, want 1", n)
	}
	s.wants(s.run(rollingBack...))(0, "rolled back")
	if diff := cmp.Diff(untouched(), s.ids()); diff != "" {
		t.Errorf("after the roll-back (-want +got):\n%s", diff)
	}
}

func TestAPushThatDiedIsKnown(t *testing.T) {
	s := manyStage(t, 3)
	s.wants(s.run("--rehearse"))(0)
	s.faults(faults{KillAtWrite: 1})
	s.wants(s.execute("--push"))(-1)
	s.faults(faults{})
	s.wants(s.execute("--push"))(0, "resuming: the mutex")
	if n := len(s.commands("terraform", "state", "push")); n != 1 {
		t.Errorf("%d pushes, want 1", n)
	}
	if diff := cmp.Diff(manyReconciled(3), s.ids()); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
}

func TestAPushOfAFirstApplyIsRolledBack(t *testing.T) {
	s := newStage(t, func(r *plan.Report) {
		r.Guard.EmptyState, r.State = true, plan.State{Format: "none"}
		r.Actions = r.Actions[1:3]
	})
	s.must(os.Remove(filepath.Join(s.world, "items", rowFile(stateRow+"-md5"))))
	s.must(os.Remove(filepath.Join(s.world, "state.tfstate")))
	s.wants(s.run("--rehearse"))(0)
	s.wants(s.execute("--push"))(0)
	if n := len(s.ids()); n != 2 {
		t.Errorf("the state holds %v", s.ids())
	}
	s.wants(s.run(rollingBack...))(0, "rolled back")
	if got := s.ids(); len(got) > 0 {
		t.Errorf("after the roll-back the state holds %v", got)
	}
}

func TestAPushRefusesWhere(t *testing.T) {
	for name, c := range map[string]struct {
		stage func(s *stage)
		says  string
	}{
		"the rehearsed state was written to": {func(s *stage) {
			s.put(s.private("rehearsed.tfstate"), strings.Replace(s.read(s.private("rehearsed.tfstate")), "rtb-9", "rtb-8", 1))
		}, "is not the state that the rehearsal made"},
		"another plan was rehearsed": {func(s *stage) {
			s.put(s.private("rehearsed"), strings.Replace(s.read(s.private("rehearsed")), s.read(s.private("rehearsed"))[:8], "00000000", 1))
		}, "no rehearsal of this plan"},
		"another state was rehearsed": {func(s *stage) {
			f := strings.Fields(s.read(s.private("rehearsed")))
			f[1] = strings.Repeat("0", 64)
			s.put(s.private("rehearsed"), strings.Join(f, " ")+"\n")
		}, "not the one that was rehearsed"},
		"it was long ago": {func(s *stage) {
			f := strings.Fields(s.read(s.private("rehearsed")))
			f[3] = "1000000000"
			s.put(s.private("rehearsed"), strings.Join(f, " ")+"\n")
		}, "minutes old"},
		"the object of a removal is alive": {func(s *stage) { s.faults(faults{Alive: "1"}) }, "does not confirm"},
		"a step was run already":           {func(s *stage) { s.faults(faults{Fail: "untaint"}); s.execute(); s.faults(faults{}) }, "was run already"},
		"the lock has changed hands":       {func(*stage) { setLock("00000000-1111-2222-3333-444444444444") }, "locked by another run"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, nil)
			s.wants(s.run("--rehearse"))(0)
			c.stage(s)
			s.wants(s.execute("--push"))(1, c.says)
			if n := len(s.commands("terraform", "state", "push")); n > 0 {
				t.Errorf("%d pushes", n)
			}
		})
	}
}

// Terraform's last word is pushed on the copy first, as it will be for real.
func TestARehearsalBeginsWithTheErroredState(t *testing.T) {
	s := pushStage(t, nil)
	s.wants(s.run("--rehearse"))(0, "step 1 of 2: state push", "The rehearsal passed")
	s.holds(before())
	s.wants(s.execute("--push"))(0, "all 2 steps at once")
	s.holds(pushed())
	s.wants(s.run(rollingBack...))(0, "rolled back")
	s.holds(before())
}
