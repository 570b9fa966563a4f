package incident_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"reconcile/fixtures"
	"reconcile/internal/incident"
	"reconcile/internal/need"
	"reconcile/internal/plan"
	"reconcile/providers/ec2/ec2test"
)

// TestEverySourceTellsTheSameIncident reads each recorded incident from every
// place where CloudTrail's records may be. The plan must not hang on the place.
func TestEverySourceTellsTheSameIncident(t *testing.T) {
	for i, incident := range fixtures.Names() {
		t.Run(incident, func(t *testing.T) {
			t.Parallel()
			if i > 0 {
				need.NoRace(t, "one incident goes the ways of all")
			}
			d := begin(t, incident)
			// Somebody's read after the window: by it a file shows that it reaches so far.
			if err := d.world.PutRecords(d.passerby(t, time.Minute)); err != nil {
				t.Fatal(err)
			}
			if len(d.read(t).Mutations) == 0 {
				t.Fatal("the session did nothing")
			}
			for name, source := range d.sources(t) {
				t.Run(name, func(t *testing.T) {
					want, with := d.read(t), *d
					with.o.Trail.Source, with.o.Stdin = source.flag, source.stdin
					d.server.Forget()
					got := with.read(t)
					if n := d.server.Calls()["cloudtrail:LookupEvents"]; n > 0 {
						t.Errorf("LookupEvents was asked %d times", n)
					}
					if diff := cmp.Diff(want.Mutations, got.Mutations); diff != "" {
						t.Errorf("mutations, LookupEvents against %s:\n%s", source.flag, diff)
					}
					if !source.ordered {
						leaveRemovals(want, got)
					}
					if diff := cmp.Diff(want.Findings, got.Findings); diff != "" {
						t.Errorf("findings:\n%s", diff)
					}
					if diff := cmp.Diff(want.Actions, got.Actions); diff != "" {
						t.Errorf("actions:\n%s", diff)
					}
					if diff := cmp.Diff(want.Questions, got.Questions); diff != "" {
						t.Errorf("questions:\n%s", diff)
					}
					if diff := cmp.Diff(want.Session, got.Session); diff != "" {
						t.Errorf("session:\n%s", diff)
					}
					if diff := cmp.Diff(want.Timeline, got.Timeline); diff != "" {
						t.Errorf("timeline:\n%s", diff)
					}
					if source.stdin == nil {
						sameSessions(t, d, source)
					}
					incomplete := want.Incomplete
					if source.doubt != "" {
						incomplete = append(incomplete[:len(incomplete):len(incomplete)], source.doubt)
					}
					if diff := cmp.Diff(incomplete, got.Incomplete); diff != "" {
						t.Errorf("incomplete:\n%s", diff)
					}
				})
			}
		})
	}
}

// sameSessions holds the role's sessions from a source against those from
// LookupEvents.
func sameSessions(t *testing.T, d *day, s source) {
	t.Helper()
	tell := func(flag string) *plan.Sessions {
		o := d.o
		o.Session, o.Trail.Source, o.Regions = "", flag, []string{d.world.Home().Region}
		got, err := incident.Sessions(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got.Runs {
			if s.doubt != "" {
				got.Runs[i].Whole = false // never, from there
			}
		}
		return got
	}
	want, got := tell(""), tell(s.flag)
	if len(want.Runs) < 2 || want.Likely == nil || want.Likely.Name != d.truth.Session {
		t.Errorf("%d sessions, the likely one %+v", len(want.Runs), want.Likely)
	}
	if diff := cmp.Diff(want.Runs, got.Runs); diff != "" {
		t.Errorf("sessions, LookupEvents against %s:\n%s", s.flag, diff)
	}
	if diff := cmp.Diff(want.Likely, got.Likely); diff != "" {
		t.Errorf("the likely one:\n%s", diff)
	}
}

// leaveRemovals takes the removals out of what is wanted that this source has
// no proof of: it tells no order within a second, so a look at what was deleted
// may have come before the deletion. Such a removal is left to the next plan.
func leaveRemovals(want, got *plan.Report) {
	left := map[string]string{}
	for _, f := range got.Findings {
		if strings.Contains(f.Reason, "the run died before it saw that it was gone") {
			left[f.Address] = f.Reason
		}
	}
	for i, f := range want.Findings {
		if reason := left[f.Address]; reason != "" && strings.HasPrefix(reason, f.Reason) {
			want.Findings[i].Reason = reason
		}
	}
	want.Actions = slices.DeleteFunc(want.Actions, func(a plan.Action) bool { return a.Op == plan.StateRm && left[a.Address] != "" })
}

// passerby is a read by somebody else, some time after the window.
func (d *day) passerby(t *testing.T, after time.Duration) json.RawMessage {
	t.Helper()
	return fmt.Appendf(nil, `{"eventVersion":"1.10","eventID":"passerby-%s","eventName":"DescribeVpcs","eventSource":"ec2.amazonaws.com","eventType":"AwsApiCall","readOnly":true,
		"eventTime":%q,"awsRegion":%q,"recipientAccountId":%q,"userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::123456789012:user/x","accessKeyId":"AKIAPASSERBY00000000"},"requestParameters":null,"responseElements":null}`,
		after, d.end().Add(after).UTC().Format(time.RFC3339), d.world.Home().Region, d.world.Home().Account)
}

type source struct {
	flag    string
	stdin   io.Reader
	doubt   string // what makes it incomplete besides
	ordered bool   // it tells which record of a second was first
}

func (d *day) sources(t *testing.T) map[string]source {
	t.Helper()
	records := d.world.Records()
	whole, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		t.Fatal(err)
	}
	var lines, packed bytes.Buffer
	type event struct{ CloudTrailEvent string }
	var dump struct {
		Events    []event
		NextToken string
	}
	dump.NextToken = "t"
	for _, r := range records {
		lines.Write(r)
		lines.WriteByte('\n')
		dump.Events = append([]event{{string(r)}}, dump.Events...) // newest first
		d.world.PutMessages("trail", `{"version":"0","id":"x","detail-type":"AWS API Call via CloudTrail","source":"aws.ec2","detail":`+string(r)+`}`)
	}
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(whole); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	pages, err := json.MarshalIndent(dump, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	d.write(t, "whole.json", string(whole))
	d.write(t, "lines.jsonl", lines.String())
	d.write(t, "dump.json", string(pages))
	for i, r := range records { // a folder of many, out of order and half of them twice
		d.write(t, fmt.Sprintf("folder/%03d.json", (i*37)%997), `{"Records":[`+string(r)+`]}`)
		if i%2 == 0 {
			d.write(t, fmt.Sprintf("folder/again/%03d.json", i), string(r))
		}
	}
	for _, org := range []string{"", "o-abcdefghij"} {
		if err := d.world.DeliverTrail("trail"+org, map[string]string{"": "", "o-abcdefghij": "logs/all"}[org], org); err != nil {
			t.Fatal(err)
		}
	}
	d.world.PutTable("default", "cloudtrail_logs", cloudtrailTable())
	queue := d.server.URL + "/123456789012/trail"
	return map[string]source{
		"a file":                  {flag: "file:" + d.path("whole.json"), ordered: true},
		"JSON lines":              {flag: "file:" + d.path("lines.jsonl"), ordered: true},
		"a dump of LookupEvents":  {flag: "file:" + d.path("dump.json"), ordered: true},
		"a folder":                {flag: "file:" + d.path("folder")},
		"standard input, gzip":    {flag: "-", stdin: &packed, ordered: true},
		"a bucket":                {flag: "s3://trail", ordered: true},
		"an organisation's trail": {flag: "s3://trailo-abcdefghij/logs/all", ordered: true},
		"Athena":                  {flag: "athena:default.cloudtrail_logs"},
		"Lake":                    {flag: "lake:EXAMPLE-f852-4e8f-8bd1-bcf6cEXAMPLE"},
		"a queue": {flag: "eventbridge:" + queue, doubt: fmt.Sprintf("EventBridge's queue %s is read as far as SQS shows it (%d messages of about %d): whether that is all that happened is not known",
			queue, len(records), len(records))},
	}
}

// cloudtrailTable is the table that AWS's documentation has for a trail.
func cloudtrailTable() ec2test.Table {
	t := ec2test.Table{
		PartitionKeys: []ec2test.Column{{Name: "timestamp", Type: "string"}},
		Parameters:    map[string]string{"projection.timestamp.type": "date", "projection.timestamp.format": "yyyy/MM/dd"},
	}
	for _, name := range strings.Fields("eventversion eventtime eventsource eventname awsregion sourceipaddress useragent errorcode errormessage requestparameters responseelements requestid eventid readonly eventtype recipientaccountid") {
		t.Columns = append(t.Columns, ec2test.Column{Name: name, Type: "string"})
	}
	t.Columns = append(t.Columns, ec2test.Column{Name: "useridentity", Type: "struct<type:string,principalid:string,arn:string,accountid:string,invokedby:string,accesskeyid:string,username:string," +
		"sessioncontext:struct<attributes:struct<mfaauthenticated:string,creationdate:string>,sessionissuer:struct<type:string,principalid:string,arn:string,accountid:string,username:string>>>"})
	return t
}

// TestAFileThatEndsTooEarlyIsSaid protects against taking the end of a file for
// the end of what happened.
func TestAFileThatEndsTooEarlyIsSaid(t *testing.T) {
	d := begin(t, "shared-network-expire-7")
	d.write(t, "trail/records.json", d.file(t))
	d.o.Trail.Source = "file:" + d.path("trail")
	r := d.read(t)
	if !strings.Contains(strings.Join(r.Incomplete, "\n"), "whether more happened is not known; give newer files, or --until ") {
		t.Errorf("incomplete: %q", r.Incomplete)
	}
	if r.Trail.Complete || !r.Trail.CompleteUntil.Before(d.end()) {
		t.Errorf("complete %v until %s", r.Trail.Complete, r.Trail.CompleteUntil)
	}
	d.o.Until = r.Trail.CompleteUntil
	if r := d.read(t); len(r.Incomplete) > 0 {
		t.Errorf("with --until as it was told: %q", r.Incomplete)
	}
}

// TestWhatIsWrongWithAFileIsToldByItsName protects against a trail of which a
// half is missing and that looks whole.
func TestWhatIsWrongWithAFileIsToldByItsName(t *testing.T) {
	d := begin(t, "shared-network-expire-7")
	if err := d.world.PutRecords(d.passerby(t, time.Minute)); err != nil {
		t.Fatal(err)
	}
	text := d.file(t)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	for name, c := range map[string]struct{ file, content, want string }{
		"half a gzip file":  {"half.json.gz", packed.String()[:packed.Len()/2], "half.json.gz: it is broken: unexpected EOF after "},
		"half a file":       {"half.json", text[:len(text)/2], "half.json: it is cut off after "},
		"no log at all":     {"notes.json", "hello", "notes.json: this is no CloudTrail log"},
		"an empty file":     {"empty.json", "", "empty.json: it is empty"},
		"a record of rests": {"odd.json", `{"Records":[{"eventName":["CreateVpc"]}]}`, "odd.json: 1 of its records could not be read"},
	} {
		t.Run(name, func(t *testing.T) {
			with := *d
			with.dir = t.TempDir()
			with.write(t, "trail/whole.json", text)
			with.write(t, "trail/"+c.file, c.content)
			with.o.Trail.Source = "file:" + with.path("trail")
			r := with.read(t)
			said := strings.ReplaceAll(strings.Join(r.Incomplete, "\n"), with.path("trail")+string(filepath.Separator), "")
			if !strings.Contains(said, c.want) {
				t.Errorf("incomplete: %s\nwant %s", said, c.want)
			}
			if len(r.Mutations) == 0 {
				t.Error("what the whole file says is lost")
			}
		})
	}
	if err := os.Remove(d.path("cloudtrail.json")); err != nil {
		t.Fatal(err)
	}
	d.o.Trail.Source = "file:" + d.path("nosuch")
	if r := d.read(t); len(r.Incomplete) == 0 || r.Verdict == plan.InSync {
		t.Errorf("a folder that is not there: %v, %s", r.Incomplete, r.Verdict)
	}
}

// file is the incident's trail as one file.
func (d *day) file(t *testing.T) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{"Records": d.world.Records()})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
