package ec2_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"reconcile/providers"
	"reconcile/providers/ec2"
	"reconcile/providers/ec2/ec2test"
)

// lifecycles are the words of each kind that has any: where its document keeps
// them, and what each means. Kinds in noLifecycle are there or are not.
var lifecycles = map[string]struct {
	key   string
	set   func(doc ec2test.Doc, word string)
	lives map[providers.Life]string
}{
	"aws_vpc":    {"Vpcs", state, words("available", "pending", "")},
	"aws_subnet": {"Subnets", state, words("available unavailable failed", "pending", "")},
	"aws_ec2_transit_gateway": {"TransitGateways", state,
		words("available modifying", "pending deleting", "deleted")},
	"aws_ec2_transit_gateway_vpc_attachment": {"TransitGatewayVpcAttachments", state,
		words("available modifying pendingAcceptance", "initiating initiatingRequest pending deleting failing rejecting rollingBack", "deleted failed rejected")},
	"aws_ec2_transit_gateway_vpc_attachment_accepter": {"TransitGatewayVpcAttachments", state,
		words("available modifying", "initiating deleting failing", "deleted failed rejected pendingAcceptance")},
	"aws_ec2_transit_gateway_route_table":             {"TransitGatewayRouteTables", state, words("available", "pending deleting", "deleted")},
	"aws_ec2_transit_gateway_route":                   {"TransitGatewayRouteTables", child("_routes"), words("active blackhole", "pending deleting", "deleted")},
	"aws_ec2_transit_gateway_route_table_association": {"TransitGatewayRouteTables", child("_assoc"), words("associated", "associating disassociating", "disassociated")},
	"aws_ec2_transit_gateway_route_table_propagation": {"TransitGatewayRouteTables", child("_prop"), words("enabled", "enabling disabling", "disabled")},
	"aws_internet_gateway_attachment":                 {"InternetGateways", child("Attachments"), words("available attached", "attaching detaching", "detached")},
	"aws_route_table_association":                     {"RouteTables", associationState, words("associated failed", "associating disassociating", "disassociated")},
	"aws_main_route_table_association":                {"RouteTables", associationState, words("associated failed", "associating disassociating", "disassociated")},
}

var noLifecycle = []string{"aws_route_table", "aws_default_route_table", "aws_route", "aws_internet_gateway", "aws_ec2_tag"}

func words(alive, pending, gone string) map[providers.Life]string {
	return map[providers.Life]string{providers.Alive: alive, providers.Pending: pending, providers.Gone: gone}
}

func state(doc ec2test.Doc, word string) { doc["State"] = word }

func child(key string) func(ec2test.Doc, string) {
	return func(doc ec2test.Doc, word string) {
		for _, c := range doc[key].([]any) {
			c.(map[string]any)["State"] = word
		}
	}
}

func associationState(doc ec2test.Doc, word string) {
	for _, a := range doc["Associations"].([]any) {
		a.(map[string]any)["AssociationState"] = map[string]any{"State": word}
	}
}

func TestWhatEveryLifecycleWordMeans(t *testing.T) {
	for _, row := range ec2.Rows() {
		l, ok := lifecycles[row.Type]
		if !ok {
			if !slices.Contains(noLifecycle, row.Type) {
				t.Errorf("%s: nobody has said what its lifecycle words mean", row.Type)
			}
			continue
		}
		for life, list := range l.lives {
			for _, word := range fields(list) {
				t.Run(row.Type+"/"+word, func(t *testing.T) {
					w := small()
					for _, doc := range w.Docs(here, l.key) {
						l.set(doc, word)
						if err := w.Put(here, l.key, doc); err != nil {
							t.Fatal(err)
						}
					}
					r := reader(serve(t, w))
					inv := r.Inventory(t.Context(), []string{row.Type}, []string{region})
					if inv.Status(row.Type, here) != providers.Read || len(only(inv, row.Type)) == 0 {
						t.Fatalf("%+v with %d objects", inv.Coverage, len(inv.Objects))
					}
					for _, o := range only(inv, row.Type) {
						if o.Life != life || o.State != word {
							t.Errorf("%s is %s (%s), want %s", o.ID, o.Life, o.State, life)
						}
					}
					again, err := r.Look(t.Context(), row.Type, here, []providers.Attrs{only(inv, row.Type)[0].Attrs})
					if err != nil || len(again) == 0 {
						t.Fatalf("by id: %v, %v", again, err)
					}
					for _, o := range again {
						if o.Life != life {
							t.Errorf("by id %s is %s, want %s", o.ID, o.Life, life)
						}
					}
				})
			}
		}
	}
}

func fields(s string) []string {
	var out []string
	for word := range strings.FieldsSeq(s) {
		out = append(out, word)
	}
	return out
}

func TestWhatADeletedTableHeldIsNotAskedFor(t *testing.T) {
	w := small()
	for _, doc := range w.Docs(here, "TransitGatewayRouteTables") {
		state(doc, "deleted")
		if err := w.Put(here, "TransitGatewayRouteTables", doc); err != nil {
			t.Fatal(err)
		}
	}
	srv := serve(t, w)
	inv := reader(srv).Inventory(t.Context(), []string{"aws_ec2_transit_gateway_route"}, []string{region})
	if c := coverage(t, inv, "aws_ec2_transit_gateway_route"); c.Status != providers.Read || c.Objects != 0 || srv.Calls()["ec2:SearchTransitGatewayRoutes"] != 0 {
		t.Errorf("%+v, calls %v", c, srv.Calls())
	}
}

var perTable = map[string]string{
	"aws_ec2_transit_gateway_route":                   "SearchTransitGatewayRoutes",
	"aws_ec2_transit_gateway_route_table_association": "GetTransitGatewayRouteTableAssociations",
	"aws_ec2_transit_gateway_route_table_propagation": "GetTransitGatewayRouteTablePropagations",
}

func TestATableThatGoesBetweenTwoCallsHasNothingLeft(t *testing.T) {
	for typ, action := range perTable {
		t.Run(typ, func(t *testing.T) {
			srv := serve(t, small())
			all := len(only(reader(srv).Inventory(t.Context(), []string{typ}, []string{region}), typ))
			srv.FailTimes(1, action, "InvalidRouteTableID.NotFound", 400)
			inv := reader(srv).Inventory(t.Context(), []string{typ}, []string{region})
			if c := coverage(t, inv, typ); c.Status != providers.Read || c.Objects == 0 || c.Objects >= all {
				t.Errorf("of %d objects: %+v", all, c)
			}
			// Any other code of the same call is no absence.
			srv.FailTimes(1, action, "InvalidTransitGatewayRouteTableId.NotFound", 400)
			if c := coverage(t, reader(srv).Inventory(t.Context(), []string{typ}, []string{region}), typ); c.Status != providers.Failed {
				t.Errorf("another code: %+v", c)
			}
		})
	}
}

func TestMoreRoutesThanAWSReturnsIsAFailure(t *testing.T) {
	const typ = "aws_ec2_transit_gateway_route"
	srv := serve(t, small())
	srv.PageSize(3)
	srv.Truncate("SearchTransitGatewayRoutes")
	inv := reader(srv).Inventory(t.Context(), []string{typ}, []string{region})
	c := coverage(t, inv, typ)
	if c.Status != providers.Failed || c.Error != "AWS has more routes than it returns (AdditionalRoutesAvailable)" {
		t.Errorf("%+v", c)
	}
	if n := len(only(inv, typ)); n != 9 || c.Objects != 9 {
		t.Errorf("%d of the 9 routes that came are kept", n)
	}
	if _, err := reader(srv).Look(t.Context(), typ, here, []providers.Attrs{only(inv, typ)[0].Attrs}); err == nil {
		t.Error("the look by id takes a part for the whole")
	}
}

func TestOver200IdsTakeTwoCalls(t *testing.T) {
	w := ec2test.Generate(ec2test.GenerateOptions{Account: account, Region: region, VPCs: 4, Subnets: 300})
	srv := serve(t, w)
	var attrs []providers.Attrs
	for _, o := range reader(srv).Inventory(t.Context(), []string{"aws_subnet"}, []string{region}).Objects {
		attrs = append(attrs, o.Attrs, o.Attrs) // twice: an id is asked for once
	}
	srv.Forget()
	got, err := reader(srv).Look(t.Context(), "aws_subnet", here, attrs)
	if err != nil || len(got) != 300 || len(srv.Requests()) != 2 {
		t.Errorf("%d objects in %d calls, %v", len(got), len(srv.Requests()), err)
	}
}

func TestWhatWasDeletedIsNotFoundById(t *testing.T) {
	keys := map[string]string{"DescribeVpcs": "Vpcs", "DescribeSubnets": "Subnets", "DescribeRouteTables": "RouteTables", "DescribeInternetGateways": "InternetGateways",
		"DescribeTransitGateways": "TransitGateways", "DescribeTransitGatewayVpcAttachments": "TransitGatewayVpcAttachments",
		"DescribeTransitGatewayRouteTables": "TransitGatewayRouteTables", "DescribeTags": "Vpcs"}
	for _, row := range ec2.Rows() {
		t.Run(row.Type, func(t *testing.T) {
			w := small()
			srv := serve(t, w)
			inv := reader(srv).Inventory(t.Context(), []string{row.Type}, []string{region})
			root := row.Actions[len(row.Actions)-1][len("ec2:"):]
			for _, doc := range w.Docs(here, keys[root]) {
				for _, v := range []string{"VpcId", "SubnetId", "RouteTableId", "InternetGatewayId", "TransitGatewayId", "TransitGatewayAttachmentId", "TransitGatewayRouteTableId"} {
					if id, ok := doc[v].(string); ok && w.Delete(here, keys[root], id) {
						break
					}
				}
			}
			if left := w.Docs(here, keys[root]); len(left) > 0 {
				t.Fatalf("%d documents are left", len(left))
			}
			o := only(inv, row.Type)[slices.IndexFunc(only(inv, row.Type), func(o providers.Object) bool {
				return root != "DescribeTags" || o.Attrs.Text("resource_id")[:4] == "vpc-"
			})]
			got, err := reader(srv).Look(t.Context(), row.Type, here, []providers.Attrs{o.Attrs})
			if err != nil || len(got) != 0 {
				t.Errorf("%s: found %v, %v", o.ID, identities(got), err)
			}
		})
	}
}

func TestRoutesThatNobodyManagesAreLeftOut(t *testing.T) {
	w := ec2test.NewWorld(account, region)
	route := func(fields ...string) ec2test.Doc {
		d := ec2test.Doc{"State": "active", "Origin": "CreateRoute"}
		for i := 0; i < len(fields); i += 2 {
			d[fields[i]] = fields[i+1]
		}
		return d
	}
	err := w.Put(here, "RouteTables", ec2test.Doc{"RouteTableId": "rtb-1", "VpcId": "vpc-1", "OwnerId": account, "Associations": []any{},
		"PropagatingVgws": []any{ec2test.Doc{"GatewayId": "vgw-1"}}, "Tags": []any{ec2test.Doc{"Key": "aws:cloudformation:stack-name", "Value": "x"}, ec2test.Doc{"Key": "Name", "Value": ""}},
		"Routes": []any{
			route("DestinationCidrBlock", "10.0.0.0/16", "GatewayId", "local", "Origin", "CreateRouteTable"),
			route("DestinationCidrBlock", "172.16.0.0/12", "GatewayId", "vgw-1", "Origin", "EnableVgwRoutePropagation"),
			route("DestinationPrefixListId", "pl-s3", "GatewayId", "vpce-gateway"),
			route("DestinationPrefixListId", "pl-own", "TransitGatewayId", "tgw-1"),
			route("DestinationCidrBlock", "0.0.0.0/0", "GatewayId", "vpce-balancer"),
			route("DestinationIpv6CidrBlock", "FD00:0::/8", "GatewayId", "igw-1", "State", "blackhole"),
		}})
	if err != nil {
		t.Fatal(err)
	}
	inv := reader(serve(t, w)).Inventory(t.Context(), types(), []string{region})
	want := []string{"rtb-1_0.0.0.0/0", "rtb-1_10.0.0.0/16", "rtb-1_fd00::/8", "rtb-1_pl-own"}
	if got := identities(only(inv, "aws_route")); !slices.Equal(got, want) {
		t.Errorf("aws_route %v, want %v", got, want)
	}
	for _, o := range only(inv, "aws_route") {
		if o.ID == "rtb-1_0.0.0.0/0" && (o.Attrs.Text("vpc_endpoint_id") != "vpce-balancer" || o.Attrs.Text("gateway_id") != "") {
			t.Errorf("a load balancer's endpoint is %v", o.Attrs)
		}
	}
	table := only(inv, "aws_route_table")[0]
	if n := len(table.Attrs["route"].([]any)); n != 3 {
		t.Errorf("%d routes are spelled inline, want all but the local one: 3", n)
	}
	if got := fmt.Sprint(table.Attrs["tags_all"], table.Attrs["propagating_vgws"]); got != "map[Name:] [vgw-1]" {
		t.Errorf("tags and gateways %s", got)
	}
	if n := len(only(inv, "aws_default_route_table")); n != 0 {
		t.Error("a table that is not main is taken for the default one")
	}
}
