package ec2_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"reconcile/internal/need"
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

// onlyTheState are arguments that AWS does not keep, or that the provider does
// not read back: what AWS has never makes a plan differ by them.
var onlyTheState = map[string][]string{
	"aws_default_security_group":                      {"revoke_rules_on_delete"},
	"aws_default_subnet":                              {"force_destroy"},
	"aws_default_vpc":                                 {"force_destroy"},
	"aws_default_vpc_dhcp_options":                    {"owner_id"},
	"aws_dx_gateway_association":                      {"proposal_id", "vpn_gateway_id"},
	"aws_ec2_network_insights_analysis":               {"wait_for_completion"},
	"aws_ec2_transit_gateway_route_table_association": {"replace_existing_association"},
	"aws_eip":               {"address", "associate_with_private_ip", "vpc"},
	"aws_eip_association":   {"allow_reassociation"},
	"aws_eip_domain_name":   {"domain_name"},
	"aws_network_interface": {"ipv6_address_list_enabled", "private_ip_list_enabled"},
	"aws_security_group":    {"revoke_rules_on_delete"},
	"aws_vpc_endpoint":      {"auto_accept"},
	"aws_vpc_endpoint_security_group_association":       {"replace_default_association"},
	"aws_vpc_endpoint_service_private_dns_verification": {"wait_for_verification"},
	"aws_vpc_ipam":                        {"cascade"},
	"aws_vpc_ipam_pool":                   {"allocation_default_netmask_length", "allocation_max_netmask_length", "allocation_min_netmask_length", "cascade"},
	"aws_vpc_ipam_pool_cidr":              {"cidr_authorization_context"},
	"aws_vpc_ipam_pool_cidr_allocation":   {"disallowed_cidrs"},
	"aws_vpc_ipv4_cidr_block_association": {"ipv4_ipam_pool_id", "ipv4_netmask_length"},
	"aws_vpc_peering_connection":          {"auto_accept"},
	"aws_vpc_peering_connection_accepter": {"auto_accept"},
}

// resourceSchema is a type's, as `terraform providers schema -json` prints it.
type resourceSchema struct {
	Version int
	Block   schemaBlock
}

type schemaBlock struct {
	Attributes map[string]schemaAttribute
	Blocks     map[string]struct {
		Nesting string `json:"nesting_mode"`
		Block   schemaBlock
	} `json:"block_types"`
}

type schemaAttribute struct {
	Type                                    json.RawMessage
	Sensitive, Optional, Required, Computed bool
}

// aProvider is a folder in which terraform has the AWS provider.
type aProvider struct {
	t              *testing.T
	terraform, dir string
}

const providerBlock = `terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}
`

func newProvider(t *testing.T) aProvider {
	t.Helper()
	need.NoRace(t, need.Processes)
	p := aProvider{t, need.Tool(t, "terraform"), t.TempDir()}
	p.write("mirror.tfrc", need.Provider(t))
	p.write("main.tf", providerBlock)
	p.run("init", "-input=false", "-no-color")
	return p
}

func (p aProvider) write(name, text string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// try runs terraform there, run does it where that must work.
func (p aProvider) try(args ...string) ([]byte, error) {
	cmd := exec.CommandContext(p.t.Context(), p.terraform, args...)
	cmd.Dir, cmd.Env = p.dir, append(os.Environ(), "TF_CLI_CONFIG_FILE="+filepath.Join(p.dir, "mirror.tfrc"))
	return cmd.Output()
}

func (p aProvider) run(args ...string) []byte {
	p.t.Helper()
	out, err := p.try(args...)
	if err != nil {
		p.t.Fatalf("terraform %v: %v: %s", args, err, out)
	}
	return out
}

// resourceSchemas are the provider's types: of the dump that RECONCILE_SCHEMA
// names, else of the provider itself.
func resourceSchemas(t *testing.T) map[string]resourceSchema {
	t.Helper()
	var data []byte
	if path := os.Getenv("RECONCILE_SCHEMA"); path != "" {
		var err error
		if data, err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	} else {
		data = newProvider(t).run("providers", "schema", "-json")
	}
	var dump struct {
		Providers map[string]struct {
			Resources map[string]resourceSchema `json:"resource_schemas"`
		} `json:"provider_schemas"`
	}
	if err := json.Unmarshal(data, &dump); err != nil {
		t.Fatal(err)
	}
	for _, provider := range dump.Providers {
		if len(provider.Resources["aws_vpc"].Block.Attributes) > 0 {
			return provider.Resources
		}
	}
	t.Fatal("the dump is of another provider")
	return nil
}

// TestAttributesAreThoseOfTheProvider holds the attributes that the kinds name
// against the provider's own schema.
func TestAttributesAreThoseOfTheProvider(t *testing.T) {
	schemas := resourceSchemas(t)
	table := argumentLines(t)
	everywhere := []string{"id", "tags", "timeouts", "region"} // tags are in tags_all
	for _, row := range ec2.Rows() {
		schema, ok := schemas[row.Type]
		if !ok {
			if row.Since == 0 {
				t.Errorf("the provider has no %s", row.Type)
			}
			continue
		}
		if lines := linesOf(row.Type, schema, nil, nil); !slices.Equal(lines, plainly(table[row.Type])) {
			t.Errorf("%s: of its arguments the table has\n%s\nand the provider\n%s", row.Type, strings.Join(plainly(table[row.Type]), ""), strings.Join(lines, ""))
		}
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
		if row.Unread != "" {
			continue
		}
		names = slices.Concat(names, row.Identity.Names(), row.Import.Names(), row.NotCompared, row.Lost, onlyTheState[row.Type], everywhere)
		for name, a := range schema.Block.Attributes {
			if (a.Optional || a.Required) && !slices.Contains(names, name) {
				t.Errorf("%s: %s is an argument that is neither compared nor said not to be", row.Type, name)
			}
		}
		for name := range schema.Block.Blocks {
			if !slices.Contains(names, name) {
				t.Errorf("%s: %s is a block that is neither compared nor said not to be", row.Type, name)
			}
		}
	}
}
