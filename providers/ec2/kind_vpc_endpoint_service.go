package ec2

import (
	"cmp"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// listEndpointServices is shared by the services and the verification of their
// names, and tells which services to ask for their permissions.
func listEndpointServices() *listing {
	return usual[types.ServiceConfiguration](sdk.NewDescribeVpcEndpointServiceConfigurationsPaginator)
}

// The lifecycle words of a service: one that failed is not there for Terraform.
var (
	endpointServicePending = []string{"pending", "deleting"}
	endpointServiceGone    = []string{"deleted", "failed"}
)

func livingEndpointService(item any) string {
	s := item.(types.ServiceConfiguration)
	if slices.Contains(endpointServiceGone, strings.ToLower(string(s.ServiceState))) {
		return ""
	}
	return text(s.ServiceId)
}

func endpointServiceRow(list *listing) Row {
	return one(providers.Kind{
		Type: "aws_vpc_endpoint_service", Import: "{id}", Prefix: "vpce-svc-",
		Pending: endpointServicePending, Gone: endpointServiceGone, NotFound: []string{"InvalidVpcEndpointServiceId.NotFound"},
		Telling: []string{"gateway_load_balancer_arns", "network_load_balancer_arns", "private_dns_name"},
		Wait:    providers.Wait{Call: "DescribeVpcEndpointServiceConfigurations", Names: "{id}", Times: 1},
		Compared: []string{"acceptance_required", "allowed_principals", "gateway_load_balancer_arns", "network_load_balancer_arns",
			"private_dns_name", "supported_ip_address_types", "supported_regions", "tags_all"},
		Inline: map[string][]string{"allowed_principals": {"aws_vpc_endpoint_service_allowed_principal"}},
		Events: []providers.Event{
			{Name: "CreateVpcEndpointServiceConfiguration", Role: providers.Created, ID: "{res.serviceConfiguration.serviceId}"},
			{Name: "ModifyVpcEndpointServiceConfiguration", Role: providers.Changed, ID: "{req.serviceId}"},
			{Name: "ModifyVpcEndpointServicePermissions", Role: providers.Changed, ID: "{req.serviceId}"},
			{Name: "ModifyVpcEndpointServicePayerResponsibility", Role: providers.Changed, ID: "{req.serviceId}"},
			{Name: "StartVpcEndpointServicePrivateDnsVerification", Role: providers.Changed, ID: "{req.serviceId}"},
			{Name: "DeleteVpcEndpointServiceConfigurations", Role: providers.Deleted, ID: "{req.serviceId}"},
		},
		IfSkipped: "the next apply makes a second service under another name, or AWS may refuse it because the load balancer has a service; " +
			"the first one stays behind unmanaged",
	}, list, look{filter: "service-id", value: "{id}", count: "length(ServiceConfigurations[?ServiceState!='Deleted' && ServiceState!='Failed'])"},
		func(s types.ServiceConfiguration, at place) providers.Object {
			id := text(s.ServiceId)
			var regions []any
			for _, r := range s.SupportedRegions {
				if strings.EqualFold(text(r.ServiceState), "available") {
					regions = append(regions, text(r.Region))
				}
			}
			kind := ""
			if len(s.ServiceType) > 0 {
				kind = string(s.ServiceType[0].ServiceType)
			}
			return providers.Object{State: string(s.ServiceState), Attrs: providers.Attrs{
				"id": id, "arn": at.arn("vpc-endpoint-service", id), "acceptance_required": yes(s.AcceptanceRequired),
				"availability_zones": boxed(s.AvailabilityZones), "base_endpoint_dns_names": boxed(s.BaseEndpointDnsNames),
				"gateway_load_balancer_arns": boxed(s.GatewayLoadBalancerArns), "network_load_balancer_arns": boxed(s.NetworkLoadBalancerArns),
				"manages_vpc_endpoints": yes(s.ManagesVpcEndpoints), "private_dns_name": text(s.PrivateDnsName),
				"service_name": text(s.ServiceName), "service_type": kind, "state": string(s.ServiceState),
				"supported_ip_address_types": anysOf(s.SupportedIpAddressTypes), "supported_regions": regions, "tags_all": tagsAll(s.Tags),
			}}
		}).joined(join{attr: "allowed_principals", typ: "aws_vpc_endpoint_service_allowed_principal", refers: "vpc_endpoint_service_id",
		take: "principal_arn", list: true, reads: true})
}

func endpointServiceAllowedPrincipalRow(services *listing) Row {
	list := usual[types.AllowedPrincipal](sdk.NewDescribeVpcEndpointServicePermissionsPaginator).perParent(services, "ServiceId", livingEndpointService)
	return one(providers.Kind{
		Type: "aws_vpc_endpoint_service_allowed_principal", Identity: "{vpc_endpoint_service_id},{principal_arn}", Facet: true, NotFound: []string{"InvalidVpcEndpointServiceId.NotFound"},
		NoImport: "Terraform cannot import this type. The next apply asks for the same permission again (ModifyVpcEndpointServicePermissions). " +
			"The provider takes the id from the principals that AWS says it added, so it fails (Provider produced inconsistent result) where AWS does not " +
			"name one that was there; then remove the principal from the service by hand and apply again",
		Parents: []string{"vpc_endpoint_service_id"},
		Events: []providers.Event{
			{Name: "ModifyVpcEndpointServicePermissions", Role: providers.Created, ID: "{req.serviceId},{req.addAllowedPrincipals}"},
			{Name: "ModifyVpcEndpointServicePermissions", Role: providers.Deleted, ID: "{req.serviceId},{req.removeAllowedPrincipals}"},
		},
	}, list, look{value: "{vpc_endpoint_service_id}", count: "length(AllowedPrincipals[?Principal=={principal_arn}])"},
		func(p types.AllowedPrincipal, at place) providers.Object {
			return providers.Object{Attrs: providers.Attrs{
				"id":                      text(p.ServicePermissionId),
				"vpc_endpoint_service_id": cmp.Or(at.parent, text(p.ServiceId)), "principal_arn": text(p.Principal),
			}}
		})
}

// endpointServicePrivateDNSVerificationRow is a check that was started once. The
// provider never looks at it again, so it is there as long as AWS shows that a
// name of the service is to be verified. It bears the service's id, so none of
// its events may be a deletion.
func endpointServicePrivateDNSVerificationRow(list *listing) Row {
	return row(providers.Kind{
		Type: "aws_vpc_endpoint_service_private_dns_verification", NoID: true, Identity: "{service_id}", Facet: true,
		Pending: endpointServicePending, Gone: endpointServiceGone,
		NoImport: "Terraform cannot import this type. The next apply starts the verification again (StartVpcEndpointServicePrivateDnsVerification), " +
			"which may be refused where the name is verified already",
		Parents: []string{"service_id"},
		Events: []providers.Event{
			{Name: "StartVpcEndpointServicePrivateDnsVerification", Role: providers.Created, ID: "{req.serviceId}"},
		},
	}, list, look{filter: "service-id", value: "{service_id}",
		count: "length(ServiceConfigurations[?ServiceState!='Deleted' && ServiceState!='Failed'])"},
		func(s types.ServiceConfiguration, _ place) []providers.Object {
			// AWS may answer the element with nothing in it.
			if c := s.PrivateDnsNameConfiguration; c == nil || c.State == "" {
				return nil
			}
			id := text(s.ServiceId)
			return []providers.Object{{State: string(s.ServiceState), Attrs: providers.Attrs{"id": id, "service_id": id}}}
		})
}
