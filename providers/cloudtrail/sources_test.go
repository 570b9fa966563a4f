package cloudtrail_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"reconcile/providers/cloudtrail"
	"reconcile/providers/ec2/ec2test"
)

func part(session string) cloudtrail.Part {
	return cloudtrail.Part{Places: map[string][]string{account: {region}}, Since: noon, Until: noon.Add(time.Hour), Who: cloudtrail.Who{Role: role, Session: session}}
}

// bucketOf is a server whose bucket "trail" holds a trail of the records.
func bucketOf(t *testing.T, in ...record) *ec2test.Server {
	t.Helper()
	srv := serve(t, in...)
	if err := srv.World().DeliverTrail("trail", "", ""); err != nil {
		t.Fatal(err)
	}
	return srv
}

func eventIDs(records []cloudtrail.Record) string {
	var out []string
	for _, r := range records {
		out = append(out, r.EventID)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// TestOnlyTheHoursThatAreNeededAreFetched protects against reading years of
// everybody's files, and against missing those that were delivered late.
func TestOnlyTheHoursThatAreNeededAreFetched(t *testing.T) {
	at := func(id string, d time.Duration) record { return record{id: id, at: noon.Add(d)} }
	srv := bucketOf(t, at("last-year", -365*24*time.Hour), at("hours-before", -3*time.Hour), at("just-before", -time.Minute), at("first", 0), at("last", time.Hour),
		at("just-after", time.Hour+6*time.Second), at("hours-after", 4*time.Hour), at("next-day", 24*time.Hour),
		record{id: "elsewhere", at: noon, with: object{"awsRegion": "eu-west-1"}}, record{id: "others", at: noon, with: object{"recipientAccountId": "999999999999"}})
	b := cloudtrail.Bucket(config(srv), "trail", "", index(), nil)
	b.Gather(t.Context(), part("run-7"))
	got := b.Of(account).Read(t.Context(), query("run-7"))
	if eventIDs(got.Records) != "first last" || len(got.Problems) > 0 || !got.AllWriters || !got.Sifted {
		t.Errorf("records %s, %+v", eventIDs(got.Records), got)
	}
	var fetched []string
	for _, r := range srv.Requests() {
		if r.Action == "GetObject" && !strings.Contains(r.Path, "Digest") {
			fetched = append(fetched, r.Path[strings.LastIndexByte(r.Path, '/')+1:])
		}
	}
	slices.Sort(fetched)
	// Files of 11:55 to 14:00, one every five minutes in which anything was.
	if n := len(fetched); n != 3 {
		t.Errorf("%d files: %s", n, lines(fetched))
	}
	if calls := srv.Calls(); calls["s3:ListObjectsV2"] != 3 {
		t.Errorf("calls %v: one look for organisations, one page for the region's files and one for its digests were needed", calls)
	}
}

func TestWhatABucketWouldNotGiveIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		fault  func(*ec2test.Server)
		bucket string
		want   string
	}{
		"no list":       {func(s *ec2test.Server) { s.Fail("s3:ListObjectsV2", "AccessDenied", 403) }, "trail", "lacks s3:ListBucket"},
		"no object":     {func(s *ec2test.Server) { s.Fail("s3:GetObject", "AccessDenied", 403) }, "trail", "could not be read: denied: the caller's policy, the bucket's or that of its key lacks s3:GetObject"},
		"no bucket":     {func(*ec2test.Server) {}, "nosuch", "NoSuchBucket"},
		"another trail": {func(s *ec2test.Server) { s.World().PutObject("empty", "", nil, noon) }, "empty", "no file of account " + account + " in " + region + " since the window began"},
		"no second page": {func(s *ec2test.Server) {
			s.PageSize(1)
			s.FailPage("s3:ListObjectsV2", 1, "InternalError")
		}, "trail", "InternalError"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := bucketOf(t, many(3, 0, record{})...)
			c.fault(srv)
			b := cloudtrail.Bucket(config(srv), c.bucket, "", index(), nil)
			b.Gather(t.Context(), part("run-7"))
			got := b.Of(account).Read(t.Context(), query("run-7"))
			if !strings.Contains(strings.Join(got.Problems, "\n"), c.want) || got.AllWriters {
				t.Errorf("problems %q, all %v; want %s", got.Problems, got.AllWriters, c.want)
			}
		})
	}
}

// TestAReadingThatIsInterruptedIsNotHeldToBeWhole protects against a half-read
// bucket that looks like a quiet one.
func TestAReadingThatIsInterruptedIsNotHeldToBeWhole(t *testing.T) {
	srv := bucketOf(t, many(3, 0, record{})...)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, b := range map[string]*cloudtrail.Bulk{
		"bucket": cloudtrail.Bucket(config(srv), "trail", "", index(), nil), "lake": cloudtrail.Lake(config(srv), "store", index(), nil),
		"file": cloudtrail.Files(t.TempDir(), nil, index(), nil),
	} {
		b.Gather(ctx, part(""))
		if got := b.Of(account).Read(ctx, query("")); len(got.Problems) == 0 || got.AllWriters {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestAQueryThatFailsIsSaid protects against an answer that was never given and
// looks like a quiet hour; and one that nobody waits for is stopped, because it
// would go on to cost.
func TestAQueryThatFailsIsSaid(t *testing.T) {
	for _, kind := range []string{"athena", "lake"} {
		for name, c := range map[string]struct {
			fault func(*ec2test.Server)
			want  string
		}{
			"no right to ask": {func(s *ec2test.Server) {
				s.Deny("athena:StartQueryExecution")
				s.Deny("cloudtrail:StartQuery")
			}, "denied: the caller's policy lacks"},
			"it fails": {func(s *ec2test.Server) {
				s.World().Queries("FAILED", "SYNTAX_ERROR: line 1:8:\n column cannot be resolved")
			}, "SYNTAX_ERROR: line 1:8: column cannot be resolved"},
			"half of the rows": {func(s *ec2test.Server) {
				s.PageSize(2)
				s.FailPage("GetQueryResults", 2, "InternalServerException")
			}, "InternalServerException"},
			"interrupted":               {func(s *ec2test.Server) { s.World().Queries("RUNNING", "") }, "context deadline exceeded"},
			"a place it does not cover": {func(s *ec2test.Server) {}, ""},
		} {
			t.Run(kind+", "+name, func(t *testing.T) {
				srv := serve(t, many(5, 0, record{})...)
				srv.World().PutTable("default", "logs", table())
				b := cloudtrail.Table(config(srv), cloudtrail.Athena{Database: "default", Table: "logs"}, index(), nil)
				if kind == "lake" {
					b = cloudtrail.Lake(config(srv), "EXAMPLE-1", index(), nil)
				}
				c.fault(srv)
				ctx, cancel := context.WithTimeout(t.Context(), 900*time.Millisecond)
				defer cancel()
				b.Gather(ctx, part(""))
				got := b.Of(account).Read(ctx, query(""))
				if c.want == "" {
					if len(got.Records) != 5 || len(got.Problems) > 0 {
						t.Fatalf("%d records, %q", len(got.Records), got.Problems)
					}
					p := part("")
					p.Places = map[string][]string{account: {region, "ap-south-1"}}
					b.Gather(ctx, p)
					got = b.Of(account).Read(ctx, query("", region, "ap-south-1"))
					c.want = "it has no record at all of account " + account + " in ap-south-1"
				}
				if !strings.Contains(lines(got.Problems), c.want) || got.AllWriters {
					t.Errorf("%q, all %v; want %s", got.Problems, got.AllWriters, c.want)
				}
				stopped := srv.Calls()["athena:StopQueryExecution"] + srv.Calls()["cloudtrail:CancelQuery"]
				if (stopped > 0) != (name == "interrupted") {
					t.Errorf("%d queries were stopped", stopped)
				}
			})
		}
	}
}

// table is one such as AWS's documentation has for a trail, without partitions.
func table() ec2test.Table {
	var t ec2test.Table
	for _, name := range strings.Fields("eventtime eventsource eventname awsregion errorcode requestparameters responseelements requestid eventid readonly eventtype recipientaccountid") {
		t.Columns = append(t.Columns, ec2test.Column{Name: name, Type: "string"})
	}
	t.Columns = append(t.Columns, ec2test.Column{Name: "useridentity",
		Type: "struct<type:string,arn:string,accountid:string,invokedby:string,accesskeyid:string,sessioncontext:struct<sessionissuer:struct<arn:string>>>"})
	return t
}

// TestAnAssumedRolesOwnReadsAreFollowed protects the removal of what a session
// deleted through a role that it assumed: whether it saw that through stands in
// reads that nobody knew to be its own at first.
func TestAnAssumedRolesOwnReadsAreFollowed(t *testing.T) {
	const spoke = "arn:aws:iam::123456789012:role/spoke"
	through := func(r record) record {
		r.key, r.session = keyC, "aws-go-sdk-1"
		r.with = object{"userIdentity": object{"type": "AssumedRole", "accountId": account, "accessKeyId": keyC, "arn": "arn:aws:sts::123456789012:assumed-role/spoke/aws-go-sdk-1",
			"sessionContext": object{"sessionIssuer": object{"arn": spoke}}}}
		return r
	}
	all := []record{
		{id: "assume", event: "AssumeRole", read: true, at: minute(0), request: object{"roleArn": spoke}, response: object{"credentials": object{"accessKeyId": keyC}}, with: object{"eventSource": "sts.amazonaws.com"}},
		through(record{id: "gone", event: "DeleteRoute", at: minute(1), request: object{"routeTableId": "rtb-1", "destinationCidrBlock": "10.0.0.0/8"}, response: object{"_return": true}}),
		through(record{id: "unknown-call", event: "PutBucketPolicy", at: minute(1), response: object{}, with: object{"eventSource": "s3.amazonaws.com"}}),
		through(record{id: "look", event: "DescribeRouteTables", read: true, at: minute(1), request: object{"routeTableIdSet": object{"items": []any{object{"routeTableId": "rtb-1"}}}}}),
	}
	// The session's own reads are gone with the rest if a key hides another.
	all[2].with["userIdentity"] = all[1].with["userIdentity"]
	for name, b := range map[string]*cloudtrail.Bulk{
		"bucket": cloudtrail.Bucket(config(bucketOf(t, all...)), "trail", "", index(), nil),
		"lake":   cloudtrail.Lake(config(serve(t, all...)), "store", index(), nil),
	} {
		b.Gather(t.Context(), part("run-7"))
		found := b.Of(account).Read(t.Context(), query("run-7"))
		found.Add(b.Of(account).Chain(t.Context(), query("run-7")))
		_, session := cloudtrail.Build(found, query("run-7"), index(), cloudtrail.Hints{})
		if len(session.Assumed) != 1 || session.Assumed[0].Key != keyC {
			t.Fatalf("%s: the session assumed %v", name, session.Assumed)
		}
		b.Follow(t.Context(), []string{keyC})
		found.Add(b.Of(account).Read(t.Context(), query(keyC)))
		trail, _ := cloudtrail.Build(found, query("run-7"), index(), cloudtrail.Hints{})
		var own []string
		for _, c := range trail.Own {
			own = append(own, c.EventID)
		}
		if slices.Sort(own); strings.Join(own, " ") != "gone unknown-call" {
			t.Errorf("%s: the session's own calls are %v", name, own)
		}
		d := cloudtrail.Deletion{Key: "k", Event: "gone", Region: region, Time: minute(1), Names: "rtb-1"}
		d.Wait.Call, d.Wait.Times = "DescribeRouteTables", 1
		// Of the same second: a file in order of time tells which was first.
		if seen, _ := b.Of(account).SeenThrough(t.Context(), []cloudtrail.Deletion{d}, []string{keyC}); seen["k"] != (name == "bucket") {
			t.Errorf("%s: the look at what was deleted in the same second counts: %v", name, seen["k"])
		}
		d.Time = minute(0) // and of a later one from anywhere
		d.Event = "assume"
		if seen, _ := b.Of(account).SeenThrough(t.Context(), []cloudtrail.Deletion{d}, []string{keyC}); !seen["k"] {
			t.Errorf("%s: a later look is not found", name)
		}
	}
}

// TestAQueueThatWouldLoseMessagesIsNotRead: every reading counts as a failed
// delivery, and a redrive policy moves a message away after some of them.
func TestAQueueThatWouldLoseMessagesIsNotRead(t *testing.T) {
	srv := serve(t)
	srv.World().PutMessages("trail-redriven", "{}")
	srv.World().PutMessages("trail", "{}", "not JSON", `{"Type":"Notification","Message":"{\"detail\":`+strings.ReplaceAll(string(record{id: "in-sns", at: noon}.json(t)), `"`, `\"`)+`}"}`)
	read := func(name string) cloudtrail.Result {
		b := cloudtrail.Queue(config(srv), srv.URL+"/"+account+"/"+name, index(), nil)
		b.Gather(t.Context(), part(""))
		return b.Of(account).Read(t.Context(), query(""))
	}
	if got := read("trail-redriven"); !strings.Contains(lines(got.Problems), "redrive policy") || srv.Calls()["sqs:ReceiveMessage"] > 0 {
		t.Errorf("%q, %v", got.Problems, srv.Calls())
	}
	if got := read("trail"); eventIDs(got.Records) != "in-sns" || got.Malformed != 2 || got.AllWriters || !strings.Contains(lines(got.Problems), "3 messages of about 3") {
		t.Errorf("records %s, %+v", eventIDs(got.Records), got)
	}
	if got := read("nosuch"); !strings.Contains(lines(got.Problems), "QueueDoesNotExist") {
		t.Errorf("%q", got.Problems)
	}
	for _, r := range srv.Requests() {
		if r.Action == "ReceiveMessage" && !strings.Contains(r.Body, `"VisibilityTimeout":0`) {
			t.Errorf("a message would be hidden from others: %s", r.Body)
		}
	}
}

// TestAQueueThatShowsTheSameAgainIsReadToItsEnd: only there messages are hidden,
// and for seconds.
func TestAQueueThatShowsTheSameAgainIsReadToItsEnd(t *testing.T) {
	srv := serve(t)
	for i := range 35 {
		srv.World().PutMessages("trail-stuck", `{"detail":`+string(record{id: fmt.Sprint("e", i), at: noon}.json(t))+`}`)
	}
	b := cloudtrail.Queue(config(srv), srv.URL+"/"+account+"/trail-stuck", index(), nil)
	b.Gather(t.Context(), part(""))
	if got := b.Of(account).Read(t.Context(), query("")); len(got.Records) != 35 || !strings.Contains(lines(got.Problems), "35 messages of about 35") {
		t.Errorf("%d records, %q", len(got.Records), got.Problems)
	}
	hiding := regexp.MustCompile(`"VisibilityTimeout":(\d+)`)
	open := 0
	for _, r := range srv.Requests() {
		if m := hiding.FindStringSubmatch(r.Body); r.Action == "ReceiveMessage" && (m == nil || len(m[1]) > 2) {
			t.Errorf("asked with %s", r.Body)
		} else if m != nil && m[1] == "0" {
			open++
		}
	}
	if open < 10 {
		t.Errorf("messages were hidden after %d open readings", open)
	}
}

// TestMemoryGoesWithWhatMatters reads a file of reads by others, many times
// over, and keeps none of it.
func TestMemoryGoesWithWhatMatters(t *testing.T) {
	dir := t.TempDir()
	var b strings.Builder
	b.WriteString(`{"Records":[` + string(record{id: "own", at: noon}.json(t)))
	other := record{event: "DescribeVpcs", read: true, at: noon, with: object{"userIdentity": object{"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/x", "accessKeyId": "AKIAX"}}}
	for range 2000 {
		b.WriteString("," + string(other.json(t)))
	}
	b.WriteString(`]}`)
	for i := range 20 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d.json", i)), []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f := cloudtrail.Files(dir, nil, index(), nil)
	allocated := testing.AllocsPerRun(1, func() { f.Gather(t.Context(), part("run-7")) })
	got := f.Of(account).Read(t.Context(), query("run-7"))
	if got.Scanned != 20*2001 || eventIDs(got.Records) != "own" || got.Duplicates != 19 {
		t.Errorf("%d records looked at, %d twice, kept %s", got.Scanned, got.Duplicates, eventIDs(got.Records))
	}
	if allocated > 10_000 {
		t.Errorf("%.0f allocations for 40,020 records of which 20 matter", allocated)
	}
}

func TestASourceIsReadOrRefused(t *testing.T) {
	for in, want := range map[string]string{
		"":                               "lookup",
		"lookup":                         "lookup",
		"-":                              "file -",
		"file:-":                         "file -",
		"file:a:b/c":                     "file a:b/c",
		"s3://my-trail":                  "s3 my-trail",
		"s3://my-trail/a/b/":             "s3 my-trail a/b/",
		"athena:default.cloudtrail_logs": "athena default cloudtrail_logs",
		"lake:EXAMPLE-f852-4e8f":         "lake EXAMPLE-f852-4e8f",
		"lake:arn:aws:cloudtrail:us-east-1:123456789012:eventdatastore/EXAMPLE-1": "lake arn:aws:cloudtrail:us-east-1:123456789012:eventdatastore/EXAMPLE-1",
		"eventbridge:https://sqs.us-east-1.amazonaws.com/123456789012/q":          "eventbridge https://sqs.us-east-1.amazonaws.com/123456789012/q",
		"lookup:x": "", "file:": "", "s3:bucket": "", "s3://": "", "s3://UPPER": "", "athena:table": "", "athena:a.b; DROP TABLE x": "", "lake:": "", "lake:a b": "",
		"lake:x WHERE 1=1 --": "", "eventbridge:q": "", "/tmp/x": "", "http://x": "",
	} {
		s, err := cloudtrail.ParseSource(in)
		if (err != nil) != (want == "") {
			t.Errorf("%q: %+v, %v", in, s, err)
			continue
		}
		got := strings.Join(strings.Fields(strings.Join([]string{s.Kind, s.Path, s.Bucket, s.Prefix, s.Table.Database, s.Table.Table, s.Store, s.Queue}, " ")), " ")
		if err == nil && got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}
