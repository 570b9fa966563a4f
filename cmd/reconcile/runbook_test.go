package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"reconcile/internal/need"
	"reconcile/providers"
	"reconcile/providers/ec2/ec2test"
)

const (
	bookAccount = "123456789012"
	bookRegion  = "us-east-1"
	bookRole    = "arn:aws:iam::123456789012:role/terraform-runner"
)

// book is one incident that real Terraform left in the stand-in's S3 and
// DynamoDB: an apply that was killed, its lock, and a state that holds a VPC which
// the run had deleted.
type book struct {
	t             *testing.T
	dir, out      string
	world         *ec2test.World
	server        *ec2test.Server
	table, bucket string
	key           string // of the state object
	backend       string // the configuration's block of it
}

func newBook(t *testing.T, lock, workspace string) *book {
	t.Helper()
	b := newDeadApply(t, lock, workspace)
	b.hold()
	return b
}

// newDeadApply is the book without anything of AWS: Terraform needs no provider
// but its own for it.
func newDeadApply(t *testing.T, lock, workspace string) *book {
	t.Helper()
	need.AWS(t)
	need.Tools(t, "terraform", "bash")
	b := &book{t: t, dir: filepath.Join(t.TempDir(), "root module"), bucket: "tf-state", key: "env/it's $(prod).tfstate", world: ec2test.NewWorld(bookAccount, bookRegion)}
	b.out = filepath.Join(t.TempDir(), "out dir")
	b.world.PutObject(b.bucket, "", nil, time.Time{})
	b.server = ec2test.NewServer(b.world)
	b.must(b.server.Err())
	t.Cleanup(b.server.Close)
	operator(t, b.server.URL)
	how := "use_lockfile = true"
	if lock == "dynamodb" {
		b.table = "tf-locks"
		b.must(b.world.PutItem(providers.Place{Account: bookAccount, Region: bookRegion}, b.table))
		how = `dynamodb_table = "` + b.table + `"`
	}
	b.must(os.MkdirAll(b.dir, 0o755))
	b.backend = fmt.Sprintf("terraform {\n  backend \"s3\" {\n    bucket = %q\n    key = %q\n    region = %q\n    use_path_style = true\n    %s\n  }\n}\n", b.bucket, b.key, bookRegion, how)
	b.config(b.backend + "resource \"terraform_data\" \"keep\" {}\n")
	b.terraform(0, "init", "-input=false", "-no-color")
	if workspace != "default" {
		b.key = "env:/" + workspace + "/" + b.key
		b.terraform(0, "workspace", "new", workspace)
	}
	b.terraform(0, "apply", "-auto-approve", "-input=false", "-no-color")
	b.config(b.backend + "resource \"terraform_data\" \"keep\" {}\nresource \"terraform_data\" \"slow\" {\n  provisioner \"local-exec\" {\n    command = \": > begun; exec sleep 300\"\n  }\n}\n")
	b.die()
	b.config(b.backend + "resource \"terraform_data\" \"keep\" {}\nresource \"terraform_data\" \"more\" {}\n")
	return b
}

func (b *book) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *book) config(text string) {
	b.t.Helper()
	b.must(os.WriteFile(filepath.Join(b.dir, "main.tf"), []byte(text), 0o600))
}

// die begins an apply and kills it while it works: its lock stays.
func (b *book) die() {
	b.t.Helper()
	c := exec.Command("terraform", "apply", "-auto-approve", "-input=false", "-no-color")
	c.Dir, c.SysProcAttr = b.dir, &syscall.SysProcAttr{Setpgid: true}
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	b.must(c.Start())
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	atWork, stop := context.WithTimeout(b.t.Context(), 2*time.Minute)
	defer stop()
	begun := make(chan error, 1)
	go func() { begun <- need.File(atWork, filepath.Join(b.dir, "begun")) }()
	select {
	case <-ended:
		b.t.Fatalf("the apply ended by itself:\n%s", said.String())
	case err := <-begun:
		b.must(syscall.Kill(-c.Process.Pid, syscall.SIGKILL))
		<-ended
		b.must(err)
	}
	if b.lockID() == "" {
		b.t.Fatalf("the killed apply left no lock:\n%s", said.String())
	}
}

// lockID is the ID of the lock that is held, "" for none.
func (b *book) lockID() string {
	info := b.aws("s3api", "get-object", "--bucket", b.bucket, "--key", b.key+".tflock", "/dev/stdout", "--query", "ETag")
	if b.table != "" {
		info = b.aws("dynamodb", "get-item", "--table-name", b.table, "--key", `{"LockID":{"S":`+quoted(b.bucket+"/"+b.key)+`}}`, "--query", "Item.Info.S", "--output", "text")
	}
	_, rest, _ := strings.Cut(info, `"ID":"`)
	id, _, ok := strings.Cut(rest, `"`)
	if !ok {
		return ""
	}
	return id
}

func quoted(s string) string {
	text, _ := json.Marshal(s) // a string always marshals
	return string(text)
}

// aws runs the AWS CLI and gives what it prints, "" if it fails.
func (b *book) aws(args ...string) string {
	out, err := exec.Command("aws", args...).Output()
	if err != nil {
		return ""
	}
	return string(out)
}

// hold puts a VPC into the state that the session has deleted, as CloudTrail
// knows, and that is not there any more.
func (b *book) hold() {
	b.t.Helper()
	var state map[string]any
	b.must(json.Unmarshal([]byte(b.terraform(0, "state", "pull")), &state))
	state["serial"] = state["serial"].(float64) + 1
	state["resources"] = append(state["resources"].([]any), map[string]any{
		"mode": "managed", "type": "aws_vpc", "name": "old", "provider": `provider["registry.terraform.io/hashicorp/aws"]`,
		"instances": []any{map[string]any{"schema_version": 1, "sensitive_attributes": []any{}, "attributes": map[string]any{
			"id": "vpc-0123456789abcdef0", "arn": "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-0123456789abcdef0", "owner_id": bookAccount, "cidr_block": "10.0.0.0/16"}}},
	})
	text, err := json.Marshal(state)
	b.must(err)
	path := filepath.Join(b.t.TempDir(), "half.tfstate")
	b.must(os.WriteFile(path, text, 0o600))
	b.terraform(0, "state", "push", "-lock=false", path)

	b.record("DeleteVpc", map[string]any{"vpcId": "vpc-0123456789abcdef0"}, map[string]any{"_return": true})
}

// record puts one change by the session into CloudTrail.
func (b *book) record(name string, params, response any) {
	b.t.Helper()
	now := time.Now().UTC().Truncate(time.Second).Add(-10 * time.Minute) // long enough ago to be no sign of life
	text, err := json.Marshal(map[string]any{
		"eventVersion": "1.10", "eventID": "e-" + name, "eventName": name, "eventSource": "ec2.amazonaws.com", "eventTime": now.Format(time.RFC3339),
		"awsRegion": bookRegion, "recipientAccountId": bookAccount, "readOnly": false, "managementEvent": true, "eventType": "AwsApiCall", "eventCategory": "Management",
		"requestParameters": params, "responseElements": response,
		"userIdentity": map[string]any{"type": "AssumedRole", "principalId": "AROA:ci-7", "accountId": bookAccount, "accessKeyId": "ASIARUNNER0000000007",
			"arn": "arn:aws:sts::" + bookAccount + ":assumed-role/terraform-runner/ci-7",
			"sessionContext": map[string]any{"sessionIssuer": map[string]any{"type": "Role", "arn": bookRole, "accountId": bookAccount, "userName": "terraform-runner"},
				"attributes": map[string]any{"creationDate": now.Add(-time.Hour).Format(time.RFC3339)}}},
	})
	b.must(err)
	b.must(b.world.PutRecords(text))
}

func (b *book) terraform(want int, args ...string) string {
	b.t.Helper()
	c := exec.Command("terraform", args...)
	var said bytes.Buffer
	c.Dir, c.Stderr = b.dir, &said
	out, err := c.Output()
	if c.ProcessState == nil {
		b.t.Fatal(err)
	}
	if got := c.ProcessState.ExitCode(); got != want {
		b.t.Fatalf("terraform %s ends with %d, want %d\n%s%s", strings.Join(args, " "), got, want, out, said.String())
	}
	return string(out)
}

// reconcile runs a command of this program.
func (b *book) reconcile(want int, args ...string) string {
	b.t.Helper()
	var out bytes.Buffer
	got := run(context.Background(), environment{args: args, stdin: strings.NewReader(""), stdout: &out, stderr: &out, getenv: os.Getenv, environ: os.Environ()})
	if got != want {
		b.t.Fatalf("reconcile %s ends with %d, want %d\n%s", strings.Join(args, " "), got, want, out.String())
	}
	return out.String()
}

// script runs a script of the output folder; typed is what a person types.
func (b *book) script(want int, name, typed string, args ...string) string {
	b.t.Helper()
	c := exec.Command("bash", append([]string{filepath.Join(b.out, name)}, args...)...)
	c.Dir, c.Stdin = "/", strings.NewReader(typed)
	out, err := c.CombinedOutput()
	if c.ProcessState == nil {
		b.t.Fatal(err)
	}
	if got := c.ProcessState.ExitCode(); got != want {
		b.t.Fatalf("%s %s ends with %d, want %d\n%s", name, strings.Join(args, " "), got, want, out)
	}
	return string(out)
}

func (b *book) says(text string, want ...string) {
	b.t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			b.t.Errorf("it does not say %q:\n%s", w, text)
		}
	}
}

// TestTheRunbookEndsInAnApplyWithTheLock plays the whole of docs/runbook.md with
// real Terraform: each step in its order, and out of order each refuses.
func TestTheRunbookEndsInAnApplyWithTheLock(t *testing.T) {
	need.NoRace(t, need.Processes)
	need.AWS(t)
	for _, c := range []struct {
		lock, workspace string
		slow            bool
	}{{"dynamodb", "default", false}, {"s3", "prod", false}, {"s3", "default", true}, {"dynamodb", "prod", true}} {
		t.Run(c.lock+" "+c.workspace, func(t *testing.T) {
			if c.slow {
				need.Time(t, "each lock and each workspace is in one of the other cases")
			}
			b := newBook(t, c.lock, c.workspace)
			id := b.lockID()
			execute := []string{"--execute", "--incident", "INC-7", "--holder-dead", id, "--yes"}

			b.reconcile(1, "unlock", "--out", b.out) // no report
			plan := func() string {
				return b.reconcile(2, "plan", "--dir", b.dir, "--role", bookRole, "--session", "ci-7", "--since", "1h", "--trail-delay", "0s", "--adopt", "vpc-0123456789abcdef0", "--incident", "INC-7", "--out", b.out)
			}
			b.says(plan(), "state rm aws_vpc.old", "reconcile snapshot")
			b.says(b.reconcile(1, "unlock", "--out", b.out), "nothing was verified yet", "no snapshot", "reconcile verify")
			b.says(b.reconcile(2, "verify", "--out", b.out), "step 1 is not done", "aws_vpc.old")
			b.says(b.reconcile(1, "unlock", "--out", b.out), "verify found something left")
			b.terraform(1, "apply", "-auto-approve", "-input=false", "-no-color") // the lock

			b.says(b.reconcile(0, "snapshot", "--out", b.out), "the current version", "the last one before the lock")
			b.says(b.script(0, "snapshot.sh", ""), "To copy them")
			b.says(b.script(0, "snapshot.sh", "", "--execute"), "copied: the current version", "done:")
			b.says(b.script(0, "snapshot.sh", "", "--execute"), "there already")

			b.says(b.script(0, "reconcile.sh", "", execute...), "done:", "reconcile verify")
			b.says(b.reconcile(1, "unlock", "--out", b.out), "verify found something left")
			b.says(b.reconcile(0, "verify", filepath.Join(b.out, "report.json")), "nothing is left to do", "reconcile unlock")
			b.terraform(0, "plan", "-lock=false", "-input=false", "-no-color", "-out=fresh.tfplan")
			fresh := filepath.Join(b.out, "fresh.json")
			b.must(os.WriteFile(fresh, []byte(b.terraform(0, "show", "-json", "fresh.tfplan")), 0o600))
			b.reconcile(0, "verify", "--out", b.out, "--plan-json", fresh)

			b.says(b.reconcile(0, "unlock", "--out", b.out), id, "[known] a snapshot was taken")
			b.says(b.script(0, "unlock.sh", ""), "the pipeline is frozen", "verified at")
			b.says(b.script(1, "unlock.sh", "nonsense\n", "--execute", "--incident", "INC-7"), "nothing was released")
			if b.lockID() != id {
				t.Fatal("the lock went although its ID was not typed")
			}
			b.says(b.script(0, "unlock.sh", id+"\n", "--execute", "--incident", "INC-7"), "The lock is gone")
			if got := b.lockID(); got != "" {
				t.Fatalf("the lock is still there: %s", got)
			}
			b.says(b.script(0, "unlock.sh", "", "--execute", "--incident", "INC-7"), "released before")
			b.terraform(0, "apply", "-auto-approve", "-input=false", "-no-color")
		})
	}
}
