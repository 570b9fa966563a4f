package incident

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	hcljson "github.com/hashicorp/hcl/v2/json"

	"reconcile/internal/plan"
)

// declares reads what each folder of the configuration declares, downloaded
// modules included. A file that cannot be parsed is left out: the script then
// takes its imports one at a time, which is slower and as safe.
func declares(dir string) []plan.Declared {
	var out []plan.Declared
	for _, d := range append([]string{"."}, moduleFolders(dir)...) {
		found := plan.Declared{Dir: d, Resources: []string{}, Outputs: []string{}}
		for _, body := range bodies(filepath.Join(dir, filepath.FromSlash(d))) {
			content, _, _ := body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
				{Type: "resource", LabelNames: []string{"type", "name"}}, {Type: "output", LabelNames: []string{"name"}}}})
			for _, b := range content.Blocks {
				if slices.ContainsFunc(b.Labels, func(l string) bool { return !hclsyntax.ValidIdentifier(l) }) {
					continue
				}
				switch {
				case b.Type == "resource":
					found.Resources = append(found.Resources, b.Labels[0]+"."+b.Labels[1])
				case d == ".":
					found.Outputs = append(found.Outputs, b.Labels[0])
				}
			}
		}
		slices.Sort(found.Resources)
		slices.Sort(found.Outputs)
		found.Resources, found.Outputs = slices.Compact(found.Resources), slices.Compact(found.Outputs)
		if len(found.Resources)+len(found.Outputs) > 0 {
			out = append(out, found)
		}
	}
	return out
}

// moduleFolders are the folders of all modules but the root, in order, from
// Terraform's own record of them.
func moduleFolders(dir string) []string {
	data, err := os.ReadFile(filepath.Join(dir, ".terraform", "modules", "modules.json"))
	if err != nil {
		return nil
	}
	var record struct{ Modules []struct{ Dir string } }
	if json.Unmarshal(data, &record) != nil {
		return nil
	}
	var out []string
	for _, m := range record.Modules {
		if d := filepath.ToSlash(filepath.Clean(m.Dir)); d != "." && !filepath.IsAbs(d) {
			out = append(out, d)
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(out)))
}

func bodies(dir string) []hcl.Body {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var out []hcl.Body
	for _, e := range entries {
		name := e.Name()
		native, inJSON := strings.HasSuffix(name, ".tf"), strings.HasSuffix(name, ".tf.json")
		if e.IsDir() || !native && !inJSON || strings.HasPrefix(name, ".") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		var file *hcl.File
		var diags hcl.Diagnostics
		if native {
			file, diags = hclsyntax.ParseConfig(data, name, hcl.InitialPos)
		} else {
			file, diags = hcljson.Parse(data, name)
		}
		if !diags.HasErrors() {
			out = append(out, file.Body)
		}
	}
	return out
}
