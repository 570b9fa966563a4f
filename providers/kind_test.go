package providers

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestExpandLeavesNoHalfFilledText(t *testing.T) {
	attrs := Attrs{"id": "vpc-1", "b": "second", "braces": "{id}", "list": []any{"x"}, "n": float64(7), "v6": "FD00:0::/8", "no": false, "empty": ""}
	for _, c := range []struct{ name, template, want string }{
		{"no placeholder", "text", "text"},
		{"empty template", "", ""},
		{"one name", "{id}", "vpc-1"},
		{"text around", "a{id}z", "avpc-1z"},
		{"two names", "{id}_{b}", "vpc-1_second"},
		{"first that is not empty", "{absent|empty|b}", "second"},
		{"first wins", "{id|b}", "vpc-1"},
		{"one name stays empty", "{id}_{absent}", ""},
		{"all alternatives stay empty", "{absent|empty}", ""},
		{"a list is no text", "{list}", ""},
		{"number", "{n}", "7"},
		{"false is a value", "{no}", "false"},
		{"IPv6 in its shortest form", "{v6}", "fd00::/8"},
		{"a value is not expanded again", "{braces}-{id}", "{id}-vpc-1"},
		{"an open brace is text", "{id", "{id"},
		{"no name", "{}", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Template(c.template).Expand(attrs.Text); got != c.want {
				t.Errorf("Expand(%q) = %q, want %q", c.template, got, c.want)
			}
		})
	}
}

func TestExpandAllCrossesEveryList(t *testing.T) {
	values := map[string][]string{"r": {"vpc-1", "vpc-2"}, "k": {"Name", "Env"}, "one": {"x"}}
	get := func(name string) []string { return values[name] }
	for _, c := range []struct {
		name, template string
		want           []string
	}{
		{"resources and keys", "{r},{k}", []string{"vpc-1,Name", "vpc-1,Env", "vpc-2,Name", "vpc-2,Env"}},
		{"a list and one value", "{one}/{k}!", []string{"x/Name!", "x/Env!"}},
		{"one list is empty", "{r},{none}", nil},
		{"alternatives do not mix", "{none|k|r}", []string{"Name", "Env"}},
		{"no placeholder", "text", []string{"text"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, Template(c.template).ExpandAll(get)); diff != "" {
				t.Errorf("ExpandAll(%q), wanted against got:\n%s", c.template, diff)
			}
		})
	}
}

func TestANameMayBeUsedTwiceAndEveryAlternativeIsNamed(t *testing.T) {
	if got := Template("{a}{b}").Expand(func(string) string { return "x" }); got != "xx" {
		t.Errorf("got %q", got)
	}
	if got := Template("{a|b|c}_{d}").Names(); !slices.Equal(got, []string{"a", "b", "c", "d"}) {
		t.Errorf("Names = %q", got)
	}
}

func TestKindsOwnWords(t *testing.T) {
	plain := Kind{Type: "aws_vpc", Import: "{id}", Fixed: []string{"cidr_block"}}
	route := Kind{Type: "aws_route", Identity: "{route_table_id}_{destination_cidr_block|destination_ipv6_cidr_block}",
		Fixed: []string{"route_table_id"}, StateID: func(a Attrs) string { return "r-" + a.Text("route_table_id") }}
	a := Attrs{"id": "x", "route_table_id": "rtb-1", "destination_ipv6_cidr_block": "::/0"}
	for _, c := range []struct{ what, got, want string }{
		{"the default identity", plain.IdentityOf(a), "x"},
		{"an identity of parts", route.IdentityOf(a), "rtb-1_::/0"},
		{"an identity with a part missing", route.IdentityOf(Attrs{"route_table_id": "rtb-1"}), ""},
		{"the import id", plain.ImportIDOf(a), "x"},
		{"a type that cannot be imported", route.ImportIDOf(a), ""},
		{"the default state id", plain.StateIDOf(a), "x"},
		{"the kind's own state id", route.StateIDOf(a), "r-rtb-1"},
		{"hard attributes leave id out", strings.Join(plain.Hard(), " "), "cidr_block"},
		{"hard attributes name each once", strings.Join(route.Hard(), " "), "route_table_id destination_cidr_block destination_ipv6_cidr_block"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.what, c.got, c.want)
		}
	}
	if _, ok := (Kinds{plain}).Find("aws_route"); ok {
		t.Error("found a kind that is not in the list")
	}
}

func FuzzTemplate(f *testing.F) {
	f.Add("{id}_{a|b}", "vpc-1", "")
	f.Add("{{}|}{", "{a}", "}")
	f.Add("{|}", "", "x")
	f.Fuzz(func(t *testing.T, template, a, b string) {
		if len(Template(template).Names()) > 8 {
			return // two values a name: 2^8 combinations are enough
		}
		calls := 0
		values := map[string]string{"a": a, "b": b, "id": a}
		got := Template(template).Expand(func(name string) string { calls++; return values[name] })
		names := Template(template).Names()
		if calls > len(names) {
			t.Fatalf("%q was asked for %d values and names %d", template, calls, len(names))
		}
		if len(names) == 0 && got != template {
			t.Fatalf("%q without names became %q", template, got)
		}
		all := Template(template).ExpandAll(func(name string) []string {
			if values[name] == "" {
				return nil
			}
			return []string{values[name], values[name]}
		})
		if got != "" && !slices.Contains(all, got) {
			t.Fatalf("%q: Expand says %q, which is not among ExpandAll's %q", template, got, all)
		}
	})
}
