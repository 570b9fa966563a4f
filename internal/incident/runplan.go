package incident

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"reconcile/internal/hint"
	"reconcile/internal/statefile"
	"reconcile/internal/terraform"
	"reconcile/internal/wanted"
)

// runPlan asks Terraform for a fresh plan. The plan is made against the state as
// it is, stale as that may be: it says what the configuration wants beyond it.
//
// A wrong workspace name makes Terraform write a new, empty state. So the
// workspace is looked for among those that exist, by a command that opens no
// state, and the state must be the one that was given, before anything else.
func (r *reading) runPlan(ctx context.Context) error {
	cli, err := terraform.Find(r.o.Env)
	if err != nil {
		return err
	}
	if r.backend != nil && r.backend.Source == "flags" {
		return hint.Errorf("leave the --backend flags out, or make the plan yourself and give it with --plan-json",
			"--run-plan uses the backend that terraform init recorded in --dir: it cannot be used with --backend-bucket")
	}
	if r.state.Format == statefile.ShowJSON { // an errored state is never given as such
		return hint.Errorf("give the output of terraform state pull", "--run-plan needs the raw state: it must see that Terraform works on the same one")
	}
	environ := terraform.Environ(r.o.Environ)
	for _, in := range r.o.Inputs {
		if in.Name != "" {
			environ = append(environ, "TF_VAR_"+in.Name+"="+in.Value)
		}
	}
	run := func(args ...string) ([]byte, error) {
		if r.o.OnRun != nil {
			r.o.OnRun(filepath.Base(cli.Path) + " " + strings.Join(args, " "))
		}
		out, err := cli.Run(ctx, r.o.Dir, environ, args...)
		if err != nil && ctx.Err() == nil {
			return nil, hint.Errorf(mend(err, r.o.Dir)+", or leave out --run-plan: the configuration alone tells nearly as much", "--run-plan: %w", err)
		}
		return out, err
	}
	names, err := run("workspace", "list", "-no-color")
	if err != nil {
		return err
	}
	selected := selectedWorkspace(string(names))
	if selected == "" || (r.backend != nil && selected != r.backend.Workspace) {
		return hint.Errorf("look at TF_WORKSPACE and .terraform/environment",
			"--run-plan: the selected workspace is not one that the backend has, and Terraform would make it with an empty state")
	}
	pulled, err := run("state", "pull")
	if err != nil {
		return err
	}
	there, err := statefile.Read(bytes.NewReader(pulled), "terraform state pull")
	if len(bytes.TrimSpace(pulled)) == 0 {
		there, err = statefile.NoState(), nil
	}
	if err != nil {
		return err
	}
	given := r.state
	if r.errored != nil {
		given = r.pulled // Terraform does not have the errored one yet
	}
	if there.Lineage != given.Lineage || there.Serial != given.Serial {
		return hint.Errorf("pull the state again, and look at the workspace (TF_WORKSPACE, .terraform/environment)",
			"--run-plan: the state that Terraform has in --dir is not the one of --state (lineage %q serial %d there, %q serial %d given)",
			there.Lineage, there.Serial, given.Lineage, given.Serial)
	}
	return r.planFresh(run)
}

// mend says what to do about a command that failed, by what Terraform said.
func mend(err error, dir string) string {
	failed, ok := errors.AsType[*terraform.Error](err)
	if !ok {
		return "mend it"
	}
	for _, c := range []struct{ said, next string }{
		{"required variable", "give what the apply was given: --var-file FILE, --var NAME=VALUE"},
		{"terraform init", "run terraform init in " + dir},
		{"tofu init", "run tofu init in " + dir},
	} {
		if strings.Contains(failed.Said, c.said) {
			return c.next
		}
	}
	return "mend it"
}

// selectedWorkspace finds the marked line of terraform workspace list.
func selectedWorkspace(listed string) string {
	for line := range strings.Lines(listed) {
		if name, ok := strings.CutPrefix(line, "* "); ok {
			return strings.TrimSpace(name)
		}
	}
	return ""
}

// planFresh makes the plan in a folder that only the user can read, since a plan
// holds secrets, and takes the folder away again.
func (r *reading) planFresh(run func(...string) ([]byte, error)) (err error) {
	dir, err := os.MkdirTemp("", "reconcile-plan-")
	if err != nil {
		return fmt.Errorf("making a folder for the plan: %w", err)
	}
	defer func() {
		if e := os.RemoveAll(dir); e != nil && err == nil {
			err = hint.Errorf("remove the folder, it holds secrets", "removing the plan in %s: %w", dir, e)
		}
	}()
	file := filepath.Join(dir, "tfplan")
	args := []string{"plan", "-lock=false", "-refresh=false", "-input=false", "-no-color", "-out=" + file}
	for _, f := range r.o.VarFiles {
		abs, err := filepath.Abs(f)
		if err != nil {
			return fmt.Errorf("finding the variable file %s: %w", f, err)
		}
		args = append(args, "-var-file="+abs)
	}
	if _, err := run(args...); err != nil {
		return err
	}
	shown, err := run("show", "-json", "-no-color", file)
	if err != nil {
		return err
	}
	// A warning may follow the document.
	if i := bytes.IndexByte(shown, '\n'); i > 0 {
		shown = shown[:i]
	}
	if r.wanted, err = wanted.FromPlan(bytes.NewReader(shown), "terraform plan", r.configuration()); err != nil {
		return err
	}
	r.note("the wanted addresses are those of a fresh plan of the configuration against the given state (--run-plan): " + strings.Join(slices.Concat([]string{"terraform"}, args[:5]), " "))
	r.notes = append(r.notes, r.wanted.Notes...)
	r.problems = append(r.problems, r.wanted.Doubts...)
	return nil
}
