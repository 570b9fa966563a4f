package ec2test_test

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/directconnect"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ram"
	ramtypes "github.com/aws/aws-sdk-go-v2/service/ram/types"

	"reconcile/providers"
	"reconcile/providers/ec2/ec2test"
)

func TestSharesAreThoseOfTheOwnerThatIsAskedFor(t *testing.T) {
	w := ec2test.NewWorld(account, region)
	// As the AWS CLI prints them, and as the SDK's types encode.
	put(t, w, here, "resourceShares", ec2test.Doc{"resourceShareArn": "arn:own", "owningAccountId": account, "creationTime": "2026-03-01T12:00:00.500000+00:00"},
		ramtypes.ResourceShare{ResourceShareArn: aws.String("arn:other"), OwningAccountId: aws.String("999999999999")})
	put(t, w, here, "resourceShareAssociations", ec2test.Doc{"resourceShareArn": "arn:own", "associationType": "RESOURCE", "associatedEntity": "arn:tgw"},
		ec2test.Doc{"resourceShareArn": "arn:own", "associationType": "PRINCIPAL", "associatedEntity": "999999999999"})
	srv := serve(t, w)
	c := ram.NewFromConfig(config(srv, key, region))
	for owner, want := range map[ramtypes.ResourceOwner]string{"SELF": "arn:own", "OTHER-ACCOUNTS": "arn:other"} {
		out, err := c.GetResourceShares(t.Context(), &ram.GetResourceSharesInput{ResourceOwner: owner})
		if err != nil || len(out.ResourceShares) != 1 || *out.ResourceShares[0].ResourceShareArn != want {
			t.Errorf("%s: %s, %v", owner, asJSON(t, out), err)
		} else if owner == "SELF" && out.ResourceShares[0].CreationTime.Nanosecond() != 500_000_000 {
			t.Errorf("made at %s", out.ResourceShares[0].CreationTime)
		}
	}
	for kind, want := range map[ramtypes.ResourceShareAssociationType]string{"RESOURCE": "arn:tgw", "PRINCIPAL": "999999999999"} {
		out, err := c.GetResourceShareAssociations(t.Context(), &ram.GetResourceShareAssociationsInput{AssociationType: kind, ResourceShareArns: []string{"arn:own"}})
		if err != nil || len(out.ResourceShareAssociations) != 1 || *out.ResourceShareAssociations[0].AssociatedEntity != want {
			t.Errorf("%s: %s, %v", kind, asJSON(t, out), err)
		}
	}
	_, err := c.GetResourceShareAssociations(t.Context(), &ram.GetResourceShareAssociationsInput{AssociationType: "RESOURCE", ResourceShareArns: []string{"arn:absent"}})
	if err == nil || code(t, err) != "UnknownResourceException" {
		t.Errorf("associations of a share that is not there: %v", err)
	}
	srv.Deny("ram:GetResourceShares")
	_, err = c.GetResourceShares(t.Context(), &ram.GetResourceSharesInput{ResourceOwner: "SELF"})
	if err == nil || code(t, err) != "AccessDeniedException" {
		t.Errorf("denied: %v", err)
	}
	if calls := srv.Calls(); calls["ram:GetResourceShares"] != 3 || calls["ram:GetResourceShareAssociations"] != 3 {
		t.Errorf("calls %v", calls)
	}
}

func TestDirectConnectGatewaysAreInEveryRegionAndInterfacesInTheirOwn(t *testing.T) {
	w := ec2test.NewWorld(account, region)
	put(t, w, here, "directConnectGateways", ec2test.Doc{"directConnectGatewayId": "dx-1"})
	put(t, w, here, "directConnectGatewayAssociations", ec2test.Doc{"associationId": "a-1", "directConnectGatewayId": "dx-1", "associatedGateway": ec2test.Doc{"id": "tgw-1"}})
	put(t, w, here, "virtualInterfaces", ec2test.Doc{"virtualInterfaceId": "dxvif-1"})
	put(t, w, providers.Place{Account: "999999999999", Region: region}, "directConnectGateways", ec2test.Doc{"directConnectGatewayId": "dx-2"})
	srv := serve(t, w)
	for at, interfaces := range map[string]int{region: 1, "eu-west-1": 0} {
		c := directconnect.NewFromConfig(config(srv, key, at))
		gateways, err := c.DescribeDirectConnectGateways(t.Context(), &directconnect.DescribeDirectConnectGatewaysInput{})
		if err != nil || len(gateways.DirectConnectGateways) != 1 || *gateways.DirectConnectGateways[0].DirectConnectGatewayId != "dx-1" {
			t.Errorf("%s: %s, %v", at, asJSON(t, gateways), err)
		}
		associations, err := c.DescribeDirectConnectGatewayAssociations(t.Context(), &directconnect.DescribeDirectConnectGatewayAssociationsInput{AssociatedGatewayId: aws.String("tgw-1")})
		if err != nil || len(associations.DirectConnectGatewayAssociations) != 1 {
			t.Errorf("%s: %s, %v", at, asJSON(t, associations), err)
		}
		if _, err := c.DescribeDirectConnectGatewayAssociations(t.Context(), &directconnect.DescribeDirectConnectGatewayAssociationsInput{}); err == nil || code(t, err) != "DirectConnectClientException" {
			t.Errorf("%s: associations of nothing: %v", at, err)
		}
		vifs, err := c.DescribeVirtualInterfaces(t.Context(), &directconnect.DescribeVirtualInterfacesInput{})
		if err != nil || len(vifs.VirtualInterfaces) != interfaces {
			t.Errorf("%s: %s, %v", at, asJSON(t, vifs), err)
		}
	}
}

func TestAPlaceThatNobodySetHasTheDefaultOptions(t *testing.T) {
	w := ec2test.NewWorld(account, region)
	c := client(serve(t, w))
	mode := func() types.InternetGatewayBlockMode {
		out, err := c.DescribeVpcBlockPublicAccessOptions(t.Context(), &ec2.DescribeVpcBlockPublicAccessOptionsInput{})
		if err != nil {
			t.Fatal(err)
		}
		return out.VpcBlockPublicAccessOptions.InternetGatewayBlockMode
	}
	if got := mode(); got != types.InternetGatewayBlockModeOff {
		t.Errorf("by default %s", got)
	}
	put(t, w, here, "VpcBlockPublicAccessOptions", ec2test.Doc{"InternetGatewayBlockMode": "block-bidirectional"})
	if got := mode(); got != types.InternetGatewayBlockModeBlockBidirectional {
		t.Errorf("once set %s", got)
	}
}

func TestWhatACallAnswersCanBePutAndWithdrawnByItsName(t *testing.T) {
	w := ec2test.NewWorld(account, region)
	if err := w.Answer(here, "ec2:GetIpamPoolCidrs", "ipam-pool-1", types.IpamPoolCidr{}); err == nil {
		t.Error("a pool that is not there has CIDRs")
	}
	put(t, w, here, "IpamPools", ec2test.Doc{"IpamPoolId": "ipam-pool-1"}, ec2test.Doc{"IpamPoolId": "ipam-pool-2"})
	for _, cidr := range []string{"10.0.0.0/8", "172.16.0.0/12"} {
		if err := w.Answer(here, "ec2:GetIpamPoolCidrs", "ipam-pool-1", types.IpamPoolCidr{Cidr: aws.String(cidr)}); err != nil {
			t.Fatal(err)
		}
	}
	c := client(serve(t, w))
	cidrs := func(pool string) int {
		out, err := c.GetIpamPoolCidrs(t.Context(), &ec2.GetIpamPoolCidrsInput{IpamPoolId: &pool})
		if err != nil {
			t.Fatal(err)
		}
		return len(out.IpamPoolCidrs)
	}
	if one, two := cidrs("ipam-pool-1"), cidrs("ipam-pool-2"); one != 2 || two != 0 {
		t.Errorf("%d and %d CIDRs, want 2 and 0", one, two)
	}
	if err := w.Withdraw(here, "GetIpamPoolCidrs"); err != nil || cidrs("ipam-pool-1") != 0 {
		t.Errorf("withdrawn: %d CIDRs, %v", cidrs("ipam-pool-1"), err)
	}
	if err := w.Withdraw(here, "DescribeIpamPools"); err != nil || len(w.Docs(here, "IpamPools")) != 0 {
		t.Errorf("withdrawn: %d pools, %v", len(w.Docs(here, "IpamPools")), err)
	}
	if !slices.Contains(ec2test.Actions(), "ram:GetResourceShares") || !slices.Contains(ec2test.Actions(), "DescribeVpcs") {
		t.Error("the list of calls names RAM's with their service and EC2's without")
	}
}
