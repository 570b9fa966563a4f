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

// irregular are the element names that the rule of elementName does not give,
// by field, or by the field that encloses it and the field. Source: the names
// that service/ec2 of aws-sdk-go-v2 looks for. Each entry is needed by a listing:
// TestEveryFieldOfEveryKindReachesTheClient fails without it.
var irregular = map[string]string{
	"Addresses":                              "addressesSet",
	"DhcpOptions":                            "dhcpOptionsSet",
	"IpPermissions":                          "ipPermissions",
	"IpPermissionsEgress":                    "ipPermissionsEgress",
	"IpRanges":                               "ipRanges",
	"Ipv6Ranges":                             "ipv6Ranges",
	"PrefixListIds":                          "prefixListIds",
	"Regions":                                "regionInfo",
	"TransitGatewayAttachments":              "transitGatewayAttachments",
	"TransitGatewayCidrBlocks":               "transitGatewayCidrBlocks",
	"TransitGatewayRouteTables":              "transitGatewayRouteTables",
	"UserIdGroupPairs":                       "groups",
	"Regions.Endpoint":                       "regionEndpoint",
	"NetworkAcls.IsDefault":                  "default",
	"SecurityGroups.Description":             "groupDescription",
	"SecurityGroups":                         "securityGroupInfo",
	"TransitGatewayVpcAttachments":           "transitGatewayVpcAttachments",
	"TransitGatewayVpcAttachments.SubnetIds": "subnetIds",
	"TransitGatewayRouteTablePropagations":   "transitGatewayRouteTablePropagations",

	"GetTransitGatewayRouteTableAssociations.Associations": "associations",
}

// elementName gives the XML element of a field. Scalars and structures begin
// with a small letter. Lists are in the singular and end in "Set".
func elementName(parent, field string, list bool) string {
	if name, ok := irregular[parent+"."+field]; ok {
		return name
	}
	if name, ok := irregular[field]; ok && list {
		return name
	}
	name := lowerFirst(field)
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

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

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
		switch v := fields[field].(type) {
		case nil: // AWS leaves out what is not set
		case map[string]any:
			element(b, elementName(parent, field, false), func() { writeFields(b, field, v) })
		case []any:
			element(b, elementName(parent, field, true), func() { writeItems(b, field, v) })
		default:
			leaf(b, elementName(parent, field, false), xmlText(field, v))
		}
	}
}

func writeItems(b *bytes.Buffer, field string, items []any) {
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			element(b, "item", func() { writeFields(b, field, m) })
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
