package render

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reconcile/internal/backend"
	"reconcile/internal/need"
	"reconcile/internal/plan"
)

// TestTheScriptPushesWhatARealTerraformCouldNotSave runs the push against the
// real Terraform with a local state: which serial and lineage a pushed state
// gets is Terraform's own affair.
func TestTheScriptPushesWhatARealTerraformCouldNotSave(t *testing.T) {
	terraform := need.Tool(t, "terraform")
	for _, first := range []bool{false, true} {
		name := "a state to follow"
		if first {
			name = "a first apply"
		}
		t.Run(name, func(t *testing.T) {
			s := newStage(t, nil)
			s.must(os.RemoveAll(filepath.Join(s.work, ".terraform")))
			s.must(os.RemoveAll(filepath.Join(s.work, "modules")))
			s.must(os.Remove(filepath.Join(s.bin, "terraform")))
			s.must(os.Symlink(terraform, filepath.Join(s.bin, "terraform")))
			run := func(args ...string) string {
				t.Helper()
				cmd := exec.Command(terraform, args...)
				cmd.Dir, cmd.Env = s.work, append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
				out, err := cmd.Output()
				if err != nil {
					t.Fatalf("terraform %s: %v\n%s", strings.Join(args, " "), err, out)
				}
				return string(out)
			}
			const one = "resource \"terraform_data\" \"old\" {}\n"
			const two = one + "resource \"terraform_data\" \"new\" {\n  for_each = toset([\"a\", \"b<&>\"])\n}\nresource \"terraform_data\" \"hurt\" {}\n"
			s.put(filepath.Join(s.work, "main.tf"), one)
			run("init", "-input=false", "-no-color")
			state := filepath.Join(s.work, "terraform.tfstate")
			pulled, head := "", struct {
				Serial  uint64
				Lineage string
			}{}
			if !first {
				run("apply", "-auto-approve", "-input=false", "-no-color")
				pulled = run("state", "pull")
				s.must(json.Unmarshal([]byte(pulled), &head))
			}
			kept := s.readIfAny(state)
			s.put(filepath.Join(s.work, "main.tf"), two)
			run("apply", "-auto-approve", "-input=false", "-no-color")
			run("taint", "terraform_data.hurt")
			word := s.readIfAny(state)
			ids := stateIDs(t, word)
			// What the run could not save: one serial on, or none at all.
			edit := func(key, value string) {
				var out []string
				for line := range strings.Lines(word) {
					if strings.HasPrefix(line, "  \""+key+"\": ") {
						line = "  \"" + key + "\": " + value + ",\n"
					}
					out = append(out, line)
				}
				word = strings.Join(out, "")
			}
			edit("serial", jsonNumber(head.Serial+1))
			if first {
				edit("serial", "0")
				edit("lineage", `""`)
			}
			for _, file := range []string{state, state + ".backup"} {
				_ = os.Remove(file)
			}
			if !first {
				s.put(state, kept)
			}
			source := filepath.Join(t.TempDir(), "errored.tfstate")
			s.put(source, word)

			r := sample()
			r.GeneratedAt = time.Now().UTC().Truncate(time.Second)
			r.Backend, r.Lock = nil, backend.Lock{Status: backend.Unknown, Error: "no S3 backend was found"}
			r.Guard.Dir, r.Guard.Files, r.Guard.TerraformVersion = s.work, []plan.FileHash{{Path: "main.tf", SHA256: sum(two)}}, ""
			r.State = plan.State{Source: "pulled.tfstate", Format: "raw", Serial: head.Serial, Lineage: head.Lineage, SHA256: sum(pulled)}
			r.Errored = &plan.Errored{Source: source, Serial: head.Serial + 1, Lineage: head.Lineage, SHA256: sum(word)}
			if first {
				r.State, r.Guard.EmptyState, r.Errored.Serial = plan.State{Source: "none", Format: "none"}, true, 0
			}
			r.Actions = []plan.Action{
				{N: 1, Op: plan.StatePush, Argv: []string{"state", "push", plan.ErroredCopy}, Undo: []string{}, EventIDs: []string{}, Needs: []string{}},
				{N: 2, Op: plan.Untaint, Address: "terraform_data.hurt", Type: "terraform_data", ID: ids["hurt"], Argv: []string{"untaint", "terraform_data.hurt"},
					OldStateID: ids["hurt"], NewStateID: ids["hurt"], Entry: plan.Entry{Type: `"terraform_data"`, Name: `"hurt"`}, Undo: []string{"taint", "terraform_data.hurt"}, EventIDs: []string{}, Needs: []string{}},
			}
			s.must(os.RemoveAll(s.out))
			s.must(WriteAll(s.out, r))
			s.must(KeepErrored(s.out, r))

			if code, text := s.run("--execute", "--incident", "INC-1", "--yes"); code != 0 {
				t.Fatalf("exit %d:\n%s", code, text)
			}
			after := run("state", "pull")
			if got := stateIDs(t, after); got["new"] != ids["new"] || got["hurt"] != ids["hurt"] || strings.Contains(after, "tainted") {
				t.Errorf("the state is not Terraform's last word:\n%s", after)
			}
			if code, text := s.run("--execute", "--incident", "INC-1", "--yes"); code != 0 || run("state", "pull") != after {
				t.Errorf("a second run: exit %d, or it changed the state:\n%s", code, text)
			}
			code, text := s.run("--rollback", "--incident", "INC-1", "--yes")
			got := stateIDs(t, run("state", "pull"))
			if code != 0 || got["new"] != "" || (got["old"] != "") == first {
				t.Errorf("the roll-back: exit %d, or the state is not as it was: %v\n%s", code, got, text)
			}
		})
	}
}

func jsonNumber(n uint64) string {
	text, err := json.Marshal(n)
	if err != nil { // a number always marshals
		return ""
	}
	return string(text)
}

// readIfAny is a file that may not be there.
func (s *stage) readIfAny(path string) string {
	s.t.Helper()
	data, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		s.t.Fatal(err)
	}
	return string(data)
}
