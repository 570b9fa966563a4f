package bundle

import (
	"bytes"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// learn takes in which variables a file of the configuration declares
// sensitive.
func (m *masker) learn(path string, data []byte) {
	if strings.HasSuffix(path, ".json") {
		v, err := parse(data)
		if err != nil {
			return
		}
		blocks, _ := object1(v).get("variable").(*object)
		blocks.each(func(name string, v any) any {
			if object1(v).get("sensitive") == true {
				m.variables[name] = true
			}
			return v
		})
		return
	}
	body, ok := bodyOf(path, data)
	if !ok {
		return
	}
	for _, b := range body.Blocks {
		if b.Type != "variable" || len(b.Labels) != 1 {
			continue
		}
		if a := b.Body.Attributes["sensitive"]; a != nil {
			if v, diags := a.Expr.Value(nil); !diags.HasErrors() && v.IsKnown() && v.Type() == cty.Bool && v.True() {
				m.variables[b.Labels[0]] = true
			}
		}
	}
}

func bodyOf(path string, data []byte) (*hclsyntax.Body, bool) {
	f, diags := hclsyntax.ParseConfig(data, filepath.Base(path), hcl.InitialPos)
	if diags.HasErrors() {
		return nil, false
	}
	body, ok := f.Body.(*hclsyntax.Body)
	return body, ok
}

// cut is a range of a file that is written otherwise.
type cut struct {
	from, to int
	with     string
}

// hclMask masks one file.
type hclMask struct {
	*masker
	data []byte
	cuts []cut
}

// hcl masks a file of the configuration or of variables: constant texts at
// names like secrets, the values and the defaults of sensitive variables. The
// rest stays byte for byte. A file that cannot be read as HCL is masked as text.
func (m *masker) hcl(path string, data []byte) []byte {
	body, ok := bodyOf(path, data)
	if !ok {
		return []byte(m.text(string(data)))
	}
	h := &hclMask{masker: m, data: data}
	h.body(body, "", strings.HasSuffix(path, ".tfvars"))
	slices.SortFunc(h.cuts, func(a, b cut) int { return a.from - b.from })
	var out []byte
	end := 0
	for _, c := range h.cuts {
		if c.from < end {
			continue
		}
		out = append(append(out, data[end:c.from]...), c.with...)
		end = c.to
	}
	return []byte(pem.ReplaceAllStringFunc(string(append(out, data[end:]...)), m.mask))
}

func (h *hclMask) body(b *hclsyntax.Body, variable string, values bool) {
	for _, name := range slices.Sorted(maps.Keys(b.Attributes)) {
		secret := secretName(name) || values && h.secretVariable(name) || variable != "" && name == "default" && h.secretVariable(variable)
		h.expression(b.Attributes[name].Expr, secret)
	}
	for _, inner := range b.Blocks {
		name := ""
		if inner.Type == "variable" && len(inner.Labels) == 1 {
			name = inner.Labels[0]
		}
		h.body(inner.Body, name, false)
	}
}

// expression masks the constants of a secret, and looks for objects with keys
// like secrets in all else.
func (h *hclMask) expression(e hclsyntax.Expression, secret bool) {
	switch e := e.(type) {
	case *hclsyntax.ObjectConsExpr:
		for _, item := range e.Items {
			key, diags := item.KeyExpr.Value(nil)
			inner := secret || !diags.HasErrors() && key.IsKnown() && !key.IsNull() && key.Type() == cty.String && secretName(key.AsString())
			h.expression(item.ValueExpr, inner)
		}
	case *hclsyntax.TupleConsExpr:
		for _, sub := range e.Exprs {
			h.expression(sub, secret)
		}
	case *hclsyntax.FunctionCallExpr:
		for _, sub := range e.Args {
			h.expression(sub, secret)
		}
	case *hclsyntax.ParenthesesExpr:
		h.expression(e.Expression, secret)
	case *hclsyntax.ConditionalExpr:
		h.expression(e.TrueResult, secret)
		h.expression(e.FalseResult, secret)
	default:
		if secret {
			h.constant(e)
		}
	}
}

func (h *hclMask) constant(e hclsyntax.Expression) {
	v, diags := e.Value(nil)
	if diags.HasErrors() || !v.IsKnown() || v.IsNull() {
		return
	}
	r := e.Range()
	switch v.Type() {
	case cty.String:
		with := strconv.Quote(h.mask(v.AsString()))
		if was := h.data[r.Start.Byte:r.End.Byte]; bytes.HasSuffix(was, []byte("\n")) { // a heredoc
			with += "\n"
		}
		h.cuts = append(h.cuts, cut{r.Start.Byte, r.End.Byte, with})
	case cty.Number:
		h.cuts = append(h.cuts, cut{r.Start.Byte, r.End.Byte, "0"})
	}
}
