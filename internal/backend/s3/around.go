package s3

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"reconcile/internal/backend"
)

// mostChecked bounds how many workspaces are asked for the state, one call each.
const mostChecked = 100

// Workspaces are the workspaces that have a state of this configuration in the
// bucket, "default" first. The list of folders below the workspace prefix tells
// which names there are; whether one has a state of this key is asked of it. It
// lists and never creates: a wrong name given to Terraform does.
func (r Reader) Workspaces(ctx context.Context) ([]string, error) {
	var names []string
	if r.backend.WorkspacePrefix == "" {
		return nil, nil // any folder of the bucket could be one
	}
	prefix := r.backend.WorkspacePrefix + "/"
	pages := s3.NewListObjectsV2Paginator(r.s3, &s3.ListObjectsV2Input{Bucket: &r.backend.Bucket, Prefix: &prefix, Delimiter: aws.String("/")})
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return nil, r.explain(err, "the workspaces in s3://"+r.backend.Bucket+"/"+prefix)
		}
		for _, p := range out.CommonPrefixes {
			if name := strings.TrimSuffix(strings.TrimPrefix(aws.ToString(p.Prefix), prefix), "/"); name != "" {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	var have []string
	for i, name := range append([]string{backend.DefaultWorkspace}, names...) {
		if i > mostChecked {
			break
		}
		key := r.backend.KeyOf(name)
		_, err := r.s3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &r.backend.Bucket, Key: &key})
		// What may not be looked at, or is encrypted with a key of the customer's, is there.
		if err == nil || httpStatus(err) == 400 {
			have = append(have, name)
		}
	}
	return have, nil
}

// Table is what the lock table is.
type Table struct {
	Status string   `json:"status"` // ACTIVE
	Key    []string `json:"key"`    // its key's attributes, "LockID:S"
	Items  int64    `json:"items"`  // as of the last hours
}

// OK reports whether Terraform can keep locks in it.
func (t Table) OK() bool { return len(t.Key) == 1 && t.Key[0] == "LockID:S" }

// Table describes the lock table.
func (r Reader) Table(ctx context.Context) (Table, error) {
	out, err := r.dynamo.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &r.backend.DynamoDBTable})
	if err != nil {
		return Table{}, r.explain(err, r.table())
	}
	t := Table{Status: string(out.Table.TableStatus), Items: aws.ToInt64(out.Table.ItemCount)}
	for _, k := range out.Table.KeySchema {
		name, typ := aws.ToString(k.AttributeName), ""
		for _, a := range out.Table.AttributeDefinitions {
			if aws.ToString(a.AttributeName) == name {
				typ = string(a.AttributeType)
			}
		}
		t.Key = append(t.Key, name+":"+typ)
	}
	if !t.OK() {
		return t, advise(fmt.Errorf("%s: %w: its key is %s, Terraform's is LockID:S", r.table(), ErrSchema, strings.Join(t.Key, ", ")))
	}
	return t, nil
}

// TTL is the attribute by which DynamoDB deletes rows of the lock table, "" for
// none.
func (r Reader) TTL(ctx context.Context) (string, error) {
	out, err := r.dynamo.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &r.backend.DynamoDBTable})
	if err != nil {
		return "", r.explain(err, r.table())
	}
	d := out.TimeToLiveDescription
	if d == nil || d.TimeToLiveStatus == types.TimeToLiveStatusDisabled || d.TimeToLiveStatus == "" {
		return "", nil
	}
	return aws.ToString(d.AttributeName), nil
}

// Versioning reports whether the bucket keeps the versions of its objects.
func (r Reader) Versioning(ctx context.Context) (bool, error) {
	out, err := r.s3.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &r.backend.Bucket})
	if err != nil {
		return false, r.explain(err, "the bucket "+r.backend.Bucket)
	}
	return out.Status == "Enabled", nil
}

func (r Reader) table() string { return "the lock table " + r.backend.DynamoDBTable }
