package wanted

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"reconcile/internal/need"
)

var record = flag.Bool("record", false, "write the corpus's states and plans anew, with the Terraform on PATH")

// TestTheCorpusSaysWhatTerraformSaysHere asks the Terraform on PATH again. The
// configurations of the built-in provider are applied and planned here; those
// of AWS are planned on their recorded state, where the provider can be had.
func TestTheCorpusSaysWhatTerraformSaysHere(t *testing.T) {
	need.NoRace(t, need.Processes)
	bin := need.Tool(t, "terraform")
	dirs, err := filepath.Glob(filepath.Join(corpus, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			x := terraformRun{t: t, bin: bin, dir: t.TempDir(), in: inputsOf(t, dir), cli: filepath.Join(t.TempDir(), "terraformrc")}
			aws := strings.HasPrefix(filepath.Base(dir), "aws")
			cli := ""
			if aws {
				cli = need.Provider(t)
			}
			if err := os.WriteFile(x.cli, []byte(cli), 0o600); err != nil {
				t.Fatal(err)
			}
			planned := x.plan(dir, aws)
			w, err := FromConfig(x.in.config(x.dir, stateOf(t, filepath.Join(x.dir, "terraform.tfstate"))))
			if err != nil {
				t.Fatal(err)
			}
			held(t, w, stateOf(t, filepath.Join(x.dir, "terraform.tfstate")), planned)
			if *record {
				x.record(dir, planned)
			}
		})
	}
}

type terraformRun struct {
	t             *testing.T
	bin, dir, cli string
	in            inputs
}

func (x terraformRun) run(args ...string) []byte {
	x.t.Helper()
	cmd := exec.Command(x.bin, args...)
	cmd.Dir = x.dir
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "TF_") && !strings.HasPrefix(e, "AWS_") {
			cmd.Env = append(cmd.Env, e)
		}
	}
	cmd.Env = append(cmd.Env, "TF_CLI_CONFIG_FILE="+x.cli, "CHECKPOINT_DISABLE=1", "AWS_ACCESS_KEY_ID=AKIATEST", "AWS_SECRET_ACCESS_KEY=test", "AWS_EC2_METADATA_DISABLED=true")
	for name, v := range x.in.Env {
		cmd.Env = append(cmd.Env, name+"="+v)
	}
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		x.t.Fatalf("terraform %s: %v\n%s%s", strings.Join(args, " "), err, out.String(), said.String())
	}
	return out.Bytes()
}

// plan makes the state that was before, and the plan of the configuration.
func (x terraformRun) plan(dir string, aws bool) []byte {
	x.t.Helper()
	lay := func(from string) {
		if err := os.CopyFS(x.dir, os.DirFS(from)); err != nil {
			x.t.Fatal(err)
		}
	}
	base := filepath.Join(dir, "base")
	if _, err := os.Stat(base); err == nil && !aws {
		lay(base)
		x.run("init", "-input=false", "-no-color")
		x.run("apply", "-auto-approve", "-input=false", "-no-color")
		for _, address := range x.in.Taint {
			x.run("taint", address)
		}
		state, err := os.ReadFile(filepath.Join(x.dir, "terraform.tfstate"))
		if err != nil {
			x.t.Fatal(err)
		}
		if err := os.RemoveAll(x.dir); err != nil {
			x.t.Fatal(err)
		}
		x.put("terraform.tfstate", state)
	} else if state, err := os.ReadFile(filepath.Join(dir, "state.tfstate")); err == nil {
		x.put("terraform.tfstate", state)
	}
	lay(filepath.Join(dir, "config"))
	x.run("init", "-input=false", "-no-color")
	args := []string{"plan", "-refresh=false", "-input=false", "-no-color", "-out=tfplan"}
	for _, i := range x.in.Inputs {
		if i.File != "" {
			args = append(args, "-var-file="+i.File)
		} else {
			args = append(args, "-var="+i.Name+"="+i.Value)
		}
	}
	x.run(args...)
	shown, _, _ := bytes.Cut(x.run("show", "-json", "tfplan"), []byte("\n"))
	return shown
}

func (x terraformRun) put(name string, b []byte) {
	x.t.Helper()
	if err := os.MkdirAll(x.dir, 0o700); err != nil {
		x.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(x.dir, name), b, 0o600); err != nil {
		x.t.Fatal(err)
	}
}

func (x terraformRun) record(dir string, planned []byte) {
	x.t.Helper()
	var doc map[string]any
	dec := json.NewDecoder(bytes.NewReader(planned))
	dec.UseNumber()
	if err := dec.Decode(&doc); err != nil {
		x.t.Fatal(err)
	}
	delete(doc, "timestamp")
	b, err := json.Marshal(doc)
	if err != nil {
		x.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "plan.json"), append(b, '\n'), 0o644); err != nil {
		x.t.Fatal(err)
	}
	if state, err := os.ReadFile(filepath.Join(x.dir, "terraform.tfstate")); err == nil {
		if err := os.WriteFile(filepath.Join(dir, "state.tfstate"), state, 0o644); err != nil {
			x.t.Fatal(err)
		}
	}
}
