package ec2test_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"reconcile/providers"
	"reconcile/providers/ec2/ec2test"
)

func TestS3WritesHoldTheirConditions(t *testing.T) {
	w := ec2test.NewWorld(account, region)
	w.PutObject("state", "", nil, time.Time{})
	srv := serve(t, w)
	c := s3.NewFromConfig(config(srv, key, region))
	const hostile = "a b/$(x)'\"\n?versionId=ü"
	put := func(text string, change func(*s3.PutObjectInput)) (string, error) {
		in := &s3.PutObjectInput{Bucket: aws.String("state"), Key: aws.String(hostile), Body: strings.NewReader(text)}
		if change != nil {
			change(in)
		}
		out, err := c.PutObject(t.Context(), in)
		if err != nil {
			return code(t, err), err
		}
		return *out.VersionId, nil
	}
	read := func(key string, version *string) string {
		out, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("state"), Key: &key, VersionId: version})
		if err != nil {
			return code(t, err)
		}
		body, err := io.ReadAll(out.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	once := func(in *s3.PutObjectInput) { in.IfNoneMatch = aws.String("*") }
	first, err := put("one", once)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := put("two", once); err == nil || got != "PreconditionFailed" {
		t.Errorf("a second first write: %s", got)
	}
	if got, err := put("two", func(in *s3.PutObjectInput) { in.IfMatch = aws.String(`"0123"`) }); err == nil || got != "PreconditionFailed" {
		t.Errorf("a write on another ETag: %s", got)
	}
	if _, err := put("two", func(in *s3.PutObjectInput) { in.IfMatch = aws.String(`"f97c5d29941bfb1b2fdab0874906ab82"`) }); err != nil {
		t.Errorf("a write on the right ETag: %v", err)
	}
	if got := read(hostile, nil) + read(hostile, &first); got != "twoone" {
		t.Errorf("the versions say %q", got)
	}
	source := "state/" + strings.NewReplacer(" ", "%20", "$", "%24", "\n", "%0A", "?", "%3F", "ü", "%C3%BC", `"`, "%22").Replace(hostile) + "?versionId=" + first
	if _, err := c.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: aws.String("state"), Key: aws.String("copy"), CopySource: &source}); err != nil || read("copy", nil) != "one" {
		t.Errorf("the copy of a version: %v, %s", err, read("copy", nil))
	}
	del := func(match string) string {
		_, err := c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("state"), Key: aws.String(hostile), IfMatch: &match})
		if err != nil {
			return code(t, err)
		}
		return ""
	}
	if got := del(`"f97c5d29941bfb1b2fdab0874906ab82"`); got != "PreconditionFailed" {
		t.Errorf("a delete of another ETag: %s", got)
	}
	if got := del(`"b8a9f715dbb64fd5c56e7783c6820a61"`); got != "" || read(hostile, nil) != "NoSuchKey" || read(hostile, &first) != "one" {
		t.Errorf("a delete: %q, then %s and %s", got, read(hostile, nil), read(hostile, &first))
	}
	out, err := c.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: aws.String("state"), Prefix: aws.String("a b")})
	if err != nil || len(out.Versions) != 2 || len(out.DeleteMarkers) != 1 || !*out.DeleteMarkers[0].IsLatest {
		t.Errorf("the versions after a delete: %v, %v", out, err)
	}
	w.SetVersioning("state", false)
	if v, err := put("three", nil); err != nil || v != "null" {
		t.Errorf("a write without versioning: %s, %v", v, err)
	}
}

func TestDynamoDBWritesHoldTheirConditions(t *testing.T) {
	w := ec2test.NewWorld(account, region)
	if err := w.PutItem(providers.Place{Account: account, Region: region}, "locks"); err != nil {
		t.Fatal(err)
	}
	c := dynamodb.NewFromConfig(config(serve(t, w), key, region))
	s := func(v string) dynamotypes.AttributeValue { return &dynamotypes.AttributeValueMemberS{Value: v} }
	row := map[string]dynamotypes.AttributeValue{"LockID": s("b/k")}
	said := func(err error) string {
		if err != nil {
			return code(t, err)
		}
		return ""
	}
	put := func() string {
		_, err := c.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("locks"), ConditionExpression: aws.String("attribute_not_exists(LockID)"),
			Item: map[string]dynamotypes.AttributeValue{"LockID": s("b/k"), "Info": s("mine")}})
		return said(err)
	}
	update := func(old, new string) string {
		_, err := c.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: aws.String("locks"), Key: row,
			UpdateExpression: aws.String("SET #i = :new, Other = :new REMOVE Nothing"), ConditionExpression: aws.String("attribute_exists(LockID) AND (#i = :old)"),
			ExpressionAttributeNames: map[string]string{"#i": "Info"}, ExpressionAttributeValues: map[string]dynamotypes.AttributeValue{":new": s(new), ":old": s(old)}})
		return said(err)
	}
	del := func(condition string) string {
		_, err := c.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String("locks"), Key: row, ConditionExpression: aws.String(condition),
			ExpressionAttributeValues: map[string]dynamotypes.AttributeValue{":i": s("theirs")}})
		return said(err)
	}
	const no = "ConditionalCheckFailedException"
	var got []string
	for _, step := range []func() string{
		func() string { return update("mine", "x") }, put, put,
		func() string { return update("theirs", "x") }, func() string { return update("mine", "theirs") },
		func() string { return del("Info <> :i OR NOT attribute_exists(Info)") }, func() string { return del("Info ~ :i") },
		func() string { return del("Info = :i") }, func() string { return del("Info = :i") },
	} {
		got = append(got, step())
	}
	if want := fmt.Sprint([]string{no, "", no, no, "", no, "ValidationException", "", no}); fmt.Sprint(got) != want {
		t.Errorf("the steps say %v, want %s", got, want)
	}
	out, err := c.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("locks"), Key: row})
	if err != nil || len(out.Item) != 0 {
		t.Errorf("the row is still there: %v, %v", out.Item, err)
	}
}
