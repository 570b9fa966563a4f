package wanted

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// nested is a nested block of a resource, or a dynamic block that makes some.
type nested struct {
	name     string
	attrs    map[string]*expression
	blocks   []*nested
	forEach  *expression // of a dynamic block
	iterator string
}

// lifecycle is what a lifecycle block says.
type lifecycle struct {
	createFirst bool
	ignoreAll   bool
	ignored     []hcl.Traversal
	triggers    []hcl.Expression
}

// resourceMeta are the arguments of a resource that are Terraform's own, other
// than count and for_each, which are evaluated.
var resourceMeta = []string{"provider", "depends_on"}

// resource reads one block of a resource into r. In an override file the blocks
// of a type replace those that were there.
func (l *loader) resource(r *resource, body hcl.Body) {
	meta := metaArguments(body, resourceMeta...)
	if list, ok := traversals(meta["depends_on"]); ok {
		r.dependsOn = list
	}
	if name := dotted(meta["provider"]); name != "" {
		r.provider = name
	}
	content, rest, _ := body.PartialContent(&hcl.BodySchema{
		Attributes: schemaOf(resourceMeta),
		Blocks:     []hcl.BlockHeaderSchema{{Type: "lifecycle"}, {Type: "connection"}, {Type: "provisioner", LabelNames: []string{"type"}}},
	})
	for _, b := range content.Blocks {
		if b.Type == "lifecycle" {
			l.lifecycle(&r.life, b.Body)
		}
		r.beside = append(r.beside, mentioned(b.Body)...)
	}
	for _, e := range r.life.triggers { // JSON spells them as text
		if t, diags := hcl.AbsTraversalForExpr(e); !diags.HasErrors() {
			r.beside = append(r.beside, t)
		}
	}
	var blocks []*nested
	if native, ok := body.(*hclsyntax.Body); ok {
		blocks, r.unread = l.nested(native, r.unread, "lifecycle", "connection", "provisioner")
		r.beside = append(r.beside, inDynamic(native, nil)...)
	} else {
		body = rest
		r.beside = append(r.beside, mentioned(rest)...)
	}
	attrs := l.attributes(body, append([]string{"dynamic"}, resourceMeta...)...)
	if _, ok := body.(*hclsyntax.Body); !ok {
		r.unread = append(r.unread, dynamicNames(body)...)
	}
	take(attrs, "count", &r.count)
	take(attrs, "for_each", &r.forEach)
	maps.Copy(r.attrs, attrs)
	r.blocks = slices.DeleteFunc(r.blocks, func(old *nested) bool {
		return slices.ContainsFunc(blocks, func(b *nested) bool { return b.name == old.name })
	})
	r.blocks = append(r.blocks, blocks...)
}

// dynamicNames are the blocks that JSON's dynamic blocks make.
func dynamicNames(body hcl.Body) []string {
	var out []string
	attrs, _ := body.JustAttributes()
	if a, ok := attrs["dynamic"]; ok {
		pairs, _ := hcl.ExprMap(a.Expr)
		for _, p := range pairs {
			if name, ok := literalText(p.Key); ok {
				out = append(out, name)
			}
		}
	}
	return out
}

// nested reads the nested blocks of a body, dynamic ones included. Those whose
// form is not one that is evaluated are named in unread.
func (l *loader) nested(body *hclsyntax.Body, unread []string, but ...string) ([]*nested, []string) {
	var out []*nested
	for _, b := range body.Blocks {
		switch {
		case slices.Contains(but, b.Type):
		case b.Type != "dynamic" && len(b.Labels) == 0:
			n := &nested{name: b.Type, attrs: l.attributes(b.Body)}
			n.blocks, unread = l.nested(b.Body, unread)
			out = append(out, n)
		case b.Type == "dynamic" && len(b.Labels) == 1:
			n := l.dynamic(b, &unread)
			if n == nil {
				unread = append(unread, b.Labels[0])
				continue
			}
			out = append(out, n)
		default:
			unread = append(unread, b.Type)
		}
	}
	return out, unread
}

func (l *loader) dynamic(b *hclsyntax.Block, unread *[]string) *nested {
	n := &nested{name: b.Labels[0], iterator: b.Labels[0]}
	if a, ok := b.Body.Attributes["iterator"]; ok {
		if n.iterator = hcl.ExprAsKeyword(a.Expr); n.iterator == "" {
			return nil
		}
	}
	forEach, ok := b.Body.Attributes["for_each"]
	if !ok || len(b.Body.Blocks) != 1 || b.Body.Blocks[0].Type != "content" || b.Body.Attributes["labels"] != nil {
		return nil
	}
	n.forEach = prepare(forEach.Expr, l.functions, l.iterators...)
	outer := l.iterators
	l.iterators = append(slices.Clone(outer), n.iterator)
	content := b.Body.Blocks[0].Body
	n.attrs = l.attributes(content)
	n.blocks, *unread = l.nested(content, *unread)
	l.iterators = outer
	return n
}

func (l *loader) lifecycle(life *lifecycle, body hcl.Body) {
	content, _, _ := body.PartialContent(&hcl.BodySchema{Attributes: schemaOf([]string{"create_before_destroy", "ignore_changes", "replace_triggered_by"})})
	for name, a := range content.Attributes {
		switch name {
		case "create_before_destroy":
			if set, ok := literalBool(a.Expr); ok {
				life.createFirst = set
			}
		case "ignore_changes":
			life.ignored, life.ignoreAll = nil, hcl.ExprAsKeyword(a.Expr) == "all"
			list, _ := hcl.ExprList(a.Expr)
			for _, e := range list {
				if t, diags := hcl.RelTraversalForExpr(e); !diags.HasErrors() {
					life.ignored = append(life.ignored, t)
				}
			}
		case "replace_triggered_by":
			life.triggers, _ = hcl.ExprList(a.Expr)
		}
	}
}

// mentioned are all references of a body, at any depth.
func mentioned(body hcl.Body) []hcl.Traversal {
	var out []hcl.Traversal
	native, ok := body.(*hclsyntax.Body)
	if !ok {
		attrs, _ := body.JustAttributes()
		for _, a := range attrs {
			out = append(out, a.Expr.Variables()...)
		}
		return out
	}
	for _, a := range native.Attributes {
		out = append(out, a.Expr.Variables()...)
	}
	for _, b := range native.Blocks {
		out = append(out, mentioned(b.Body)...)
	}
	return out
}

// inDynamic are all references in the dynamic blocks of a body, but for those
// to what the blocks iterate over.
func inDynamic(body *hclsyntax.Body, bound []string) []hcl.Traversal {
	var out []hcl.Traversal
	for _, b := range body.Blocks {
		if b.Type != "dynamic" || len(b.Labels) != 1 {
			if bound != nil {
				out = append(out, free(b.Body.Attributes, bound)...)
			}
			out = append(out, inDynamic(b.Body, bound)...)
			continue
		}
		iterator := b.Labels[0]
		if a, ok := b.Body.Attributes["iterator"]; ok {
			iterator = hcl.ExprAsKeyword(a.Expr)
		}
		out = append(out, free(b.Body.Attributes, append(slices.Clone(bound), iterator))...)
		if a, ok := b.Body.Attributes["for_each"]; ok { // the iterator is not there yet
			out = append(out, free(hclsyntax.Attributes{"for_each": a}, bound)...)
		}
		out = append(out, inDynamic(b.Body, append(slices.Clone(bound), iterator))...)
	}
	return out
}

// free are the references of arguments that do not begin with a bound name.
func free(attrs hclsyntax.Attributes, bound []string) []hcl.Traversal {
	var out []hcl.Traversal
	for _, a := range attrs {
		for _, t := range a.Expr.Variables() {
			if !slices.Contains(bound, t.RootName()) {
				out = append(out, t)
			}
		}
	}
	return out
}

// sources reads required_providers.
func (l *loader) sources(m *module, body hcl.Body) {
	content, _, _ := body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "required_providers"}}})
	for _, b := range content.Blocks {
		attrs, _ := b.Body.JustAttributes()
		for name, a := range attrs {
			pairs, _ := hcl.ExprMap(a.Expr)
			for _, p := range pairs {
				if k, ok := literalText(p.Key); ok && k == "source" {
					if text, ok := literalText(p.Value); ok {
						m.sources[name] = text
					}
				}
			}
		}
	}
}

func schemaOf(names []string) []hcl.AttributeSchema {
	var out []hcl.AttributeSchema
	for _, n := range names {
		out = append(out, hcl.AttributeSchema{Name: n})
	}
	return out
}

// metaArguments returns arguments as they stand, to be read and not evaluated.
func metaArguments(body hcl.Body, names ...string) map[string]hcl.Expression {
	content, _, _ := body.PartialContent(&hcl.BodySchema{Attributes: schemaOf(names)})
	out := map[string]hcl.Expression{}
	for name, a := range content.Attributes {
		out[name] = a.Expr
	}
	return out
}

func traversals(e hcl.Expression) ([]hcl.Traversal, bool) {
	if e == nil {
		return nil, false
	}
	list, diags := hcl.ExprList(e)
	if diags.HasErrors() {
		return nil, false
	}
	out := []hcl.Traversal{}
	for _, item := range list {
		if t, diags := hcl.AbsTraversalForExpr(item); !diags.HasErrors() {
			out = append(out, t)
		}
	}
	return out, true
}

// dotted reads a name such as aws.west, which JSON quotes.
func dotted(e hcl.Expression) string {
	if e == nil {
		return ""
	}
	t, diags := hcl.AbsTraversalForExpr(e)
	if diags.HasErrors() {
		if text, ok := literalText(e); ok {
			return text
		}
		return ""
	}
	name := t.RootName()
	for i := 1; i < len(t); i++ {
		name += "." + step(t, i)
	}
	return name
}

func literal(e hcl.Expression) (cty.Value, bool) {
	if e == nil {
		return cty.NilVal, false
	}
	v, diags := e.Value(nil)
	return v, !diags.HasErrors() && v.IsWhollyKnown() && !v.IsNull()
}

func literalText(e hcl.Expression) (string, bool) {
	if v, ok := literal(e); ok && v.Type() == cty.String {
		return v.AsString(), true
	}
	return "", false
}

func literalBool(e hcl.Expression) (set, ok bool) {
	if v, ok := literal(e); ok {
		if v, err := convertTo(v, cty.Bool); err == nil {
			return v.True(), true
		}
	}
	return false, false
}
