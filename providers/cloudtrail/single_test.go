package cloudtrail_test

import (
	"strings"
	"testing"
	"time"

	"reconcile/providers/cloudtrail"
)

// TestNoOtherJobsWorkIsTakenForTheDeadRuns fails when a job's calls are held for
// those of another one that bears its name, or when a run that lived on is taken
// for the one that died: either way somebody else's objects are imported.
func TestNoOtherJobsWorkIsTakenForTheDeadRuns(t *testing.T) {
	const (
		sub  = "repo:org/net:ref:refs/heads/main"
		name = "GitHubActions"
		one  = "named by --session, and of the runs of that name the only one "
	)
	issue := func(key string, at int) record { return webIdentity("issue-"+key, key, name, sub, minute(at), 3600) }
	call := func(key string, began, at int, code string) record {
		r := record{key: key, session: name, at: minute(at), event: "CreateVpc", response: object{"vpc": object{"vpcId": "vpc-" + key[len(key)-1:]}}, code: code}
		return of(r, minute(began))
	}
	write := func(key string, began, at int) record { return call(key, began, at, "") }
	refused := func(key string, began, at int) record { return call(key, began, at, "Client.RequestExpired") }
	look := func(key string, began, at int) record {
		return of(record{key: key, session: name, at: minute(at), event: "DescribeVpcs", read: true, response: object{}}, minute(began))
	}
	const spoke = "arn:aws:iam::222222222222:role/deployer"
	assume := func(key string, began, at int) record {
		r := of(record{key: key, session: name, at: minute(at), event: "AssumeRole", read: true, request: object{"roleArn": spoke, "roleSessionName": "tf"}, response: object{"credentials": object{"accessKeyId": keyC}}}, minute(began))
		r.with["eventSource"] = "sts.amazonaws.com"
		return r
	}
	through := func(key string, at int) record {
		return record{key: key, at: minute(at), with: object{"userIdentity": object{"type": "AssumedRole", "accountId": "222222222222", "accessKeyId": key, "arn": "arn:aws:sts::222222222222:assumed-role/deployer/tf",
			"sessionContext": object{"sessionIssuer": object{"type": "Role", "arn": spoke}}}}}
	}
	const ci = "arn:aws:iam::" + account + ":user/ci"
	user := func(key string, at int) record {
		return record{key: key, at: minute(at), with: object{"userIdentity": object{"type": "IAMUser", "accountId": account, "accessKeyId": key, "arn": ci, "userName": "ci"}}}
	}
	either := keyA + " or " + keyB
	unsure := "whether session " + name + " is one run that got another key, or 2 runs of that name, cannot be told (" + keyA + ", then " + keyB + "): say --session " + keyA + "," + keyB + " if it is one, else which with --session ACCESS-KEY-ID"
	for label, c := range map[string]struct {
		calls   []record
		session string
		user    bool
		lock    int // minute, 0 for none
		ended   int // minute of the log's last line, 0 for no log
		made    []string
		want    string // keys
		how     string
		problem string // begins so
	}{
		"fifty minutes, and the next job ten minutes later": {calls: []record{issue(keyA, 0), write(keyA, 0, 1), write(keyA, 0, 50), issue(keyB, 59), write(keyB, 59, 60), write(keyB, 59, 62)},
			session: name, problem: "session name " + name + " stands for 2 runs at different times: say which with --session ACCESS-KEY-ID (" + either + "); if " + keyA + " was refreshed as " + keyB + ", both are one run"},
		"the first ended refused, and was tried again": {calls: []record{issue(keyA, 0), write(keyA, 0, 1), refused(keyA, 0, 57), issue(keyB, 58), write(keyB, 58, 59)},
			session: name, problem: unsure},
		"the second ended refused, and may be the first gone on": {calls: []record{issue(keyA, 0), write(keyA, 0, 1), write(keyA, 0, 55), issue(keyB, 56), write(keyB, 56, 57), refused(keyB, 56, 70)},
			session: name, lock: 1, problem: unsure},
		"neither is named": {calls: []record{issue(keyA, 0), write(keyA, 0, 1), write(keyA, 0, 55), issue(keyB, 56), refused(keyB, 56, 57)}, problem: unsure},
		"the lock was taken between them": {calls: []record{issue(keyA, 0), write(keyA, 0, 1), write(keyA, 0, 50), issue(keyB, 59), write(keyB, 59, 60)},
			session: name, lock: 60, want: keyB, how: one + "that was at work after the lock was taken"},
		"the first had just ended when the lock was taken": {calls: []record{issue(keyA, 0), write(keyA, 0, 1), write(keyA, 0, 57), issue(keyB, 59), write(keyB, 59, 60), refused(keyB, 59, 63)},
			session: name, lock: 60, want: keyB, how: one + "whose calls were refused"},
		"the second goes on through a role that it assumed": {calls: []record{issue(keyA, 0), write(keyA, 0, 1), write(keyA, 0, 50), issue(keyB, 55), assume(keyB, 55, 56), through(keyC, 57)},
			session: name, lock: 1, problem: "session name " + name + " stands for 2 runs at different times: say which with --session ACCESS-KEY-ID (" + either + "); if " + keyA + " was refreshed as " + keyB + ", both are one run"},
		"the next job only looks through a role": {calls: []record{issue(keyA, 0), write(keyA, 0, 1), write(keyA, 0, 50), issue(keyB, 55), assume(keyB, 55, 56)},
			session: name, lock: 1, want: keyA, how: one + "that changed anything in the window"},
		"the next job only looks": {calls: []record{issue(keyA, 0), write(keyA, 0, 1), write(keyA, 0, 55), issue(keyB, 56), look(keyB, 56, 57)},
			session: name, want: keyA, how: one + "that changed anything in the window"},
		"the log names calls of both": {calls: []record{issue(keyA, 0), write(keyA, 0, 1), write(keyA, 0, 55), issue(keyB, 56), write(keyB, 56, 57)},
			session: name, made: []string{"vpc-A", "vpc-B"}, want: keyA + " " + keyB, how: "named by --session"},
		"the log names calls of the second": {calls: []record{issue(keyA, 0), write(keyA, 0, 1), write(keyA, 0, 55), issue(keyB, 56), write(keyB, 56, 57)},
			session: name, made: []string{"vpc-B"}, problem: unsure},
		"a key that was issued and never used": {calls: []record{issue(keyA, 0), write(keyA, 0, 1), issue(keyB, 30)}, session: name, want: keyA, how: "named by --session"},
		"refused once, and worked on": {calls: []record{write(keyA, 0, 1), refused(keyA, 0, 2), write(keyA, 0, 30), write(keyB, 0, 3), write(keyB, 0, 20)},
			session: name, problem: "session name " + name + " stands for 2 runs at the same time"},
		"refused once and worked on, beside one that ended refused": {calls: []record{write(keyA, 0, 1), refused(keyA, 0, 2), write(keyA, 0, 30), write(keyB, 0, 3), refused(keyB, 0, 20)},
			session: name, problem: "session name " + name + " stands for 2 runs at the same time: say which with --session ACCESS-KEY-ID (" + either + "); most likely --session " + keyB},
		"the only writer worked on after the log's end": {calls: []record{write(keyA, 0, 1), write(keyA, 0, 40), look(keyB, 9, 10)}, session: name, ended: 20,
			problem: "session name " + name + " stands for 2 runs at the same time"},
		"the only writer had begun before another took the lock": {calls: []record{write(keyA, 0, 1), write(keyA, 0, 40), look(keyB, 9, 10)}, session: name, lock: 10,
			problem: "session name " + name + " stands for 2 runs at the same time"},
		"the only writer had been at work for hours, and another looked": {calls: []record{write(keyA, 0, 1), write(keyA, 0, 150), look(keyB, 130, 135)}, lock: 140, problem: "the session that died cannot be singled out"},
		"a user's own key, at work for days": {calls: []record{user("AKIARUNNER000000000A", -3000), user("AKIARUNNER000000000A", 150)}, user: true, lock: 140, want: "AKIARUNNER000000000A",
			how: "the only session of the role that changed anything in the window"},
		"an hour earlier and an hour later again": {calls: []record{issue(keyA, 0), write(keyA, 0, 1), write(keyA, 0, 5), issue(keyB, 60), write(keyB, 60, 61), write(keyB, 60, 66), issue(keyC, 120), look(keyC, 120, 121)},
			lock: 60, want: keyB, how: "the only session of the role that was at work after the lock was taken"},
		"an hour earlier and later, named": {calls: []record{issue(keyA, 0), write(keyA, 0, 1), write(keyA, 0, 5), issue(keyB, 60), write(keyB, 60, 61), write(keyB, 60, 66), issue(keyC, 120), look(keyC, 120, 121)},
			session: name, lock: 60, want: keyB, how: one + "that was at work after the lock was taken"},
		"the only run, which had applied other modules before": {calls: []record{issue(keyA, 0), write(keyA, 0, 1), write(keyA, 0, 72), write(keyA, 0, 80), look(keyB, -30, -20)}, lock: 75, want: keyA,
			how: "the only session of the role that changed anything in the window"},
		"it ended within the clocks' difference": {calls: []record{write(keyA, 0, 1), write(keyA, 0, 17), write(keyB, 0, 3), write(keyB, 0, 40)}, lock: 20,
			problem: "the session that died cannot be singled out"},
	} {
		t.Run(label, func(t *testing.T) {
			hints := cloudtrail.Hints{Made: c.made}
			if c.lock > 0 {
				hints.LockCreated = minute(c.lock)
			}
			if c.ended > 0 {
				hints.Ended = minute(c.ended)
			}
			who := cloudtrail.Who{Role: role, Session: c.session}
			if c.user {
				who.Role = ci
			}
			trail, session := cloudtrail.Build(cloudtrail.Result{Records: records(t, c.calls...)}, cloudtrail.Query{Who: who}, index(), hints)
			if got := strings.Join(session.AccessKeys, " "); got != c.want || session.How != c.how {
				t.Errorf("keys %q (%s), want %q (%s)", got, session.How, c.want, c.how)
			}
			if got := strings.Join(trail.Problems, "; "); !strings.HasPrefix(got, c.problem) || (c.problem == "") != (got == "") {
				t.Errorf("problem %q, want %q", got, c.problem)
			}
			if c.problem != "" && len(trail.Own) > 0 {
				t.Errorf("%s are held for the session's", ids(trail.Own))
			}
		})
	}
}

// TestALivingRunIsNotProposed: what is proposed is what a tired person types.
func TestALivingRunIsNotProposed(t *testing.T) {
	lived := of(record{key: keyA, session: "run-6", at: minute(10)}, minute(10))
	again := of(record{key: keyA, session: "run-6", at: minute(50)}, minute(10))
	for name, ended := range map[string]time.Time{"the log's end is not known": {}, "it worked on": minute(20)} {
		runs := cloudtrail.Runs(records(t, lived, again), cloudtrail.Who{Role: role}, true)
		i, why := cloudtrail.RunsRead{Runs: runs}.Likeliest(cloudtrail.Hints{LockCreated: minute(10), Ended: ended}, index())
		if proposed := i == 0; proposed != ended.IsZero() {
			t.Errorf("%s: proposed %v (%s)", name, proposed, why)
		}
	}
}
