package wanted

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// expression is one expression of the configuration, made ready for symbolic
// evaluation, and the names it refers to.
type expression struct {
	hclsyntax.Expression
	refs []hcl.Traversal
	// bound are the iterators of the dynamic blocks around it.
	bound []string
	// attributes are all names after a dot, and all literal keys.
	attributes []string
	sensitive  bool // the function of that name is called
}

// prepare takes over a freshly parsed syntax tree and changes it.
func prepare(e hclsyntax.Expression, functions map[string]function.Function, iterators ...string) *expression {
	// HCL finds names by the types of the nodes, which the wrappers hide.
	refs := e.Variables()
	r := &rewriter{functions: functions, iterators: iterators, attributes: map[string]bool{}}
	out := &expression{Expression: r.rewrite(e), refs: refs, bound: iterators, sensitive: r.sensitive}
	out.attributes = slices.Sorted(maps.Keys(r.attributes))
	return out
}

type rewriter struct {
	functions map[string]function.Function
	iterators []string

	attributes map[string]bool
	sensitive  bool
	// inside counts the for and splat expressions around a node: their names
	// make what is below them different each time.
	inside int
}

// invariant is a for or splat that is the same for all instances of a block.
// Without it, a thousand instances that each read a thousand others would take
// a million steps.
type invariant struct {
	hclsyntax.Expression
	results map[*hcl.EvalContext]outcome
}

type outcome struct {
	v     cty.Value
	diags hcl.Diagnostics
}

func (i invariant) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	for ctx != nil && ctx.Parent() != nil {
		ctx = ctx.Parent()
	}
	out, ok := i.results[ctx]
	if !ok {
		out.v, out.diags = i.Expression.Value(ctx)
		i.results[ctx] = out
	}
	return out.v, out.diags
}

// loop rewrites a for or splat expression by f, which must be told its parts.
func (r *rewriter) loop(e hclsyntax.Expression, f func()) hclsyntax.Expression {
	same := r.inside == 0
	for _, t := range e.Variables() {
		same = same && t.RootName() != "each" && t.RootName() != "count" && !slices.Contains(r.iterators, t.RootName())
	}
	f()
	if !same {
		return e
	}
	return invariant{e, map[*hcl.EvalContext]outcome{}}
}

func (r *rewriter) computed(e hclsyntax.Expression) hclsyntax.Expression {
	if e == nil {
		return nil
	}
	return computed{r.rewrite(e)}
}

func (r *rewriter) each(list []hclsyntax.Expression) {
	for i := range list {
		list[i] = r.rewrite(list[i])
	}
}

func (r *rewriter) rewrite(e hclsyntax.Expression) hclsyntax.Expression {
	switch e := e.(type) {
	case nil:
		return nil
	case *hclsyntax.ParenthesesExpr:
		e.Expression = r.rewrite(e.Expression)
	case *hclsyntax.RelativeTraversalExpr:
		r.mention(e.Traversal)
		e.Source = r.rewrite(e.Source)
	case *hclsyntax.IndexExpr:
		e.Collection, e.Key = r.rewrite(e.Collection), r.computed(e.Key)
		return indexed{e}
	case *hclsyntax.TupleConsExpr:
		r.each(e.Exprs)
	case *hclsyntax.ObjectConsExpr:
		for i := range e.Items {
			e.Items[i].KeyExpr = r.computed(e.Items[i].KeyExpr)
			e.Items[i].ValueExpr = r.rewrite(e.Items[i].ValueExpr)
		}
	case *hclsyntax.ObjectConsKeyExpr:
		// A bare name here is a literal, and HCL must still see that it is one.
		if hcl.ExprAsKeyword(e.Wrapped) == "" || e.ForceNonLiteral {
			e.Wrapped = r.rewrite(e.Wrapped)
		}
	case *hclsyntax.SplatExpr:
		return r.loop(e, func() {
			e.Source = r.rewrite(e.Source)
			r.inside++
			e.Each = r.rewrite(e.Each)
			r.inside--
		})
	case *hclsyntax.ForExpr:
		return r.loop(e, func() {
			e.CollExpr = r.rewrite(e.CollExpr)
			e.CollExpr = over{e.CollExpr, e.KeyVar != ""}
			r.inside++
			e.KeyExpr, e.CondExpr = r.computed(e.KeyExpr), r.computed(e.CondExpr)
			e.ValExpr = r.rewrite(e.ValExpr)
			r.inside--
		})
	case *hclsyntax.ConditionalExpr:
		e.Condition = r.computed(e.Condition)
		e.TrueResult, e.FalseResult = r.rewrite(e.TrueResult), r.rewrite(e.FalseResult)
		return choice{e}
	case *hclsyntax.FunctionCallExpr:
		return r.call(e)
	case *hclsyntax.TemplateWrapExpr:
		e.Wrapped = r.rewrite(e.Wrapped)
	case *hclsyntax.TemplateExpr:
		r.each(e.Parts)
		return computed{e}
	case *hclsyntax.TemplateJoinExpr:
		e.Tuple = r.rewrite(e.Tuple)
		return computed{e}
	case *hclsyntax.BinaryOpExpr:
		e.LHS, e.RHS = r.rewrite(e.LHS), r.rewrite(e.RHS)
		return computed{e}
	case *hclsyntax.UnaryOpExpr:
		e.Val = r.rewrite(e.Val)
		return computed{e}
	case *hclsyntax.ScopeTraversalExpr:
		r.mention(e.Traversal)
	case *hclsyntax.LiteralValueExpr, *hclsyntax.AnonSymbolExpr:
	default:
		// A kind of node that a later HCL adds is not trusted to hand on.
		return computed{e}
	}
	return e
}

// handsOn are the functions that only rearrange what they are given, with the
// positions of the arguments that steer them. Every other function computes.
var handsOn = map[string][]int{
	"try": nil, "one": nil, "coalesce": nil, "coalescelist": nil,
	"toset": nil, "tolist": nil, "tomap": nil, "tostring": nil,
	"concat": nil, "flatten": nil, "merge": nil, "values": nil, "reverse": nil,
	"compact": nil, "distinct": nil, "setunion": nil,
	"element": {1}, "lookup": {1}, "slice": {1, 2}, "zipmap": {0}, "chunklist": {1},
	"sensitive": nil, "nonsensitive": nil,
}

// mention notes the names that a traversal steps through.
func (r *rewriter) mention(t hcl.Traversal) {
	for _, st := range t {
		switch st := st.(type) {
		case hcl.TraverseAttr:
			r.attributes[st.Name] = true
		case hcl.TraverseIndex:
			if st.Key.Type() == cty.String {
				r.attributes[st.Key.AsString()] = true
			}
		}
	}
}

func (r *rewriter) call(e *hclsyntax.FunctionCallExpr) hclsyntax.Expression {
	r.sensitive = r.sensitive || e.Name == "sensitive"
	if _, ok := r.functions[e.Name]; !ok {
		return unavailable{e}
	}
	r.each(e.Args)
	steering, ok := handsOn[e.Name]
	if !ok {
		return computed{e}
	}
	if e.Name == "lookup" && len(e.Args) == 2 {
		return indexed{&hclsyntax.IndexExpr{
			Collection: e.Args[0], Key: computed{e.Args[1]},
			SrcRange: e.Range(), OpenRange: e.OpenParenRange, BracketRange: e.Range(),
		}}
	}
	for _, i := range steering {
		if i < len(e.Args) {
			e.Args[i] = computed{e.Args[i]}
		}
	}
	return e
}
