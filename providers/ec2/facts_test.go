package ec2_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"reconcile/fixtures"
	"reconcile/internal/statefile"
	"reconcile/providers"
	"reconcile/providers/ec2"
	"reconcile/providers/ec2/ec2test"
)

// factAttrs spell each kind's import id in the words of the facts' table.
var factAttrs = map[string]providers.Attrs{
	"aws_vpc":                                         {"id": "<vpc-id>"},
	"aws_subnet":                                      {"id": "<subnet-id>"},
	"aws_route_table":                                 {"id": "<rtb-id>"},
	"aws_default_route_table":                         {"id": "<rtb-id>", "vpc_id": "<vpc-id>"},
	"aws_route":                                       {"route_table_id": "<rtb-id>", "destination_cidr_block": "<destination>"},
	"aws_route_table_association":                     {"id": "<rtbassoc-id>", "subnet_id": "<subnet-id>", "route_table_id": "<rtb-id>"},
	"aws_internet_gateway":                            {"id": "<igw-id>"},
	"aws_internet_gateway_attachment":                 {"internet_gateway_id": "<igw-id>", "vpc_id": "<vpc-id>"},
	"aws_ec2_transit_gateway":                         {"id": "<tgw-id>"},
	"aws_ec2_transit_gateway_vpc_attachment":          {"id": "<tgw-attach-id>"},
	"aws_ec2_transit_gateway_vpc_attachment_accepter": {"id": "<tgw-attach-id>"},
	"aws_ec2_transit_gateway_route_table":             {"id": "<tgw-rtb-id>"},
	"aws_ec2_transit_gateway_route":                   {"transit_gateway_route_table_id": "<tgw-rtb-id>", "destination_cidr_block": "<destination"},
	"aws_ec2_transit_gateway_route_table_association": {"transit_gateway_route_table_id": "<tgw-rtb-id>", "transit_gateway_attachment_id": "<tgw-attach-id>"},
	"aws_ec2_transit_gateway_route_table_propagation": {"transit_gateway_route_table_id": "<tgw-rtb-id>", "transit_gateway_attachment_id": "<tgw-attach-id>"},
	"aws_ec2_tag":                                     {"resource_id": "<resource-id>", "key": "<tag"},
}

func TestImportIdsAndListingsAreThoseOfTheFacts(t *testing.T) {
	path := os.Getenv("RECONCILE_FACTS")
	if path == "" {
		t.Skip("RECONCILE_FACTS does not name the table of import ids; it is not part of the project")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	facts := map[string][]string{}
	for line := range strings.SplitSeq(string(data), "\n") {
		if f := strings.Split(line, "\t"); len(f) > 8 {
			facts[f[0]] = f
		}
	}
	for _, row := range ec2.Rows() {
		f := facts[row.Type]
		if f == nil {
			t.Errorf("the facts do not have %s", row.Type)
			continue
		}
		if importable := strings.HasPrefix(f[1], "yes"); importable != (row.Import != "") {
			t.Errorf("%s: import %q, the facts say %s", row.Type, row.Import, f[1])
		}
		if row.Import != "" {
			attrs, ok := factAttrs[row.Type]
			format, _, _ := strings.Cut(f[2], " ")
			if got := row.ImportIDOf(attrs); !ok || got != format {
				t.Errorf("%s is imported as %q, the facts say %q", row.Type, got, format)
			}
		}
		if call := strings.FieldsFunc(f[7], func(r rune) bool { return strings.ContainsRune(" ;(", r) })[0]; "ec2:"+call != row.Actions[0] {
			t.Errorf("%s is listed by %s, the facts say %s", row.Type, row.Actions[0], call)
		}
		for _, code := range row.NotFound {
			if !strings.Contains(f[10], code) {
				t.Errorf("%s: %s is no sign of absence in the facts: %s", row.Type, code, f[10])
			}
		}
	}
}

// TestStateIdsAreWhatTerraformRecorded holds every live object of the recorded
// incidents against the instance that Terraform recorded for it.
func TestStateIdsAreWhatTerraformRecorded(t *testing.T) {
	compared := map[string]int{}
	for _, name := range fixtures.Names() {
		fsys, err := fixtures.Incident(name)
		if err != nil {
			t.Fatal(err)
		}
		w, err := ec2test.LoadIncident(fsys)
		if err != nil {
			t.Fatal(err)
		}
		inv := reader(serve(t, w)).Inventory(t.Context(), types(), []string{region})
		for _, file := range []string{"state.tfstate", "errored.tfstate"} {
			for _, i := range instances(t, fsys, file) {
				k, known := ec2.Kinds(ec2.Rows()).Find(i.Type)
				if !known || i.Mode != statefile.Managed {
					continue
				}
				attrs, err := i.Attrs()
				if err != nil {
					t.Fatal(err)
				}
				objects := only(inv, i.Type)
				n := slices.IndexFunc(objects, func(o providers.Object) bool { return o.ID == k.IdentityOf(attrs) })
				if n < 0 {
					continue // gone
				}
				compared[i.Type]++
				got := providers.Attrs(objects[n].Attrs)
				if k.StateIDOf(got) != attrs.Text("id") || k.StateIDOf(attrs) != attrs.Text("id") {
					t.Errorf("%s: %s would be recorded as %s, Terraform wrote %s", name, i.Address, k.StateIDOf(got), attrs.Text("id"))
				}
				if k.ImportIDOf(got) != k.ImportIDOf(attrs) {
					t.Errorf("%s: %s is imported as %s from AWS and as %s from the state", name, i.Address, k.ImportIDOf(got), k.ImportIDOf(attrs))
				}
				for _, a := range append(k.Hard(), "arn", k.Account) {
					// A create that did not finish leaves attributes empty.
					if want := providers.Canon(attrs[a]); want != "" && want != providers.Canon(got[a]) {
						t.Errorf("%s: %s of %s is %s in AWS and %s in the state", name, a, i.Address, providers.Canon(got[a]), want)
					}
				}
			}
		}
	}
	if compared["aws_route"] < 5 || len(compared) < 9 {
		t.Errorf("too little was compared: %v", compared)
	}
}

func instances(t *testing.T, fsys fs.FS, file string) []statefile.Instance {
	t.Helper()
	f, err := fsys.Open(file)
	if err != nil {
		return nil // an incident need not have an errored.tfstate
	}
	defer f.Close()
	s, err := statefile.Read(f, file)
	if err != nil {
		var empty struct{ Lineage string }
		if raw, rerr := fs.ReadFile(fsys, file); rerr == nil && json.Unmarshal(raw, &empty) == nil && empty.Lineage == "" {
			return nil // what state pull prints before a first apply
		}
		t.Fatal(err)
	}
	return s.Instances
}
