package providers

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

func TestCanonGivesOneSpellingToEqualValues(t *testing.T) {
	for _, c := range []struct {
		name string
		same []any
		want string
	}{
		{"nothing", []any{nil, "", []any{}, map[string]any{}, []string{}, map[string]string{}, map[string]any{"a": nil, "b": ""}}, ""},
		{"booleans", []any{true, "true"}, "true"},
		{"numbers", []any{float64(64512), json.Number("64512"), "64512", 64512, json.Number("64512.0"), json.Number("6.4512e4")}, "64512"},
		{"fractions", []any{1.5, json.Number("1.50"), "1.5"}, "1.5"},
		{"numbers over 53 bits keep every digit", []any{json.Number("12345678901234567891")}, "12345678901234567891"},
		{"IPv6 prefixes", []any{"fd00::/8", "FD00::/8", "fd00:0:0::/8"}, "fd00::/8"},
		{"IPv6 host bits stay", []any{"fd00::1/8"}, "fd00::1/8"},
		{"what only looks like a prefix", []any{"a:b/c"}, "a:b/c"},
		{"an ARN", []any{"arn:aws:ec2:us-east-1:1:vpc/vpc-1"}, "arn:aws:ec2:us-east-1:1:vpc/vpc-1"},
		{"lists in any order", []any{[]any{"b", "a"}, []any{"a", "b"}, []string{"b", "a"}}, `["a","b"]`},
		{"lists of scalars", []any{[]any{true, float64(1)}, []any{json.Number("1"), "true"}}, `["1","true"]`},
		{"maps without their empty members", []any{map[string]any{"b": "2", "a": float64(1), "c": nil}, map[string]string{"a": "1", "b": "2"}}, `{"a":"1","b":"2"}`},
		{"blocks", []any{[]any{map[string]any{"cidr_block": "10.0.0.0/8", "gateway_id": ""}}, []any{map[string]any{"cidr_block": "10.0.0.0/8"}}},
			`["{\"cidr_block\":\"10.0.0.0/8\"}"]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, v := range c.same {
				if got := Canon(v); got != c.want {
					t.Errorf("Canon(%#v) = %s, want %s", v, got, c.want)
				}
			}
		})
	}
}

func TestCanonTellsDifferentValuesApart(t *testing.T) {
	for _, c := range [][2]any{
		{[]any{"a,b"}, []any{"a", "b"}},
		{[]any{`a","b`}, []any{"a", "b"}},
		{[]any{"a"}, []any{"a", "a"}},
		{map[string]any{"a": "1"}, map[string]any{"a": "2"}},
		{map[string]any{"a": "b"}, map[string]any{"b": "a"}},
		{false, nil},
		{float64(0), nil},
		{"10.0.0.1/8", "10.0.0.0/8"},
	} {
		if a, b := Canon(c[0]), Canon(c[1]); a == b {
			t.Errorf("%#v and %#v are both spelled %s", c[0], c[1], a)
		}
	}
}

func TestSameTagForgivesRetypingAndNothingElse(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"prod", "prod", true},
		{"", "", true},
		{"0042", "42", true},
		{"1.10", "1.1", true},
		{"1.0", "1", true},
		{"-07", "-7", true},
		{"+7", "7", true},
		{"000", "0", true},
		{"true", "true", true},
		{"", "0", false},
		{"42", "43", false},
		{"-7", "7", false},
		{"prod", "Prod", false},
		{"true", "1", false},
		{"1.10.0", "1.1.0", false},
		{"12345678901234567890", "12345678901234567891", false},
		{"1e5", "100000", false}, // a commit id, not a number
		{"inf", "Infinity", false},
		{"0x1p4", "16", false},
		{"NaN", "nan", false},
	} {
		if got := SameTag(c.a, c.b); got != c.want || SameTag(c.b, c.a) != c.want {
			t.Errorf("SameTag(%q, %q) = %v both ways, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestTextIsForScalarsOnly(t *testing.T) {
	a := Attrs{"s": "x", "list": []any{"x"}, "map": map[string]any{"k": "v"}, "nil": nil, "no": false}
	for name, want := range map[string]string{"s": "x", "list": "", "map": "", "nil": "", "absent": "", "no": "false"} {
		if got := a.Text(name); got != want {
			t.Errorf("Text(%s) = %q, want %q", name, got, want)
		}
	}
}

func TestCanonDoesNotDependOnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SliceOf(rapid.String()).Draw(t, "list")
		var list []any
		for _, s := range in {
			list = append(list, s)
		}
		shuffled := make([]any, 0, len(list))
		for _, i := range rapid.Permutation(indices(len(list))).Draw(t, "order") {
			shuffled = append(shuffled, list[i])
		}
		if Canon(list) != Canon(shuffled) {
			t.Fatalf("%q and %q are spelled differently", list, shuffled)
		}
	})
}

func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func FuzzCanon(f *testing.F) {
	for _, s := range []string{`"FD00::/8"`, `[1,"b",{"a":[true,null]}]`, `{"a":"","b":1e2}`, `"::ffff:1.2.3.4/96"`, `[""]`, `-0.0`, `1e999`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got := Canon(Canon(text)); got != Canon(text) {
			t.Fatalf("the spelling of %q is not its own spelling: %q", text, got)
		}
		var v any
		if json.Unmarshal([]byte(text), &v) != nil {
			return
		}
		once := Canon(v)
		if got := Canon(once); got != once {
			t.Fatalf("the spelling of %s is %q, whose spelling is %q", text, once, got)
		}
		SameTag(text, once)
	})
}
