package wanted

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Symbolic evaluation, in one place.
//
// An attribute that is not known before apply enters the evaluation as a cty
// unknown string that carries one mark: its own target. HCL and cty then do
// what Terraform does with unknown values, so nothing known ever comes out of
// one by accident. What only hands a value on (indexing, for, splat, a choice
// whose condition is known, merge, element …) keeps the mark as it is. Whatever
// computes (operators, templates, every other function) is wrapped so that its
// result carries the derived mark too. An unknown string whose only mark is a
// target is therefore that attribute, unchanged; anything else is unknown.
type markKind int

const (
	isTarget    markKind = iota
	isDerived            // computed from something that is not known
	isUnordered          // a list that stands for a set, which cty cannot hold in part
	isLacking            // reconcile cannot evaluate it; what says why
)

type mark struct {
	kind markKind
	Target
	what   string
	unsure bool // of a target: the attribute may not exist
}

var (
	derived   = mark{kind: isDerived}
	unordered = mark{kind: isUnordered}
)

// opaque is a value of which nothing is known.
func opaque() cty.Value { return cty.DynamicVal.Mark(derived) }

// lacking is a value that reconcile cannot evaluate, with a clause that says why.
func lacking(why string) cty.Value { return cty.DynamicVal.Mark(mark{kind: isLacking, what: why}) }

// reference is the value of an attribute that is known after apply. Only text
// can be one: without the provider's schema the name has to tell.
func reference(t Target) cty.Value {
	if !isText(t.Attr) {
		return cty.DynamicVal.Mark(mark{kind: isDerived, Target: t})
	}
	v := cty.UnknownVal(cty.String)
	if neverEmpty(t.Attr) {
		v = v.RefineNotNull()
	}
	return v.Mark(mark{kind: isTarget, Target: t})
}

func isText(attr string) bool {
	switch attr {
	case "id", "arn", "name", "cidr_block", "ipv6_cidr_block", "public_ip", "private_ip", "dns_name":
		return true
	}
	return strings.HasSuffix(attr, "_id") || strings.HasSuffix(attr, "_arn")
}

func neverEmpty(attr string) bool { return attr == "id" || attr == "arn" }

// targetOf returns the attribute that a value is, if it is one unchanged.
func targetOf(v cty.Value) (Target, bool) {
	v, marks := v.Unmark()
	if v.IsKnown() || v.Type() != cty.String || len(marks) != 1 {
		return Target{}, false
	}
	for m := range marks {
		if m, ok := m.(mark); ok && m.kind == isTarget {
			return m.Target, true
		}
	}
	return Target{}, false
}

// settle finishes a computation: a result that is known all the same (the
// length of a list of unknown ids) is really known, any other is derived.
func settle(v cty.Value) cty.Value {
	if !v.ContainsMarked() {
		return v
	}
	if !v.IsWhollyKnown() {
		return v.Mark(derived)
	}
	bare, paths := v.UnmarkDeepWithPaths()
	for i := range paths {
		kept := cty.ValueMarks{}
		for m := range paths[i].Marks {
			if m, ok := m.(mark); !ok || m.kind != isTarget {
				kept[m] = struct{}{}
			}
		}
		paths[i].Marks = kept
	}
	return bare.MarkWithPaths(slices.DeleteFunc(paths, func(p cty.PathValueMarks) bool { return len(p.Marks) == 0 }))
}

// exact reports whether every unknown part of a value is an unchanged attribute.
func exact(v cty.Value) bool {
	if _, ok := targetOf(v); ok {
		return !isUnsure(v)
	}
	bare, marks := v.Unmark()
	for m := range marks {
		if m != unordered {
			return false
		}
	}
	if !bare.IsKnown() {
		return false
	}
	if bare.IsNull() || !bare.CanIterateElements() {
		return true
	}
	for it := bare.ElementIterator(); it.Next(); {
		if _, e := it.Element(); !exact(e) {
			return false
		}
	}
	return true
}

// complaints returns why parts of a value could not be evaluated.
func complaints(v cty.Value) []string {
	var out []string
	_, paths := v.UnmarkDeepWithPaths()
	for _, p := range paths {
		for m := range p.Marks {
			if m, ok := m.(mark); ok && m.kind == isLacking {
				out = append(out, m.what)
			}
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(out)))
}

// computed wraps an expression whose result is a computation.
type computed struct{ hclsyntax.Expression }

func (c computed) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := c.Expression.Value(ctx)
	return settle(v), diags
}

// choice is a conditional. HCL's own gives the result the marks of both
// branches, which would hide which one was taken.
type choice struct{ *hclsyntax.ConditionalExpr }

func (c choice) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	cond, diags := c.Condition.Value(ctx)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	if cond.IsMarked() || !cond.IsKnown() || cond.IsNull() {
		return opaque().WithSameMarks(cond), diags
	}
	cond, err := convertTo(cond, cty.Bool)
	if err != nil {
		return c.ConditionalExpr.Value(ctx)
	}
	taken, other := c.TrueResult, c.FalseResult
	if cond.False() {
		taken, other = other, taken
	}
	v, diags := taken.Value(ctx)
	// The branch not taken counts for its type only; its errors do not count.
	if o, otherDiags := other.Value(ctx); !diags.HasErrors() && !otherDiags.HasErrors() {
		v = unifyWith(v, o)
	}
	return v, diags
}

// over is the collection of a for expression. With two variables the key of a
// set's element is the element, which a list that stands for a set cannot say.
type over struct {
	hclsyntax.Expression
	keyed bool
}

func (o over) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := o.Expression.Value(ctx)
	if (o.keyed && v.HasMark(unordered)) || partial(v) {
		return opaque(), diags
	}
	return v, diags
}

// indexed is an index. An object of which not all is known may have what it
// does not show.
type indexed struct{ *hclsyntax.IndexExpr }

func (i indexed) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	if c, diags := i.Collection.Value(ctx); !diags.HasErrors() && partial(c) {
		k, diags := i.Key.Value(ctx)
		if bare, _ := k.Unmark(); diags.HasErrors() || !bare.IsKnown() || bare.IsNull() || bare.Type() != cty.String || !c.Type().HasAttribute(bare.AsString()) {
			return opaque(), diags
		}
	}
	return i.IndexExpr.Value(ctx)
}

// rest is an attribute of objects that have more than they show.
const rest = "\x00"

func partial(v cty.Value) bool {
	bare, _ := v.Unmark()
	return bare.Type().IsObjectType() && bare.Type().HasAttribute(rest)
}

// unsure marks a reference to an attribute that may not exist.
func unsure(v cty.Value) cty.Value {
	bare, marks := v.Unmark()
	out := cty.ValueMarks{}
	for m := range marks {
		if m, ok := m.(mark); ok {
			m.unsure = true
			out[m] = struct{}{}
		}
	}
	return bare.WithMarks(out)
}

func isUnsure(v cty.Value) bool {
	_, marks := v.Unmark()
	for m := range marks {
		if m, ok := m.(mark); ok && m.unsure {
			return true
		}
	}
	return false
}

// unavailable is a call of a function that reconcile does not have.
type unavailable struct{ *hclsyntax.FunctionCallExpr }

func (u unavailable) Value(*hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	return lacking("the function " + u.Name + " is not one that reconcile evaluates"), nil
}
