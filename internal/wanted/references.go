package wanted

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// graph says which resources the blocks of a configuration refer to, from the
// reference lists of the plan's JSON. Locals are not in there: their references
// come from the configuration itself.
type graph struct {
	world *world
	root  *moduleJSON
	// instances are the addresses wanted, by resource.
	instances map[objectKey][]string
	children  map[string][]*scope // by parent and call
	configs   map[string]*moduleJSON
	blocks    map[objectKey]*resourceJSON
	memo      map[objectKey][]string
	parsed    map[string][]string
}

func newGraph(w *world, root *moduleJSON) *graph {
	g := &graph{
		world: w, root: root, instances: map[objectKey][]string{}, children: map[string][]*scope{},
		configs: map[string]*moduleJSON{}, blocks: map[objectKey]*resourceJSON{}, memo: map[objectKey][]string{},
		parsed: map[string][]string{},
	}
	for id, list := range w.objects {
		for _, o := range list {
			if o.address != "" {
				g.instances[id] = append(g.instances[id], o.address)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(w.scopes)) {
		if s := w.scopes[id]; s.parent != nil {
			at := s.parent.id + "." + s.name
			g.children[at] = append(g.children[at], s)
		}
	}
	if root != nil {
		g.index(w.root, root)
		g.complete(w.root)
	}
	return g
}

// complete adds the modules that hold no resource: references lead through
// their outputs all the same.
func (g *graph) complete(s *scope) {
	m := g.config(s)
	if m == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(m.Calls)) {
		at := s.id + "." + name
		if len(g.children[at]) == 0 {
			g.children[at] = []*scope{g.world.scope(s, name, nil)}
		}
		for _, child := range g.children[at] {
			g.complete(child)
		}
	}
}

// config is the plan's record of a module, nil if it has none.
func (g *graph) config(s *scope) *moduleJSON {
	if s.parent == nil {
		return g.root
	}
	m, ok := g.configs[s.id]
	if !ok {
		if above := g.config(s.parent); above != nil {
			if c, ok := above.Calls[s.name]; ok {
				m = &c.Module
			}
		}
		g.configs[s.id] = m
		if m != nil {
			g.index(s, m)
		}
	}
	return m
}

func (g *graph) index(s *scope, m *moduleJSON) {
	for i := range m.Resources {
		r := &m.Resources[i]
		name := r.Type + "." + r.Name
		if r.Mode == "data" {
			name = "data." + name
		}
		g.blocks[objectKey{s.id, name}] = r
	}
}

// resource is the plan's record of a resource block, nil if it has none.
func (g *graph) resource(s *scope, name string) *resourceJSON {
	g.config(s)
	return g.blocks[objectKey{s.id, name}]
}

// visit is one walk through locals, variables, outputs and data sources.
type visit struct {
	*graph
	found map[objectKey]bool
	seen  map[string]bool
}

// dependencies lists the instances that a resource's block refers to. All
// instances of one block in one module share the list.
func (g *graph) dependencies(s *scope, name string) []string {
	id := objectKey{s.id, name}
	if out, ok := g.memo[id]; ok {
		return out
	}
	out := g.needs(s, name).addresses()
	g.memo[id] = out
	return out
}

// needs finds the blocks that a resource's block refers to, whether or not there
// are instances of them.
func (g *graph) needs(s *scope, name string) visit {
	v := visit{g, map[objectKey]bool{}, map[string]bool{}}
	v.block(s, name)
	for at := s; at.parent != nil; at = at.parent {
		if above := g.config(at.parent); above != nil {
			c := above.Calls[at.name]
			v.all(at.parent, references([]any{c.Count, c.ForEach}))
			v.whole(at.parent, c.DependsOn)
		}
	}
	delete(v.found, objectKey{s.id, name})
	return v
}

func (v visit) addresses() []string {
	var out []string
	for id := range v.found {
		out = append(out, v.instances[id]...)
	}
	return slices.Compact(slices.Sorted(slices.Values(out)))
}

func (v visit) block(s *scope, name string) {
	r := v.resource(s, name)
	if r == nil {
		return
	}
	for _, e := range r.Expressions {
		v.all(s, references(e))
	}
	v.all(s, references([]any{r.Count, r.ForEach, r.Provisioners}))
	v.whole(s, r.DependsOn)
	// A plan's JSON has nothing of dynamic blocks and of lifecycle.
	if s.module != nil && s.module.resources[name] != nil {
		for _, t := range s.module.resources[name].beside {
			v.follow(s, names(t))
		}
	}
}

func (v visit) all(s *scope, refs []string) {
	for _, r := range refs {
		v.follow(s, v.parts(r))
	}
}

// whole follows a depends_on, where a module means everything in it.
func (v visit) whole(s *scope, refs []string) {
	for _, r := range refs {
		p := v.parts(r)
		if len(p) != 2 || p[0] != "module" {
			v.follow(s, p)
			continue
		}
		for _, child := range v.children[s.id+"."+p[1]] {
			v.everything(child)
		}
	}
}

func (v visit) everything(s *scope) {
	for id := range v.instances {
		if id.scope == s.id || strings.HasPrefix(id.scope, s.id+".") {
			v.found[id] = true
		}
	}
}

// follow goes from one reference, given as its names, to the resources behind it.
func (v visit) follow(s *scope, p []string) {
	if len(p) < 2 {
		return
	}
	mark := s.id + " " + strings.Join(p[:min(3, len(p))], ".")
	if v.seen[mark] {
		return
	}
	v.seen[mark] = true
	switch p[0] {
	case "each", "count", "self", "path", "terraform":
	case "var":
		if s.parent == nil {
			return
		}
		if above := v.config(s.parent); above != nil {
			v.all(s.parent, references(above.Calls[s.name].Expressions[p[1]]))
		}
	case "local":
		if s.module != nil && s.module.locals[p[1]] != nil {
			for _, t := range s.module.locals[p[1]].refs {
				v.follow(s, names(t))
			}
		}
	case "module":
		for _, child := range v.children[s.id+"."+p[1]] {
			v.outputs(child, p[2:])
		}
		// What decides how many there are decides what the output holds.
		if m := v.config(s); m != nil {
			v.all(s, references([]any{m.Calls[p[1]].Count, m.Calls[p[1]].ForEach}))
		}
	case "data":
		if len(p) > 2 {
			v.block(s, "data."+p[1]+"."+p[2])
		}
	default:
		v.found[objectKey{s.id, p[0] + "." + p[1]}] = true
	}
}

func (v visit) outputs(s *scope, wants []string) {
	m := v.config(s)
	if m == nil {
		return
	}
	for name, out := range m.Outputs {
		if len(wants) == 0 || wants[0] == name {
			v.all(s, references(out.Expression))
			v.whole(s, out.DependsOn)
		}
	}
}

// parts are the names of a reference, without its indexes.
func (g *graph) parts(ref string) []string {
	p, ok := g.parsed[ref]
	if !ok {
		if t, diags := hclsyntax.ParseTraversalAbs([]byte(ref), "", hcl.InitialPos); !diags.HasErrors() {
			p = names(t)
		}
		g.parsed[ref] = p
	}
	return p
}

func names(t hcl.Traversal) []string {
	out := []string{t.RootName()}
	for _, st := range t[1:] {
		if a, ok := st.(hcl.TraverseAttr); ok {
			out = append(out, a.Name)
		}
	}
	return out
}

// sameReferences reports whether the configuration's expression refers to what
// the plan says it did.
func sameReferences(have []hcl.Traversal, planned []string) bool {
	set := func(add func(func([]string))) []string {
		var out []string
		add(func(p []string) {
			n := 2
			if len(p) > 0 && p[0] == "data" {
				n = 3
			}
			// The loop's own names and the path's are not always listed.
			if len(p) >= n && !slices.Contains([]string{"each", "count", "self", "path", "terraform"}, p[0]) {
				out = append(out, strings.Join(p[:n], "."))
			}
		})
		return slices.Compact(slices.Sorted(slices.Values(out)))
	}
	a := set(func(add func([]string)) {
		for _, t := range have {
			add(names(t))
		}
	})
	b := set(func(add func([]string)) {
		for _, r := range planned {
			if t, diags := hclsyntax.ParseTraversalAbs([]byte(r), "", hcl.InitialPos); !diags.HasErrors() {
				add(names(t))
			}
		}
	})
	return slices.Equal(a, b)
}

func (pr *reading) graph() {
	var root *moduleJSON
	if pr.conf == nil {
		pr.note("the plan holds no configuration: the order of dependencies is not known")
	} else {
		root = &pr.conf.Root
	}
	g := newGraph(pr.world, root)
	pr.refs = g
	if root == nil {
		return
	}
	for i := range pr.w.Instances {
		inst := &pr.w.Instances[i]
		if inst.Action != Delete && inst.Action != Forget {
			inst.DependsOn = g.dependencies(pr.scopes[i], inst.Type+"."+inst.Name)
		}
	}
	v := visit{g, map[objectKey]bool{}, map[string]bool{}}
	v.outputs(pr.world.root, nil)
	pr.w.OutputRefs = v.addresses()
}
