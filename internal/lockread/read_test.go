package lockread_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"reconcile/internal/backend"
	"reconcile/internal/hint"
	"reconcile/internal/lock"
	"reconcile/internal/lockread"
	"reconcile/providers"
	"reconcile/providers/ec2/ec2test"
)

const (
	account = "123456789012"
	region  = "eu-west-1"
	role    = "arn:aws:iam::" + account + ":role/ci"
	m       = time.Minute
	state   = `{"version":4,"terraform_version":"1.11.4","serial":7,"lineage":"l-1","outputs":{},"resources":[
 {"mode":"managed","type":"aws_vpc","name":"x","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[
  {"schema_version":1,"attributes":{"id":"vpc-1","arn":"arn:aws:ec2:eu-north-1:123456789012:vpc/vpc-1","owner_id":"123456789012"}}]}]}`
)

var (
	at   = providers.Place{Account: account, Region: region}
	noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
)

// scene is a world with a lock, at noon.
type scene struct {
	*ec2test.World
	server *ec2test.Server
	o      lockread.Options
	n      int
}

func play(t *testing.T) *scene {
	t.Helper()
	s := &scene{World: ec2test.NewWorld(account, region)}
	s.PutObject("tf-state", "net.tfstate", []byte(state), noon.Add(-2*time.Hour))
	if err := s.PutItem(at, "tf-locks"); err != nil {
		t.Fatal(err)
	}
	s.server = ec2test.NewServer(s.World)
	if err := s.server.Err(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.server.Close)
	s.server.SetClock(func() time.Time { return noon })
	s.o = lockread.Options{Where: backend.Where{Dir: t.TempDir(), Bucket: "tf-state", Key: "net.tfstate", Region: region, DynamoDBTable: "tf-locks",
		Configs: nil}, Role: role, TrailDelay: 15 * m, Endpoint: s.server.URL, Now: func() time.Time { return noon }}
	return s
}

// take puts a lock into the table.
func (s *scene) take(t *testing.T, key string, age time.Duration) {
	t.Helper()
	info := fmt.Sprintf(`{"ID":"lock-%s","Operation":"OperationTypeApply","Info":"","Who":"ci@runner","Version":"1.11.4","Created":%q,"Path":"tf-state/%[1]s"}`, key, noon.Add(-age).Format(time.RFC3339Nano))
	if err := s.PutItem(at, "tf-locks", ec2test.Doc{"LockID": ec2test.Doc{"S": "tf-state/" + key}, "Info": ec2test.Doc{"S": info}}); err != nil {
		t.Fatal(err)
	}
}

// call records a call of a session.
func (s *scene) call(t *testing.T, role, key, in, name string, age time.Duration, more map[string]any) {
	t.Helper()
	s.n++
	short := role[strings.LastIndex(role, "/")+1:]
	r := map[string]any{
		"eventVersion": "1.08", "eventTime": noon.Add(-age).Format(time.RFC3339), "eventSource": "ec2.amazonaws.com", "eventName": name, "awsRegion": in,
		"eventID": fmt.Sprintf("event-%04d", s.n), "requestID": fmt.Sprintf("request-%04d", s.n), "eventType": "AwsApiCall", "recipientAccountId": account,
		"readOnly": strings.HasPrefix(name, "Describe") || strings.HasPrefix(name, "Assume"),
		"userIdentity": map[string]any{"type": "AssumedRole", "principalId": "AROA:ci-7", "arn": "arn:aws:sts::" + account + ":assumed-role/" + short + "/ci-7",
			"accountId": account, "accessKeyId": key, "sessionContext": map[string]any{
				"sessionIssuer": map[string]any{"type": "Role", "arn": role, "accountId": account, "userName": short}}},
	}
	for k, v := range more {
		r[k] = v
	}
	js, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.PutRecords(js); err != nil {
		t.Fatal(err)
	}
}

func (s *scene) judge(t *testing.T) (lock.Judgement, lock.Facts, *lockread.Reader) {
	t.Helper()
	r, err := lockread.Open(t.Context(), s.o)
	if err != nil {
		t.Fatal(err)
	}
	f, err := r.Facts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return lock.Judge(f), f, r
}

// TestRunThatOnlyReadsIsAlive, in a region that only the state names: an apply
// that waits for a transit gateway reads and changes nothing.
func TestRunThatOnlyReadsIsAlive(t *testing.T) {
	t.Parallel()
	s := play(t)
	s.take(t, "net.tfstate", 40*m)
	s.call(t, role, "ASIARUN0000000000001", region, "CreateVpc", 39*m, nil)
	s.call(t, role, "ASIARUN0000000000001", "eu-north-1", "DescribeTransitGateways", 4*m, nil)
	got, f, _ := s.judge(t)
	if got.Verdict != lock.HeldAlive || len(f.Trail.Regions) != 2 {
		t.Errorf("%s: %s, in %v", got.Verdict, got.Why, f.Trail.Regions)
	}
}

// TestRunThatWorksThroughAnotherRoleIsAlive: its own key is silent meanwhile.
func TestRunThatWorksThroughAnotherRoleIsAlive(t *testing.T) {
	t.Parallel()
	s := play(t)
	s.take(t, "net.tfstate", 50*m)
	deploy := "arn:aws:iam::" + account + ":role/deploy"
	s.call(t, role, "ASIARUN0000000000001", region, "DescribeRegions", 50*m, nil)
	s.call(t, role, "ASIARUN0000000000001", region, "AssumeRole", 49*m, map[string]any{"eventSource": "sts.amazonaws.com",
		"requestParameters": map[string]any{"roleArn": deploy, "roleSessionName": "ci-7"},
		"responseElements":  map[string]any{"credentials": map[string]any{"accessKeyId": "ASIADEPLOY0000000001"}}})
	if got, _, _ := s.judge(t); got.Verdict != lock.ProbablyDead {
		t.Errorf("%s: %s", got.Verdict, got.Why)
	}
	s.call(t, deploy, "ASIADEPLOY0000000001", region, "DescribeVpcs", 3*m, nil)
	if got, _, _ := s.judge(t); got.Verdict != lock.HeldAlive {
		t.Errorf("%s: %s", got.Verdict, got.Why)
	}
}

// TestRunThatWorksInAnotherAccountIsUnknown where that account's trail is not
// read.
func TestRunThatWorksInAnotherAccountIsUnknown(t *testing.T) {
	t.Parallel()
	s := play(t)
	s.take(t, "net.tfstate", 50*m)
	s.call(t, role, "ASIARUN0000000000001", region, "AssumeRole", 49*m, map[string]any{"eventSource": "sts.amazonaws.com",
		"requestParameters": map[string]any{"roleArn": "arn:aws:iam::999999999999:role/deploy", "roleSessionName": "ci-7"},
		"responseElements":  map[string]any{"credentials": map[string]any{"accessKeyId": "ASIADEPLOY0000000001"}}})
	if got, _, _ := s.judge(t); got.Verdict != lock.Unknown || !strings.Contains(got.Why, "the trail of account 999999999999, which is not read") {
		t.Errorf("%s: %s", got.Verdict, got.Why)
	}
	// The credentials are of another account than the role: nothing was looked at.
	s.o.Role = "arn:aws:iam::999999999999:role/ci"
	if got, _, _ := s.judge(t); got.Verdict != lock.Unknown {
		t.Errorf("%s: %s", got.Verdict, got.Why)
	}
}

// TestExpiredRunIsDead with its life from the call that began its session.
func TestExpiredRunIsDead(t *testing.T) {
	t.Parallel()
	s := play(t)
	s.take(t, "net.tfstate", 90*m)
	s.call(t, "arn:aws:iam::"+account+":role/oidc", "ASIAOIDC000000000001", region, "AssumeRole", 91*m, map[string]any{"eventSource": "sts.amazonaws.com",
		"requestParameters": map[string]any{"roleArn": role, "roleSessionName": "ci-7", "durationSeconds": 900},
		"responseElements":  map[string]any{"credentials": map[string]any{"accessKeyId": "ASIARUN0000000000001"}}})
	identity := map[string]any{"userIdentity": map[string]any{"type": "AssumedRole", "principalId": "AROA:ci-7", "arn": "arn:aws:sts::" + account + ":assumed-role/ci/ci-7",
		"accountId": account, "accessKeyId": "ASIARUN0000000000001", "sessionContext": map[string]any{
			"sessionIssuer": map[string]any{"type": "Role", "arn": role, "accountId": account, "userName": "ci"},
			"attributes":    map[string]any{"creationDate": noon.Add(-91 * m).Format(time.RFC3339)}}}}
	s.call(t, role, "ASIARUN0000000000001", region, "CreateVpc", 88*m, identity)
	identity["errorCode"], identity["errorMessage"] = "ExpiredToken", "expired"
	s.call(t, role, "ASIARUN0000000000001", region, "CreateSubnet", 75*m, identity)
	got, f, _ := s.judge(t)
	if got.Verdict != lock.Dead || !strings.Contains(got.Why, "expired at 2026-11-21T10:44:00Z") {
		t.Errorf("%s: %s\n%+v", got.Verdict, got.Why, f.Trail)
	}
	s.server.Deny("LookupEvents")
	if got, _, _ := s.judge(t); got.Verdict != lock.Unknown || !strings.Contains(got.Why, "could not be read in full") && !strings.Contains(got.Why, "no call") {
		t.Errorf("%s: %s", got.Verdict, got.Why)
	}
	for call := range s.server.Calls() {
		for _, verb := range []string{"Put", "Delete", "Update"} {
			if strings.Contains(call, verb) {
				t.Errorf("%s was sent", call)
			}
		}
	}
}

func TestAllLocksOfTheTableAreListedPageByPage(t *testing.T) {
	t.Parallel()
	s := play(t)
	s.server.PageSize(2)
	for n := range 7 {
		s.take(t, fmt.Sprintf("k%d", n), time.Duration(n)*time.Hour)
		row := ec2test.Doc{"LockID": ec2test.Doc{"S": fmt.Sprintf("tf-state/k%d-md5", n)}, "Digest": ec2test.Doc{"S": "x"}}
		if err := s.PutItem(at, "tf-locks", row); err != nil {
			t.Fatal(err)
		}
	}
	mutex := ec2test.Doc{"LockID": ec2test.Doc{"S": "tf-state/k1-reconcile"}, "Info": ec2test.Doc{"S": "x"}}
	if err := s.PutItem(at, "tf-locks", mutex); err != nil {
		t.Fatal(err)
	}
	s.PutObject("tf-state", "net.tfstate.tflock", []byte(`{"ID":"f","Created":"2026-11-21T11:00:00Z"}`), noon)
	s.PutObject("tf-state", "net.tfstate.tflock-reconcile", []byte(`{}`), noon)
	s.o.Where.UseLockfile = true
	r, err := lockread.Open(t.Context(), s.o)
	if err != nil {
		t.Fatal(err)
	}
	locks, problems, err := r.All(t.Context())
	if err != nil || len(problems) > 0 || len(locks) != 8 {
		t.Errorf("%d locks, %v, %v", len(locks), problems, err)
	}
	s.server.Deny("Scan")
	if locks, problems, err = r.All(t.Context()); err != nil || len(problems) != 1 || len(locks) != 1 {
		t.Errorf("%d locks, %v, %v", len(locks), problems, err)
	}
}

func TestWrongTableAndNoLockAreErrorsWithAWayOut(t *testing.T) {
	t.Parallel()
	s := play(t)
	for _, c := range []struct {
		name   string
		change func(*scene)
		says   string
	}{
		{"no such table", func(s *scene) { s.o.Where.DynamoDBTable = "nowhere" }, "the table does not exist in eu-west-1"},
		{"another table", func(s *scene) { s.SetTableKey(at, "tf-locks", "id") }, "its key is id:S, Terraform's is LockID:S"},
		{"no lock at all", func(s *scene) { s.o.Where.DynamoDBTable = "" }, "this state has no lock"},
		{"another workspace", func(s *scene) { s.o.Where.Workspace = "typo" }, "there are states of: default"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s = play(t)
			c.change(s)
			r, err := lockread.Open(t.Context(), s.o)
			if err != nil {
				t.Fatal(err)
			}
			_, err = r.Facts(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.says) || hint.Of(err) == "" {
				t.Errorf("%v | %s", err, hint.Of(err))
			}
		})
	}
	s.o.Role = "ci"
	if _, err := lockread.Open(t.Context(), s.o); err == nil || hint.Of(err) == "" {
		t.Error(err)
	}
}
