package wanted

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"reconcile/internal/hint"
	"reconcile/internal/statefile"
	"reconcile/internal/tfdir"
)

// Config is what the wanted addresses are told from where there is no plan.
type Config struct {
	Dir   string // the root module's folder
	State *statefile.State
	// Inputs are the -var and -var-file of the apply, in their order.
	Inputs []Input
	// Env is os.Getenv, or what stands for it: TF_VAR_NAME, TF_WORKSPACE.
	Env func(string) string
	// Workspace is the one that the apply ran in, "" to look for it.
	Workspace string
}

// Input is one -var or -var-file.
type Input struct {
	File        string // of a -var-file
	Name, Value string
}

// FromConfig tells from the configuration and the state what a plan would say:
// which addresses are wanted, what is done with each, and what is known of its
// attributes. An instance that is in the state has the state's values; what
// comes after the apply is a reference; what cannot be evaluated is unknown.
//
// It knows the provider's schema for the kinds of the table in arguments.tsv,
// and for other types the attributes that the state shows. For a type of which
// neither tells, an argument that the configuration does not set keeps what the
// state has.
func FromConfig(c Config) (*Wanted, error) {
	funcs := functions(c.Dir)
	root, notes, err := loadConfig(c, funcs)
	if err != nil {
		return nil, hint.Errorf("give the root module's folder with --dir, or the plan with --plan-json", "%w", err)
	}
	pr := newReader()
	for _, n := range notes {
		pr.note("%s", n)
		pr.w.Missing = append(pr.w.Missing, n)
	}
	pr.world = newWorld(root, funcs)
	pr.world.where = "state"
	pr.world.workspace = workspace(c)
	if err := pr.variables(c, root); err != nil {
		return nil, err
	}
	state := c.State
	if state == nil {
		state = statefile.NoState()
	}
	pr.w.TerraformVersion = state.TerraformVersion
	p := newPlanner(pr, root, state)
	pr.world.planner = p
	p.importBlocks()
	p.walk(pr.world.root)
	p.gone()
	pr.take(p)
	pr.conf = asPlanned(root, p.host)
	pr.graph()
	pr.providers()
	p.createFirst()
	p.sensitive()
	pr.resolve()
	pr.finish()
	pr.w.Missing = slices.Compact(slices.Sorted(slices.Values(pr.w.Missing)))
	return pr.w, nil
}

// workspace is the selected one; without any sign of terraform init it is not
// known.
func workspace(c Config) string {
	if c.Workspace != "" {
		return c.Workspace
	}
	if w := c.getenv("TF_WORKSPACE"); w != "" {
		return w
	}
	data := tfdir.Data(c.Dir, c.getenv)
	if b, err := os.ReadFile(filepath.Join(data, "environment")); err == nil {
		return strings.TrimSpace(string(b))
	}
	if info, err := os.Stat(data); err == nil && info.IsDir() {
		return "default"
	}
	return ""
}

func (c Config) getenv(name string) string {
	if c.Env == nil {
		return ""
	}
	return c.Env(name)
}

// take makes the list of instances from what was planned.
func (pr *reading) take(p *planner) {
	for _, address := range slices.Sorted(maps.Keys(p.made)) {
		m := p.made[address]
		pr.w.Instances = append(pr.w.Instances, m.inst)
		pr.scopes = append(pr.scopes, m.scope)
	}
	for _, address := range slices.Sorted(maps.Keys(p.unlisted)) {
		pr.w.Unlisted = append(pr.w.Unlisted, p.unlisted[address])
	}
	for cause, where := range p.open {
		slices.Sort(where)
		pr.note("it is not known which instances there are of %s, because %s: those of the state are taken, there may be more", listed3(where), cause)
	}
}

func listed3(names []string) string {
	names = slices.Compact(names)
	out := ""
	for i, n := range names[:min(3, len(names))] {
		if i > 0 {
			out += ", "
		}
		out += n
	}
	if more := len(names) - 3; more > 0 {
		out += fmt.Sprintf(" and %d more", more)
	}
	return out
}
