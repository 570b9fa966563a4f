package render

import (
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

// many is the sample with a removal, n imports and the sample's own steps.
func many(n int) func(r *plan.Report) {
	return func(r *plan.Report) {
		for i := range n {
			address := fmt.Sprintf(`aws_route.r["k<%d>"]`, i)
			r.Actions = append(r.Actions, plan.Action{N: len(r.Actions) + 1, Op: plan.Import, Address: address, Type: "aws_route", ID: fmt.Sprintf("rtb_%d", i),
				Argv: []string{"import", "-input=false", address, fmt.Sprintf("rtb_%d", i)}, NewStateID: fmt.Sprintf("rtb_%d", i),
				Entry: plan.Entry{Type: `"aws_route"`, Name: `"r"`, Key: fmt.Sprintf(`"k<%d>"`, i)}, Undo: []string{}, EventIDs: []string{}, Needs: []string{}})
		}
		r.Guard.Declares = []plan.Declared{{Dir: ".", Resources: []string{"aws_route.r"}, Outputs: []string{"ids"}}, {Dir: "modules/net", Resources: []string{"aws_subnet.a"}}}
	}
}

func manyStage(t *testing.T, n int) *stage {
	t.Helper()
	s := newStage(t, many(n))
	places := map[string]fakePlace{`module.net.aws_subnet.a["data"]`: {"module.net", "aws_subnet", "a", "data"}, "aws_route_table.rt[0]": {"", "aws_route_table", "rt", 0}}
	for i := range n {
		places[fmt.Sprintf(`aws_route.r["k<%d>"]`, i)] = fakePlace{"", "aws_route", "r", fmt.Sprintf("k<%d>", i)}
	}
	s.putJSON("places.json", places)
	return s
}

func manyReconciled(n int) map[string]string {
	want := reconciled()
	for i := range n {
		want[fmt.Sprintf(`aws_route.r["k<%d>"]`, i)] = fmt.Sprintf("rtb_%d", i)
	}
	return want
}

// untouchedFolder fails if the configuration's folder is not as it was laid out.
func (s *stage) untouchedFolder() {
	s.t.Helper()
	var names []string
	s.must(filepath.WalkDir(s.work, func(path string, d fs.DirEntry, err error) error {
		if rel, _ := filepath.Rel(s.work, path); !d.IsDir() {
			names = append(names, rel)
		}
		return err
	}))
	if want := []string{".terraform/terraform.tfstate", "main.tf", "modules/net/net.tf"}; !slices.Equal(names, want) {
		s.t.Errorf("the configuration's folder holds %q, want %q", names, want)
	}
	if s.read(filepath.Join(s.work, "main.tf")) != "# root\n" || s.read(filepath.Join(s.work, "modules/net/net.tf")) != "# module\n" {
		s.t.Error("a file of the configuration was written to")
	}
}

func TestManyImportsAreTakenTogether(t *testing.T) {
	s := manyStage(t, 5)
	s.wants(s.execute())(0, "7 imports, taken together", "done: 7 together", "nothing against it")
	if diff := cmp.Diff(manyReconciled(5), s.ids()); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
	if n := len(s.commands("terraform", "import")); n != 0 {
		t.Errorf("%d imports ran one at a time", n)
	}
	plans := s.commands("terraform", "plan", "-input=false")
	if len(plans) != 1 || !slices.Contains(plans[0], "-refresh=false") || !slices.Contains(plans[0], "-lock=false") {
		t.Errorf("plans: %q", plans)
	}
	s.untouchedFolder()
	if f := batchFolder(s.private("")); f != "" {
		t.Errorf("%s stays", f)
	}
	s.wants(s.execute())(0, "skipped: done before")
	if got := s.state().Serial; got != 7 {
		t.Errorf("serial %d, want 7: a removal, the imports, an untaint", got)
	}
	s.wants(s.run(rollingBack...))(0, "rolled back")
	if diff := cmp.Diff(untouched(), s.ids()); diff != "" {
		t.Errorf("after the roll-back (-want +got):\n%s", diff)
	}
}

func TestOneByOneIsForced(t *testing.T) {
	s := manyStage(t, 3)
	s.wants(s.execute("--one-by-one"))(0)
	if n := len(s.commands("terraform", "import")); n != 5 {
		t.Errorf("%d imports, want 5", n)
	}
	if n := len(s.commands("terraform", "apply")); n != 0 {
		t.Errorf("%d applies, want none", n)
	}
}

func TestOldVersionsImportOneByOne(t *testing.T) {
	for _, version := range []string{"Terraform v1.4.7", "OpenTofu v1.5.9"} {
		s := manyStage(t, 3)
		s.report.Guard.TerraformVersion = ""
		s.must(WriteAll(s.out, s.report))
		s.faults(faults{Version: version})
		s.wants(s.execute())(0)
		if n := len(s.commands("terraform", "import")); n != 5 {
			t.Errorf("%s: %d imports, want 5", version, n)
		}
	}
}

// Whatever speaks against taking an import together with others, it is made by
// its own command, and the others stay together where they can.
func TestWhatIsNoPureImportIsLeftOut(t *testing.T) {
	k := func(i int) string { return fmt.Sprintf(`aws_route.r["k<%d>"]`, i) }
	for name, c := range map[string]struct {
		fault  batchFaults
		single int // imports by command
	}{
		"would also update":            {batchFaults{Updates: []string{k(1), k(3)}}, 2},
		"imports another id":           {batchFaults{OtherID: k(2)}, 1},
		"an object that is not there":  {batchFaults{Missing: []string{k(4)}}, 4},
		"something else is to be made": {batchFaults{Needs: []string{k(0)}}, 4},
		"errored":                      {batchFaults{Show: `"errored":true,`}, 8},
		"an output changes":            {batchFaults{Show: `"output_changes":{"o":{"actions":["create"]}},`}, 8},
		"something has drifted":        {batchFaults{Show: `"resource_drift":[{"address":"a.b"}],`}, 8},
		"a part that nobody knows":     {batchFaults{Show: `"surprises":[],`}, 8},
		"an action would be invoked":   {batchFaults{Show: `"action_invocations":[{"address":"action.x.y"}],`}, 8},
		"no JSON":                      {batchFaults{Show: `]`}, 8},
	} {
		t.Run(name, func(t *testing.T) {
			s := manyStage(t, 6)
			s.faults(faults{batchFaults: c.fault})
			s.wants(s.execute())(0)
			if diff := cmp.Diff(manyReconciled(6), s.ids()); diff != "" {
				t.Errorf("state (-want +got):\n%s", diff)
			}
			if n := len(s.commands("terraform", "import")); n != c.single {
				t.Errorf("%d imports by command, want %d", n, c.single)
			}
			s.untouchedFolder()
		})
	}
}

func TestABatchThatDiesAnywhereEndsWell(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault faults
		code  int
		said  string
	}{
		{"killed after the write", faults{KillAtWrite: 2}, -1, "7 imports were done together by the run that died"},
		{"killed with half of them", faults{KillAtWrite: 2, batchFaults: batchFaults{HalfApply: true}}, -1, "3 imports were done together by the run that died"},
		{"failed with half of them", faults{batchFaults: batchFaults{HalfApply: true}}, 1, "skipped: done before"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := manyStage(t, 5)
			s.faults(c.fault)
			s.wants(s.execute())(c.code)
			if !s.mutexHeld() {
				t.Error("the mutex was given up")
			}
			s.untouchedFolder()
			s.faults(faults{})
			s.wants(s.execute())(0, "resuming: the mutex", c.said)
			if diff := cmp.Diff(manyReconciled(5), s.ids()); diff != "" {
				t.Errorf("state (-want +got):\n%s", diff)
			}
			s.untouchedFolder()
			if left, _ := filepath.Glob(s.private("batch*")); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
			s.wants(s.run(rollingBack...))(0, "rolled back")
			if diff := cmp.Diff(untouched(), s.ids()); diff != "" {
				t.Errorf("after the roll-back (-want +got):\n%s", diff)
			}
		})
	}
}

// The journal of a batch may be torn between two of its lines.
func TestATornJournalOfABatchIsCompleted(t *testing.T) {
	s := manyStage(t, 4)
	s.faults(faults{Fail: "untaint"})
	s.wants(s.execute())(1)
	journal := s.read(s.private("journal"))
	lines := strings.SplitAfter(strings.TrimSuffix(journal, "\n"), "\n")
	s.put(s.private("journal"), strings.Join(lines[:4], ""))
	s.put(s.private("batch.steps"), "1\n2\n4\n5\n6\n7\n")
	s.faults(faults{})
	s.wants(s.execute())(0, "4 imports were done together")
	if again := s.read(s.private("journal")); strings.Contains(again, "skip") || strings.Count(again, " import ") != 6 {
		t.Errorf("the journal:\n%s", again)
	}
}

func TestSomebodyElsesWriteDuringABatchStops(t *testing.T) {
	s := manyStage(t, 3)
	s.faults(faults{KillAtWrite: 2})
	s.wants(s.execute())(-1)
	state := s.state()
	drop(state, "aws_vpc.main")
	state.Serial++
	s.put(filepath.Join(s.world, "state.tfstate"), string(state.text()))
	putDigest(state.text())
	s.faults(faults{})
	s.wants(s.execute())(1, "somebody else wrote it")
}

func TestLockIsReadBeforeTheCommandsOfABatch(t *testing.T) {
	s := manyStage(t, 3)
	s.wants(s.execute())(0)
	s.looksAtTheLock()
}

func TestABlockImportsWhatTheCommandCannot(t *testing.T) {
	s := newStage(t, nil)
	s.faults(faults{Fail: "import", batchFaults: batchFaults{Blocks: true}})
	s.wants(s.execute())(0, "an import block may do it")
	if diff := cmp.Diff(reconciled(), s.ids()); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
	s = newStage(t, nil)
	s.faults(faults{Fail: "import", batchFaults: batchFaults{Blocks: true}})
	s.wants(s.execute("--one-by-one"))(1, "step 2 failed", "no luck")
}

// The copy keeps relative paths that lead out of the folder, and files of the
// configuration are never written through a link.
func TestTheCopyReachesAsFarAsTheConfiguration(t *testing.T) {
	const text = "module \"m\" {\n  source = \"../../shared/m\"\n}\n"
	s := manyStage(t, 3)
	deep := filepath.Join(s.work, "envs", "prod")
	s.must(os.MkdirAll(filepath.Join(s.work, "shared", "m"), 0o755))
	s.must(os.MkdirAll(filepath.Join(deep, ".terraform"), 0o755))
	s.put(filepath.Join(s.work, "shared", "m", "m.tf"), "# m\n")
	s.put(filepath.Join(s.work, "shared", "m", "zz_reconcile_batch_override.tf"), "# theirs\n")
	s.put(filepath.Join(deep, "main.tf"), text)
	s.put(filepath.Join(deep, ".terraform", "terraform.tfstate"), workspaceRecord)
	s.report.Guard.Dir = deep
	s.report.Guard.Files = []plan.FileHash{{Path: "../../shared/m/m.tf", SHA256: sum("# m\n")},
		{Path: "../../shared/m/zz_reconcile_batch_override.tf", SHA256: sum("# theirs\n")}, {Path: "main.tf", SHA256: sum(text)}}
	s.report.Guard.Declares = []plan.Declared{{Dir: "../../shared/m", Resources: []string{"aws_subnet.a"}}}
	s.must(WriteAll(s.out, s.report))
	probe := filepath.Join(s.world, "probe")
	slow := filepath.Join(s.bin, "probe")
	s.must(os.Mkdir(slow, 0o755))
	s.put(filepath.Join(slow, "terraform"), "#!/bin/bash\ncase $* in *-out=*) { pwd; cat ../../shared/m/m.tf ../../shared/m/zz_reconcile_batch_override.tf; ls -a; } >"+probe+" ;; esac\nexec \""+s.bin+"/terraform\" \"$@\"\n")
	s.must(os.Chmod(filepath.Join(slow, "terraform"), 0o755))
	s.env = append(s.env, "PATH="+slow+":"+s.bin+":"+os.Getenv("PATH"))
	s.wants(s.execute())(0, "done: 5 together")
	seen := s.read(probe)
	for _, want := range []string{"private/batch/envs/prod\n", "# m\n", "ignore_changes = all", "main.tf\n", "zz_reconcile_batch.tf\n"} {
		if !strings.Contains(seen, want) {
			t.Errorf("the copy has no %q:\n%s", want, seen)
		}
	}
	if got := s.read(filepath.Join(s.work, "shared", "m", "zz_reconcile_batch_override.tf")); got != "# theirs\n" {
		t.Errorf("a file of the configuration became %q", got)
	}
}
