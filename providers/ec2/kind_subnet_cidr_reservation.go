package ec2

import (
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

func subnetCIDRReservationRow(subnets *listing) Row {
	list := turned((*sdk.Client).GetSubnetCidrReservations,
		func(q query) *sdk.GetSubnetCidrReservationsInput {
			return &sdk.GetSubnetCidrReservationsInput{SubnetId: &q.parent, Filters: q.filters(), MaxResults: new(int32(1000))}
		},
		func(in *sdk.GetSubnetCidrReservationsInput, o *sdk.GetSubnetCidrReservationsOutput) (**string, *string) {
			return &in.NextToken, o.NextToken
		},
		func(o *sdk.GetSubnetCidrReservationsOutput) []types.SubnetCidrReservation {
			return slices.Concat(o.SubnetIpv4CidrReservations, o.SubnetIpv6CidrReservations)
		}).perParent(subnets, "SubnetId", func(item any) string { return text(item.(types.Subnet).SubnetId) })
	return one(providers.Kind{
		Type: "aws_ec2_subnet_cidr_reservation", Import: "{subnet_id}:{id}", Prefix: "scr-", Account: "owner_id",
		NotFound: []string{"InvalidSubnetID.NotFound"},
		Telling:  []string{"cidr_block"},
		Parents:  []string{"subnet_id"},
		Fixed:    []string{"subnet_id", "cidr_block", "reservation_type", "description"},
		Events: []providers.Event{
			{Name: "CreateSubnetCidrReservation", Role: providers.Created, ID: "{res.subnetCidrReservation.subnetCidrReservationId}"},
			{Name: "DeleteSubnetCidrReservation", Role: providers.Deleted, ID: "{req.subnetCidrReservationId}"},
		},
		IfSkipped: "the next apply asks for the reservation once more, which AWS may refuse because the range is reserved already",
	}, list, look{value: "{subnet_id}",
		count: "length([SubnetIpv4CidrReservations, SubnetIpv6CidrReservations][] | [?SubnetCidrReservationId=={id}])"},
		func(r types.SubnetCidrReservation, at place) providers.Object {
			return providers.Object{Attrs: providers.Attrs{
				"id": text(r.SubnetCidrReservationId), "subnet_id": at.parent, "owner_id": text(r.OwnerId), "cidr_block": text(r.Cidr),
				"reservation_type": string(r.ReservationType), "description": text(r.Description),
			}}
		})
}
