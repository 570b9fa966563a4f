package wanted

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// guess tells an attribute from the plan's references alone. They do not say
// what is done with what they name, so it answers only for an id that refers to
// one resource's id and to nothing else but each and count.
func (g *graph) guess(s *scope, attr string, expr any) []Target {
	stem, isID := strings.CutSuffix(attr, "_id")
	if !isID {
		return nil
	}
	var found hcl.Traversal
	byValue := false
	for _, r := range references(expr) {
		t, diags := hclsyntax.ParseTraversalAbs([]byte(r), "", hcl.InitialPos)
		if diags.HasErrors() {
			return nil
		}
		switch root := t.RootName(); {
		case found != nil && root != "each" && root != "count":
			return nil
		case root == "each" || root == "count":
			byValue = byValue || step(t, 1) == "value"
		default:
			found = t
		}
	}
	if len(found) < 2 || slices.Contains([]string{"var", "local", "module", "data", "self", "path", "terraform"}, found.RootName()) {
		return nil
	}
	var key any
	rest, told := found[2:], false
	if len(rest) > 0 {
		if at, ok := rest[0].(hcl.TraverseIndex); ok {
			key, told, rest = instanceKey(fromCty(at.Key)), true, rest[1:]
		}
	}
	id := step(rest, 0)
	switch {
	case len(rest) > 1 || (len(rest) == 1 && id == ""):
		return nil
	case len(rest) == 1 && byValue:
		// each.value may be the part that is not known.
		return nil
	case len(rest) == 0:
		// Which attribute is meant is not said where the index is computed. A
		// vpc_id is the id of a type that ends in _vpc, or we do not know.
		if id = "id"; !strings.HasSuffix(found.RootName(), "_"+stem) {
			return nil
		}
	}
	var out []Target
	for _, o := range g.world.objects[objectKey{s.id, found.RootName() + "." + step(found, 1)}] {
		unknown, _ := o.unknown.(map[string]any)
		if unknown[id] == true && isText(id) && (!told || o.key == key) {
			out = append(out, Target{o.address, id})
		}
	}
	slices.SortFunc(out, func(a, b Target) int { return cmp.Compare(a.Address, b.Address) })
	return out
}
