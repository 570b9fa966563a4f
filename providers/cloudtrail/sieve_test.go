package cloudtrail

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"reconcile/fixtures"
	"reconcile/providers/cloudtrail/records"
	"reconcile/providers/ec2"
)

const (
	testRole    = "arn:aws:iam::123456789012:role/ci/terraform-runner"
	testAccount = "123456789012"
)

// bothWays puts a document through a sieve twice, by way of the raw fields and
// by way of decoding every record, and returns what each kept.
func bothWays(t rapid.TB, p Part, doc string) (quick, slow []string) {
	t.Helper()
	x := NewIndex(ec2.Kinds(ec2.Rows()))
	a, b := newSieve(p, x), newSieve(p, x)
	a.file, b.file = &order{}, &order{}
	if _, err := records.Scan(strings.NewReader(doc), a.record); err != nil {
		t.Fatal(err)
	}
	if _, err := records.Scan(strings.NewReader(doc), func(raw []byte, _ *records.Fields) { b.raw(raw) }); err != nil {
		t.Fatal(err)
	}
	ids := func(s *sieve) (out []string) {
		for _, k := range s.kept {
			out = append(out, fmt.Sprint(k.at, k.EventID, k.Name, k.Time, k.By, k.ReadOnly))
		}
		return out
	}
	// A record that cannot be decoded and would not matter is no loss.
	if b.lost > 0 {
		return ids(a), ids(b)
	}
	facts := func(s *sieve) string {
		m := merge([]*sieve{s})
		return fmt.Sprint(m.newest, m.places, m.scanned, m.skipped, string(s.file.last), s.file.rises, s.file.falls)
	}
	if facts(a) != facts(b) {
		t.Errorf("%s and %s in %.2000s", facts(a), facts(b), doc)
	}
	return ids(a), ids(b)
}

// TestNothingThatMattersIsPassedOver holds the quick look at raw bytes against
// decoding everything, over records with all the ways to spell them.
func TestNothingThatMattersIsPassedOver(t *testing.T) {
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	escape := func(s string) string {
		var b strings.Builder
		for _, r := range s {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		return b.String()
	}
	rapid.Check(t, func(t *rapid.T) {
		spell := func(s, label string) string {
			switch rapid.IntRange(0, 9).Draw(t, label) {
			case 0:
				return `"` + escape(s) + `"`
			case 1:
				return `"` + strings.ReplaceAll(s, "/", `\/`) + `"`
			}
			return `"` + s + `"`
		}
		pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
		name := pick("name", "CreateVpc", "DescribeVpcs", "AssumeRole", "CreateTags", "PutBucketPolicy", "DescribeRouteTables", "GetCallerIdentity")
		source := pick("source", "ec2.amazonaws.com", "s3.amazonaws.com", "sts.amazonaws.com")
		if name == "AssumeRole" {
			source = "sts.amazonaws.com"
		}
		identity := pick("identity",
			`{"type":"AssumedRole","arn":`+spell("arn:aws:sts::123456789012:assumed-role/terraform-runner/run-7", "arn")+`,"accessKeyId":"ASIARUNNER000000000A","sessionContext":{"sessionIssuer":{"arn":`+spell(testRole, "issuer")+`}}}`,
			`{"type":"AssumedRole","arn":"arn:aws:sts::123456789012:assumed-role/other/run-7","accessKeyId":"ASIAOTHER0000000000A","accountId":123456789012,"sessionContext":{"sessionIssuer":{"arn":"arn:aws:iam::123456789012:role/other"}}}`,
			`{"type":"AssumedRole","accessKeyId":"ASIAFOLLOWED0000000A","sessionContext":{"sessionIssuer":{"arn":"arn:aws:iam::123456789012:role/spoke"}}}`,
			`{"type":"AWSService","invokedBy":"config.amazonaws.com"}`, `{"type":"IAMUser","arn":"arn:aws:iam::123456789012:user/x","accessKeyId":"AKIAX0000000000000"}`, `null`)
		members := []string{
			`"eventID":` + spell("e-1", "id"), pick("nameKey", `"eventName"`, `"eventName"`, `"EventName"`, `"event\u004eame"`) + `:` + spell(name, "spelled"),
			`"eventSource":` + spell(source, "sourceSpelled"), `"userIdentity":` + identity,
			`"eventTime":` + pick("time", `"2026-01-01T12:00:00Z"`, `"2026-01-01T12:10:00Z"`, `"2026-01-01T11:59:59Z"`, `"2026-01-01T13:00:05Z"`, `"2026-01-01T13:00:06Z"`, `"2026-01-01T14:10:00+02:00"`, `"2026-01-01 12:10:00"`, `1767269400`),
			`"awsRegion":` + spell(pick("region", "us-east-1", "eu-west-1"), "regionSpelled"),
			`"recipientAccountId":` + pick("recipient", `"123456789012"`, `123456789012`, `"999999999999"`, `"0"`, `null`),
			`"readOnly":` + pick("readOnly", `true`, `false`, `"true"`, `"false"`, `null`), `"eventType":"AwsApiCall"`,
			`"errorCode":` + pick("error", `null`, `"Client.UnauthorizedOperation"`), `"requestParameters":{"eventName":"x","a":[{}]}`,
		}
		members = rapid.Permutation(members).Draw(t, "order")
		members = members[:len(members)-rapid.IntRange(0, 2).Draw(t, "left out")]
		p := Part{Places: map[string][]string{testAccount: {"us-east-1"}}, Since: noon, Until: noon.Add(time.Hour),
			Who: Who{Role: pick("role", testRole, "arn:aws:sts::123456789012:assumed-role/terraform-runner/run-7", ""), Session: pick("session", "", "run-7", "run-8", "ASIARUNNER000000000A")}}
		if rapid.Bool().Draw(t, "follow") {
			p.Keys = []string{"ASIAFOLLOWED0000000A"}
		}
		quick, slow := bothWays(t, p, "{"+strings.Join(members, ",")+"}")
		if !slices.Equal(quick, slow) {
			t.Fatalf("raw bytes keep %q, decoding keeps %q of {%s}", quick, slow, strings.Join(members, ","))
		}
	})
}

// TestEveryRecordingPassesBothWaysAlike does the same with records of real and
// recorded calls, in one file, as if everybody were the session.
func TestEveryRecordingPassesBothWaysAlike(t *testing.T) {
	for name, doc := range recordings(t) {
		var trail struct{ Records []json.RawMessage }
		if err := json.Unmarshal([]byte(doc), &trail); err != nil {
			t.Fatal(err)
		}
		asked := map[string]map[string][]string{"": {}} // by role
		for _, raw := range trail.Records {
			r, err := Decode(raw)
			if err != nil {
				continue
			}
			w := r.By.ARN
			if asked[w] == nil {
				asked[w] = map[string][]string{}
			}
			for _, places := range []map[string][]string{asked[w], asked[""]} {
				if !slices.Contains(places[r.Place.Account], r.Place.Region) {
					places[r.Place.Account] = append(places[r.Place.Account], r.Place.Region)
				}
			}
		}
		for w, places := range asked {
			p := Part{Places: places, Since: time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), Who: Who{Role: w}}
			quick, slow := bothWays(t, p, doc)
			if !slices.Equal(quick, slow) {
				t.Errorf("%s, %s: raw bytes keep %d records, decoding keeps %d", name, w, len(quick), len(slow))
			}
			if w != "" && len(slow) == 0 {
				t.Errorf("%s: nothing of %s is kept", name, w)
			}
		}
	}
}

// recordings are trails as files: the fixtures', and one of all the samples.
func recordings(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, name := range fixtures.Names() {
		fsys, err := fixtures.Incident(name)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := fs.ReadFile(fsys, "cloudtrail.json")
		if err != nil {
			t.Fatal(err)
		}
		out[name] = string(raw)
	}
	dir := os.Getenv("RECONCILE_SAMPLES")
	if dir == "" {
		t.Log("RECONCILE_SAMPLES names no folder of recorded CloudTrail events: only the fixtures are tried")
		return out
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) < 100 {
		t.Fatalf("%s holds %d samples (%v)", dir, len(files), err)
	}
	var all []string
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		stats, err := records.Scan(strings.NewReader(string(raw)), func(r []byte, _ *records.Fields) { all = append(all, string(r)) })
		if err != nil || stats.Lost > 0 || stats.Records != 1 {
			t.Errorf("%s: %+v, %v", filepath.Base(file), stats, err)
		}
	}
	out["samples"] = `{"Records":[` + strings.Join(all, ",") + `]}`
	return out
}
