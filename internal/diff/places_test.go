package diff

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"reconcile/internal/statefile"
	"reconcile/internal/wanted"
	"reconcile/providers"
)

func provider(alias, region string, set bool) wanted.Provider {
	return wanted.Provider{Source: aws, Alias: alias, Region: region, RegionSet: set}
}

func TestAPlaceComesFromTheNearestThatTells(t *testing.T) {
	arn := func(region, account string) string { return "arn:aws:ec2:" + region + ":" + account + ":x/y" }
	sibling := recorded("aws_vpc.sibling", "", map[string]any{"id": "vpc-9", "arn": arn("eu-west-1", account1)})
	for name, c := range map[string]struct {
		instances []statefile.Instance // the place of the first is wanted
		providers map[string]wanted.Provider
		env       string
		want      string
	}{
		"its ARN":                                   {[]statefile.Instance{recorded("aws_vpc.x", "", map[string]any{"id": "vpc-1", "arn": arn("eu-west-1", account1)})}, nil, "us-east-1", account1 + "/eu-west-1"},
		"its region attribute before its ARN":       {[]statefile.Instance{recorded("aws_vpc.x", "", map[string]any{"id": "vpc-1", "region": "eu-north-1", "arn": arn("eu-west-1", account1)})}, nil, "", account1 + "/eu-north-1"},
		"the account attribute that the kind names": {[]statefile.Instance{recorded("aws_vpc.x", "", map[string]any{"id": "vpc-1", "owner_id": account2, "arn": arn("eu-west-1", account1)})}, nil, "", account2 + "/eu-west-1"},
		"no attribute that the kind does not name":  {[]statefile.Instance{recorded("aws_attachment.x", "", map[string]any{"id": "att-1", "vpc_owner_id": account2})}, nil, "", "?/?"},
		"a chain of parents": {[]statefile.Instance{recorded("aws_route.x", "west", map[string]any{"route_table_id": "rtb-1", "destination": "0.0.0.0/0"}),
			recorded("aws_route_table.x", "other", map[string]any{"id": "rtb-1", "vpc_id": "vpc-1"}), recorded("aws_vpc.x", "third", map[string]any{"id": "vpc-1", "arn": arn("eu-west-1", account1)}), sibling}, nil, "", account1 + "/eu-west-1"},
		"a chain of parents that bites its tail": {[]statefile.Instance{recorded("aws_attachment.x", "", map[string]any{"id": "a", "vpc_id": "b"}), recorded("aws_attachment.y", "", map[string]any{"id": "b", "vpc_id": "a"})}, nil, "", "?/?"},
		"the siblings of its provider":           {[]statefile.Instance{recorded("aws_attachment.x", "", map[string]any{"id": "a"}), sibling}, nil, "us-east-1", account1 + "/eu-west-1"},
		"not the siblings of another provider":   {[]statefile.Instance{recorded("aws_attachment.x", "far", map[string]any{"id": "a"}), sibling}, nil, "us-east-1", "?/?"},
		"no siblings that disagree": {[]statefile.Instance{recorded("aws_attachment.x", "", map[string]any{"id": "a"}), sibling,
			recorded("aws_vpc.z", "", map[string]any{"id": "vpc-8", "arn": arn("us-east-1", account2)})}, nil, "", "?/?"},
		"the region of its provider block":           {[]statefile.Instance{recorded("aws_attachment.x", "far", map[string]any{"id": "a"})}, map[string]wanted.Provider{"aws.far": provider("far", "us-west-2", true)}, "us-east-1", "?/us-west-2"},
		"a region that cannot be evaluated":          {[]statefile.Instance{recorded("aws_attachment.x", "far", map[string]any{"id": "a"})}, map[string]wanted.Provider{"aws.far": provider("far", "", true)}, "us-east-1", "?/?"},
		"the environment, where the block is silent": {[]statefile.Instance{recorded("aws_attachment.x", "", map[string]any{"id": "a"})}, map[string]wanted.Provider{"aws": provider("", "", false)}, "us-east-1", "?/us-east-1"},
		"siblings before the environment":            {[]statefile.Instance{recorded("aws_attachment.x", "", map[string]any{"id": "a"}), sibling}, map[string]wanted.Provider{"aws": provider("", "", false)}, "us-east-1", account1 + "/eu-west-1"},
		"the environment among siblings that disagree": {[]statefile.Instance{recorded("aws_attachment.x", "", map[string]any{"id": "a"}), sibling,
			recorded("aws_vpc.z", "", map[string]any{"id": "vpc-8", "region": "us-east-1"})}, map[string]wanted.Provider{"aws": provider("", "", false)}, "us-east-1", account1 + "/us-east-1"},
		"not an environment that no sibling is in": {[]statefile.Instance{recorded("aws_attachment.x", "", map[string]any{"id": "a"}), sibling,
			recorded("aws_vpc.z", "", map[string]any{"id": "vpc-8", "region": "us-east-1"})}, map[string]wanted.Provider{"aws": provider("", "", false)}, "ap-south-1", account1 + "/?"},
	} {
		t.Run(name, func(t *testing.T) {
			s := NewSubject(state(c.instances...), &wanted.Wanted{Providers: c.providers}, kinds, c.env, nil)
			if got := s.Instances[0].Place.String(); got != c.want {
				t.Errorf("place %s, want %s", got, c.want)
			}
		})
	}
}

func TestAWantedPlaceIsNeverGuessed(t *testing.T) {
	caller := providers.Caller{Account: account1}
	sibling := recorded("aws_vpc.s", "far", map[string]any{"id": "vpc-9", "arn": "arn:aws:ec2:us-west-2:" + account2 + ":vpc/vpc-9"})
	for name, c := range map[string]struct {
		instance wanted.Instance
		provider map[string]wanted.Provider
		state    []statefile.Instance
		want     string
	}{
		"the provider's region, the caller's account": {wanted.Instance{ProviderKey: "aws"}, map[string]wanted.Provider{"aws": provider("", "eu-west-1", true)}, nil, account1 + "/eu-west-1"},
		"its own region attribute":                    {wanted.Instance{ProviderKey: "aws", Values: map[string]wanted.Value{"region": {Known: "eu-north-1"}}}, map[string]wanted.Provider{"aws": provider("", "eu-west-1", true)}, nil, account1 + "/eu-north-1"},
		"the account of a role that is assumed":       {wanted.Instance{ProviderKey: "aws"}, map[string]wanted.Provider{"aws": {Source: aws, Region: "eu-west-1", RegionSet: true, AssumeRole: "arn:aws:iam::" + account2 + ":role/x"}}, nil, account2 + "/eu-west-1"},
		"the siblings' place":                         {wanted.Instance{ProviderKey: "aws.far"}, map[string]wanted.Provider{"aws.far": provider("far", "", true)}, []statefile.Instance{sibling}, account2 + "/us-west-2"},
		"a region that cannot be evaluated":           {wanted.Instance{ProviderKey: "aws.far"}, map[string]wanted.Provider{"aws.far": provider("far", "", true)}, nil, account1 + "/?"},
		"the environment":                             {wanted.Instance{ProviderKey: "aws"}, map[string]wanted.Provider{"aws": provider("", "", false)}, nil, account1 + "/us-east-1"},
		"no provider block at all":                    {wanted.Instance{ProviderKey: "aws"}, nil, nil, account1 + "/us-east-1"},
		"an alias that the configuration lacks":       {wanted.Instance{ProviderKey: "aws.far"}, nil, nil, account1 + "/?"},
	} {
		t.Run(name, func(t *testing.T) {
			s := NewSubject(state(c.state...), &wanted.Wanted{Providers: c.provider}, kinds, "us-east-1", nil)
			if got := s.WantedPlace(c.instance, caller).String(); got != c.want {
				t.Errorf("place %s, want %s", got, c.want)
			}
		})
	}
}

func TestWhatHasToBeReadIsEveryRegionTypeAndAccountThatIsNamed(t *testing.T) {
	s := NewSubject(state(recorded("aws_vpc.a", "", map[string]any{"id": "vpc-1", "arn": "arn:aws:ec2:eu-west-1:" + account1 + ":vpc/vpc-1"}),
		recorded("aws_lambda_function.f", "", map[string]any{"id": "f"})),
		&wanted.Wanted{Providers: map[string]wanted.Provider{"aws": provider("", "eu-west-1", true), "aws.far": provider("far", "us-west-2", true), "aws.dark": provider("dark", "", true),
			"random": {Source: "registry.terraform.io/hashicorp/random", Region: "mars"}}, Instances: []wanted.Instance{{Type: "aws_route"}, {Type: "aws_nothing"}}}, kinds, "us-east-1", nil)
	reads, problems := s.Reads(providers.Caller{Account: account1})
	want := map[providers.Place][]string{
		{Account: account1, Region: "eu-west-1"}: {"aws_vpc"},
		{Account: account1, Region: "us-west-2"}: nil,
		{Account: account1, Region: "us-east-1"}: {"aws_route"},
	}
	if d := cmp.Diff(want, reads); d != "" {
		t.Error(d)
	}
	if len(problems) != 1 {
		t.Errorf("problems %v, want one about aws.dark", problems)
	}
	if d := cmp.Diff([]string{account1}, s.Accounts()); d != "" {
		t.Error(d)
	}
}
