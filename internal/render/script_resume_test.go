package render

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"reconcile/internal/need"
	"reconcile/internal/plan"
)

var rollingBack = []string{"--rollback", "--incident", "INC-1", "--holder-dead", lockID, "--yes"}

func TestKilledAtAnyStateWriteItEndsWell(t *testing.T) {
	for n := 1; n <= 4; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			s := newStage(t, nil)
			s.faults(faults{KillAtWrite: n})
			s.wants(s.execute())(-1)
			if !s.mutexHeld() {
				t.Error("a killed run gave the mutex up")
			}
			s.faults(faults{})
			s.wants(s.execute())(0, "resuming: the mutex", fmt.Sprintf("resuming: step %d was done by the run that died", n))
			if diff := cmp.Diff(reconciled(), s.ids()); diff != "" {
				t.Errorf("state (-want +got):\n%s", diff)
			}
			if got := s.state().Serial; got != 8 {
				t.Errorf("serial %d, want 8: no step twice", got)
			}
			if s.mutexHeld() {
				t.Error("the mutex is not released")
			}
			s.wants(s.execute())(0)
			if got := s.state().Serial; got != 8 {
				t.Errorf("once more: serial %d, want 8", got)
			}
		})
	}
}

func TestTornDigestPrintsTheConditionalRepair(t *testing.T) {
	for n := 1; n <= 4; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			s := newStage(t, nil)
			s.faults(faults{KillAtWrite: n, Tear: true})
			s.wants(s.execute())(-1)
			s.faults(faults{})
			right := md5Hex(s.read(filepath.Join(s.world, "state.tfstate")))
			s.wants(s.execute())(1, right, stateRow+"-md5", "Digest = :old", `{"LockID":{"S":"`+stateRow+`-md5"}}`, "serial: "+fmt.Sprint(4+n))
			putDigest([]byte(s.read(filepath.Join(s.world, "state.tfstate"))))
			s.wants(s.execute())(0, fmt.Sprintf("resuming: step %d", n))
			if diff := cmp.Diff(reconciled(), s.ids()); diff != "" {
				t.Errorf("state (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSomebodyElsesWriteBetweenTwoStepsStops(t *testing.T) {
	s := newStage(t, nil)
	s.faults(faults{ForeignAt: 2})
	s.wants(s.execute())(1, "step 2 ran, but the state is not what it should have made of it")
	if got := len(s.commands("terraform", "import")); got != 1 {
		t.Errorf("%d imports ran, want 1", got)
	}
	s.faults(faults{})
	s.wants(s.execute())(1, "the state is not the one that this script left")
	s.wants(s.run(rollingBack...))(1, "would lose their work")
}

func TestLockThatChangesHandsBetweenTwoStepsStops(t *testing.T) {
	s := newStage(t, nil)
	s.faults(faults{LockAt: 2})
	s.wants(s.execute())(1, "locked by another run now")
	if got := s.state().Serial; got != 6 {
		t.Errorf("serial %d, want 6: nothing after the lock changed", got)
	}
}

func TestTornJournalLineIsTolerated(t *testing.T) {
	for name, tear := range map[string]func(text string) string{
		"half a line":    func(text string) string { return text[:len(text)-40] },
		"no line break":  func(text string) string { return strings.TrimSuffix(text, "\n") },
		"a number begun": func(text string) string { return text + "1" },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, nil)
			s.faults(faults{Fail: "import"})
			s.wants(s.execute())(1)
			path := s.private("journal")
			s.put(path, tear(s.read(path)))
			s.faults(faults{})
			s.wants(s.execute())(0)
			if diff := cmp.Diff(reconciled(), s.ids()); diff != "" {
				t.Errorf("state (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDamagedOrForeignJournalRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		damage func(text string) string
		says   string
	}{
		"torn in the middle": {func(text string) string { return strings.Replace(text, " .\n", "\n", 1) }, "the journal is damaged"},
		"of another plan": {func(text string) string {
			return strings.ReplaceAll(text, strings.Fields(text)[5], strings.Repeat("0", 64))
		}, "journal of another plan"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, nil)
			s.faults(faults{Fail: "import"})
			s.wants(s.execute())(1)
			s.put(s.private("journal"), c.damage(s.read(s.private("journal"))))
			s.faults(faults{})
			s.wants(s.execute())(1, c.says)
		})
	}
}

func TestRollbackRestoresTheStateAndEndsThePlan(t *testing.T) {
	s := newStage(t, nil)
	s.wants(s.run(rollingBack...))(0, "Nothing to roll back")
	s.faults(faults{Fail: "import aws"})
	s.wants(s.execute())(0)
	s.wants(s.run(rollingBack...))(0, "rolled back: the state has serial 9")
	if diff := cmp.Diff(untouched(), s.ids()); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
	if got := s.state().Lineage; got != lineage {
		t.Errorf("lineage %s", got)
	}
	push := s.commands("terraform", "state", "push")
	if len(push) != 1 || !slices.Contains(push[0], "-lock=false") {
		t.Errorf("pushes: %q", push)
	}
	s.wants(s.execute())(1, "this plan was rolled back")
	s.wants(s.run(rollingBack...))(0, "rolled back before")
	if s.mutexHeld() {
		t.Error("the mutex is not released")
	}
}

func TestRollbackThatDiedIsFinished(t *testing.T) {
	s := newStage(t, nil)
	s.wants(s.execute())(0)
	s.faults(faults{KillAtWrite: 5})
	s.wants(s.run(rollingBack...))(-1)
	s.faults(faults{})
	s.wants(s.run(rollingBack...))(0, "rolled back: the state has serial 9")
	if diff := cmp.Diff(untouched(), s.ids()); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
}

func TestRollbackAfterAKilledStepKnowsThatStep(t *testing.T) {
	s := newStage(t, nil)
	s.faults(faults{KillAtWrite: 2})
	s.wants(s.execute())(-1)
	s.faults(faults{})
	s.wants(s.run(rollingBack...))(0, "step 2 was done by the run that died", "rolled back: the state has serial 7")
	if diff := cmp.Diff(untouched(), s.ids()); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
	if s.mutexHeld() {
		t.Error("the mutex is not released")
	}
}

func TestAnImportUnderAnotherIDIsToldAndStops(t *testing.T) {
	s := newStage(t, func(r *plan.Report) { r.Actions[2].NewStateID = "rtb-expected" })
	s.wants(s.execute())(1, `the state now holds "rtb-9", the plan expected "rtb-expected"`, "step 3 ran, but")
}

func TestRollbackOfAFirstApplyThatDiedIsFinished(t *testing.T) {
	s := newStage(t, func(r *plan.Report) {
		r.Guard.EmptyState, r.State = true, plan.State{Format: "none"}
		r.Actions = r.Actions[1:3]
	})
	s.must(os.Remove(filepath.Join(s.world, "items", rowFile(stateRow+"-md5"))))
	s.must(os.Remove(filepath.Join(s.world, "state.tfstate")))
	s.wants(s.execute())(0)
	s.faults(faults{KillAtWrite: 3})
	s.wants(s.run(rollingBack...))(-1)
	s.faults(faults{})
	s.wants(s.execute())(1)
	s.wants(s.run(rollingBack...))(0, "rolled back")
	if got := s.ids(); len(got) > 0 {
		t.Errorf("the state holds %v", got)
	}
	s.wants(s.execute())(1, "this plan was rolled back")
}

func TestASecondTerminalIsRefused(t *testing.T) {
	s := newStage(t, nil)
	s.must(os.MkdirAll(s.private("running"), 0o700))
	host, err := exec.Command("uname", "-n").Output()
	s.must(err)
	// A living process whose command line names the script.
	other := exec.Command("bash", "-c", "sleep 60; : reconcile.sh")
	s.must(other.Start())
	defer func() { _ = other.Process.Kill(); _ = other.Wait() }()
	s.put(s.private("running/by"), fmt.Sprintf("%s %d\n", strings.TrimSpace(string(host)), other.Process.Pid))
	s.wants(s.execute())(1, "another run of this script is at work")
	s.put(s.private("running/by"), strings.TrimSpace(string(host))+" 999999999\n")
	s.wants(s.execute())(0)
}

func TestSignalStopsBetweenTwoCommands(t *testing.T) {
	s := newStage(t, nil)
	slow := filepath.Join(s.bin, "slow")
	s.must(os.Mkdir(slow, 0o755))
	s.put(filepath.Join(slow, "terraform"), "#!/bin/bash\ncase $1 in import) : >\"$FAKE_WORLD/importing\"; sleep 1.5 ;; esac\nexec \""+s.bin+"/terraform\" \"$@\"\n")
	s.must(os.Chmod(filepath.Join(slow, "terraform"), 0o755))
	cmd := exec.Command("bash", append([]string{filepath.Join(s.out, "reconcile.sh")}, executing...)...)
	var text strings.Builder
	cmd.Env, cmd.Stdout, cmd.Stderr = append(s.env, "PATH="+slow+":"+s.bin+":"+os.Getenv("PATH")), &text, &text
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	s.must(cmd.Start())
	s.must(need.File(t.Context(), filepath.Join(s.world, "importing")))
	s.must(cmd.Process.Signal(syscall.SIGTERM))
	_ = cmd.Wait()
	s.wants(cmd.ProcessState.ExitCode(), text.String())(1, "interrupted by SIGTERM", "run it again", "mutex beside the lock is kept")
	if got := s.state().Serial; got != 6 {
		t.Errorf("serial %d, want 6: the import at work ends", got)
	}
	s.wants(s.execute())(0, "resuming: step 2 was done")
}
