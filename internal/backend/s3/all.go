package s3

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"reconcile/internal/backend"
)

// All reads every lock of the lock table, and with use_lockfile every lock file
// of the bucket. Digests and reconcile's own mutexes are no locks. A form that
// cannot be read is among the problems, and more says that pages were left
// unread (most bounds them for each form, 0 for none).
func (r Reader) All(ctx context.Context, most int) (locks []backend.Lock, more bool, problems []string) {
	if r.backend.DynamoDBTable != "" {
		found, cut, err := r.rows(ctx, most)
		locks, more = append(locks, found...), cut
		if err != nil {
			problems = append(problems, err.Error())
		}
	}
	if r.backend.UseLockfile {
		found, cut, err := r.files(ctx, most)
		locks, more = append(locks, found...), more || cut
		if err != nil {
			problems = append(problems, err.Error())
		}
	}
	slices.SortFunc(locks, func(a, b backend.Lock) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Form, b.Form))
	})
	return locks, more, problems
}

// rows scans the table for rows with Info. The row's own id says which state it
// locks, whatever its Info says.
func (r Reader) rows(ctx context.Context, most int) ([]backend.Lock, bool, error) {
	pages := dynamodb.NewScanPaginator(r.dynamo, &dynamodb.ScanInput{
		TableName: &r.backend.DynamoDBTable, ConsistentRead: aws.Bool(true),
		FilterExpression: aws.String("attribute_exists(Info)"), ProjectionExpression: aws.String("LockID, Info"),
	})
	var out []backend.Lock
	for n := 0; pages.HasMorePages(); n++ {
		if most > 0 && n == most {
			return out, true, nil
		}
		page, err := pages.NextPage(ctx)
		if err != nil {
			return out, false, r.explain(err, r.table())
		}
		for _, item := range page.Items {
			id, _ := item["LockID"].(*types.AttributeValueMemberS)
			if id == nil || strings.HasSuffix(id.Value, "-reconcile") {
				continue
			}
			lock := backend.Lock{Status: backend.Held, Error: backend.ErrLockInfo.Error()}
			if info, ok := item["Info"].(*types.AttributeValueMemberS); ok {
				lock, _ = backend.ParseLockInfo([]byte(info.Value)) // Error tells what could not be read
			}
			lock.Form, lock.Path = backend.DynamoDB, id.Value
			out = append(out, lock)
		}
	}
	return out, false, nil
}

// files lists the bucket for lock files and reads each.
func (r Reader) files(ctx context.Context, most int) ([]backend.Lock, bool, error) {
	pages := s3.NewListObjectsV2Paginator(r.s3, &s3.ListObjectsV2Input{Bucket: &r.backend.Bucket})
	var out []backend.Lock
	for n := 0; pages.HasMorePages(); n++ {
		if most > 0 && n == most {
			return out, true, nil
		}
		page, err := pages.NextPage(ctx)
		if err != nil {
			return out, false, r.explain(err, "the bucket "+r.backend.Bucket)
		}
		for _, o := range page.Contents {
			if key := aws.ToString(o.Key); strings.HasSuffix(key, ".tflock") {
				if lock := r.file(ctx, key); lock.Status != backend.NotHeld { // else it went while the bucket was read
					lock.Path = r.backend.Bucket + "/" + strings.TrimSuffix(key, ".tflock")
					out = append(out, lock)
				}
			}
		}
	}
	return out, false, nil
}

func readAll(body io.Reader) ([]byte, error) { return io.ReadAll(io.LimitReader(body, maxInfo)) }
