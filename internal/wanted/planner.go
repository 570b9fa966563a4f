package wanted

import (
	"maps"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"reconcile/internal/statefile"
	"reconcile/providers"
)

// planner does with the configuration and the state what terraform plan does:
// it says of each instance what becomes of it. A resource is planned when it is
// first referred to.
type planner struct {
	pr      *reading
	root    *module
	schemas map[string]*schema
	host    string // of providers without one, as the state has it
	names   []string
	prior   map[string]*prior    // by the address that the configuration has
	byHome  map[string][]*prior  // by module and resource, without the key
	data    map[string][]*prior  // likewise, data sources
	modules map[string][]any     // by module and call: the keys that the state has
	made    map[string]*made     // by address
	imports map[string]string    // what import blocks bring in, by address
	done    map[objectKey]string // why a resource cannot be told, "" if it can
	// unlisted stand for instances whose keys are not known; open says of which
	// blocks those are and why.
	unlisted map[string]Instance
	open     map[string][]string
	unread   []string // modules of the state that the configuration does not show
}

// prior is what the state holds.
type prior struct {
	address string // in the state
	at      place  // where it stands once moves are made
	inst    statefile.Instance
	attrs   providers.Attrs
}

// made is one instance as it is planned.
type made struct {
	inst  Instance
	scope *scope
	block *resource
	old   *prior
	// attrs are what expressions see; args what the configuration sets.
	attrs, args map[string]cty.Value
	renewed     []string // attributes of an object that stays, which it will have anew
	unsure      bool     // the action is the least that can be said
}

func newPlanner(pr *reading, root *module, state *statefile.State) *planner {
	p := &planner{
		pr: pr, root: root, schemas: schemas(state), host: "registry.terraform.io",
		prior: map[string]*prior{}, byHome: map[string][]*prior{}, data: map[string][]*prior{}, modules: map[string][]any{},
		imports: map[string]string{}, made: map[string]*made{}, done: map[objectKey]string{}, unlisted: map[string]Instance{}, open: map[string][]string{},
	}
	p.names = attributeNames(root)
	places := map[string]place{}
	var managed []*prior
	for _, i := range state.Instances {
		steps, ok := stepsOf(i.Module)
		attrs, err := i.Attrs()
		if i.Deposed != "" {
			continue
		}
		if !ok || err != nil { // to leave it out would make a creation of it
			pr.w.Missing = append(pr.w.Missing, i.Address+" of the state cannot be read: whether it is wanted is not known")
			continue
		}
		if strings.HasPrefix(i.Provider.Source, "registry.opentofu.org/") {
			p.host = "registry.opentofu.org"
		}
		unwrapDynamic(i, attrs)
		old := &prior{address: i.Address, at: place{steps, i.Type, i.Name, i.Key}, inst: i, attrs: attrs}
		if i.Mode == statefile.Data {
			home := i.Module + " data." + i.Type + "." + i.Name
			p.data[home] = append(p.data[home], old)
			continue
		}
		places[i.Address] = old.at
		managed = append(managed, old)
	}
	now := relocate(root, places)
	for _, old := range managed {
		old.at = now[old.address]
		p.prior[old.at.String()] = old
		home := moduleText(old.at.steps) + " " + old.at.typ + "." + old.at.name
		p.byHome[home] = append(p.byHome[home], old)
		for n, st := range old.at.steps {
			call := moduleText(old.at.steps[:n]) + " " + st.name
			if !slices.Contains(p.modules[call], st.key) {
				p.modules[call] = append(p.modules[call], st.key)
			}
		}
	}
	return p
}

// unwrapDynamic takes the type off the values of the built-in provider, whose
// attributes may be anything.
func unwrapDynamic(i statefile.Instance, attrs providers.Attrs) {
	if !strings.HasPrefix(i.Provider.Source, builtin) {
		return
	}
	for name, v := range attrs {
		if m, ok := v.(map[string]any); ok && len(m) == 2 && m["type"] != nil {
			if inner, ok := m["value"]; ok {
				attrs[name] = inner
			}
		}
	}
}

const builtin = "terraform.io/builtin/"

// steps is the way to a module instance.
func (s *scope) steps() []moduleStep {
	if s.parent == nil {
		return nil
	}
	return append(s.parent.steps(), moduleStep{s.name, s.key})
}

// calls are the names on that way.
func (s *scope) calls() []string {
	var out []string
	for _, st := range s.steps() {
		out = append(out, st.name)
	}
	return out
}

// walk plans everything below a module instance.
func (p *planner) walk(s *scope) {
	if s.module == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(s.module.resources)) {
		if !strings.HasPrefix(name, "data.") {
			p.expand(s, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.module.calls)) {
		c := s.module.calls[name]
		if c.module == nil {
			p.unread = append(p.unread, strings.Join(append(s.calls(), name), "."))
			continue
		}
		keys, why := p.keys(s, "module."+name, c.count, c.forEach)
		if why != "" {
			here := moduleText(append(s.steps(), moduleStep{name: name}))
			p.open[why] = append(p.open[why], here)
			keys = slices.Clone(p.modules[moduleText(s.steps())+" "+name])
			keys = slices.DeleteFunc(keys, func(k any) bool { return k == nil })
			p.stand(append(s.frames(), frame{name, c.module, c}), here+"[?]")
		}
		for _, key := range keys {
			p.walk(p.pr.world.scope(s, name, key))
		}
	}
}

// stand puts one unlisted instance in the place of all that a module whose keys
// are not known may hold more.
func (p *planner) stand(at []frame, module string) {
	m := at[len(at)-1].module
	for name, r := range m.resources {
		if !strings.HasPrefix(name, "data.") {
			p.unlist(at, module, name, r)
		}
	}
	for name, c := range m.calls {
		if c.module != nil {
			p.stand(append(slices.Clone(at), frame{name, c.module, c}), module+".module."+name)
		}
	}
}

func (p *planner) unlist(at []frame, module, name string, r *resource) {
	typ, label, _ := strings.Cut(name, ".")
	source := p.source(at[len(at)-1].module, r.provider, typ)
	inst := Instance{Address: statefile.FormatAddress(module, statefile.Managed, typ, label, nil), Module: module, Type: typ, Name: label,
		Source: source, Action: Create, Values: map[string]Value{}, Unknown: []string{"id"}}
	if !strings.Contains(inst.Address, "[?]") {
		inst.Address += "[?]"
	}
	if depth, key, ok := configuredBy(at, r.provider, typ); ok {
		inst.ProviderKey = providerKey(at[:depth+1], key)
	}
	p.unlisted[inst.Address] = inst
}

// keys are the instance keys of a block, or why they cannot be told.
func (p *planner) keys(s *scope, what string, count, forEach *expression) ([]any, string) {
	var v cty.Value
	switch {
	case count == nil && forEach == nil:
		return []any{nil}, ""
	case count != nil:
		v = s.or("the count of "+what, count, nil)
		if n, ok := wholeNumber(v); ok {
			keys := make([]any, n)
			for i := range keys {
				keys[i] = float64(i)
			}
			return keys, ""
		}
	default:
		v = s.loop(forEach)
		if names, whole := loopKeys(v); whole {
			keys := make([]any, len(names))
			for i, name := range names {
				keys[i] = name
			}
			return keys, ""
		}
	}
	if why := complaints(v); len(why) > 0 {
		return nil, strings.TrimSuffix(why[0], ".")
	}
	if count != nil {
		return nil, "the count depends on what is only known after the apply"
	}
	return nil, "the for_each depends on what is only known after the apply"
}

// loopKeys are the keys that a for_each makes instances of, nil where they are
// not known. They are the whole of them unless the value has more than it shows.
func loopKeys(v cty.Value) (keys []string, whole bool) {
	if v.IsMarked() || !v.IsKnown() || v.IsNull() {
		return nil, false
	}
	ty := v.Type()
	if !ty.IsMapType() && !ty.IsObjectType() && !ty.IsSetType() {
		return nil, false
	}
	keys = []string{}
	for it := v.ElementIterator(); it.Next(); {
		k, _ := it.Element()
		if k, _ = k.Unmark(); !k.IsKnown() || k.IsNull() || k.Type() != cty.String {
			return nil, false
		}
		keys = append(keys, k.AsString())
	}
	return keys, !partial(v)
}

// expand plans all instances of a resource in one module instance, and says why
// it cannot be told which there are, "" if it can.
func (p *planner) expand(s *scope, name string) string {
	id := objectKey{s.id, name}
	if why, ok := p.done[id]; ok {
		return why
	}
	p.done[id] = name + " refers to itself"
	p.done[id] = p.plan(s, id, name)
	return p.done[id]
}

func (p *planner) plan(s *scope, id objectKey, name string) string {
	if s.module == nil || s.module.resources[name] == nil {
		return name + " is not in the configuration that was read"
	}
	r := s.module.resources[name]
	here := moduleText(s.steps())
	keys, why := p.keys(s, name, r.count, r.forEach)
	if strings.HasPrefix(name, "data.") {
		if why == "" {
			why = p.read(s, id, name, r, keys)
		}
		return why
	}
	typ, label, _ := strings.Cut(name, ".")
	source := p.source(s.module, r.provider, typ)
	if why != "" {
		address := statefile.FormatAddress(here, statefile.Managed, typ, label, nil)
		p.open[why] = append(p.open[why], address)
		p.unlist(s.frames(), here, name, r)
		for _, old := range p.byHome[here+" "+name] {
			if old.at.key != nil {
				keys = append(keys, old.at.key)
			}
		}
	}
	for _, key := range keys {
		m := p.instance(s, r, typ, label, key, source)
		p.made[m.inst.Address] = m
		p.pr.world.objects[id] = append(p.pr.world.objects[id], object{key: key, address: m.inst.Address, attrs: m.attrs})
	}
	if why != "" {
		return "it is not known which instances there are of " + name
	}
	return ""
}

// gone lists what the state has and the configuration does not.
func (p *planner) gone() {
	for _, address := range slices.Sorted(maps.Keys(p.prior)) {
		old := p.prior[address]
		if p.made[address] != nil || p.hidden(old) {
			continue
		}
		action := Delete
		if forgotten(p.root, nil, old.at) {
			action = Forget
		}
		inst := Instance{
			Address: address, Module: moduleText(old.at.steps), Type: old.at.typ, Name: old.at.name, Key: old.at.key,
			Source: old.inst.Provider.Source, Action: action, PriorID: old.attrs.Text("id"), Values: map[string]Value{},
		}
		if old.address != address {
			inst.PreviousAddress = old.address
		}
		inst.ProviderKey = p.providerKeyOf(old.at)
		p.made[address] = &made{inst: inst, old: old}
	}
}

// hidden reports whether an instance is in a module that was not read, or one
// that may exist or not.
func (p *planner) hidden(old *prior) bool {
	var names []string
	for _, st := range old.at.steps {
		names = append(names, st.name)
		if slices.Contains(p.unread, strings.Join(names, ".")) {
			return true
		}
	}
	return false
}
