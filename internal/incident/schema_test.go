package incident_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"reconcile/fixtures"
	"reconcile/internal/plan"
)

// TestTheReportOfEachIncidentFitsTheSchema validates what a whole reading
// writes, with a validator that is not ours.
func TestTheReportOfEachIncidentFitsTheSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(plan.JSONSchema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("report.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("report.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range fixtures.Names() {
		t.Run(name, func(t *testing.T) {
			d := begin(t, name)
			d.o.ApplyLog = d.path("apply.log.jsonl")
			data, err := json.Marshal(d.read(t))
			if err != nil {
				t.Fatal(err)
			}
			report, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(report); err != nil {
				t.Error(err)
			}
		})
	}
}
