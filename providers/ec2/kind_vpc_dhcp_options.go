package ec2

import (
	"cmp"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

func listDHCPOptions() *listing {
	return usual[types.DhcpOptions](sdk.NewDescribeDhcpOptionsPaginator)
}

func vpcDHCPOptionsRow(list *listing) Row {
	return one(providers.Kind{
		Type: "aws_vpc_dhcp_options", Import: "{id}", Prefix: "dopt-", Account: "owner_id", NotFound: dhcpOptionsNotFound,
		Fixed: []string{"domain_name", "domain_name_servers", "ipv6_address_preferred_lease_time", "netbios_name_servers",
			"netbios_node_type", "ntp_servers"},
		Compared: []string{"tags_all"},
		Events: []providers.Event{
			{Name: "CreateDhcpOptions", Role: providers.Created, ID: "{res.dhcpOptions.dhcpOptionsId}"},
			{Name: "DeleteDhcpOptions", Role: providers.Deleted, ID: "{req.dhcpOptionsId}"},
		},
		IfSkipped: "the next apply makes a second set with the same options; the first one stays behind unmanaged",
		Again:     providers.Again{Outcome: providers.Second, How: providers.Shown},
	}, list, look{filter: "dhcp-options-id", value: "{id}", count: "length(DhcpOptions)"}, dhcpOptionsObject)
}

// defaultVPCDHCPOptionsRow is the set that AWS makes for a region. It bears no
// mark, so it is told as the provider tells it: by what it says.
func defaultVPCDHCPOptionsRow(list *listing) Row {
	return row(providers.Kind{
		Type: "aws_default_vpc_dhcp_options", Import: "{id}", Prefix: "dopt-", Account: "owner_id", Facet: true, NotFound: dhcpOptionsNotFound,
		Telling:  []string{"tags_all"},
		Compared: []string{"tags_all"},
		Events: []providers.Event{
			{Name: "DeleteDhcpOptions", Role: providers.Deleted, ID: "{req.dhcpOptionsId}"},
		},
		IfSkipped: "nothing is made: the next apply finds the region's default set again and records it",
		Again:     providers.Again{Outcome: providers.Same, How: providers.Source},
	}, list, look{filter: "dhcp-options-id", value: "{id}", count: "length(DhcpOptions)"},
		func(d types.DhcpOptions, at place) []providers.Object {
			o := dhcpOptionsObject(d, at)
			if !o.Implicit {
				return nil
			}
			// Here the provider has the first value of each list as plain text.
			for name, v := range o.Attrs {
				if values, ok := v.([]any); ok && len(values) > 0 {
					o.Attrs[name] = values[0]
				}
			}
			return []providers.Object{o}
		})
}

var dhcpOptionsNotFound = []string{"InvalidDhcpOptionID.NotFound"}

func dhcpOptionsObject(d types.DhcpOptions, at place) providers.Object {
	id := text(d.DhcpOptionsId)
	region := at.Region
	at.Account = cmp.Or(text(d.OwnerId), at.Account)
	a := providers.Attrs{
		"id": id, "arn": at.arn("dhcp-options", id), "owner_id": text(d.OwnerId), "tags_all": tagsAll(d.Tags),
		"domain_name": "", "netbios_node_type": "", "ipv6_address_preferred_lease_time": "",
		"domain_name_servers": []any(nil), "netbios_name_servers": []any(nil), "ntp_servers": []any(nil),
	}
	for _, c := range d.DhcpConfigurations {
		var values []any
		for _, v := range c.Values {
			values = append(values, text(v.Value))
		}
		name := strings.ReplaceAll(text(c.Key), "-", "_")
		switch name {
		case "domain_name_servers", "netbios_name_servers", "ntp_servers":
			a[name] = values
		case "domain_name", "netbios_node_type", "ipv6_address_preferred_lease_time":
			if len(values) > 0 {
				a[name] = values[0]
			}
		}
	}
	suffix := region + ".compute.internal"
	if region == "us-east-1" {
		suffix = "ec2.internal"
	}
	return providers.Object{Attrs: a,
		Implicit: a.Text("domain_name") == suffix && providers.Canon(a["domain_name_servers"]) == providers.Canon([]any{"AmazonProvidedDNS"})}
}

// vpcDHCPOptionsAssociationRow is Implicit: AWS gives every VPC options when
// it makes it. What is set back to "default" is no association.
func vpcDHCPOptionsAssociationRow(list *listing) Row {
	return row(providers.Kind{
		Type: "aws_vpc_dhcp_options_association", Identity: "{dhcp_options_id}-{vpc_id}", Import: "{vpc_id}", Facet: true,
		StateID: dhcpOptionsAssociationID,
		Parents: []string{"vpc_id", "dhcp_options_id"},
		Fixed:   []string{"vpc_id"},
		Events: []providers.Event{
			{Name: "AssociateDhcpOptions", Role: providers.Created, ID: "{req.dhcpOptionsId}-{req.vpcId}"},
			// It takes the VPC's options of before away, and does not say which.
			{Name: "AssociateDhcpOptions", Role: providers.Deleted, ID: "*-{req.vpcId}"},
		},
		Swept:     "*-{vpc_id}",
		IfSkipped: "nothing: AssociateDhcpOptions is safe to repeat, and the next apply records it",
		Again:     providers.Again{Outcome: providers.Same, How: providers.Shown},
	}, list, look{filter: "vpc-id", value: "{vpc_id}", count: "length(Vpcs[?DhcpOptionsId=={dhcp_options_id}])"},
		func(v types.Vpc, _ place) []providers.Object {
			options := text(v.DhcpOptionsId)
			if options == "" || options == "default" {
				return nil
			}
			a := providers.Attrs{"dhcp_options_id": options, "vpc_id": text(v.VpcId)}
			a["id"] = dhcpOptionsAssociationID(a)
			return []providers.Object{{Implicit: true, Attrs: a}}
		})
}

func dhcpOptionsAssociationID(a providers.Attrs) string {
	return providers.Template("{dhcp_options_id}-{vpc_id}").Expand(a.Text)
}
