package ec2

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
)

func actions(d Document) []string {
	var out []string
	for _, s := range d.Statement {
		out = append(out, s.Action...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestThePolicyIsTheAllowList holds the two against each other both ways: what
// may be sent is granted, and nothing else is.
func TestThePolicyIsTheAllowList(t *testing.T) {
	rows := Rows()
	granted := actions(Policy(rows, nil, StateAt{}, TrailAt{}, false))
	var needed []string
	for _, operation := range AllowList(rows) {
		var names []string
		for _, p := range permissionsOf(operation) {
			names = append(names, p.action)
			if !slices.Contains(granted, p.action) {
				t.Errorf("%s may be sent, and %s is not granted", operation, p.action)
			}
		}
		if len(names) == 0 {
			t.Errorf("%s may be sent, and needs nothing", operation)
		}
		needed = append(needed, names...)
	}
	for _, p := range (StateAt{}).permissions() {
		needed = append(needed, p.action)
	}
	for _, action := range granted {
		if !slices.Contains(needed, action) {
			t.Errorf("%s is granted, and no operation needs it", action)
		}
	}
	for _, row := range rows {
		for _, action := range row.Actions {
			if !slices.Contains(granted, action) {
				t.Errorf("%s is listed by %s, which is not granted", row.Type, action)
			}
		}
	}
}

var readOnly = regexp.MustCompile(`^[a-z0-9]+:(Describe|Get|Search|Lookup|List)|^sts:AssumeRole$`)

func TestWithoutTheScriptThePolicyOnlyReads(t *testing.T) {
	for _, at := range []StateAt{{}, scoped()} {
		for _, action := range actions(Policy(Rows(), nil, at, TrailAt{}, false)) {
			if !readOnly.MatchString(action) {
				t.Errorf("%s is no read", action)
			}
		}
	}
}

// TestThePolicyFitsIntoAManagedPolicy: IAM takes 6,144 characters, spaces not
// counted.
func TestThePolicyFitsIntoAManagedPolicy(t *testing.T) {
	var b strings.Builder
	if err := Policy(Rows(), nil, scoped(), TrailAt{}, true).JSON(&b); err != nil {
		t.Fatal(err)
	}
	if n := len(strings.Join(strings.Fields(b.String()), "")); n > 6144 {
		t.Errorf("%d characters", n)
	}
}

// backendCall finds the AWS CLI's commands in the script.
var backendCall = regexp.MustCompile(`(?:backend_)?aws (s3api|dynamodb|sts|iam|ec2) ([a-z-]+)`)

// TestThePolicyOfTheScriptIsWhatTheScriptSends reads the script's own text.
func TestThePolicyOfTheScriptIsWhatTheScriptSends(t *testing.T) {
	var files []string
	for _, folder := range []string{"script", "wayback"} {
		some, err := filepath.Glob(filepath.Join("..", "..", "internal", "render", folder, "*.sh"))
		if err != nil || len(some) == 0 {
			t.Fatalf("no script: %v", err)
		}
		files = append(files, some...)
	}
	// What is called otherwise than the right for it.
	rights := map[string][]string{"s3:HeadObject": {"s3:GetObject"}, "s3:CopyObject": {"s3:GetObjectVersion", "s3:PutObject"}}
	granted := actions(Policy(Rows(), nil, scoped(), TrailAt{}, true))
	sent := []string{"dynamodb:PutItem", "s3:PutObject", "s3:ListBucket", "dynamodb:DeleteItem", "s3:DeleteObject"} // Terraform's own, to state and lock
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range backendCall.FindAllStringSubmatch(string(text), -1) {
			var name strings.Builder
			for word := range strings.SplitSeq(m[2], "-") {
				name.WriteString(strings.ToUpper(word[:1]) + word[1:])
			}
			action := strings.TrimSuffix(m[1], "api") + ":" + name.String()
			if action == "iam:SimulatePrincipalPolicy" || action == "s3:PutBucketVersioning" { // goes on without; told to a person
				continue
			}
			needs := rights[action]
			if needs == nil {
				needs = []string{action}
			}
			for _, action := range needs {
				sent = append(sent, action)
				if !slices.Contains(granted, action) {
					t.Errorf("%s needs %s, which is not granted", filepath.Base(f), action)
				}
			}
		}
	}
	reads := actions(Policy(Rows(), nil, scoped(), TrailAt{}, false))
	for _, action := range granted {
		if !slices.Contains(reads, action) && !slices.Contains(sent, action) {
			t.Errorf("%s is granted for the script, which does not send it", action)
		}
	}
}

func scoped() StateAt {
	return StateAt{Known: true, Bucket: "tf-state", Key: "env/prod/net*work.tfstate", Region: "eu-west-1", LockFile: "env/prod/net*work.tfstate.tflock",
		Mutex: "env/prod/net*work.tfstate.tflock-reconcile", Table: "tf-locks", Role: "arn:aws:iam::123456789012:role/state",
		Quarantine: "tf-copies/reconcile-quarantine/"}
}

func TestThePolicyReachesOneStateOnly(t *testing.T) {
	got := map[string]string{}
	for _, s := range Policy(Rows(), []string{"aws_vpc"}, scoped(), TrailAt{}, true).Statement {
		got[s.Sid] = strings.Join(s.Action, " ") + " on " + strings.Join(s.Resource, " ")
	}
	const object = "arn:aws:s3:::tf-state/env/prod/net${*}work.tfstate"
	want := map[string]string{
		"ReadCloudTrail":          "cloudtrail:DescribeTrails cloudtrail:LookupEvents on *",
		"ReadDynamoDBLockTable":   "dynamodb:DescribeTable dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:*:table/tf-locks",
		"ReadEC2":                 "ec2:DescribeVpcs on *",
		"ReadS3Bucket":            "s3:ListBucket s3:ListBucketVersions on arn:aws:s3:::tf-state",
		"ReadS3Lock":              "s3:GetObject on " + object + ".tflock",
		"ReadS3State":             "s3:GetObject s3:GetObjectVersion on " + object,
		"ReadSTS":                 "sts:GetCallerIdentity on *",
		"ScriptDynamoDBLockTable": "dynamodb:DeleteItem dynamodb:PutItem dynamodb:UpdateItem on arn:aws:dynamodb:eu-west-1:*:table/tf-locks",
		"ScriptS3Lock":            "s3:DeleteObject s3:PutObject on " + object + ".tflock",
		"ScriptS3Mutex":           "s3:DeleteObject s3:GetObject s3:PutObject on " + object + ".tflock-reconcile",
		"ScriptS3Bucket":          "s3:GetBucketVersioning on arn:aws:s3:::tf-state",
		"ScriptS3Quarantine":      "s3:GetObject s3:PutObject on arn:aws:s3:::tf-copies/reconcile-quarantine/*",
		"ScriptS3State":           "s3:PutObject on " + object,
		"ReadSTSRole":             "sts:AssumeRole on arn:aws:iam::123456789012:role/state",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	at := scoped()
	at.Table, at.Role, at.LockFile, at.Region = "", "", "", "cn-north-1"
	for _, s := range Policy(Rows(), nil, at, TrailAt{}, true).Statement {
		if strings.Contains(s.Sid, "DynamoDB") || strings.Contains(s.Sid, "Role") || strings.HasSuffix(s.Sid, "S3Lock") {
			t.Errorf("the workspace has no such thing: %+v", s)
		}
		if strings.Contains(s.Sid, "S3") && !strings.HasPrefix(s.Resource[0], "arn:aws-cn:s3:::tf-") {
			t.Errorf("%+v", s)
		}
	}
}

// TestTheLockCannotBeDeletedElsewhere: without a known bucket the wildcard of
// what may be deleted still ends in the lock's own name.
func TestTheLockCannotBeDeletedElsewhere(t *testing.T) {
	for _, s := range Policy(Rows(), nil, StateAt{}, TrailAt{}, true).Statement {
		if slices.Contains(s.Action, "s3:DeleteObject") && !strings.Contains(s.Resource[0], ".tflock") {
			t.Errorf("%+v", s)
		}
	}
}

// TestAChoiceOfTypesHoldsWhatTheirJoinsRead: a row may have another one read.
func TestAChoiceOfTypesHoldsWhatTheirJoinsRead(t *testing.T) {
	rows := Rows()
	for _, row := range rows {
		granted := actions(Policy(rows, []string{row.Type}, StateAt{}, TrailAt{}, false))
		needed := slices.Clone(row.Actions)
		for _, j := range row.joins {
			for _, other := range rows {
				if j.reads && other.Type == j.typ {
					needed = append(needed, other.Actions...)
				}
			}
		}
		for _, action := range needed {
			if !slices.Contains(granted, action) {
				t.Errorf("%s needs %s, which is not granted", row.Type, action)
			}
		}
	}
}

func TestEveryServiceHasItsNameInASid(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Policy(Rows(), nil, StateAt{}, TrailAt{}, true).Statement {
		if !regexp.MustCompile(`^[A-Za-z0-9]+$`).MatchString(s.Sid) || seen[s.Sid] {
			t.Errorf("sid %q", s.Sid)
		}
		seen[s.Sid] = true
		if !slices.IsSorted(s.Action) || len(slices.Compact(slices.Clone(s.Action))) != len(s.Action) || len(s.Resource) == 0 {
			t.Errorf("%+v", s)
		}
	}
}

func TestBothFormsSayTheSame(t *testing.T) {
	d := Policy(Rows(), nil, scoped(), TrailAt{}, true)
	var js, text strings.Builder
	if err := d.JSON(&js); err != nil {
		t.Fatal(err)
	}
	var back Document
	dec := json.NewDecoder(strings.NewReader(js.String()))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d, back); diff != "" {
		t.Error(diff)
	}
	if err := d.HCL(&text, "reconcile"); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(text.String(), "}\n") {
		t.Error("no line break at the end")
	}
	var fromHCL Document
	f, diags := hclparse.NewParser().ParseHCL([]byte(text.String()), "policy.tf")
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	content, diags := f.Body.Content(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "data", LabelNames: []string{"type", "name"}}}})
	if diags.HasErrors() || len(content.Blocks) != 1 || fmt.Sprint(content.Blocks[0].Labels) != "[aws_iam_policy_document reconcile]" {
		t.Fatal(diags, content)
	}
	statements, diags := content.Blocks[0].Body.Content(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "statement"}}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	for _, b := range statements.Blocks {
		attrs, diags := b.Body.JustAttributes()
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		get := func(name string) (out []string) {
			v, diags := attrs[name].Expr.Value(nil)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			if v.Type().IsPrimitiveType() {
				return []string{v.AsString()}
			}
			for it := v.ElementIterator(); it.Next(); {
				_, e := it.Element()
				out = append(out, e.AsString())
			}
			return out
		}
		fromHCL.Statement = append(fromHCL.Statement, Statement{Sid: get("sid")[0], Effect: get("effect")[0], Action: get("actions"), Resource: get("resources")})
	}
	if diff := cmp.Diff(d.Statement, fromHCL.Statement); diff != "" {
		t.Error(diff)
	}
}
