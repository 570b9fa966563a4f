package ec2

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
	"reconcile/providers/cloudtrail"
)

var endpointHere = place{Place: providers.Place{Account: "123456789012", Region: "us-east-1"}, partition: "aws"}

// endpointObjects are the objects that a type's row makes of an item.
func endpointObjects(t *testing.T, rows []Row, typ string, item any, at place) []providers.Object {
	t.Helper()
	i := slices.IndexFunc(rows, func(r Row) bool { return r.Type == typ })
	if i < 0 {
		t.Fatalf("no row of %s", typ)
	}
	return rows[i].objects(item, at)
}

// endpointEffects are what a recorded call did, "TYPE ROLE ID".
func endpointEffects(t *testing.T, rows []Row, name, request, response string) []string {
	t.Helper()
	data, err := json.Marshal(map[string]any{"eventID": "e", "eventName": name, "eventSource": providers.EC2, "eventTime": "2026-01-02T03:04:05Z",
		"awsRegion": "us-east-1", "recipientAccountId": "123456789012",
		"requestParameters": json.RawMessage(request), "responseElements": json.RawMessage(response)})
	if err != nil {
		t.Fatal(err)
	}
	r, err := cloudtrail.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range cloudtrail.NewIndex(Kinds(rows)).Call(r).Mutations {
		out = append(out, m.Type+" "+string(m.Role)+" "+m.ID)
	}
	slices.Sort(out)
	return out
}

// The ids are those that provider v5.100.0 wrote for these pairs.
func TestAnEndpointAssociationIsRecordedUnderTheHashThatTheProviderMakes(t *testing.T) {
	v := types.VpcEndpoint{VpcEndpointId: new("vpce-64b4dfa4b9cba95aa"), State: types.StateAvailable,
		RouteTableIds: []string{"rtb-e9817fe03ba113392", "rtb-16dffdd18eeb61a79"}}
	ends := types.VpcEndpoint{VpcEndpointId: new("vpce-057a823c417e636a2"), State: "available", SubnetIds: []string{"subnet-cd42a259309e1beaa"},
		Groups: []types.SecurityGroupIdentifier{{GroupId: new("sg-98d873cd5acc85e80"), GroupName: new("a")}}}
	rows := endpointRows(sources{})
	for _, c := range []struct {
		typ    string
		item   types.VpcEndpoint
		states []string
		ids    []string
	}{
		{"aws_vpc_endpoint_route_table_association", v, []string{"a-vpce-64b4dfa4b9cba95aa772394672", "a-vpce-64b4dfa4b9cba95aa2394442015"},
			[]string{"vpce-64b4dfa4b9cba95aa/rtb-e9817fe03ba113392", "vpce-64b4dfa4b9cba95aa/rtb-16dffdd18eeb61a79"}},
		{"aws_vpc_endpoint_subnet_association", ends, []string{"a-vpce-057a823c417e636a24080809691"},
			[]string{"vpce-057a823c417e636a2/subnet-cd42a259309e1beaa"}},
		{"aws_vpc_endpoint_security_group_association", ends, []string{"a-vpce-057a823c417e636a2130240491"},
			[]string{"vpce-057a823c417e636a2/sg-98d873cd5acc85e80"}},
	} {
		objects := endpointObjects(t, rows, c.typ, c.item, endpointHere)
		if len(objects) != len(c.ids) {
			t.Errorf("%s: %d objects", c.typ, len(objects))
			continue
		}
		k, _ := Kinds(rows).Find(c.typ)
		for i, o := range objects {
			if o.ID != c.ids[i] || k.ImportIDOf(o.Attrs) != c.ids[i] || k.StateIDOf(o.Attrs) != c.states[i] || o.Attrs["id"] != c.states[i] {
				t.Errorf("%s: %s, imported as %s, recorded as %s", c.typ, o.ID, k.ImportIDOf(o.Attrs), k.StateIDOf(o.Attrs))
			}
		}
	}
}

func TestAnEndpointsStateMeansTheSameInEitherCase(t *testing.T) {
	rows := endpointRows(sources{})
	for word, want := range map[types.State]providers.Life{
		"available": providers.Alive, "Available": providers.Alive, "PendingAcceptance": providers.Alive, "pendingAcceptance": providers.Alive,
		"Rejected": providers.Alive, "failed": providers.Alive, "Expired": providers.Alive, "Partial": providers.Alive,
		"pending": providers.Pending, "Deleting": providers.Pending, "deleted": providers.Gone, "Deleted": providers.Gone,
	} {
		v := types.VpcEndpoint{VpcEndpointId: new("vpce-1"), State: word, RouteTableIds: []string{"rtb-1"}}
		for _, typ := range []string{"aws_vpc_endpoint", "aws_vpc_endpoint_policy", "aws_vpc_endpoint_private_dns", "aws_vpc_endpoint_route_table_association"} {
			if got := endpointObjects(t, rows, typ, v, endpointHere)[0].Life; got != want {
				t.Errorf("%s %s is %s, want %s", typ, word, got, want)
			}
		}
	}
	for word, want := range map[types.State]providers.Life{
		"available": providers.Alive, "Rejected": providers.Alive, "PendingAcceptance": providers.Gone, "pendingAcceptance": providers.Gone, "deleted": providers.Gone,
	} {
		c := types.VpcEndpointConnection{ServiceId: new("vpce-svc-1"), VpcEndpointId: new("vpce-1"), VpcEndpointState: word}
		if got := endpointObjects(t, rows, "aws_vpc_endpoint_connection_accepter", c, endpointHere)[0].Life; got != want {
			t.Errorf("the accepter of a connection that is %s is %s, want %s", word, got, want)
		}
	}
}

func TestWhatAWSGivesAnEndpointByItselfNeedsNoEvent(t *testing.T) {
	rows := endpointRows(sources{})
	v := types.VpcEndpoint{VpcEndpointId: new("vpce-1"), Groups: []types.SecurityGroupIdentifier{
		{GroupId: new("sg-own"), GroupName: new("web")}, {GroupId: new("sg-default"), GroupName: new("default")}, {GroupId: new("sg-unnamed")}}}
	for i, o := range endpointObjects(t, rows, "aws_vpc_endpoint_security_group_association", v, endpointHere) {
		if o.Implicit != (i == 1) {
			t.Errorf("%s: implicit %v", o.ID, o.Implicit)
		}
	}
	for _, typ := range []string{"aws_vpc_endpoint_policy", "aws_vpc_endpoint_private_dns"} {
		if o := endpointObjects(t, rows, typ, v, endpointHere)[0]; !o.Implicit || o.ID != "vpce-1" {
			t.Errorf("%s: %+v", typ, o)
		}
	}
	v.RequesterManaged = new(true)
	if !endpointObjects(t, rows, "aws_vpc_endpoint", v, endpointHere)[0].Implicit {
		t.Error("a service's own endpoint is taken for one that somebody must have made")
	}
}

func TestAnEndpointIsSpelledAsTheProviderSpellsIt(t *testing.T) {
	rows := endpointRows(sources{})
	v := types.VpcEndpoint{VpcEndpointId: new("vpce-1"), OwnerId: new("210987654321"), DnsOptions: &types.DnsOptions{DnsRecordIpType: "ipv4"}}
	a := endpointObjects(t, rows, "aws_vpc_endpoint", v, endpointHere)[0].Attrs
	if got := a.Text("arn"); got != "arn:aws:ec2:us-east-1:210987654321:vpc-endpoint/vpce-1" {
		t.Errorf("the ARN names another account than the owner's: %s", got)
	}
	if a["vpc_endpoint_type"] != "Gateway" {
		t.Errorf("an endpoint without a type is %v", a["vpc_endpoint_type"])
	}
	// false would be a drift from a state that holds nothing.
	if got := providers.Canon(a["dns_options"]); got != `["{\"dns_record_ip_type\":\"ipv4\"}"]` {
		t.Errorf("DNS options %s", got)
	}
	v.DnsOptions.PrivateDnsOnlyForInboundResolverEndpoint = new(true)
	a = endpointObjects(t, rows, "aws_vpc_endpoint", v, endpointHere)[0].Attrs
	if b := a["dns_options"].([]any)[0].(map[string]any); b["private_dns_only_for_inbound_resolver_endpoint"] != true {
		t.Errorf("DNS options %v", b)
	}
}

func TestOneCallOnAnEndpointTouchesItAndItsAssociations(t *testing.T) {
	rows := endpointRows(sources{})
	for _, c := range []struct{ call, request, response, what string }{
		{"CreateVpcEndpoint",
			`{"CreateVpcEndpointRequest":{"VpcId":"vpc-1","RouteTableId":[{"tag":1,"content":"rtb-1"},{"tag":2,"content":"rtb-2"}]}}`,
			`{"CreateVpcEndpointResponse":{"vpcEndpoint":{"vpcEndpointId":"vpce-1","routeTableIdSet":{"item":["rtb-1","rtb-2"]},"subnetIdSet":"","groupSet":""}}}`,
			`["aws_vpc_endpoint created vpce-1","aws_vpc_endpoint_route_table_association created vpce-1/rtb-1","aws_vpc_endpoint_route_table_association created vpce-1/rtb-2"]`},
		{"CreateVpcEndpoint", // the group is AWS's choice
			`{"CreateVpcEndpointRequest":{"VpcId":"vpc-1","VpcEndpointType":"Interface","SubnetId":{"tag":1,"content":"subnet-1"}}}`,
			`{"CreateVpcEndpointResponse":{"vpcEndpoint":{"vpcEndpointId":"vpce-1","routeTableIdSet":"","subnetIdSet":"","groupSet":{"item":{"groupName":"default","groupId":"sg-d"}}}}}`,
			`["aws_vpc_endpoint created vpce-1","aws_vpc_endpoint_security_group_association created vpce-1/sg-d","aws_vpc_endpoint_subnet_association created vpce-1/subnet-1"]`},
		{"ModifyVpcEndpoint",
			`{"ModifyVpcEndpointRequest":{"VpcEndpointId":"vpce-1","AddRouteTableId":{"tag":1,"content":"rtb-2"},"RemoveRouteTableId":[{"tag":1,"content":"rtb-1"},{"tag":2,"content":"rtb-3"}]}}`,
			`{"ModifyVpcEndpointResponse":{"return":true}}`,
			`["aws_vpc_endpoint changed vpce-1","aws_vpc_endpoint_policy changed vpce-1","aws_vpc_endpoint_private_dns changed vpce-1",` +
				`"aws_vpc_endpoint_route_table_association created vpce-1/rtb-2","aws_vpc_endpoint_route_table_association deleted vpce-1/rtb-1",` +
				`"aws_vpc_endpoint_route_table_association deleted vpce-1/rtb-3"]`},
		{"ModifyVpcEndpoint",
			`{"ModifyVpcEndpointRequest":{"VpcEndpointId":"vpce-1","AddSubnetId":{"tag":1,"content":"subnet-1"},"RemoveSecurityGroupId":{"tag":1,"content":"sg-1"}}}`, `null`,
			`["aws_vpc_endpoint changed vpce-1","aws_vpc_endpoint_policy changed vpce-1","aws_vpc_endpoint_private_dns changed vpce-1",` +
				`"aws_vpc_endpoint_security_group_association deleted vpce-1/sg-1","aws_vpc_endpoint_subnet_association created vpce-1/subnet-1"]`},
		{"DeleteVpcEndpoints", `{"DeleteVpcEndpointsRequest":{"VpcEndpointId":[{"tag":1,"content":"vpce-1"},{"tag":2,"content":"vpce-2"}]}}`, `{}`,
			`["aws_vpc_endpoint deleted vpce-1","aws_vpc_endpoint deleted vpce-2"]`},
		{"AcceptVpcEndpointConnections", `{"AcceptVpcEndpointConnectionsRequest":{"ServiceId":"vpce-svc-1","VpcEndpointId":{"tag":1,"content":"vpce-1"}}}`, `{}`,
			`["aws_vpc_endpoint changed vpce-1","aws_vpc_endpoint_connection_accepter created vpce-svc-1_vpce-1"]`},
		{"ModifyVpcEndpointServicePermissions",
			`{"ModifyVpcEndpointServicePermissionsRequest":{"ServiceId":"vpce-svc-1","AddAllowedPrincipals":{"tag":1,"content":"arn:a"},"RemoveAllowedPrincipals":{"tag":1,"content":"*"}}}`, `{}`,
			`["aws_vpc_endpoint_service changed vpce-svc-1","aws_vpc_endpoint_service_allowed_principal created vpce-svc-1,arn:a","aws_vpc_endpoint_service_allowed_principal deleted vpce-svc-1,*"]`},
		{"StartVpcEndpointServicePrivateDnsVerification", `{"StartVpcEndpointServicePrivateDnsVerificationRequest":{"ServiceId":"vpce-svc-1"}}`, `{}`,
			`["aws_vpc_endpoint_service changed vpce-svc-1","aws_vpc_endpoint_service_private_dns_verification created vpce-svc-1"]`},
	} {
		got, err := json.Marshal(endpointEffects(t, rows, c.call, c.request, c.response))
		if err != nil || string(got) != c.what {
			t.Errorf("%s did\n%s, want\n%s", c.call, got, c.what)
		}
	}
}

// What bears the id of another thing must never be said to be deleted: its
// deletion would explain the other's absence.
func TestNoAspectDeletesWhatItBelongsTo(t *testing.T) {
	for _, k := range Kinds(endpointRows(sources{})) {
		if !slices.Contains([]string{"aws_vpc_endpoint_policy", "aws_vpc_endpoint_private_dns", "aws_vpc_endpoint_service_private_dns_verification"}, k.Type) {
			continue
		}
		for _, e := range k.Events {
			if e.Role == providers.Deleted {
				t.Errorf("%s is deleted by %s", k.Type, e.Name)
			}
		}
	}
}

func TestAServiceThatFailedIsGoneAndNotAskedForItsPrincipals(t *testing.T) {
	rows := endpointRows(sources{})
	for word, want := range map[types.ServiceState]providers.Life{"Available": providers.Alive, "Pending": providers.Pending,
		"Deleting": providers.Pending, "Deleted": providers.Gone, "Failed": providers.Gone} {
		s := types.ServiceConfiguration{ServiceId: new("vpce-svc-1"), ServiceState: word,
			SupportedRegions: []types.SupportedRegionDetail{{Region: new("us-east-1"), ServiceState: new("Available")}, {Region: new("eu-west-1"), ServiceState: new("Deleted")}}}
		o := endpointObjects(t, rows, "aws_vpc_endpoint_service", s, endpointHere)[0]
		if o.Life != want || (livingEndpointService(s) == "") != (want == providers.Gone) {
			t.Errorf("%s is %s and asked as %q", word, o.Life, livingEndpointService(s))
		}
		if got := providers.Canon(o.Attrs["supported_regions"]); got != `["us-east-1"]` {
			t.Errorf("regions %s", got)
		}
		if n := len(endpointObjects(t, rows, "aws_vpc_endpoint_service_private_dns_verification", s, endpointHere)); n != 0 {
			t.Errorf("%d verifications of no name", n)
		}
		s.PrivateDnsNameConfiguration = &types.PrivateDnsNameConfiguration{}
		if n := len(endpointObjects(t, rows, "aws_vpc_endpoint_service_private_dns_verification", s, endpointHere)); n != 0 {
			t.Errorf("%d verifications of an empty element", n)
		}
		s.PrivateDnsNameConfiguration.State = types.DnsNameStatePendingVerification
		if o := endpointObjects(t, rows, "aws_vpc_endpoint_service_private_dns_verification", s, endpointHere); len(o) != 1 || o[0].ID != "vpce-svc-1" {
			t.Errorf("verifications %v", o)
		}
	}
}

func TestAnEmptyAnswerCrashesNoEndpointOrObservabilityRow(t *testing.T) {
	for _, r := range slices.Concat(endpointRows(sources{}), observabilityRows(sources{})) {
		_ = r.objects(reflect.Zero(r.source.item).Interface(), place{})
	}
}
