package preflight

import (
	"strings"
	"testing"
	"time"

	"reconcile/internal/backend"
	"reconcile/internal/lock"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// good are facts with which every check passes.
func good() Facts {
	return Facts{Now: noon, Caller: "arn:aws:sts::1:assumed-role/ci/7", MinSession: 30 * time.Minute,
		Session: Session{Temporary: true, Expires: noon.Add(time.Hour), Source: "AssumeRoleProvider"},
		HasLock: true, Lock: backend.Lock{Status: backend.NotHeld, Form: backend.DynamoDB}, Table: "tf-locks", Bucket: "tf-state", Versioned: true,
		State:  State{Serial: 7, TerraformVersion: "1.11.4", MD5: "aa", Digest: "aa"},
		Rights: []Right{{"s3:PutObject", "arn:aws:s3:::tf-state/k", "allowed"}}, Terraform: "1.11.4"}
}

// TestChecks are the rules, one a line: what was read, and what it comes to.
func TestChecks(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Facts)
		check  string
		want   Status
		says   string
	}{
		{"lives long enough", func(*Facts) {}, "session", OK, "lives for 1h00m more"},
		{"lives just too short", func(f *Facts) { f.Session.Expires = noon.Add(30*time.Minute - time.Second) }, "session", Failed, "30m are wanted"},
		{"lives just long enough", func(f *Facts) { f.Session.Expires = noon.Add(30 * time.Minute) }, "session", OK, "30m more"},
		{"has expired", func(f *Facts) { f.Session.Expires = noon }, "session", Failed, "expired at 2026-11-21T12:00:00Z"},
		{"temporary, no end told", func(f *Facts) { f.Session.Expires = time.Time{} }, "session", NotTold, "nothing tells when"},
		{"refreshed by the machine", func(f *Facts) { f.Session.Refreshed, f.Session.Expires = true, noon.Add(time.Minute) }, "session", OK, "refreshes"},
		{"a user's own keys", func(f *Facts) { f.Session = Session{} }, "session", OK, "lasting"},

		{"free", func(*Facts) {}, "lock", OK, "nobody"},
		{"held", func(f *Facts) {
			f.Lock = backend.Lock{Status: backend.Held, ID: "lock-1", Who: "ci@x", Created: noon.Add(-2 * time.Hour), Operation: "OperationTypeApply"}
		}, "lock", Failed, "ci@x has held the lock lock-1 for 2h00m, for terraform apply"},
		{"held by another tool", func(f *Facts) { f.Lock = backend.Lock{Status: backend.Held} }, "lock", Failed, "not Terraform's own"},
		{"not read", func(f *Facts) { f.Lock = backend.Lock{Status: backend.Unknown, Error: "denied"} }, "lock", NotTold, "denied"},
		{"a row in its place", func(f *Facts) { f.Lock.Error = "a row without Info" }, "lock", Failed, "a row without Info"},
		{"no lock", func(f *Facts) { f.HasLock = false }, "lock", Warn, "no lock"},

		{"whole", func(*Facts) {}, "digest", OK, "its digest matches"},
		{"another digest", func(f *Facts) { f.State.Digest = "bb" }, "digest", Failed, "refuses every command"},
		{"no digest", func(f *Facts) { f.State.Digest = "" }, "digest", OK, "no digest of it yet"},
		{"digest not read", func(f *Facts) { f.State.Digest, f.State.DigestError = "", "denied" }, "digest", NotTold, "denied"},
		{"no table", func(f *Facts) { f.Table, f.State.Digest = "", "" }, "digest", OK, "without a lock table"},
		{"cut off", func(f *Facts) { f.State = State{Error: "it is cut off"} }, "digest", Failed, "cut off"},
		{"first apply", func(f *Facts) { f.State = State{Missing: true} }, "digest", OK, "no state yet"},

		{"no versions", func(f *Facts) { f.Versioned = false }, "versioning", Failed, "keeps no versions"},
		{"not told", func(f *Facts) { f.Versioned, f.VersionErr = false, "denied" }, "versioning", NotTold, "denied"},
		{"rows that go away", func(f *Facts) { f.TTL = "expires" }, "ttl", Warn, "deletes rows by expires"},
		{"ttl not told", func(f *Facts) { f.TTLError = "denied" }, "ttl", NotTold, "denied"},

		{"may all", func(*Facts) {}, "rights", OK, "1 actions"},
		{"may not", func(f *Facts) { f.Rights[0].Decision = "implicitDeny" }, "rights", Failed, "s3:PutObject on arn:aws:s3:::tf-state/k (implicitDeny)"},
		{"IAM denied", func(f *Facts) { f.Rights, f.RightsErr = nil, "denied" }, "rights", NotTold, "denied"},
		{"IAM silent", func(f *Facts) { f.Rights = nil }, "rights", NotTold, "told nothing"},

		{"same", func(*Facts) {}, "terraform", OK, "1.11.4"},
		{"older", func(f *Facts) { f.State.TerraformVersion = "1.12.0" }, "terraform", Warn, "older than 1.12.0"},
		{"older by number, not by letter", func(f *Facts) { f.Terraform = "1.9.8" }, "terraform", Warn, "1.9.8 is older"},
		{"newer", func(f *Facts) { f.Terraform = "1.14.0-beta1" }, "terraform", OK, "1.14.0-beta1"},
		{"no CLI", func(f *Facts) { f.NoCLI = "x is not on PATH" }, "terraform", NotTold, "not on PATH"},
		{"no version", func(f *Facts) { f.State.TerraformVersion = "x" }, "terraform", NotTold, "cannot be compared"},
	} {
		t.Run(c.check+"/"+c.name, func(t *testing.T) {
			f := good()
			c.change(&f)
			checks := Judge(f, nil)
			for _, got := range checks {
				if got.Name == c.check && (got.Status != c.want || !strings.Contains(got.Says, c.says)) {
					t.Errorf("%s: %s; want %s: %s", got.Status, got.Says, c.want, c.says)
				}
				if got.Status == Failed && got.Next == "" {
					t.Errorf("%s fails, and nothing says what to do", got.Name)
				}
			}
			if got := passed(checks, false); got != (c.want != Failed) {
				t.Errorf("passed: %t", got)
			}
			if got := passed(checks, true); got != (c.want == OK) {
				t.Errorf("passed strictly: %t", got)
			}
		})
	}
}

func TestSkippedChecksDoNotFail(t *testing.T) {
	f := good()
	f.Versioned, f.TTL = false, "x"
	checks := Judge(f, []string{"versioning", "ttl"})
	if !passed(checks, true) || len(checks) != len(Names()) {
		t.Errorf("%+v", checks)
	}
}

func TestTextNamesEachCheckAndWhatToDo(t *testing.T) {
	f := good()
	f.Versioned = false
	r := NewReport(f, lock.Place{Bucket: "tf-state", StateKey: "k", Workspace: "default"}, nil, false, []string{"a note"})
	var b strings.Builder
	if err := r.Text(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range append(Names(), "failed  s3://tf-state/k", "-> aws s3api put-bucket-versioning", "note: a note") {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
}
