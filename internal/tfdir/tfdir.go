// Package tfdir knows what lies in the folder of a Terraform module: the files
// of the configuration, and what terraform init leaves beside them.
package tfdir

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	hcljson "github.com/hashicorp/hcl/v2/json"
)

// Data is the folder that terraform init fills: TF_DATA_DIR, else .terraform.
func Data(dir string, env func(string) string) string {
	data := cmp.Or(env("TF_DATA_DIR"), ".terraform")
	if !filepath.IsAbs(data) {
		data = filepath.Join(dir, data)
	}
	return data
}

// Module is one that terraform init installed: its key ("a.b" for module.b in
// module.a) and its folder, as seen from the root module's.
type Module struct{ Key, Dir string }

// Modules are those of Terraform's own record in init's folder (see Data), none
// where there is none that can be read. The error is that it is not JSON.
func Modules(folder string) ([]Module, error) {
	data, err := os.ReadFile(filepath.Join(folder, "modules", "modules.json"))
	if err != nil {
		return nil, nil
	}
	var record struct{ Modules []Module }
	if err := json.Unmarshal(data, &record); err != nil {
		return nil, fmt.Errorf("reading the record of modules: %w", err)
	}
	return record.Modules, nil
}

// Files names the files of a module's configuration, in the order that Terraform
// takes them in: override files last. The error is os.ReadDir's.
func Files(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var primary, override []string
	for _, e := range entries {
		name := e.Name()
		stem, isConfig := strings.CutSuffix(strings.TrimSuffix(name, ".json"), ".tf")
		switch {
		case e.IsDir() || !isConfig || strings.HasPrefix(name, "."):
		case stem == "override" || strings.HasSuffix(stem, "_override"):
			override = append(override, name)
		default:
			primary = append(primary, name)
		}
	}
	return slices.Concat(primary, override), nil
}

// Parse reads Terraform's language in the syntax that the file's name tells.
func Parse(src []byte, name string) (*hcl.File, hcl.Diagnostics) {
	if strings.HasSuffix(name, ".json") {
		return hcljson.Parse(src, name)
	}
	return hclsyntax.ParseConfig(src, name, hcl.InitialPos)
}
