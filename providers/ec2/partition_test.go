package ec2_test

import (
	"strings"
	"testing"

	"reconcile/providers"
	"reconcile/providers/ec2"
	"reconcile/providers/ec2/ec2test"
)

func TestARNsAreOfThePartitionThatTheCallerIsIn(t *testing.T) {
	for partition, region := range map[string]string{"aws": "eu-west-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"} {
		at := providers.Place{Account: account, Region: region}
		w := ec2test.NewWorld(account, region)
		w.Identify("", ec2test.Identity{Account: account, ARN: "arn:" + partition + ":sts::" + account + ":assumed-role/reader/me"})
		if err := w.Put(at, "Vpcs", ec2test.Doc{"VpcId": "vpc-1", "OwnerId": account, "CidrBlock": "10.0.0.0/16", "State": "available"}); err != nil {
			t.Fatal(err)
		}
		s, err := ec2.Open(t.Context(), ec2.Rows(), serve(t, w).URL, region)
		if err != nil {
			t.Fatal(err)
		}
		inv := ec2.NewReader(ec2.Rows(), s, nil).Inventory(t.Context(), []string{"aws_vpc"}, []string{region})
		if len(inv.Objects) != 1 || !strings.HasPrefix(inv.Objects[0].Attrs.Text("arn"), "arn:"+partition+":ec2:"+region+":") {
			t.Errorf("%s: %+v", partition, inv.Objects)
		}
	}
}
