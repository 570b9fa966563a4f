package wanted

import (
	"fmt"
	"maps"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
)

func (l *loader) output(m *module, b *hcl.Block) {
	out := m.outputs[b.Labels[0]]
	if out == nil {
		out = &output{}
		m.outputs[b.Labels[0]] = out
	}
	meta := metaArguments(b.Body, "depends_on", "sensitive")
	if list, ok := traversals(meta["depends_on"]); ok {
		out.dependsOn = list
	}
	if set, ok := literalBool(meta["sensitive"]); ok {
		out.sensitive = set
	}
	if e, ok := l.attributes(b.Body, "depends_on", "sensitive", "description")["value"]; ok {
		out.value = e
	}
}

func (l *loader) call(m *module, b *hcl.Block) {
	c := m.calls[b.Labels[0]]
	if c == nil {
		c = &call{name: b.Labels[0], args: map[string]*expression{}, providers: map[string]string{}}
		m.calls[c.name] = c
	}
	meta := metaArguments(b.Body, "source", "providers", "depends_on")
	if text, ok := literalText(meta["source"]); ok {
		c.source = text
	}
	if list, ok := traversals(meta["depends_on"]); ok {
		c.dependsOn = list
	}
	if meta["providers"] != nil {
		pairs, _ := hcl.ExprMap(meta["providers"])
		for _, p := range pairs {
			to, from := dotted(p.Key), dotted(p.Value)
			if to != "" && from != "" {
				c.providers[to] = from
			}
		}
	}
	attrs := l.attributes(b.Body, "source", "version", "providers", "depends_on")
	take(attrs, "count", &c.count)
	take(attrs, "for_each", &c.forEach)
	maps.Copy(c.args, attrs)
}

func (l *loader) provider(m *module, b *hcl.Block) {
	key := b.Labels[0]
	if alias, ok := literalText(metaArguments(b.Body, "alias")["alias"]); ok {
		key += "." + alias
	}
	p := &providerBlock{attrs: l.attributes(b.Body), blocks: l.firstBlocks(b.Body)}
	old := m.providers[key]
	if old == nil {
		m.providers[key] = p
		return
	}
	maps.Copy(old.attrs, p.attrs)
	maps.Copy(old.blocks, p.blocks)
}

func (l *loader) variable(m *module, b *hcl.Block) error {
	v := m.variables[b.Labels[0]]
	if v == nil {
		v = &variable{nullable: true, literal: true}
		m.variables[b.Labels[0]] = v
	}
	// The type first: preparing an expression changes its syntax tree.
	raw, _ := b.Body.JustAttributes()
	if a, ok := raw["type"]; ok {
		ty, defaults, diags := typeexpr.TypeConstraintWithDefaults(a.Expr)
		if diags.HasErrors() {
			return fmt.Errorf("reading the configuration: %s", firstError(diags))
		}
		v.ty, v.defaults, v.literal = ty, defaults, ty.IsPrimitiveType()
	}
	meta := metaArguments(b.Body, "nullable", "sensitive")
	if set, ok := literalBool(meta["nullable"]); ok {
		v.nullable = set
	}
	if set, ok := literalBool(meta["sensitive"]); ok {
		v.sensitive = set
	}
	attrs := l.attributes(b.Body, "type", "description", "nullable", "sensitive", "ephemeral")
	take(attrs, "default", &v.value)
	return nil
}
