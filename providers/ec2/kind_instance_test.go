package ec2_test

import (
	"slices"
	"testing"

	"reconcile/providers/ec2/ec2test"
)

func TestAPlacementGroupThatAnotherAccountSharesIsNotTaken(t *testing.T) {
	w := ec2test.NewWorld(account, region)
	for id, owner := range map[string]string{"pg-own": account, "pg-theirs": "999999999999"} {
		if err := w.Put(here, "PlacementGroups", ec2test.Doc{"GroupId": id, "GroupName": "db", "State": "available", "Strategy": "cluster",
			"GroupArn": "arn:aws:ec2:" + region + ":" + owner + ":placement-group/db"}); err != nil {
			t.Fatal(err)
		}
	}
	groups := only(reader(serve(t, w)).Inventory(t.Context(), []string{"aws_placement_group"}, []string{region}), "aws_placement_group")
	if !slices.Equal(identities(groups), []string{"db"}) || groups[0].Attrs.Text("placement_group_id") != "pg-own" {
		t.Errorf("two groups are named db, one of them another account's: %v", groups)
	}
	// The provider records 0 where AWS has no partitions.
	if n := groups[0].Attrs.Text("partition_count"); n != "0" {
		t.Errorf("without partitions there are %q of them", n)
	}
}
