package ec2

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

var secondaryPending, secondaryGone = []string{"create-in-progress", "delete-in-progress"}, []string{"delete-complete"}

func secondaryNetworkRow() Row {
	list := usual[types.SecondaryNetwork](sdk.NewDescribeSecondaryNetworksPaginator)
	return one(providers.Kind{
		Type: "aws_ec2_secondary_network", Since: 6, Import: "{id}", Prefix: "sn-", Account: "owner_id",
		Pending: secondaryPending, Gone: secondaryGone, NotFound: []string{"InvalidSecondaryNetworkId.NotFound"},
		Telling:  []string{"ipv4_cidr_block"},
		Wait:     providers.Wait{Call: list.action, Names: "{id}", Times: 1},
		Fixed:    []string{"ipv4_cidr_block", "network_type"},
		Compared: []string{"ipv4_cidr_block_associations", "tags_all"},
		Events: []providers.Event{
			{Name: "CreateSecondaryNetwork", Role: providers.Created, ID: "{res.secondaryNetwork.secondaryNetworkId}"},
			{Name: "DeleteSecondaryNetwork", Role: providers.Deleted, ID: "{req.secondaryNetworkId}"},
		},
		IfSkipped: "the next apply makes a second secondary network; the first one, with its subnets, stays behind unmanaged",
		Again:     providers.Again{Outcome: providers.Second, How: providers.Source},
	}, list, look{filter: "secondary-network-id", value: "{id}", count: "length(SecondaryNetworks[?State!='delete-complete'])"},
		func(n types.SecondaryNetwork, _ place) providers.Object {
			id := text(n.SecondaryNetworkId)
			a := providers.Attrs{
				"id": id, "secondary_network_id": id, "arn": text(n.SecondaryNetworkArn), "owner_id": text(n.OwnerId),
				"network_type": string(n.Type), "state": string(n.State), "tags_all": tagsAll(n.Tags),
			}
			var blocks []any
			for _, b := range n.Ipv4CidrBlockAssociations {
				blocks = append(blocks, blockAssociation(b.AssociationId, b.CidrBlock))
			}
			withCIDRBlocks(a, blocks)
			return providers.Object{State: string(n.State), Attrs: a}
		})
}

func secondarySubnetRow() Row {
	list := usual[types.SecondarySubnet](sdk.NewDescribeSecondarySubnetsPaginator)
	return one(providers.Kind{
		Type: "aws_ec2_secondary_subnet", Since: 6, Import: "{id}", Prefix: "ss-", Account: "owner_id",
		Pending: secondaryPending, Gone: secondaryGone, NotFound: []string{"InvalidSecondarySubnetId.NotFound"},
		Telling:  []string{"ipv4_cidr_block"},
		Wait:     providers.Wait{Call: list.action, Names: "{id}", Times: 1},
		Parents:  []string{"secondary_network_id"},
		Fixed:    []string{"secondary_network_id", "ipv4_cidr_block", "availability_zone", "availability_zone_id"},
		Compared: []string{"ipv4_cidr_block_associations", "tags_all"},
		Events: []providers.Event{
			{Name: "CreateSecondarySubnet", Role: providers.Created, ID: "{res.secondarySubnet.secondarySubnetId}"},
			{Name: "DeleteSecondarySubnet", Role: providers.Deleted, ID: "{req.secondarySubnetId}"},
		},
		IfSkipped: "the next apply asks for a second subnet of the same range, which AWS may refuse",
	}, list, look{filter: "secondary-subnet-id", value: "{id}", count: "length(SecondarySubnets[?State!='delete-complete'])"},
		func(n types.SecondarySubnet, _ place) providers.Object {
			id := text(n.SecondarySubnetId)
			a := providers.Attrs{
				"id": id, "secondary_subnet_id": id, "arn": text(n.SecondarySubnetArn), "owner_id": text(n.OwnerId),
				"secondary_network_id": text(n.SecondaryNetworkId), "secondary_network_type": string(n.SecondaryNetworkType),
				"availability_zone": text(n.AvailabilityZone), "availability_zone_id": text(n.AvailabilityZoneId),
				"state": string(n.State), "tags_all": tagsAll(n.Tags),
			}
			var blocks []any
			for _, b := range n.Ipv4CidrBlockAssociations {
				blocks = append(blocks, blockAssociation(b.AssociationId, b.CidrBlock))
			}
			withCIDRBlocks(a, blocks)
			return providers.Object{State: string(n.State), Attrs: a}
		})
}

func blockAssociation(id, cidr *string) map[string]any {
	return map[string]any{"association_id": text(id), "cidr_block": text(cidr)}
}

// withCIDRBlocks fills in the ranges: the first one is the range itself.
func withCIDRBlocks(a providers.Attrs, blocks []any) {
	a["ipv4_cidr_block_associations"], a["ipv4_cidr_block"] = blocks, ""
	if len(blocks) > 0 {
		a["ipv4_cidr_block"] = blocks[0].(map[string]any)["cidr_block"]
	}
}
