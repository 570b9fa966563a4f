package statefile

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	"pgregory.net/rapid"
)

func TestAddressIsSpelledAsTerraformPrintsIt(t *testing.T) {
	for _, c := range []struct {
		a    Address
		want string
	}{
		{Address{"", Managed, "aws_vpc", "this", nil}, `aws_vpc.this`},
		{Address{"", Data, "aws_vpc", "this", nil}, `data.aws_vpc.this`},
		{Address{"", Managed, "aws_vpc", "this", 0.0}, `aws_vpc.this[0]`},
		{Address{"", Managed, "aws_vpc", "this", 1e6}, `aws_vpc.this[1000000]`},
		{Address{"", Managed, "aws_vpc", "this", ""}, `aws_vpc.this[""]`},
		{Address{"", Managed, "data_x", "data", nil}, `data_x.data`},
		{Address{"", Managed, "aws_vpc", "module", "*"}, `aws_vpc.module["*"]`},
		{Address{`module.a["k.]"].module.b[2]`, Data, "aws_vpc", "x-y", "z"}, `module.a["k.]"].module.b[2].data.aws_vpc.x-y["z"]`},
		{Address{"", Managed, "a", "b", "\n\r\t\"\\"}, `a.b["\n\r\t\"\\"]`},
		{Address{"", Managed, "a", "b", "x${y}%{z}$%$$end$"}, `a.b["x$${y}%%{z}$%$$end$"]`},
		{Address{"", Managed, "a", "b", "$${x}%%%{"}, `a.b["$$${x}%%%%{"]`},
		{Address{"", Managed, "a", "b", "ü😀é"}, `a.b["ü😀é"]`},
		{Address{"", Managed, "a", "b", "\u200b\u200f\ufeff\x01\U000e0001\u00a0"}, `a.b["\u200b\u200f\ufeff\u0001\U000e0001\u00a0"]`},
	} {
		if got := c.a.String(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
		back, err := ParseAddress(c.want)
		if diff := cmp.Diff(c.a, back); err != nil || diff != "" {
			t.Errorf("%s is read otherwise: %v\n%s", c.want, err, diff)
		}
	}
}

func TestIntKeyIsSpelledLikeTheNumber(t *testing.T) {
	if got := FormatAddress("", Managed, "a", "b", 7); got != "a.b[7]" {
		t.Error(got)
	}
}

func TestWhatIsNotAnAddressIsRefused(t *testing.T) {
	for _, c := range []struct {
		in string
		at int
	}{
		{``, 0}, {`aws_vpc`, 7}, {`aws_vpc.`, 8}, {`.x`, 0}, {`a.b.c`, 3}, {`a.b[`, 4}, {`a.b[]`, 4},
		{`a.b[0`, 5}, {`a.b[0]x`, 6}, {`a.b[0][1]`, 6}, {`a.b[-1]`, 4}, {`a.b[01]`, 4}, {`a.b[1.5]`, 5},
		{`a.b[99999999999999999999]`, 4}, {`a.b[k]`, 4}, {`a.b["k]`, 7}, {`a.b["${k}"]`, 5}, {`a.b["%{k}"]`, 5},
		{"a.b[\"\n\"]", 5}, {`a.b["\x"]`, 5}, {`a.b["\ud83d\ude00"]`, 5}, {`a.b["\u00"]`, 5}, {`a.b["\`, 5},
		{"a.b[\"\xff\"]", 5}, {` a.b`, 0}, {`a.b `, 2}, {`a .b`, 0}, {`module.m`, 8}, {`module.m.`, 9},
		{`module.m[0]`, 11}, {`module..a.b`, 7}, {`data.a`, 6}, {`data.data.x`, 9}, {`a.b;rm`, 2}, {"a.b\x00", 2},
		{`1a.b`, 0}, {`a.*`, 2}, {`a.b[*]`, 4}, {`module.a["x"]b.c.d`, 13},
	} {
		a, err := ParseAddress(c.in)
		bad, ok := err.(*AddressError)
		if !ok {
			t.Errorf("%q is read as %+v", c.in, a)
			continue
		}
		if bad.At != c.at || bad.Hint() == "" || strings.Contains(bad.Error(), "\n") {
			t.Errorf("%q: %v (byte %d, want %d)", c.in, err, bad.At, c.at)
		}
	}
}

// hostile are runes that an escaping rule treats in its own way, or forgets.
func hostile() *rapid.Generator[string] {
	return rapid.StringOf(rapid.OneOf(
		rapid.SampledFrom([]rune("${}%\"\\'`\n\r\t []().*#;&|<>!~=,@^\x00\x01\x1b\x7f\u0085\u00a0\u200b\u202e\u2028\ufeff\ufffd\U000e0001é😀nutrU0a")),
		rapid.Rune(),
	))
}

func addresses() *rapid.Generator[Address] {
	name := rapid.StringMatching(`[a-z_][a-z0-9_-]{0,6}`)
	key := rapid.Custom(func(t *rapid.T) any {
		switch rapid.IntRange(0, 2).Draw(t, "key form") {
		case 0:
			return nil
		case 1:
			return float64(rapid.Uint64Range(0, maxIndex).Draw(t, "index"))
		}
		return hostile().Draw(t, "key")
	})
	return rapid.Custom(func(t *rapid.T) Address {
		var module strings.Builder
		for n := range rapid.IntRange(0, 3).Draw(t, "modules") {
			if n > 0 {
				module.WriteByte('.')
			}
			module.WriteString("module." + name.Draw(t, "module"))
			writeKey(&module, key.Draw(t, "module key"))
		}
		return Address{
			Module: module.String(),
			Mode:   rapid.SampledFrom([]string{Managed, Data}).Draw(t, "mode"),
			Type:   name.Filter(func(s string) bool { return !reserved(s) }).Draw(t, "type"),
			Name:   name.Draw(t, "name"),
			Key:    key.Draw(t, "key"),
		}
	})
}

func TestEveryAddressComesBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := addresses().Draw(t, "address")
		got, err := ParseAddress(want.String())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

// HCL is what Terraform itself reads addresses with. It normalises strings to
// NFC, as Terraform does before a key gets into state.
func TestHCLReadsTheSameKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := cty.NormalizeString(hostile().Draw(t, "key"))
		text := FormatAddress("", Managed, "aws_vpc", "this", key)
		read, diags := hclsyntax.ParseTraversalAbs([]byte(text), "address", hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatalf("%s: %v", text, diags)
		}
		index, ok := read[len(read)-1].(hcl.TraverseIndex)
		if !ok || index.Key.AsString() != key {
			t.Fatalf("%s is read as %#v, want %q", text, read[len(read)-1], key)
		}
		if written := string(hclwrite.TokensForTraversal(read).Bytes()); written != text {
			t.Fatalf("hclwrite spells it %s, not %s", written, text)
		}
	})
}

func TestProviderOfAResourceIsRead(t *testing.T) {
	for in, want := range map[string]Provider{
		`provider["registry.terraform.io/hashicorp/aws"]`:               {Source: "registry.terraform.io/hashicorp/aws"},
		`provider["registry.terraform.io/hashicorp/aws"].west`:          {Source: "registry.terraform.io/hashicorp/aws", Alias: "west"},
		`module.m.module.n.provider["registry.opentofu.org/h/aws"].w-1`: {Source: "registry.opentofu.org/h/aws", Module: "module.m.module.n", Alias: "w-1"},
		`module.m["k"].provider["r/h/aws"].r["eu-west-1"]`:              {Source: "r/h/aws", Module: `module.m["k"]`, Alias: `r["eu-west-1"]`},
		`provider.aws`:               {Source: "registry.terraform.io/-/aws"},
		`module.m.provider.aws.west`: {Source: "registry.terraform.io/-/aws", Module: "module.m", Alias: "west"},
	} {
		if got, ok := parseProvider(in); !ok || got != want {
			t.Errorf("%s: %+v", in, got)
		}
	}
	for _, in := range []string{``, `aws`, `provider`, `provider[]`, `provider[""]`, `provider["a"`, `provider["a"].`, `provider["a"]x`, `provider["a"].b.c`, `module.m`, `provider[0]`} {
		if got, ok := parseProvider(in); ok {
			t.Errorf("%s is read as %+v", in, got)
		}
	}
}
