package render

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"al.essio.dev/pkg/shellescape"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"reconcile/internal/plan"
)

const importsHead = `# Written by reconcile. The imports of the plan as import blocks, in its order.
#
# This is another way to the same end as reconcile.sh, without its guards: no
# journal, no look at the stale lock, no closing check. To use it, copy it into
# the root module's folder (Terraform 1.5 or later), run what a comment below
# says comes first, read what terraform plan wants, apply, and remove the file.
# An apply does the imports and in the same run whatever else the plan shows.
# Do not apply a plan that would create, replace or destroy what is imported.
`

// ImportBlocks writes imports.tf: an import block for each import and a removed
// block for each removal, as far as such blocks can say it. What they cannot
// say is a comment that names the command.
func ImportBlocks(w io.Writer, r *plan.Report, _ Options) error {
	var b strings.Builder
	b.WriteString(importsHead)
	comment := func(text string) { fmt.Fprintf(&b, "# %s\n", clean(text)) }
	fmt.Fprintf(&b, "#\n")
	comment(title(r))
	for _, why := range r.Incomplete {
		comment("INCOMPLETE: " + why)
	}
	if len(r.Actions) == 0 {
		b.WriteString("\n# Nothing is to be imported or removed.\n")
	}
	for _, a := range r.Actions {
		b.WriteByte('\n')
		block, why := blockOf(r, a)
		comment(fmt.Sprintf("step %d: %s", a.N, a.Why))
		if block == "" {
			comment(why + ": terraform " + shellescape.QuoteCommand(a.Argv))
		}
		b.WriteString(block)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the import blocks: %w", err)
	}
	return nil
}

// blockOf is an action as a block, or why it cannot be one.
func blockOf(r *plan.Report, a plan.Action) (block, why string) {
	switch a.Op {
	case plan.Import:
		block, err := importBlock(a.Address, a.ID)
		if err != nil {
			return "", "no import block can say this (" + err.Error() + ")"
		}
		return block, ""
	case plan.StateRm:
		return removedBlock(r, a)
	}
	return "", "no block says this, run it first"
}

// importBlock is the block that imports id at address. An error means that a
// block would say something else than the command does.
func importBlock(address, id string) (string, error) {
	to, err := traversal(address)
	if err != nil {
		return "", err
	}
	value := cty.StringVal(id) // normalises, as Terraform would when it reads the block
	switch {
	case id == "":
		return "", fmt.Errorf("the id is empty")
	case value.AsString() != id:
		return "", fmt.Errorf("the id is not in Unicode's normal form")
	}
	return formatted("import", func(body *hclwrite.Body) {
		body.SetAttributeTraversal("to", to)
		body.SetAttributeValue("id", value)
	})
}

// removedBlock says a removal where it can: removed blocks name whole
// resources, and only such as the configuration has no more.
func removedBlock(r *plan.Report, a plan.Action) (block, why string) {
	const before = ", run it before the next plan"
	if slices.ContainsFunc(r.Actions, func(b plan.Action) bool { return b.Op == plan.Import && b.Address == a.Address }) {
		return "", "the address is imported anew below, and an import block does nothing while the state has it" + before
	}
	from, err := traversal(a.Address)
	if err != nil {
		return "", "no removed block can say this (" + err.Error() + ")" + before
	}
	if slices.ContainsFunc(from, func(t hcl.Traverser) bool { _, ok := t.(hcl.TraverseIndex); return ok }) {
		return "", "a removed block cannot name one instance" + before
	}
	if slices.ContainsFunc(r.Findings, func(f plan.Finding) bool { return f.Address != a.Address && sameResource(f.Address, a.Address) }) {
		return "", "a removed block would take the resource's other instances along" + before
	}
	if len(r.Guard.Declares) == 0 {
		return "", "whether the configuration still has this resource is not known" + before
	}
	var typ, name string
	if entry, err := entryKey(a.Entry); err == nil {
		f := strings.Split(entry, "\t")
		typ, name = strings.Trim(f[1], `"`), strings.Trim(f[2], `"`)
	}
	if slices.ContainsFunc(r.Guard.Declares, func(d plan.Declared) bool { return slices.Contains(d.Resources, typ+"."+name) }) {
		return "", "the configuration still has this resource" + before
	}
	block, err = formatted("removed", func(body *hclwrite.Body) {
		body.SetAttributeTraversal("from", from)
		body.AppendNewBlock("lifecycle", nil).Body().SetAttributeValue("destroy", cty.False)
	})
	if err != nil {
		return "", "no removed block can say this (" + err.Error() + ")" + before
	}
	return "# Terraform 1.7 or later.\n" + block, ""
}

// sameResource reports whether two addresses differ in their keys at most.
func sameResource(a, b string) bool {
	resource := func(address string) string {
		t, diags := hclsyntax.ParseTraversalAbs([]byte(address), "", hcl.InitialPos)
		if diags.HasErrors() {
			return ""
		}
		t = slices.DeleteFunc(t, func(step hcl.Traverser) bool { _, ok := step.(hcl.TraverseIndex); return ok })
		return string(hclwrite.TokensForTraversal(t).Bytes())
	}
	return resource(a) != "" && resource(a) == resource(b)
}

// traversal reads an address of a resource instance, which is HCL already. It
// must come out of the writer as it went in.
func traversal(address string) (hcl.Traversal, error) {
	t, diags := hclsyntax.ParseTraversalAbs([]byte(address), "", hcl.InitialPos)
	if diags.HasErrors() {
		return nil, fmt.Errorf("the address is no reference to an instance")
	}
	if got := string(hclwrite.TokensForTraversal(t).Bytes()); got != address {
		return nil, fmt.Errorf("the address would be written as %s", got)
	}
	return t, nil
}

func formatted(name string, fill func(*hclwrite.Body)) (string, error) {
	f := hclwrite.NewEmptyFile()
	fill(f.Body().AppendNewBlock(name, nil).Body())
	text := hclwrite.Format(f.Bytes())
	if bytes.IndexByte(text, 0) >= 0 {
		return "", fmt.Errorf("it holds a NUL byte")
	}
	return string(text), nil
}
