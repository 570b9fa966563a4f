package incident_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"reconcile/internal/plan"
	"reconcile/providers"
	"reconcile/providers/ec2/ec2test"
)

const (
	atTheEnd  = "6f1c2d3e-0001-4002-8003-1234567890ab"
	notThere  = "6f1c2d3e-0002-4002-8003-1234567890ab"
	elsewhere = "6f1c2d3e-0004-4002-8003-1234567890ab"
)

var oncall = ec2test.Identity{Account: "123456789012", ARN: "arn:aws:sts::123456789012:assumed-role/oncall/me"}

// known puts a read by the caller into the trail, some time after the window.
func (d *day) known(t *testing.T, request string, after time.Duration) {
	t.Helper()
	d.knownIn(t, request, d.world.Home().Region, after)
}

func (d *day) knownIn(t *testing.T, request, region string, after time.Duration) {
	t.Helper()
	raw := fmt.Appendf(nil, `{"eventVersion":"1.10","eventID":"known-%s","requestID":%q,"eventName":"DescribeRegions","eventSource":"ec2.amazonaws.com","eventType":"AwsApiCall","readOnly":true,
		"eventTime":%q,"awsRegion":%q,"recipientAccountId":%q,"userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::123456789012:assumed-role/oncall/me","accessKeyId":"ASIAONCALL0000000001",
		"sessionContext":{"sessionIssuer":{"arn":"arn:aws:iam::123456789012:role/oncall"}}},"requestParameters":null,"responseElements":null}`,
		request[:13], request, d.end().Add(after).UTC().Format(time.RFC3339), region, d.world.Home().Account)
	if err := d.world.PutRecords(json.RawMessage(raw)); err != nil {
		t.Fatal(err)
	}
}

// TestAKnownCallTellsHowFarTheTrailReaches fails when a trail is held complete
// that does not have a call which was made, or is waited for although it shows
// that it is there.
func TestAKnownCallTellsHowFarTheTrailReaches(t *testing.T) {
	for name, c := range map[string]struct {
		barriers   []string
		now        time.Duration // after the window's end
		incomplete string
		until      time.Duration // from the window's end; 1 for its begin
		why        string
	}{
		"old enough":             {nil, 30 * time.Minute, "", 0, "the window ended 30m0s ago, longer than records are late"},
		"too young":              {nil, 5 * time.Minute, "run again after", -10 * time.Minute, "records may be 15m0s late"},
		"too young, and shown":   {[]string{atTheEnd}, 5 * time.Minute, "", 0, "the request " + atTheEnd},
		"old, and not there":     {[]string{notThere}, 30 * time.Minute, "CloudTrail does not have " + notThere + " (--barrier) yet", 1, "has not arrived: " + notThere},
		"one there, another not": {[]string{strings.ToUpper(atTheEnd), notThere}, 5 * time.Minute, "does not have " + notThere, 2 * time.Minute, "has not arrived"},
	} {
		for _, source := range []string{"lookup", "s3://trail"} {
			t.Run(name+", "+source, func(t *testing.T) {
				d := begin(t, "first-apply-expire-8")
				d.world.Identify("ASIARECORDED00000000", oncall)
				d.known(t, atTheEnd, 2*time.Minute)
				if err := d.world.DeliverTrail("trail", "", ""); err != nil {
					t.Fatal(err)
				}
				d.o.Barriers, d.o.Trail.Source = c.barriers, source
				d.o.Now = func() time.Time { return d.end().Add(c.now) }
				r := d.read(t)
				if got := strings.Join(r.Incomplete, "\n"); !strings.Contains(got, c.incomplete) || (c.incomplete == "") != (got == "") {
					t.Errorf("incomplete: %s", got)
				}
				until := d.end().Add(c.until)
				if c.until == 1 {
					until = d.o.Since
				}
				if !r.Trail.CompleteUntil.Equal(until) || !strings.Contains(r.Trail.Why, c.why) {
					t.Errorf("complete until %s, because %s; want %s", r.Trail.CompleteUntil, r.Trail.Why, until)
				}
				if len(r.Trail.Barriers) != len(c.barriers) {
					t.Errorf("barriers %+v", r.Trail.Barriers)
				}
			})
		}
	}
}

// TestAKnownCallSpeaksForItsOwnRegion fails when a call in one region has the
// records of another held complete: they come each in their own time.
func TestAKnownCallSpeaksForItsOwnRegion(t *testing.T) {
	for name, c := range map[string]struct {
		barriers []string
		until    time.Duration // from the window's end
		why      string
		complete bool
		note     bool
	}{
		"one region is known": {[]string{atTheEnd}, -10 * time.Minute, "records may be 15m0s late", false, true},
		"both are":            {[]string{atTheEnd, elsewhere}, -time.Minute, "the request " + elsewhere, false, false},
		"neither":             {nil, -10 * time.Minute, "records may be 15m0s late", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			d := begin(t, "first-apply-expire-8")
			d.world.Identify("ASIARECORDED00000000", oncall)
			d.known(t, atTheEnd, 2*time.Minute)
			d.knownIn(t, elsewhere, "eu-west-1", -time.Minute)
			d.o.Barriers, d.o.Regions = c.barriers, []string{"eu-west-1"}
			d.o.Now = func() time.Time { return d.end().Add(5 * time.Minute) }
			r := d.read(t)
			if !r.Trail.CompleteUntil.Equal(d.end().Add(c.until)) || !strings.Contains(r.Trail.Why, c.why) || r.Trail.Complete != c.complete {
				t.Errorf("complete until %s, because %s, %v", r.Trail.CompleteUntil, r.Trail.Why, r.Trail.Complete)
			}
			if got := strings.Contains(strings.Join(r.Notes, "\n"), "none is known in eu-west-1 of 123456789012"); got != c.note {
				t.Errorf("notes %q", r.Notes)
			}
			for _, b := range r.Trail.Barriers {
				if want := map[string]string{atTheEnd: d.world.Home().Region, elsewhere: "eu-west-1"}[b.Request]; b.Region != want || b.Account != "123456789012" {
					t.Errorf("%+v", b)
				}
			}
		})
	}
}

// TestTheApplysLogNamesACallThatMustBeThere: the log's last error is the best
// barrier there is. It holds nobody up for ever.
func TestTheApplysLogNamesACallThatMustBeThere(t *testing.T) {
	d := begin(t, "first-apply-expire-8")
	d.write(t, "apply.log", "aws_vpc.a: Creating...\n╷\n│ Error: creating EC2 VPC: operation error EC2: CreateVpc, https response error StatusCode: 400, RequestID: "+notThere+
		", api error VpcLimitExceeded: no more\n│ \n│   with aws_vpc.a,\n╵\n"+
		"╷\n│ Error: operation error EC2: CreateSubnet, https response error StatusCode: 400, RequestID: 6f1c2d3e-0003-4002-8003-1234567890ab, api error RequestExpired: Request has expired.\n╵\n")
	d.o.ApplyLog = d.path("apply.log")
	said := func(r *plan.Report) string { return strings.Join(r.Incomplete, "\n") }
	r := d.read(t)
	if got := said(r); !strings.Contains(got, notThere+" (the apply's log, line 4)") && !strings.Contains(got, notThere+" (the apply's log, line 3)") && !strings.Contains(got, notThere+" (the apply's log, line 2)") {
		t.Errorf("incomplete: %s", got)
	}
	if got := strings.Join(r.Notes, "\n"); !strings.Contains(got, "not sought in the trail") || !strings.Contains(got, "RequestExpired: calls with credentials that are no good are not recorded") {
		t.Errorf("notes %s", got)
	}
	if strings.Contains(said(r), "0003") {
		t.Errorf("a call with expired credentials is not recorded, and was waited for: %s", said(r))
	}
	d.o.Now = func() time.Time { return d.end().Add(3 * time.Hour) }
	if r = d.read(t); said(r) != "" || !strings.Contains(strings.Join(r.Notes, "\n"), "it was not recorded") {
		t.Errorf("after three hours: incomplete %s, notes %q", said(r), r.Notes)
	}
}

// TestWaitingEndsWhenTheTrailIsComplete, and at its limit.
func TestWaitingEndsWhenTheTrailIsComplete(t *testing.T) {
	for name, c := range map[string]struct {
		barriers []string
		arrives  int // at which pause the known call arrives, 0 for never
		limit    time.Duration
		slept    time.Duration
		complete bool
	}{
		"for its age":             {nil, 0, 20 * time.Minute, 10 * time.Minute, true},
		"for a call":              {[]string{atTheEnd}, 3, 20 * time.Minute, 90 * time.Second, true},
		"no longer than was said": {nil, 0, 4 * time.Minute, 4 * time.Minute, false},
		"for a call in vain":      {[]string{atTheEnd}, 0, 2 * time.Minute, 2 * time.Minute, false},
	} {
		t.Run(name, func(t *testing.T) {
			d := begin(t, "first-apply-expire-8")
			d.world.Identify("ASIARECORDED00000000", oncall)
			d.o.Now = func() time.Time { return d.end().Add(5 * time.Minute) }
			d.o.Barriers, d.o.Wait = c.barriers, c.limit
			var slept time.Duration
			pauses := 0
			d.o.Sleep = func(_ context.Context, p time.Duration) error {
				slept += p
				if pauses++; pauses == c.arrives {
					d.known(t, atTheEnd, time.Minute)
				}
				return nil
			}
			var notes []string
			d.o.OnProgress = func(p providers.Progress) {
				if strings.HasPrefix(p.Note, "waiting for CloudTrail") {
					notes = append(notes, p.Note)
				}
			}
			r := d.read(t)
			if slept != c.slept || r.Trail.Complete != c.complete {
				t.Errorf("waited %s, complete %v: %q", slept, r.Trail.Complete, r.Incomplete)
			}
			if len(notes) != pauses {
				t.Errorf("%d pauses, told %q", pauses, notes)
			}
			if !r.GeneratedAt.Equal(d.end().Add(5*time.Minute + slept).UTC().Truncate(time.Second)) {
				t.Errorf("generated at %s", r.GeneratedAt)
			}
		})
	}
	d := begin(t, "first-apply-expire-8")
	d.o.Now = func() time.Time { return d.end() }
	d.o.Wait = time.Hour
	d.o.Sleep = func(context.Context, time.Duration) error { return context.Canceled }
	if got := failure(t, d); !strings.Contains(got, "canceled") {
		t.Error(got)
	}
}
