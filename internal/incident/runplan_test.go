package incident_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"reconcile/internal/plan"
)

// fakeTerraform stands for the binary: it writes down how it is called, and
// answers with the incident's own files.
func fakeTerraform(t *testing.T, d *day, workspaces string) (log string) {
	t.Helper()
	log = d.path("calls")
	bin := d.path("bin/terraform")
	d.write(t, "bin/terraform", `#!/bin/sh
echo "$PWD|$TF_CLI_ARGS|$TF_VAR_region|$*" >>"`+log+`"
case "$1" in
workspace) printf '`+workspaces+`' ;;
state) cat "`+d.path("state.tfstate")+`" ;;
plan) for a; do case "$a" in -out=*) echo binary >"${a#-out=}"; ls -ld "$(dirname "${a#-out=}")" >>"`+log+`" ;; esac; done ;;
show) tr -d '\n' <"`+d.path("plan.json")+`"; printf '\nWarning: old\n' ;;
*) exit 1 ;;
esac
`)
	if err := os.Chmod(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	d.o.PlanJSON, d.o.RunPlan = "", true
	d.o.Env = func(name string) string {
		if name == "TF_BIN" {
			return bin
		}
		return ""
	}
	d.o.Environ = append(os.Environ(), "TF_CLI_ARGS=-lock=true")
	return log
}

func TestAFreshPlanIsReadAsThePlanFileIs(t *testing.T) {
	d := begin(t, "shared-network-expire-15")
	with := d.read(t)
	log := fakeTerraform(t, d, "* default\\n  staging\\n")
	d.write(t, "prod.tfvars", "")
	d.o.VarFiles = []string{d.path("prod.tfvars")}
	var said []string
	d.o.OnRun = func(command string) { said = append(said, command) }
	r := d.read(t)
	for _, op := range []plan.Op{plan.Import, plan.StateRm} {
		if diff := cmp.Diff(of(with, op), of(r, op)); diff != "" {
			t.Errorf("%s, plan file against fresh plan:\n%s", op, diff)
		}
	}
	if !strings.Contains(strings.Join(r.Notes, "\n"), "--run-plan") {
		t.Errorf("no note says where the addresses come from: %q", r.Notes)
	}
	raw, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	calls := string(raw)
	for _, want := range []string{"|||plan -lock=false -refresh=false -input=false -no-color -out=", "-var-file=" + d.path("prod.tfvars"), "drwx------"} {
		if !strings.Contains(calls, want) {
			t.Errorf("%q is not in the calls:\n%s", want, calls)
		}
	}
	if len(said) != 4 || !strings.HasPrefix(said[2], "terraform plan -lock=false -refresh=false") {
		t.Errorf("what was said before it was run: %q", said)
	}
	_, out, _ := strings.Cut(calls, "-out=")
	folder := filepath.Dir(strings.Fields(out)[0])
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("the plan is still in %s (%v), and it holds secrets", folder, err)
	}
}

// A wrong workspace name makes Terraform write an empty state: nothing that
// opens a state may be run before the name is known to be right.
func TestAFreshPlanIsRefusedWhereTheStateIsAnother(t *testing.T) {
	for _, c := range []struct {
		name, workspaces string
		change           func(t *testing.T, d *day)
		want             string
		calls            int
	}{
		{"a workspace that is not there", "  default\\n", func(*testing.T, *day) {}, "the selected workspace is not one that the backend has", 1},
		{"another workspace", "  default\\n* other\\n", func(*testing.T, *day) {}, "the selected workspace is not one that the backend has", 1},
		{"another state", "* default\\n", func(t *testing.T, d *day) {
			d.write(t, "given.tfstate", `{"version":4,"terraform_version":"1.11.4","serial":7,"lineage":"other","outputs":{},"resources":[]}`)
			d.o.State = d.path("given.tfstate")
		}, "is not the one of --state", 2},
		{"a backend from flags", "* default\\n", func(_ *testing.T, d *day) { d.o.Backend.Bucket, d.o.Backend.Key = "b", "k" }, "cannot be used with --backend-bucket", 0},
		{"a plan file too", "* default\\n", func(_ *testing.T, d *day) { d.o.PlanJSON = d.path("plan.json") }, "both say what is wanted", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := begin(t, "shared-network-expire-15")
			log := fakeTerraform(t, d, c.workspaces)
			c.change(t, d)
			if got := failure(t, d); !strings.Contains(got, c.want) {
				t.Errorf("want %q, got %q", c.want, got)
			}
			raw, _ := os.ReadFile(log)
			if n := strings.Count(string(raw), "\n"); n != c.calls {
				t.Errorf("%d commands were run, want %d:\n%s", n, c.calls, raw)
			}
		})
	}
	d := begin(t, "shared-network-expire-15")
	fakeTerraform(t, d, "* default\\n")
	d.o.Env = func(name string) string { return map[string]string{"TF_BIN": d.path("bin/nonesuch")}[name] }
	if got := failure(t, d); !strings.Contains(got, "not on PATH") {
		t.Errorf("no binary: %q", got)
	}
}
