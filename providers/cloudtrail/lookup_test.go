package cloudtrail_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/middleware"

	"reconcile/providers/cloudtrail"
	"reconcile/providers/ec2"
	"reconcile/providers/ec2/ec2test"
)

func serve(t *testing.T, in ...record) *ec2test.Server {
	t.Helper()
	w := ec2test.NewWorld(account, region)
	for _, r := range in {
		if err := w.PutRecords(r.json(t)); err != nil {
			t.Fatal(err)
		}
	}
	srv := ec2test.NewServer(w)
	if srv.Err() != nil {
		t.Fatal(srv.Err())
	}
	t.Cleanup(srv.Close)
	return srv
}

// config does not pace, so that a test takes no time, and retries at once.
func config(srv *ec2test.Server) aws.Config {
	return aws.Config{Region: region, BaseEndpoint: &srv.URL, HTTPClient: srv.Client(),
		Credentials: credentials.NewStaticCredentialsProvider("ASIAREADER0000000001", "secret", ""),
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts, o.Backoff = 5, retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return time.Millisecond, nil })
			})
		}}
}

func query(session string, regions ...string) cloudtrail.Query {
	if regions == nil {
		regions = []string{region}
	}
	return cloudtrail.Query{Regions: regions, Since: noon, Until: noon.Add(time.Hour), Who: cloudtrail.Who{Role: role, Session: session}}
}

// many are n records from minute from on, a second apart.
func many(n, from int, r record) []record {
	out := make([]record, n)
	for i := range out {
		out[i] = r
		out[i].at = minute(from).Add(time.Duration(i) * time.Second)
	}
	return out
}

// filters are the calls that the server answered, "ReadOnly=false" each.
func filters(srv *ec2test.Server) []string {
	var out []string
	for _, r := range srv.Requests() {
		name := "?"
		for _, key := range []string{"ReadOnly", "Username", "AccessKeyId", "EventName"} {
			if strings.Contains(r.Body, `"AttributeKey":"`+key+`"`) {
				name = key
			}
		}
		out = append(out, name)
	}
	return out
}

func TestTheFilterThatCostsFewerPagesIsUsed(t *testing.T) {
	read := record{event: "DescribeVpcs", read: true}
	other := record{session: "run-8", key: keyB}
	for _, c := range []struct {
		name    string
		records []record
		session string
		calls   string
		own     int
		all     bool
	}{
		{"writers fit one page", many(50, 0, record{}), "run-7", "ReadOnly", 50, true},
		{"nothing there", nil, "run-7", "ReadOnly Username", 0, true},
		{"the session only read", slices.Concat(many(300, 0, read), many(5, 30, other)), "run-7", "ReadOnly Username", 0, true},
		{"thousands of reads cost no page", slices.Concat(many(20, 0, record{}), many(2000, 1, read)), "run-7", "ReadOnly", 20, true},
		{"many writers and a small session", slices.Concat(many(120, 0, other), many(5, 30, record{}), many(130, 31, other)), "run-7",
			"ReadOnly Username", 5, false},
		{"the same by access key", slices.Concat(many(120, 0, other), many(5, 30, record{}), many(130, 31, other)), keyA,
			"ReadOnly AccessKeyId", 5, false},
		{"the session is the only writer", many(120, 0, record{}), "run-7", "ReadOnly Username ReadOnly ReadOnly", 120, true},
		{"the session reads more than everybody writes", slices.Concat(many(60, 0, record{}), many(60, 5, other), many(300, 10, read)), "run-7",
			"ReadOnly Username ReadOnly ReadOnly", 60, true},
		{"no session: every writer is needed", many(120, 0, record{}), "", "ReadOnly ReadOnly ReadOnly", 120, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := serve(t, c.records...)
			progress := 0
			got := cloudtrail.NewLookup(config(srv), func(string, int, int) { progress++ }).Read(t.Context(), query(c.session))
			if calls := strings.Join(filters(srv), " "); calls != c.calls {
				t.Errorf("asked %s, want %s", calls, c.calls)
			}
			if len(got.Problems) > 0 || got.AllWriters != c.all {
				t.Errorf("problems %v, all writers %v", got.Problems, got.AllWriters)
			}
			if n := len(srv.Requests()); got.Pages != n || progress != n {
				t.Errorf("%d calls, %d pages counted, %d told", n, got.Pages, progress)
			}
			trail, session := cloudtrail.Build(got, query(c.session), index(), cloudtrail.Hints{})
			if len(trail.Own) != c.own {
				t.Errorf("%d calls of the session, want %d", len(trail.Own), c.own)
			}
			if found := len(session.AccessKeys) > 0; found != (len(c.records) > 0) {
				t.Errorf("keys of the session: %v", session.AccessKeys)
			}
		})
	}
}

func TestTheWindowIsAskedForAndNoMore(t *testing.T) {
	srv := serve(t, record{id: "before", at: noon.Add(-time.Second)}, record{id: "first", at: noon},
		record{id: "last", at: noon.Add(time.Hour)}, record{id: "trailing", at: noon.Add(time.Hour + 5*time.Second)}, record{id: "after", at: noon.Add(time.Hour + 6*time.Second)})
	got := cloudtrail.NewLookup(config(srv), nil).Read(t.Context(), query("run-7"))
	var names []string
	for _, r := range got.Records {
		names = append(names, r.EventID)
	}
	slices.Sort(names)
	if s := strings.Join(names, " "); s != "first last trailing" {
		t.Errorf("found %s", s)
	}
}

func TestARegionThatDoesNotAnswerIsAProblemAndTheOthersAreRead(t *testing.T) {
	there := object{"awsRegion": "eu-west-1"}
	for _, c := range []struct {
		name    string
		fault   func(*ec2test.Server)
		records int
		problem string
	}{
		{"denied", func(s *ec2test.Server) { s.Deny("LookupEvents") }, 0,
			"CloudTrail in eu-west-1: denied: the caller's policy lacks cloudtrail:LookupEvents; CloudTrail in us-east-1: denied: the caller's policy lacks cloudtrail:LookupEvents"},
		{"broken for good", func(s *ec2test.Server) { s.Fail("LookupEvents", "InternalError", 0) }, 0,
			"CloudTrail in eu-west-1 could not be read: InternalError: The call of LookupEvents was made to fail; CloudTrail in us-east-1 could not be read: InternalError: The call of LookupEvents was made to fail"},
		{"the second page is refused", func(s *ec2test.Server) { s.FailPage("LookupEvents", 2, "AccessDeniedException") }, 100,
			"CloudTrail in eu-west-1: denied: the caller's policy lacks cloudtrail:LookupEvents; CloudTrail in us-east-1: denied: the caller's policy lacks cloudtrail:LookupEvents"},
		{"throttled for a moment", func(s *ec2test.Server) { s.FailTimes(3, "LookupEvents", "ThrottlingException", 400) }, 140, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := serve(t, slices.Concat(many(70, 0, record{}), many(70, 0, record{with: there}))...)
			c.fault(srv)
			got := cloudtrail.NewLookup(config(srv), nil).Read(t.Context(), query("", region, "eu-west-1"))
			if p := strings.Join(got.Problems, "; "); p != c.problem {
				t.Errorf("problems\n%s\nwant\n%s", p, c.problem)
			}
			if len(got.Records) != c.records || got.AllWriters != (c.problem == "") {
				t.Errorf("%d records, all writers %v", len(got.Records), got.AllWriters)
			}
		})
	}
}

func TestOnlyOneRegionDenied(t *testing.T) {
	srv := serve(t, record{}, record{with: object{"awsRegion": "eu-west-1"}})
	cfg := config(srv)
	cfg.HTTPClient = refuseRegion{"eu-west-1", cfg.HTTPClient}
	got := cloudtrail.NewLookup(cfg, nil).Read(t.Context(), query("run-7", region, "eu-west-1"))
	if len(got.Problems) != 1 || got.Problems[0] != "CloudTrail in eu-west-1: denied: the caller's policy lacks cloudtrail:LookupEvents" {
		t.Errorf("problems %q", got.Problems)
	}
	if len(got.Records) != 1 || got.Records[0].Place.Region != region || got.AllWriters {
		t.Errorf("%d records, all writers %v", len(got.Records), got.AllWriters)
	}
}

// refuseRegion denies what is signed for one region, as a policy with a
// condition on aws:RequestedRegion does.
type refuseRegion struct {
	region string
	next   aws.HTTPClient
}

func (c refuseRegion) Do(r *http.Request) (*http.Response, error) {
	if strings.Contains(r.Header.Get("Authorization"), "/"+c.region+"/") {
		return answer(http.StatusBadRequest, `{"__type":"AccessDeniedException","message":"no"}`), nil
	}
	return c.next.Do(r)
}

func answer(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}}, Body: io.NopCloser(bytes.NewBufferString(body))}
}

func TestMakersAreAskedForByName(t *testing.T) {
	srv := serve(t, slices.Concat(many(60, 0, record{session: "run-8"}), many(3, 1, record{event: "CreateSubnet"}), many(9, 2, record{event: "DeleteVpc"}),
		[]record{{with: object{"awsRegion": "eu-west-1"}}})...)
	got := cloudtrail.NewLookup(config(srv), nil).Makers(t.Context(), query("", region, "eu-west-1"), []string{"CreateSubnet", "CreateVpc"})
	if len(got.Records) != 64 || got.Pages != 5 || got.AllWriters || len(got.Problems) != 0 {
		t.Errorf("%d records on %d pages, all writers %v, problems %v", len(got.Records), got.Pages, got.AllWriters, got.Problems)
	}
	for _, f := range filters(srv) {
		if f != "EventName" {
			t.Errorf("asked by %s", f)
		}
	}
}

func TestARegionThatRefusesIsNotAskedForEveryName(t *testing.T) {
	srv := serve(t)
	srv.Deny("LookupEvents")
	got := cloudtrail.NewLookup(config(srv), nil).Makers(t.Context(), query("", region, "eu-west-1"), []string{"CreateRoute", "CreateSubnet", "CreateVpc"})
	if n := len(srv.Requests()); n != 2 || len(got.Problems) != 2 {
		t.Errorf("%d calls, problems %q", n, got.Problems)
	}
}

func TestUnreadableEventsAreCounted(t *testing.T) {
	client := clientFunc(func(*http.Request) (*http.Response, error) {
		return answer(http.StatusOK, `{"Events":[{"EventId":"1"},{"EventId":"2","CloudTrailEvent":"{"}],"NextToken":""}`), nil
	})
	cfg := aws.Config{Region: region, HTTPClient: client, Credentials: credentials.NewStaticCredentialsProvider("A", "B", "")}
	got := cloudtrail.NewLookup(cfg, nil).Read(t.Context(), query(""))
	if got.Malformed != 2 || got.Pages != 1 || len(got.Records) != 0 {
		t.Errorf("%d unreadable, %d records, %d pages: an empty token must end the reading", got.Malformed, len(got.Records), got.Pages)
	}
}

type clientFunc func(*http.Request) (*http.Response, error)

func (f clientFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

func TestAnInterruptedReadingSaysSo(t *testing.T) {
	srv := serve(t, many(200, 0, record{})...)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	got := cloudtrail.NewLookup(config(srv), func(string, int, int) { cancel() }).Read(ctx, query(""))
	if len(got.Problems) != 1 || !strings.HasPrefix(got.Problems[0], "CloudTrail in us-east-1 could not be read: ") || got.AllWriters {
		t.Errorf("problems %q, all writers %v", got.Problems, got.AllWriters)
	}
}

// TestLookupEventsStaysUnderTwoCallsASecond counts on a clock of its own.
func TestLookupEventsStaysUnderTwoCallsASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const pages = 40
		var mu sync.Mutex
		calls := map[string][]time.Time{}
		begin := time.Now()
		client := clientFunc(func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			at := region
			if strings.Contains(r.Header.Get("Authorization"), "/eu-west-1/") {
				at = "eu-west-1"
			}
			calls[at] = append(calls[at], time.Now())
			next := ""
			if n := len(calls[at]); n < pages {
				next = fmt.Sprintf(`,"NextToken":"%d"`, n)
			}
			return answer(http.StatusOK, `{"Events":[]`+next+`}`), nil
		})
		cfg := aws.Config{Region: region, HTTPClient: client, Credentials: credentials.NewStaticCredentialsProvider("A", "B", ""),
			APIOptions: []func(*middleware.Stack) error{ec2.Pace()}}
		got := cloudtrail.NewLookup(cfg, nil).Read(t.Context(), query("", region, "eu-west-1"))
		if got.Pages != 2*pages || len(got.Problems) > 0 {
			t.Fatalf("%d pages, problems %v", got.Pages, got.Problems)
		}
		for at, times := range calls {
			for i := 2; i < len(times); i++ {
				if gap := times[i].Sub(times[i-2]); gap <= time.Second {
					t.Errorf("%s: calls %d to %d within %s", at, i-2, i, gap)
				}
			}
		}
		// The limit is for each region: two take no longer than one.
		if took := time.Since(begin); took > pages*time.Second*6/10 {
			t.Errorf("two regions of %d pages took %s", pages, took)
		}
	})
}

func TestThePaceSurvivesAwsOwnLimit(t *testing.T) {
	srv := serve(t, many(200, 0, record{})...)
	srv.ThrottleTrail(2)
	cfg := config(srv)
	cfg.APIOptions = append(cfg.APIOptions, ec2.Pace())
	got := cloudtrail.NewLookup(cfg, nil).Read(t.Context(), query(""))
	if len(got.Records) != 200 || len(got.Problems) > 0 {
		t.Errorf("%d records, problems %v", len(got.Records), got.Problems)
	}
}

// TestASlowReadingSaysWhatIsQuicker: an hour of 200 writes a second is read for
// hours, and whoever waits should know of the trail's own files.
func TestASlowReadingSaysWhatIsQuicker(t *testing.T) {
	for name, c := range map[string]struct {
		records []record
		session string
		bucket  string
		want    string
	}{
		// Two pages cover 100 s of an hour: 72 pages to go would be 40 s.
		"quick": {many(100, 58, record{}), "", "trail", ""},
		// A page covers nine seconds: 400 pages, at 1.8 a second.
		"slow": {dense(), "", "trail", "CloudTrail's event history in us-east-1 takes about 4m to read; the trail's own files are quicker: --trail s3://trail; so is naming the run: --session NAME or ACCESS-KEY-ID"},
		"slow, and the trail is not known": {dense(), "", "",
			"CloudTrail's event history in us-east-1 takes about 4m to read; a trail's own files are quicker, if there is one: --trail s3://BUCKET[/PREFIX]; so is naming the run: --session NAME or ACCESS-KEY-ID"},
		"the session alone is quick": {slices.Concat(dense(), []record{{session: "run-8", key: keyB, at: minute(1)}}), "run-8", "trail", ""},
	} {
		t.Run(name, func(t *testing.T) {
			srv := serve(t, c.records...)
			if c.bucket != "" {
				srv.World().PutTrail(c.bucket)
			} else {
				srv.Deny("cloudtrail:DescribeTrails")
			}
			var told []string
			l := cloudtrail.NewLookup(config(srv), nil).Advise(func(s string) { told = append(told, s) })
			got := l.Read(t.Context(), query(c.session))
			if lines(told) != c.want || lines(got.Notes) != c.want {
				t.Errorf("told %q, noted %q, want %q", told, got.Notes, c.want)
			}
		})
	}
}

// dense are the last nine seconds of an hour, with more calls than fit a page.
func dense() []record {
	out := make([]record, 60)
	for i := range out {
		out[i].at = noon.Add(time.Hour - 9*time.Second + time.Duration(i)*150*time.Millisecond)
	}
	return out
}
