package ec2_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"reconcile/providers"
	"reconcile/providers/ec2"
)

// sample has every attribute that identifies an object of any kind.
var sample = providers.Attrs{
	"id": "ID", "route_table_id": "rtb-1", "destination_cidr_block": "10.0.0.0/8", "subnet_id": "subnet-1", "internet_gateway_id": "igw-1", "vpc_id": "vpc-1",
	"transit_gateway_route_table_id": "tgw-rtb-1", "transit_gateway_attachment_id": "tgw-attach-1", "resource_id": "vpc-1", "key": "Name",
}

// hostile is what a state may hold and no id is.
var hostile = []string{`it's "quoted"`, "`id`", "a`b\\`c", `\`, "a,b c", "$(id)", "line\nbreak", "[?]||&<>", "é\u2028", "*"}

func TestTheLastLookBeforeARemoval(t *testing.T) {
	var out strings.Builder
	for _, row := range ec2.Rows() {
		raw, err := json.MarshalIndent(row.Confirm(sample), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%s gone by %q\n%s\n", row.Type, row.NotFound, raw)
	}
	golden(t, "confirm.golden", out.String())
}

func TestHostileIdsStayData(t *testing.T) {
	for _, row := range ec2.Rows() {
		plain := row.Confirm(sample)
		for _, bad := range hostile {
			attrs := providers.Attrs{}
			for name := range sample {
				attrs[name] = bad
			}
			argv := row.Confirm(attrs)
			if len(argv) != len(plain) {
				t.Errorf("%s, %q: %d arguments became %d: %q", row.Type, bad, len(plain), len(argv), argv)
				continue
			}
			for i := range argv {
				switch {
				case i > 0 && argv[i-1] == "--filters":
					var filters []struct {
						Name   string
						Values []string
					}
					if err := json.Unmarshal([]byte(argv[i]), &filters); err != nil || len(filters) != 1 || len(filters[0].Values) != 1 {
						t.Errorf("%s, %q: the filters are %s (%v)", row.Type, bad, argv[i], err)
					} else if v := filters[0].Values[0]; v != bad && v != "static" {
						t.Errorf("%s: the filter asks for %q, not %q", row.Type, v, bad)
					}
				case i > 0 && argv[i-1] == "--query":
					for _, literal := range literals(t, argv[i]) {
						if literal != bad {
							t.Errorf("%s: the query compares with %q, not %q", row.Type, literal, bad)
						}
					}
					if a, b := len(literals(t, argv[i])), len(literals(t, plain[i])); a != b {
						t.Errorf("%s, %q: %d literals became %d", row.Type, bad, b, a)
					}
				case i > 0 && strings.HasPrefix(argv[i-1], "--transit-gateway-route-table-id"):
					if argv[i] != bad {
						t.Errorf("%s: asks about %q, not %q", row.Type, argv[i], bad)
					}
				case argv[i] != plain[i]:
					t.Errorf("%s: argument %d %q became %q", row.Type, i, plain[i], argv[i])
				}
			}
		}
	}
}

// literals reads the JSON literals of a JMESPath expression by its grammar: a
// backslash keeps the next character, and \` is ` within.
func literals(t *testing.T, query string) []string {
	t.Helper()
	var out []string
	for i := 0; i < len(query); i++ {
		if query[i] != '`' {
			continue
		}
		var b strings.Builder
		for i++; i < len(query) && query[i] != '`'; i++ {
			if query[i] == '\\' && i+1 < len(query) {
				if query[i+1] != '`' {
					b.WriteByte('\\')
				}
				i++
			}
			b.WriteByte(query[i])
		}
		var text string
		if err := json.Unmarshal([]byte(b.String()), &text); err != nil {
			t.Errorf("%s is no JSON literal of %s: %v", b.String(), query, err)
		}
		out = append(out, text)
	}
	return out
}

func TestWhatTheCLIWouldInterpretIsNotAsked(t *testing.T) {
	for _, row := range ec2.Rows() {
		if len(row.Actions) < 2 {
			continue
		}
		for _, bad := range []string{"--endpoint-url=http://x", "-x", "file:///etc/passwd", "fileb://x", "https://x"} {
			attrs := providers.Attrs{"transit_gateway_route_table_id": bad, "transit_gateway_attachment_id": "a", "destination_cidr_block": "b"}
			if argv := row.Confirm(attrs); argv != nil {
				t.Errorf("%s asks %q", row.Type, argv)
			}
		}
	}
}

func TestALookThatTheAttributesDoNotTellIsNotAsked(t *testing.T) {
	for _, row := range ec2.Rows() {
		for name := range sample {
			attrs := maps.Clone(sample)
			delete(attrs, name)
			needed := strings.Contains(fmt.Sprint(row.Confirm(withMark(name))), "MARK")
			if got := row.Confirm(attrs); (got == nil) != needed {
				t.Errorf("%s without %s: %q", row.Type, name, got)
			}
		}
		if argv := row.Confirm(sample); !slices.Contains(argv, "--output") || argv[0] != "ec2" {
			t.Errorf("%s: %q", row.Type, argv)
		}
	}
}

// withMark is the sample with one attribute that can be found again.
func withMark(name string) providers.Attrs {
	out := maps.Clone(sample)
	out[name] = "MARK"
	return out
}
