package ec2test

import (
	"bytes"
	"encoding/xml"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// irregular are the element names that the rule of elementName does not give:
// by a list's field, or by the end of a field's path. Source: the names that
// service/ec2 of aws-sdk-go-v2 looks for. Each entry is needed by a listing:
// TestEveryFieldOfEveryKindReachesTheClient fails without it.
var irregular = map[string]string{
	"AllowedPrincipals":                                      "allowedPrincipals",
	"AssociatedTargetNetworks":                               "associatedTargetNetwork",
	"AuthenticationOptions":                                  "authenticationOptions",
	"AuthorizationRules":                                     "authorizationRule",
	"BgpConfigurations":                                      "bgpConfigurations",
	"ClientVpnEndpoints":                                     "clientVpnEndpoint",
	"ClientVpnTargetNetworks":                                "clientVpnTargetNetworks",
	"ClientVpnTargetNetworks.SecurityGroups":                 "securityGroups",
	"ConnectionEvents":                                       "connectionEvents",
	"ConnectionLogOptions.CloudwatchLogGroup":                "CloudwatchLogGroup",
	"ConnectionLogOptions.CloudwatchLogStream":               "CloudwatchLogStream",
	"ConnectionLogOptions.Enabled":                           "Enabled",
	"ConnectionLogOptions.IncludeAuthorizationPolicyContext": "IncludeAuthorizationPolicyContext",
	"DescribeAddresses.Addresses":                            "addressesSet",
	"DescribeClientVpnRoutes.Routes":                         "routes",
	"DescribeSecurityGroups.SecurityGroups":                  "securityGroupInfo",
	"DhcpOptions":                                            "dhcpOptionsSet",
	"DnsServers":                                             "dnsServer",
	"GetTransitGatewayPolicyTableAssociations.Associations":  "associations",
	"GetTransitGatewayRouteTableAssociations.Associations":   "associations",
	"InsideCidrBlocks":                                       "insideCidrBlocks",
	"IpPermissions":                                          "ipPermissions",
	"IpPermissionsEgress":                                    "ipPermissionsEgress",
	"IpRanges":                                               "ipRanges",
	"Ipv6Addresses":                                          "ipv6AddressesSet",
	"Ipv6Ranges":                                             "ipv6Ranges",
	"MulticastDomainAssociations":                            "multicastDomainAssociations",
	"MulticastGroups":                                        "multicastGroups",
	"NetworkAcls.IsDefault":                                  "default",
	"NetworkInsightsAnalyses":                                "networkInsightsAnalysisSet",
	"NetworkInterfacePermissions":                            "networkInterfacePermissions",
	"PrefixListIds":                                          "prefixListIds",
	"PrivateIpAddresses":                                     "privateIpAddressesSet",
	"Regions":                                                "regionInfo",
	"Regions.Endpoint":                                       "regionEndpoint",
	"SecurityGroups.Description":                             "groupDescription",
	"ServiceType":                                            "serviceType",
	"TransitGatewayAttachments":                              "transitGatewayAttachments",
	"TransitGatewayCidrBlocks":                               "transitGatewayCidrBlocks",
	"TransitGatewayMeteringPolicies":                         "transitGatewayMeteringPolicies",
	"TransitGatewayMeteringPolicyEntries":                    "transitGatewayMeteringPolicyEntries",
	"TransitGatewayMulticastDomains":                         "transitGatewayMulticastDomains",
	"TransitGatewayPeeringAttachments":                       "transitGatewayPeeringAttachments",
	"TransitGatewayPolicyTableEntries":                       "transitGatewayPolicyTableEntries",
	"TransitGatewayPolicyTables":                             "transitGatewayPolicyTables",
	"TransitGatewayRouteTablePropagations":                   "transitGatewayRouteTablePropagations",
	"TransitGatewayRouteTables":                              "transitGatewayRouteTables",
	"TransitGatewayVpcAttachments":                           "transitGatewayVpcAttachments",
	"TransitGatewayVpcAttachments.SubnetIds":                 "subnetIds",
	"UserIdGroupPairs":                                       "groups",
	"VgwTelemetry":                                           "vgwTelemetry",
	"VpcAttachments":                                         "attachments",
	"VpnConnections.Routes":                                  "routes",
}

// elementName gives the XML element of a field by its path, "Vpcs.CidrBlock".
// Scalars and structures begin with a small letter. Lists are in the singular
// and end in "Set".
func elementName(path string, list bool) string {
	end := path
	for {
		_, after, more := strings.Cut(end, ".")
		for _, names := range []map[string]string{sdkElements, irregular} {
			if name, ok := names[end]; ok && (more || list) {
				return name
			}
		}
		if !more {
			break
		}
		end = after
	}
	name := lowerFirst(end)
	if !list || strings.HasSuffix(name, "Set") {
		return name
	}
	return singular(name) + "Set"
}

func singular(name string) string {
	switch {
	case strings.HasSuffix(name, "ies"):
		return strings.TrimSuffix(name, "ies") + "y"
	case strings.HasSuffix(name, "sses"), strings.HasSuffix(name, "xes"):
		return strings.TrimSuffix(name, "es")
	}
	return strings.TrimSuffix(name, "s")
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// inner is the document's XML without the element around it.
func (e *entry) inner(key string) []byte {
	e.once.Do(func() {
		var b bytes.Buffer
		writeFields(&b, key, e.doc)
		e.xml = b.Bytes()
	})
	return e.xml
}

func writeFields(b *bytes.Buffer, parent string, fields map[string]any) {
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		if field == "" || field[0] == '_' {
			continue
		}
		path := parent + "." + field
		switch v := fields[field].(type) {
		case nil: // AWS leaves out what is not set
		case map[string]any:
			element(b, elementName(path, false), func() { writeFields(b, path, v) })
		case []any:
			element(b, elementName(path, true), func() { writeItems(b, path, v) })
		default:
			leaf(b, elementName(path, false), xmlText(field, v))
		}
	}
}

func writeItems(b *bytes.Buffer, path string, items []any) {
	field := path[strings.LastIndexByte(path, '.')+1:]
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			element(b, "item", func() { writeFields(b, path, m) })
			continue
		}
		leaf(b, "item", xmlText(field, item))
	}
}

func element(b *bytes.Buffer, name string, content func()) {
	b.WriteString("<" + name + ">")
	content()
	b.WriteString("</" + name + ">")
}

func leaf(b *bytes.Buffer, name, value string) {
	element(b, name, func() { escape(b, value) })
}

// escape cannot fail: a bytes.Buffer takes everything.
func escape(b *bytes.Buffer, s string) { _ = xml.EscapeText(b, []byte(s)) }

var clock = regexp.MustCompile(`^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d`)

// xmlText is a scalar as EC2 writes it. Python prints times with a blank and an
// offset; EC2 prints RFC 3339 in UTC with milliseconds.
func xmlText(field string, v any) string {
	s := text(v)
	if (strings.Contains(field, "Time") || strings.Contains(field, "Date")) && clock.MatchString(s) {
		if t, err := time.Parse(time.RFC3339Nano, strings.Replace(s, " ", "T", 1)); err == nil {
			return t.UTC().Format("2006-01-02T15:04:05.000Z")
		}
	}
	return s
}
