package ec2

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

func vpcEncryptionControlRow() Row {
	list := turned((*sdk.Client).DescribeVpcEncryptionControls,
		func(q query) *sdk.DescribeVpcEncryptionControlsInput {
			return &sdk.DescribeVpcEncryptionControlsInput{Filters: q.filters(), VpcEncryptionControlIds: q.ids}
		},
		func(in *sdk.DescribeVpcEncryptionControlsInput, o *sdk.DescribeVpcEncryptionControlsOutput) (**string, *string) {
			return &in.NextToken, o.NextToken
		},
		func(o *sdk.DescribeVpcEncryptionControlsOutput) []types.VpcEncryptionControl {
			return o.VpcEncryptionControls
		})
	return one(providers.Kind{
		Type: "aws_vpc_encryption_control", Import: "{id}", Since: 6, Prefix: "vpcec-",
		Pending: []string{"creating", "deleting"}, Gone: []string{"deleted"},
		NotFound: []string{"InvalidVpcEncryptionControlId.NotFound"},
		Wait:     providers.Wait{Call: list.action, Names: "{id}", Times: 1},
		Telling:  []string{"vpc_id"},
		Parents:  []string{"vpc_id"},
		Fixed:    []string{"vpc_id"},
		Compared: []string{"mode", "egress_only_internet_gateway_exclusion", "elastic_file_system_exclusion", "internet_gateway_exclusion",
			"lambda_exclusion", "nat_gateway_exclusion", "virtual_private_gateway_exclusion", "vpc_lattice_exclusion",
			"vpc_peering_exclusion", "tags_all"},
		Events: []providers.Event{
			{Name: "CreateVpcEncryptionControl", Role: providers.Created, ID: "{res.vpcEncryptionControl.vpcEncryptionControlId}"},
			{Name: "ModifyVpcEncryptionControl", Role: providers.Changed, ID: "{req.vpcEncryptionControlId}"},
			{Name: "DeleteVpcEncryptionControl", Role: providers.Deleted, ID: "{req.vpcEncryptionControlId}"},
		},
		IfSkipped: "the next apply asks for a second control of the VPC, which AWS may refuse",
	}, list, look{ids: "vpc-encryption-control-ids", value: "{id}", count: "length(VpcEncryptionControls[?State!='deleted'])"},
		func(c types.VpcEncryptionControl, _ place) providers.Object {
			a := providers.Attrs{
				"id": text(c.VpcEncryptionControlId), "vpc_id": text(c.VpcId), "mode": string(c.Mode), "tags_all": tagsAll(c.Tags),
			}
			if e := c.ResourceExclusions; e != nil {
				for name, x := range map[string]*types.VpcEncryptionControlExclusion{
					"egress_only_internet_gateway_exclusion": e.EgressOnlyInternetGateway, "elastic_file_system_exclusion": e.ElasticFileSystem,
					"internet_gateway_exclusion": e.InternetGateway, "lambda_exclusion": e.Lambda, "nat_gateway_exclusion": e.NatGateway,
					"virtual_private_gateway_exclusion": e.VirtualPrivateGateway, "vpc_lattice_exclusion": e.VpcLattice,
					"vpc_peering_exclusion": e.VpcPeering,
				} {
					if word := exclusionWord(x); word != "" {
						a[name] = word
					}
				}
			}
			return providers.Object{State: string(c.State), Attrs: a}
		})
}

// exclusionWord is an exclusion as the configuration spells it. While AWS is
// still changing it, the provider stores nothing new.
func exclusionWord(x *types.VpcEncryptionControlExclusion) string {
	switch {
	case x == nil:
		return ""
	case x.State == types.VpcEncryptionControlExclusionStateEnabled:
		return "enable"
	case x.State == types.VpcEncryptionControlExclusionStateDisabled:
		return "disable"
	}
	return ""
}
