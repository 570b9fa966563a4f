package wanted

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// fromJSON turns an expression of a .tf.json file into the native syntax tree,
// so that both languages are evaluated by the same code. It reports false for
// text that is no valid template.
func fromJSON(e hcl.Expression) (hclsyntax.Expression, bool) {
	if pairs, diags := hcl.ExprMap(e); !diags.HasErrors() {
		out := &hclsyntax.ObjectConsExpr{SrcRange: e.Range(), OpenRange: e.StartRange()}
		for _, p := range pairs {
			k, okKey := fromJSON(p.Key)
			v, okValue := fromJSON(p.Value)
			if !okKey || !okValue {
				return nil, false
			}
			out.Items = append(out.Items, hclsyntax.ObjectConsItem{KeyExpr: k, ValueExpr: v})
		}
		return out, true
	}
	if list, diags := hcl.ExprList(e); !diags.HasErrors() {
		out := &hclsyntax.TupleConsExpr{SrcRange: e.Range(), OpenRange: e.StartRange()}
		for _, elem := range list {
			v, ok := fromJSON(elem)
			if !ok {
				return nil, false
			}
			out.Exprs = append(out.Exprs, v)
		}
		return out, true
	}
	// Without a context HCL's JSON reader gives text as it stands.
	v, diags := e.Value(nil)
	if diags.HasErrors() {
		return nil, false
	}
	if v.Type() == cty.String && v.IsKnown() && !v.IsNull() {
		t, diags := hclsyntax.ParseTemplate([]byte(v.AsString()), e.Range().Filename, e.Range().Start)
		return t, !diags.HasErrors()
	}
	return &hclsyntax.LiteralValueExpr{Val: v, SrcRange: e.Range()}, true
}
