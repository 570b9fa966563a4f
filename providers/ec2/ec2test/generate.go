package ec2test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"
)

// GenerateOptions says how big a generated account is. Every number is a total;
// things are spread evenly over what holds them. Zero means none, save VPCs: a
// thing that needs a VPC makes one.
type GenerateOptions struct {
	Account, Region  string // default 123456789012, us-east-1
	VPCs             int
	Subnets          int
	RouteTables      int // besides the main one of each VPC
	Routes           int // besides each table's local route
	InternetGateways int
	TGWs             int
	TGWAttachments   int
	TGWRouteTables   int
	TGWRoutes        int
	Events           int       // CloudTrail records, one a second up to Until
	Until            time.Time // default 2026-01-01T00:00:00Z
	Seed             uint64
}

// Generate makes a world that is the same for the same options: a big account
// for benchmarks. Each VPC is a /16, each subnet a /24 of one.
func Generate(o GenerateOptions) *World {
	if o.Account == "" {
		o.Account = "123456789012"
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	if o.Until.IsZero() {
		o.Until = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if o.VPCs == 0 && o.Subnets+o.RouteTables+o.Routes+o.TGWAttachments > 0 {
		o.VPCs = 1
	}
	if o.TGWs == 0 && o.TGWAttachments+o.TGWRouteTables+o.TGWRoutes > 0 {
		o.TGWs = 1
	}
	if o.TGWRouteTables == 0 && o.TGWRoutes > 0 {
		o.TGWRouteTables = 1
	}
	g := generator{o: o, rng: rand.New(rand.NewPCG(o.Seed, 1)), docs: map[string][]Doc{}}
	g.vpcs()
	g.subnets()
	g.transitGateways()
	g.routeTables()
	g.internetGateways()

	w := NewWorld(o.Account, o.Region)
	w.mu.Lock()
	for key, docs := range g.docs {
		entries := make([]*entry, len(docs))
		for i, d := range docs {
			entries[i] = newEntry(d)
		}
		w.merge(w.home, key, entries)
	}
	w.mu.Unlock()
	// The records are made here, in the shape that PutRecords reads.
	_ = w.PutRecords(g.events()...)
	return w
}

type generator struct {
	o    GenerateOptions
	rng  *rand.Rand
	docs map[string][]Doc
}

func (g *generator) add(key string, d Doc) { g.docs[key] = append(g.docs[key], d) }

// id is a resource id: seventeen hexadecimal digits, of which the last seven
// count, so that no two are the same.
func (g *generator) id(prefix string, n int) string {
	return fmt.Sprintf("%s-%010x%07x", prefix, g.rng.Uint64()>>24, n)
}

func (g *generator) tags(name string) []any {
	return []any{
		Doc{"Key": "Name", "Value": name},
		Doc{"Key": "Env", "Value": "prod"},
	}
}

// of gives the id of the n-th document of a list, beginning again at its end.
func (g *generator) of(key, field string, n int) string {
	docs := g.docs[key]
	return text(docs[n%len(docs)][field])
}

func (g *generator) vpcs() {
	for i := range g.o.VPCs {
		cidr := fmt.Sprintf("10.%d.0.0/16", i%256)
		g.add("Vpcs", Doc{
			"VpcId": g.id("vpc", i), "CidrBlock": cidr, "State": "available", "OwnerId": g.o.Account, "InstanceTenancy": "default",
			"IsDefault": false, "DhcpOptionsId": "default", "Ipv6CidrBlockAssociationSet": []any{}, "Tags": g.tags(fmt.Sprintf("vpc-%d", i)),
			"CidrBlockAssociationSet": []any{Doc{"AssociationId": g.id("vpc-cidr-assoc", i), "CidrBlock": cidr, "CidrBlockState": Doc{"State": "associated"}}},
		})
		g.routeTable(i, i, true)
	}
}

func (g *generator) subnets() {
	for i := range g.o.Subnets {
		vpc, id, zone := i%g.o.VPCs, g.id("subnet", i), string(rune('a'+i%3))
		g.add("Subnets", Doc{
			"SubnetId": id, "VpcId": g.of("Vpcs", "VpcId", vpc), "CidrBlock": fmt.Sprintf("10.%d.%d.0/24", vpc%256, i/g.o.VPCs%256),
			"AvailabilityZone": g.o.Region + zone, "AvailabilityZoneId": "az-" + zone, "State": "available", "OwnerId": g.o.Account,
			"SubnetArn": "arn:aws:ec2:" + g.o.Region + ":" + g.o.Account + ":subnet/" + id, "AvailableIpAddressCount": json.Number("251"),
			"DefaultForAz": false, "MapPublicIpOnLaunch": false, "AssignIpv6AddressOnCreation": false, "Ipv6Native": false,
			"Ipv6CidrBlockAssociationSet": []any{}, "Tags": g.tags(fmt.Sprintf("subnet-%d", i)),
		})
	}
}

// routeTable makes the n-th table. The first subnet that has none gets it.
func (g *generator) routeTable(n, vpc int, main bool) {
	id := g.id("rtb", n)
	association := Doc{"Main": main, "RouteTableId": id, "RouteTableAssociationId": g.id("rtbassoc", n), "AssociationState": Doc{"State": "associated"}}
	associations := []any{association}
	if !main {
		if i := n - g.o.VPCs; i < g.o.Subnets {
			association["SubnetId"] = g.of("Subnets", "SubnetId", i)
		} else {
			associations = []any{}
		}
	}
	g.add("RouteTables", Doc{
		"RouteTableId": id, "VpcId": g.of("Vpcs", "VpcId", vpc), "OwnerId": g.o.Account, "Associations": associations, "PropagatingVgws": []any{},
		"Routes": []any{Doc{"DestinationCidrBlock": fmt.Sprintf("10.%d.0.0/16", vpc%256), "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"}},
		"Tags":   g.tags(fmt.Sprintf("rtb-%d", n)),
	})
}

func (g *generator) routeTables() {
	for i := range g.o.RouteTables {
		g.routeTable(g.o.VPCs+i, i%g.o.VPCs, false)
	}
	tables := g.docs["RouteTables"]
	target, id := "NatGatewayId", g.id("nat", 0)
	if g.o.TGWs > 0 {
		target, id = "TransitGatewayId", g.of("TransitGateways", "TransitGatewayId", 0)
	}
	for i := range g.o.Routes {
		table := tables[i%len(tables)]
		n := i / len(tables)
		routes, _ := table["Routes"].([]any)
		table["Routes"] = append(routes, Doc{"DestinationCidrBlock": destination(n), target: id, "Origin": "CreateRoute", "State": "active"})
	}
}

// destination is the n-th of eight million distinct networks outside 10/8.
func destination(n int) string {
	return fmt.Sprintf("%d.%d.%d.0/24", 11+n>>16&0x7f, n>>8&0xff, n&0xff)
}

func (g *generator) internetGateways() {
	for i := range g.o.InternetGateways {
		attachments := []any{}
		if i < g.o.VPCs { // a VPC has one at most
			attachments = append(attachments, Doc{"State": "available", "VpcId": g.of("Vpcs", "VpcId", i)})
		}
		g.add("InternetGateways", Doc{"InternetGatewayId": g.id("igw", i), "OwnerId": g.o.Account, "Attachments": attachments, "Tags": g.tags(fmt.Sprintf("igw-%d", i))})
	}
}

func (g *generator) transitGateways() {
	created := g.o.Until.Add(-24 * time.Hour).Format(time.RFC3339)
	for i := range g.o.TGWs {
		id := g.id("tgw", i)
		g.add("TransitGateways", Doc{
			"TransitGatewayId": id, "TransitGatewayArn": "arn:aws:ec2:" + g.o.Region + ":" + g.o.Account + ":transit-gateway/" + id,
			"OwnerId": g.o.Account, "State": "available", "Description": "hub", "CreationTime": created, "Tags": g.tags(fmt.Sprintf("tgw-%d", i)),
			"Options": Doc{
				"AmazonSideAsn": json.Number("64512"), "TransitGatewayCidrBlocks": []any{}, "AutoAcceptSharedAttachments": "disable",
				"DefaultRouteTableAssociation": "disable", "DefaultRouteTablePropagation": "disable", "VpnEcmpSupport": "enable",
				"DnsSupport": "enable", "SecurityGroupReferencingSupport": "disable", "MulticastSupport": "disable",
			},
		})
	}
	for i := range g.o.TGWAttachments {
		id, tgw, vpc, tags := g.id("tgw-attach", i), g.of("TransitGateways", "TransitGatewayId", i), g.of("Vpcs", "VpcId", i), g.tags(fmt.Sprintf("attach-%d", i))
		g.add("TransitGatewayAttachments", Doc{
			"TransitGatewayAttachmentId": id, "TransitGatewayId": tgw, "TransitGatewayOwnerId": g.o.Account, "ResourceOwnerId": g.o.Account,
			"ResourceType": "vpc", "ResourceId": vpc, "State": "available", "CreationTime": created, "Tags": tags,
		})
		subnets := []any{}
		if i < g.o.Subnets { // subnet i is in VPC i modulo their number, as the attachment is
			subnets = append(subnets, g.of("Subnets", "SubnetId", i%g.o.VPCs))
		}
		g.add("TransitGatewayVpcAttachments", Doc{
			"TransitGatewayAttachmentId": id, "TransitGatewayId": tgw, "VpcId": vpc, "VpcOwnerId": g.o.Account, "State": "available",
			"CreationTime": created, "Tags": tags, "SubnetIds": subnets,
			"Options": Doc{"DnsSupport": "enable", "Ipv6Support": "disable", "ApplianceModeSupport": "disable", "SecurityGroupReferencingSupport": "enable"},
		})
	}
	g.transitGatewayRouteTables(created)
}

func (g *generator) transitGatewayRouteTables(created string) {
	for i := range g.o.TGWRouteTables {
		g.add("TransitGatewayRouteTables", Doc{
			"TransitGatewayRouteTableId": g.id("tgw-rtb", i), "TransitGatewayId": g.of("TransitGateways", "TransitGatewayId", i), "State": "available",
			"DefaultAssociationRouteTable": false, "DefaultPropagationRouteTable": false, "CreationTime": created,
			"Tags": g.tags(fmt.Sprintf("tgw-rtb-%d", i)), "_routes": []any{}, "_assoc": []any{}, "_prop": []any{},
		})
	}
	tables := g.docs["TransitGatewayRouteTables"]
	if len(tables) == 0 {
		return
	}
	push := func(n int, key string, d Doc) {
		list, _ := tables[n%len(tables)][key].([]any)
		tables[n%len(tables)][key] = append(list, d)
	}
	for i, a := range g.docs["TransitGatewayAttachments"] {
		link := func(state string) Doc {
			return Doc{"TransitGatewayAttachmentId": a["TransitGatewayAttachmentId"], "ResourceId": a["ResourceId"], "ResourceType": "vpc", "State": state}
		}
		push(i, "_assoc", link("associated"))
		push(i, "_prop", link("enabled"))
		a["Association"] = Doc{"TransitGatewayRouteTableId": tables[i%len(tables)]["TransitGatewayRouteTableId"], "State": "associated"}
	}
	for i := range g.o.TGWRoutes {
		route := Doc{"DestinationCidrBlock": destination(i / len(tables)), "Type": "static", "State": "blackhole"}
		if all := g.docs["TransitGatewayAttachments"]; len(all) > 0 {
			a := all[i%len(all)]
			route["State"] = "active"
			route["TransitGatewayAttachments"] = []any{Doc{"TransitGatewayAttachmentId": a["TransitGatewayAttachmentId"], "ResourceId": a["ResourceId"], "ResourceType": "vpc"}}
		}
		push(i, "_routes", route)
	}
}

// events are reads and subnet creations by one role session, alternately.
func (g *generator) events() []json.RawMessage {
	var out []json.RawMessage
	for i := range g.o.Events {
		read := i%2 == 1 || g.o.Subnets == 0
		e := map[string]any{
			"eventVersion": "1.10", "eventSource": "ec2.amazonaws.com", "eventName": "CreateSubnet", "awsRegion": g.o.Region, "readOnly": read,
			"eventTime": g.o.Until.Add(-time.Duration(g.o.Events-i) * time.Second).UTC().Format(time.RFC3339), "recipientAccountId": g.o.Account,
			"eventID": fmt.Sprintf("00000000-0000-4000-9000-%012d", i), "requestID": fmt.Sprintf("00000000-0000-4000-a000-%012d", i),
			"eventType": "AwsApiCall", "managementEvent": true, "eventCategory": "Management",
			"userIdentity": map[string]any{
				"type": "AssumedRole", "arn": "arn:aws:sts::" + g.o.Account + ":assumed-role/terraform-runner/ci", "accountId": g.o.Account, "accessKeyId": "ASIARUNNER0000000001",
				"sessionContext": map[string]any{"sessionIssuer": map[string]any{"type": "Role", "arn": "arn:aws:iam::" + g.o.Account + ":role/terraform-runner", "accountId": g.o.Account, "userName": "terraform-runner"}},
			},
			"requestParameters": map[string]any{}, "responseElements": nil,
		}
		if read {
			e["eventName"] = "DescribeSubnets"
		} else {
			subnet := g.docs["Subnets"][i/2%g.o.Subnets]
			e["requestParameters"] = map[string]any{"vpcId": subnet["VpcId"], "cidrBlock": subnet["CidrBlock"]}
			e["responseElements"] = map[string]any{"subnet": map[string]any{"subnetId": subnet["SubnetId"], "vpcId": subnet["VpcId"], "cidrBlock": subnet["CidrBlock"]}}
		}
		raw, _ := json.Marshal(e) // texts and booleans always encode
		out = append(out, raw)
	}
	return out
}
