package ec2

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// A listing that left out what its call does not have would be the listing of
// something else.
func TestACallThatIsNotLikeMostIsNotListedAsIfItWere(t *testing.T) {
	none := clients{sdk.NewFromConfig(aws.Config{Region: "us-east-1"})} // without credentials, so that a call fails otherwise
	vpcs := usual[types.Vpc](sdk.NewDescribeVpcsPaginator)
	for name, list := range map[string]*listing{
		"no filters":     usual[types.PrefixListEntry](sdk.NewGetManagedPrefixListEntriesPaginator),
		"no such parent": usual[types.Subnet](sdk.NewDescribeSubnetsPaginator).perParent(vpcs, "VpcId", func(any) string { return "" }),
		"no such ids":    usual[types.Subnet](sdk.NewDescribeSubnetsPaginator).byIDs("Ids"),
	} {
		err := list.pages(t.Context(), none, query{}, func([]any) error { return nil })
		if !errors.Is(err, errUnusual) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := vpcs.pages(t.Context(), none, query{}, func([]any) error { return nil }); err == nil || errors.Is(err, errUnusual) || errors.Is(err, context.Canceled) {
		t.Errorf("a usual call: %v", err)
	}
	if _, err := theList[*sdk.DescribeSubnetsOutput, types.Vpc](&sdk.DescribeSubnetsOutput{}); !errors.Is(err, errUnusual) {
		t.Errorf("an answer without such a list: %v", err)
	}
	if _, err := theList[*sdk.GetSubnetCidrReservationsOutput, types.SubnetCidrReservation](&sdk.GetSubnetCidrReservationsOutput{}); !errors.Is(err, errUnusual) {
		t.Errorf("an answer with two such lists: %v", err)
	}
}
