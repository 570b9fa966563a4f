package cloudtrail_test

import (
	"strings"
	"testing"

	"reconcile/providers/cloudtrail"
)

// TestTheApplysLogSinglesTheSessionOut fails when the run whose log is at hand
// is not told from others, or when its log overrules what is worth more.
func TestTheApplysLogSinglesTheSessionOut(t *testing.T) {
	const said = "the only session of the role whose calls the apply's log names"
	write := func(key, session string, at int, vpc string) record {
		return record{key: key, session: session, at: minute(at), event: "CreateVpc", response: object{"vpc": object{"vpcId": vpc}}}
	}
	two := []record{write(keyA, "run-6", 1, "vpc-a"), write(keyB, "run-7", 2, "vpc-b")}
	same := []record{write(keyA, "run-7", 1, "vpc-a"), write(keyB, "run-7", 2, "vpc-b"), write(keyA, "run-7", 3, "vpc-c")}
	for name, c := range map[string]struct {
		calls         []record
		session       string
		lock          int
		made          []string
		request       int // the number of the call whose request the log names, from 1
		want, how     string
		problemBegins string
	}{
		"by what it made":                 {calls: two, made: []string{"vpc-b"}, want: "run-7 " + keyB, how: said},
		"by a request":                    {calls: two, request: 1, want: "run-6 " + keyA, how: said},
		"names both":                      {calls: two, made: []string{"vpc-a", "vpc-b"}, problemBegins: "the session that died cannot be singled out"},
		"names neither":                   {calls: two, made: []string{"vpc-z"}, problemBegins: "the session that died cannot be singled out"},
		"a run that cannot hold the lock": {calls: []record{write(keyA, "run-5", 1, "vpc-a"), write(keyB, "run-6", 20, "vpc-b"), write(keyC, "run-7", 21, "vpc-c")}, lock: 19, made: []string{"vpc-a"}, problemBegins: "the session that died cannot be singled out"},
		"of runs of one name":             {calls: same, session: "run-7", made: []string{"vpc-b"}, want: "run-7 " + keyB, how: "named by --session, and of the runs of that name the only one whose calls the apply's log names"},
		"both runs of one name":           {calls: same, session: "run-7", made: []string{"vpc-a", "vpc-b"}, want: "run-7", problemBegins: "session name run-7 stands for 2 runs"},
		"another than --session":          {calls: two, session: "run-6", made: []string{"vpc-b"}, want: "run-6 " + keyA, how: "named by --session"},
	} {
		t.Run(name, func(t *testing.T) {
			in := records(t, c.calls...)
			hints := cloudtrail.Hints{Made: c.made}
			if c.lock > 0 {
				hints.LockCreated = minute(c.lock)
			}
			for n := range in {
				in[n].RequestID = strings.Repeat(string(rune('a'+n)), 8)
			}
			if c.request > 0 {
				hints.Requests = []string{strings.ToUpper(in[c.request-1].RequestID)}
			}
			trail, session := cloudtrail.Build(cloudtrail.Result{Records: in}, cloudtrail.Query{Who: cloudtrail.Who{Role: role, Session: c.session}}, index(), hints)
			if got := strings.TrimSpace(session.Name + " " + strings.Join(session.AccessKeys, " ")); got != c.want || session.How != c.how {
				t.Errorf("session %q (%s), want %q (%s)", got, session.How, c.want, c.how)
			}
			if got := strings.Join(trail.Problems, "; "); !strings.HasPrefix(got, c.problemBegins) || (c.problemBegins == "") != (got == "") {
				t.Errorf("problem %q", got)
			}
		})
	}
}
