package ec2

import (
	"cmp"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

func observabilityRows(_ sources) []Row {
	filters := usual[types.TrafficMirrorFilter](sdk.NewDescribeTrafficMirrorFiltersPaginator)
	paths, servers := listNetworkInsightsPaths(), listRouteServers()
	return []Row{
		trafficMirrorFilterRow(filters),
		trafficMirrorFilterRuleRow(filters),
		trafficMirrorSessionRow(),
		trafficMirrorTargetRow(),
		networkInsightsPathRow(paths),
		networkInsightsAnalysisRow(paths),
		networkInsightsAccessScopeRow(),
		routeServerRow(servers),
		routeServerEndpointRow(),
		routeServerPeerRow(),
		routeServerPropagationRow(servers),
		routeServerVPCAssociationRow(servers),
	}
}

var trafficMirrorFilterNotFound = []string{"InvalidTrafficMirrorFilterId.NotFound"}

func trafficMirrorFilterRow(list *listing) Row {
	return one(providers.Kind{
		Type: "aws_ec2_traffic_mirror_filter", Import: "{id}", Prefix: "tmf-", NotFound: trafficMirrorFilterNotFound,
		Fixed:    []string{"description"},
		Telling:  []string{"description", "tags_all"},
		Compared: []string{"network_services", "tags_all"},
		Events: []providers.Event{
			{Name: "CreateTrafficMirrorFilter", Role: providers.Created, ID: "{res.trafficMirrorFilter.trafficMirrorFilterId}"},
			{Name: "ModifyTrafficMirrorFilterNetworkServices", Role: providers.Changed, ID: "{req.trafficMirrorFilterId}"},
			{Name: "DeleteTrafficMirrorFilter", Role: providers.Deleted, ID: "{req.trafficMirrorFilterId}"},
		},
		IfSkipped: "the next apply makes a second filter; the first one, with the rules already in it, stays behind unmanaged",
		Again:     providers.Again{Outcome: providers.Second, How: providers.Shown},
	}, list, look{filter: "traffic-mirror-filter-id", value: "{id}", count: "length(TrafficMirrorFilters)"},
		func(f types.TrafficMirrorFilter, at place) providers.Object {
			id := text(f.TrafficMirrorFilterId)
			return providers.Object{Attrs: providers.Attrs{
				"id": id, "arn": at.arn("traffic-mirror-filter", id), "description": text(f.Description),
				"network_services": anysOf(f.NetworkServices), "tags_all": tagsAll(f.Tags),
			}}
		})
}

// trafficMirrorFilterRuleRow reads the rules out of their filters, as the
// provider does. Number and direction may be changed later, but every create
// call says them, and they tell a rule from the others of its filter: they must
// agree like what is fixed.
func trafficMirrorFilterRuleRow(list *listing) Row {
	return row(providers.Kind{
		Type: "aws_ec2_traffic_mirror_filter_rule", Import: "{traffic_mirror_filter_id}:{id}", Prefix: "tmfr-", NotFound: trafficMirrorFilterNotFound,
		Parents: []string{"traffic_mirror_filter_id"},
		Fixed:   []string{"traffic_mirror_filter_id", "rule_number", "traffic_direction"},
		Telling: []string{"rule_number"},
		Compared: []string{"description", "destination_cidr_block", "destination_port_range", "protocol", "rule_action", "rule_number",
			"source_cidr_block", "source_port_range", "traffic_direction"},
		Events: []providers.Event{
			{Name: "CreateTrafficMirrorFilterRule", Role: providers.Created, ID: "{res.trafficMirrorFilterRule.trafficMirrorFilterRuleId}"},
			{Name: "ModifyTrafficMirrorFilterRule", Role: providers.Changed, ID: "{req.trafficMirrorFilterRuleId}"},
			{Name: "DeleteTrafficMirrorFilterRule", Role: providers.Deleted, ID: "{req.trafficMirrorFilterRuleId}"},
		},
		IfSkipped: "the next apply fails with TrafficMirrorFilterRuleAlreadyExists",
		Again:     providers.Again{Outcome: providers.Refused, Code: "TrafficMirrorFilterRuleAlreadyExists", How: providers.Documented},
	}, list, look{filter: "traffic-mirror-filter-id", value: "{traffic_mirror_filter_id}",
		count: "length(TrafficMirrorFilters[].[IngressFilterRules,EgressFilterRules][][] | [?TrafficMirrorFilterRuleId=={id}])"},
		func(f types.TrafficMirrorFilter, at place) []providers.Object {
			var out []providers.Object
			for _, rules := range [][]types.TrafficMirrorFilterRule{f.IngressFilterRules, f.EgressFilterRules} {
				for _, r := range rules {
					id := text(r.TrafficMirrorFilterRuleId)
					out = append(out, providers.Object{Attrs: providers.Attrs{
						"id": id, "arn": at.arn("traffic-mirror-filter-rule", id), "description": text(r.Description),
						"traffic_mirror_filter_id": cmp.Or(text(f.TrafficMirrorFilterId), text(r.TrafficMirrorFilterId)),
						"destination_cidr_block":   text(r.DestinationCidrBlock), "source_cidr_block": text(r.SourceCidrBlock),
						"destination_port_range": mirrorPorts(r.DestinationPortRange), "source_port_range": mirrorPorts(r.SourcePortRange),
						"protocol": numberOf(r.Protocol), "rule_action": string(r.RuleAction), "rule_number": numberOf(r.RuleNumber),
						"traffic_direction": string(r.TrafficDirection),
					}})
				}
			}
			return out
		})
}

// trafficMirrorSessionRow holds the session's number for fixed, as with rules:
// the interface has no two sessions of one number.
func trafficMirrorSessionRow() Row {
	list := usual[types.TrafficMirrorSession](sdk.NewDescribeTrafficMirrorSessionsPaginator)
	return one(providers.Kind{
		Type: "aws_ec2_traffic_mirror_session", Import: "{id}", Prefix: "tms-", Account: "owner_id",
		NotFound: []string{"InvalidTrafficMirrorSessionId.NotFound"},
		Parents:  []string{"network_interface_id"},
		Fixed:    []string{"network_interface_id", "session_number"},
		Telling:  []string{"network_interface_id"},
		Compared: []string{"description", "packet_length", "session_number", "traffic_mirror_filter_id", "traffic_mirror_target_id",
			"virtual_network_id", "tags_all"},
		Events: []providers.Event{
			{Name: "CreateTrafficMirrorSession", Role: providers.Created, ID: "{res.trafficMirrorSession.trafficMirrorSessionId}"},
			{Name: "ModifyTrafficMirrorSession", Role: providers.Changed, ID: "{req.trafficMirrorSessionId}"},
			{Name: "DeleteTrafficMirrorSession", Role: providers.Deleted, ID: "{req.trafficMirrorSessionId}"},
		},
		IfSkipped: "the next apply may fail, because the interface has a session of that number already",
	}, list, look{filter: "traffic-mirror-session-id", value: "{id}", count: "length(TrafficMirrorSessions)"},
		func(s types.TrafficMirrorSession, at place) providers.Object {
			id := text(s.TrafficMirrorSessionId)
			return providers.Object{Attrs: providers.Attrs{
				"id": id, "arn": at.ownedBy(s.OwnerId).arn("traffic-mirror-session", id), "owner_id": text(s.OwnerId),
				"description": text(s.Description), "network_interface_id": text(s.NetworkInterfaceId),
				"packet_length": numberOf(s.PacketLength), "session_number": numberOf(s.SessionNumber),
				"traffic_mirror_filter_id": text(s.TrafficMirrorFilterId), "traffic_mirror_target_id": text(s.TrafficMirrorTargetId),
				"virtual_network_id": numberOf(s.VirtualNetworkId), "tags_all": tagsAll(s.Tags),
			}}
		})
}

func trafficMirrorTargetRow() Row {
	list := usual[types.TrafficMirrorTarget](sdk.NewDescribeTrafficMirrorTargetsPaginator)
	ends := []string{"network_interface_id", "gateway_load_balancer_endpoint_id", "network_load_balancer_arn"}
	return one(providers.Kind{
		Type: "aws_ec2_traffic_mirror_target", Import: "{id}", Prefix: "tmt-", Account: "owner_id",
		NotFound: []string{"InvalidTrafficMirrorTargetId.NotFound"},
		Parents:  []string{"network_interface_id", "gateway_load_balancer_endpoint_id"},
		Fixed:    append([]string{"description"}, ends...),
		Telling:  ends,
		Compared: []string{"tags_all"},
		Events: []providers.Event{
			{Name: "CreateTrafficMirrorTarget", Role: providers.Created, ID: "{res.trafficMirrorTarget.trafficMirrorTargetId}"},
			{Name: "DeleteTrafficMirrorTarget", Role: providers.Deleted, ID: "{req.trafficMirrorTargetId}"},
		},
		IfSkipped: "the next apply fails: an interface is a target once only (InterfaceInUseByTrafficMirrorTarget), and so is a load balancer (NlbInUseByTrafficMirrorTargetException)",
		Again:     providers.Again{Outcome: providers.Refused, Code: "InterfaceInUseByTrafficMirrorTarget", How: providers.Documented},
	}, list, look{filter: "traffic-mirror-target-id", value: "{id}", count: "length(TrafficMirrorTargets)"},
		func(t types.TrafficMirrorTarget, at place) providers.Object {
			id := text(t.TrafficMirrorTargetId)
			return providers.Object{Attrs: providers.Attrs{
				"id": id, "arn": at.ownedBy(t.OwnerId).arn("traffic-mirror-target", id), "owner_id": text(t.OwnerId),
				"description": text(t.Description), "network_interface_id": text(t.NetworkInterfaceId),
				"gateway_load_balancer_endpoint_id": text(t.GatewayLoadBalancerEndpointId),
				"network_load_balancer_arn":         text(t.NetworkLoadBalancerArn), "tags_all": tagsAll(t.Tags),
			}}
		})
}

func mirrorPorts(r *types.TrafficMirrorPortRange) []any {
	if r == nil {
		return nil
	}
	return portBlock(r.FromPort, r.ToPort)
}

// portBlock is a range of ports as the provider's block.
func portBlock(from, to *int32) []any {
	return []any{map[string]any{"from_port": numberOf(from), "to_port": numberOf(to)}}
}

// numberOf is a number in the provider's terms, nil where AWS shows none.
func numberOf[T int32 | int64](p *T) any {
	if p == nil {
		return nil
	}
	return float64(*p)
}
