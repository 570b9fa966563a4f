package cloudtrail_test

import (
	"strings"
	"testing"
	"time"

	"reconcile/providers/cloudtrail"
)

// TestASubjectLeadsToItsSession fails when the run of a CI job is not found by
// what its token says, or another job's is taken for it.
func TestASubjectLeadsToItsSession(t *testing.T) {
	const main, other = "repo:org/net:ref:refs/heads/main", "repo:org/app:ref:refs/heads/main"
	began := func(key string, subject string, at int) record {
		return webIdentity("began-"+key+subject, key, "GitHubActions", subject, minute(at), 3600)
	}
	write := func(key string, began, at int) record {
		return of(record{key: key, session: "GitHubActions", at: minute(at)}, minute(began))
	}
	both := []record{began(keyA, main, -20), began(keyB, other, -19), write(keyA, -20, 1), write(keyB, -19, 2)}
	for name, c := range map[string]struct {
		records []record
		subject string
		want    string // keys
		how     string
		problem string
	}{
		"GitHub's":      {both, main, keyA, "named by --oidc-subject", ""},
		"the other one": {both, other, keyB, "named by --oidc-subject", ""},
		"with a star":   {both, "repo:org/net:*", keyA, "named by --oidc-subject", ""},
		"nobody's":      {both, "repo:org/net:ref:refs/heads/dev", "", "", "no session of " + role + " that began for repo:org/net:ref:refs/heads/dev is in the trail"},
		"two of one subject": {append([]record{began(keyC, main, -10), write(keyC, -10, 3)}, both...), main, "", "",
			"the subject " + main + " stands for 2 runs at different times: say which with --session ACCESS-KEY-ID (GitHubActions/" + keyA + " or GitHubActions/" + keyC + ")"},
		"GitLab's": {[]record{began(keyA, "project_path:g/net:ref_type:branch:ref:main", -20), write(keyA, -20, 1)}, "project_path:g/net:*:ref:main", keyA, "named by --oidc-subject", ""},
	} {
		t.Run(name, func(t *testing.T) {
			q := query("")
			q.Who.Subject = c.subject
			build := func(began, read cloudtrail.Result, q cloudtrail.Query) (cloudtrail.Session, string) {
				began.AllWriters = read.AllWriters
				read.Add(began)
				trail, session := cloudtrail.Build(read, q, index(), cloudtrail.Hints{})
				return session, strings.Join(trail.Problems, "; ")
			}
			lookup := cloudtrail.NewLookup(config(serve(t, c.records...)), nil)
			found := lookup.Beginnings(t.Context(), q)
			known := q
			known.Who = q.Who.Knowing(found.Records)
			session, problem := build(found, lookup.Read(t.Context(), known), known)
			if got := strings.Join(session.AccessKeys, " "); got != c.want || session.How != c.how || !strings.HasPrefix(problem, c.problem) || (problem == "") != (c.problem == "") {
				t.Errorf("keys %q (%s), problem %q", got, session.How, problem)
			}
			if c.want != "" && (len(session.Keys) != 1 || session.Keys[0].Life != time.Hour || session.Subject == "") {
				t.Errorf("%+v", session)
			}
			// A gathered trail must tell the same.
			b := cloudtrail.Bucket(config(bucketOf(t, c.records...)), "trail", "", index(), nil)
			p := part("")
			p.Begins = cloudtrail.EarliestBeginning(p.Since)
			b.Gather(t.Context(), p)
			found = b.Of(account).Beginnings(t.Context(), q)
			known.Who = q.Who.Knowing(found.Records)
			again, problemAgain := build(found, b.Of(account).Read(t.Context(), known), known)
			if strings.Join(again.AccessKeys, " ") != c.want || problemAgain != problem {
				t.Errorf("from a bucket: keys %v, problem %q", again.AccessKeys, problemAgain)
			}
		})
	}
}

// TestASubjectCostsOnePage: event history knows the subject as the user's name.
func TestASubjectCostsOnePage(t *testing.T) {
	var all []record
	for i := range 300 { // other workloads of the cluster
		all = append(all, webIdentity("", keyB, "pod", "system:serviceaccount:a:b", minute(-1).Add(-time.Duration(i)*time.Second), nil))
	}
	all = append(all, webIdentity("i", keyA, "GitHubActions", "repo:o/r:ref:refs/heads/main", minute(-2), nil))
	srv := serve(t, all...)
	q := query("")
	q.Who.Subject = "repo:o/r:ref:refs/heads/main"
	if got := cloudtrail.NewLookup(config(srv), nil).Beginnings(t.Context(), q); got.Pages != 1 || eventIDs(got.Records) != "i" {
		t.Errorf("%d pages, %s", got.Pages, eventIDs(got.Records))
	}
}

// TestTheLikelyRunIsProposedAndNotTaken: what only speaks for a run must not
// decide whose work is imported.
func TestTheLikelyRunIsProposedAndNotTaken(t *testing.T) {
	write := func(key, session string, at int) record { return record{key: key, session: session, at: minute(at)} }
	refused := func(key, session string, at int) record {
		return record{key: key, session: session, at: minute(at), event: "CreateSubnet", code: "Client.RequestExpired"}
	}
	build := func(hints cloudtrail.Hints, in ...record) (cloudtrail.Session, string) {
		trail, session := cloudtrail.Build(cloudtrail.Result{Records: records(t, in...)}, cloudtrail.Query{Who: cloudtrail.Who{Role: role}}, index(), hints)
		return session, strings.Join(trail.Problems, "; ")
	}
	two := []record{write(keyA, "run-6", 1), write(keyA, "run-6", 30), write(keyB, "run-7", 21), write(keyB, "run-7", 31)}
	for name, c := range map[string]struct {
		in    []record
		hints cloudtrail.Hints
		want  string
	}{
		"by the lock's time":   {two, cloudtrail.Hints{LockCreated: minute(20)}, "; most likely --session " + keyB + " (its first call is of 12:21:00, the lock of 12:20:00; it changed 2 things)"},
		"by the lock's holder": {two, cloudtrail.Hints{Holder: "run-6@runner"}, "; most likely --session " + keyA + " (the lock's holder is run-6@runner; it changed 2 things)"},
		"by how they ended": {append([]record{refused(keyA, "run-6", 40), refused(keyB, "run-7", 22)}, two...), cloudtrail.Hints{},
			"; most likely --session " + keyA + " (refused from 12:40:00 on (RequestExpired); it changed 2 things)"},
		"nothing tells": {two, cloudtrail.Hints{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			session, problem := build(c.hints, c.in...)
			if session.How != "" || len(session.AccessKeys) > 0 {
				t.Errorf("%+v was taken", session)
			}
			if !strings.HasSuffix(problem, "--session ACCESS-KEY-ID"+c.want) {
				t.Errorf("problem %q, want %q at its end", problem, c.want)
			}
		})
	}
	// One that ended before the lock was taken cannot have taken it.
	if session, problem := build(cloudtrail.Hints{LockCreated: minute(30)}, write(keyA, "run-6", 1)); session.How != "" || problem == "" {
		t.Errorf("%+v, %q", session, problem)
	}
	// Jobs of one name that follow each other are told apart by the lock.
	jobs := []record{of(write(keyA, "deploy", 1), minute(0)), of(write(keyB, "deploy", 11), minute(10))}
	q := cloudtrail.Query{Who: cloudtrail.Who{Role: role, Session: "deploy"}}
	_, session := cloudtrail.Build(cloudtrail.Result{Records: records(t, jobs...)}, q, index(), cloudtrail.Hints{LockCreated: minute(10)})
	if strings.Join(session.AccessKeys, " ") != keyB || session.How != "named by --session, and of the runs of that name the only one that was at work after the lock was taken" {
		t.Errorf("%+v", session)
	}
	trail, session := cloudtrail.Build(cloudtrail.Result{Records: records(t, jobs...)}, q, index(), cloudtrail.Hints{})
	if len(session.AccessKeys) > 0 || len(trail.Own) > 0 || !strings.Contains(lines(trail.Problems), "session name deploy stands for 2 runs at different times") {
		t.Errorf("%+v, %q", session, trail.Problems)
	}
	// Several keys of one run can be named.
	q.Who.Session = keyA + "," + keyB
	if trail, session := cloudtrail.Build(cloudtrail.Result{Records: records(t, jobs...)}, q, index(), cloudtrail.Hints{}); len(session.AccessKeys) != 2 || len(trail.Own) != 2 {
		t.Errorf("%+v", session)
	}
}

// TestACallIsFoundByItsRequest: by that it is told how far a trail reaches.
func TestACallIsFoundByItsRequest(t *testing.T) {
	look := record{id: "look", event: "DescribeVpcs", read: true, at: minute(1), response: object{}}
	mine := record{id: "mine", event: "DescribeRegions", read: true, at: minute(70), with: object{"userIdentity": object{"type": "AssumedRole", "accessKeyId": keyC,
		"arn": "arn:aws:sts::" + account + ":assumed-role/oncall/me", "sessionContext": object{"sessionIssuer": object{"arn": "arn:aws:iam::" + account + ":role/oncall"}}}}}
	all := append([]record{look, mine, {id: "write", at: minute(2)}}, many(60, 3, record{event: "DescribeVpcs", read: true, response: object{}})...)
	ids := []string{"request-look", "request-write", "request-mine", "request-nosuch"}
	q := query("run-7")
	q.Until = minute(90)
	got := cloudtrail.NewLookup(config(serve(t, all...)), nil).Requests(t.Context(), q, ids, []string{"me"})
	if eventIDs(got.Records) != "look mine write" || len(got.Problems) > 0 {
		t.Errorf("%s, %q", eventIDs(got.Records), got.Problems)
	}
	for name, b := range map[string]*cloudtrail.Bulk{
		"bucket": cloudtrail.Bucket(config(bucketOf(t, all...)), "trail", "", index(), nil), "lake": cloudtrail.Lake(config(serve(t, all...)), "store", index(), nil),
	} {
		p := part("run-7")
		p.Requests = ids
		b.Gather(t.Context(), p)
		if got := b.Of(account).Requests(t.Context(), q, ids, nil); eventIDs(got.Records) != "look mine write" {
			t.Errorf("%s: %s", name, eventIDs(got.Records))
		}
		// What lies after the window is no part of it.
		if read := b.Of(account).Read(t.Context(), query("run-7")); strings.Contains(eventIDs(read.Records), "mine") {
			t.Errorf("%s: %s is within the window", name, eventIDs(read.Records))
		}
	}
}
