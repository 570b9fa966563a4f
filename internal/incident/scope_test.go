package incident_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"reconcile/internal/plan"
	"reconcile/providers"
	"reconcile/providers/ec2/ec2test"
)

type object = map[string]any

func (d *day) writeJSON(t testing.TB, name string, v any) {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	d.write(t, name, string(raw))
}

// stateOf is a raw state of the given resources.
func stateOf(resources ...object) object {
	return object{"version": 4, "terraform_version": "1.11.4", "serial": 3, "lineage": "51b35be3-1ed5-5e19-41a8-f60fee5ad5e1", "outputs": object{}, "resources": resources}
}

func resource(typ, name, alias string, attributes object) object {
	return object{"mode": "managed", "type": typ, "name": name, "provider": `provider["registry.terraform.io/hashicorp/aws"]` + alias,
		"instances": []any{object{"schema_version": 1, "attributes": attributes}}}
}

// change is one line of a plan, and its block in the configuration.
func change(typ, name, provider, action string, after object) (object, object) {
	c := object{"actions": []any{action}, "before": nil, "after": after, "after_unknown": object{"id": true}}
	if action == "no-op" {
		c["before"], c["after_unknown"] = after, object{}
	}
	expressions := object{}
	for k, v := range after {
		if k != "id" {
			expressions[k] = object{"constant_value": v}
		}
	}
	return object{"address": typ + "." + name, "mode": "managed", "type": typ, "name": name, "provider_name": "registry.terraform.io/hashicorp/aws", "change": c},
		object{"address": typ + "." + name, "mode": "managed", "type": typ, "name": name, "provider_config_key": provider, "expressions": expressions, "schema_version": 1}
}

// planOf is terraform show -json of a plan with one provider block an alias.
func planOf(regions map[string]string, pairs ...object) object {
	config := object{}
	for key, region := range regions {
		p := object{"name": "aws", "full_name": "registry.terraform.io/hashicorp/aws", "expressions": object{"region": object{"constant_value": region}}}
		if _, alias, ok := strings.Cut(key, "."); ok {
			p["alias"] = alias
		}
		config[key] = p
	}
	var changes, blocks []any
	for i := 0; i < len(pairs); i += 2 {
		changes, blocks = append(changes, pairs[i]), append(blocks, pairs[i+1])
	}
	return object{"format_version": "1.2", "terraform_version": "1.11.4", "applyable": true, "complete": true, "resource_changes": changes,
		"planned_values": object{"root_module": object{}}, "configuration": object{"provider_config": config, "root_module": object{"resources": blocks}}}
}

// bare is a day whose state and plan the test writes itself.
func bare(t *testing.T, state, planned object) *day {
	t.Helper()
	d := begin(t, "shared-network-expire-15")
	if err := os.RemoveAll(d.path("config/modules")); err != nil {
		t.Fatal(err)
	}
	d.write(t, "config/main.tf", "")
	d.writeJSON(t, "state.tfstate", state)
	d.writeJSON(t, "plan.json", planned)
	text, err := os.ReadFile(d.path("state.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	d.world.PutObject("tf-state-prod", "env/prod/network.tfstate", text, d.truth.Start)
	return d
}

func TestAShowJSONStateGivesAReportAndNoScript(t *testing.T) {
	d := begin(t, "shared-network-expire-15")
	d.writeJSON(t, "state.tfstate", object{"format_version": "1.0", "terraform_version": "1.11.4", "values": object{"root_module": object{"resources": []any{
		object{"address": "aws_vpc.a", "mode": "managed", "type": "aws_vpc", "name": "a", "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 1,
			"values": object{"id": "vpc-0000", "arn": "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-0000", "owner_id": "123456789012", "cidr_block": "10.9.0.0/16"}, "sensitive_values": object{}},
	}}}})
	r := d.read(t)
	const why = "the state was given as terraform show -json, which has neither serial nor lineage: run plan again with the output of terraform state pull"
	if r.Guard.Executable || r.Guard.WhyNot != why {
		t.Errorf("executable %v: %s", r.Guard.Executable, r.Guard.WhyNot)
	}
	i := slices.IndexFunc(r.Findings, func(f plan.Finding) bool { return f.Address == "aws_vpc.a" })
	if i < 0 || r.Findings[i].Status != plan.GoneUnexplained {
		t.Errorf("a VPC that nobody deleted: %+v", r.Findings)
	}
}

func TestTypesThatReconcileDoesNotKnow(t *testing.T) {
	bucket := object{"id": "logs", "arn": "arn:aws:s3:::logs", "bucket": "logs"}
	for _, c := range []struct {
		name, action     string
		incomplete, note string
	}{
		{"the plan changes it", "create", "aws_s3_bucket is not a kind that reconcile knows, and the plan was about to change 1 instance of it: look at them by hand", ""},
		{"the plan leaves it alone", "no-op", "the plan PLAN makes nothing, and the session made tgw-attach-ea7df0f7e3b24a0be (aws_ec2_transit_gateway_vpc_attachment): the plan is not the one that it applied. Give that one, or leave --plan-json out",
			"not looked at: 1 instance of aws_s3_bucket, which reconcile does not know; the plan does not change it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			state := stateOf()
			if c.action == "no-op" {
				state = stateOf(resource("aws_s3_bucket", "logs", "", bucket))
			}
			line, block := change("aws_s3_bucket", "logs", "aws", c.action, bucket)
			d := bare(t, state, planOf(map[string]string{"aws": "us-east-1"}, line, block))
			r := d.read(t)
			if got := strings.ReplaceAll(strings.Join(r.Incomplete, "\n"), d.o.PlanJSON, "PLAN"); got != c.incomplete {
				t.Errorf("incomplete %q, want %q", got, c.incomplete)
			}
			if c.note != "" && !has(r.Notes, c.note) {
				t.Errorf("notes %q, want %q", r.Notes, c.note)
			}
		})
	}
}

func TestAStateWithoutAKnownResource(t *testing.T) {
	d := bare(t, stateOf(resource("aws_s3_bucket", "logs", "", object{"id": "logs"})), planOf(map[string]string{"aws": "us-east-1"}))
	d.o.Session = "nightly" // and nothing of the session either, or of what another one would have done
	r := d.read(t)
	if len(r.Actions)+len(r.Incomplete) > 0 || r.State.Instances != 1 || len(r.Findings) != 1 || r.Findings[0].Status != plan.Unknown ||
		r.Findings[0].Reason != "reconcile does not know aws_s3_bucket" {
		t.Errorf("actions %v, incomplete %v, findings %+v", r.Actions, r.Incomplete, r.Findings)
	}
	// The role's account is then the one to be in.
	stranger(d)
	if got := failure(t, d); !strings.HasPrefix(got, "wrong account: the role is in 123456789012, the caller ") {
		t.Errorf("in another account: %s", got)
	}
}

func TestTwoRegionsByProviderAliasAreBothRead(t *testing.T) {
	vpc := func(id, region string) object {
		return object{"id": id, "arn": "arn:aws:ec2:" + region + ":123456789012:vpc/" + id, "owner_id": "123456789012", "cidr_block": "10.200.0.0/16"}
	}
	here, hereBlock := change("aws_vpc", "here", "aws", "no-op", vpc("vpc-0aaa", "us-east-1"))
	there, thereBlock := change("aws_vpc", "there", "aws.west", "create", object{"cidr_block": "10.201.0.0/16"})
	d := bare(t, stateOf(resource("aws_vpc", "here", "", vpc("vpc-0aaa", "us-east-1"))),
		planOf(map[string]string{"aws": "us-east-1", "aws.west": "eu-west-1"}, here, hereBlock, there, thereBlock))
	put := func(region, id, cidr string) {
		t.Helper()
		err := d.world.Put(providers.Place{Account: "123456789012", Region: region}, "Vpcs",
			ec2test.Doc{"VpcId": id, "OwnerId": "123456789012", "State": "available", "CidrBlock": cidr, "InstanceTenancy": "default"})
		if err != nil {
			t.Fatal(err)
		}
	}
	put("us-east-1", "vpc-0aaa", "10.200.0.0/16")
	put("eu-west-1", "vpc-0bbb", "10.201.0.0/16")
	record := fmt.Sprintf(`{"eventID":"west-1","eventName":"CreateVpc","eventSource":"ec2.amazonaws.com","eventType":"AwsApiCall","eventTime":%q,"awsRegion":"eu-west-1",
		"recipientAccountId":"123456789012","readOnly":false,"requestParameters":{"cidrBlock":"10.201.0.0/16"},"responseElements":{"vpc":{"vpcId":"vpc-0bbb"}},
		"userIdentity":{"type":"AssumedRole","accessKeyId":"ASIARUNNER0000000007","arn":"arn:aws:sts::123456789012:assumed-role/terraform-runner/ci-prod-7",
		"sessionContext":{"sessionIssuer":{"arn":%q}}}}`, d.truth.Start.Format("2006-01-02T15:04:05Z"), d.truth.Role)
	if err := d.world.PutRecords(json.RawMessage(record)); err != nil {
		t.Fatal(err)
	}
	r := d.read(t)
	if got := of(r, plan.Import); got["aws_vpc.there"] != "vpc-0bbb" {
		t.Errorf("imports %v", got)
	}
	for _, region := range []string{"us-east-1", "eu-west-1"} {
		if !slices.ContainsFunc(r.Coverage, func(c providers.Coverage) bool {
			return c.Type == "aws_vpc" && c.Place.Region == region && c.Status == providers.Read
		}) || !has(r.Trail.Regions, region) {
			t.Errorf("%s: coverage %+v, trail %v", region, r.Coverage, r.Trail.Regions)
		}
	}
	// In a region that may not be read, nothing is said to be gone.
	d.server.Deny("DescribeVpcs")
	r = d.read(t)
	if of(r, plan.Import)["aws_vpc.there"] != "" || len(of(r, plan.StateRm)) > 0 {
		t.Errorf("planned without a reading: %v", r.Actions)
	}
	for _, want := range []string{"aws_vpc in eu-west-1: denied (UnauthorizedOperation): the caller's policy lacks ec2:DescribeVpcs",
		"aws_vpc in us-east-1: denied (UnauthorizedOperation): the caller's policy lacks ec2:DescribeVpcs"} {
		if !has(r.Incomplete, want) {
			t.Errorf("incomplete %q, want %q", r.Incomplete, want)
		}
	}
}

func TestMembersOfSubnetsThatNobodyNamesAreNotRead(t *testing.T) {
	subnet := func(n int) object {
		id := fmt.Sprintf("subnet-%04d", n)
		return object{"id": id, "arn": "arn:aws:ec2:us-east-1:123456789012:subnet/" + id, "owner_id": "123456789012", "vpc_id": "vpc-1", "cidr_block": fmt.Sprintf("10.9.%d.0/24", n)}
	}
	d := bare(t, stateOf(resource("aws_subnet", "a", "", subnet(1)), resource("aws_subnet", "b", "", subnet(2)),
		resource("aws_ec2_subnet_cidr_reservation", "a", "", object{"id": "scr-1", "subnet_id": "subnet-0001", "cidr_block": "10.9.1.0/28", "reservation_type": "prefix", "owner_id": "123456789012"})),
		planOf(map[string]string{"aws": "us-east-1"}))
	for n := 1; n <= 9; n++ {
		id, cidr := fmt.Sprintf("subnet-%04d", n), fmt.Sprintf("10.9.%d.0/24", n)
		if err := d.world.Put(providers.Place{Account: "123456789012", Region: "us-east-1"}, "Subnets",
			ec2test.Doc{"SubnetId": id, "VpcId": "vpc-1", "OwnerId": "123456789012", "State": "available", "CidrBlock": cidr, "SubnetArn": "arn:aws:ec2:us-east-1:123456789012:subnet/" + id}); err != nil {
			t.Fatal(err)
		}
	}
	d.o.Session = "ci-prod-9" // which did nothing
	r := d.read(t)
	// One listing, and the second look for the reservation, which is gone.
	if n := d.server.Calls()["ec2:GetSubnetCidrReservations"]; n != 2 {
		t.Errorf("%d calls for the reservations of one subnet", n)
	}
	if i := slices.IndexFunc(r.Findings, func(f plan.Finding) bool { return f.Type == "aws_ec2_subnet_cidr_reservation" }); i < 0 || r.Findings[i].Status != plan.GoneUnexplained {
		t.Errorf("findings %+v", r.Findings)
	}
}
