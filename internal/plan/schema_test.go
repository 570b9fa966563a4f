package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestTheSchemaIsThatOfTheTypes holds report.schema.json against the types, and
// writes it anew with -update.
func TestTheSchemaIsThatOfTheTypes(t *testing.T) {
	want, err := newSchemas(t).document(reflect.TypeFor[Report]())
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("report.schema.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(want), JSONSchema()); diff != "" {
		t.Errorf("report.schema.json is stale: go test ./internal/plan -run TestTheSchemaIsThatOfTheTypes -update writes it anew. Wanted against got:\n%s", diff)
	}
}

// TestEveryReportFitsTheSchema: with nothing besides, so the schema knows every
// field, and none is null that it does not say may be.
func TestEveryReportFitsTheSchema(t *testing.T) {
	schema := compile(t, strict(t))
	for name := range scenarios {
		if err := schema.Validate(instance(t, reportOf(t, name))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// reportOf is report.json of a scenario.
func reportOf(t *testing.T, name string) []byte {
	t.Helper()
	c := newIncident()
	scenarios[name](c)
	data, err := json.Marshal(c.build())
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestTheSchemaTellsAWrongReport fails if the schema lets everything through.
func TestTheSchemaTellsAWrongReport(t *testing.T) {
	data, schema := reportOf(t, "unrecorded"), compile(t, JSONSchema())
	for name, spoil := range map[string]func(map[string]any){
		"a missing field":      func(r map[string]any) { delete(r, "findings") },
		"a list that is null":  func(r map[string]any) { r["actions"] = nil },
		"another schema":       func(r map[string]any) { r["schema"] = "reconcile.report/v2" },
		"a verdict of its own": func(r map[string]any) { r["verdict"] = "fine" },
		"a time that is none":  func(r map[string]any) { r["generated_at"] = "yesterday" },
		"an unknown operation": func(r map[string]any) { r["actions"].([]any)[0].(map[string]any)["op"] = "destroy" },
		"a serial that is not": func(r map[string]any) { r["state"].(map[string]any)["serial"] = -1 },
	} {
		r := instance(t, data).(map[string]any)
		if spoil(r); schema.Validate(r) == nil {
			t.Errorf("%s passes", name)
		}
	}
	later := instance(t, data).(map[string]any)
	later["of_a_later_version"] = true
	if err := schema.Validate(later); err != nil {
		t.Errorf("a field that a later version adds does not pass: %v", err)
	}
}

func instance(t *testing.T, data []byte) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func compile(t *testing.T, text string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("report.json", instance(t, []byte(text))); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("report.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// strict is the schema without room for other fields.
func strict(t *testing.T) string {
	doc := instance(t, []byte(JSONSchema())).(map[string]any)
	close := func(v any) {
		if m := v.(map[string]any); m["properties"] != nil {
			m["additionalProperties"] = false
		}
	}
	close(doc)
	for _, def := range doc["$defs"].(map[string]any) {
		close(def)
	}
	out, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// schemas makes JSON Schema of Go types: what encoding/json writes, with the
// comments as descriptions and typed constants as enumerations.
type schemas struct {
	docs  map[string]string   // "Report", "Report.Schema" with the package's name before
	enums map[string][]string // "plan.Verdict"
	defs  map[string]object
}

// object is a JSON object that keeps its order.
type object []member

type member struct {
	key   string
	value any
}

func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		var v bytes.Buffer
		enc := json.NewEncoder(&v)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(m.value); err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%s:%s", strconv.Quote(m.key), bytes.TrimSpace(v.Bytes()))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func newSchemas(t *testing.T) *schemas {
	s := &schemas{docs: map[string]string{}, enums: map[string][]string{}, defs: map[string]object{}}
	for _, dir := range []string{".", "../backend", "../lock", "../../providers"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			s.comments(f)
		}
	}
	return s
}

func (s *schemas) comments(f *ast.File) {
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range g.Specs {
			switch spec := spec.(type) {
			case *ast.ValueSpec:
				typ, ok := spec.Type.(*ast.Ident)
				if !ok || g.Tok != token.CONST {
					continue
				}
				for _, v := range spec.Values {
					if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING {
						word, _ := strconv.Unquote(lit.Value)
						name := f.Name.Name + "." + typ.Name
						s.enums[name] = append(s.enums[name], word)
					}
				}
			case *ast.TypeSpec:
				name := f.Name.Name + "." + spec.Name.Name
				doc := spec.Doc.Text()
				if doc == "" {
					doc = g.Doc.Text()
				}
				s.docs[name] = oneLine(doc)
				fields, ok := spec.Type.(*ast.StructType)
				if !ok {
					continue
				}
				for _, field := range fields.Fields.List {
					for _, n := range field.Names {
						s.docs[name+"."+n.Name] = oneLine(field.Doc.Text() + " " + field.Comment.Text())
					}
				}
			}
		}
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func (s *schemas) document(root reflect.Type) ([]byte, error) {
	body := s.structure(root)
	doc := object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"$id", "urn:reconcile:report:v1"},
		{"title", "report.json of reconcile"},
	}
	doc = append(doc, body...)
	defs := object{}
	var names []string
	for name := range s.defs {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		defs = append(defs, member{name, s.defs[name]})
	}
	doc = append(doc, member{"$defs", defs})
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(doc)
	return b.Bytes(), err
}

func (s *schemas) structure(typ reflect.Type) object {
	props, required := object{}, []string{}
	var add func(reflect.Type)
	add = func(typ reflect.Type) {
		for f := range typ.Fields() {
			name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			if f.Anonymous && name == "" {
				add(f.Type)
				continue
			}
			if !f.IsExported() || name == "-" {
				continue
			}
			if name == "" {
				name = f.Name
			}
			v := s.value(f.Type)
			optional := strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")
			if f.Type.Kind() == reflect.Pointer && !optional {
				v = object{{"anyOf", []object{v, {{"type", "null"}}}}}
			}
			if name == "schema" && typ == reflect.TypeFor[Report]() {
				v = object{{"const", Schema}}
			}
			if doc := s.docs[nameOf(typ)+"."+f.Name]; doc != "" {
				v = append(object{{"description", doc}}, v...)
			}
			props = append(props, member{name, v})
			if !optional {
				required = append(required, name)
			}
		}
	}
	add(typ)
	out := object{{"type", "object"}}
	if doc := s.docs[nameOf(typ)]; doc != "" {
		out = append(object{{"description", doc}}, out...)
	}
	return append(out, member{"properties", props}, member{"required", required})
}

func (s *schemas) value(typ reflect.Type) object {
	switch {
	case typ == reflect.TypeFor[time.Time]():
		return object{{"type", "string"}, {"format", "date-time"}}
	case typ.Kind() == reflect.Pointer:
		return s.value(typ.Elem())
	}
	switch typ.Kind() {
	case reflect.Struct:
		name := nameOf(typ)
		if _, done := s.defs[name]; !done {
			s.defs[name] = nil // it may hold itself
			s.defs[name] = s.structure(typ)
		}
		return object{{"$ref", "#/$defs/" + name}}
	case reflect.Slice:
		return object{{"type", "array"}, {"items", s.value(typ.Elem())}}
	case reflect.Map:
		return object{{"type", "object"}, {"additionalProperties", s.value(typ.Elem())}}
	case reflect.String:
		if words := s.enums[nameOf(typ)]; words != nil {
			return object{{"type", "string"}, {"enum", words}}
		}
		return object{{"type", "string"}}
	case reflect.Bool:
		return object{{"type", "boolean"}}
	case reflect.Float64:
		return object{{"type", "number"}}
	case reflect.Uint64, reflect.Uint, reflect.Uint32:
		return object{{"type", "integer"}, {"minimum", 0}}
	case reflect.Int, reflect.Int64, reflect.Int32:
		return object{{"type", "integer"}}
	}
	panic("the schema does not know what becomes of a " + typ.String())
}

// nameOf is a type's name with its package's: "plan.Report".
func nameOf(typ reflect.Type) string { return typ.String() }

// TestReportsOfOlderVersionsFitTheSchema: the schema of a later v1 takes them.
func TestReportsOfOlderVersionsFitTheSchema(t *testing.T) {
	schema := compile(t, JSONSchema())
	names, err := filepath.Glob("../render/testdata/v1/*.json")
	if err != nil || len(names) == 0 {
		t.Fatal("there are no kept reports", err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(instance(t, data)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
