package cloudtrail_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"reconcile/providers"
	"reconcile/providers/cloudtrail"
)

// minute is a time of day in the tests.
func minute(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }

func records(t testing.TB, in ...record) []cloudtrail.Record {
	t.Helper()
	var out []cloudtrail.Record
	for _, r := range in {
		out = append(out, r.decode(t))
	}
	return out
}

func TestWhichSessionIsTheOneThatDied(t *testing.T) {
	const alone = "the only session of the role that changed anything in the window"
	const locked = "the only session of the role that was at work after the lock was taken"
	const refused = "the only session of the role whose calls were refused"
	write := func(key, session string, at int) record { return record{key: key, session: session, at: minute(at)} }
	refusal := func(key, session string, at int) record {
		return record{key: key, session: session, at: minute(at), event: "CreateSubnet", code: "Client.UnauthorizedOperation"}
	}
	look := func(key, session string, at int) record {
		return record{key: key, session: session, at: minute(at), event: "DescribeVpcs", read: true, response: object{}}
	}
	for _, c := range []struct {
		name    string
		calls   []record
		session string // asked for
		role    string // "" is the role itself
		lock    int    // minute, 0 for none
		want    string // name and keys
		how     string
		problem string
	}{
		{name: "named", calls: []record{write(keyA, "run-7", 1), write(keyB, "run-8", 1)}, session: "run-7", want: "run-7 " + keyA, how: "named by --session"},
		{name: "named by its key", calls: []record{write(keyA, "run-7", 1), write(keyB, "run-7", 1)}, session: keyB, want: "run-7 " + keyB, how: "named by --session"},
		{name: "named by the ARN that STS prints", calls: []record{write(keyA, "run-7", 1), write(keyB, "run-8", 1)},
			role: "arn:aws:sts::" + account + ":assumed-role/terraform-runner/run-8", want: "run-8 " + keyB, how: "named by --session"},
		{name: "named, without a call", calls: []record{write(keyA, "run-7", 1)}, session: "run-9", want: "run-9",
			how: "named by --session; the trail has no call of it in the window"},
		{name: "two keys one after the other", calls: []record{write(keyA, "run-7", 1), write(keyA, "run-7", 2), write(keyB, "run-7", 3)}, session: "run-7", want: "run-7",
			problem: "session name run-7 stands for 2 runs at different times: say which with --session ACCESS-KEY-ID (" + keyA + " or " + keyB + "); if " + keyA + " was refreshed as " + keyB + ", both are one run: --session " + keyA + "," + keyB},
		{name: "two runs of one name at the same time", calls: []record{write(keyA, "run-7", 1), write(keyB, "run-7", 2), write(keyA, "run-7", 3)}, session: "run-7", want: "run-7",
			problem: "session name run-7 stands for 2 runs at the same time: say which with --session ACCESS-KEY-ID (" + keyA + " or " + keyB + ")"},
		{name: "a long run under two short ones", calls: []record{write(keyA, "run-7", 1), write(keyB, "run-7", 2), write(keyC, "run-7", 3), write(keyA, "run-7", 9)}, session: "run-7", want: "run-7",
			problem: "session name run-7 stands for 3 runs at the same time: say which with --session ACCESS-KEY-ID (" + keyA + " or " + keyB + " or " + keyC + "); if " + keyB + " was refreshed as " + keyC + ", both are one run: --session " + keyB + "," + keyC},
		{name: "no name, one writer among readers", calls: []record{look(keyB, "plan-1", 1), write(keyA, "run-7", 2), look(keyC, "plan-2", 3)}, want: "run-7 " + keyA, how: alone},
		{name: "no name, the lock's time tells", calls: []record{write(keyA, "run-6", 1), write(keyB, "run-7", 20)}, lock: 19, want: "run-7 " + keyB, how: locked},
		{name: "no name, the refusals tell", calls: []record{write(keyA, "run-6", 1), write(keyB, "run-7", 2), refusal(keyB, "run-7", 3)}, want: "run-7 " + keyB, how: refused},
		{name: "the lock's time is worth more than a refusal before it",
			calls: []record{refusal(keyA, "run-5", 1), write(keyB, "run-6", 20), write(keyC, "run-7", 21)}, lock: 19,
			problem: "the session that died cannot be singled out among run-5/" + keyA + ", run-6/" + keyB + ", run-7/" + keyC + ": say which with --session NAME or --session ACCESS-KEY-ID"},
		{name: "lock and refusals together", calls: []record{refusal(keyA, "run-5", 1), write(keyB, "run-6", 20), write(keyC, "run-7", 21), refusal(keyC, "run-7", 22)}, lock: 19,
			want: "run-7 " + keyC, how: refused},
		{name: "not to be told", calls: []record{write(keyA, "run-6", 1), write(keyB, "run-7", 2)},
			problem: "the session that died cannot be singled out among run-6/" + keyA + ", run-7/" + keyB + ": say which with --session NAME or --session ACCESS-KEY-ID"},
		{name: "a lock that nobody of the role took", calls: []record{write(keyA, "run-5", 1), refusal(keyB, "run-6", 2)}, lock: 19,
			problem: "the session that died cannot be singled out among run-5/" + keyA + ", run-6/" + keyB + ": say which with --session NAME or --session ACCESS-KEY-ID"},
		{name: "readers are not named", calls: []record{look(keyC, "plan-1", 1), write(keyA, "run-6", 2), write(keyB, "run-7", 3)},
			problem: "the session that died cannot be singled out among run-6/" + keyA + ", run-7/" + keyB + ": say which with --session NAME or --session ACCESS-KEY-ID"},
		{name: "only reads", calls: []record{look(keyA, "run-7", 1)},
			problem: "the session that died cannot be singled out among run-7/" + keyA + ": say which with --session NAME or --session ACCESS-KEY-ID"},
		{name: "nobody of the role", calls: nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := cloudtrail.Query{Who: cloudtrail.Who{Role: role, Session: c.session}}
			if c.role != "" {
				q.Who.Role = c.role
			}
			var hints cloudtrail.Hints
			if c.lock > 0 {
				hints.LockCreated = minute(c.lock)
			}
			in := records(t, c.calls...)
			trail, session := cloudtrail.Build(cloudtrail.Result{Records: in}, q, index(), hints)
			if got := strings.TrimSpace(session.Name + " " + strings.Join(session.AccessKeys, " ")); got != c.want || session.How != c.how {
				t.Errorf("session %q (%s), want %q (%s)", got, session.How, c.want, c.how)
			}
			if got := strings.Join(trail.Problems, "; "); got != c.problem {
				t.Errorf("problem %q, want %q", got, c.problem)
			}
			for _, call := range slices.Concat(trail.Own, trail.Refused) {
				if !slices.Contains(session.AccessKeys, call.By.AccessKey) {
					t.Errorf("%s of %s is held for the session's", call.EventID, call.By)
				}
			}
			happened := 0
			for _, r := range in {
				if !r.ReadOnly && r.Error == "" {
					happened++
				}
			}
			if got := len(trail.Own) + len(trail.Others) + len(trail.Unclear); got != happened {
				t.Errorf("%d calls happened, %d are in the trail", happened, got)
			}
			if (len(trail.Unclear) > 0) != (c.problem != "" && happened > 0) || (len(trail.Unclear) > 0 && len(trail.Own) > 0) {
				t.Errorf("own %s, unclear %s: what may be the session's is neither its own nor somebody else's", ids(trail.Own), ids(trail.Unclear))
			}
		})
	}
}

func TestOthersCallsAreKeptApart(t *testing.T) {
	with := func(identity object) object { return object{"userIdentity": identity} }
	issuer := object{"sessionIssuer": object{"arn": role}}
	own := record{id: "own", at: minute(2)}
	in := records(t,
		own, own, // the same event twice, as two filters find it
		record{id: "late", at: minute(3), event: "DeleteVpc", request: object{"vpcId": "vpc-own"}, response: object{"_return": true}},
		record{id: "refused", at: minute(4), event: "DeleteVpc", request: object{"vpcId": "vpc-9"}, code: "Client.UnauthorizedOperation"},
		record{id: "broken", at: minute(4), event: "DeleteVpc", request: object{"vpcId": "vpc-8"}, code: "Server.InternalError"},
		record{id: "read", at: minute(1), event: "DescribeVpcs", read: true},
		record{id: "other-session", session: "run-8", key: keyB, at: minute(1)},
		record{id: "other-role", at: minute(1), with: with(object{"type": "AssumedRole", "accessKeyId": keyC, "arn": "arn:aws:sts::" + account + ":assumed-role/deploy/run-7",
			"sessionContext": object{"sessionIssuer": object{"arn": "arn:aws:iam::" + account + ":role/deploy"}}})},
		record{id: "same-name-other-path", at: minute(1), with: with(object{"type": "AssumedRole", "accessKeyId": keyC, "arn": "arn:aws:sts::" + account + ":assumed-role/terraform-runner/run-7",
			"sessionContext": object{"sessionIssuer": object{"arn": "arn:aws:iam::" + account + ":role/terraform-runner"}}})},
		record{id: "service", at: minute(1), with: with(object{"type": "AssumedRole", "accessKeyId": keyA, "invokedBy": "cloudformation.amazonaws.com",
			"arn": "arn:aws:sts::" + account + ":assumed-role/terraform-runner/run-7", "sessionContext": issuer})},
		record{id: "person", at: minute(1), with: with(object{"type": "IAMUser", "arn": "arn:aws:iam::" + account + ":user/ann"})},
		record{id: "person-refused", at: minute(1), code: "Client.UnauthorizedOperation", with: with(object{"type": "IAMUser", "arn": "arn:aws:iam::" + account + ":user/ann"})},
		record{id: "not-a-call", at: minute(1), with: object{"eventType": "AwsServiceEvent"}},
	)
	want := "own: own late\nrefused: broken refused\nothers: other-role other-session person same-name-other-path service"
	rapid.Check(t, func(rt *rapid.T) {
		shuffled := rapid.Permutation(in).Draw(rt, "order")
		got, _ := cloudtrail.Build(cloudtrail.Result{Records: shuffled, AllWriters: true, Pages: 3, Malformed: 2},
			cloudtrail.Query{Who: cloudtrail.Who{Role: role, Session: "run-7"}, Regions: []string{"us-east-1", "eu-west-1"}}, index(), cloudtrail.Hints{})
		if s := "own: " + ids(got.Own) + "\nrefused: " + ids(got.Refused) + "\nothers: " + ids(got.Others); s != want {
			rt.Fatalf("got\n%s\nwant\n%s", s, want)
		}
		stats := providers.TrailStats{Pages: 3, Records: len(in), Duplicates: 1, Malformed: 2, Reads: 2, Own: 2, Refused: 2, Others: 6}
		if got.Stats != stats {
			rt.Fatalf("got  %+v\nwant %+v", got.Stats, stats)
		}
		if p := strings.Join(got.Problems, "; "); p != "2 CloudTrail records could not be read" {
			rt.Fatalf("problems: %s", p)
		}
		if !got.AllMakers || strings.Join(got.Regions, " ") != "eu-west-1 us-east-1" {
			rt.Fatalf("makers %v, regions %v", got.AllMakers, got.Regions)
		}
	})
}

func ids(calls []providers.Call) string {
	var out []string
	for _, c := range calls {
		out = append(out, c.EventID)
	}
	return strings.Join(out, " ")
}

func TestARefusedCallDidNotHappen(t *testing.T) {
	for _, code := range []string{"Client.UnauthorizedOperation", "Server.InternalError", "AccessDenied", "Client.DryRunOperation"} {
		r := record{event: "DeleteVpc", request: object{"vpcId": "vpc-1"}, code: code}
		got, _ := cloudtrail.Build(cloudtrail.Result{Records: records(t, r)}, cloudtrail.Query{Who: cloudtrail.Who{Role: role, Session: "run-7"}}, index(), cloudtrail.Hints{})
		if len(got.Own) != 0 || len(got.Refused) != 1 || got.Refused[0].Error == "" {
			t.Errorf("%s: own %v, refused %+v", code, got.Own, got.Refused)
		}
	}
}

func TestBuildLeavesTheResultAlone(t *testing.T) {
	problems := make([]string, 1, 8)
	problems[0] = "first"
	in := cloudtrail.Result{Problems: problems, Malformed: 1}
	got, _ := cloudtrail.Build(in, cloudtrail.Query{Who: cloudtrail.Who{Role: role}}, index(), cloudtrail.Hints{})
	if problems[:2][1] != "" || len(got.Problems) != 2 {
		t.Errorf("the source's problems became %q, the trail's are %q", problems[:2], got.Problems)
	}
}
