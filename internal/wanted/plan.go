package wanted

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"reconcile/internal/hint"
)

// FromPlanFile is FromPlan of a file that a person named.
func FromPlanFile(path string, c Config) (*Wanted, error) {
	f, err := hint.Open(path, "the plan", "give the output of terraform show -json tfplan with --plan-json")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return FromPlan(f, path, c)
}

// FromPlan reads a plan's JSON. name is what messages call it. Of c it takes the
// root folder of the configuration that was planned, the environment and the
// workspace: with a folder, an attribute that the plan does not know yet becomes
// a reference to the address that it will come from, wherever the configuration
// says so for certain. Without one (or where it cannot be read, which a note
// says) the plan's own list of references has to do. Only a plan that cannot be
// read at all is an error.
func FromPlan(r io.Reader, name string, c Config) (*Wanted, error) {
	p, err := decodePlan(r, name)
	if err != nil {
		return nil, err
	}
	pr := newReader()
	pr.plan, pr.conf, pr.w.TerraformVersion = p, p.Configuration, p.TerraformVersion
	if p.Errored {
		pr.w.Doubts = append(pr.w.Doubts, "the plan "+name+" was cut short by an error: Terraform applies no such plan, and addresses that it did not get to are missing")
	}
	if len(p.Deferred) > 0 {
		pr.note("the plan %s defers changes to a later run: they are not in it (%d)", name, len(p.Deferred))
	}
	if !p.Errored && len(p.Deferred) == 0 && p.Complete != nil && !*p.Complete {
		pr.w.Partial = true
		pr.note("the plan %s is of a part of the configuration (-target): what lies outside is not in it", name)
	}
	pr.config(c)
	if err := pr.populate(name); err != nil {
		return nil, err
	}
	pr.undeclared(c.Dir)
	pr.graph()
	pr.providers()
	for i := range pr.w.Instances {
		pr.evaluate(i)
	}
	pr.resolve()
	pr.finish()
	return pr.w, nil
}

// reading is the reading of one plan, or of a configuration alone.
type reading struct {
	plan  *planJSON          // nil without one
	conf  *configurationJSON // the plan's, or what it would be
	world *world
	refs  *graph
	w     *Wanted
	// scopes and after belong to w.Instances, in its order.
	scopes []*scope
	after  []map[string]any
	notes  map[string]bool
	// cause -> the attributes that stay unknown because of it.
	cause map[string][]string
}

func newReader() *reading {
	return &reading{notes: map[string]bool{}, cause: map[string][]string{}, w: &Wanted{Providers: map[string]Provider{}}}
}

func (pr *reading) note(format string, args ...any) {
	pr.notes[fmt.Sprintf(format, args...)] = true
}

func (pr *reading) config(c Config) {
	funcs := functions(c.Dir)
	whole := (pr.plan.Complete == nil || *pr.plan.Complete) && !pr.plan.Errored
	if !whole {
		// Where addresses are missing, an error means nothing.
		delete(funcs, "try")
		delete(funcs, "can")
	}
	var root *module
	switch m, notes, err := loadConfig(c, funcs); {
	case c.Dir == "":
		pr.note("the configuration's folder was not given: attributes that the plan does not know yet are told from its list of references alone")
	case err != nil:
		pr.note("the configuration is not evaluated (%v): attributes that the plan does not know yet are told from its list of references alone", err)
	default:
		root = m
		for _, n := range notes {
			pr.note("%s", n)
		}
	}
	pr.world = newWorld(root, funcs)
	pr.world.whole = whole
	for name, v := range pr.plan.Variables {
		pr.world.variables[name] = toCty(v.Value, nil)
	}
	pr.world.workspace = workspace(c)
}

// populate fills the world and makes the list of instances.
func (pr *reading) populate(name string) error {
	type entry struct {
		inst  Instance
		scope *scope
		after map[string]any
	}
	var entries []entry
	inPlan := map[objectKey]bool{}
	for i, c := range pr.plan.Changes {
		if c.Deposed != "" {
			continue
		}
		s, err := pr.scope(c.ModuleAddress)
		if err != nil {
			return hint.Errorf(howToWrite, "the plan %s, resource_changes[%d]: %w", name, i, err)
		}
		key := instanceKey(c.Index)
		if c.Mode == "data" {
			id := objectKey{s.id, "data." + c.Type + "." + c.Name}
			inPlan[id] = true
			pr.put(id, object{key: key, values: c.Change.After, unknown: c.Change.AfterUnknown})
			continue
		}
		if c.Mode != "managed" {
			continue
		}
		if c.Address == "" || c.Type == "" || c.Name == "" {
			return hint.Errorf(howToWrite, "the plan %s, resource_changes[%d]: the address is missing", name, i)
		}
		action, ok := actionOf(c.Change.Actions)
		if !ok {
			pr.note("the plan wants %s at %s, which reconcile does not know: it is left out", strings.Join(c.Change.Actions, " and "), c.Address)
			continue
		}
		inst := Instance{
			Address: c.Address, PreviousAddress: c.PreviousAddress, Module: c.ModuleAddress,
			Type: c.Type, Name: c.Name, Key: key, Source: c.ProviderName, Action: action, Values: map[string]Value{},
		}
		if inst.PreviousAddress == inst.Address {
			inst.PreviousAddress = ""
		}
		if c.Change.Before != nil {
			inst.PriorID, _ = c.Change.Before.ID.(string)
		}
		if action != Delete && action != Forget {
			unknown, _ := c.Change.AfterUnknown.(map[string]any)
			inst.known(c.Change.After, unknown)
			inst.Sensitive = marked(c.Change.AfterSensitive)
			pr.put(objectKey{s.id, c.Type + "." + c.Name}, object{key: key, address: c.Address, values: c.Change.After, unknown: c.Change.AfterUnknown})
		}
		entries = append(entries, entry{inst, s, c.Change.After})
	}
	if pr.plan.PriorState != nil && pr.plan.PriorState.Values != nil {
		if err := pr.readData(pr.plan.PriorState.Values.RootModule, inPlan, name); err != nil {
			return err
		}
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(a.inst.Address, b.inst.Address) })
	for i, e := range entries {
		if i > 0 && entries[i-1].inst.Address == e.inst.Address {
			return hint.Errorf(howToWrite, "the plan %s names %s twice", name, e.inst.Address)
		}
		pr.w.Instances = append(pr.w.Instances, e.inst)
		pr.scopes = append(pr.scopes, e.scope)
		pr.after = append(pr.after, e.after)
	}
	return nil
}

func (pr *reading) put(id objectKey, o object) {
	pr.world.objects[id] = append(pr.world.objects[id], o)
}

// readData takes the data sources that were read before the plan was made.
// Those that are read during the apply are among the changes, and win.
func (pr *reading) readData(m stateModuleJSON, inPlan map[objectKey]bool, name string) error {
	s, err := pr.scope(m.Address)
	if err != nil {
		return hint.Errorf(howToWrite, "the plan %s, prior_state: %w", name, err)
	}
	for _, r := range m.Resources {
		id := objectKey{s.id, "data." + r.Type + "." + r.Name}
		if r.Mode != "data" || inPlan[id] {
			continue
		}
		var values map[string]any
		dec := json.NewDecoder(strings.NewReader(string(r.Values)))
		dec.UseNumber()
		if err := dec.Decode(&values); err != nil {
			return hint.Errorf(howToWrite, "the plan %s, prior_state, %s: its values are no object", name, r.Address)
		}
		pr.put(id, object{key: instanceKey(r.Index), values: values})
	}
	for _, c := range m.Children {
		if err := pr.readData(c, inPlan, name); err != nil {
			return err
		}
	}
	return nil
}

// scope finds the module instance of an address such as module.a["k"].module.b.
func (pr *reading) scope(address string) (*scope, error) {
	s := pr.world.root
	if address == "" {
		return s, nil
	}
	t, diags := hclsyntax.ParseTraversalAbs([]byte(address), "", hcl.InitialPos)
	bad := fmt.Errorf("%q is no module address", address)
	if diags.HasErrors() {
		return nil, bad
	}
	for i := 0; i < len(t); i += 2 {
		word := step(t, i)
		if i == 0 {
			word = t.RootName()
		}
		name := step(t, i+1)
		if word != "module" || name == "" {
			return nil, bad
		}
		var key any
		if i+2 < len(t) {
			if at, ok := t[i+2].(hcl.TraverseIndex); ok {
				if key = instanceKey(fromCty(at.Key)); key == nil {
					return nil, bad
				}
				i++
			}
		}
		s = pr.world.scope(s, name, key)
	}
	return s, nil
}

func instanceKey(v any) any {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		if f, err := v.Float64(); err == nil {
			return f
		}
	case float64:
		return v
	}
	return nil
}

func actionOf(actions []string) (Action, bool) {
	a, ok := map[string]Action{
		"no-op": NoOp, "create": Create, "update": Update, "delete": Delete, "forget": Forget,
		"delete,create": Replace, "create,delete": ReplaceCBD, "create,forget": ReplaceCBD,
	}[strings.Join(actions, ",")]
	return a, ok
}

// known takes over the attributes that the plan knows in full.
func (inst *Instance) known(after, unknown map[string]any) {
	for name, v := range after {
		if !anyTrue(unknown[name]) {
			inst.Values[name] = Value{Known: v}
		}
	}
	for name, u := range unknown {
		if anyTrue(u) {
			inst.Unknown = append(inst.Unknown, name)
		}
	}
	slices.Sort(inst.Unknown)
}

// marked names the attributes that after_sensitive marks in any part.
func marked(sensitive any) []string {
	var out []string
	attrs, _ := sensitive.(map[string]any)
	for name, s := range attrs {
		if anyTrue(s) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
