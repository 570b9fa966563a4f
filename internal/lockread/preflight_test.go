package lockread_test

import (
	"crypto/md5"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"time"

	"reconcile/internal/lockread"
	"reconcile/internal/preflight"
	"reconcile/providers/ec2/ec2test"
)

func (s *scene) preflight(t *testing.T, skip ...string) map[string]preflight.Check {
	t.Helper()
	r, err := lockread.Open(t.Context(), s.o)
	if err != nil {
		t.Fatal(err)
	}
	f, err := r.Preflight(t.Context(), lockread.Preflight{MinSession: 30 * time.Minute, Expires: noon.Add(time.Hour), Env: func(string) string { return "" },
		Skip: func(c string) bool { return slices.Contains(skip, c) }})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]preflight.Check{}
	for _, c := range preflight.Judge(f, skip) {
		out[c.Name] = c
	}
	return out
}

// TestPreflightReadsWhatItJudges from AWS, and each fault is seen there.
func TestPreflightReadsWhatItJudges(t *testing.T) {
	t.Parallel()
	s := play(t)
	sum := md5.Sum([]byte(state))
	row := ec2test.Doc{"LockID": ec2test.Doc{"S": "tf-state/net.tfstate-md5"}, "Digest": ec2test.Doc{"S": hex.EncodeToString(sum[:])}}
	if err := s.PutItem(at, "tf-locks", row); err != nil {
		t.Fatal(err)
	}
	s.o.Where.UseLockfile = true
	got := s.preflight(t, "terraform")
	for name, c := range got {
		if c.Status != preflight.OK && name != "terraform" {
			t.Errorf("%s: %s: %s", name, c.Status, c.Says)
		}
	}
	if !strings.Contains(got["digest"].Says, "serial 7, and its digest matches") || !strings.Contains(got["rights"].Says, "(8 actions)") {
		t.Errorf("%s | %s", got["digest"].Says, got["rights"].Says)
	}
	s.SetVersioning("tf-state", false)
	s.SetTTL(at, "tf-locks", "expires")
	s.Decide("dynamodb:DeleteItem", "implicitDeny")
	s.take(t, "net.tfstate", time.Hour)
	got = s.preflight(t)
	for name, want := range map[string]preflight.Status{"versioning": preflight.Failed, "ttl": preflight.Warn, "rights": preflight.Failed, "lock": preflight.Failed, "session": preflight.OK} {
		if got[name].Status != want {
			t.Errorf("%s: %s: %s", name, got[name].Status, got[name].Says)
		}
	}
	if !strings.Contains(got["rights"].Says, "dynamodb:DeleteItem on arn:aws:dynamodb:eu-west-1:"+account+":table/tf-locks") {
		t.Error(got["rights"].Says)
	}
	for _, r := range s.server.Requests() {
		if r.Action == "SimulatePrincipalPolicy" && r.Form.Get("PolicySourceArn") != "arn:aws:iam::"+account+":role/ci/incident-responder" {
			t.Errorf("IAM was asked about %s: STS drops the role's path", r.Form.Get("PolicySourceArn"))
		}
	}
	s.server.Deny("SimulatePrincipalPolicy")
	s.server.Deny("GetBucketVersioning")
	s.server.Deny("DescribeTimeToLive")
	got = s.preflight(t, "lock")
	for _, name := range []string{"versioning", "ttl", "rights"} {
		if got[name].Status != preflight.NotTold {
			t.Errorf("%s: %s: %s", name, got[name].Status, got[name].Says)
		}
	}
}

// TestSkippedChecksAskNothing of AWS.
func TestSkippedChecksAskNothing(t *testing.T) {
	t.Parallel()
	s := play(t)
	s.preflight(t, preflight.Names()...)
	for call := range s.server.Calls() {
		if call != "sts:GetCallerIdentity" {
			t.Errorf("%s was sent", call)
		}
	}
}
