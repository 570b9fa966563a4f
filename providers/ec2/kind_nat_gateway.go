package ec2

import (
	"maps"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

func listNATGateways() *listing {
	return paged(sdk.NewDescribeNatGatewaysPaginator,
		func(q query) *sdk.DescribeNatGatewaysInput {
			return &sdk.DescribeNatGatewaysInput{Filter: q.filters(), MaxResults: new(int32(1000))}
		},
		func(o *sdk.DescribeNatGatewaysOutput) []types.NatGateway { return o.NatGateways }).filterAs("filter")
}

// natGatewayRow holds a failed gateway as not settled: the provider takes it
// for present, AWS drops it by itself after an hour, and to import it would
// make a plan that is empty over a network that has no way out.
func natGatewayRow(list *listing) Row {
	secondary := []string{"aws_nat_gateway_eip_association"}
	return one(providers.Kind{
		Type: "aws_nat_gateway", Import: "{id}", Prefix: "nat-",
		Pending: []string{"pending", "deleting", "failed"}, Gone: []string{"deleted"}, NotFound: []string{"NatGatewayNotFound"},
		Wait:    providers.Wait{Call: "DescribeNatGateways", Names: "{id}", Times: 1},
		Telling: []string{"subnet_id", "allocation_id", "private_ip"},
		Parents: []string{"subnet_id", "vpc_id"},
		Fixed:   []string{"subnet_id", "vpc_id", "allocation_id", "connectivity_type", "private_ip", "availability_mode"},
		Compared: []string{"secondary_allocation_ids", "secondary_private_ip_addresses", "secondary_private_ip_address_count",
			"availability_zone_address", "tags_all"},
		Inline: map[string][]string{"secondary_allocation_ids": secondary, "secondary_private_ip_addresses": secondary,
			"secondary_private_ip_address_count": secondary},
		Events: []providers.Event{
			{Name: "CreateNatGateway", Role: providers.Created, ID: "{res.natGateway.natGatewayId}"},
			{Name: "AssociateNatGatewayAddress", Role: providers.Changed, ID: "{req.natGatewayId}"},
			{Name: "DisassociateNatGatewayAddress", Role: providers.Changed, ID: "{req.natGatewayId}"},
			{Name: "AssignPrivateNatGatewayAddress", Role: providers.Changed, ID: "{req.natGatewayId}"},
			{Name: "UnassignPrivateNatGatewayAddress", Role: providers.Changed, ID: "{req.natGatewayId}"},
			{Name: "DeleteNatGateway", Role: providers.Deleted, ID: "{req.natGatewayId}"},
		},
		IfSkipped: "the next apply makes a second gateway; with the same Elastic IP address that one fails (Resource.AlreadyAssociated), without one both run and cost money",
		Again:     providers.Again{Outcome: providers.Second, Code: "Resource.AlreadyAssociated", How: providers.Shown},
	}, list, look{filter: "nat-gateway-id", value: "{id}", count: "length(NatGateways[?State!='deleted'])"}, natGateway)
}

func natGateway(g types.NatGateway, _ place) providers.Object {
	a := providers.Attrs{
		"id": text(g.NatGatewayId), "subnet_id": text(g.SubnetId), "vpc_id": text(g.VpcId), "connectivity_type": string(g.ConnectivityType),
		"availability_mode": string(g.AvailabilityMode), "allocation_id": "", "private_ip": "", "tags_all": tagsAll(g.Tags),
	}
	if g.AvailabilityMode == types.AvailabilityModeRegional {
		// A gateway that finds its zones by itself has none in the configuration.
		if g.AutoProvisionZones != types.AutoProvisionZonesStateEnabled {
			a["availability_zone_address"] = zoneAddresses(g.NatGatewayAddresses)
		}
		return providers.Object{State: string(g.State), Attrs: a}
	}
	var allocations, addresses []any
	for _, n := range g.NatGatewayAddresses {
		if yes(n.IsPrimary) || len(g.NatGatewayAddresses) == 1 {
			a["allocation_id"], a["association_id"] = text(n.AllocationId), text(n.AssociationId)
			a["network_interface_id"], a["private_ip"], a["public_ip"] = text(n.NetworkInterfaceId), text(n.PrivateIp), text(n.PublicIp)
			continue
		}
		if id := text(n.AllocationId); id != "" {
			allocations = append(allocations, id)
		}
		if ip := text(n.PrivateIp); ip != "" {
			addresses = append(addresses, ip)
		}
	}
	a["secondary_allocation_ids"], a["secondary_private_ip_addresses"] = allocations, addresses
	a["secondary_private_ip_address_count"] = float64(len(addresses))
	return providers.Object{State: string(g.State), Attrs: a}
}

// zoneAddresses are a regional gateway's addresses, one block a zone.
func zoneAddresses(in []types.NatGatewayAddress) []any {
	zones := map[string]map[string]any{}
	for _, n := range in {
		zone := text(n.AvailabilityZone)
		if zones[zone] == nil {
			zones[zone] = map[string]any{"availability_zone": zone, "availability_zone_id": text(n.AvailabilityZoneId), "allocation_ids": []any(nil)}
		}
		if id := text(n.AllocationId); id != "" {
			zones[zone]["allocation_ids"] = append(zones[zone]["allocation_ids"].([]any), id)
		}
	}
	var out []any
	for _, zone := range slices.Sorted(maps.Keys(zones)) {
		out = append(out, zones[zone])
	}
	return out
}

// natGatewayEIPAssociationRow has the first address too, which CreateNatGateway
// associates: no address can want that one, and a facet that nobody wants is
// nobody's leftover.
func natGatewayEIPAssociationRow(list *listing) Row {
	return row(providers.Kind{
		Type: "aws_nat_gateway_eip_association", Since: 6, Identity: "{nat_gateway_id},{allocation_id}", Import: "{nat_gateway_id},{allocation_id}", Facet: true,
		Pending: []string{"assigning", "unassigning", "associating", "disassociating"}, Gone: []string{"failed"},
		Wait:    providers.Wait{Call: "DescribeNatGateways", Names: "{nat_gateway_id}", Times: 1},
		Telling: []string{"allocation_id"},
		Parents: []string{"nat_gateway_id", "allocation_id"},
		Fixed:   []string{"nat_gateway_id", "allocation_id"},
		Events: []providers.Event{
			{Name: "CreateNatGateway", Role: providers.Created, ID: "{res.natGateway.natGatewayId},{res.natGateway.natGatewayAddressSet.allocationId}"},
			{Name: "AssociateNatGatewayAddress", Role: providers.Created, ID: "{req.natGatewayId},{req.allocationId}"},
			{Name: "DisassociateNatGatewayAddress", Role: providers.Deleted, ID: "{req.natGatewayId},{res.natGatewayAddressSet.allocationId}"},
		},
		IfSkipped: "the next apply may fail with Resource.AlreadyAssociated",
	}, list, look{filter: "nat-gateway-id", value: "{nat_gateway_id}",
		count: "length(NatGateways[?State!='deleted'].NatGatewayAddresses[] | [?AllocationId=={allocation_id} && Status!='failed'])"},
		func(g types.NatGateway, _ place) []providers.Object {
			var out []providers.Object
			if g.State == types.NatGatewayStateDeleted {
				return nil // it lingers with the addresses it had
			}
			for _, n := range g.NatGatewayAddresses {
				if text(n.AllocationId) == "" {
					continue // a private address
				}
				out = append(out, providers.Object{State: string(n.Status), Attrs: providers.Attrs{
					"id": text(g.NatGatewayId) + "," + text(n.AllocationId), "nat_gateway_id": text(g.NatGatewayId),
					"allocation_id": text(n.AllocationId), "association_id": text(n.AssociationId),
				}})
			}
			return out
		})
}
