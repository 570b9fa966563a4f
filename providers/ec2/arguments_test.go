package ec2_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"reconcile/providers/ec2"
)

// argumentsTable is what internal/wanted knows of the arguments of the kinds.
var argumentsTable = filepath.Join("..", "..", "internal", "wanted", "arguments.tsv")

// argumentLines are its lines by type.
func argumentLines(t *testing.T) map[string][]string {
	t.Helper()
	data, err := os.ReadFile(argumentsTable)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for line := range strings.Lines(string(data)) {
		if typ, _, ok := strings.Cut(line, "\t"); ok && !strings.HasPrefix(line, "#") {
			out[typ] = append(out[typ], line)
		}
	}
	return out
}

// plainly are the lines without what a schema does not tell: the default, and
// whether another value replaces the object.
func plainly(lines []string) []string {
	var out []string
	for _, line := range lines {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		words := ""
		if len(f) > 5 && strings.Contains(f[5], "sensitive") {
			words = "sensitive"
		}
		out = append(out, lineOf(f[0], f[1], f[2], f[3], "", words))
	}
	return out
}

func lineOf(cells ...string) string { return strings.TrimRight(strings.Join(cells, "\t"), "\t") + "\n" }

// TestTheTableOfArgumentsHasEveryKind writes, with -update, the lines of kinds
// that have none there: the provider is asked, by a plan.
func TestTheTableOfArgumentsHasEveryKind(t *testing.T) {
	lines := argumentLines(t)
	var missing []string
	for _, row := range ec2.Rows() {
		if row.Since == 0 && len(lines[row.Type]) == 0 {
			missing = append(missing, row.Type)
		}
	}
	if len(missing) == 0 {
		return
	}
	if !*update {
		t.Fatalf("%s has no lines of %s: go test ./providers/ec2 -run TestTheTableOfArguments -update asks the provider and writes them", argumentsTable, strings.Join(missing, ", "))
	}
	schemas, answers := resourceSchemas(t), plannedAs{}
	for _, typ := range missing {
		if _, ok := schemas[typ]; !ok {
			t.Fatalf("the provider has no %s", typ)
		}
	}
	askForArguments(t, missing, schemas, answers)
	for _, typ := range missing {
		lines[typ] = linesOf(typ, schemas[typ], answers[typ].replaces, answers[typ].defaults)
	}
	data, err := os.ReadFile(argumentsTable)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			text.WriteString(line)
		}
	}
	for _, typ := range slices.Sorted(maps.Keys(lines)) {
		text.WriteString(strings.Join(lines[typ], ""))
	}
	if err := os.WriteFile(argumentsTable, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// linesOf are a type's lines. How long to wait is no argument of the object.
func linesOf(typ string, schema resourceSchema, replaces map[string]bool, defaults map[string]json.RawMessage) []string {
	var out []string
	word := func(name string, sensitive bool) string {
		return strings.Join(slices.DeleteFunc([]string{map[bool]string{true: "replaces"}[replaces[name]], map[bool]string{true: "sensitive"}[sensitive]},
			func(w string) bool { return w == "" }), " ")
	}
	for name, a := range schema.Block.Attributes {
		mode := "computed"
		switch {
		case a.Required:
			mode = "required"
		case a.Optional && a.Computed:
			mode = "either"
		case a.Optional:
			mode = "optional"
		}
		var kind bytes.Buffer
		if json.Compact(&kind, a.Type) != nil {
			kind.Reset()
		}
		out = append(out, lineOf(typ, name, mode, strings.Trim(kind.String(), `"`), string(defaults[name]), word(name, a.Sensitive)))
	}
	for name, b := range schema.Block.Blocks {
		if name != "timeouts" {
			out = append(out, lineOf(typ, name, "block", b.Nesting, "", word(name, false)))
		}
	}
	slices.Sort(out)
	return out
}

// plannedAs is what a plan tells of types.
type plannedAs map[string]*plannedType

type plannedType struct {
	replaces map[string]bool
	defaults map[string]json.RawMessage
}

// askForArguments has terraform plan objects of which everything is unknown, so
// that no rule of the provider's about values applies: one that is there already,
// whose plan says what replaces it, and for each argument a new one without it,
// whose plan has its default. Nothing of AWS's is called.
func askForArguments(t *testing.T, types []string, schemas map[string]resourceSchema, answers plannedAs) {
	t.Helper()
	p := newProvider(t)
	var state struct {
		Version   int              `json:"version"`
		Terraform string           `json:"terraform_version"`
		Serial    int              `json:"serial"`
		Lineage   string           `json:"lineage"`
		Resources []map[string]any `json:"resources"`
	}
	state.Version, state.Terraform, state.Serial, state.Lineage = 4, "1.0.0", 1, "arguments"
	blocks := map[string]string{}
	for _, typ := range types {
		answers[typ] = &plannedType{map[string]bool{}, map[string]json.RawMessage{}}
		schema := schemas[typ]
		state.Resources = append(state.Resources, map[string]any{"mode": "managed", "type": typ, "name": "there", "provider": `provider["registry.terraform.io/hashicorp/aws"]`,
			"instances": []any{map[string]any{"schema_version": schema.Version, "attributes": map[string]any{"id": "there"}}}})
		blocks[typ+".there"] = unknown(schema.Block, "")
		for name, a := range schema.Block.Attributes {
			if a.Optional && name != "id" {
				blocks[typ+".without_"+name] = unknown(schema.Block, name)
			}
		}
	}
	raw, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	p.write("terraform.tfstate", string(raw))
	p.keepValid(blocks)
	for _, typ := range types {
		if blocks[typ+".there"] == "" {
			t.Fatalf("the provider does not take a %s of unknown arguments: write its lines in %s by hand", typ, argumentsTable)
		}
	}
	p.run("plan", "-refresh=false", "-input=false", "-out=plan")
	var plan struct {
		Changes []struct {
			Type, Name string
			Change     struct {
				After    map[string]json.RawMessage
				Replaces [][]any `json:"replace_paths"`
			}
		} `json:"resource_changes"`
	}
	if err := json.Unmarshal(p.run("show", "-json", "plan"), &plan); err != nil {
		t.Fatal(err)
	}
	for _, c := range plan.Changes {
		if answers[c.Type] == nil {
			continue
		}
		for _, path := range c.Change.Replaces {
			if name, ok := path[0].(string); ok && c.Name == "there" {
				answers[c.Type].replaces[name] = true
			}
		}
		if name, ok := strings.CutPrefix(c.Name, "without_"); ok && string(c.Change.After[name]) != "null" {
			answers[c.Type].defaults[name] = c.Change.After[name]
		}
	}
}

// unknown is the body of a resource whose every argument but one is unknown.
func unknown(block schemaBlock, without string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(block.Attributes)) {
		if a := block.Attributes[name]; (a.Optional || a.Required) && name != without && name != "id" {
			fmt.Fprintf(&b, "%s = jsondecode(terraform_data.unknown.id)\n", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(block.Blocks)) {
		if name != "timeouts" && name != without {
			fmt.Fprintf(&b, "%s {\n%s}\n", name, unknown(block.Blocks[name].Block, ""))
		}
	}
	return b.String()
}

// keepValid writes the resources as a configuration and takes away those that
// the provider finds fault with: an argument that another one needs.
func (p aProvider) keepValid(blocks map[string]string) {
	p.t.Helper()
	for range 3 {
		var b strings.Builder
		b.WriteString(providerBlock + "provider \"aws\" {\n" + `  region                      = "us-east-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
resource "terraform_data" "unknown" {}
`)
		for _, address := range slices.Sorted(maps.Keys(blocks)) {
			typ, name, _ := strings.Cut(address, ".")
			fmt.Fprintf(&b, "resource %q %q {\n%s}\n", typ, name, blocks[address])
		}
		p.write("main.tf", b.String())
		out, _ := p.try("validate", "-json") // says in its answer what is wrong
		var verdict struct {
			Valid       bool
			Diagnostics []struct {
				Severity, Summary, Address string
				Snippet                    struct{ Context string }
			}
		}
		if err := json.Unmarshal(out, &verdict); err != nil {
			p.t.Fatalf("terraform validate: %v: %s", err, out)
		}
		if verdict.Valid {
			return
		}
		for _, d := range verdict.Diagnostics {
			_, named, _ := strings.Cut(d.Snippet.Context, " ") // resource "type" "name"
			delete(blocks, strings.ReplaceAll(strings.Trim(named, `"`), `" "`, "."))
			delete(blocks, d.Address)
		}
	}
	p.t.Fatal("what is left is not valid either")
}
