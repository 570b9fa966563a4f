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

// TestAnAdoptionIsTakenOnlyIfTheRunLookedItUpForThat protects against taking
// the reading of a VPC for the adoption of its default group, and against
// looks of long ago.
func TestAnAdoptionIsTakenOnlyIfTheRunLookedItUpForThat(t *testing.T) {
	n := 0
	record := func(name, request, code, at string) Record {
		n++
		r, err := Decode(fmt.Appendf(nil, `{"eventID":"e%d","eventName":%q,"eventSource":"ec2.amazonaws.com","eventType":"AwsApiCall",
			"eventTime":"2026-01-01T%sZ","awsRegion":"us-east-1","requestParameters":%s,"errorCode":%q}`, n, name, at, request, code))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	byID := func(code, at string) Record {
		return record("DescribeNetworkAcls", `{"networkAclId":{"items":["acl-1"]}}`, code, at)
	}
	ofVPC := func(name, at string) Record {
		return record(name, `{"filter":{"items":[{"name":"vpc-id","value":{"items":["vpc-1"]}}]}}`, "", at)
	}
	acl := Taking{Takes: providers.Wait{Call: "DescribeNetworkAcls", Times: 1}, Names: "acl-1"}
	group := Taking{Takes: providers.Wait{Call: "DescribeSecurityGroups", Times: 1, Beside: "DescribeNetworkAcls"}, Names: "vpc-1"}
	for _, c := range []struct {
		name    string
		taking  Taking
		records []Record
		want    int
	}{
		{"no look", acl, nil, 0},
		{"looked up by id", acl, []Record{byID("", "00:00:01")}, 1},
		{"refused", acl, []Record{byID("Client.RequestExpired", "00:00:01")}, 0},
		{"another object", acl, []Record{ofVPC("DescribeNetworkAcls", "00:00:01")}, 0},
		{"long before the end", acl, []Record{byID("", "00:00:01"), ofVPC("DescribeVpcs", "00:05:00")}, 0},
		{"the VPC was read", group, []Record{ofVPC("DescribeNetworkAcls", "00:00:01"), ofVPC("DescribeSecurityGroups", "00:00:01")}, 0},
		{"the VPC was read and the group looked up", group, []Record{ofVPC("DescribeNetworkAcls", "00:00:01"),
			ofVPC("DescribeSecurityGroups", "00:00:01"), ofVPC("DescribeSecurityGroups", "00:00:02")}, 2},
		{"only the group was looked up", group, []Record{ofVPC("DescribeSecurityGroups", "00:00:02")}, 1},
	} {
		if got := takes(c.records, c.taking); len(got) != c.want {
			t.Errorf("%s: %d looks, want %d", c.name, len(got), c.want)
		}
	}
}
