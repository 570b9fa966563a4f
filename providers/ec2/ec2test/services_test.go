package ec2test_test

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	trailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"reconcile/providers"
	"reconcile/providers/ec2/ec2test"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// recorded is the n-th of a row of events, one a second from noon.
func recorded(t *testing.T, n int, change func(map[string]any)) json.RawMessage {
	t.Helper()
	e := map[string]any{
		"eventID": fmt.Sprintf("e%02d", n), "eventName": "CreateVpc", "eventSource": "ec2.amazonaws.com", "readOnly": false,
		"eventTime": noon.Add(time.Duration(n) * time.Second).Format(time.RFC3339), "awsRegion": region, "recipientAccountId": account,
		"userIdentity":     map[string]any{"arn": "arn:aws:sts::" + account + ":assumed-role/terraform-runner/ci-7", "accessKeyId": "ASIARUNNER"},
		"responseElements": map[string]any{"vpc": map[string]any{"vpcId": fmt.Sprintf("vpc-%02d", n)}},
	}
	if change != nil {
		change(e)
	}
	raw, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func trailOf(t *testing.T, records ...json.RawMessage) (*ec2test.Server, *cloudtrail.Client) {
	t.Helper()
	w := ec2test.NewWorld(account, region)
	if err := w.PutRecords(records...); err != nil {
		t.Fatal(err)
	}
	srv := serve(t, w)
	return srv, cloudtrail.NewFromConfig(config(srv, key, region))
}

func ids(events []trailtypes.Event) string {
	var out []string
	for _, e := range events {
		out = append(out, *e.EventId)
	}
	return strings.Join(out, " ")
}

func TestLookupEventsSelectsAsCloudTrailDoes(t *testing.T) {
	_, c := trailOf(t,
		recorded(t, 1, nil),
		recorded(t, 2, func(e map[string]any) { e["readOnly"], e["eventName"] = true, "DescribeVpcs" }),
		recorded(t, 3, func(e map[string]any) {
			e["userIdentity"] = map[string]any{"arn": "arn:aws:iam::" + account + ":user/ops/ann", "userName": "ann", "accessKeyId": "AKIAANN"}
		}),
		recorded(t, 4, func(e map[string]any) { e["awsRegion"] = "eu-west-1" }),
		recorded(t, 5, func(e map[string]any) { e["recipientAccountId"] = "999999999999" }),
		recorded(t, 6, func(e map[string]any) { e["eventTime"] = noon.Add(3 * time.Second).Format(time.RFC3339) }),
	)
	attribute := func(k trailtypes.LookupAttributeKey, v string) trailtypes.LookupAttribute {
		return trailtypes.LookupAttribute{AttributeKey: k, AttributeValue: aws.String(v)}
	}
	for _, test := range []struct {
		name string
		in   cloudtrail.LookupEventsInput
		want string
	}{
		{"only this place, newest first, the later record first within a second", cloudtrail.LookupEventsInput{}, "e06 e03 e02 e01"},
		{"both ends are in the window", cloudtrail.LookupEventsInput{StartTime: aws.Time(noon.Add(2 * time.Second)), EndTime: aws.Time(noon.Add(3 * time.Second))}, "e06 e03 e02"},
		{"ReadOnly is text", cloudtrail.LookupEventsInput{LookupAttributes: []trailtypes.LookupAttribute{attribute("ReadOnly", "true")}}, "e02"},
		{"a role's user name is its session", cloudtrail.LookupEventsInput{LookupAttributes: []trailtypes.LookupAttribute{attribute("Username", "ci-7")}}, "e06 e02 e01"},
		{"and never the role", cloudtrail.LookupEventsInput{LookupAttributes: []trailtypes.LookupAttribute{attribute("Username", "terraform-runner")}}, ""},
		{"a user's is the user's", cloudtrail.LookupEventsInput{LookupAttributes: []trailtypes.LookupAttribute{attribute("Username", "ann")}}, "e03"},
		{"case counts", cloudtrail.LookupEventsInput{LookupAttributes: []trailtypes.LookupAttribute{attribute("EventName", "createvpc")}}, ""},
		{"the second attribute is ignored", cloudtrail.LookupEventsInput{LookupAttributes: []trailtypes.LookupAttribute{attribute("AccessKeyId", "AKIAANN"), attribute("ReadOnly", "true")}}, "e03"},
		{"an id in the result", cloudtrail.LookupEventsInput{LookupAttributes: []trailtypes.LookupAttribute{attribute("ResourceName", "vpc-01")}}, "e01"},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, err := c.LookupEvents(t.Context(), &test.in)
			if err != nil {
				t.Fatal(err)
			}
			if got := ids(out.Events); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	out, err := c.LookupEvents(t.Context(), &cloudtrail.LookupEventsInput{MaxResults: aws.Int32(1)})
	if err != nil {
		t.Fatal(err)
	}
	e := out.Events[0]
	if *e.ReadOnly != "false" || *e.Username != "ci-7" || *e.AccessKeyId != "ASIARUNNER" || !e.EventTime.Equal(noon.Add(3*time.Second)) || *e.CloudTrailEvent != string(recorded(t, 6, func(e map[string]any) { e["eventTime"] = noon.Add(3 * time.Second).Format(time.RFC3339) })) {
		t.Errorf("got %s", asJSON(t, e))
	}
}

func TestLookupEventsRefusesWhatCloudTrailRefuses(t *testing.T) {
	var records []json.RawMessage
	for i := range 60 {
		records = append(records, recorded(t, i, nil))
	}
	_, c := trailOf(t, records...)
	first, err := c.LookupEvents(t.Context(), &cloudtrail.LookupEventsInput{EndTime: aws.Time(noon.Add(time.Hour))})
	if err != nil || len(first.Events) != 50 || first.NextToken == nil {
		t.Fatalf("the first page: %d events, %v", len(first.Events), err)
	}
	for want, in := range map[string]cloudtrail.LookupEventsInput{
		"InvalidMaxResultsException":       {MaxResults: aws.Int32(51)},
		"InvalidTimeRangeException":        {StartTime: aws.Time(noon), EndTime: aws.Time(noon.Add(-time.Second))},
		"InvalidNextTokenException":        {NextToken: first.NextToken, EndTime: aws.Time(noon.Add(2 * time.Hour))},
		"InvalidLookupAttributesException": {LookupAttributes: []trailtypes.LookupAttribute{{AttributeKey: "RoleName", AttributeValue: aws.String("x")}}},
	} {
		if _, err := c.LookupEvents(t.Context(), &in); err == nil || code(t, err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestTheTrailCanBeLateAndThrottled(t *testing.T) {
	srv, c := trailOf(t, recorded(t, 0, nil), recorded(t, 60, nil))
	in := &cloudtrail.LookupEventsInput{EndTime: aws.Time(noon.Add(time.Hour))}
	srv.SetClock(func() time.Time { return noon.Add(15*time.Minute + 30*time.Second) })
	srv.DelayTrail(15 * time.Minute)
	out, err := c.LookupEvents(t.Context(), in)
	if err != nil || ids(out.Events) != "e00" {
		t.Errorf("with a delay of 15 minutes: %q, %v", ids(out.Events), err)
	}
	srv.DelayTrail(0)
	srv.ThrottleTrail(2)
	var codes []string
	for range 3 {
		if _, err := c.LookupEvents(t.Context(), in); err != nil {
			codes = append(codes, code(t, err))
		}
	}
	if !slices.Equal(codes, []string{"ThrottlingException"}) {
		t.Errorf("three calls at once: %v", codes)
	}
	if last := srv.Requests()[len(srv.Requests())-1]; last.Status != 400 {
		t.Errorf("CloudTrail throttles with HTTP 400, got %d", last.Status)
	}
}

func TestACallerSpeaksForTheAccountOfItsKey(t *testing.T) {
	w := ec2test.NewWorld(account, region)
	w.Identify("AKIASECOND", ec2test.Identity{Account: "999999999999", ARN: "arn:aws:iam::999999999999:user/ann", UserID: "AIDAANN"})
	put(t, w, here, "Vpcs", ec2test.Doc{"VpcId": "vpc-1"})
	put(t, w, providers.Place{Account: account, Region: "eu-west-1"}, "Vpcs", ec2test.Doc{"VpcId": "vpc-2"})
	put(t, w, providers.Place{Account: "999999999999", Region: region}, "Vpcs", ec2test.Doc{"VpcId": "vpc-3"})
	srv := serve(t, w)
	vpcs := func(accessKey, region string) string {
		out, err := ec2.NewFromConfig(config(srv, accessKey, region)).DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, v := range out.Vpcs {
			got = append(got, *v.VpcId)
		}
		return strings.Join(got, " ")
	}
	who, err := sts.NewFromConfig(config(srv, "AKIASECOND", region)).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil || *who.Account != "999999999999" || *who.Arn != "arn:aws:iam::999999999999:user/ann" {
		t.Errorf("GetCallerIdentity: %v, %v", who, err)
	}
	assumed, err := sts.NewFromConfig(config(srv, key, region)).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::999999999999:role/path/reader"), RoleSessionName: aws.String("s")})
	if err != nil {
		t.Fatal(err)
	}
	if *assumed.AssumedRoleUser.Arn != "arn:aws:sts::999999999999:assumed-role/reader/s" {
		t.Errorf("assumed %s: the path of the role does not belong there", *assumed.AssumedRoleUser.Arn)
	}
	for _, test := range []struct{ key, region, want string }{
		{key, region, "vpc-1"}, {key, "eu-west-1", "vpc-2"}, {key, "ap-south-1", ""}, {"AKIASECOND", region, "vpc-3"}, {*assumed.Credentials.AccessKeyId, region, "vpc-3"},
	} {
		if got := vpcs(test.key, test.region); got != test.want {
			t.Errorf("%s in %s sees %q, want %q", test.key, test.region, got, test.want)
		}
	}
	regions, err := client(srv).DescribeRegions(t.Context(), &ec2.DescribeRegionsInput{})
	if err != nil || len(regions.Regions) != 2 || *regions.Regions[0].RegionName != "eu-west-1" {
		t.Errorf("DescribeRegions: %s, %v", asJSON(t, regions), err)
	}
}

func TestDynamoDBTellsAMissingTableFromAMissingItem(t *testing.T) {
	w := ec2test.NewWorld(account, region)
	if err := w.PutItem(here, "tf-locks", ec2test.Doc{"LockID": map[string]string{"S": "a"}, "Info": map[string]string{"S": "x"}}); err != nil {
		t.Fatal(err)
	}
	c := dynamodb.NewFromConfig(config(serve(t, w), key, region))
	get := func(table, id string) (*dynamodb.GetItemOutput, error) {
		return c.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(table), Key: map[string]dynamotypes.AttributeValue{"LockID": &dynamotypes.AttributeValueMemberS{Value: id}}})
	}
	if out, err := get("tf-locks", "a"); err != nil || out.Item["Info"].(*dynamotypes.AttributeValueMemberS).Value != "x" {
		t.Errorf("an item: %v, %v", out, err)
	}
	if out, err := get("tf-locks", "b"); err != nil || len(out.Item) != 0 {
		t.Errorf("no item: %v, %v", out, err)
	}
	if _, err := get("other", "a"); err == nil || code(t, err) != "ResourceNotFoundException" {
		t.Errorf("no table: %v", err)
	}
}

func TestS3KeepsVersions(t *testing.T) {
	w := ec2test.NewWorld(account, region)
	newer := w.PutObject("state", "env/prod.tfstate", []byte("two"), noon.Add(time.Hour))
	older := w.PutObject("state", "env/prod.tfstate", []byte("one"), noon)
	w.PutObject("state", "env/test.tfstate", []byte("three"), noon)
	srv := serve(t, w)
	c := s3.NewFromConfig(config(srv, key, region))
	read := func(version *string) string {
		out, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("state"), Key: aws.String("env/prod.tfstate"), VersionId: version})
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(out.Body)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%s %s %s %s", body, *out.VersionId, out.LastModified.Format(time.RFC3339), *out.ETag)
	}
	if got, want := read(nil), "two "+newer+` 2026-03-01T13:00:00Z "b8a9f715dbb64fd5c56e7783c6820a61"`; got != want {
		t.Errorf("the object is %s, want %s", got, want)
	}
	if got := read(&older); !strings.HasPrefix(got, "one "+older) {
		t.Errorf("the older version is %s", got)
	}
	srv.PageSize(1)
	pages := s3.NewListObjectVersionsPaginator(c, &s3.ListObjectVersionsInput{Bucket: aws.String("state"), Prefix: aws.String("env/prod")})
	var versions []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range page.Versions {
			versions = append(versions, fmt.Sprint(*v.VersionId, *v.IsLatest))
		}
	}
	if want := []string{newer + "true", older + "false"}; !slices.Equal(versions, want) {
		t.Errorf("versions %v, want %v", versions, want)
	}
	if out, err := c.GetBucketVersioning(t.Context(), &s3.GetBucketVersioningInput{Bucket: aws.String("state")}); err != nil || out.Status != "Enabled" {
		t.Errorf("versioning: %v, %v", out, err)
	}
	if _, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("state"), Key: aws.String("absent")}); err == nil || code(t, err) != "NoSuchKey" {
		t.Errorf("an absent key: %v", err)
	}
	if _, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("absent"), Key: aws.String("k")}); err == nil || code(t, err) != "NoSuchBucket" {
		t.Errorf("an absent bucket: %v", err)
	}
	if _, err := c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("state"), Key: aws.String("absent")}); err == nil || code(t, err) != "NotFound" {
		t.Errorf("the head of an absent key: %v", err)
	}
}
