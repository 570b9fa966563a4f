package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"reconcile/internal/need"
	"reconcile/providers"
	"reconcile/providers/ec2/ec2test"
)

// awsProvider is a configuration that asks nothing of AWS when it is planned.
const awsProvider = `
provider "aws" {
  region                      = "us-east-1"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
}
`

// mirror lets terraform init have the AWS provider.
func (b *book) mirror() {
	b.t.Helper()
	rc := filepath.Join(b.t.TempDir(), "terraformrc")
	b.must(os.WriteFile(rc, []byte(need.Provider(b.t)), 0o600))
	b.t.Setenv("TF_CLI_CONFIG_FILE", rc)
}

// made is a VPC that the session made and that no state has.
func (b *book) made() {
	b.t.Helper()
	b.must(b.world.Put(providers.Place{Account: bookAccount, Region: bookRegion}, "Vpcs",
		ec2test.Doc{"VpcId": "vpc-0aaaaaaaaaaaaaaa1", "OwnerId": bookAccount, "CidrBlock": "10.1.0.0/16", "State": "available", "InstanceTenancy": "default"}))
	b.record("CreateVpc", map[string]any{"cidrBlock": "10.1.0.0/16", "instanceTenancy": "default"},
		map[string]any{"vpc": map[string]any{"vpcId": "vpc-0aaaaaaaaaaaaaaa1", "cidrBlock": "10.1.0.0/16", "ownerId": bookAccount}})
}

// tree is everything in a folder, by path.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !e.Type().IsRegular() { // an installed provider is a link
			return err
		}
		text, err := os.ReadFile(path)
		out[path] = string(text)
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return out
}

// wrote lists the calls since Forget that wrote to the backend.
func (b *book) wrote() []string {
	var out []string
	for _, r := range b.server.Requests() {
		write := strings.HasPrefix(r.Action, "Put") || strings.HasPrefix(r.Action, "Delete") || strings.HasPrefix(r.Action, "Update") || strings.HasPrefix(r.Action, "Copy")
		if (r.Service == "s3" || r.Service == "dynamodb") && write {
			out = append(out, r.Service+":"+r.Action+" "+r.Path)
		}
	}
	return out
}

// versions lists all versions of all objects.
func (b *book) versions() string {
	b.t.Helper()
	resp, err := b.server.Client().Get(b.server.URL + "/" + b.bucket + "?versions")
	b.must(err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	b.must(err)
	return string(text)
}

// untouched runs what must write nothing: not to the backend, not into the
// module, not into the folder of temporary files.
func (b *book) untouched(do func()) {
	b.t.Helper()
	temporary, err := os.MkdirTemp("", "rp") // short: a provider's socket lies in it
	b.must(err)
	b.t.Cleanup(func() { b.must(os.RemoveAll(temporary)) })
	b.t.Setenv("TMPDIR", temporary)
	before, module := b.versions(), tree(b.t, b.dir)
	if !strings.Contains(before, "VersionId") {
		b.t.Fatalf("there is no state to leave alone:\n%s", before)
	}
	b.server.Forget()
	do()
	if wrote := b.wrote(); len(wrote) > 0 {
		b.t.Errorf("it wrote to the backend: %q", wrote)
	}
	if d := cmp.Diff(before, b.versions()); d != "" {
		b.t.Errorf("the versions of the state or the lock file changed:\n%s", d)
	}
	if d := cmp.Diff(module, tree(b.t, b.dir)); d != "" {
		b.t.Errorf("the module's folder changed:\n%s", d)
	}
	left, err := os.ReadDir(temporary)
	b.must(err)
	if len(left) > 0 {
		b.t.Errorf("left among the temporary files, and a plan holds secrets: %v", left)
	}
}

func (b *book) planArgs(more ...string) []string {
	return append([]string{"plan", "--dir", b.dir, "--role", bookRole, "--session", "ci-7", "--since", "1h", "--trail-delay", "0s", "--incident", "INC-7", "--out", b.out}, more...)
}

// said runs reconcile, whatever it ends with, and gives that and what it printed.
func (b *book) said(ctx context.Context, args ...string) (int, string) {
	var out bytes.Buffer
	code := run(ctx, environment{args: args, stdin: strings.NewReader("a person's answer\n"), stdout: &out, stderr: &out, getenv: os.Getenv, environ: os.Environ()})
	return code, out.String()
}

// verdict is what a report decides.
func (b *book) verdict() map[string]any {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join(b.out, "report.json"))
	b.must(err)
	var report map[string]any
	b.must(json.Unmarshal(text, &report))
	return map[string]any{"actions": report["actions"], "findings": report["findings"], "questions": report["questions"], "verdict": report["verdict"]}
}

// TestAFreshPlanOfRealTerraformDecidesAsThePlanFile asks the real Terraform under
// a lock that nobody will release.
func TestAFreshPlanOfRealTerraformDecidesAsThePlanFile(t *testing.T) {
	need.NoRace(t, need.Processes)
	for _, c := range []struct {
		name, lock, workspace string
		lay                   func(b *book)
		args, says            []string
	}{
		{"built-in provider", "dynamodb", "prod", func(b *book) {}, nil, []string{"vpc-0aaaaaaaaaaaaaaa1"}},
		{"AWS provider", "s3", "default", func(b *book) {
			b.mirror()
			b.hold()
			b.config(b.backend + awsProvider + "resource \"terraform_data\" \"keep\" {}\nresource \"aws_vpc\" \"new\" {\n  cidr_block = \"10.1.0.0/16\"\n}\n")
			b.terraform(0, "init", "-input=false", "-no-color")
		}, []string{"--adopt", "vpc-0123456789abcdef0"}, []string{"state rm aws_vpc.old", "import", "aws_vpc.new vpc-0aaaaaaaaaaaaaaa1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newDeadApply(t, c.lock, c.workspace)
			b.made()
			c.lay(b)
			file := filepath.Join(t.TempDir(), "plan.json")
			b.terraform(0, "plan", "-lock=false", "-refresh=false", "-input=false", "-no-color", "-out="+file+".bin")
			b.must(os.WriteFile(file, []byte(b.terraform(0, "show", "-json", file+".bin")), 0o600))
			want, _ := b.said(t.Context(), b.planArgs(append(c.args, "--plan-json", file)...)...)
			given := b.verdict()

			state := filepath.Join(t.TempDir(), "state.tfstate")
			b.must(os.WriteFile(state, []byte(b.terraform(0, "state", "pull")), 0o600))
			for _, from := range [][]string{nil, {"--state", state}} {
				b.untouched(func() {
					code, said := b.said(t.Context(), b.planArgs(slices.Concat(c.args, from, []string{"--run-plan"})...)...)
					if code != want {
						t.Fatalf("it ends with %d, with the plan file %d:\n%s", code, want, said)
					}
					b.says(said, c.says...)
					b.says(said, "running terraform workspace list", "running terraform state pull",
						"running terraform plan -lock=false -refresh=false -input=false -no-color -out=", "running terraform show -json")
				})
				if d := cmp.Diff(given, b.verdict()); d != "" {
					t.Errorf("%q (-plan file +fresh plan):\n%s", from, d)
				}
			}
		})
	}
}

// TestAFreshPlanThatCannotBeMadeIsAnErrorThatSaysWhatToDo: each way in which
// Terraform fails ends the run, leaves nothing behind, and asks nobody.
func TestAFreshPlanThatCannotBeMadeIsAnErrorThatSaysWhatToDo(t *testing.T) {
	need.NoRace(t, need.Processes)
	b := newDeadApply(t, "dynamodb", "default")
	work := "resource \"terraform_data\" \"keep\" {}\n"
	for _, c := range []struct {
		name, config string
		around       func(t *testing.T, run func())
		says         []string
	}{
		{"a variable that nobody gave", "variable \"cidr\" {}\nresource \"terraform_data\" \"more\" {\n  input = var.cidr\n}\n", nil,
			[]string{"No value for required variable", "give what the apply was given: --var-file"}},
		{"a configuration that is wrong", "resource \"terraform_data\" \"more\" {\n  input = nothing.there.is\n}\n", nil,
			[]string{"undeclared resource", "hint: mend it, or leave out --run-plan"}},
		{"a provider that is not installed", awsProvider + "resource \"aws_vpc\" \"new\" {\n  cidr_block = \"10.1.0.0/16\"\n}\n", nil,
			[]string{"hint: run terraform init in ", "leave out --run-plan"}},
		{"no terraform", "", func(t *testing.T, run func()) {
			path := os.Getenv("PATH")
			t.Setenv("PATH", t.TempDir())
			run()
			t.Setenv("PATH", path)
		}, []string{"terraform or tofu is not on PATH", "TF_BIN"}},
		{"terraform init never ran", "", func(t *testing.T, run func()) {
			installed, aside := filepath.Join(b.dir, ".terraform"), filepath.Join(t.TempDir(), "aside")
			b.must(os.Rename(installed, aside))
			run()
			b.must(os.Rename(aside, installed))
		}, []string{"hint: run terraform init in "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &book{t: t, dir: b.dir, out: filepath.Join(t.TempDir(), "out"), server: b.server, bucket: b.bucket, backend: b.backend}
			b.config(b.backend + work + c.config)
			if c.around == nil {
				c.around = func(_ *testing.T, run func()) { run() }
			}
			b.untouched(func() {
				c.around(t, func() {
					code, said := b.said(t.Context(), b.planArgs("--run-plan")...)
					if code != 1 {
						t.Errorf("it ends with %d, want 1:\n%s", code, said)
					}
					b.says(said, c.says...)
				})
			})
			if _, err := os.Stat(filepath.Join(b.out, "reconcile.sh")); err == nil {
				t.Error("there is a script, of a plan that could not be made")
			}
		})
	}
}

// TestAFreshPlanThatIsInterruptedLeavesNothing interrupts Terraform while it
// plans: it waits for a state that a data source reads.
func TestAFreshPlanThatIsInterruptedLeavesNothing(t *testing.T) {
	need.NoRace(t, need.Processes)
	b := newDeadApply(t, "s3", "default")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var asked atomic.Int32
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		cancel()
		w.WriteHeader(http.StatusNotFound)
	}))
	defer slow.Close()
	b.config(b.backend + "resource \"terraform_data\" \"keep\" {}\ndata \"terraform_remote_state\" \"other\" {\n  backend = \"http\"\n  config  = { address = \"" + slow.URL + "\" }\n}\n")
	b.untouched(func() {
		if code, said := b.said(ctx, b.planArgs("--run-plan")...); code != exitInterrupted {
			t.Errorf("it ends with %d, want %d:\n%s", code, exitInterrupted, said)
		}
	})
	if asked.Load() == 0 {
		t.Error("Terraform was interrupted before it planned")
	}
	if _, err := os.Stat(filepath.Join(b.out, "reconcile.sh")); err == nil {
		t.Error("there is a script, of a plan that was interrupted")
	}
}
