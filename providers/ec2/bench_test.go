package ec2_test

import (
	"slices"
	"testing"

	"reconcile/providers"
	"reconcile/providers/ec2"
	"reconcile/providers/ec2/ec2test"
)

// large is a shared networking account.
func large(tables int) ec2test.GenerateOptions {
	return ec2test.GenerateOptions{Account: account, Region: region, VPCs: 20, Subnets: 300, RouteTables: 100, Routes: 1000,
		InternetGateways: 20, TGWs: 1, TGWAttachments: 20, TGWRouteTables: tables, TGWRoutes: 50}
}

// largeTypes are the kinds that such an account has: those of the calls that
// Generate makes answers for.
func largeTypes() []string {
	calls := []string{"ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeRouteTables", "ec2:DescribeInternetGateways", "ec2:DescribeTransitGateways",
		"ec2:DescribeTransitGatewayVpcAttachments", "ec2:DescribeTransitGatewayRouteTables", "ec2:SearchTransitGatewayRoutes",
		"ec2:GetTransitGatewayRouteTableAssociations", "ec2:GetTransitGatewayRouteTablePropagations", "ec2:DescribeTags"}
	var out []string
	for _, row := range ec2.Rows() {
		if row.Unread == "" && !slices.ContainsFunc(row.Actions, func(a string) bool { return !slices.Contains(calls, a) }) {
			out = append(out, row.Type)
		}
	}
	return out
}

func TestALargeAccountIsReadInFewCalls(t *testing.T) {
	for tables, most := range map[int]int{1: 12, 2: 15} {
		srv := serve(t, ec2test.Generate(large(tables)))
		inv := reader(srv).Inventory(t.Context(), largeTypes(), []string{region})
		for _, c := range inv.Coverage {
			if c.Status != providers.Read {
				t.Errorf("%+v", c)
			}
		}
		if n := len(srv.Requests()); n > most {
			t.Errorf("with %d tables of the transit gateway, %d objects took %d calls, at most %d are allowed: %v", tables, len(inv.Objects), n, most, srv.Calls())
		}
	}
}

func BenchmarkInventory(b *testing.B) {
	srv := serve(b, ec2test.Generate(large(2)))
	r := reader(srv)
	b.ReportAllocs()
	n, objects := 0, 0
	for b.Loop() {
		objects = len(r.Inventory(b.Context(), largeTypes(), []string{region}).Objects)
		n++
	}
	b.ReportMetric(float64(len(srv.Requests()))/float64(n), "calls/op")
	b.ReportMetric(float64(objects), "objects")
}
