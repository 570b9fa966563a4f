package wanted

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"reconcile/internal/hint"
	"reconcile/internal/statefile"
)

func TestKeysThatCannotBeToldAreNeverInvented(t *testing.T) {
	for _, c := range []struct {
		name, config string
		state        []entry
		want         map[string]Action
		unlisted     []string
		note         string
	}{
		{
			"a for_each over what comes after the apply",
			`resource "aws_vpc" "a" { cidr_block = "10.0.0.0/16" }
			 resource "aws_subnet" "s" {
			   for_each = toset([aws_vpc.a.id])
			   vpc_id = each.key
			 }`,
			[]entry{{`aws_subnet.s["vpc-1"]`, map[string]any{"id": "subnet-1", "vpc_id": "vpc-1"}}},
			map[string]Action{"aws_vpc.a": Create, `aws_subnet.s["vpc-1"]`: NoOp},
			[]string{"aws_subnet.s[?]"}, "for_each depends on what is only known after the apply",
		},
		{
			"a count of a data source that the state does not hold",
			`data "aws_availability_zones" "z" {}
			 resource "aws_eip" "e" { count = length(data.aws_availability_zones.z.names) }`,
			nil, map[string]Action{}, []string{"aws_eip.e[?]"}, "data.aws_availability_zones.z is not in the state",
		},
		{
			"a module for each of what is not known",
			`variable "names" { type = set(string) }
			 module "m" {
			   source = "./m"
			   for_each = var.names
			 }`,
			[]entry{{`module.m["x"].aws_eip.e`, map[string]any{"id": "eipalloc-1"}}},
			map[string]Action{`module.m["x"].aws_eip.e`: NoOp}, []string{"module.m[?].aws_eip.e"}, "var.names has no value",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := configured(t, stateWith(t, c.state...), map[string]string{"main.tf": c.config, "m/main.tf": `resource "aws_eip" "e" {}`})
			if d := cmp.Diff(c.want, actions(w)); d != "" {
				t.Errorf("actions (-want +got):\n%s", d)
			}
			var unlisted []string
			for _, i := range w.Unlisted {
				unlisted = append(unlisted, i.Address)
			}
			if d := cmp.Diff(c.unlisted, unlisted); d != "" {
				t.Errorf("unlisted (-want +got):\n%s", d)
			}
			if !says(w.Notes, c.note) {
				t.Errorf("no note says %q: %q", c.note, w.Notes)
			}
		})
	}
}

func TestAModuleThatCannotBeReadMayHoldAnything(t *testing.T) {
	w := configured(t, stateWith(t, entry{"module.m.aws_vpc.v", map[string]any{"id": "vpc-1"}}, entry{"aws_vpc.gone", map[string]any{"id": "vpc-2"}}),
		map[string]string{"main.tf": "module \"m\" { source = \"terraform-aws-modules/vpc/aws\" }"})
	if d := cmp.Diff(map[string]Action{"aws_vpc.gone": Delete}, actions(w)); d != "" {
		t.Errorf("what is in the module may be wanted (-want +got):\n%s", d)
	}
	if !says(w.Missing, "module/m is not evaluated") {
		t.Errorf("nothing says that addresses may be missing: %q", w.Missing)
	}
}

func TestAValueThatIsNotKnownDecidesNoReplacement(t *testing.T) {
	state := []entry{
		{"aws_vpc.v", map[string]any{"id": "vpc-1", "cidr_block": "10.0.0.0/16", "tags": map[string]any{"a": "b"}, "tags_all": map[string]any{"a": "b"}}},
		{"aws_subnet.s", map[string]any{"id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.0.1.0/24"}},
	}
	for _, c := range []struct {
		name, vpc, subnet string
		want              map[string]Action
	}{
		{"nothing changes", `"10.0.0.0/16"`, "aws_vpc.v.id", map[string]Action{"aws_vpc.v": NoOp, "aws_subnet.s": NoOp}},
		{"another range", `"10.1.0.0/16"`, "aws_vpc.v.id", map[string]Action{"aws_vpc.v": Replace, "aws_subnet.s": Replace}},
		{"a range that nobody gave", "var.cidr", "aws_vpc.v.id", map[string]Action{"aws_vpc.v": Update, "aws_subnet.s": NoOp}},
		{"a function that is not had", `uuidv5("dns", "x")`, "aws_vpc.v.id", map[string]Action{"aws_vpc.v": Update, "aws_subnet.s": NoOp}},
		{"text that is made of a new id", `"10.0.0.0/16"`, `"${aws_vpc.new.id}"`, map[string]Action{"aws_vpc.v": NoOp, "aws_subnet.s": Replace}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := configured(t, stateWith(t, state...), map[string]string{"main.tf": `
				variable "cidr" {}
				resource "aws_vpc" "new" {}
				resource "aws_vpc" "v" {
				  cidr_block = ` + c.vpc + `
				  tags = { a = "b" }
				}
				resource "aws_subnet" "s" {
				  vpc_id = ` + c.subnet + `
				  cidr_block = "10.0.1.0/24"
				}`})
			got := actions(w)
			delete(got, "aws_vpc.new")
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("actions (-want +got):\n%s\nnotes %q", d, w.Notes)
			}
		})
	}
}

func TestASensitiveValueIsInNoNoteAndItsAttributesAreNamed(t *testing.T) {
	w := configured(t, nil, map[string]string{
		"main.tf": `
			variable "key" {
			  type      = string
			  sensitive = true
			}
			locals { wrapped = { inner = var.key } }
			module "m" {
			  source = "./m"
			  in     = local.wrapped
			}
			resource "aws_vpn_connection" "v" {
			  tunnel1_preshared_key = module.m.out
			  type                  = "ipsec.1"
			  tags                  = { k = sensitive("x") }
			}
			resource "aws_eip" "e" { public_ipv4_pool = aws_vpn_connection.v.tunnel1_preshared_key }
			resource "aws_security_group" "plain" { description = nosuchfunction(var.key) }
			resource "aws_security_group" "none" { description = "open" }`,
		"m/main.tf": `
			variable "in" {}
			output "out" { value = var.in.inner }`,
	}, "TF_VAR_key", "hushhush")
	want := map[string][]string{
		"aws_vpn_connection.v":     {"customer_gateway_configuration", "tags", "tags_all", "tunnel1_preshared_key", "tunnel2_preshared_key"},
		"aws_eip.e":                {"public_ipv4_pool"},
		"aws_security_group.plain": {"description"},
		"aws_security_group.none":  nil,
	}
	for _, i := range w.Instances {
		if d := cmp.Diff(want[i.Address], i.Sensitive); d != "" {
			t.Errorf("%s (-want +got):\n%s", i.Address, d)
		}
	}
	if says(w.Notes, "hush") {
		t.Errorf("a note holds the value: %q", w.Notes)
	}
	if v := w.Instances[0].Values["public_ipv4_pool"]; v.Known != "hushhush" {
		t.Errorf("the value is not evaluated, so that this test shows nothing: %v", v)
	}
}

func TestWhatIsWrongWithAVariableIsSaidWithoutItsValue(t *testing.T) {
	dir := folder(t, map[string]string{"main.tf": "variable \"n\" { type = list(string) }\nresource \"aws_eip\" \"e\" {}", "bad.tfvars": "n = hushhush("})
	for _, c := range []struct {
		in   Input
		want string
	}{
		{Input{Name: "nosuch", Value: "hushhush"}, "no variable of this name"},
		{Input{Name: "n", Value: "hushhush["}, "--var n is no expression"},
		{Input{File: dir + "/bad.tfvars"}, "bad.tfvars line 1"},
		{Input{File: dir + "/none.tfvars"}, "no such file"},
	} {
		_, err := FromConfig(Config{Dir: dir, Inputs: []Input{c.in}})
		if !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error()+hint.Of(err), "hush") {
			t.Errorf("%v: want %q, got %v", c.in, c.want, err)
		}
	}
}

func TestAnImportBlockLeavesRoomForItsOwnObjectOnly(t *testing.T) {
	w := configured(t, nil, map[string]string{"main.tf": `
		locals { id = "vpc-1" }
		import {
		  to = aws_vpc.a
		  id = local.id
		}
		import {
		  for_each = toset(["x"])
		  to       = aws_vpc.b[each.key]
		  id       = each.value
		}
		resource "aws_vpc" "a" { cidr_block = "10.0.0.0/16" }
		resource "aws_vpc" "b" {
		  for_each   = toset(["x"])
		  cidr_block = "10.1.0.0/16"
		}`})
	a, _ := w.Find("aws_vpc.a")
	if a.PriorID != "vpc-1" || a.Action != Update {
		t.Errorf("%+v", a)
	}
	if !says(w.Notes, "an import block for an address that is computed is not evaluated") {
		t.Errorf("notes %q", w.Notes)
	}
}

func TestADataSourceIsTakenFromTheStateOnlyIfItWasReadForTheSame(t *testing.T) {
	state := stateWith(t,
		entry{"data.aws_vpc.v", map[string]any{"id": "vpc-1", "cidr_block": "10.0.0.0/16", "tags": map[string]any{"Name": "a", "Else": "b"}}},
		entry{"aws_eip.e", map[string]any{"id": "eipalloc-1", "domain": "vpc"}})
	for _, c := range []struct {
		name, args string
		want       any
	}{
		{"the same", `tags = { Name = "a" }`, "vpc-1"},
		{"another tag", `tags = { Name = "z" }`, nil},
		{"something that is not known", `tags = { Name = var.x }`, nil},
		{"read after something that changes", `depends_on = [aws_eip.new]`, nil},
		{"read after something that stays", `depends_on = [aws_eip.e]`, "vpc-1"},
	} {
		w := configured(t, state, map[string]string{"main.tf": `
			variable "x" {}
			data "aws_vpc" "v" {
			  ` + c.args + `
			}
			resource "aws_eip" "e" { domain = "vpc" }
			resource "aws_eip" "new" {}
			resource "aws_subnet" "s" { vpc_id = data.aws_vpc.v.id }`})
		s, _ := w.Find("aws_subnet.s")
		if got := s.Values["vpc_id"].Known; got != c.want {
			t.Errorf("%s: want %v, got %v (notes %q)", c.name, c.want, got, w.Notes)
		}
	}
}

// An object of a type without a schema has attributes that it does not show.
func TestATypeWithoutASchemaHidesNothingThatItMayHave(t *testing.T) {
	w := configured(t, nil, map[string]string{"main.tf": `
		resource "other_thing" "t" { size = 1 }
		resource "aws_security_group" "length" { description = tostring(length(other_thing.t)) }
		resource "aws_security_group" "keys" { description = join(",", keys(other_thing.t)) }
		resource "aws_security_group" "for" { description = join(",", [for k, v in other_thing.t : k]) }
		resource "aws_security_group" "lookup" { description = lookup(other_thing.t, "nosuch", "fell") }
		resource "aws_security_group" "index" { description = try(other_thing.t["${"no"}such"], "fell") }
		resource "aws_security_group" "try" { description = try(other_thing.t.name, "fell") }
		resource "aws_security_group" "encode" { description = jsonencode(other_thing.t) }
		resource "aws_security_group" "told" { description = "n${other_thing.t.size}" }
		resource "aws_security_group" "reference" { description = other_thing.t.name }`})
	for _, i := range w.Instances {
		v, told := i.Values["description"]
		switch i.Name {
		case "t":
		case "told":
			if v.Known != "n1" {
				t.Errorf("%s: %v", i.Address, spell(v))
			}
		case "reference":
			if spell(v) != "-> other_thing.t.name" {
				t.Errorf("%s: %v", i.Address, spell(v))
			}
		default:
			if told {
				t.Errorf("%s: want nothing, got %v", i.Address, spell(v))
			}
		}
	}
}

func TestTheOrderOfTheStateChangesNothing(t *testing.T) {
	var entries []entry
	for i := range 6 {
		entries = append(entries, entry{fmt.Sprintf("aws_vpc.v[%d]", i), map[string]any{"id": fmt.Sprintf("vpc-%d", i), "cidr_block": "10.0.0.0/16"}},
			entry{fmt.Sprintf(`module.m["%d"].aws_eip.e`, i), map[string]any{"id": fmt.Sprintf("eipalloc-%d", i)}})
	}
	content := map[string]string{"main.tf": `
		moved {
		  from = aws_vpc.v[4]
		  to   = aws_vpc.v[2]
		}
		moved {
		  from = aws_vpc.v[5]
		  to   = aws_vpc.w
		}
		moved {
		  from = aws_vpc.v[1]
		  to   = aws_vpc.w
		}
		resource "aws_vpc" "v" {
		  count = 3
		  cidr_block = "10.0.0.0/16"
		}
		resource "aws_vpc" "w" { cidr_block = "10.0.0.0/16" }
		module "m" {
		  source = "./m"
		  for_each = aws_vpc.v[*].id
		}`, "m/main.tf": `resource "aws_eip" "e" {}`}
	first := summary(configured(t, stateWith(t, entries...), content))
	slices.Reverse(entries)
	if d := cmp.Diff(first, summary(configured(t, stateWith(t, entries...), content))); d != "" {
		t.Errorf("the other way round:\n%s", d)
	}
}

func TestAThousandInstancesTakeNoMinute(t *testing.T) {
	begin := time.Now()
	w := configured(t, nil, map[string]string{"main.tf": `
		locals { all = { for i in range(1000) : "k${i}" => cidrsubnet("10.0.0.0/8", 12, i) } }
		resource "aws_vpc" "v" {
		  for_each   = local.all
		  cidr_block = each.value
		}
		resource "aws_subnet" "s" {
		  for_each   = local.all
		  vpc_id     = aws_vpc.v[each.key].id
		  cidr_block = each.value
		}`})
	if len(w.Instances) != 2000 {
		t.Errorf("%d instances", len(w.Instances))
	}
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
}

func FuzzAConfigurationNeverBreaksTheReading(f *testing.F) {
	for _, s := range []string{
		`resource "aws_vpc" "v" { cidr_block = var.x }`, "moved {\n from = a.b[0]\n to = module.m.a.c[\"k\"]\n}", `import { to = a.b }`,
		`module "m" { source = "./" }`, "resource \"a_b\" \"c\" {\n dynamic \"d\" {\n for_each = [1]\n content { x = d.value }\n }\n}",
		`locals { a = local.b` + "\n" + ` b = local.a }`, `provider "aws" { default_tags { tags = { a = 1 } } }`,
		"resource \"terraform_data\" \"x\" {\n lifecycle { replace_triggered_by = [terraform_data.x] }\n}",
	} {
		f.Add(s, "x = 1")
	}
	state := stateWith(f, entry{"aws_vpc.v", map[string]any{"id": "vpc-1"}}, entry{"a_b.c[0]", map[string]any{"id": "1"}})
	f.Fuzz(func(t *testing.T, config, vars string) {
		dir := folder(t, map[string]string{"main.tf": config, "terraform.tfvars": vars})
		w, err := FromConfig(Config{Dir: dir, State: state})
		if err != nil {
			return
		}
		for _, i := range w.Instances {
			if _, err := statefile.ParseAddress(i.Address); err != nil {
				t.Errorf("%q is no address: %v", i.Address, err)
			}
		}
	})
}
