package ec2test_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/google/go-cmp/cmp"

	"reconcile/providers/ec2/ec2test"
)

func big(n int) ec2test.GenerateOptions {
	return ec2test.GenerateOptions{VPCs: 2 * n, Subnets: 5 * n, RouteTables: 4 * n, Routes: 20 * n, InternetGateways: n, TGWs: 2, TGWAttachments: 2 * n, TGWRouteTables: 3, TGWRoutes: 10 * n, Events: 8 * n, Seed: 7}
}

var lists = []string{"Vpcs", "Subnets", "RouteTables", "InternetGateways", "TransitGateways", "TransitGatewayAttachments", "TransitGatewayVpcAttachments", "TransitGatewayRouteTables"}

func TestAGeneratedAccountIsAsAskedAndTheSameEveryTime(t *testing.T) {
	w, again := ec2test.Generate(big(10)), ec2test.Generate(big(10))
	counts := map[string]int{}
	ids := map[string]bool{}
	for _, list := range lists {
		docs := w.Docs(w.Home(), list)
		counts[list] = len(docs)
		if diff := cmp.Diff(docs, again.Docs(w.Home(), list)); diff != "" {
			t.Errorf("%s differ between two runs:\n%s", list, diff)
		}
		for _, d := range docs {
			for _, row := range ec2test.Rows() {
				if row.Key == list && row.Parent == "" && list != "TransitGatewayVpcAttachments" {
					id := d[row.ID].(string)
					if ids[id] {
						t.Errorf("%s is there twice", id)
					}
					ids[id] = true
				}
			}
		}
	}
	want := map[string]int{"Vpcs": 20, "Subnets": 50, "RouteTables": 60, "InternetGateways": 10, "TransitGateways": 2, "TransitGatewayAttachments": 20, "TransitGatewayVpcAttachments": 20, "TransitGatewayRouteTables": 3}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Error(diff)
	}
	vpcOf := map[any]any{}
	for _, s := range w.Docs(w.Home(), "Subnets") {
		vpcOf[s["SubnetId"]] = s["VpcId"]
	}
	routes, associated := 0, 0
	for _, rt := range w.Docs(w.Home(), "RouteTables") {
		seen := map[any]bool{}
		for _, r := range rt["Routes"].([]any) {
			destination := r.(map[string]any)["DestinationCidrBlock"]
			if seen[destination] {
				t.Errorf("%s has two routes to %s", rt["RouteTableId"], destination)
			}
			seen[destination] = true
			routes++
		}
		for _, a := range rt["Associations"].([]any) {
			if subnet, ok := a.(map[string]any)["SubnetId"]; ok {
				associated++
				if vpcOf[subnet] != rt["VpcId"] {
					t.Errorf("%s is associated with %s of another VPC", rt["RouteTableId"], subnet)
				}
			}
		}
	}
	if routes != 200+60 || associated != 40 {
		t.Errorf("%d routes and %d associations, want 260 and 40", routes, associated)
	}
	for _, a := range w.Docs(w.Home(), "TransitGatewayVpcAttachments") {
		for _, s := range a["SubnetIds"].([]any) {
			if vpcOf[s] != a["VpcId"] {
				t.Errorf("%s has a subnet of another VPC", a["TransitGatewayAttachmentId"])
			}
		}
	}
}

func TestAnEmptyAccountCanBeGenerated(t *testing.T) {
	w := ec2test.Generate(ec2test.GenerateOptions{})
	for _, list := range lists {
		if n := len(w.Docs(w.Home(), list)); n != 0 {
			t.Errorf("%d %s", n, list)
		}
	}
}

func BenchmarkGenerate(b *testing.B) {
	for b.Loop() {
		ec2test.Generate(big(1000))
	}
}

func BenchmarkServeAllRouteTables(b *testing.B) {
	srv := serve(b, ec2test.Generate(big(1000)))
	c := client(srv)
	for b.Loop() {
		pages := ec2.NewDescribeRouteTablesPaginator(c, &ec2.DescribeRouteTablesInput{MaxResults: aws.Int32(100)})
		n := 0
		for pages.HasMorePages() {
			page, err := pages.NextPage(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			n += len(page.RouteTables)
		}
		if n != 6000 {
			b.Fatalf("%d route tables", n)
		}
	}
}
