package ec2

import (
	"cmp"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

func endpointRows(_ sources) []Row {
	endpoints := usual[types.VpcEndpoint](sdk.NewDescribeVpcEndpointsPaginator).byIDs("VpcEndpointIds")
	services := listEndpointServices()
	return []Row{
		endpointRow(endpoints),
		endpointPolicyRow(endpoints),
		endpointPrivateDNSRow(endpoints),
		endpointRouteTableAssociationRow(endpoints),
		endpointSubnetAssociationRow(endpoints),
		endpointSecurityGroupAssociationRow(endpoints),
		endpointConnectionAccepterRow(),
		endpointConnectionNotificationRow(),
		endpointServiceRow(services),
		endpointServiceAllowedPrincipalRow(services),
		endpointServicePrivateDNSVerificationRow(services),
	}
}

// AWS spells an endpoint's state in either case. One that was rejected, failed
// or expired is still there, and so is one that waits for its acceptance.
var (
	endpointPending  = []string{"pending", "deleting"}
	endpointGone     = []string{"deleted"}
	endpointNotFound = []string{"InvalidVpcEndpointId.NotFound"}
)

// livingEndpoints is the part of the CLI's answer that the provider calls there.
// What follows it needs a pipe before a filter of its own: a filter right after
// this one would be about the endpoints once more, and find nothing.
const livingEndpoints = "VpcEndpoints[?State!='deleted' && State!='Deleted']"

// endpointRow does not compare the policy: the provider keeps any spelling that
// means the same, which takes an understanding of policies.
func endpointRow(list *listing) Row {
	return one(providers.Kind{
		Type: "aws_vpc_endpoint", Import: "{id}", Prefix: "vpce-", Account: "owner_id",
		Pending: endpointPending, Gone: endpointGone, NotFound: endpointNotFound,
		Wait:    providers.Wait{Call: "DescribeVpcEndpoints", Names: "{id}", Times: 1},
		Parents: []string{"vpc_id"},
		Fixed:   []string{"vpc_id", "vpc_endpoint_type", "service_name", "service_network_arn", "resource_configuration_arn"},
		// The type is shared by many endpoints of a VPC.
		Telling: []string{"service_name", "service_network_arn", "resource_configuration_arn"},
		Compared: []string{"dns_options", "ip_address_type", "private_dns_enabled", "route_table_ids", "security_group_ids",
			"service_region", "subnet_ids", "tags_all"},
		NotCompared: []string{"policy", "subnet_configuration"},
		Inline: map[string][]string{
			"route_table_ids":     {"aws_vpc_endpoint_route_table_association"},
			"subnet_ids":          {"aws_vpc_endpoint_subnet_association"},
			"security_group_ids":  {"aws_vpc_endpoint_security_group_association"},
			"private_dns_enabled": {"aws_vpc_endpoint_private_dns"},
		},
		Events: []providers.Event{
			{Name: "CreateVpcEndpoint", Role: providers.Created, ID: "{res.vpcEndpoint.vpcEndpointId}"},
			{Name: "ModifyVpcEndpoint", Role: providers.Changed, ID: "{req.vpcEndpointId}"},
			{Name: "ModifyVpcEndpointPayerResponsibility", Role: providers.Changed, ID: "{req.vpcEndpointId}"},
			{Name: "AcceptVpcEndpointConnections", Role: providers.Changed, ID: "{req.vpcEndpointId}"},
			{Name: "RejectVpcEndpointConnections", Role: providers.Changed, ID: "{req.vpcEndpointId}"},
			{Name: "DeleteVpcEndpoints", Role: providers.Deleted, ID: "{req.vpcEndpointId}"},
		},
		IfSkipped: "the next apply makes a second endpoint; with private DNS names it fails with InvalidParameter, because the first one has them, " +
			"and a gateway's fails with RouteAlreadyExists where the configuration names the same route tables",
		Again: providers.Again{Outcome: providers.Second, Code: "RouteAlreadyExists", How: providers.Reported},
	}, list, look{ids: "vpc-endpoint-ids", value: "{id}", count: "length(" + livingEndpoints + ")"},
		func(v types.VpcEndpoint, at place) providers.Object {
			id := text(v.VpcEndpointId)
			var groups, options []any
			for _, g := range v.Groups {
				groups = append(groups, text(g.GroupId))
			}
			if o := v.DnsOptions; o != nil {
				block := map[string]any{"dns_record_ip_type": string(o.DnsRecordIpType)}
				if o.PrivateDnsOnlyForInboundResolverEndpoint != nil {
					block["private_dns_only_for_inbound_resolver_endpoint"] = yes(o.PrivateDnsOnlyForInboundResolverEndpoint)
				}
				options = []any{block}
			}
			// A partition without endpoint types has gateways only.
			kind := cmp.Or(v.VpcEndpointType, types.VpcEndpointTypeGateway)
			return providers.Object{State: string(v.State), Implicit: yes(v.RequesterManaged), Attrs: providers.Attrs{
				"id": id, "arn": at.ownedBy(v.OwnerId).arn("vpc-endpoint", id), "owner_id": text(v.OwnerId), "vpc_id": text(v.VpcId),
				"vpc_endpoint_type": string(kind), "service_name": text(v.ServiceName), "service_region": text(v.ServiceRegion),
				"service_network_arn": text(v.ServiceNetworkArn), "resource_configuration_arn": text(v.ResourceConfigurationArn),
				"ip_address_type": string(v.IpAddressType), "private_dns_enabled": yes(v.PrivateDnsEnabled),
				"requester_managed": yes(v.RequesterManaged), "state": string(v.State), "dns_options": options,
				"network_interface_ids": boxed(v.NetworkInterfaceIds), "route_table_ids": boxed(v.RouteTableIds),
				"subnet_ids": boxed(v.SubnetIds), "security_group_ids": groups, "tags_all": tagsAll(v.Tags),
			}}
		})
}

// endpointPolicyRow is a policy that is managed apart from its endpoint. Every
// endpoint has one from its beginning, so no call makes it: the first call that
// sets it is a change. The policy itself is not compared, as with the endpoint.
func endpointPolicyRow(list *listing) Row {
	k := endpointSetting("aws_vpc_endpoint_policy")
	k.NotCompared = []string{"policy"}
	k.Wait = providers.Wait{Call: "DescribeVpcEndpoints", Names: "{vpc_endpoint_id}", Times: 1}
	k.IfSkipped = "nothing: the next apply sets the policy again and records it"
	k.Again = providers.Again{Outcome: providers.Same, How: providers.Shown}
	return one(k, list, endpointLook("length("+livingEndpoints+")"), endpointSettingObject)
}

// endpointPrivateDNSRow is the switch of the private DNS names, managed apart
// from its endpoint. Its removal calls nothing: the switch stays as it is.
func endpointPrivateDNSRow(list *listing) Row {
	k := endpointSetting("aws_vpc_endpoint_private_dns")
	k.NoID = true
	k.Compared = []string{"private_dns_enabled"}
	k.IfSkipped = "nothing: the next apply sets the switch again and records it"
	k.Again = providers.Again{Outcome: providers.Same, How: providers.Shown}
	return one(k, list, endpointLook("length("+livingEndpoints+")"),
		func(v types.VpcEndpoint, at place) providers.Object {
			o := endpointSettingObject(v, at)
			o.Attrs["private_dns_enabled"] = yes(v.PrivateDnsEnabled)
			return o
		})
}

// endpointSetting is what the settings have in common that every endpoint has.
// They bear the endpoint's id, so no event of theirs may be a deletion: it
// would read as the endpoint's.
func endpointSetting(typ string) providers.Kind {
	return providers.Kind{
		Type: typ, Identity: "{vpc_endpoint_id}", Import: "{vpc_endpoint_id}", Facet: true,
		Pending: endpointPending, Gone: endpointGone, NotFound: endpointNotFound,
		Parents: []string{"vpc_endpoint_id"},
		Events:  []providers.Event{{Name: "ModifyVpcEndpoint", Role: providers.Changed, ID: "{req.vpcEndpointId}"}},
	}
}

func endpointSettingObject(v types.VpcEndpoint, _ place) providers.Object {
	id := text(v.VpcEndpointId)
	return providers.Object{State: string(v.State), Implicit: true, Attrs: providers.Attrs{"id": id, "vpc_endpoint_id": id}}
}

// endpointLook reads an endpoint's aspects once more, by the endpoint.
func endpointLook(count string) look {
	return look{ids: "vpc-endpoint-ids", value: "{vpc_endpoint_id}", count: count}
}

// ownedBy is the place with the account that an object's ARN names: its owner's.
func (p place) ownedBy(owner *string) place {
	p.Account = cmp.Or(text(owner), p.Account)
	return p
}

// anysOf is anys for the SDK's enumerations.
func anysOf[T ~string](in []T) []any {
	out := make([]any, len(in))
	for i := range in {
		out[i] = string(in[i])
	}
	return out
}
