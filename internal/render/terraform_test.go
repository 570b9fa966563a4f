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

// TestTheScriptMendsARealState runs a rendered script against the real
// Terraform, with its built-in provider and a local state: what the script
// reads by text (state pull, plan -json, addresses) is Terraform's own there.
func TestTheScriptMendsARealState(t *testing.T) {
	terraform := need.Tool(t, "terraform")
	const key = `a<b>&"q" \\ ${x} é`
	const address = `terraform_data.this["a<b>&\"q\" \\\\ $${x} é"]`
	s := newStage(t, nil)
	s.must(os.RemoveAll(filepath.Join(s.work, ".terraform")))
	s.must(os.RemoveAll(filepath.Join(s.work, "modules")))
	s.must(os.Remove(filepath.Join(s.bin, "terraform")))
	s.must(os.Symlink(terraform, filepath.Join(s.bin, "terraform")))
	config := func(text string) string {
		s.put(filepath.Join(s.work, "main.tf"), text)
		return sum(text)
	}
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.Command(terraform, args...)
		cmd.Dir, cmd.Env = s.work, append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
		var said strings.Builder
		cmd.Stderr = &said
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("terraform %s: %v\n%s%s", strings.Join(args, " "), err, out, said.String())
		}
		return string(out)
	}
	literal, err := json.Marshal(key)
	s.must(err)
	const both = "resource \"terraform_data\" \"this\" {\n  for_each = toset([%s])\n}\nresource \"terraform_data\" \"hurt\" {}\n"
	kept := strings.Replace(both, "%s", strings.ReplaceAll(string(literal), "${", "$${"), 1)
	config(kept + "resource \"terraform_data\" \"gone\" {}\n")
	run("init", "-input=false", "-no-color")
	run("apply", "-auto-approve", "-input=false", "-no-color")
	ids := stateIDs(t, run("state", "pull"))
	run("state", "rm", address)
	run("taint", "terraform_data.hurt")
	hash := config(kept)
	pulled := run("state", "pull")
	var head struct {
		Serial  uint64
		Lineage string
	}
	s.must(json.Unmarshal([]byte(pulled), &head))

	r := sample()
	r.GeneratedAt = time.Now().UTC().Truncate(time.Second)
	r.Backend, r.Lock = nil, backend.Lock{Status: backend.Unknown, Error: "no S3 backend was found"}
	r.State.Serial, r.State.Lineage, r.State.SHA256 = head.Serial, head.Lineage, sum(pulled)
	r.Guard.Dir, r.Guard.Files = s.work, []plan.FileHash{{Path: "main.tf", SHA256: hash}}
	r.Guard.TerraformVersion = ""
	entry := func(name, key string) plan.Entry {
		return plan.Entry{Type: `"terraform_data"`, Name: `"` + name + `"`, Key: key}
	}
	mended, gone, hurt := ids["this"], ids["gone"], ids["hurt"]
	r.Actions = []plan.Action{
		{N: 1, Op: plan.Import, Address: address, Type: "terraform_data", ID: mended, Argv: []string{"import", "-input=false", address, mended},
			NewStateID: mended, Entry: entry("this", string(literal)), Undo: []string{"state", "rm", address}, EventIDs: []string{}, Needs: []string{}},
		{N: 2, Op: plan.Untaint, Address: "terraform_data.hurt", Type: "terraform_data", ID: hurt, Argv: []string{"untaint", "terraform_data.hurt"},
			OldStateID: hurt, NewStateID: hurt, Entry: entry("hurt", ""), Undo: []string{"taint", "terraform_data.hurt"}, EventIDs: []string{}, Needs: []string{}},
		{N: 3, Op: plan.StateRm, Address: "terraform_data.gone", Type: "terraform_data", ID: gone, Argv: []string{"state", "rm", "terraform_data.gone"},
			OldStateID: gone, Entry: entry("gone", ""), Undo: []string{}, EventIDs: []string{}, Needs: []string{}, Confirm: r.Actions[0].Confirm},
	}
	s.must(os.RemoveAll(s.out))
	s.must(WriteAll(s.out, r))

	code, text := s.run("--execute", "--incident", "INC-1", "--yes")
	if code != 0 {
		t.Fatalf("exit %d:\n%s", code, text)
	}
	after := run("state", "pull")
	got := stateIDs(t, after)
	if got["this"] != mended || got["gone"] != "" || strings.Contains(after, "tainted") {
		t.Errorf("the state is not mended:\n%s", after)
	}
	if code, text := s.run("--execute", "--incident", "INC-1", "--yes"); code != 0 || run("state", "pull") != after {
		t.Errorf("a second run: exit %d, or it changed the state:\n%s", code, text)
	}
	if code, text := s.run("--rollback", "--incident", "INC-1", "--yes"); code != 0 || stateIDs(t, run("state", "pull"))["gone"] != gone {
		t.Errorf("the roll-back: exit %d, or the state is not as it was:\n%s", code, text)
	}
}

// stateIDs are the ids of a pulled state by resource name.
func stateIDs(t *testing.T, pulled string) map[string]string {
	t.Helper()
	var state struct {
		Resources []struct {
			Name      string
			Instances []struct{ Attributes struct{ ID string } }
		}
	}
	if err := json.Unmarshal([]byte(pulled), &state); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, r := range state.Resources {
		for _, i := range r.Instances {
			out[r.Name] = i.Attributes.ID
		}
	}
	return out
}
