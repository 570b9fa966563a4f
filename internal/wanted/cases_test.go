package wanted

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"reconcile/internal/hint"
)

// planned is a plan with aws_vpc.a and aws_vpc.b to be created, and aws_x.x whose
// attribute "a" is not known yet and refers to refs.
func planned(refs ...string) string {
	list, _ := json.Marshal(refs)
	return `{"format_version":"1.2","resource_changes":[
		{"address":"aws_vpc.a","mode":"managed","type":"aws_vpc","name":"a","change":{"actions":["create"],"before":null,"after":{"cidr_block":"10.0.0.0/16"},"after_unknown":{"id":true,"tags_all":true}}},
		{"address":"aws_vpc.b","mode":"managed","type":"aws_vpc","name":"b","change":{"actions":["create"],"before":null,"after":{},"after_unknown":{"id":true}}},
		{"address":"aws_x.x","mode":"managed","type":"aws_x","name":"x","change":{"actions":["create"],"before":null,"after":{"n":12345678901234567890},"after_unknown":{"a":true}}}],
		"configuration":{"root_module":{"resources":[{"mode":"managed","type":"aws_x","name":"x","expressions":{"a":{"references":` + string(list) + `}}}]}}}`
}

func folder(t testing.TB, content map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range content {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestConfigurationsThatCannotBeFullyEvaluated(t *testing.T) {
	const vpcs = "resource \"aws_vpc\" \"a\" {}\nresource \"aws_vpc\" \"b\" {}\n"
	for _, c := range []struct {
		name   string
		refs   []string
		config map[string]string
		env    map[string]string
		want   any    // of aws_x.x.a
		note   string // must be part of a note
	}{
		{
			name: "locals that need each other", refs: []string{"local.p"},
			config: map[string]string{"main.tf": vpcs + `
				locals {
				  p = local.q
				  q = local.p
				}
				resource "aws_x" "x" { a = local.p }`},
			note: "refers to itself",
		},
		{
			name: "a configuration that is not the one planned", refs: []string{"aws_vpc.a.id", "aws_vpc.a"},
			config: map[string]string{"main.tf": vpcs + `resource "aws_x" "x" { a = aws_vpc.b.id }`},
			note:   "does not hold the configuration that was planned",
		},
		{
			name: "a file with a syntax error", refs: []string{"aws_vpc.a.id", "aws_vpc.a"},
			config: map[string]string{"main.tf": vpcs + "resource \"aws_x\" \"x\" {\n a = \n}"},
			note:   "main.tf line 4",
		},
		{
			name: "a module that is not installed", refs: []string{"module.m.id", "module.m"},
			config: map[string]string{"main.tf": vpcs + `
				module "m" { source = "terraform-aws-modules/vpc/aws" }
				resource "aws_x" "x" { a = module.m.id }`},
			note: "run terraform init",
		},
		{
			name: "a module from a registry", refs: []string{"module.m.id", "module.m"},
			config: map[string]string{
				"main.tf": vpcs + `
				module "m" {
				  source = "terraform-aws-modules/vpc/aws"
				  in     = aws_vpc.b.id
				}
				resource "aws_x" "x" { a = module.m.id }`,
				".terraform/modules/modules.json": `{"Modules":[{"Key":"","Dir":"."},{"Key":"m","Dir":".terraform/modules/m"}]}`,
				".terraform/modules/m/main.tf":    "variable \"in\" {}\noutput \"id\" { value = var.in }",
			},
			want: "-> aws_vpc.b.id",
		},
		{
			name: "a module that calls itself", refs: []string{"module.m.id", "module.m"},
			config: map[string]string{
				"main.tf": vpcs + `
				module "m" { source = "./m" }
				resource "aws_x" "x" { a = module.m.id }`,
				"m/main.tf": "module \"m\" { source = \"../m\" }\noutput \"id\" { value = module.m.id }",
			},
			note: "too deeply",
		},
		{
			name: "a for_each that is not known", refs: []string{"module.m"},
			config: map[string]string{
				"main.tf": vpcs + `
				module "m" {
				  source   = "./m"
				  for_each = toset([aws_vpc.a.id])
				}
				resource "aws_x" "x" { a = [for k, m in module.m : m.id] }`,
				"m/main.tf": `output "id" { value = "x" }`,
			},
		},
		{
			name: "null, which leaves the choice to the provider", refs: []string{"aws_vpc.a.id", "aws_vpc.a"},
			config: map[string]string{"main.tf": vpcs + `resource "aws_x" "x" { a = aws_vpc.a.id == null ? "x" : null }`},
		},
		{
			name: "an attribute that may be a map", refs: []string{"aws_vpc.a.tags_all", "aws_vpc.a"},
			config: map[string]string{"main.tf": vpcs + `resource "aws_x" "x" { a = try(aws_vpc.a.tags_all["Name"], "none") }`},
		},
		{
			name: "a file outside the configuration", refs: []string{"aws_vpc.a.id", "aws_vpc.a"},
			config: map[string]string{"main.tf": vpcs + `resource "aws_x" "x" { a = try(file("../../etc/passwd"), aws_vpc.a.id) }`},
			note:   "was not read",
		},
		{
			name: "a file of the configuration", refs: []string{"aws_vpc.a.id", "aws_vpc.a", "path.module"},
			config: map[string]string{
				"main.tf": vpcs + `resource "aws_x" "x" { a = file("${path.module}/which.txt") == "a" ? aws_vpc.a.id : "x" }`, "which.txt": "a",
			},
			want: "-> aws_vpc.a.id",
		},
		{
			name: "a workspace that was selected", refs: []string{"terraform.workspace", "aws_vpc.a.id", "aws_vpc.a", "aws_vpc.b.id", "aws_vpc.b"},
			config: map[string]string{
				"main.tf":                vpcs + `resource "aws_x" "x" { a = terraform.workspace == "prod" ? aws_vpc.a.id : aws_vpc.b.id }`,
				".terraform/environment": "prod",
			},
			want: "-> aws_vpc.a.id",
		},
		{
			name: "a workspace that the environment says, over the record", refs: []string{"terraform.workspace", "aws_vpc.a.id", "aws_vpc.a", "aws_vpc.b.id", "aws_vpc.b"},
			config: map[string]string{
				"main.tf":                vpcs + `resource "aws_x" "x" { a = terraform.workspace == "prod" ? aws_vpc.a.id : aws_vpc.b.id }`,
				".terraform/environment": "staging",
			},
			env:  map[string]string{"TF_WORKSPACE": "prod"},
			want: "-> aws_vpc.a.id",
		},
		{
			name: "a record in init's own folder", refs: []string{"terraform.workspace", "aws_vpc.a.id", "aws_vpc.a", "aws_vpc.b.id", "aws_vpc.b"},
			config: map[string]string{
				"main.tf":                vpcs + `resource "aws_x" "x" { a = terraform.workspace == "prod" ? aws_vpc.a.id : aws_vpc.b.id }`,
				".terraform/environment": "staging", "data/environment": "prod",
			},
			env:  map[string]string{"TF_DATA_DIR": "data"},
			want: "-> aws_vpc.a.id",
		},
		{
			name: "a workspace that is not recorded", refs: []string{"terraform.workspace", "aws_vpc.a.id", "aws_vpc.a", "aws_vpc.b.id", "aws_vpc.b"},
			config: map[string]string{"main.tf": vpcs + `resource "aws_x" "x" { a = terraform.workspace == "prod" ? aws_vpc.a.id : aws_vpc.b.id }`},
			note:   "workspace",
		},
		{
			name: "no configuration", refs: []string{"aws_vpc.a.id", "aws_vpc.a"},
			config: map[string]string{"README": "nothing here"},
			note:   "no .tf file",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, err := FromPlan(strings.NewReader(planned(c.refs...)), "plan.json", Config{Dir: folder(t, c.config), Env: func(name string) string { return c.env[name] }})
			if err != nil {
				t.Fatal(err)
			}
			inst, _ := w.Find("aws_x.x")
			v, ok := inst.Values["a"]
			switch {
			case c.want == nil && ok:
				t.Errorf("want nothing, got %v", spell(v))
			case c.want != nil && !cmp.Equal(c.want, spell(v)):
				t.Errorf("want %v, got %v (notes %q)", c.want, spell(v), w.Notes)
			}
			if !slices.ContainsFunc(w.Notes, func(n string) bool { return strings.Contains(n, c.note) }) && c.note != "" {
				t.Errorf("no note says %q: %q", c.note, w.Notes)
			}
			if c.note == "" && len(w.Notes) > 0 {
				t.Errorf("notes nobody needs: %q", w.Notes)
			}
		})
	}
}

func TestWhatIsNotAPlanIsCalledByItsName(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", "the plan p.json is empty: write it with: terraform show -json tfplan > plan.json"},
		{" \n", "is empty"},
		{"PK\x03\x04rest", "is a binary plan file"},
		{"\xff\xfe{\x00}\x00", "UTF-16"},
		{"Terraform will perform", "is not JSON"},
		{"{\n\"a\": x}", "line 2"},
		{`{"format_version":"1.2","resource_changes":[{"addr`, "is cut off after 50 bytes"},
		{`{"version":4,"lineage":"x","serial":3,"resources":[]}`, "is a state, not a plan: give it as --state"},
		{`{"format_version":"1.0","terraform_version":"1.11.4","values":{}}`, "is a state"},
		{`{"@level":"info","@message":"x"}` + "\n{}", "is the log of terraform plan -json"},
		{`{"format_version":"0.2","resource_changes":[]}`, `format_version "0.2"`},
		{`{"format_version":"2.0","resource_changes":[]}`, `format_version "2.0"`},
		{`{"a":1}`, "is JSON but not a plan"},
		{`{"format_version":"1.2","resource_changes":[]} {}`, "goes on after its end"},
		{`{"format_version":"1.2","resource_changes":{"a":1}}`, "resource_changes holds a object"},
		{`{"format_version":"1.2","resource_changes":[{"mode":"managed"}]}`, "resource_changes[0]: the address is missing"},
		{`{"format_version":"1.2","resource_changes":[{"module_address":"nonsense"}]}`, `"nonsense" is no module address`},
	} {
		_, err := FromPlan(strings.NewReader(c.in), "p.json", Config{})
		text := ""
		if err != nil {
			text = err.Error() + ": " + hint.Of(err)
		}
		if !strings.Contains(text, c.want) {
			t.Errorf("%.30q: want an error with a hint that says %q, got %v", c.in, c.want, err)
		}
	}
}

func TestActionsDeposedAndNumbers(t *testing.T) {
	change := func(name, rest string) string {
		return `{"address":"aws_x.` + name + `","mode":"managed","type":"aws_x","name":"` + name + `",` + rest + `}`
	}
	in := `{"format_version":"1.2","errored":true,"deferred_changes":[{}],"resource_changes":[` + strings.Join([]string{
		change("noop", `"change":{"actions":["no-op"],"before":{"id":"x-1"},"after":{"id":"x-1","n":12345678901234567890,"gone":null},"after_unknown":{},"after_sensitive":{"n":true}}`),
		change("rep", `"change":{"actions":["delete","create"],"before":{"id":"x-2"},"after":{"part":[{}]},"after_unknown":{"id":true,"part":[{"a":true}],"no":false}}`),
		change("cbd", `"change":{"actions":["create","delete"],"before":{"id":"x-3"},"after":{},"after_unknown":{"id":true}}`),
		change("forget", `"change":{"actions":["forget"],"before":{"id":"x-4"},"after":null,"after_unknown":{}}`),
		change("deposed", `"deposed":"abcd","change":{"actions":["delete"],"before":{"id":"x-5"},"after":null}`),
		change("odd", `"change":{"actions":["wave"],"before":null}`),
		`{"address":"data.aws_x.d","mode":"data","type":"aws_x","name":"d","change":{"actions":["read"],"after":{},"after_unknown":{"id":true}}}`,
	}, ",") + `]}`
	w, err := FromPlan(strings.NewReader(in), "p.json", Config{})
	if err != nil {
		t.Fatal(err)
	}
	want := []Instance{
		{Address: "aws_x.cbd", Type: "aws_x", Name: "cbd", Action: ReplaceCBD, PriorID: "x-3", Values: map[string]Value{}, Unknown: []string{"id"}},
		{Address: "aws_x.forget", Type: "aws_x", Name: "forget", Action: Forget, PriorID: "x-4", Values: map[string]Value{}},
		{Address: "aws_x.noop", Type: "aws_x", Name: "noop", Action: NoOp, PriorID: "x-1", Sensitive: []string{"n"}, Values: map[string]Value{
			"id": {Known: "x-1"}, "n": {Known: json.Number("12345678901234567890")}, "gone": {},
		}},
		{Address: "aws_x.rep", Type: "aws_x", Name: "rep", Action: Replace, PriorID: "x-2", Values: map[string]Value{}, Unknown: []string{"id", "part"}},
	}
	if d := cmp.Diff(want, w.Instances); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if !slices.ContainsFunc(w.Doubts, func(d string) bool { return strings.Contains(d, "cut short") }) {
		t.Errorf("no doubt says that it was cut short: %q", w.Doubts)
	}
	for _, part := range []string{"defers changes to a later run: they are not in it (1)", "wants wave at aws_x.odd"} {
		if !slices.ContainsFunc(w.Notes, func(n string) bool { return strings.Contains(n, part) }) {
			t.Errorf("no note says %q: %q", part, w.Notes)
		}
	}
}

// Rule 10: the order of what Terraform lists changes nothing.
func TestOrderOfThePlanChangesNothing(t *testing.T) {
	b, err := os.ReadFile(language + "/plan.json")
	if err != nil {
		t.Fatal(err)
	}
	want := asJSON(t, read(t, language+"/plan.json", language+"/config"))
	var doc map[string]any
	dec := json.NewDecoder(strings.NewReader(string(b)))
	dec.UseNumber()
	if err := dec.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		shuffled := map[string]any{}
		for k, v := range doc {
			shuffled[k] = v
		}
		shuffled["resource_changes"] = rapid.Permutation(doc["resource_changes"].([]any)).Draw(rt, "changes")
		w, err := FromPlan(strings.NewReader(string(asJSON(t, shuffled))), "plan.json", Config{Dir: language + "/config"})
		if err != nil {
			rt.Fatal(err)
		}
		if got := asJSON(t, w); string(got) != string(want) {
			rt.Fatal("another order gave another answer")
		}
	})
}

func FuzzFromPlan(f *testing.F) {
	for _, seed := range []string{"", "{}", planned("aws_vpc.a.id"), planned("each.key", "aws_vpc.a"), "PK\x03\x04", `{"format_version":"1.0","values":{}}`} {
		f.Add([]byte(seed))
	}
	if b, err := os.ReadFile(filepath.Join(incidents, "replaced-vpc-expire-11", "plan.json")); err == nil {
		f.Add(b)
	}
	dir := filepath.Join(incidents, "replaced-vpc-expire-11", "config")
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, d := range []string{"", dir} {
			w, err := FromPlan(strings.NewReader(string(b)), "p.json", Config{Dir: d})
			if (err == nil) == (w == nil) {
				t.Fatalf("neither an answer nor an error: %v, %v", w, err)
			}
			if err != nil && strings.Contains(err.Error(), "\n") {
				t.Fatalf("an error of more than one line: %q", err)
			}
		}
	})
}

func FuzzConfiguration(f *testing.F) {
	for _, seed := range []string{
		`resource "aws_x" "x" { a = aws_vpc.a.id }`, `resource "aws_x" "x" { a = try([for k, v in aws_vpc.a : v if v != null][0], "x") }`,
		"locals {\n l = { for k in toset([aws_vpc.a.id]) : k => k... }\n}\nresource \"aws_x\" \"x\" { a = local.l[*] }",
		`resource "aws_x" "x" { a = one(flatten([merge({}, lookup({}, "x", {})), coalesce(aws_vpc.b.id)])) }`,
		"variable \"v\" {\n type = set(object({ a = optional(set(string)) }))\n default = [{}]\n}\nresource \"aws_x\" \"x\" { a = var.v }",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, config string) {
		dir := folder(t, map[string]string{"main.tf": config})
		// Without references the plan says nothing about the expression, so that
		// whatever the file holds is evaluated.
		in := strings.Replace(planned(), `"expressions":{"a":{"references":null}}`, `"expressions":{}`, 1)
		if _, err := FromPlan(strings.NewReader(in), "p.json", Config{Dir: dir}); err != nil {
			t.Fatal(err)
		}
	})
}

func large(n int) string {
	var b strings.Builder
	b.WriteString(`{"format_version":"1.2","terraform_version":"1.11.4","resource_changes":[`)
	for i := range n / 2 {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, `{"address":"aws_subnet.this[%d]","mode":"managed","type":"aws_subnet","name":"this","index":%d,"change":{"actions":["create"],"before":null,"after":{"cidr_block":"10.0.0.0/24","tags":{"Name":"s%d"}},"after_unknown":{"id":true,"arn":true,"vpc_id":true}}},`, i, i, i)
		fmt.Fprintf(&b, `{"address":"aws_route_table_association.this[%d]","mode":"managed","type":"aws_route_table_association","name":"this","index":%d,"change":{"actions":["create"],"before":null,"after":{},"after_unknown":{"id":true,"subnet_id":true,"route_table_id":true}}}`, i, i)
	}
	b.WriteString(`],"configuration":{"root_module":{"resources":[
		{"mode":"managed","type":"aws_subnet","name":"this","expressions":{"cidr_block":{"constant_value":"x"}},"count_expression":{"constant_value":1}},
		{"mode":"managed","type":"aws_route_table_association","name":"this","expressions":{"subnet_id":{"references":["aws_subnet.this","count.index"]},"route_table_id":{"references":["aws_subnet.this"]}},"count_expression":{"references":["aws_subnet.this"]}}]}}}`)
	return b.String()
}

func BenchmarkTwoThousandInstances(b *testing.B) {
	in := large(2000)
	dir := b.TempDir()
	config := `
resource "aws_subnet" "this" { count = 1000 }
resource "aws_route_table_association" "this" {
  count          = length(aws_subnet.this)
  subnet_id      = aws_subnet.this[count.index].id
  route_table_id = element(aws_subnet.this[*].id, count.index)
}`
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(config), 0o644); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		w, err := FromPlan(strings.NewReader(in), "p.json", Config{Dir: dir})
		if err != nil {
			b.Fatal(err)
		}
		inst, ok := w.Find("aws_route_table_association.this[999]")
		if !ok || len(inst.Values["subnet_id"].OneOf) != 1 || len(inst.Values["route_table_id"].OneOf) != 1 {
			b.Fatalf("not evaluated: %v %q", inst, w.Notes)
		}
	}
}
