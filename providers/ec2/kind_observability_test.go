package ec2

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

func TestARuleOfAMirrorFilterIsImportedByBothIdsAndRecordedByItsOwn(t *testing.T) {
	f := types.TrafficMirrorFilter{TrafficMirrorFilterId: new("tmf-1"),
		IngressFilterRules: []types.TrafficMirrorFilterRule{{TrafficMirrorFilterRuleId: new("tmfr-in"), RuleNumber: new(int32(1)), TrafficDirection: "ingress",
			SourcePortRange: &types.TrafficMirrorPortRange{FromPort: new(int32(22))}}},
		EgressFilterRules: []types.TrafficMirrorFilterRule{{TrafficMirrorFilterRuleId: new("tmfr-out"), RuleNumber: new(int32(1)), TrafficDirection: "egress", Protocol: new(int32(6))}}}
	rows := observabilityRows(sources{})
	k, _ := Kinds(rows).Find("aws_ec2_traffic_mirror_filter_rule")
	objects := endpointObjects(t, rows, k.Type, f, endpointHere)
	if len(objects) != 2 {
		t.Fatalf("%d rules", len(objects))
	}
	for i, id := range []string{"tmfr-in", "tmfr-out"} {
		a := objects[i].Attrs
		if objects[i].ID != id || k.StateIDOf(a) != id || k.ImportIDOf(a) != "tmf-1:"+id || a.Text("traffic_mirror_filter_id") != "tmf-1" {
			t.Errorf("%s: state %s, import %s", objects[i].ID, k.StateIDOf(a), k.ImportIDOf(a))
		}
	}
	if in, out := objects[0].Attrs, objects[1].Attrs; in.Text("traffic_direction") != "ingress" || out.Text("traffic_direction") != "egress" ||
		in["protocol"] != nil || out["protocol"] != float64(6) || providers.Canon(in["source_port_range"]) != `["{\"from_port\":\"22\"}"]` || len(in["destination_port_range"].([]any)) != 0 {
		t.Errorf("rules %v and %v", in, out)
	}
}

func TestOnlyPersistedRoutesAreEnabledInTheProvidersTerms(t *testing.T) {
	rows := observabilityRows(sources{})
	for state, want := range map[types.RouteServerPersistRoutesState]string{"enabled": "enable", "enabling": "disable", "disabled": "disable", "": "disable"} {
		s := types.RouteServer{RouteServerId: new("rs-1"), AmazonSideAsn: new(int64(4294967294)), PersistRoutesState: state}
		a := endpointObjects(t, rows, "aws_vpc_route_server", s, endpointHere)[0].Attrs
		if a["persist_routes"] != want || a.Text("amazon_side_asn") != "4294967294" || a["persist_routes_duration"] != nil {
			t.Errorf("%q: %v", state, a)
		}
	}
}

func TestARouteServersErrorIsNeverAnAbsence(t *testing.T) {
	for _, r := range observabilityRows(sources{}) {
		switch r.Type {
		case "aws_vpc_route_server_propagation", "aws_vpc_route_server_vpc_association":
			if len(r.NotFound) != 0 {
				t.Errorf("%s takes %q for an absence", r.Type, r.NotFound)
			}
		case "aws_vpc_route_server", "aws_vpc_route_server_endpoint", "aws_vpc_route_server_peer", "aws_ec2_network_insights_access_scope":
			if r.look.ids != "" || r.look.filter != "" {
				t.Errorf("%s is asked for by id", r.Type)
			}
		}
	}
	for state, asked := range map[types.RouteServerState]string{"available": "rs-1", "deleting": "rs-1", "deleted": ""} {
		if got := livingRouteServer(types.RouteServer{RouteServerId: new("rs-1"), State: state}); got != asked {
			t.Errorf("a server that is %s is asked as %q", state, got)
		}
	}
}

func TestWhatAnIdTellsOfARouteServersTies(t *testing.T) {
	rows, at := observabilityRows(sources{}), endpointHere
	at.parent = "rs-1"
	p := endpointObjects(t, rows, "aws_vpc_route_server_propagation", types.RouteServerPropagation{RouteServerId: new("rs-1"), RouteTableId: new("rtb-1"), State: "pending"}, at)[0]
	v := endpointObjects(t, rows, "aws_vpc_route_server_vpc_association", types.RouteServerAssociation{VpcId: new("vpc-1"), State: "disassociating"}, at)[0]
	if p.ID != "rs-1,rtb-1" || p.Life != providers.Pending || v.ID != "rs-1,vpc-1" || v.Life != providers.Pending {
		t.Errorf("%+v, %+v", p, v)
	}
	for call, want := range map[string]string{
		"EnableRouteServerPropagation":  "aws_vpc_route_server_propagation created rs-1,rtb-1",
		"DisableRouteServerPropagation": "aws_vpc_route_server_propagation deleted rs-1,rtb-1",
		"AssociateRouteServer":          "aws_vpc_route_server_vpc_association created rs-1,vpc-1",
		"DisassociateRouteServer":       "aws_vpc_route_server_vpc_association deleted rs-1,vpc-1",
	} {
		request := `{"` + call + `Request":{"RouteServerId":"rs-1","RouteTableId":"rtb-1","VpcId":"vpc-1"}}`
		if got := endpointEffects(t, rows, call, request, "{}"); !slices.Equal(got, []string{want}) {
			t.Errorf("%s did %q", call, got)
		}
	}
}

// EC2 refuses a page size beside a list of ids in some calls.
func TestALookByIdSetsNoPageSize(t *testing.T) {
	for _, ids := range [][]string{nil, {"nip-1"}} {
		got := networkInsightsPathsInput(query{ids: ids})
		if (got.MaxResults == nil) != (len(ids) > 0) || !slices.Equal(got.NetworkInsightsPathIds, ids) {
			t.Errorf("%v: %+v", ids, got)
		}
	}
}
