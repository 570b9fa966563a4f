package ec2

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAListingTellsItsPages(t *testing.T) {
	for typ, want := range map[string][]Listed{
		"aws_vpc":   {{Action: "ec2:DescribeVpcs", Pages: true, PageSize: 1000}},
		"aws_route": {{Action: "ec2:DescribeRouteTables", Pages: true, PageSize: 100}},
		"aws_ec2_transit_gateway_route": {{Action: "ec2:SearchTransitGatewayRoutes", Pages: true, Parent: "TransitGatewayRouteTableId"},
			{Action: "ec2:DescribeTransitGatewayRouteTables", Pages: true, PageSize: 1000}},
	} {
		rows := Rows()
		row := rows[slices.IndexFunc(rows, func(r Row) bool { return r.Type == typ })]
		if diff := cmp.Diff(want, row.Listings()); diff != "" {
			t.Errorf("%s: %s", typ, diff)
		}
	}
}

// TestEveryListingShowsItsRequest: a listing whose request cannot be looked at
// would be told as one answer.
func TestEveryListingShowsItsRequest(t *testing.T) {
	for _, row := range Rows() {
		if len(row.Listings()) == 0 && row.Unread == "" {
			t.Errorf("%s is listed by nothing, and why is not told", row.Type)
		}
		for _, l := range row.source.chain() {
			if in := l.request(); !in.IsValid() {
				t.Errorf("%s: the request of %s was not seen", row.Type, l.name())
			}
		}
	}
}
