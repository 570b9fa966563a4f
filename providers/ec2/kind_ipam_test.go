package ec2

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

func TestAPoolShowsOnlyWhereItWasMade(t *testing.T) {
	r := ipamPoolRow(listIpamPools())
	for _, c := range []struct {
		owner, home string
		shown       int
	}{
		{"123456789012", "eu-west-1", 1},
		{"123456789012", "us-east-1", 0}, // seen in the region of its locale
		{"210987654321", "eu-west-1", 0}, // shared with this account
		{"", "", 1},
	} {
		p := types.IpamPool{IpamPoolId: new("ipam-pool-1"), OwnerId: new(c.owner), IpamRegion: new(c.home),
			IpamScopeArn: new("arn:aws:ec2::123456789012:ipam-scope/ipam-scope-1")}
		got := r.objects(p, inIreland)
		if len(got) != c.shown {
			t.Fatalf("a pool of %q in %q shows %d times", c.owner, c.home, len(got))
		}
		if len(got) > 0 && got[0].Attrs["ipam_scope_id"] != "ipam-scope-1" {
			t.Errorf("its scope is %v", got[0].Attrs["ipam_scope_id"])
		}
		if livingIpamPool(p) == "" {
			t.Error("a shared pool is not asked for what this account allocated from it")
		}
	}
	if livingIpamPool(types.IpamPool{IpamPoolId: new("ipam-pool-1"), State: types.IpamPoolStateDeleteComplete}) != "" {
		t.Error("a deleted pool is asked for its ranges")
	}
}

func TestWhatAnIPAMBringsAlongIsNobodysCall(t *testing.T) {
	scope := ipamScopeRow().objects(types.IpamScope{IpamScopeId: new("ipam-scope-1"), IpamArn: new("arn:aws:ec2::1:ipam/ipam-1"), IsDefault: new(true)}, inIreland)
	discovery := ipamResourceDiscoveryRow().objects(types.IpamResourceDiscovery{IpamResourceDiscoveryId: new("ipam-res-disco-1"), IsDefault: new(true)}, inIreland)
	association := ipamResourceDiscoveryAssociationRow().objects(
		types.IpamResourceDiscoveryAssociation{IpamResourceDiscoveryAssociationId: new("ipam-res-disco-assoc-1"), IsDefault: new(true)}, inIreland)
	for _, got := range [][]providers.Object{scope, discovery, association} {
		if len(got) != 1 || !got[0].Implicit {
			t.Errorf("%v", got)
		}
	}
	if scope[0].Attrs["ipam_id"] != "ipam-1" {
		t.Errorf("the scope's IPAM is %v", scope[0].Attrs["ipam_id"])
	}
}

func TestARangeIsKnownByItsLengthToo(t *testing.T) {
	r := ipamPoolCidrRow(listIpamPools())
	for cidr, length := range map[string]string{"10.0.0.0/20": "20", "2001:db8::/48": "48"} {
		got := r.objects(types.IpamPoolCidr{Cidr: new(cidr)}, inIreland)
		if len(got) != 1 || got[0].ID != cidr+"_parent-1" || got[0].Attrs.Text("netmask_length") != length {
			t.Errorf("%s: %v", cidr, got)
		}
	}
	if got := r.objects(types.IpamPoolCidr{IpamPoolCidrId: new("ipam-pool-cidr-1")}, inIreland); len(got) != 0 {
		t.Errorf("a range that is not chosen yet: %v", got)
	}
}

func TestWhatAVPCTookOfAPoolIsNobodysCall(t *testing.T) {
	r := ipamPoolCidrAllocationRow(listIpamPools())
	for typ, implicit := range map[types.IpamPoolAllocationResourceType]bool{"custom": false, "vpc": true, "ipam-pool": true} {
		got := r.objects(types.IpamPoolAllocation{IpamPoolAllocationId: new("ipam-pool-alloc-1"), Cidr: new("10.0.0.0/24"), ResourceType: typ}, inIreland)
		if len(got) != 1 || got[0].ID != "ipam-pool-alloc-1" || got[0].Implicit != implicit || r.ImportIDOf(got[0].Attrs) != "ipam-pool-alloc-1_parent-1" {
			t.Errorf("%s: %v", typ, got)
		}
	}
}
