package ec2

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
	"reconcile/providers/cloudtrail"
)

var testPlace = place{Place: providers.Place{Account: "123456789012", Region: "us-east-1"}, partition: "aws"}

func familyRow(t *testing.T, typ string) Row {
	t.Helper()
	rows := Rows()
	i := slices.IndexFunc(rows, func(r Row) bool { return r.Type == typ })
	if i < 0 {
		t.Fatalf("no row for %s", typ)
	}
	return rows[i]
}

func wantAttrs(t *testing.T, got, want providers.Attrs) {
	t.Helper()
	for name, v := range want {
		g, has := got[name]
		if !has || providers.Canon(g) != providers.Canon(v) {
			t.Errorf("%s is %v (there: %v), want %v", name, g, has, v)
		}
	}
}

func vpcIPv6(id, block, pool string, state types.VpcCidrBlockStateCode) types.VpcIpv6CidrBlockAssociation {
	return types.VpcIpv6CidrBlockAssociation{AssociationId: &id, Ipv6CidrBlock: &block, Ipv6Pool: &pool,
		Ipv6CidrBlockState: &types.VpcCidrBlockState{State: state}}
}

func TestAVPCShowsTheOneIPv6RangeThatTheProviderStores(t *testing.T) {
	none := providers.Attrs{"assign_generated_ipv6_cidr_block": false, "ipv6_association_id": "", "ipv6_cidr_block": "", "ipv6_ipam_pool_id": ""}
	for name, c := range map[string]struct {
		blocks []types.VpcIpv6CidrBlockAssociation
		want   providers.Attrs
		absent []string
	}{
		"no range":      {nil, none, []string{"ipv6_netmask_length"}},
		"one that went": {[]types.VpcIpv6CidrBlockAssociation{vpcIPv6("a", "2600::/56", "Amazon", "disassociated")}, none, nil},
		"Amazon's": {[]types.VpcIpv6CidrBlockAssociation{vpcIPv6("a", "2600::/56", "Amazon", "associated")},
			providers.Attrs{"assign_generated_ipv6_cidr_block": true, "ipv6_association_id": "a", "ipv6_cidr_block": "2600::/56", "ipv6_ipam_pool_id": ""},
			[]string{"ipv6_netmask_length"}},
		"IPAM's pool is not told": {[]types.VpcIpv6CidrBlockAssociation{vpcIPv6("a", "2600::/56", "IPAM Managed", "associated")},
			providers.Attrs{"assign_generated_ipv6_cidr_block": false, "ipv6_netmask_length": 56.0}, []string{"ipv6_ipam_pool_id"}},
		"an own pool": {[]types.VpcIpv6CidrBlockAssociation{vpcIPv6("a", "2600::/52", "ipv6pool-ec2-1", "associated")},
			providers.Attrs{"ipv6_ipam_pool_id": "ipv6pool-ec2-1", "ipv6_netmask_length": 52.0}, nil},
		"of two the state decides": {[]types.VpcIpv6CidrBlockAssociation{vpcIPv6("a", "2600::/56", "Amazon", "associated"),
			vpcIPv6("b", "2601::/56", "Amazon", "associated")}, nil, []string{"ipv6_association_id", "ipv6_cidr_block", "assign_generated_ipv6_cidr_block"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := vpcObject(types.Vpc{VpcId: new("vpc-1"), Ipv6CidrBlockAssociationSet: c.blocks}, testPlace).Attrs
			wantAttrs(t, a, c.want)
			for _, n := range c.absent {
				if v, has := a[n]; has {
					t.Errorf("%s is said to be %v", n, v)
				}
			}
		})
	}
}

func TestASharedVPCHasItsOwnersArnAndNotItsPlace(t *testing.T) {
	o := familyRow(t, "aws_vpc").objects(types.Vpc{VpcId: new("vpc-1"), OwnerId: new("999999999999")}, testPlace)[0]
	if o.Attrs["arn"] != "arn:aws:ec2:us-east-1:999999999999:vpc/vpc-1" || o.Place != testPlace.Place {
		t.Errorf("%v in %v", o.Attrs["arn"], o.Place)
	}
}

func TestDefaultThingsAreOfBothKindsAndMissedByNobody(t *testing.T) {
	for _, c := range []struct {
		typ, own       string
		isDefault, not any
	}{
		{"aws_default_vpc", "aws_vpc", types.Vpc{VpcId: new("a"), IsDefault: new(true)}, types.Vpc{VpcId: new("a")}},
		{"aws_default_subnet", "aws_subnet", types.Subnet{SubnetId: new("a"), DefaultForAz: new(true)}, types.Subnet{SubnetId: new("a")}},
		{"aws_default_vpc_dhcp_options", "aws_vpc_dhcp_options", dhcpOptions("ec2.internal", "AmazonProvidedDNS"), dhcpOptions("example.org", "AmazonProvidedDNS")},
	} {
		row, own := familyRow(t, c.typ), familyRow(t, c.own)
		if got := row.objects(c.isDefault, testPlace); len(got) != 1 || !got[0].Implicit || got[0].ID == "" {
			t.Errorf("%s does not take the default one: %v", c.typ, got)
		}
		if got := row.objects(c.not, testPlace); len(got) != 0 {
			t.Errorf("%s takes another one: %v", c.typ, got)
		}
		if !own.objects(c.isDefault, testPlace)[0].Implicit || own.objects(c.not, testPlace)[0].Implicit {
			t.Errorf("%s does not tell which one AWS made", c.own)
		}
		if slices.ContainsFunc(row.Events, func(e providers.Event) bool { return e.Role == providers.Created }) {
			t.Errorf("%s is adopted and has an event that creates it", c.typ)
		}
	}
}

func dhcpOptions(domain string, servers ...string) types.DhcpOptions {
	var values []types.AttributeValue
	for _, s := range servers {
		values = append(values, types.AttributeValue{Value: &s})
	}
	return types.DhcpOptions{DhcpOptionsId: new("dopt-1"), OwnerId: new("123456789012"), DhcpConfigurations: []types.DhcpConfiguration{
		{Key: new("domain-name"), Values: []types.AttributeValue{{Value: &domain}}},
		{Key: new("domain-name-servers"), Values: values},
		{Key: new("netbios-node-type"), Values: []types.AttributeValue{{Value: new("2")}}},
		{Key: new("ntp-servers")}, {Key: new("owner-id"), Values: []types.AttributeValue{{Value: new("x")}}}, {},
	}}
}

func TestDHCPOptionsAreListsAndThoseOfTheDefaultSetAreText(t *testing.T) {
	o := familyRow(t, "aws_vpc_dhcp_options").objects(dhcpOptions("example.org", "10.0.0.2", "10.0.0.3"), testPlace)[0]
	wantAttrs(t, o.Attrs, providers.Attrs{"domain_name": "example.org", "domain_name_servers": []any{"10.0.0.2", "10.0.0.3"}, "netbios_node_type": "2",
		"ntp_servers": nil, "owner_id": "123456789012", "arn": "arn:aws:ec2:us-east-1:123456789012:dhcp-options/dopt-1"})
	abroad := testPlace
	abroad.Region = "eu-west-1"
	o = familyRow(t, "aws_default_vpc_dhcp_options").objects(dhcpOptions("eu-west-1.compute.internal", "AmazonProvidedDNS"), abroad)[0]
	if o.Attrs["domain_name_servers"] != "AmazonProvidedDNS" {
		t.Errorf("the default set has %v", o.Attrs["domain_name_servers"])
	}
}

func TestDHCPOptionsAssociationIsImportedByTheVPCAndRecordedByBoth(t *testing.T) {
	row := familyRow(t, "aws_vpc_dhcp_options_association")
	o := row.objects(types.Vpc{VpcId: new("vpc-1"), DhcpOptionsId: new("dopt-1")}, testPlace)[0]
	state := providers.Attrs{"id": "dopt-1-vpc-1", "dhcp_options_id": "dopt-1", "vpc_id": "vpc-1"}
	if o.ID != row.IdentityOf(state) || row.ImportIDOf(o.Attrs) != "vpc-1" || row.StateIDOf(o.Attrs) != "dopt-1-vpc-1" {
		t.Errorf("identity %q, import %q, state id %q", o.ID, row.ImportIDOf(o.Attrs), row.StateIDOf(o.Attrs))
	}
	for _, none := range []*string{nil, new("default")} {
		if got := row.objects(types.Vpc{VpcId: new("vpc-1"), DhcpOptionsId: none}, testPlace); len(got) != 0 {
			t.Errorf("a VPC without options of its own has %v", got)
		}
	}
}

func TestAVPCsOwnRangeIsNoAssociation(t *testing.T) {
	block := func(id, cidr string, s types.VpcCidrBlockStateCode) types.VpcCidrBlockAssociation {
		return types.VpcCidrBlockAssociation{AssociationId: &id, CidrBlock: &cidr, CidrBlockState: &types.VpcCidrBlockState{State: s}}
	}
	got := familyRow(t, "aws_vpc_ipv4_cidr_block_association").objects(types.Vpc{VpcId: new("vpc-1"), CidrBlock: new("10.0.0.0/16"),
		CidrBlockAssociationSet: []types.VpcCidrBlockAssociation{block("a", "10.0.0.0/16", "associated"), block("b", "10.1.0.0/16", "associated"),
			block("c", "10.2.0.0/16", "disassociated"), block("d", "10.3.0.0/16", "failed"), block("e", "10.4.0.0/16", "failing")}}, testPlace)
	want := map[string]providers.Life{"b": providers.Alive, "c": providers.Gone, "d": providers.Alive, "e": providers.Pending}
	for _, o := range got {
		if want[o.ID] != o.Life {
			t.Errorf("%s is %q", o.ID, o.Life)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d associations", len(got))
	}
}

func peering(requester, accepter providers.Place, code types.VpcPeeringConnectionStateReasonCode) types.VpcPeeringConnection {
	side := func(p providers.Place, vpc string) *types.VpcPeeringConnectionVpcInfo {
		return &types.VpcPeeringConnectionVpcInfo{OwnerId: &p.Account, Region: &p.Region, VpcId: &vpc,
			PeeringOptions: &types.VpcPeeringConnectionOptionsDescription{AllowDnsResolutionFromRemoteVpc: new(true)}}
	}
	return types.VpcPeeringConnection{VpcPeeringConnectionId: new("pcx-1"), RequesterVpcInfo: side(requester, "vpc-r"), AccepterVpcInfo: side(accepter, "vpc-a"),
		Status: &types.VpcPeeringConnectionStateReason{Code: code}}
}

func TestAPeeringConnectionIsInOnePlaceAndSeenFromTheReadersSide(t *testing.T) {
	own := testPlace.Place
	abroad := providers.Place{Account: own.Account, Region: "eu-west-1"}
	other := providers.Place{Account: "999999999999", Region: "us-east-1"}
	for name, c := range map[string]struct {
		requester, accepter             providers.Place
		connection, accepts             int
		vpc, peerVPC, peerOwner, region string
	}{
		"within a region":             {own, own, 1, 1, "vpc-r", "vpc-a", own.Account, "us-east-1"},
		"from here to another region": {own, abroad, 1, 0, "vpc-r", "vpc-a", own.Account, "eu-west-1"},
		"from another region to here": {abroad, own, 0, 1, "vpc-r", "vpc-a", own.Account, "us-east-1"},
		"to another account":          {own, other, 1, 0, "vpc-r", "vpc-a", other.Account, "us-east-1"},
		"from another account":        {other, own, 1, 1, "vpc-a", "vpc-r", other.Account, "us-east-1"},
	} {
		t.Run(name, func(t *testing.T) {
			p := peering(c.requester, c.accepter, "active")
			connections := familyRow(t, "aws_vpc_peering_connection").objects(p, testPlace)
			accepters := familyRow(t, "aws_vpc_peering_connection_accepter").objects(p, testPlace)
			options := familyRow(t, "aws_vpc_peering_connection_options").objects(p, testPlace)
			if len(connections) != c.connection || len(accepters) != c.accepts || len(options) != 1 {
				t.Fatalf("%d connections, %d accepters, %d options", len(connections), len(accepters), len(options))
			}
			for _, o := range slices.Concat(connections, accepters) {
				wantAttrs(t, o.Attrs, providers.Attrs{"vpc_id": c.vpc, "peer_vpc_id": c.peerVPC, "peer_owner_id": c.peerOwner, "peer_region": c.region,
					"accepter": []any{map[string]any{"allow_remote_vpc_dns_resolution": true}}})
			}
		})
	}
}

func TestAConnectionThatWaitsIsThereAndAcceptedByNobody(t *testing.T) {
	for code, life := range map[types.VpcPeeringConnectionStateReasonCode]providers.Life{"active": providers.Alive, "pending-acceptance": providers.Alive,
		"deleting": providers.Pending, "rejected": providers.Gone, "expired": providers.Gone} {
		o := familyRow(t, "aws_vpc_peering_connection_accepter").objects(peering(testPlace.Place, testPlace.Place, code), testPlace)[0]
		if o.Life != life || o.Implicit != (code == "pending-acceptance") {
			t.Errorf("%s: %q, implicit %v", code, o.Life, o.Implicit)
		}
	}
	if o := familyRow(t, "aws_vpc_peering_connection").objects(types.VpcPeeringConnection{VpcPeeringConnectionId: new("pcx-1")}, testPlace); len(o) != 1 {
		t.Errorf("a connection without sides gives %v", o)
	}
}

func TestAFlowLogNamesWhatItIsAbout(t *testing.T) {
	row := familyRow(t, "aws_flow_log")
	for id, attr := range map[string]string{"vpc-1": "vpc_id", "subnet-1": "subnet_id", "eni-1": "eni_id", "tgw-1": "transit_gateway_id",
		"tgw-attach-1": "transit_gateway_attachment_id", "nat-1": "regional_nat_gateway_id", "new-1": ""} {
		a := row.objects(types.FlowLog{FlowLogId: new("fl-1"), ResourceId: &id, TrafficType: "ALL"}, testPlace)[0].Attrs
		for _, name := range row.Parents {
			if (a.Text(name) == id) != (name == attr) {
				t.Errorf("%s: %s is %v", id, name, a[name])
			}
		}
		if _, has := a["traffic_type"]; has == (attr == "transit_gateway_id" || attr == "transit_gateway_attachment_id") {
			t.Errorf("%s: the traffic type is told: %v", id, has)
		}
	}
}

func TestPrefixListsOfOthersAreNotTheCallers(t *testing.T) {
	row := familyRow(t, "aws_ec2_managed_prefix_list")
	list := func(owner string, state types.PrefixListState) types.ManagedPrefixList {
		return types.ManagedPrefixList{PrefixListId: new("pl-1"), OwnerId: &owner, State: state, MaxEntries: new(int32(5))}
	}
	for _, c := range []struct {
		list   types.ManagedPrefixList
		owned  int
		parent string
	}{
		{list("123456789012", "create-complete"), 1, "pl-1"},
		{list("123456789012", "delete-complete"), 1, ""},
		{list("999999999999", "create-complete"), 0, "pl-1"},
		{list("AWS", "create-complete"), 0, ""},
	} {
		if n := len(row.objects(c.list, testPlace)); n != c.owned {
			t.Errorf("%s, %s: %d lists", *c.list.OwnerId, c.list.State, n)
		}
		if got := familyRow(t, "aws_ec2_managed_prefix_list_entry").source.parentID(c.list); got != c.parent {
			t.Errorf("%s, %s: its entries are asked for with %q", *c.list.OwnerId, c.list.State, got)
		}
	}
}

func TestAPrefixListSpellsItsEntries(t *testing.T) {
	list, entry := familyRow(t, "aws_ec2_managed_prefix_list"), familyRow(t, "aws_ec2_managed_prefix_list_entry")
	at := testPlace
	at.parent = "pl-1"
	inv := providers.Inventory{
		Objects: slices.Concat(list.objects(types.ManagedPrefixList{PrefixListId: new("pl-1"), OwnerId: new("123456789012")}, testPlace),
			entry.objects(types.PrefixListEntry{Cidr: new("10.0.0.0/8"), Description: new("ten")}, at)),
		Coverage: []providers.Coverage{{Type: entry.Type, Place: testPlace.Place, Status: providers.Read}},
	}
	fillJoins([]Row{list, entry}, inv)
	wantAttrs(t, inv.Objects[0].Attrs, providers.Attrs{"entry": []any{map[string]any{"cidr": "10.0.0.0/8", "description": "ten"}}})
}

func TestAnExclusionIsOfAVPCOrASubnet(t *testing.T) {
	row := familyRow(t, "aws_vpc_block_public_access_exclusion")
	for arn, want := range map[string]providers.Attrs{
		"arn:aws:ec2:us-east-1:123456789012:vpc/vpc-1":       {"vpc_id": "vpc-1", "subnet_id": ""},
		"arn:aws:ec2:us-east-1:123456789012:subnet/subnet-1": {"vpc_id": "", "subnet_id": "subnet-1"},
		"": {"vpc_id": "", "subnet_id": ""},
	} {
		wantAttrs(t, row.objects(types.VpcBlockPublicAccessExclusion{ExclusionId: new("e"), ResourceArn: &arn}, testPlace)[0].Attrs, want)
	}
}

func TestAnExclusionThatIsStillChangingSaysNothing(t *testing.T) {
	a := familyRow(t, "aws_vpc_encryption_control").objects(types.VpcEncryptionControl{VpcEncryptionControlId: new("vpcec-1"),
		ResourceExclusions: &types.VpcEncryptionControlExclusions{
			InternetGateway: &types.VpcEncryptionControlExclusion{State: "enabled"},
			NatGateway:      &types.VpcEncryptionControlExclusion{State: "disabled"},
			Lambda:          &types.VpcEncryptionControlExclusion{State: "enabling"},
		}}, testPlace)[0].Attrs
	wantAttrs(t, a, providers.Attrs{"internet_gateway_exclusion": "enable", "nat_gateway_exclusion": "disable"})
	for _, name := range []string{"lambda_exclusion", "vpc_peering_exclusion"} {
		if _, has := a[name]; has {
			t.Errorf("%s is %v", name, a[name])
		}
	}
}

func TestRecordsOfTheFamilyNameWhatTheyDid(t *testing.T) {
	kinds := Kinds(slices.Concat([]Row{vpcRow(listVpcs()), subnetRow(listSubnets())},
		vpcFamilyRows(sources{vpcs: listVpcs(), subnets: listSubnets()})))
	index := cloudtrail.NewIndex(kinds)
	for name, c := range map[string]struct {
		event, request, response string
		want                     []string
	}{
		"a range, wrapped": {"AssociateVpcCidrBlock", `{"AssociateVpcCidrBlockRequest":{"VpcId":"vpc-1","CidrBlock":"10.1.0.0/16"}}`,
			`{"AssociateVpcCidrBlockResponse":{"vpcId":"vpc-1","cidrBlockAssociation":{"associationId":"vpc-cidr-assoc-1"}}}`,
			[]string{"aws_default_vpc vpc-1 changed", "aws_vpc vpc-1 changed", "aws_vpc_ipv4_cidr_block_association vpc-cidr-assoc-1 created"}},
		"an IPv6 range that goes": {"DisassociateVpcCidrBlock", `{"DisassociateVpcCidrBlockRequest":{"AssociationId":"vpc-cidr-assoc-2"}}`,
			`{"DisassociateVpcCidrBlockResponse":{"vpcId":"vpc-1","ipv6CidrBlockAssociation":{"associationId":"vpc-cidr-assoc-2"}}}`,
			[]string{"aws_default_vpc vpc-1 changed", "aws_vpc vpc-1 changed", "aws_vpc_ipv6_cidr_block_association vpc-cidr-assoc-2 deleted"}},
		"options, flat": {"AssociateDhcpOptions", `{"dhcpOptionsId":"dopt-1","vpcId":"vpc-1"}`, `{"_return":true}`,
			[]string{"aws_default_vpc vpc-1 changed", "aws_vpc vpc-1 changed", "aws_vpc_dhcp_options_association *-vpc-1 deleted", "aws_vpc_dhcp_options_association dopt-1-vpc-1 created"}},
		"one entry": {"ModifyManagedPrefixList", `{"ModifyManagedPrefixListRequest":{"PrefixListId":"pl-1","AddEntry":{"tag":1,"Cidr":"10.0.0.0/8"}}}`,
			`{"ModifyManagedPrefixListResponse":{"prefixList":{"prefixListId":"pl-1"}}}`,
			[]string{"aws_ec2_managed_prefix_list pl-1 changed", "aws_ec2_managed_prefix_list_entry pl-1,10.0.0.0/8 created"}},
		"entries that come and go": {"ModifyManagedPrefixList",
			`{"ModifyManagedPrefixListRequest":{"PrefixListId":"pl-1","AddEntry":[{"tag":1,"Cidr":"10.0.0.0/8"},{"tag":2,"Cidr":"FC00:0::/7"}],"RemoveEntry":{"tag":1,"Cidr":"10.9.0.0/16"}}}`,
			`{}`, []string{"aws_ec2_managed_prefix_list pl-1 changed", "aws_ec2_managed_prefix_list_entry pl-1,10.0.0.0/8 created",
				"aws_ec2_managed_prefix_list_entry pl-1,10.9.0.0/16 deleted", "aws_ec2_managed_prefix_list_entry pl-1,fc00::/7 created"}},
		"flow logs": {"CreateFlowLogs", `{"CreateFlowLogsRequest":{"ResourceId":{"tag":1,"content":"vpc-1"}}}`,
			`{"CreateFlowLogsResponse":{"flowLogIdSet":{"item":"fl-1"},"unsuccessful":""}}`, []string{"aws_flow_log fl-1 created"}},
		"flow logs that go": {"DeleteFlowLogs", `{"DeleteFlowLogsRequest":{"FlowLogId":[{"tag":1,"content":"fl-1"},{"tag":2,"content":"fl-2"}]}}`,
			`{"DeleteFlowLogsResponse":{"unsuccessful":""}}`, []string{"aws_flow_log fl-1 deleted", "aws_flow_log fl-2 deleted"}},
		"an accepted peering": {"AcceptVpcPeeringConnection", `{"vpcPeeringConnectionId":"pcx-1"}`, `{"vpcPeeringConnection":{}}`,
			[]string{"aws_vpc_peering_connection pcx-1 changed", "aws_vpc_peering_connection_accepter pcx-1 created"}},
		"the account's block mode": {"ModifyVpcBlockPublicAccessOptions", `{"ModifyVpcBlockPublicAccessOptionsRequest":{"InternetGatewayBlockMode":"off"}}`,
			`{"ModifyVpcBlockPublicAccessOptionsResponse":{"vpcBlockPublicAccessOptions":{"awsRegion":"us-east-1"}}}`,
			[]string{"aws_vpc_block_public_access_options us-east-1 changed"}},
		"tags of options": {"CreateTags", `{"resourcesSet":{"items":[{"resourceId":"dopt-1"}]},"tagSet":{"items":[{"key":"a","value":"b"}]}}`, `{"_return":true}`,
			[]string{"aws_default_vpc_dhcp_options dopt-1 changed", "aws_vpc_dhcp_options dopt-1 changed"}},
		"tags of an exclusion": {"CreateTags", `{"resourcesSet":{"items":[{"resourceId":"vpcbpa-exclude-1"}]},"tagSet":{"items":[{"key":"a","value":"b"}]}}`,
			`{"_return":true}`, []string{"aws_vpc_block_public_access_exclusion vpcbpa-exclude-1 changed"}},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := cloudtrail.Decode([]byte(`{"eventID":"e","eventName":"` + c.event + `","eventSource":"ec2.amazonaws.com","eventTime":"2024-01-01T00:00:00Z",` +
				`"requestParameters":` + c.request + `,"responseElements":` + c.response + `}`))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range index.Call(r).Mutations {
				got = append(got, m.Type+" "+m.ID+" "+string(m.Role))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}
