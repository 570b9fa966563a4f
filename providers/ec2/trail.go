package ec2

import (
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// TrailAt says which source of CloudTrail records is read, for the guard and
// for a policy that reaches no other. The zero value is LookupEvents.
type TrailAt struct {
	Kind            string // "", "lookup", "file", "s3", "athena", "lake", "eventbridge"
	Bucket, Prefix  string // of s3
	Database, Table string // of athena
	Output          string // of athena: where its results go, s3://…
	Store           string // of lake: id or ARN
	Queue           string // of eventbridge: URL
}

// lookups are what the default source sends.
var lookups = []string{"CloudTrail:LookupEvents", "CloudTrail:DescribeTrails"}

// trailCalls are what each source may send, and nothing else may. A query that
// is started costs, and changes nothing but the list of queries and, with
// Athena, the folder of its results.
var trailCalls = map[string][]string{
	"s3":          {"S3:ListObjectsV2", "S3:GetObject"},
	"athena":      {"Athena:GetTableMetadata", "Athena:StartQueryExecution", "Athena:GetQueryExecution", "Athena:GetQueryResults", "Athena:StopQueryExecution"},
	"lake":        {"CloudTrail:StartQuery", "CloudTrail:DescribeQuery", "CloudTrail:GetQueryResults", "CloudTrail:CancelQuery"},
	"eventbridge": {"SQS:GetQueueAttributes", "SQS:ReceiveMessage"},
}

// ForTrail is the configuration for reading a source of CloudTrail records: it
// lets through the calls of that source alone.
func (s Session) ForTrail(kind string) aws.Config {
	cfg := s.Config.Copy()
	cfg.APIOptions = guarded(s.tape, s.watch, trailCalls[kind])
	s.tape.Attach(&cfg, "trail")
	return cfg
}

// What Athena and the trail's bucket need beside the calls themselves: Athena
// reads the table's definition and the files with the caller's own rights.
var athenaNeeds = []permission{
	{action: "glue:GetDatabase", on: trailTable}, {action: "glue:GetTable", on: trailTable}, {action: "glue:GetPartitions", on: trailTable},
	{action: "s3:GetBucketLocation", on: trailBucket}, {action: "s3:ListBucket", on: trailBucket}, {action: "s3:GetObject", on: trailFiles},
	{action: "s3:GetBucketLocation", on: queryBucket}, {action: "s3:ListBucket", on: queryBucket},
	{action: "s3:GetObject", on: queryResults}, {action: "s3:PutObject", on: queryResults},
	{action: "s3:AbortMultipartUpload", on: queryResults}, {action: "s3:ListMultipartUploadParts", on: queryResults},
}

// permissions are those that reading the source needs.
func (t TrailAt) permissions() []permission {
	var out []permission
	switch t.Kind {
	case "", "lookup":
		for _, operation := range lookups {
			out = append(out, permissionsOf(operation)...)
		}
	case "s3":
		out = []permission{{action: "s3:ListBucket", on: trailBucket}, {action: "s3:GetObject", on: trailFiles}}
	case "athena":
		for _, operation := range trailCalls[t.Kind] {
			out = append(out, permissionsOf(operation)...)
		}
		out = append(out, athenaNeeds...)
	case "lake":
		for _, operation := range trailCalls[t.Kind] {
			out = append(out, permission{action: permissionsOf(operation)[0].action, on: eventStore})
		}
	case "eventbridge":
		for _, operation := range trailCalls[t.Kind] {
			out = append(out, permission{action: permissionsOf(operation)[0].action, on: eventQueue})
		}
	}
	return out
}

// resources are the ARNs of what belongs to the source.
func (t TrailAt) resources(on target) []string {
	bucket, folder := t.Bucket, ""
	if t.Prefix != "" {
		folder = literally(strings.Trim(t.Prefix, "/")) + "/"
	}
	switch on {
	case trailBucket:
		return []string{s3ARN(bucket)}
	case trailFiles:
		return []string{s3ARN(bucket) + "/" + folder + "*"}
	case queryBucket, queryResults:
		bucket, prefix, _ := strings.Cut(strings.TrimPrefix(t.Output, "s3://"), "/")
		if on == queryBucket {
			return []string{s3ARN(bucket)}
		}
		if prefix = strings.Trim(prefix, "/"); prefix != "" {
			prefix = literally(prefix) + "/"
		}
		return []string{s3ARN(bucket) + "/" + prefix + "*"}
	case trailTable:
		database := literally(t.Database)
		return []string{"arn:*:glue:*:*:catalog", "arn:*:glue:*:*:database/" + database, "arn:*:glue:*:*:table/" + database + "/" + literally(t.Table)}
	case eventStore:
		if strings.HasPrefix(t.Store, "arn:") {
			return []string{t.Store}
		}
		return []string{"arn:*:cloudtrail:*:*:eventdatastore/" + literally(t.Store)}
	case eventQueue:
		region, path := "*", ""
		if u, err := url.Parse(t.Queue); err == nil {
			path = strings.Trim(u.Path, "/")
			if parts := strings.Split(u.Hostname(), "."); len(parts) > 2 && parts[0] == "sqs" {
				region = parts[1]
			}
		}
		account, name, ok := strings.Cut(path, "/")
		if !ok {
			account, name = "*", path
		}
		return []string{"arn:*:sqs:" + region + ":" + account + ":" + literally(name)}
	}
	return nil
}

// s3ARN is a bucket's, any for "".
func s3ARN(bucket string) string {
	if bucket == "" {
		return "arn:*:s3:::*"
	}
	return "arn:*:s3:::" + literally(bucket)
}
