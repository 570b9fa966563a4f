package cloudtrail_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"reconcile/providers"
	"reconcile/providers/cloudtrail"
	"reconcile/providers/ec2"
)

const (
	account = "123456789012"
	role    = "arn:aws:iam::" + account + ":role/ci/terraform-runner"
	region  = "us-east-1"
	keyA    = "ASIARUNNER000000000A"
	keyB    = "ASIARUNNER000000000B"
	keyC    = "ASIARUNNER000000000C"
)

// noon is the time that the tests count minutes from.
var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

type object = map[string]any

// record is a CloudTrail record, by default one of the role's session "run-7".
type record struct {
	id, event, key, session string
	at                      time.Time
	request, response       any
	code                    string
	read                    bool
	with                    object // laid over the rest
}

var serial int

func (r record) json(t testing.TB) []byte {
	t.Helper()
	if r.id == "" {
		serial++
		r.id = fmt.Sprintf("event-%06d", serial)
	}
	if r.event == "" {
		r.event = "CreateVpc"
		r.response = object{"vpc": object{"vpcId": "vpc-" + r.id}}
	}
	if r.key == "" {
		r.key = keyA
	}
	if r.session == "" {
		r.session = "run-7"
	}
	if r.at.IsZero() {
		r.at = noon
	}
	doc := object{
		"eventVersion": "1.10", "eventID": r.id, "requestID": "request-" + r.id, "eventName": r.event, "eventSource": "ec2.amazonaws.com",
		"eventType": "AwsApiCall", "eventTime": r.at.UTC().Format(time.RFC3339), "awsRegion": region, "recipientAccountId": account,
		"readOnly": r.read, "requestParameters": r.request, "responseElements": r.response,
		"userIdentity": object{
			"type": "AssumedRole", "accountId": account, "accessKeyId": r.key,
			"arn":            "arn:aws:sts::" + account + ":assumed-role/terraform-runner/" + r.session,
			"sessionContext": object{"sessionIssuer": object{"type": "Role", "arn": role}},
		},
	}
	if r.code != "" {
		doc["errorCode"], doc["responseElements"] = r.code, nil
	}
	for k, v := range r.with {
		if v == nil {
			delete(doc, k)
			continue
		}
		doc[k] = v
	}
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (r record) decode(t testing.TB) cloudtrail.Record {
	t.Helper()
	out, err := cloudtrail.Decode(r.json(t))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func index() cloudtrail.Index { return cloudtrail.NewIndex(ec2.Kinds(ec2.Rows())) }

// effects are a call's mutations, "aws_vpc vpc-1 created" each.
func effects(c providers.Call) []string {
	var out []string
	for _, m := range c.Mutations {
		out = append(out, m.Type+" "+m.ID+" "+string(m.Role))
	}
	return out
}

func lines(in []string) string { return strings.Join(in, "\n") }
