package plan

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestEveryFieldOfTheReportIsDocumented fails when a field is added to the
// report and docs/report.md does not name it.
func TestEveryFieldOfTheReportIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/report.md")
	if err != nil {
		t.Fatal(err)
	}
	skip := map[string]bool{"Call": true, "TrailStats": true, "Place": true, "Tool": true} // named as wholes
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || typ == reflect.TypeFor[time.Time]() || seen[typ] || skip[typ.Name()] {
			return
		}
		seen[typ] = true
		for f := range typ.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name != "" && !strings.Contains(string(doc), "`"+name) {
				t.Errorf("docs/report.md does not name %s.%s (%q)", typ.Name(), f.Name, name)
			}
			walk(f.Type)
		}
	}
	walk(reflect.TypeFor[Report]())
}
