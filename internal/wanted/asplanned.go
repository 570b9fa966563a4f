package wanted

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// What a plan's JSON says of the configuration, made from the configuration
// itself: so that references, providers and the order are told by one code.

// frame is one module on the way from the root to where something stands.
type frame struct {
	name   string // of the call
	module *module
	call   *call
}

func (s *scope) frames() []frame {
	if s.parent == nil {
		return []frame{{module: s.module}}
	}
	return append(s.parent.frames(), frame{s.name, s.module, s.call})
}

// asPlanned describes a configuration as a plan's JSON does.
func asPlanned(root *module, host string) *configurationJSON {
	out := &configurationJSON{Providers: map[string]providerJSON{}}
	out.Root = out.describe([]frame{{module: root}}, host)
	return out
}

func (out *configurationJSON) describe(at []frame, host string) moduleJSON {
	m := at[len(at)-1].module
	d := moduleJSON{Calls: map[string]callJSON{}}
	d.Outputs = map[string]outputJSON{}
	for name, o := range m.outputs {
		d.Outputs[name] = outputJSON{Expression: referencesOf(o.value), DependsOn: texts(o.dependsOn)}
	}
	for _, name := range slices.Sorted(maps.Keys(m.resources)) {
		d.Resources = append(d.Resources, describeResource(at, name, m.resources[name]))
	}
	for name, c := range m.calls {
		j := callJSON{Expressions: map[string]any{}, Count: referencesOf(c.count), ForEach: referencesOf(c.forEach), DependsOn: texts(c.dependsOn)}
		for arg, e := range c.args {
			j.Expressions[arg] = referencesOf(e)
		}
		if c.module != nil {
			j.Module = out.describe(append(slices.Clone(at), frame{name, c.module, c}), host)
		}
		d.Calls[name] = j
	}
	for key, block := range m.providers {
		local, alias, _ := strings.Cut(key, ".")
		p := providerJSON{FullName: fullSource(m, local, host), Alias: alias, Module: modulePath(at), Expressions: map[string]any{}}
		if e := block.attrs["region"]; e != nil {
			p.Expressions["region"] = referencesOf(e)
		}
		if role, ok := block.blocks["assume_role"]; ok {
			p.Expressions["assume_role"] = []any{map[string]any{"role_arn": referencesOf(role["role_arn"])}}
		} else if block.attrs["assume_role"] != nil {
			p.Expressions["assume_role"] = []any{map[string]any{}}
		}
		out.Providers[providerKey(at, key)] = p
	}
	return d
}

func describeResource(at []frame, name string, r *resource) resourceJSON {
	j := resourceJSON{Mode: "managed", Expressions: map[string]any{}, Count: referencesOf(r.count), ForEach: referencesOf(r.forEach),
		DependsOn: texts(r.dependsOn), Provisioners: map[string]any{"references": list(texts(r.beside))}}
	if rest, ok := strings.CutPrefix(name, "data."); ok {
		j.Mode, name = "data", rest
	}
	j.Type, j.Name, _ = strings.Cut(name, ".")
	if depth, key, ok := configuredBy(at, r.provider, j.Type); ok {
		j.ProviderKey = providerKey(at[:depth+1], key)
	}
	for attr, e := range r.attrs {
		j.Expressions[attr] = referencesOf(e)
	}
	blocks := map[string][]any{}
	for _, n := range r.blocks {
		blocks[n.name] = append(blocks[n.name], map[string]any{"references": list(blockReferences(n, nil))})
	}
	for name, b := range blocks {
		j.Expressions[name] = b
	}
	return j
}

func blockReferences(n *nested, bound []string) []string {
	var out []string
	if n.forEach != nil {
		out = append(out, texts(n.forEach.refs)...)
		bound = append(slices.Clone(bound), n.iterator)
	}
	for _, name := range slices.Sorted(maps.Keys(n.attrs)) {
		for _, t := range n.attrs[name].refs {
			if !slices.Contains(bound, t.RootName()) {
				out = append(out, texts([]hcl.Traversal{t})...)
			}
		}
	}
	for _, below := range n.blocks {
		out = append(out, blockReferences(below, bound)...)
	}
	return out
}

func referencesOf(e *expression) any {
	if e == nil {
		return nil
	}
	return map[string]any{"references": list(texts(e.refs))}
}

func texts(ts []hcl.Traversal) []string {
	var out []string
	for _, t := range ts {
		out = append(out, strings.Join(names(t), "."))
	}
	return out
}

func list(texts []string) []any {
	out := make([]any, len(texts))
	for i, t := range texts {
		out[i] = t
	}
	return out
}

// modulePath is a module's address without keys.
func modulePath(at []frame) string {
	var steps []moduleStep
	for _, f := range at[1:] {
		steps = append(steps, moduleStep{name: f.name})
	}
	return moduleText(steps)
}

func providerKey(at []frame, key string) string {
	if path := modulePath(at); path != "" {
		return path + ":" + key
	}
	return key
}

// configuredBy finds the provider block of a resource: in its module, or where
// the calls lead that hand it on. The depth is that of the frame that has the
// block; the root's where nobody wrote one.
func configuredBy(at []frame, provider, typ string) (depth int, key string, ok bool) {
	if key = provider; key == "" {
		key, _, _ = strings.Cut(typ, "_")
	}
	for depth = len(at) - 1; ; depth-- {
		f := at[depth]
		if f.module == nil {
			return 0, "", false
		}
		if f.module.providers[key] != nil || depth == 0 {
			return depth, key, true
		}
		if from, handed := f.call.providers[key]; handed {
			key = from
			continue
		}
		local, alias, aliased := strings.Cut(key, ".")
		above := at[depth-1].module
		if above == nil {
			return 0, "", false
		}
		source := fullSource(f.module, local, "")
		if fullSource(above, local, "") != source {
			for _, other := range slices.Sorted(maps.Keys(above.sources)) {
				if fullSource(above, other, "") == source {
					local = other
				}
			}
		}
		if key = local; aliased {
			key += "." + alias
		}
	}
}

// fullSource is the address of a provider by its name in a module.
func fullSource(m *module, local, host string) string {
	if local == "terraform" {
		return builtin + "terraform"
	}
	source := m.sources[local]
	if source == "" {
		source = local
	}
	switch parts := strings.Split(strings.ToLower(source), "/"); len(parts) {
	case 1:
		return host + "/hashicorp/" + parts[0]
	case 2:
		return host + "/" + parts[0] + "/" + parts[1]
	default:
		return strings.Join(parts, "/")
	}
}

// source is the provider of a resource type in a module.
func (p *planner) source(m *module, provider, typ string) string {
	local, _, _ := strings.Cut(provider, ".")
	if local == "" {
		local, _, _ = strings.Cut(typ, "_")
	}
	return fullSource(m, local, p.host)
}

// configuredBy finds the module instance whose provider block an instance has,
// nil if nobody wrote one.
func (p *planner) configuredBy(s *scope, provider, typ string) (*scope, string, bool) {
	at := s.frames()
	depth, key, ok := configuredBy(at, provider, typ)
	if !ok {
		return nil, "", false
	}
	for range len(at) - 1 - depth {
		s = s.parent
	}
	return s, key, true
}

// providerKeyOf is the provider of an instance that is wanted no more, "" if its
// block is gone too.
func (p *planner) providerKeyOf(at place) string {
	frames := []frame{{module: p.root}}
	for _, st := range at.steps {
		m := frames[len(frames)-1].module
		if m == nil || m.calls[st.name] == nil {
			return ""
		}
		frames = append(frames, frame{st.name, m.calls[st.name].module, m.calls[st.name]})
	}
	m := frames[len(frames)-1].module
	if m == nil || m.resources[at.typ+"."+at.name] == nil {
		return ""
	}
	depth, key, ok := configuredBy(frames, m.resources[at.typ+"."+at.name].provider, at.typ)
	if !ok {
		return ""
	}
	return providerKey(frames[:depth+1], key)
}
