package incident

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"reconcile/internal/plan"
	"reconcile/internal/tfdir"
)

// declares reads what each folder of the configuration declares, downloaded
// modules included, of which init's folder, data, has the record. A file that cannot be parsed is left out: the script then
// takes its imports one at a time, which is slower and as safe.
func declares(dir, data string) []plan.Declared {
	var out []plan.Declared
	for _, d := range append([]string{"."}, moduleFolders(data)...) {
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
// Terraform's own record of them in init's folder.
func moduleFolders(data string) []string {
	modules, _ := tfdir.Modules(data) // none in a record that is broken
	var out []string
	for _, m := range modules {
		if d := filepath.ToSlash(filepath.Clean(m.Dir)); d != "." && !filepath.IsAbs(d) {
			out = append(out, d)
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(out)))
}

func bodies(dir string) []hcl.Body {
	files, _ := tfdir.Files(dir)
	var out []hcl.Body
	for _, name := range files {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		if file, diags := tfdir.Parse(data, name); !diags.HasErrors() {
			out = append(out, file.Body)
		}
	}
	return out
}
