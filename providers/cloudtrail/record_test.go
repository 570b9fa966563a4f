package cloudtrail_test

import (
	"strings"
	"testing"
	"time"

	"reconcile/providers"
	"reconcile/providers/cloudtrail"
)

func TestErrorsLoseTheirPrefix(t *testing.T) {
	for code, want := range map[string]string{
		"":                           "",
		"Client.VpcLimitExceeded":    "VpcLimitExceeded",
		"AccessDenied":               "AccessDenied",
		"Server.InternalError":       "InternalError",
		"Client.InvalidVpcID.Client": "InvalidVpcID.Client",
	} {
		r := record{code: code}.decode(t)
		if r.Error != want || r.ServerError != strings.HasPrefix(code, "Server.") {
			t.Errorf("%q became %q, a server's: %v", code, r.Error, r.ServerError)
		}
	}
}

func TestWhoMadeACall(t *testing.T) {
	issuer := func(arn string) object { return object{"sessionIssuer": object{"arn": arn}} }
	for _, c := range []struct {
		name     string
		identity object
		want     providers.Principal
	}{
		{"a role with a path keeps it", object{"type": "AssumedRole", "accessKeyId": keyA, "arn": "arn:aws:sts::1:assumed-role/ci/run-7", "sessionContext": issuer("arn:aws:iam::1:role/team/ci")},
			providers.Principal{ARN: "arn:aws:iam::1:role/team/ci", Session: "run-7", AccessKey: keyA}},
		{"an IAM user", object{"type": "IAMUser", "accessKeyId": "AKIAUSER000000000001", "arn": "arn:aws:iam::1:user/ann", "userName": "ann"},
			providers.Principal{ARN: "arn:aws:iam::1:user/ann", AccessKey: "AKIAUSER000000000001"}},
		{"an IAM user with MFA has an empty issuer", object{"type": "IAMUser", "accessKeyId": keyA, "arn": "arn:aws:iam::1:user/ann", "sessionContext": object{"sessionIssuer": object{}, "webIdFederationData": object{}}},
			providers.Principal{ARN: "arn:aws:iam::1:user/ann", AccessKey: keyA}},
		{"root", object{"type": "Root", "arn": "arn:aws:iam::1:root"}, providers.Principal{ARN: "arn:aws:iam::1:root"}},
		{"a service-linked role", object{"type": "AssumedRole", "arn": "arn:aws:sts::1:assumed-role/AWSServiceRoleForRDS/SLRManagement", "invokedBy": "rds.amazonaws.com",
			"sessionContext": issuer("arn:aws:iam::1:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS")},
			providers.Principal{ARN: "arn:aws:iam::1:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS", Session: "SLRManagement", InvokedBy: "rds.amazonaws.com"}},
		{"a service on the caller's behalf", object{"type": "AssumedRole", "arn": "arn:aws:sts::1:assumed-role/ci/run-7", "accessKeyId": keyA, "invokedBy": "cloudformation.amazonaws.com", "sessionContext": issuer("arn:aws:iam::1:role/ci")},
			providers.Principal{ARN: "arn:aws:iam::1:role/ci", Session: "run-7", AccessKey: keyA, InvokedBy: "cloudformation.amazonaws.com"}},
		{"a service alone", object{"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}, providers.Principal{InvokedBy: "ec2.amazonaws.com"}},
		{"nobody", object{}, providers.Principal{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := (record{with: object{"userIdentity": c.identity}}).decode(t).By; got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestAccountsKeepTheirTwelveDigits(t *testing.T) {
	for _, c := range []struct {
		name            string
		recipient, user any
		want            string
	}{
		{"text", "012345678901", "999999999999", "012345678901"},
		{"a number that lost its zero", 12345678901, nil, "012345678901"},
		{"a number that lost four", 12345678, nil, "000012345678"},
		{"only the caller's", nil, "000000000001", "000000000001"},
		{"neither", nil, nil, ""},
	} {
		in := record{with: object{"recipientAccountId": c.recipient, "userIdentity": object{"type": "Root", "accountId": c.user}}}
		if got := in.decode(t).Place; got.Account != c.want || got.Region != region {
			t.Errorf("%s: %s, want %s in %s", c.name, got, c.want, region)
		}
	}
}

func TestReadsAreTold(t *testing.T) {
	for _, c := range []struct {
		event string
		flag  any
		want  bool
	}{
		{"CreateVpc", false, false},
		{"CreateVpc", "false", false},
		{"DescribeVpcs", true, true},
		{"DescribeVpcs", "true", true},
		{"AssumeRole", true, true},
		{"DescribeVpcs", nil, true},
		{"SearchTransitGatewayRoutes", nil, true},
		{"CreateVpc", nil, false},
		{"CreateVpc", 7, false},
	} {
		r := record{event: c.event, with: object{"readOnly": c.flag}}.decode(t)
		if r.ReadOnly != c.want {
			t.Errorf("%s with readOnly %v: read is %v", c.event, c.flag, r.ReadOnly)
		}
	}
}

func TestTimesAreReadInBothSpellings(t *testing.T) {
	for _, s := range []string{"2026-01-01T12:00:00Z", "2026-01-01T13:00:00+01:00", "2026-01-01 12:00:00"} {
		if r := (record{with: object{"eventTime": s}}).decode(t); !r.Time.Equal(noon) || r.Time.Location() != time.UTC {
			t.Errorf("%s is read as %s", s, r.Time)
		}
	}
}

func TestRecordsThatCannotBeReadSayWhy(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{`, "reading a CloudTrail record: unexpected end of JSON input"},
		{`[]`, "reading a CloudTrail record: json: cannot unmarshal array into Go value of type cloudtrail.rawRecord"},
		{`{"eventName":"CreateVpc"}`, "reading a CloudTrail record: it has no event name or no event id"},
		{`{"eventID":"e1"}`, "reading a CloudTrail record: it has no event name or no event id"},
		{`{"eventID":"e1","eventName":"CreateVpc","eventTime":"yesterday"}`, `reading CloudTrail record e1: its time "yesterday" is not RFC 3339`},
	} {
		_, err := cloudtrail.Decode([]byte(c.in))
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.in, err, c.want)
		}
	}
}

func TestARNsAndKeys(t *testing.T) {
	for arn, want := range map[string]string{
		"arn:aws:iam::123456789012:role/a/b":                 "123456789012",
		"arn:aws-us-gov:sts::123456789012:assumed-role/ci/x": "123456789012",
		"arn:aws:iam::123456789012:user/ann":                 "123456789012",
		"arn:aws:ec2:us-east-1:123456789012:vpc/vpc-1":       "",
		"terraform-runner":                                   "",
		"":                                                   "",
	} {
		if got := cloudtrail.AccountOf(arn); got != want || (cloudtrail.CheckRun(arn, "") == nil) != (want != "") {
			t.Errorf("%q: account %q, and the role: %v", arn, got, cloudtrail.CheckRun(arn, ""))
		}
	}
	for s, want := range map[string]bool{keyA: true, "AKIAIOSFODNN7EXAMPLE": true, "run-7": false, "ASIA": false, "": false} {
		if cloudtrail.IsAccessKey(s) != want {
			t.Errorf("IsAccessKey(%q) is %v", s, !want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"eventID":"1","eventName":"CreateTags","eventSource":"ec2.amazonaws.com","eventTime":"2026-01-01T00:00:00Z","requestParameters":{"resourcesSet":{"items":[{"resourceId":"vpc-1"}]},"tagSet":{"items":[{"key":"a"}]}}}`))
	f.Add([]byte(`{"eventID":"1","eventName":"CreateTransitGateway","eventSource":"ec2.amazonaws.com","eventTime":"2026-01-01T00:00:00Z","recipientAccountId":12,"readOnly":"false","requestParameters":{"CreateTransitGatewayRequest":{"TagSpecification":[{"tag":1,"Tag":[{"Key":"a","Value":true}]}]}},"responseElements":{"CreateTransitGatewayResponse":{"transitGateway":{"transitGatewayId":[{"item":{"content":"tgw-1"}}]}}}}`))
	f.Add([]byte(`{"eventID":"1","eventName":"CreateRoute","eventTime":"2026-01-01T00:00:00Z","userIdentity":{"type":"AssumedRole","arn":null},"responseElements":null}`))
	x := index()
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := cloudtrail.Decode(data)
		if err != nil {
			return
		}
		once, again := x.Call(r), x.Call(r)
		if lines(effects(once)) != lines(effects(again)) {
			t.Fatalf("read twice, it did\n%s\nand\n%s", lines(effects(once)), lines(effects(again)))
		}
		for _, m := range once.Mutations {
			if m.ID == "" || m.Type == "" || m.Role == "" {
				t.Fatalf("a mutation of nothing: %+v", m)
			}
		}
		if once.Mapped != (len(once.Mutations) > 0) {
			t.Fatalf("mapped is %v with %d mutations", once.Mapped, len(once.Mutations))
		}
	})
}
