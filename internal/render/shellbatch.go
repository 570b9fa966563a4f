package render

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"reconcile/internal/plan"
)

// batched is what the script needs of an import to take it together with
// others: the block, and how terraform show -json spells it, with and without
// HTML escapes. Both are "" where no block can say what the command does.
func batched(n int, act plan.Action) (block, spelled string) {
	block, err := importBlock(act.Address, act.ID)
	if err != nil {
		return "", ""
	}
	line := func(spell func(string) string) string {
		id := ""
		if act.NewStateID != "" {
			id = spell(act.NewStateID)
		}
		return strings.Join([]string{fmt.Sprint(n), spell(act.Address), spell(act.ID), id}, "\t")
	}
	spelled = line(literal)
	if plain := line(plainLiteral); plain != spelled {
		spelled += "\n" + plain
	}
	return block, spelled
}

// declared lists what the script overrides in its copy of the configuration,
// FOLDER, kind and name, folder by folder. A name that is no identifier of
// Terraform's is left out.
func declared(r *plan.Report) []string {
	var out []string
	for _, d := range r.Guard.Declares {
		if strings.ContainsAny(d.Dir, "\t\n") {
			continue
		}
		for _, name := range d.Resources {
			typ, rest, ok := strings.Cut(name, ".")
			if ok && hclsyntax.ValidIdentifier(typ) && hclsyntax.ValidIdentifier(rest) {
				out = append(out, d.Dir+"\tresource\t"+name)
			}
		}
		for _, name := range d.Outputs {
			if hclsyntax.ValidIdentifier(name) && d.Dir == "." {
				out = append(out, d.Dir+"\toutput\t"+name)
			}
		}
	}
	return out
}
