package cloudtrail

import (
	"fmt"
	"slices"
	"testing"

	"reconcile/providers"
)

// TestADeletionIsSeenThroughOnlyIfTheRunLookedAfterwards protects the removal
// of what Terraform itself may still hold: reads before the deletion, reads of
// something else, and refused reads prove nothing.
func TestADeletionIsSeenThroughOnlyIfTheRunLookedAfterwards(t *testing.T) {
	record := func(id, name, request, code string) Record {
		r, err := Decode(fmt.Appendf(nil, `{"eventID":%q,"eventName":%q,"eventSource":"ec2.amazonaws.com","eventType":"AwsApiCall",
			"eventTime":"2026-01-01T00:00:00Z","awsRegion":"us-east-1","requestParameters":%s,"errorCode":%q}`, id, name, request, code))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	look := func(table, code string) Record {
		return record("look-"+table+code, "DescribeRouteTables", `{"routeTableId":{"items":["`+table+`"]}}`, code)
	}
	gone := record("gone", "DeleteRoute", `{"routeTableId":"rtb-1","destinationCidrBlock":"10.0.0.0/8"}`, "")
	wrapped := record("w", "DescribeRouteTables", `{"DescribeRouteTablesRequest":{"RouteTableId":{"tag":1,"content":"rtb-1"}}}`, "")
	for _, c := range []struct {
		name string
		then []Record // in order of time
		want int
	}{
		{"never looked", []Record{gone}, 0},
		{"looked twice afterwards", []Record{gone, look("rtb-1", ""), look("rtb-1", "")}, 2},
		{"looked in the wrapped dialect", []Record{gone, wrapped}, 1},
		{"looked only before", []Record{look("rtb-1", ""), look("rtb-1", ""), gone}, 0},
		{"looked at another table", []Record{gone, look("rtb-2", "")}, 0},
		{"was told it is not there", []Record{gone, look("rtb-1", "Client.InvalidRouteTableID.NotFound")}, 1},
		{"was refused", []Record{gone, look("rtb-1", "Client.RequestExpired"), look("rtb-1", "Client.UnauthorizedOperation")}, 0},
		{"the deletion is not among the records", []Record{look("rtb-1", "")}, 0},
	} {
		newestFirst := slices.Clone(c.then)
		slices.Reverse(newestFirst)
		got := looks(newestFirst, Deletion{Event: "gone", Wait: providers.Wait{Call: "DescribeRouteTables", Times: 2}, Names: "rtb-1"})
		if got != c.want {
			t.Errorf("%s: %d looks, want %d", c.name, got, c.want)
		}
	}
}
