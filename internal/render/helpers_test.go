package render

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"reconcile/internal/backend"
	"reconcile/internal/plan"
	"reconcile/providers"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestMain lets the test binary be terraform and aws: the script's tests put
// links to it on PATH under those names.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "terraform":
		os.Exit(fakeTerraform(os.Args[1:]))
	case "aws":
		os.Exit(fakeAWS(os.Args[1:]))
	}
	os.Exit(m.Run())
}

const (
	lockID  = "3d5d8e81-4e91-f9ad-2c37-a62caaa67fd5"
	lineage = "51b35be3-1ed5-5e19-41a8-f60fee5ad5e1"
	account = "123456789012"
	made    = "2026-11-21T21:30:00Z"
)

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

func s3Backend() *backend.Config {
	return &backend.Config{
		Type: "s3", Source: ".terraform/terraform.tfstate", Bucket: "tf-state-prod", Key: "env/prod/network.tfstate",
		StateKey: "env/prod/network.tfstate", Region: "us-east-1", DynamoDBTable: "tf-locks", Workspace: "default",
	}
}

// sample is a report with one step of each operation; the removal and the
// import at module.net.aws_subnet.a["data"] are a replacement.
func sample() *plan.Report {
	r := &plan.Report{
		Schema: plan.Schema, Incident: "INC-1", Tool: plan.Tool{Name: "reconcile", Version: "v0.1.0"},
		GeneratedAt: at(made), Verdict: plan.HasActions, Incomplete: []string{}, Notes: []string{},
		Caller: providers.Caller{Account: account, ARN: "arn:aws:sts::123456789012:assumed-role/ops/me", Partition: "aws"},
		State: plan.State{Source: "pulled.tfstate", Format: "raw", Lineage: lineage, Serial: 4, TerraformVersion: "1.11.4",
			Bytes: 2048, Instances: 3},
		Backend: s3Backend(),
		Lock: backend.Lock{Status: "held", ID: lockID, Form: "dynamodb", Operation: "OperationTypeApply", Who: "ci@runner-7",
			Version: "1.11.4", Created: at("2026-11-21T21:17:25Z"), Path: "tf-state-prod/env/prod/network.tfstate"},
		Window: plan.Window{Since: at("2026-11-21T21:17:00Z"), Until: at("2026-11-21T21:25:00Z"), SinceSource: "lock", UntilSource: "now"},
		Session: plan.Session{Role: "arn:aws:iam::123456789012:role/terraform-runner", Name: "ci-prod-7",
			AccessKeys: []string{"ASIARUNNER0000000007"}, How: "the lock's time"},
		Trail: plan.Trail{Source: "lookup", Regions: []string{"us-east-1"}, Complete: true, CompleteUntil: at("2026-11-21T21:25:00Z"),
			Delay: "15m0s", Counts: providers.TrailStats{Records: 40, Own: 9, Refused: 2, Others: 3}},
		Coverage: []providers.Coverage{{Type: "aws_vpc", Place: providers.Place{Account: account, Region: "us-east-1"}, Status: providers.Read, Objects: 2}},
		Findings: []plan.Finding{
			{Status: plan.InState, Address: "aws_vpc.main", Type: "aws_vpc", ID: "vpc-1", EventIDs: []string{}},
			{Status: plan.Replaced, Address: `module.net.aws_subnet.a["data"]`, Type: "aws_subnet", ID: "subnet-2", OldID: "subnet-1", EventIDs: []string{"e1", "e2"}, Reason: "the session replaced it"},
			{Status: plan.Unrecorded, Type: "aws_route_table", ID: "rtb-9", EventIDs: []string{"e3"}, Reason: "the session made it"},
			{Status: plan.Leftover, Type: "aws_eip", ID: "eipalloc-1", EventIDs: []string{"e4"}, Reason: "no address wants it",
				Delete: []string{"--region", "us-east-1", "ec2", "release-address", "--allocation-id", "eipalloc-1"}},
			{Status: plan.Foreign, Type: "aws_vpc", ID: "vpc-7", EventIDs: []string{}, By: "alice"},
		},
		Questions: []plan.Question{}, Mutations: []plan.Accounted{},
		Guard: plan.Guard{Account: account, TerraformVersion: "1.11.4", Executable: true,
			Files: []plan.FileHash{}, VarFiles: []string{}, Vars: []string{}, KnownAlive: []plan.Alive{}},
	}
	subnet := plan.Entry{Module: `"module.net"`, Type: `"aws_subnet"`, Name: `"a"`, Key: `"data"`}
	const address = `module.net.aws_subnet.a["data"]`
	r.Actions = []plan.Action{
		{N: 1, Op: plan.StateRm, Address: address, Type: "aws_subnet", ID: "subnet-1", Argv: []string{"state", "rm", address},
			OldStateID: "subnet-1", Entry: subnet, Why: "the session deleted it", IfSkipped: "the next plan drops it",
			Undo: []string{"import", address, "subnet-1"}, EventIDs: []string{"e1"}, Needs: []string{},
			Confirm: &plan.Confirm{Argv: []string{"ec2", "describe-subnets", "--subnet-ids", "subnet-1", "--query", "length(Subnets)", "--output", "text"},
				NotFound: []string{"InvalidSubnetID.NotFound"}}},
		{N: 2, Op: plan.Import, Address: address, Type: "aws_subnet", ID: "subnet-2", Argv: []string{"import", "-input=false", address, "subnet-2"},
			NewStateID: "subnet-2", Entry: subnet, Why: "the session made it", IfSkipped: "the next apply makes a second one",
			Undo: []string{"state", "rm", address}, EventIDs: []string{"e2"}, Needs: []string{}},
		{N: 3, Op: plan.Import, Address: "aws_route_table.rt[0]", Type: "aws_route_table", ID: "rtb-9", Argv: []string{"import", "-input=false", "aws_route_table.rt[0]", "rtb-9"},
			NewStateID: "rtb-9", Entry: plan.Entry{Type: `"aws_route_table"`, Name: `"rt"`, Key: "0"}, Why: "the session made it",
			Undo: []string{"state", "rm", "aws_route_table.rt[0]"}, EventIDs: []string{"e3"}, Needs: []string{address}},
		{N: 4, Op: plan.Untaint, Address: "aws_eip.nat", Type: "aws_eip", ID: "eipalloc-2", Argv: []string{"untaint", "aws_eip.nat"},
			OldStateID: "eipalloc-2", NewStateID: "eipalloc-2", Entry: plan.Entry{Type: `"aws_eip"`, Name: `"nat"`}, Why: "it is whole",
			Undo: []string{"taint", "aws_eip.nat"}, EventIDs: []string{}, Needs: []string{}},
	}
	return r
}

func rendered(t testing.TB, f Func, r *plan.Report, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (write it with -update)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func md5Hex(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}
