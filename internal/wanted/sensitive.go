package wanted

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// secrecy finds the attributes that a sensitive value may be in. It follows
// references and not values: too much is held back, and never too little.
type secrecy struct {
	p    *planner
	seen map[string]bool // what has been asked; a name that needs itself adds nothing
}

// sensitive names the attributes of each instance that must not be shown.
func (p *planner) sensitive() {
	x := secrecy{p, map[string]bool{}}
	for i := range p.pr.w.Instances {
		inst := &p.pr.w.Instances[i]
		m := p.made[inst.Address]
		found := map[string]bool{}
		for name, a := range p.attributesOf(inst.Type) {
			if a.sensitive {
				found[name] = true
			}
		}
		if m.old != nil {
			for name := range m.old.attrs {
				if m.old.inst.IsSensitive(name) {
					found[name] = true
				}
			}
		}
		if m.block != nil {
			maps.Copy(found, x.attributes(m.scope, m.block))
		}
		if m.block != nil && x.defaultTags(m) || found["tags"] {
			found["tags_all"] = true
		}
		for name, a := range p.attributesOf(inst.Type) {
			if a.follows != "" && found[a.follows] {
				found[name] = true
			}
		}
		inst.Sensitive = slices.Sorted(maps.Keys(found))
	}
}

func (x secrecy) defaultTags(m *made) bool {
	s, key, ok := x.p.configuredBy(m.scope, m.block.provider, m.inst.Type)
	if !ok || s == nil || s.module.providers[key] == nil {
		return false
	}
	return x.expression(s, s.module.providers[key].blocks["default_tags"]["tags"])
}

func (p *planner) attributesOf(typ string) map[string]attribute {
	if s := p.schemas[typ]; s != nil {
		return s.attrs
	}
	return nil
}

// attributes are those that the configuration gives a sensitive value.
func (x secrecy) attributes(s *scope, r *resource) map[string]bool {
	out := map[string]bool{}
	for name, e := range r.attrs {
		if x.expression(s, e) || x.expression(s, r.forEach) && refersTo(e, "each") {
			out[name] = true
		}
	}
	for _, n := range r.blocks {
		if x.block(s, n) {
			out[n.name] = true
		}
	}
	return out
}

func refersTo(e *expression, root string) bool {
	return slices.ContainsFunc(e.refs, func(t hcl.Traversal) bool { return t.RootName() == root })
}

func (x secrecy) block(s *scope, n *nested) bool {
	if x.expression(s, n.forEach) {
		return true
	}
	for _, e := range n.attrs {
		if x.expression(s, e) {
			return true
		}
	}
	return slices.ContainsFunc(n.blocks, func(b *nested) bool { return x.block(s, b) })
}

func (x secrecy) expression(s *scope, e *expression) bool {
	if e == nil {
		return false
	}
	return e.sensitive || slices.ContainsFunc(e.refs, func(t hcl.Traversal) bool {
		return !slices.Contains(e.bound, t.RootName()) && x.reference(s, t)
	})
}

func (x secrecy) reference(s *scope, t hcl.Traversal) bool {
	p := names(t)
	if len(p) < 2 || s.module == nil {
		return false
	}
	key := s.id + " " + strings.Join(p[:min(3, len(p))], ".")
	if known, ok := x.seen[key]; ok {
		return known
	}
	x.seen[key] = false
	x.seen[key] = x.follow(s, p)
	return x.seen[key]
}

func (x secrecy) follow(s *scope, p []string) bool {
	switch p[0] {
	case "var":
		v := s.module.variables[p[1]]
		if v != nil && v.sensitive {
			return true
		}
		if s.call == nil {
			return false
		}
		arg := s.call.args[p[1]]
		return x.expression(s.parent, arg) || arg != nil && refersTo(arg, "each") && x.expression(s.parent, s.call.forEach)
	case "local":
		return x.expression(s, s.module.locals[p[1]])
	case "module":
		c := s.module.calls[p[1]]
		if c == nil || c.module == nil {
			return true // nobody knows
		}
		for name, out := range c.module.outputs {
			if len(p) > 2 && p[2] != name {
				continue
			}
			if out.sensitive {
				return true
			}
			for _, below := range x.p.pr.world.scopes {
				if below.parent == s && below.name == p[1] && x.expression(below, out.value) {
					return true
				}
			}
		}
		return false
	case "data":
		return len(p) < 3 || x.data(s, p)
	case "each", "count", "path", "terraform", "self":
		return false
	}
	r := s.module.resources[p[0]+"."+p[1]]
	if r == nil {
		return false
	}
	secret := x.attributes(s, r)
	if len(p) < 3 {
		return len(secret) > 0
	}
	for _, old := range x.p.byHome[moduleText(s.steps())+" "+p[0]+"."+p[1]] {
		if old.inst.IsSensitive(p[2]) {
			return true
		}
	}
	return secret[p[2]] || x.p.attributesOf(p[0])[p[2]].sensitive
}

func (x secrecy) data(s *scope, p []string) bool {
	for _, old := range x.p.data[moduleText(s.steps())+" data."+p[1]+"."+p[2]] {
		for name := range old.attrs {
			if (len(p) < 4 || p[3] == name) && old.inst.IsSensitive(name) {
				return true
			}
		}
	}
	return false
}
