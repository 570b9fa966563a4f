package cloudtrail_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"reconcile/providers"
	"reconcile/providers/cloudtrail"
)

// of lays an identity's session context over a record.
func of(r record, began time.Time) record {
	session, key := r.session, r.key
	if session == "" {
		session = "run-7"
	}
	if key == "" {
		key = keyA
	}
	r.with = object{"userIdentity": object{
		"type": "AssumedRole", "accountId": account, "accessKeyId": key, "arn": "arn:aws:sts::" + account + ":assumed-role/terraform-runner/" + session,
		"sessionContext": object{"sessionIssuer": object{"type": "Role", "arn": role}, "attributes": object{"creationDate": began.Format(time.RFC3339), "mfaAuthenticated": "false"}},
	}}
	return r
}

// webIdentity is how a CI system's session begins.
func webIdentity(id, key, session, subject string, at time.Time, seconds any) record {
	return record{id: id, event: "AssumeRoleWithWebIdentity", read: true, at: at,
		request:  object{"roleArn": role, "roleSessionName": session, "durationSeconds": seconds},
		response: object{"credentials": object{"accessKeyId": key}, "subjectFromWebIdentityToken": subject},
		with: object{"eventSource": "sts.amazonaws.com", "userIdentity": object{"type": "WebIdentityUser", "userName": subject,
			"principalId": "arn:aws:iam::" + account + ":oidc-provider/token.example:sts.amazonaws.com:" + subject}}}
}

// told is a run in one line.
func told(r providers.Run) string {
	out := fmt.Sprintf("%s %s reads %d changes %d failed %d refused %d", r.Name, strings.Join(r.KeyIDs(), "+"), r.Reads, r.Changes, r.Failed, r.Refused)
	if r.Subject != "" {
		out += " subject " + r.Subject
	}
	if r.Continues != "" {
		out += " may continue " + r.Continues
	}
	if r.FirstRefused != nil {
		out += " first refused " + r.FirstRefused.Name + " " + r.FirstRefused.Time.Format("15:04")
	}
	if r.Stopped != nil {
		out += " stopped " + r.Stopped.Time.Format("15:04")
	}
	return out
}

func allTold(runs []providers.Run) string {
	var out []string
	for _, r := range runs {
		out = append(out, told(r))
	}
	return lines(out)
}

// TestARunIsToldWithAllItsCalls fails when a session's calls are counted wrong,
// or when two runs are taken for one.
func TestARunIsToldWithAllItsCalls(t *testing.T) {
	write := func(key, session string, at int) record { return record{key: key, session: session, at: minute(at)} }
	look := func(key string, at int, code string) record {
		return record{key: key, at: minute(at), event: "DescribeVpcs", read: true, response: object{}, code: code}
	}
	began := func(r record, at int) record { return of(r, minute(at)) }
	const sub = "repo:o/r:ref:refs/heads/main"
	for name, c := range map[string]struct {
		calls   []record
		session string
		want    []string
	}{
		"each call in one count": {calls: []record{write(keyA, "run-7", 1), look(keyA, 2, ""), look(keyA, 3, "Client.InvalidVpcID.NotFound"), look(keyA, 4, "Client.UnauthorizedOperation"),
			look(keyA, 5, ""), look(keyA, 6, "Client.RequestExpired"), look(keyA, 7, "ExpiredToken")},
			want: []string{"run-7 " + keyA + " reads 2 changes 1 failed 1 refused 3 first refused DescribeVpcs 12:04 stopped 12:06"}},
		"refused and then answered again": {calls: []record{look(keyA, 1, "Client.UnauthorizedOperation"), look(keyA, 2, "")},
			want: []string{"run-7 " + keyA + " reads 1 changes 0 failed 0 refused 1 first refused DescribeVpcs 12:01"}},
		"never answered": {calls: []record{look(keyA, 1, "Client.UnauthorizedOperation")},
			want: []string{"run-7 " + keyA + " reads 0 changes 0 failed 0 refused 1 first refused DescribeVpcs 12:01"}},
		"a key that was issued and not used": {calls: []record{webIdentity("i", keyA, "GitHubActions", sub, minute(1), 3600)},
			want: []string{"GitHubActions " + keyA + " reads 0 changes 0 failed 0 refused 0 subject " + sub}},
		"two names are two": {calls: []record{write(keyA, "run-7", 1), write(keyB, "run-8", 2)},
			want: []string{"run-7 " + keyA + " reads 0 changes 1 failed 0 refused 0", "run-8 " + keyB + " reads 0 changes 1 failed 0 refused 0"}},
		"one of them, by name": {calls: []record{write(keyA, "run-7", 1), write(keyB, "run-8", 2)}, session: "run-8",
			want: []string{"run-8 " + keyB + " reads 0 changes 1 failed 0 refused 0"}},
		"one of them, by key": {calls: []record{write(keyA, "run-7", 1), write(keyB, "run-7", 2), write(keyA, "run-7", 3)}, session: keyA,
			want: []string{"run-7 " + keyA + " reads 0 changes 2 failed 0 refused 0"}},
		"refreshed late in its life": {calls: []record{began(write(keyA, "run-7", 1), 0), began(write(keyA, "run-7", 55), 0), began(write(keyB, "run-7", 56), 55)},
			want: []string{"run-7 " + keyA + " reads 0 changes 2 failed 0 refused 0", "run-7 " + keyB + " reads 0 changes 1 failed 0 refused 0 may continue " + keyA}},
		"a long job and the next of its name": {calls: []record{webIdentity("i", keyA, "run-7", sub, minute(0), 3600), began(write(keyA, "run-7", 50), 0), webIdentity("j", keyB, "run-7", sub, minute(58), 3600), began(write(keyB, "run-7", 59), 58)},
			want: []string{"run-7 " + keyA + " reads 0 changes 1 failed 0 refused 0 subject " + sub, "run-7 " + keyB + " reads 0 changes 1 failed 0 refused 0 subject " + sub + " may continue " + keyA}},
		"silent until its key ends": {calls: []record{webIdentity("i", keyA, "run-7", sub, minute(0), 3600), began(write(keyA, "run-7", 2), 0), began(write(keyB, "run-7", 57), 56)},
			want: []string{"run-7 " + keyA + " reads 0 changes 1 failed 0 refused 0 subject " + sub, "run-7 " + keyB + " reads 0 changes 1 failed 0 refused 0 may continue " + keyA}},
		"two jobs of one name, one after the other": {calls: []record{began(write(keyA, "run-7", 1), 0), began(write(keyB, "run-7", 8), 7)},
			want: []string{"run-7 " + keyA + " reads 0 changes 1 failed 0 refused 0", "run-7 " + keyB + " reads 0 changes 1 failed 0 refused 0"}},
		"two jobs of one name, hours apart": {calls: []record{began(write(keyA, "run-7", 1), 0), began(write(keyB, "run-7", 200), 199)},
			want: []string{"run-7 " + keyA + " reads 0 changes 1 failed 0 refused 0", "run-7 " + keyB + " reads 0 changes 1 failed 0 refused 0"}},
		"another subject under the same name": {calls: []record{webIdentity("i", keyA, "run-7", sub, minute(0), nil), began(write(keyA, "run-7", 50), 0),
			webIdentity("j", keyB, "run-7", "repo:o/other:ref:refs/heads/main", minute(51), nil), began(write(keyB, "run-7", 52), 51)},
			want: []string{"run-7 " + keyA + " reads 0 changes 1 failed 0 refused 0 subject " + sub, "run-7 " + keyB + " reads 0 changes 1 failed 0 refused 0 subject repo:o/other:ref:refs/heads/main"}},
	} {
		t.Run(name, func(t *testing.T) {
			in := records(t, c.calls...)
			in = append(in, in...) // twice, as pages of two filters have it
			got := cloudtrail.Runs(in, cloudtrail.Who{Role: role, Session: c.session}, true)
			if told := allTold(got); told != lines(c.want) {
				t.Errorf("got\n%s\nwant\n%s", told, lines(c.want))
			}
		})
	}
}

// TestAKeysLifeIsKnownOnlyWhereSomethingTells protects the verdict that a lock's
// holder is dead: a key that may still work must not be called expired.
func TestAKeysLifeIsKnownOnlyWhereSomethingTells(t *testing.T) {
	call := func(began, at time.Time) record { return of(record{at: at}, began) }
	user := record{at: minute(1), key: "AKIARUNNER000000000A", with: object{"userIdentity": object{"type": "IAMUser", "arn": "arn:aws:iam::" + account + ":user/ci/runner", "accessKeyId": "AKIARUNNER000000000A"}}}
	issue := func(seconds any, expiration string) record {
		r := webIdentity("i", keyA, "run-7", "s", minute(0), seconds)
		r.response.(object)["credentials"].(object)["expiration"] = expiration
		return r
	}
	at := func(min int) string { return minute(min).Format(time.RFC3339) }
	for name, c := range map[string]struct {
		calls           []record
		role            string
		expires, latest string
		lasts           bool
	}{
		"nothing tells":                 {calls: []record{{at: minute(1)}}},
		"when it began":                 {calls: []record{call(minute(0), minute(1))}, latest: at(12 * 60)},
		"it was answered after that":    {calls: []record{call(minute(0), minute(13*60))}},
		"it began after its calls":      {calls: []record{call(minute(10), minute(1))}},
		"for as long as was asked":      {calls: []record{issue(1800, ""), call(minute(0), minute(1))}, expires: at(30), latest: at(30)},
		"nothing was asked":             {calls: []record{issue(nil, ""), call(minute(0), minute(1))}, expires: at(60), latest: at(60)},
		"AWS says when":                 {calls: []record{issue(1800, "Jan 1, 2026, 12:45:00\u202fPM"), call(minute(0), minute(1))}, expires: at(45), latest: at(45)},
		"asked for nonsense":            {calls: []record{issue("for ever", ""), call(minute(0), minute(1))}, latest: at(12 * 60)},
		"answered after it had expired": {calls: []record{issue(1800, ""), call(minute(0), minute(40))}, latest: at(12 * 60)},
		"a user's key":                  {calls: []record{user}, role: "arn:aws:iam::" + account + ":user/ci/runner", lasts: true},
	} {
		t.Run(name, func(t *testing.T) {
			who := cloudtrail.Who{Role: role}
			if c.role != "" {
				who.Role = c.role
			}
			got := cloudtrail.Runs(records(t, c.calls...), who, true)
			if len(got) != 1 || len(got[0].Keys) != 1 {
				t.Fatalf("%+v", got)
			}
			k := got[0].Keys[0]
			show := func(t time.Time) string {
				if t.IsZero() {
					return ""
				}
				return t.Format(time.RFC3339)
			}
			if show(k.Expires) != c.expires || show(k.Latest) != c.latest || k.Lasts != c.lasts {
				t.Errorf("expires %q, at the latest %q, lasts %v; want %q, %q, %v", show(k.Expires), show(k.Latest), k.Lasts, c.expires, c.latest, c.lasts)
			}
		})
	}
}

// TestRunsAreReadWithTheirReadsAndTheirBeginning: an apply that waits makes only
// reads, and how long its session lives stands in a call that bears no key.
func TestRunsAreReadWithTheirReadsAndTheirBeginning(t *testing.T) {
	const sub = "project_path:g/p:ref_type:branch:ref:main"
	began := minute(-20)
	look := func(at int) record {
		return of(record{at: minute(at), event: "DescribeVpcs", read: true, response: object{}}, began)
	}
	issue := webIdentity("issue", keyA, "run-7", sub, began, 3600)
	issue.with["awsRegion"] = "us-east-1"
	all := []record{issue, of(record{at: minute(1)}, began), look(2), look(3), of(record{key: keyB, session: "run-8", at: minute(4)}, minute(0)),
		{event: "DescribeVpcs", read: true, at: minute(5), with: object{"userIdentity": object{"type": "IAMUser", "arn": "arn:aws:iam::1:user/x", "accessKeyId": "AKIAX0000000000000"}}}}
	own := "run-7 " + keyA + " reads 2 changes 1 failed 0 refused 0 subject " + sub
	other := "run-8 " + keyB + " reads 0 changes 1 failed 0 refused 0"
	for name, c := range map[string]struct {
		session string
		role    string
		most    int
		want    []string
		pages   int
	}{
		"by key":            {session: keyA, role: role, want: []string{own}, pages: 3},
		"by key alone":      {session: keyA, want: []string{own}, pages: 3},
		"by name":           {session: "run-7", role: role, want: []string{own}, pages: 3},
		"all of the role's": {role: role, want: []string{own, other}, pages: 11},
	} {
		t.Run(name, func(t *testing.T) {
			q := query(c.session)
			q.Who.Role = c.role
			got := cloudtrail.NewLookup(config(serve(t, all...)), nil).Runs(t.Context(), q, c.most)
			if told := allTold(got.Runs); told != lines(c.want) || len(got.Problems) > 0 {
				t.Errorf("got\n%s\nwant\n%s\nproblems %q", told, lines(c.want), got.Problems)
			}
			if got.Pages != c.pages {
				t.Errorf("%d pages, want %d", got.Pages, c.pages)
			}
			k := got.Runs[0].Keys[0]
			if !k.Issued.Equal(began) || k.Life != time.Hour || !k.Expires.Equal(began.Add(time.Hour)) || k.Event != "issue" || !got.Runs[0].Whole {
				t.Errorf("%+v", got.Runs[0])
			}
		})
	}
	// The newest page tells the last call, and that it is not all.
	srv := serve(t, append(all, many(120, 10, record{event: "DescribeVpcs", read: true, response: object{}})...)...)
	if got := cloudtrail.NewLookup(config(srv), nil).Runs(t.Context(), query(keyA), 1); got.Runs[0].Whole || got.Runs[0].Reads != 50 || !got.Runs[0].Last.Equal(minute(10).Add(119*time.Second)) {
		t.Errorf("%+v", got.Runs)
	}
	// What was refused is no proof that there is nothing.
	srv.Deny("cloudtrail:LookupEvents")
	if got := cloudtrail.NewLookup(config(srv), nil).Runs(t.Context(), query(keyA), 0); len(got.Problems) != 1 || !strings.Contains(got.Problems[0], "lacks cloudtrail:LookupEvents") {
		t.Errorf("%q", got.Problems)
	}
}

// TestAGatheredTrailTellsTheSameRuns: the beginning of a session bears no key,
// and must not be passed over as somebody else's.
func TestAGatheredTrailTellsTheSameRuns(t *testing.T) {
	service := record{id: "by-a-service", event: "AssumeRole", read: true, at: minute(0), request: object{"roleArn": role, "roleSessionName": "i-0123456789abcdef0"},
		response: object{"credentials": object{"accessKeyId": keyB}}, with: object{"eventSource": "sts.amazonaws.com", "userIdentity": object{"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}}}
	elsewhere := webIdentity("another-role", keyC, "x", "s", minute(0), nil)
	elsewhere.request.(object)["roleArn"] = "arn:aws:iam::" + account + ":role/terraform-runner-2"
	all := []record{webIdentity("i", keyA, "run-7", "s", minute(0), nil), service, elsewhere, of(record{at: minute(1)}, minute(0)),
		of(record{at: minute(2), event: "DescribeVpcs", read: true, response: object{}}, minute(0))}
	want := []string{"i-0123456789abcdef0 " + keyB + " reads 0 changes 0 failed 0 refused 0", "run-7 " + keyA + " reads 1 changes 1 failed 0 refused 0 subject s"}
	for name, b := range map[string]*cloudtrail.Bulk{
		"bucket": cloudtrail.Bucket(config(bucketOf(t, all...)), "trail", "", index(), nil), "lake": cloudtrail.Lake(config(serve(t, all...)), "store", index(), nil),
	} {
		b.Gather(t.Context(), part(""))
		got := b.Of(account).Runs(t.Context(), query(""), 0)
		if told := allTold(got.Runs); told != lines(want) || len(got.Problems) > 0 || !got.Runs[1].Whole {
			t.Errorf("%s: got\n%s\nwant\n%s\nproblems %q", name, told, lines(want), got.Problems)
		}
		if text, err := json.Marshal(got); err != nil || !strings.Contains(string(text), `"name":"run-7"`) {
			t.Errorf("%s, %v", text, err)
		}
	}
}
