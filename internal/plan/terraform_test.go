package plan

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"reconcile/internal/diff"
	"reconcile/internal/need"
	"reconcile/internal/statefile"
	"reconcile/internal/wanted"
)

// terraform runs the real one in a folder, with its built-in provider.
type terraform struct {
	t         *testing.T
	path, dir string
}

func newTerraform(t *testing.T) terraform {
	return terraform{t, need.Tool(t, "terraform"), t.TempDir()}
}

func (f terraform) config(text string) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.dir, "main.tf"), []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func (f terraform) must(args ...string) string {
	f.t.Helper()
	cmd := exec.Command(f.path, args...)
	cmd.Dir, cmd.Env = f.dir, append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		f.t.Fatalf("terraform %s: %v\n%s%s", strings.Join(args, " "), err, out, said.String())
	}
	return string(out)
}

// TestMovesAreThoseOfTerraform fails when an address is held by another object
// than the one that Terraform's own apply leaves there: after a chain of moves,
// one into a module, and the one that adding count makes.
func TestMovesAreThoseOfTerraform(t *testing.T) {
	f := newTerraform(t)
	f.config("resource \"terraform_data\" \"a\" {}\nresource \"terraform_data\" \"f\" {}\nresource \"terraform_data\" \"c\" {\n  count = 2\n}\n")
	f.must("init", "-input=false", "-no-color")
	f.must("apply", "-auto-approve", "-input=false", "-no-color")
	state := func() *statefile.State {
		t.Helper()
		st, err := statefile.Read(strings.NewReader(f.must("state", "pull")), "state")
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	before := state()

	if err := os.Mkdir(filepath.Join(f.dir, "m"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(f.dir, "m", "main.tf"), []byte("resource \"terraform_data\" \"d\" {\n  count = 2\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f.config(`
moved {
  from = terraform_data.a
  to   = terraform_data.b
}
moved {
  from = terraform_data.b
  to   = terraform_data.e["x"]
}
moved {
  from = terraform_data.c
  to   = module.m["k"].terraform_data.d
}
resource "terraform_data" "f" {
  count = 1
}
resource "terraform_data" "e" {
  for_each = toset(["x"])
}
module "m" {
  source   = "./m"
  for_each = toset(["k"])
}
`)
	f.must("init", "-input=false", "-no-color")
	f.must("plan", "-input=false", "-no-color", "-out=tfplan")
	w, err := wanted.FromPlan(strings.NewReader(f.must("show", "-json", "tfplan")), "plan", wanted.Config{Dir: f.dir})
	if err != nil {
		t.Fatal(err)
	}
	b := &builder{diff: diff.Result{Instances: instancesOf(before)}, in: Input{Subject: diff.Subject{Wanted: w}}}
	got := map[string]string{}
	for address, i := range b.holders(w) {
		got[address] = idOf(t, i.Instance)
	}
	f.must("apply", "-input=false", "-no-color", "tfplan")
	want := map[string]string{}
	for _, i := range state().Instances {
		want[i.Address] = idOf(t, i)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("what holds each address (-Terraform +reconcile):\n%s", d)
	}
	b.diff.Instances = instancesOf(state())
	for address, i := range b.holders(w) {
		if i.Address != address {
			t.Errorf("the moves are made, and %s is still taken for %s's", i.Address, address)
		}
	}
}

func instancesOf(s *statefile.State) []diff.Instance {
	var out []diff.Instance
	for _, i := range s.Instances {
		attrs, err := i.Attrs()
		if err != nil {
			attrs = nil
		}
		out = append(out, diff.Instance{Instance: i, Attrs: attrs})
	}
	return out
}

func idOf(t *testing.T, i statefile.Instance) string {
	t.Helper()
	attrs, err := i.Attrs()
	if err != nil || attrs.Text("id") == "" {
		t.Fatalf("%s has no id: %v", i.Address, err)
	}
	return attrs.Text("id")
}
