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

// lastWord is what Terraform could not save in the stage's incident: the subnet
// is replaced, a route table is there, an address is tainted.
func lastWord(serial int) *fakeState {
	return &fakeState{Version: 4, TerraformVersion: "1.11.4", Serial: serial, Lineage: lineage, Outputs: map[string]any{},
		Resources: []*fakeResource{
			{Module: "module.net", Mode: "managed", Type: "aws_subnet", Name: "a", Provider: "p", Instances: []*fakeInstance{
				{IndexKey: "data", Attributes: map[string]any{"id": "subnet-2"}, Sensitive: []any{}}}},
			{Mode: "managed", Type: "aws_eip", Name: "nat", Provider: "p", Instances: []*fakeInstance{{Status: "tainted", Attributes: map[string]any{"id": "eipalloc-2", "secret": "hunter2"}, Sensitive: []any{}}}},
			{Mode: "managed", Type: "aws_route_table", Name: "rt", Provider: "p", Instances: []*fakeInstance{{IndexKey: 0, Attributes: map[string]any{"id": "rtb-9"}, Sensitive: []any{}}}},
			{Mode: "managed", Type: "aws_vpc", Name: "main", Provider: "p", Instances: []*fakeInstance{{Attributes: map[string]any{"id": "vpc-1"}, Sensitive: []any{}}}},
		}}
}

// pushStage is a stage whose plan pushes the last word and then untaints.
func pushStage(t *testing.T, change func(r *plan.Report)) *stage {
	t.Helper()
	word := string(lastWord(5).text())
	source := filepath.Join(t.TempDir(), "errored.tfstate")
	if err := os.WriteFile(source, []byte(word), 0o644); err != nil {
		t.Fatal(err)
	}
	s := newStage(t, func(r *plan.Report) {
		r.Errored = &plan.Errored{Source: source, Lineage: lineage, Serial: 5, SHA256: sum(word)}
		untaint := r.Actions[3]
		untaint.N = 2
		r.Actions = []plan.Action{{N: 1, Op: plan.StatePush, ID: "serial 5", Argv: []string{"state", "push", plan.ErroredCopy}, Why: "Terraform's last word",
			Undo: []string{}, EventIDs: []string{}, Needs: []string{}}, untaint}
		if change != nil {
			change(r)
		}
	})
	s.must(KeepErrored(s.out, s.report))
	return s
}

func pushed() map[string]string {
	return map[string]string{`module.net.aws_subnet.a["data"]`: "subnet-2", "aws_eip.nat": "eipalloc-2", "aws_route_table.rt[0]": "rtb-9", "aws_vpc.main": "vpc-1"}
}

func before() map[string]string {
	return map[string]string{`module.net.aws_subnet.a["data"]`: "subnet-1", "aws_eip.nat": "eipalloc-2!", "aws_vpc.main": "vpc-1"}
}

func (s *stage) holds(want map[string]string) {
	s.t.Helper()
	if diff := cmp.Diff(want, s.ids()); diff != "" {
		s.t.Fatalf("state (-want +got):\n%s", diff)
	}
}

func TestTheErroredStateIsPushedFirst(t *testing.T) {
	for _, bumps := range []bool{false, true} {
		t.Run(fmt.Sprint("bumps ", bumps), func(t *testing.T) {
			s := pushStage(t, nil)
			s.faults(faults{PushBumps: bumps})
			s.wants(s.run())(0, "state push  errored.tfstate  serial 5", "terraform state push private/errored.tfstate")
			if got := len(s.commands()); got != 0 {
				t.Errorf("the dry run ran %d commands", got)
			}
			s.wants(s.execute())(0, "step 1 of 2: state push", "step 2 of 2: untaint")
			s.holds(pushed())
			serial := s.state().Serial
			s.wants(s.execute())(0)
			if s.state().Serial != serial {
				t.Error("the second run wrote the state")
			}
			want := [][]string{{"terraform", "state", "push", "-lock=false", s.private("errored.tfstate")}}
			if diff := cmp.Diff(want, s.commands("terraform", "state", "push")); diff != "" {
				t.Error(diff)
			}
			s.wants(s.run(rollingBack...))(0, "rolled back")
			s.holds(before())
		})
	}
}

// TestTheErroredStateIsNobodyElsesToRead holds for the copy, which has secrets,
// and for everything that is printed or attached.
func TestTheErroredStateIsNobodyElsesToRead(t *testing.T) {
	s := pushStage(t, nil)
	for path, mode := range map[string]os.FileMode{s.private("errored.tfstate"): 0o600, s.private(""): 0o700 | os.ModeDir} {
		info, err := os.Stat(path)
		s.must(err)
		if info.Mode() != mode {
			t.Errorf("%s is %v", path, info.Mode())
		}
	}
	_, text := s.execute()
	for _, name := range []string{"reconcile.sh", "report.json", "summary.txt"} {
		text += s.read(filepath.Join(s.out, name))
	}
	if strings.Contains(text, "hunter2") {
		t.Error("a secret of the errored state is in an output")
	}
	s.report.Errored = nil
	s.must(KeepErrored(s.out, s.report))
	if _, err := os.Stat(s.private("errored.tfstate")); !os.IsNotExist(err) {
		t.Error("a plan without an errored state leaves an earlier one's copy")
	}
}

func TestAnErroredStateThatIsNotThePlansIsNotPushed(t *testing.T) {
	for name, c := range map[string]struct {
		bad  func(s *stage)
		says string
	}{
		"changed": {func(s *stage) { s.put(s.private("errored.tfstate"), string(lastWord(9).text())) }, "is not the one that the plan read"},
		"missing": {func(s *stage) { s.must(os.Remove(s.private("errored.tfstate"))) }, "is missing"},
		"the state has moved on": {func(s *stage) {
			st := lastWord(5)
			s.put(filepath.Join(s.world, "state.tfstate"), string(st.text()))
			putDigest(st.text())
		}, "the state has changed since the plan was made"},
	} {
		t.Run(name, func(t *testing.T) {
			s := pushStage(t, nil)
			c.bad(s)
			s.wants(s.execute())(1, c.says)
			if got := len(s.commands("terraform", "state", "push")); got != 0 {
				t.Errorf("%d pushes", got)
			}
		})
	}
}

func TestAPushThatIsKilledEndsWell(t *testing.T) {
	for n := 1; n <= 2; n++ {
		for _, bumps := range []bool{false, true} {
			for _, tear := range []bool{false, true} {
				t.Run(fmt.Sprintf("write %d bumps %v tear %v", n, bumps, tear), func(t *testing.T) {
					s := pushStage(t, nil)
					s.faults(faults{KillAtWrite: n, PushBumps: bumps, Tear: tear})
					s.wants(s.execute())(-1)
					s.faults(faults{PushBumps: bumps})
					if tear {
						state := s.read(filepath.Join(s.world, "state.tfstate"))
						s.wants(s.execute())(1, md5Hex(state), "Digest = :old")
						putDigest([]byte(state))
					}
					s.wants(s.execute())(0, fmt.Sprintf("resuming: step %d was done by the run that died", n))
					s.holds(pushed())
					if got := len(s.commands("terraform", "state", "push")); got != 1 {
						t.Errorf("%d pushes", got)
					}
					s.wants(s.run(rollingBack...))(0, "rolled back")
					s.holds(before())
				})
			}
		}
	}
}

func TestSomebodyElsesWriteAfterThePushStops(t *testing.T) {
	s := pushStage(t, nil)
	s.faults(faults{ForeignAt: 1, PushBumps: true})
	s.wants(s.execute())(1, "step 1 ran, but the state is not what it should have made of it")
	if got := len(s.commands("terraform", "untaint")); got != 0 {
		t.Error("a later step ran")
	}
}

func TestAPushOntoNothingIsRolledBackToNothing(t *testing.T) {
	for _, kill := range []int{0, 1} {
		t.Run(fmt.Sprint("kill ", kill), func(t *testing.T) {
			s := pushStage(t, func(r *plan.Report) {
				r.Guard.EmptyState = true
				r.State = plan.State{Source: "none", Format: "none"}
			})
			s.must(os.Remove(filepath.Join(s.world, "state.tfstate")))
			s.must(os.Remove(filepath.Join(s.world, "items", rowFile(stateRow+"-md5"))))
			if kill > 0 {
				s.faults(faults{KillAtWrite: kill})
				s.wants(s.execute())(-1)
				s.faults(faults{})
			}
			s.wants(s.execute())(0)
			s.holds(pushed())
			s.faults(faults{KillAtWrite: 3})
			s.wants(s.run(rollingBack...))(-1)
			s.faults(faults{})
			s.wants(s.run(rollingBack...))(0, "rolled back")
			s.holds(map[string]string{})
			if got := s.state().Lineage; got != lineage {
				t.Errorf("lineage %s", got)
			}
		})
	}
}

func TestWithoutALockThePushTakesIt(t *testing.T) {
	s := pushStage(t, func(r *plan.Report) { r.Lock.Status, r.Lock.ID = "none", "" })
	s.must(os.Remove(filepath.Join(s.world, "items", rowFile(stateRow))))
	s.wants(s.run("--execute", "--incident", "INC-1", "--yes"))(0)
	s.holds(pushed())
	if got := s.commands("terraform", "state", "push"); len(got) != 1 || !slices.Contains(got[0], "-lock-timeout=60s") {
		t.Errorf("%v", got)
	}
}

func TestAPushThatIsNotFirstMakesNoScript(t *testing.T) {
	r := sample()
	push := plan.Action{N: 5, Op: plan.StatePush, Argv: []string{"state", "push", plan.ErroredCopy}}
	for name, change := range map[string]func(){
		"last":                     func() { r.Actions = append(sample().Actions, push); r.Errored = &plan.Errored{SHA256: "x"} },
		"without an errored state": func() { r.Actions = []plan.Action{push}; r.Errored = nil },
		"of another file": func() {
			other := push
			other.Argv = []string{"state", "push", "/etc/passwd"}
			r.Actions, r.Errored = []plan.Action{other}, &plan.Errored{SHA256: "x"}
		},
		"forced": func() {
			other := push
			other.Argv = []string{"state", "push", "-force", plan.ErroredCopy}
			r.Actions, r.Errored = []plan.Action{other}, &plan.Errored{SHA256: "x"}
		},
		"forgotten": func() { r.Actions, r.Errored = sample().Actions, &plan.Errored{SHA256: "x"} },
	} {
		change()
		if err := Shell(new(strings.Builder), r, Options{}); err == nil {
			t.Errorf("%s: there is a script", name)
		}
	}
}

func TestOnlyTheStateThatWasReadIsCopied(t *testing.T) {
	source := filepath.Join(t.TempDir(), "errored.tfstate")
	if err := os.WriteFile(source, []byte("other"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	r := sample()
	r.Errored = &plan.Errored{Source: source, SHA256: sum("read")}
	if err := KeepErrored(out, r); err == nil || !strings.Contains(err.Error(), "has changed while the plan was made") {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(filepath.Join(out, "private")); len(entries) != 0 {
		t.Errorf("%v", entries)
	}
}
