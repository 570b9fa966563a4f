package ec2_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"reconcile/providers/ec2"
)

// sinceVersion6 are attributes that version 5 of the provider does not have.
var sinceVersion6 = map[string][]string{
	"aws_dx_gateway": {"tags_all"},
	"aws_dx_hosted_transit_virtual_interface_accepter": {"prefix_pool_allocated_count_ipv4", "prefix_pool_allocated_count_ipv6"},
	"aws_ec2_client_vpn_endpoint":                      {"endpoint_ip_address_type", "traffic_ip_address_type"},
	"aws_flow_log":                                     {"regional_nat_gateway_id"},
	"aws_nat_gateway":                                  {"vpc_id", "availability_mode", "availability_zone_address"},
	"aws_vpc_ipam":                                     {"metered_account"},
	"aws_vpc_ipam_pool":                                {"source_resource"},
	"aws_vpc_ipam_resource_discovery":                  {"organizational_unit_exclusion"},
	"aws_vpn_connection":                               {"vpn_concentrator_id"},
}

// TestAttributesAreThoseOfTheProvider holds the attributes that the kinds name
// against the provider's own schema, as `terraform providers schema -json`
// prints it.
func TestAttributesAreThoseOfTheProvider(t *testing.T) {
	path := os.Getenv("RECONCILE_SCHEMA")
	if path == "" {
		t.Skip("RECONCILE_SCHEMA does not name a dump of the AWS provider's schema; it is not part of the project")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var dump struct {
		Providers map[string]struct {
			Resources map[string]struct {
				Block struct {
					Attributes map[string]struct{ Sensitive bool }
					Blocks     map[string]json.RawMessage `json:"block_types"`
				}
			} `json:"resource_schemas"`
		} `json:"provider_schemas"`
	}
	if err := json.Unmarshal(data, &dump); err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, provider := range dump.Providers {
		for _, row := range ec2.Rows() {
			schema, ok := provider.Resources[row.Type]
			if !ok {
				if row.Since == 0 {
					t.Errorf("the provider has no %s", row.Type)
				}
				continue
			}
			checked++
			names := slices.Concat(row.Parents, row.Fixed, row.Telling, row.Compared, []string{row.Account})
			if row.Parts == nil { // the parts of an instance have what only they need
				names = slices.Concat(names, row.Identity.Names(), row.Import.Names())
			}
			for _, name := range names {
				a, attribute := schema.Block.Attributes[name]
				_, block := schema.Block.Blocks[name]
				if name != "" && !attribute && !block && !slices.Contains(sinceVersion6[row.Type], name) {
					t.Errorf("%s has no %s", row.Type, name)
				}
				if a.Sensitive {
					t.Errorf("%s: %s is sensitive", row.Type, name)
				}
			}
		}
	}
	if checked == 0 {
		t.Error("the dump is of another provider")
	}
}
