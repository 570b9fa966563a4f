package render

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"reconcile/internal/backend"
	"reconcile/internal/plan"
)

// TestTheBackendsRoleIsAssumedAsItsBlockSays: a role that asks for an external id
// or is narrowed by a policy refuses, or reaches too far, without them.
func TestTheBackendsRoleIsAssumedAsItsBlockSays(t *testing.T) {
	const role, external = "arn:aws:iam::210987654321:role/state", "acme=7/prod:eu"
	s := newStage(t, func(r *plan.Report) {
		b := *r.Backend
		b.RoleARN, b.Profile = role, "ops"
		b.Identity = &backend.Identity{SessionName: "state-ops", Duration: "15m", Policy: `{"Statement":"$(id) \" ü"}`, PolicyARNs: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"},
			SourceIdentity: "ops", Tags: map[string]string{"team": "net's", "a": "b"}, TransitiveTagKeys: []string{"team"}, STSEndpoint: "https://sts.example", STSRegion: "eu-west-1"}
		r.Backend = &b
	})
	record := filepath.Join(s.work, ".terraform", "terraform.tfstate")
	s.put(record, strings.Replace(s.read(record), `"key": "not this one"`, `"external_id": "`+external+`"`, 1))
	want := map[string]any{"ExternalId": external, "RoleArn": role, "RoleSessionName": "state-ops", "DurationSeconds": 900.0, "Policy": `{"Statement":"$(id) \" ü"}`,
		"PolicyArns": []any{map[string]any{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}, "SourceIdentity": "ops",
		"Tags": []any{map[string]any{"Key": "a", "Value": "b"}, map[string]any{"Key": "team", "Value": "net's"}}, "TransitiveTagKeys": []any{"team"}}
	asked := func() (got map[string]any) {
		t.Helper()
		s.must(json.Unmarshal([]byte(s.read(filepath.Join(s.world, "role.json"))), &got))
		return got
	}
	s.wants(s.execute())(0, "done:")
	if d := cmp.Diff(want, asked()); d != "" {
		t.Errorf("what STS is asked (-want +got):\n%s", d)
	}
	for _, argv := range s.commands("aws", "sts", "assume-role") {
		line := strings.Join(argv, " ")
		if strings.Contains(line, external) || !strings.Contains(line, "--region eu-west-1 --endpoint-url https://sts.example --profile ops") {
			t.Errorf("it is asked with %q", line)
		}
	}
	s.must(filepath.WalkDir(s.out, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && strings.Contains(s.read(path), external) {
			t.Errorf("the external id stays in %s", path)
		}
		return err
	}))

	s.env = append(s.env, "RECONCILE_EXTERNAL_ID=other")
	s.wants(s.execute())(0)
	if got := asked()["ExternalId"]; got != "other" {
		t.Errorf("the environment's external id is passed over: %v", got)
	}
	s.env[len(s.env)-1] = `RECONCILE_EXTERNAL_ID=x","RoleArn":"y`
	s.wants(s.execute())(1, "external id", "RECONCILE_EXTERNAL_ID")
}

// TestARoleWithNothingSaidOfItIsAssumedPlainly, with the name that the script's
// calls have in CloudTrail.
func TestARoleWithNothingSaidOfItIsAssumedPlainly(t *testing.T) {
	s := newStage(t, func(r *plan.Report) {
		b := *r.Backend
		b.RoleARN = "arn:aws:iam::210987654321:role/state"
		r.Backend = &b
	})
	s.wants(s.execute())(0, "done:")
	if got, want := s.read(filepath.Join(s.world, "role.json")), `{"RoleArn":"arn:aws:iam::210987654321:role/state","RoleSessionName":"reconcile"}`; strings.TrimSpace(got) != want {
		t.Errorf("it asks %s, want %s", got, want)
	}
	if _, err := os.Stat(s.private("role.json")); err == nil {
		t.Error("what was asked is still in OUT/private")
	}
}
