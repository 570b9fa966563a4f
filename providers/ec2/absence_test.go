package ec2_test

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	sdktypes "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
	"reconcile/providers/ec2"
	"reconcile/providers/ec2/ec2test"
)

// passing is how a word looks of an object on its way in or out, or gone: a kind
// must say what it takes it for. (What is only attached to something else is
// there before and after.)
var passing = regexp.MustCompile(`(?i)^((delet|disassociat|deprovision|disabl|revok|creat|associat|enabl|provision)ing|(deleted|disassociated|deprovisioned|disabled|revoked|pending)|(create|associate|provision)-in-progress|(delete|disassociate|deprovision)-(in-progress|complete)|pending-(provision|deprovision)|initiating.*)$`)

// undocumented are words that AWS shows and the SDK's enumeration leaves out.
var undocumented = map[reflect.Type]string{
	reflect.TypeFor[sdktypes.NetworkInterfaceStatus](): "pending", // the provider waits for it to pass
}

// stateFields are the fields from which the row takes an object's lifecycle
// word: those that show in it when they change.
func stateFields(t *testing.T, f *filled, row ec2.Row) (paths []string, typ reflect.Type) {
	const mark = "a-word-that-nobody-has"
	for _, i := range f.items[row.Actions[0]] {
		types := map[string]reflect.Type{}
		texts(reflect.ValueOf(i.doc), "", "", func(path, _ string, v reflect.Value) { types[path] = v.Type() })
		for _, path := range slices.Sorted(maps.Keys(types)) {
			doc := withText(t, i.doc, path, mark)
			if slices.ContainsFunc(ec2.ObjectsOf(row, doc, here, i.parent), func(o providers.Object) bool { return strings.EqualFold(o.State, mark) }) {
				paths, typ = append(paths, path), types[path]
			}
		}
		if len(paths) > 0 {
			break
		}
	}
	return paths, typ
}

// withText is a document with another text at a path.
func withText(t *testing.T, doc any, path, text string) any {
	v := copied(t, doc)
	texts(v, "", "", func(at, _ string, v reflect.Value) {
		if at == path {
			v.SetString(text)
		}
	})
	return v.Interface()
}

func knowsItsLifecycleWords(t *testing.T, f *filled, row ec2.Row) {
	paths, typ := stateFields(t, f, row)
	if len(paths) == 0 {
		if len(row.Pending)+len(row.Gone) > 0 {
			t.Errorf("it has lifecycle words, pending %v, gone %v, and no object has a State", row.Pending, row.Gone)
		}
		return
	}
	words := wordsOf(typ) // none where the SDK has plain text
	for _, w := range words {
		if passing.MatchString(w) && (!strings.EqualFold(w, "disabled") || slices.Contains(words, "disabling")) && row.LifeOf(w) == providers.Alive {
			t.Errorf("an object that is %s is alive", w)
		}
	}
	for _, lower := range slices.Concat(row.Pending, row.Gone) {
		word := lower
		if len(words) > 0 {
			i := slices.IndexFunc(words, func(w string) bool { return strings.EqualFold(w, lower) })
			if i < 0 && undocumented[typ] == lower {
				continue
			}
			if i < 0 {
				t.Errorf("AWS has no word %q: it has %v", lower, words)
				continue
			}
			word = words[i]
		}
		want := row.LifeOf(lower)
		w := f.alone(t, row, func(s ec2.Source, doc any) any {
			if s.Name == row.Actions[0] {
				for _, path := range paths {
					doc = withText(t, doc, path, word)
				}
			}
			return doc
		})
		srv := serve(t, w)
		inv := f.reader(srv).Inventory(t.Context(), []string{row.Type}, []string{region})
		if inv.Status(row.Type, here) != providers.Read || len(only(inv, row.Type)) == 0 {
			t.Errorf("%s: %+v with %d objects", word, inv.Coverage, len(inv.Objects))
			continue
		}
		for _, o := range only(inv, row.Type) {
			if o.Life != want || !strings.EqualFold(o.State, word) {
				t.Errorf("%s is %s (%s), want %s (%s)", o.ID, o.Life, o.State, want, word)
			}
		}
		again, err := f.reader(srv).Look(t.Context(), row.Type, here, []providers.Attrs{only(inv, row.Type)[0].Attrs})
		if err != nil || len(again) == 0 {
			t.Errorf("%s, by id: %v, %v", word, identities(again), err)
		}
		for _, o := range again {
			if o.Life != want {
				t.Errorf("%s, by id: %s is %s, want %s", word, o.ID, o.Life, want)
			}
		}
	}
}

func isGoneByItsCodes(t *testing.T, f *filled, row ec2.Row) {
	objects := f.objects(t, row.Type)
	srv := serve(t, f.world)
	read := func() providers.Coverage {
		return coverage(t, f.reader(srv).Inventory(t.Context(), []string{row.Type}, []string{region}), row.Type)
	}
	for _, code := range row.NotFound {
		srv.Heal()
		srv.Fail(row.Actions[0], code, 400)
		if got, err := f.reader(srv).Look(t.Context(), row.Type, here, []providers.Attrs{objects[0].Attrs}); err != nil || len(got) != 0 {
			t.Errorf("%s: %v, %v", code, identities(got), err)
		}
		if len(row.Actions) == 1 { // a listing of everything names no object that could be missing
			if c := read(); c.Status == providers.Read {
				t.Errorf("a listing that failed with %s: %+v", code, c)
			}
			continue
		}
		// A parent that goes between the two calls has nothing left.
		srv.Heal()
		srv.FailTimes(1, row.Actions[0], code, 400)
		if c := read(); c.Status != providers.Read || c.Objects >= len(objects) {
			t.Errorf("of %d objects, one parent having gone with %s: %+v", len(objects), code, c)
		}
	}
	if len(row.Actions) > 1 {
		srv.Heal()
		srv.FailTimes(1, row.Actions[0], "InvalidMadeUpID.NotFound", 400)
		if c := read(); c.Status != providers.Failed {
			t.Errorf("another code: %+v", c)
		}
	}
}

// thereIsAlwaysOne: the call answers one structure, which every place has.
func thereIsAlwaysOne(row ec2.Row) bool {
	_, out, _ := call(row.Actions[0])
	return !slices.ContainsFunc(reflect.VisibleFields(out), func(f reflect.StructField) bool { return f.Type.Kind() == reflect.Slice })
}

func isNotFoundOnceDeleted(t *testing.T, f *filled, row ec2.Row) {
	attrs := []providers.Attrs{f.objects(t, row.Type)[0].Attrs}
	if thereIsAlwaysOne(row) {
		t.Skip("there is always one: the call answers no list")
	}
	if len(row.Actions) > 1 { // the parents stay
		w := f.alone(t, row, func(_ ec2.Source, doc any) any { return doc })
		if err := w.Withdraw(here, row.Actions[0]); err != nil {
			t.Fatal(err)
		}
		if got, err := f.reader(serve(t, w)).Look(t.Context(), row.Type, here, attrs); err != nil || len(got) != 0 {
			t.Errorf("under its parent: found %v, %v", identities(got), err)
		}
	}
	srv := serve(t, ec2test.NewWorld(account, region))
	got, err := f.reader(srv).Look(t.Context(), row.Type, here, attrs)
	if len(srv.Requests()) == 0 {
		t.Fatalf("nothing was asked: %v", err)
	}
	code := srv.Requests()[0].Code
	if len(got) != 0 || (err != nil) != (code != "" && !slices.Contains(row.NotFound, code)) {
		t.Errorf("in an empty account, which answers %q: found %v, %v", code, identities(got), err)
	}
}

func TestWhatADeletedTableHeldIsNotAskedFor(t *testing.T) {
	w := small()
	for _, doc := range w.Docs(here, "TransitGatewayRouteTables") {
		doc["State"] = "deleted"
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
