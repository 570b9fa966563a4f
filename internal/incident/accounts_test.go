package incident_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"reconcile/internal/incident"
	"reconcile/internal/plan"
	"reconcile/providers"
	"reconcile/providers/ec2/ec2test"
)

const (
	hub, spoke = "123456789012", "210987654321"
	runner     = "arn:aws:iam::" + hub + ":role/runner"
	deployer   = "arn:aws:iam::" + spoke + ":role/deployer"
	reader     = "arn:aws:iam::" + spoke + ":role/reader"
)

// twoAccounts is an apply by a runner in the hub account that makes a VPC in
// the hub, and replaces one in the spoke account by way of a role that it
// assumes there.
func twoAccounts(t *testing.T) *day {
	t.Helper()
	began := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	vpc := func(account, id, cidr string) map[string]any {
		return map[string]any{"id": id, "owner_id": account, "cidr_block": cidr, "tags_all": map[string]any{},
			"instance_tenancy": "default", "arn": "arn:aws:ec2:us-east-1:" + account + ":vpc/" + id}
	}
	instance := func(name, alias string, attrs map[string]any) string {
		return fmt.Sprintf(`{"mode":"managed","type":"aws_vpc","name":%q,"provider":"provider[\"registry.terraform.io/hashicorp/aws\"]%s",
			"instances":[{"schema_version":1,"attributes":%s}]}`, name, alias, asJSON(t, attrs))
	}
	d := &day{dir: t.TempDir(), world: ec2test.NewWorld(hub, "us-east-1")}
	d.write(t, "config/main.tf", "")
	d.write(t, "state.tfstate", `{"version":4,"terraform_version":"1.11.4","serial":7,"lineage":"a-b","outputs":{},"resources":[`+
		instance("base", "", vpc(hub, "vpc-base", "10.9.0.0/16"))+","+instance("spoke", ".spoke", vpc(spoke, "vpc-old", "10.1.0.0/16"))+"]}")
	change := func(name, actions, before, after string) string {
		return fmt.Sprintf(`{"address":"aws_vpc.%s","mode":"managed","type":"aws_vpc","name":%q,"provider_name":"registry.terraform.io/hashicorp/aws",
			"change":{"actions":[%s],"before":%s,"after":%s,"after_unknown":{"id":true,"arn":true}}}`, name, name, actions, before, after)
	}
	resource := func(name, provider string) string {
		return fmt.Sprintf(`{"address":"aws_vpc.%s","mode":"managed","type":"aws_vpc","name":%q,"provider_config_key":%q,"expressions":{}}`, name, name, provider)
	}
	d.write(t, "plan.json", `{"format_version":"1.2","terraform_version":"1.11.4","resource_changes":[`+strings.Join([]string{
		change("base", `"no-op"`, asJSON(t, vpc(hub, "vpc-base", "10.9.0.0/16")), asJSON(t, vpc(hub, "vpc-base", "10.9.0.0/16"))),
		change("hub", `"create"`, "null", `{"cidr_block":"10.0.0.0/16"}`),
		change("spoke", `"delete","create"`, asJSON(t, vpc(spoke, "vpc-old", "10.1.0.0/16")), `{"cidr_block":"10.2.0.0/16"}`)}, ",")+
		`],"configuration":{"provider_config":{
		"aws":{"name":"aws","full_name":"registry.terraform.io/hashicorp/aws","expressions":{"region":{"constant_value":"us-east-1"}}},
		"aws.spoke":{"name":"aws","full_name":"registry.terraform.io/hashicorp/aws","alias":"spoke","expressions":{"region":{"constant_value":"us-east-1"},
			"assume_role":[{"role_arn":{"constant_value":"`+deployer+`"}}]}}},
		"root_module":{"resources":[`+resource("base", "aws")+","+resource("hub", "aws")+","+resource("spoke", "aws.spoke")+`]}}}`)

	put := func(account string, ids ...string) {
		for _, id := range ids {
			err := d.world.Put(providers.Place{Account: account, Region: "us-east-1"}, "Vpcs", ec2test.Doc{"VpcId": id, "OwnerId": account, "State": "available",
				"InstanceTenancy": "default", "CidrBlock": map[string]string{"vpc-base": "10.9.0.0/16", "vpc-hub": "10.0.0.0/16", "vpc-spoke": "10.2.0.0/16"}[id]})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	put(hub, "vpc-base", "vpc-hub")
	put(spoke, "vpc-spoke")
	second := 0
	record := func(account, source, name, role, session, key string, readOnly bool, req, res any) {
		second++
		raw := asJSON(t, map[string]any{"eventID": fmt.Sprintf("e%d", second), "eventName": name, "eventSource": source, "eventType": "AwsApiCall", "awsRegion": "us-east-1",
			"eventTime": began.Add(time.Duration(second) * time.Second).Format(time.RFC3339), "recipientAccountId": account, "readOnly": readOnly,
			"userIdentity": map[string]any{"type": "AssumedRole", "accountId": account, "accessKeyId": key,
				"arn":            strings.Replace(strings.Replace(role, ":iam:", ":sts:", 1), ":role/", ":assumed-role/", 1) + "/" + session,
				"sessionContext": map[string]any{"sessionIssuer": map[string]any{"arn": role}}},
			"requestParameters": req, "responseElements": res})
		if err := d.world.PutRecords(json.RawMessage(raw)); err != nil {
			t.Fatal(err)
		}
	}
	record(hub, "sts.amazonaws.com", "AssumeRole", runner, "ci-7", "ASIARUNNER000000", true,
		map[string]any{"roleArn": deployer}, map[string]any{"credentials": map[string]any{"accessKeyId": "ASIADEPLOY000000"}})
	record(hub, "ec2.amazonaws.com", "CreateVpc", runner, "ci-7", "ASIARUNNER000000", false, map[string]any{"cidrBlock": "10.0.0.0/16"}, map[string]any{"vpc": map[string]any{"vpcId": "vpc-hub"}})
	record(spoke, "ec2.amazonaws.com", "DeleteVpc", deployer, "aws-go-sdk-1", "ASIADEPLOY000000", false, map[string]any{"vpcId": "vpc-old"}, map[string]any{"_return": true})
	record(spoke, "ec2.amazonaws.com", "DescribeVpcs", deployer, "aws-go-sdk-1", "ASIADEPLOY000000", true, map[string]any{"vpcSet": map[string]any{"items": []any{map[string]any{"vpcId": "vpc-old"}}}}, nil)
	record(spoke, "ec2.amazonaws.com", "CreateVpc", deployer, "aws-go-sdk-1", "ASIADEPLOY000000", false, map[string]any{"cidrBlock": "10.2.0.0/16"}, map[string]any{"vpc": map[string]any{"vpcId": "vpc-spoke"}})
	record(spoke, "ec2.amazonaws.com", "CreateVpc", deployer, "aws-go-sdk-2", "ASIASOMEBODY0000", false, map[string]any{"cidrBlock": "10.2.0.0/16"}, map[string]any{"vpc": map[string]any{"vpcId": "vpc-foreign"}})

	d.server = ec2test.NewServer(d.world)
	if err := d.server.Err(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.server.Close)
	d.o = incident.Options{Incident: "INC-2", Dir: d.path("config"), State: d.path("state.tfstate"), PlanJSON: d.path("plan.json"), Role: runner, Session: "ci-7",
		Since: began, Until: began.Add(time.Hour), AssumeRoles: []string{spoke + "=" + reader}, Endpoint: d.server.URL,
		Now: func() time.Time { return began.Add(2 * time.Hour) }, Env: func(string) string { return "" }}
	return d
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestWhatTheSessionDidThroughAnAssumedRoleIsItsOwn(t *testing.T) {
	r := twoAccounts(t).read(t)
	if got, want := of(r, plan.Import), map[string]string{"aws_vpc.hub": "vpc-hub", "aws_vpc.spoke": "vpc-spoke"}; !maps.Equal(got, want) {
		t.Errorf("imports %v, want %v; findings %+v", got, want, r.Findings)
	}
	if got, want := of(r, plan.StateRm), map[string]string{"aws_vpc.spoke": "vpc-old"}; !maps.Equal(got, want) {
		t.Errorf("removals %v, want %v", got, want)
	}
	for _, a := range r.Actions {
		if a.Op == plan.StateRm && (a.Confirm == nil || a.Confirm.Role != reader) {
			t.Errorf("the last look at %s is made with %+v, not with the role of its account", a.Address, a.Confirm)
		}
	}
	if !has(r.Session.AccessKeys, "ASIADEPLOY000000") || has(r.Session.AccessKeys, "ASIASOMEBODY0000") {
		t.Errorf("keys of the session: %v", r.Session.AccessKeys)
	}
}

func TestAnAccountWithoutCredentialsIsUnknownAndNeverGone(t *testing.T) {
	d := twoAccounts(t)
	d.o.AssumeRoles = nil
	r := d.read(t)
	if got := of(r, plan.StateRm); len(got) > 0 {
		t.Errorf("removals in an account that cannot be seen: %v", got)
	}
	if got, want := of(r, plan.Import), map[string]string{"aws_vpc.hub": "vpc-hub"}; !maps.Equal(got, want) {
		t.Errorf("imports %v, want %v", got, want)
	}
	if r.Verdict != plan.NeedsPerson {
		t.Errorf("verdict %s", r.Verdict)
	}
	for _, f := range r.Findings {
		if f.Address == "aws_vpc.spoke" && (f.Status != plan.Unknown || !strings.Contains(f.Reason, "--assume-role "+spoke+"=ROLE-ARN")) {
			t.Errorf("%+v", f)
		}
	}
}

func TestCredentialsOfAnotherAccountThanTheyAreNamedForAreRefused(t *testing.T) {
	for _, c := range []struct{ flag, want string }{
		{hub + "=" + reader, "does not name an account and a role in it"},
		{"spoke=" + reader, "does not name an account and a role in it"},
		{reader, "does not name an account and a role in it"},
	} {
		d := twoAccounts(t)
		d.o.AssumeRoles = []string{c.flag}
		if got := failure(t, d); !strings.Contains(got, c.want) {
			t.Errorf("--assume-role %s: %s", c.flag, got)
		}
	}
	d := twoAccounts(t)
	d.server.Deny("AssumeRole")
	if got := failure(t, d); !strings.Contains(got, "assuming "+reader) {
		t.Errorf("denied: %s", got)
	}
}
