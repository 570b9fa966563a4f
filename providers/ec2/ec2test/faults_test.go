package ec2test_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"pgregory.net/rapid"

	"reconcile/providers/ec2/ec2test"
)

func vpcWorld(t testing.TB, n int) *ec2test.World {
	t.Helper()
	w := ec2test.NewWorld(account, region)
	for i := range n {
		put(t, w, here, "Vpcs", ec2test.Doc{"VpcId": fmt.Sprintf("vpc-%02d", i), "CidrBlock": "10.0.0.0/16", "IsDefault": i == 0,
			"Tags": []any{ec2test.Doc{"Key": "Name", "Value": fmt.Sprintf("n%d", i)}, ec2test.Doc{"Key": "Env", "Value": "a*b"}}})
	}
	return w
}

func describe(t testing.TB, c *ec2.Client, in *ec2.DescribeVpcsInput) (string, error) {
	t.Helper()
	var got []string
	pages := ec2.NewDescribeVpcsPaginator(c, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			return strings.Join(got, " "), err
		}
		for _, v := range page.Vpcs {
			got = append(got, *v.VpcId)
		}
	}
	return strings.Join(got, " "), nil
}

func TestAPageThatFailsComesAfterGoodOnes(t *testing.T) {
	srv := serve(t, vpcWorld(t, 5))
	srv.PageSize(2)
	srv.FailPage("DescribeVpcs", 3, "InternalError")
	got, err := describe(t, client(srv), &ec2.DescribeVpcsInput{})
	if err == nil || code(t, err) != "InternalError" || got != "vpc-00 vpc-01 vpc-02 vpc-03" {
		t.Errorf("got %q and %v", got, err)
	}
	if calls := srv.Calls(); calls["ec2:DescribeVpcs"] != 3 || len(calls) != 1 {
		t.Errorf("calls %v", calls)
	}
	if last := srv.Requests()[2]; last.Page != 3 || last.Status != 500 || last.Code != "InternalError" || last.Form.Get("NextToken") == "" {
		t.Errorf("the third request is %+v", last)
	}
	srv.Heal()
	if got, err := describe(t, client(srv), &ec2.DescribeVpcsInput{}); err != nil || len(strings.Fields(got)) != 5 {
		t.Errorf("after healing: %q, %v", got, err)
	}
}

func TestFaultsAreOnlyAboutWhatTheyName(t *testing.T) {
	srv := serve(t, vpcWorld(t, 1))
	c := client(srv)
	srv.Deny("ec2:DescribeSubnets")
	srv.FailTimes(1, "DescribeVpcs", "RequestLimitExceeded", 0)
	if _, err := c.DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{}); err == nil || code(t, err) != "UnauthorizedOperation" {
		t.Errorf("denied: %v", err)
	}
	if _, err := describe(t, c, &ec2.DescribeVpcsInput{}); err == nil || code(t, err) != "RequestLimitExceeded" {
		t.Errorf("the first call: %v", err)
	}
	if _, err := describe(t, c, &ec2.DescribeVpcsInput{}); err != nil {
		t.Errorf("the second call: %v", err)
	}
	if _, err := c.DescribeRouteTables(t.Context(), &ec2.DescribeRouteTablesInput{}); err != nil {
		t.Errorf("another call: %v", err)
	}
	var statuses []int
	for _, r := range srv.Requests() {
		statuses = append(statuses, r.Status)
	}
	if want := []int{403, 503, 200, 200}; !slices.Equal(statuses, want) {
		t.Errorf("HTTP statuses %v, want %v", statuses, want)
	}
	srv.Fail("ec2:*", "Unavailable", 500)
	if _, err := describe(t, c, &ec2.DescribeVpcsInput{}); err == nil || code(t, err) != "Unavailable" {
		t.Errorf("the whole service: %v", err)
	}
}

func TestThrottlingIsTheSameOnEveryRun(t *testing.T) {
	run := func(seed int64) string {
		srv := serve(t, vpcWorld(t, 1))
		srv.Throttle(0.3, seed)
		c := client(srv)
		var out strings.Builder
		for i := range 200 {
			in := &ec2.DescribeVpcsInput{MaxResults: aws.Int32(5 + int32(i%10))}
			if _, err := describe(t, c, in); err != nil {
				out.WriteByte('x')
			} else {
				out.WriteByte('.')
			}
		}
		return out.String()
	}
	a, b, other := run(1), run(1), run(2)
	if a != b {
		t.Errorf("two runs with one seed differ:\n%q\n%q", a, b)
	}
	if a == other {
		t.Error("the seed makes no difference")
	}
	if n := strings.Count(a, "x"); n < 40 || n > 80 {
		t.Errorf("%d of 200 calls were throttled, want about 60", n)
	}
}

func TestASlowAnswerEndsWithItsCaller(t *testing.T) {
	srv := serve(t, vpcWorld(t, 1))
	srv.Delay("DescribeVpcs", time.Minute)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := client(srv).DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
	if err == nil || time.Since(began) > 10*time.Second {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
}

func TestATruncatedSearchSaysThatThereIsMore(t *testing.T) {
	w := ec2test.Generate(ec2test.GenerateOptions{TGWRouteTables: 1, TGWRoutes: 12})
	srv := serve(t, w)
	c := client(srv)
	in := &ec2.SearchTransitGatewayRoutesInput{
		TransitGatewayRouteTableId: aws.String(w.Docs(w.Home(), "TransitGatewayRouteTables")[0]["TransitGatewayRouteTableId"].(string)),
		Filters:                    []types.Filter{{Name: aws.String("type"), Values: []string{"static"}}}, MaxResults: aws.Int32(5),
	}
	ask := func() (int, bool, bool) {
		out, err := c.SearchTransitGatewayRoutes(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		return len(out.Routes), *out.AdditionalRoutesAvailable, out.NextToken != nil
	}
	if n, more, token := ask(); n != 5 || !more || !token {
		t.Errorf("%d routes, more %v, token %v", n, more, token)
	}
	srv.Truncate("SearchTransitGatewayRoutes")
	if n, more, token := ask(); n != 5 || !more || token {
		t.Errorf("truncated: %d routes, more %v, token %v", n, more, token)
	}
	in.MaxResults = nil
	if n, more, _ := ask(); n != 12 || more {
		t.Errorf("all at once: %d routes, more %v", n, more)
	}
}

func TestRouteSearchComparesNetworks(t *testing.T) {
	w := ec2test.NewWorld(account, region)
	var routes []any
	for _, cidr := range []string{"10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "192.168.0.0/16"} {
		routes = append(routes, ec2test.Doc{"DestinationCidrBlock": cidr, "Type": "static", "State": "active"})
	}
	put(t, w, here, "TransitGatewayRouteTables", ec2test.Doc{"TransitGatewayRouteTableId": "tgw-rtb-1", "_routes": routes})
	c := client(serve(t, w))
	for _, test := range []struct{ filter, value, want string }{
		{"exact-match", "10.1.0.0/16", "10.1.0.0/16"},
		{"subnet-of-match", "10.1.0.0/16", "10.1.0.0/16 10.1.2.0/24"},
		{"supernet-of-match", "10.1.0.0/16", "10.0.0.0/8 10.1.0.0/16"},
		{"longest-prefix-match", "10.1.9.1/32", "10.1.0.0/16"},
	} {
		out, err := c.SearchTransitGatewayRoutes(t.Context(), &ec2.SearchTransitGatewayRoutesInput{TransitGatewayRouteTableId: aws.String("tgw-rtb-1"),
			Filters: []types.Filter{{Name: aws.String("route-search." + test.filter), Values: []string{test.value}}}})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range out.Routes {
			got = append(got, *r.DestinationCidrBlock)
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s %s: %v, want %s", test.filter, test.value, got, test.want)
		}
	}
}

func TestFiltersAreReadAsEC2ReadsThem(t *testing.T) {
	c := client(serve(t, vpcWorld(t, 12)))
	f := func(name string, values ...string) types.Filter {
		return types.Filter{Name: aws.String(name), Values: values}
	}
	for _, test := range []struct {
		name    string
		filters []types.Filter
		want    string
	}{
		{"any value of one filter", []types.Filter{f("vpc-id", "vpc-03", "vpc-07", "absent")}, "vpc-03 vpc-07"},
		{"every filter", []types.Filter{f("vpc-id", "vpc-03", "vpc-07"), f("tag:Name", "n7")}, "vpc-07"},
		{"wildcards", []types.Filter{f("tag:Name", "n1?")}, "vpc-10 vpc-11"},
		{"a wildcard that is escaped", []types.Filter{f("tag:Env", `a\*b`), f("vpc-id", "vpc-00")}, "vpc-00"},
		{"case counts", []types.Filter{f("tag:name", "n7")}, ""},
		{"booleans are text", []types.Filter{f("is-default", "true")}, "vpc-00"},
	} {
		got, err := describe(t, c, &ec2.DescribeVpcsInput{Filters: test.filters})
		if err != nil || got != test.want {
			t.Errorf("%s: %q, %v, want %q", test.name, got, err, test.want)
		}
	}
	for want, in := range map[string]*ec2.DescribeVpcsInput{
		"InvalidParameterValue": {Filters: []types.Filter{f("vpcid", "vpc-01")}},
		"FilterLimitExceeded":   {Filters: []types.Filter{f("vpc-id", slices.Repeat([]string{"vpc-01"}, 201)...)}},
		"InvalidVpcID.NotFound": {VpcIds: []string{"vpc-01", "vpc-99"}},
		"InvalidNextToken":      {NextToken: aws.String("something")},
	} {
		if _, err := describe(t, c, in); err == nil || code(t, err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestATokenIsRefusedForAnotherRequest(t *testing.T) {
	c := client(serve(t, vpcWorld(t, 12)))
	first, err := c.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{MaxResults: aws.Int32(5)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{MaxResults: aws.Int32(6), NextToken: first.NextToken})
	if err == nil || code(t, err) != "InvalidNextToken" {
		t.Errorf("got %v", err)
	}
}

func TestWritesAndUnknownActionsAreRefused(t *testing.T) {
	srv := serve(t, vpcWorld(t, 1))
	if _, err := client(srv).DeleteVpc(t.Context(), &ec2.DeleteVpcInput{VpcId: aws.String("vpc-00")}); err == nil || code(t, err) != "InvalidAction" {
		t.Errorf("got %v", err)
	}
	for name, want := range map[string]string{"2016-11-15": "ec2:DescribeVpcs", "2011-06-15": "sts:DescribeVpcs"} {
		srv.Forget()
		r, err := http.PostForm(srv.URL, url.Values{"Action": {"DescribeVpcs"}, "Version": {name}})
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		if srv.Calls()[want] != 1 {
			t.Errorf("an unsigned form of version %s was taken for %v", name, srv.Calls())
		}
	}
}

func TestManyCallersAtOnce(t *testing.T) {
	w := vpcWorld(t, 12)
	srv := serve(t, w)
	srv.Throttle(0.1, 1)
	c := client(srv)
	var group sync.WaitGroup
	for n := range 8 {
		group.Go(func() {
			for i := range 10 {
				_, _ = describe(t, c, &ec2.DescribeVpcsInput{MaxResults: aws.Int32(5)})
				_ = w.Put(here, "Vpcs", ec2test.Doc{"VpcId": fmt.Sprintf("vpc-new-%d-%d", n, i)})
				w.Delete(here, "Vpcs", fmt.Sprintf("vpc-new-%d-%d", n, i))
				srv.FailTimes(1, "DescribeSubnets", "InternalError", 0)
				_ = srv.Calls()
			}
		})
	}
	group.Wait()
	if got := len(w.Docs(here, "Vpcs")); got != 12 {
		t.Errorf("%d VPCs are left, want 12", got)
	}
	if srv.Calls()["ec2:DescribeVpcs"] < 80 {
		t.Errorf("calls %v", srv.Calls())
	}
}

func TestWhateverIsPutComesBackAsItWas(t *testing.T) {
	w := ec2test.NewWorld(account, region)
	c := client(serve(t, w))
	rapid.Check(t, func(rt *rapid.T) {
		// XML has no control characters; EC2 does not take them in tags either.
		value := rapid.StringOf(rapid.RuneFrom(nil, unicode.L, unicode.P, unicode.S, unicode.N, unicode.Zs)).Draw(rt, "value")
		put(t, w, here, "Vpcs", ec2test.Doc{"VpcId": "vpc-1", "Tags": []any{ec2test.Doc{"Key": "k", "Value": value}}})
		out, err := c.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{})
		if err != nil {
			rt.Fatal(err)
		}
		if got := *out.Vpcs[0].Tags[0].Value; got != value {
			rt.Fatalf("got %q, want %q", got, value)
		}
	})
}
