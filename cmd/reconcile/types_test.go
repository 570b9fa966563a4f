package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"reconcile/providers"
	"reconcile/providers/ec2"
)

// TestAnImportIdIsToldForEachVersionOfTheProvider: the two differ in more ways
// than one.
func TestAnImportIdIsToldForEachVersionOfTheProvider(t *testing.T) {
	for name, c := range map[string]struct {
		k    providers.Kind
		want [2]string
	}{
		"both":                           {providers.Kind{Import: "{id}"}, [2]string{"{id}", "{id}[@{region}]"}},
		"a type that only 6 has":         {providers.Kind{Import: "{id}", Since: 6}, [2]string{"", "{id}[@{region}]"}},
		"a type that only 6 can import":  {providers.Kind{Import: "{id}", ImportSince: 6}, [2]string{"", "{id}[@{region}]"}},
		"a type without a region":        {providers.Kind{Import: "{id}", Global: true}, [2]string{"{id}", "{id}"}},
		"a type that cannot be imported": {providers.Kind{NoImport: "wait"}, [2]string{"", ""}},
	} {
		r := typeRowOf(c.k, nil)
		if got := [2]string{r.ImportIDv5, r.ImportIDv6}; got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestAKindThatIsNotReadIsToldAndBreaksNothing in every form.
func TestAKindThatIsNotReadIsToldAndBreaksNothing(t *testing.T) {
	k := providers.Kind{Type: "aws_dark", Import: "{id}", ImportSince: 6, NoImport: "wait for version 6", Unread: "is read by the Organizations API"}
	r := typeRowOf(k, nil)
	if r.listedBy() != "(not read)" || r.importCell() != "{id} (version 6)" {
		t.Errorf("%s, %s", r.listedBy(), r.importCell())
	}
	var b bytes.Buffer
	if err := writeTypes(&b, []typeRow{r, typeRowOf(providers.Kind{Type: "aws_bare", NoImport: "wait"}, nil)}); err != nil {
		t.Fatal(err)
	}
	want := `aws_dark
  import id      none (version 5)
                 {id}[@{region}] (version 6)
  instead        wait for version 6
  identity       {id}
  not read       aws_dark is read by the Organizations API
  created again  not known

aws_bare
  import id      none: it cannot be imported
  instead        wait
  identity       {id}
  created again  not known
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
	if s := kindsTable([]typeRow{r}); !strings.Contains(s, "## Not read\n") || !strings.Contains(s, "| `aws_dark` | version 6 | `{id}` | not read: it is read by the Organizations API |") {
		t.Error(s)
	}
}

func TestASlipOfTheKeyboardIsUnderstood(t *testing.T) {
	var kinds providers.Kinds
	for _, typ := range []string{"aws_vpc", "aws_subnet", "aws_eip", "aws_route", "aws_route_table", "aws_route_table_association", "aws_ec2_transit_gateway",
		"aws_ec2_transit_gateway_route", "aws_ec2_transit_gateway_route_table", "aws_security_group", "aws_security_group_rule"} {
		kinds = append(kinds, providers.Kind{Type: typ})
	}
	for given, want := range map[string][]string{
		"aws_vcp":                   {"aws_vpc"},
		"vpc":                       {"aws_vpc"},
		"AWS_VPC":                   {"aws_vpc"},
		"aws_subnets":               {"aws_subnet"},
		"aws_route_tabel":           {"aws_route_table"},
		"aws_transit_gateway":       {"aws_ec2_transit_gateway", "aws_ec2_transit_gateway_route", "aws_ec2_transit_gateway_route_table"},
		"tgw":                       nil,
		"aws_s3_bucket":             nil,
		"":                          nil,
		"_":                         nil,
		"aws_security_groups_rules": {"aws_security_group_rule"},
	} {
		if got := nearestTypes(kinds, given); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
}

func TestTypesAreSortedAndComplete(t *testing.T) {
	rows := ec2.Rows()
	list := typeRows(rows, nil)
	if len(list) != len(rows) || !slices.IsSortedFunc(list, func(a, b typeRow) int { return strings.Compare(a.Type, b.Type) }) {
		t.Errorf("%d of %d rows", len(list), len(rows))
	}
	for _, r := range list {
		if (len(r.Calls) == 0) != (r.Unread != "") {
			t.Errorf("%s: listed by %v, not read because %q", r.Type, r.Calls, r.Unread)
		}
	}
}
