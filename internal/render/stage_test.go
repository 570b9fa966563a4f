package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"reconcile/internal/need"
	"reconcile/internal/plan"
)

// stage is a world in which a rendered script runs against the fakes.
type stage struct {
	t                     *testing.T
	world, work, out, bin string
	report                *plan.Report
	env                   []string
}

const workspaceRecord = `{
    "version": 3,
    "terraform_version": "1.11.4",
    "backend": {
        "type": "s3",
        "config": {
            "access_key": "AKIASECRET",
            "assume_role": {
                "key": "not this one"
            },
            "bucket": "tf-state-prod",
            "dynamodb_table": "tf-locks",
            "key": "env/prod/network.tfstate",
            "region": "us-east-1"
        },
        "hash": 1
    }
}
`

// newStage lays out the sample's incident. change may alter the report before
// the script is written.
func newStage(t *testing.T, change func(r *plan.Report)) *stage {
	t.Helper()
	need.NoRace(t, need.Processes)
	need.Tools(t, "bash", "awk", "sed", "grep", "cmp", "ps")
	root := t.TempDir()
	s := &stage{t: t, world: filepath.Join(root, "world"), work: filepath.Join(root, "work dir"), out: filepath.Join(root, "out"), bin: filepath.Join(root, "bin")}
	for _, d := range []string{s.world, filepath.Join(s.world, "items"), filepath.Join(s.world, "objects"), filepath.Join(s.work, ".terraform"), filepath.Join(s.work, "modules", "net"), s.bin} {
		s.must(os.MkdirAll(d, 0o755))
	}
	self, err := os.Executable()
	s.must(err)
	for _, name := range []string{"terraform", "aws"} {
		s.must(os.Symlink(self, filepath.Join(s.bin, name)))
	}
	s.env = append(os.Environ(), "PATH="+s.bin+":"+os.Getenv("PATH"), "FAKE_WORLD="+s.world, "AWS_ACCESS_KEY_ID=x", "TF_CLI_ARGS_import=-hostile", "TF_WORKSPACE=")
	t.Setenv("FAKE_WORLD", s.world)

	s.faults(faults{})
	state := &fakeState{Version: 4, TerraformVersion: "1.11.4", Serial: 4, Lineage: lineage,
		Outputs: map[string]any{"o": map[string]any{"value": map[string]any{"resources": []any{map[string]any{"id": "x"}}}}},
		Resources: []*fakeResource{
			{Module: "module.net", Mode: "managed", Type: "aws_subnet", Name: "a", Provider: "p", Instances: []*fakeInstance{
				{IndexKey: "data", Attributes: map[string]any{"id": "subnet-1"}, Sensitive: []any{}, Identity: map[string]any{"id": "not this one"}}}},
			{Mode: "data", Type: "aws_vpc", Name: "main", Provider: "p", Instances: []*fakeInstance{{Attributes: map[string]any{"id": "vpc-data"}, Sensitive: []any{}}}},
			{Mode: "managed", Type: "aws_eip", Name: "nat", Provider: "p", Instances: []*fakeInstance{{Status: "tainted", Attributes: map[string]any{"id": "eipalloc-2"}, Sensitive: []any{}}}},
			{Mode: "managed", Type: "aws_vpc", Name: "main", Provider: "p", Instances: []*fakeInstance{{Attributes: map[string]any{"id": "vpc-1"}, Sensitive: []any{}}}},
		}}
	s.put(filepath.Join(s.world, "state.tfstate"), string(state.text()))
	putDigest(state.text())
	setLock(lockID)
	s.putJSON("places.json", map[string]fakePlace{
		`module.net.aws_subnet.a["data"]`: {"module.net", "aws_subnet", "a", "data"},
		"aws_route_table.rt[0]":           {"", "aws_route_table", "rt", 0},
	})
	s.put(filepath.Join(s.work, "main.tf"), "# root\n")
	s.put(filepath.Join(s.work, "modules", "net", "net.tf"), "# module\n")
	s.put(filepath.Join(s.work, ".terraform", "terraform.tfstate"), workspaceRecord)

	r := sample()
	r.GeneratedAt = time.Now().UTC().Truncate(time.Second)
	r.Guard.Dir = s.work
	r.Guard.Files = []plan.FileHash{{Path: "main.tf", SHA256: sum("# root\n")}, {Path: "modules/net/net.tf", SHA256: sum("# module\n")}}
	r.State.SHA256 = sum(string(state.text()) + "\n")
	if change != nil {
		change(r)
	}
	s.report = r
	s.must(WriteAll(s.out, r))
	return s
}

func sum(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])
}

func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) put(path, text string) { s.t.Helper(); s.must(os.WriteFile(path, []byte(text), 0o600)) }

func (s *stage) putJSON(name string, v any) {
	s.t.Helper()
	data, err := json.Marshal(v)
	s.must(err)
	s.put(filepath.Join(s.world, name), string(data))
}

func (s *stage) faults(f faults) {
	s.t.Helper()
	if f.Version == "" {
		f.Version = "Terraform v1.11.4"
	}
	if f.Account == "" {
		f.Account = account
	}
	if f.Alive == "" && f.AliveCode == "" {
		f.AliveCode = "InvalidSubnetID.NotFound"
	}
	s.putJSON("faults.json", f)
}

// run runs the script in a process group of its own, as a terminal would.
func (s *stage) run(args ...string) (code int, text string) {
	s.t.Helper()
	cmd := exec.Command("bash", append([]string{filepath.Join(s.out, "reconcile.sh")}, args...)...)
	var out bytes.Buffer
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = s.env, "/", &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	err := cmd.Run()
	if cmd.ProcessState == nil {
		s.t.Fatal(err)
	}
	if strings.Contains(out.String(), "AKIASECRET") {
		s.t.Error("the script prints a credential of the backend record")
	}
	return cmd.ProcessState.ExitCode(), out.String()
}

var executing = []string{"--execute", "--incident", "INC-1", "--holder-dead", lockID, "--yes"}

func (s *stage) execute(more ...string) (code int, text string) {
	s.t.Helper()
	return s.run(append(append([]string{}, executing...), more...)...)
}

// wants fails unless the script ended with that code and said all of that.
func (s *stage) wants(code int, text string) func(wantCode int, said ...string) {
	s.t.Helper()
	return func(wantCode int, said ...string) {
		s.t.Helper()
		for _, want := range said {
			if !strings.Contains(text, want) {
				s.t.Errorf("it does not say %q", want)
			}
		}
		if code != wantCode {
			s.t.Errorf("exit code %d, want %d", code, wantCode)
		}
		if s.t.Failed() {
			s.t.Fatalf("it says:\n%s", text)
		}
	}
}

func (s *stage) state() *fakeState {
	s.t.Helper()
	state, _ := loadState()
	return state
}

// ids are the managed instances: address to id, with ! for a tainted one.
func (s *stage) ids() map[string]string {
	out := map[string]string{}
	for _, r := range s.state().Resources {
		if r.Mode != "managed" {
			continue
		}
		for _, i := range r.Instances {
			id, _ := i.Attributes["id"].(string)
			if i.Status != "" {
				id += "!"
			}
			out[address(r, i)] = id
		}
	}
	return out
}

// commands are the logged argvs of one tool that begin with these words.
func (s *stage) commands(words ...string) [][]string {
	s.t.Helper()
	data, _ := os.ReadFile(filepath.Join(s.world, "log"))
	var out [][]string
	for line := range strings.Lines(string(data)) {
		var argv []string
		s.must(json.Unmarshal([]byte(line), &argv))
		if len(argv) >= len(words) && strings.Join(argv[:len(words)], " ") == strings.Join(words, " ") {
			out = append(out, argv)
		}
	}
	return out
}

func (s *stage) mutexHeld() bool {
	_, err := os.Stat(filepath.Join(s.world, "items", rowFile(stateRow+"-reconcile")))
	_, err2 := os.Stat(filepath.Join(s.world, "objects", rowFile("env/prod/network.tfstate.tflock-reconcile")))
	_, err3 := os.Stat(filepath.Join(s.out, "reconcile.mutex"))
	return err == nil || err2 == nil || err3 == nil
}

func (s *stage) private(name string) string { return filepath.Join(s.out, "private", name) }

func (s *stage) read(path string) string {
	s.t.Helper()
	data, err := os.ReadFile(path)
	s.must(err)
	return string(data)
}

// looksAtTheLock fails where a command that goes without the lock was run
// without a look at the stale one right before it.
func (s *stage) looksAtTheLock() {
	s.t.Helper()
	read := false
	for _, argv := range s.commands() {
		line := strings.Join(argv, " ")
		switch {
		case strings.HasPrefix(line, "aws dynamodb get-item --consistent-read") && strings.Contains(line, `network.tfstate"}`):
			read = true
		case strings.HasPrefix(line, "terraform") && strings.Contains(line, "-lock=false"):
			if !read {
				s.t.Errorf("no look at the lock right before %q", line)
			}
			read = false
		}
	}
}
