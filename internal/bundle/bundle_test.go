package bundle_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"reconcile/fixtures"
	"reconcile/internal/bundle"
	"reconcile/internal/incident"
	"reconcile/internal/plan"
	"reconcile/internal/render"
	"reconcile/providers/ec2/ec2test"
)

const (
	canary = "hunter2-do-not-leak"
	caller = "ASIATEST000000000001"
)

// staged lays an incident out and serves it.
func staged(t *testing.T, name string) (incident.Options, *ec2test.Server, string) {
	t.Helper()
	fsys, err := fixtures.Incident(name)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := fs.ReadFile(fsys, "truth.json")
	if err != nil {
		t.Fatal(err)
	}
	var truth struct {
		Start         time.Time
		Role, Session string
	}
	if err := json.Unmarshal(raw, &truth); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, fsys); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "config", ".terraform", "terraform.tfstate"), `{"version":3,"backend":{"type":"s3","config":{"bucket":"tf-state-prod",
		"key":"env/prod/network.tfstate","region":"us-east-1","dynamodb_table":"tf-locks","use_path_style":true,"access_key":"`+caller+`","secret_key":"`+canary+`"},"hash":1}}`)
	world, err := ec2test.LoadIncident(fsys)
	if err != nil {
		t.Fatal(err)
	}
	server := ec2test.NewServer(world)
	if err := server.Err(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	end := truth.Start.Add(30 * time.Minute)
	return incident.Options{
		Incident: "INC-1", Dir: filepath.Join(dir, "config"), State: filepath.Join(dir, "state.tfstate"), PlanJSON: filepath.Join(dir, "plan.json"),
		Role: truth.Role, Session: truth.Session, Since: truth.Start, Until: end, TrailDelay: 15 * time.Minute, Endpoint: server.URL,
		Now: func() time.Time { return end.Add(30 * time.Minute) }, Env: func(string) string { return "" }, Tool: plan.Tool{Name: "reconcile", Version: "test"},
	}, server, dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// recorded records, writes and reads the bundle, and takes everything away that
// it was made of.
func recorded(t *testing.T, o incident.Options, server *ec2test.Server, dir string) (report *plan.Report, b *bundle.Bundle, packed []byte, failed error) {
	t.Helper()
	report, b, failed = bundle.Record(t.Context(), o)
	if b == nil {
		t.Fatal(failed)
	}
	path := filepath.Join(t.TempDir(), "bundle")
	if _, err := b.Write(path); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the bundle has mode %o", info.Mode().Perm())
	}
	if packed, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	again, err := bundle.Read(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	server.Close()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	return report, again, packed, failed
}

func text(t *testing.T, r *plan.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := render.Encode(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func unpacked(t *testing.T, packed []byte) string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestAReplayMakesTheSameReport: with no server and none of the files there.
func TestAReplayMakesTheSameReport(t *testing.T) {
	cases := map[string]func(o *incident.Options, s *ec2test.Server, dir string){
		"as it is":          func(*incident.Options, *ec2test.Server, string) {},
		"pages of two":      func(_ *incident.Options, s *ec2test.Server, _ string) { s.PageSize(2) },
		"a denied kind":     func(_ *incident.Options, s *ec2test.Server, _ string) { s.Deny("DescribeRouteTables") },
		"a throttled world": func(_ *incident.Options, s *ec2test.Server, _ string) { s.Throttle(0.2, 1) },
		"no plan file, the errored state, the log": func(o *incident.Options, _ *ec2test.Server, dir string) {
			o.PlanJSON, o.ErroredState, o.ApplyLog = "", filepath.Join(dir, "errored.tfstate"), filepath.Join(dir, "apply.log.jsonl")
		},
		"the trail from a file": func(o *incident.Options, _ *ec2test.Server, dir string) {
			o.Trail.Source = "file:" + filepath.Join(dir, "cloudtrail.json")
		},
		"the state from standard input": func(o *incident.Options, _ *ec2test.Server, dir string) {
			data, err := os.ReadFile(o.State)
			if err != nil {
				panic(err)
			}
			o.State, o.Stdin = "-", bytes.NewReader(data)
		},
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // most of it waits for AWS's pace
			o, server, dir := staged(t, "shared-network-expire-15")
			change(&o, server, dir)
			want, b, _, failed := recorded(t, o, server, dir)
			if failed != nil {
				t.Fatal(failed)
			}
			got, notes, err := bundle.Replay(t.Context(), b, o.Tool, nil)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(text(t, want), text(t, got)); d != "" {
				t.Errorf("recorded against replayed:\n%s", d)
			}
			if len(notes) > 0 {
				t.Errorf("notes of a replay that is the same: %q", notes)
			}
		})
	}
}

// TestEachIncidentReplays, the demo's among them.
func TestEachIncidentReplays(t *testing.T) {
	for _, name := range fixtures.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, server, dir := staged(t, name)
			want, b, _, failed := recorded(t, o, server, dir)
			if failed != nil {
				t.Fatal(failed)
			}
			got, _, err := bundle.Replay(t.Context(), b, o.Tool, nil)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(text(t, want), text(t, got)); d != "" {
				t.Errorf("recorded against replayed:\n%s", d)
			}
		})
	}
}

// TestNoSecretIsInABundle: canaries in everything that is read.
func TestNoSecretIsInABundle(t *testing.T) {
	o, server, dir := staged(t, "shared-network-expire-15")
	edit := func(name, from, to string) {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.Replace(string(data), from, to, 1)
		if changed == string(data) {
			t.Fatalf("%s has no %q", name, from)
		}
		write(t, filepath.Join(dir, name), changed)
	}
	edit("state.tfstate", `"resources": [`, `"resources": [
    {"mode": "managed", "type": "random_password", "name": "x", "provider": "provider[\"registry.terraform.io/hashicorp/random\"]", "instances": [{"schema_version": 0, "attributes": {"id": "none", "result": "`+canary+`"}, "sensitive_attributes": [], "private": "`+canary+`"}]},
    {"mode": "managed", "type": "aws_db_instance", "name": "x", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]", "instances": [{"schema_version": 0, "attributes": {"id": "db", "password": "`+canary+`", "odd": {"deep": ["`+canary+`"]}}, "sensitive_attributes": [[{"type": "get_attr", "value": "odd"}]]}]},`)
	edit("state.tfstate", `"outputs": {}`, `"outputs": {"hidden": {"value": "`+canary+`", "type": "string", "sensitive": true}}`)
	write(t, filepath.Join(dir, "config", "secrets.tf"), `variable "quiet" {
  type      = string
  sensitive = true
  default   = "`+canary+`"
}
locals {
  db = { password = "`+canary+`", key = <<EOT
-----BEGIN RSA PRIVATE KEY-----
`+canary+`
-----END RSA PRIVATE KEY-----
EOT
  }
}
`)
	write(t, filepath.Join(dir, "config", "secrets.auto.tfvars"), "quiet = \""+canary+"\"\n")
	write(t, filepath.Join(dir, "apply.log"), "aws_vpc.x: Creating...\npassword = \""+canary+"\"\nAuthorization: Bearer "+canary+"\naws_vpc.x: Creation complete after 1s [id=vpc-1]\n")
	o.PlanJSON, o.ApplyLog = "", filepath.Join(dir, "apply.log")
	o.Env = func(name string) string {
		if name == "TF_VAR_quiet" {
			return canary
		}
		return ""
	}
	_, b, packed, failed := recorded(t, o, server, dir)
	if failed != nil {
		t.Fatal(failed)
	}
	all := unpacked(t, packed)
	for _, secret := range []string{canary, "AWS4-HMAC-SHA256", "X-Amz-Security-Token"} {
		if i := strings.Index(all, secret); i >= 0 {
			t.Errorf("the bundle holds %q: …%s…", secret, all[max(0, i-200):min(len(all), i+100)])
		}
	}
	if b.Masked == 0 {
		t.Error("nothing is counted as left out")
	}
	if _, _, err := bundle.Replay(t.Context(), b, o.Tool, nil); err != nil {
		t.Errorf("what is left cannot be planned from: %v", err)
	}
}
