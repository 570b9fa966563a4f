package ec2

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"

	"reconcile/providers/ec2/ec2test"
)

// trails are one of each source, with all that a policy can name.
var trails = map[string]TrailAt{
	"s3":          {Kind: "s3", Bucket: "org-trail", Prefix: "logs/"},
	"athena":      {Kind: "athena", Bucket: "", Database: "default", Table: "cloudtrail_logs", Output: "s3://results/athena/"},
	"lake":        {Kind: "lake", Store: "EXAMPLE-1"},
	"eventbridge": {Kind: "eventbridge", Queue: "https://sqs.eu-west-1.amazonaws.com/123456789012/trail"},
}

// TestASourceMaySendItsOwnCallsOnly protects against a client for reading a
// bucket that could start queries, and against writes in any of them.
func TestASourceMaySendItsOwnCallsOnly(t *testing.T) {
	srv := ec2test.NewServer(ec2test.NewWorld("123456789012", "us-east-1"))
	t.Cleanup(srv.Close)
	s, err := Open(t.Context(), nil, srv.URL, "us-east-1")
	if err != nil {
		t.Fatal(err)
	}
	for kind := range trails {
		cfg := s.ForTrail(kind)
		srv.Forget()
		for call, send := range map[string]func() error{
			"S3:PutObject": func() error {
				_, err := s3.NewFromConfig(cfg).PutObject(t.Context(), &s3.PutObjectInput{Bucket: new("b"), Key: new("k")})
				return err
			},
			"S3:DeleteObject": func() error {
				_, err := s3.NewFromConfig(cfg).DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: new("b"), Key: new("k")})
				return err
			},
			"SQS:DeleteMessage": func() error {
				_, err := sqs.NewFromConfig(cfg).DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: new("q"), ReceiptHandle: new("r")})
				return err
			},
			"Athena:DeleteNamedQuery": func() error {
				_, err := athena.NewFromConfig(cfg).DeleteNamedQuery(t.Context(), &athena.DeleteNamedQueryInput{NamedQueryId: new("q")})
				return err
			},
			"Athena:StartQueryExecution": func() error {
				_, err := athena.NewFromConfig(cfg).StartQueryExecution(t.Context(), &athena.StartQueryExecutionInput{QueryString: new("SELECT 1")})
				return err
			},
			"CloudTrail:StopLogging": func() error {
				_, err := cloudtrail.NewFromConfig(cfg).StopLogging(t.Context(), &cloudtrail.StopLoggingInput{Name: new("t")})
				return err
			},
			"CloudTrail:LookupEvents": func() error {
				_, err := cloudtrail.NewFromConfig(cfg).LookupEvents(t.Context(), &cloudtrail.LookupEventsInput{})
				return err
			},
		} {
			err := send()
			_, refused := errors.AsType[*RefusedError](err)
			if may := slices.Contains(trailCalls[kind], call); may == refused {
				t.Errorf("%s: %s may be sent: %v; it was refused: %v (%v)", kind, call, may, refused, err)
			}
		}
		for _, r := range srv.Requests() {
			if r.Action != "StartQueryExecution" || kind != "athena" {
				t.Errorf("%s: %s was sent", kind, r.Action)
			}
		}
	}
}

func TestThePolicyOfASourceGrantsWhatItSends(t *testing.T) {
	none := actions(Policy(Rows(), nil, scoped(), TrailAt{Kind: "file"}, false))
	for _, operation := range lookups {
		if a := permissionsOf(operation)[0].action; slices.Contains(none, a) || !slices.Contains(actions(Policy(Rows(), nil, scoped(), TrailAt{}, false)), a) {
			t.Errorf("%s is for the event history alone", a)
		}
	}
	for kind, at := range trails {
		d := Policy(Rows(), nil, scoped(), at, false)
		granted := actions(d)
		for _, operation := range trailCalls[kind] {
			want := permissionsOf(operation)[0].action
			if operation == "S3:ListObjectsV2" {
				want = "s3:ListBucket"
			}
			if !slices.Contains(granted, want) {
				t.Errorf("%s: %s may be sent, and %s is not granted", kind, operation, want)
			}
		}
		var b strings.Builder
		if err := Policy(Rows(), nil, scoped(), at, true).JSON(&b); err != nil {
			t.Fatal(err)
		}
		if n := len(strings.Join(strings.Fields(b.String()), "")); n > 6144 {
			t.Errorf("%s: %d characters are more than a managed policy takes", kind, n)
		}
	}
}

func TestThePolicyReachesOneTrailOnly(t *testing.T) {
	want := map[string]map[string]string{
		"s3": {
			"ReadS3TrailBucket": "s3:ListBucket on arn:*:s3:::org-trail",
			"ReadS3TrailFiles":  "s3:GetObject on arn:*:s3:::org-trail/logs/*",
		},
		"athena": {
			"ReadAthena":         "athena:GetQueryExecution athena:GetQueryResults athena:GetTableMetadata athena:StartQueryExecution athena:StopQueryExecution on *",
			"ReadGlueTrailTable": "glue:GetDatabase glue:GetPartitions glue:GetTable on arn:*:glue:*:*:catalog arn:*:glue:*:*:database/default arn:*:glue:*:*:table/default/cloudtrail_logs",
			"ReadS3TrailBucket":  "s3:GetBucketLocation s3:ListBucket on arn:*:s3:::*",
			"ReadS3TrailFiles":   "s3:GetObject on arn:*:s3:::*/*",
			"ReadS3QueryBucket":  "s3:GetBucketLocation s3:ListBucket on arn:*:s3:::results",
			"ReadS3QueryResults": "s3:AbortMultipartUpload s3:GetObject s3:ListMultipartUploadParts s3:PutObject on arn:*:s3:::results/athena/*",
		},
		"lake":        {"ReadCloudTrailEventStore": "cloudtrail:CancelQuery cloudtrail:DescribeQuery cloudtrail:GetQueryResults cloudtrail:StartQuery on arn:*:cloudtrail:*:*:eventdatastore/EXAMPLE-1"},
		"eventbridge": {"ReadSQSQueue": "sqs:GetQueueAttributes sqs:ReceiveMessage on arn:*:sqs:eu-west-1:123456789012:trail"},
	}
	others := map[string]bool{}
	for _, s := range Policy(Rows(), nil, scoped(), TrailAt{Kind: "file"}, false).Statement {
		others[s.Sid] = true
	}
	for kind, at := range trails {
		got := map[string]string{}
		for _, s := range Policy(Rows(), nil, scoped(), at, false).Statement {
			if !others[s.Sid] {
				got[s.Sid] = strings.Join(s.Action, " ") + " on " + strings.Join(s.Resource, " ")
			}
		}
		if diff := cmp.Diff(want[kind], got); diff != "" {
			t.Errorf("%s:\n%s", kind, diff)
		}
	}
}
