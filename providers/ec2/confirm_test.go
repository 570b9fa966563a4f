package ec2_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"reconcile/providers"
	"reconcile/providers/ec2"
)

// hostile is what a state may hold and no id is.
var hostile = []string{`it's "quoted"`, "`id`", "a`b\\`c", `\`, "a,b c", "$(id)", "line\nbreak", "[?]||&<>", "é\u2028", "*"}

// interpreted is what the AWS CLI would not take as text.
var interpreted = []string{"--endpoint-url=http://x", "-x", "file:///etc/passwd", "fileb://x", "https://x"}

func TestTheLastLookBeforeARemoval(t *testing.T) {
	var out strings.Builder
	for _, row := range ec2.Rows() {
		if row.Unread != "" {
			continue
		}
		raw, err := json.MarshalIndent(row.Confirm(everything().objects(t, row.Type)[0].Attrs), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%s gone by %q\n%s\n", row.Type, row.NotFound, raw)
	}
	golden(t, "confirm.golden", out.String())
}

// asksTheCLI checks the arguments that a removal's last look is made of: what a
// state holds stays data, and nothing is asked that the attributes do not tell.
func asksTheCLI(t *testing.T, f *filled, row ec2.Row) {
	source, sample := ec2.SourcesOf(row)[0], f.objects(t, row.Type)[0].Attrs
	plain := row.Confirm(sample)
	if len(plain) < 6 || plain[0] != source.Service || !slices.Contains(plain, "--query") || !slices.Equal(plain[len(plain)-2:], []string{"--output", "text"}) {
		t.Fatalf("%q", plain)
	}
	for _, bad := range hostile {
		argv := row.Confirm(saying(sample, bad))
		if len(argv) != len(plain) {
			t.Errorf("%q: %d arguments became %d: %q", bad, len(plain), len(argv), argv)
			continue
		}
		for i := 2; i < len(argv); i++ {
			switch option := argv[i-1]; {
			case option == "--filters" || option == "--filter":
				checkFilters(t, source, argv[i], bad)
			case option == "--query":
				was, is := literals(t, plain[i]), literals(t, argv[i])
				if len(was) != len(is) {
					t.Errorf("%q: %d literals became %d", bad, len(was), len(is))
					continue
				}
				for n := range is {
					if is[n] != bad && is[n] != was[n] { // numbers stay
						t.Errorf("the query compares with %q, not %q", is[n], bad)
					}
				}
			case argv[i] == bad && strings.HasPrefix(option, "--"):
			case argv[i] != plain[i]:
				t.Errorf("argument %d %q became %q", i, plain[i], argv[i])
			}
		}
	}
	for _, bad := range interpreted {
		if argv := row.Confirm(saying(sample, bad)); slices.Contains(argv, bad) {
			t.Errorf("%q is asked as %q", bad, argv)
		}
	}
	_, _, value, count := ec2.LookOf(row)
	if twice.MatchString(string(count)) {
		t.Errorf("%s counts nothing: JMESPath takes the second filter for one of lists. X[?a][].Y[?b] is what is meant", count)
	}
	for _, name := range append(value.Names(), count.Names()...) {
		attrs := maps.Clone(sample)
		delete(attrs, name)
		for _, other := range append(alternatives(value, name), alternatives(count, name)...) {
			delete(attrs, other)
		}
		if argv := row.Confirm(attrs); argv != nil && row.Parts == nil {
			t.Errorf("without %s: %q", name, argv)
		}
	}
}

// twice is a filter on what a filter or a flattening projects, X[?a].Y[?b] or X[][?b].
var twice = regexp.MustCompile(`\[\]\[\?|\[\?[^\[\]]*\](\.\w+)+\[\?`)

// saying is attributes whose every text is this one.
func saying(attrs providers.Attrs, text string) providers.Attrs {
	out := providers.Attrs{}
	for name, v := range attrs {
		switch v := v.(type) {
		case string:
			out[name] = text
		case []any:
			list := slices.Clone(v)
			for i := range list {
				if _, ok := list[i].(string); ok {
					list[i] = text
				}
			}
			out[name] = list
		default:
			out[name] = v
		}
	}
	return out
}

// checkFilters holds the filters to the listing's own, and one that asks for
// the text.
func checkFilters(t *testing.T, source ec2.Source, arg, bad string) {
	t.Helper()
	var filters []struct {
		Name   string
		Values []string
	}
	if err := json.Unmarshal([]byte(arg), &filters); err != nil {
		t.Errorf("%q: the filters are %s (%v)", bad, arg, err)
	}
	for _, f := range filters {
		if fixed := source.Fixed[f.Name]; (fixed == nil && !slices.Equal(f.Values, []string{bad})) || (fixed != nil && !slices.Equal(f.Values, fixed)) {
			t.Errorf("the filter %s asks for %q, not %q", f.Name, f.Values, bad)
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
