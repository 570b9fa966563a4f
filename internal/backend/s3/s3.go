// Package s3 asks AWS about the state that Terraform's S3 backend keeps: who
// holds the lock, when the state was written and what it is, and what is there
// instead if it is not. It sends reads, and nothing else.
package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"reconcile/internal/backend"
)

// Reader reads the state, its lock and what the backend keeps beside them.
type Reader struct {
	s3      *s3.Client
	dynamo  *dynamodb.Client
	backend backend.Config
	// customer is the key of SSE-C and its MD5, both as base64, nil without one.
	customer *[2]string
}

// New returns a Reader that talks to the backend's region and endpoints with
// the credentials of cfg. Who they are of (the backend's profile, keys and
// role) is for the caller to settle: see internal/store.
func New(cfg aws.Config, b *backend.Config, secrets backend.Secrets) Reader {
	cfg = cfg.Copy()
	if b.Region != "" {
		cfg.Region = b.Region
	}
	return Reader{
		backend:  *b,
		customer: customerKey(secrets),
		s3: s3.NewFromConfig(cfg, func(o *s3.Options) {
			o.UsePathStyle = b.UsePathStyle
			o.DisableLogOutputChecksumValidationSkipped = true
			if b.S3Endpoint != "" {
				o.BaseEndpoint = &b.S3Endpoint
			}
		}),
		dynamo: dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) {
			if b.DynamoDBEndpoint != "" {
				o.BaseEndpoint = &b.DynamoDBEndpoint
			}
		}),
	}
}

// maxInfo bounds a lock file.
const maxInfo = 64 << 10

// Lock returns the lock as it is at this moment, in every form that the
// backend is configured to use. Status is backend.Unknown, and Error says why,
// where it could not be told. With no form configured it is backend.NotHeld
// and Form is "".
func (r Reader) Lock(ctx context.Context) backend.Lock {
	var seen []backend.Lock
	if r.backend.DynamoDBTable != "" {
		seen = append(seen, r.row(ctx))
	}
	if r.backend.UseLockfile {
		seen = append(seen, r.file(ctx, r.backend.LockPath().File))
	}
	return merge(seen)
}

// merge says what two forms together mean. Terraform takes the file first and
// the row second, so a row that is held is the whole lock and a file alone is
// one whose taking or release was interrupted.
func merge(seen []backend.Lock) backend.Lock {
	for _, status := range []string{backend.Held, backend.Unknown, backend.NotHeld} {
		for i, lock := range seen {
			if lock.Status != status {
				continue
			}
			for j, other := range seen {
				if i == j {
					continue
				}
				if lock.Digest == "" {
					lock.Digest = other.Digest
				}
				if lock.Error == "" {
					lock.Error = other.Error
				}
				if lock.Error == "" && other.Status == backend.Held && other.ID != lock.ID {
					lock.Error = fmt.Sprintf("the %s lock is held too, by another holder: %s", other.Form, other.ID)
				}
			}
			return lock
		}
	}
	return backend.Lock{Status: backend.NotHeld}
}

// row reads the lock's row and the digest's row.
func (r Reader) row(ctx context.Context) backend.Lock {
	paths := r.backend.LockPath()
	item, err := r.item(ctx, paths.Row)
	if err != nil {
		return backend.Lock{Status: backend.Unknown, Form: backend.DynamoDB, Error: err.Error()}
	}
	lock := backend.Lock{Status: backend.NotHeld}
	switch info := item["Info"].(type) {
	case nil:
		if len(item) > 0 {
			lock.Error = "the lock table has a row for this state without Info: it is not a lock, but Terraform cannot take one while it is there"
		}
	case *types.AttributeValueMemberS:
		// Error tells what ParseLockInfo could not read.
		lock, _ = backend.ParseLockInfo([]byte(info.Value))
	default:
		lock = backend.Lock{Status: backend.Held, Error: backend.ErrLockInfo.Error()}
	}
	lock.Form = backend.DynamoDB
	digest, err := r.item(ctx, paths.DigestRow)
	if err != nil {
		if lock.Error == "" {
			lock.Error = "the digest could not be read: " + err.Error()
		}
		return lock
	}
	if d, ok := digest["Digest"].(*types.AttributeValueMemberS); ok {
		lock.Digest = d.Value
	}
	return lock
}

func (r Reader) item(ctx context.Context, id string) (map[string]types.AttributeValue, error) {
	out, err := r.dynamo.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      &r.backend.DynamoDBTable,
		Key:            map[string]types.AttributeValue{"LockID": &types.AttributeValueMemberS{Value: id}},
		ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, r.explain(err, "the lock table "+r.backend.DynamoDBTable)
	}
	return out.Item, nil
}

// file reads a lock file.
func (r Reader) file(ctx context.Context, key string) backend.Lock {
	lock := backend.Lock{Form: backend.S3}
	out, err := r.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: &r.backend.Bucket, Key: &key})
	if code(err) == "NoSuchKey" {
		lock.Status = backend.NotHeld
		return lock
	}
	if err != nil {
		err = r.explain(err, "the lock file s3://"+r.backend.Bucket+"/"+key)
		lock.Status, lock.Error = backend.Unknown, err.Error()
		if errors.Is(err, ErrDenied) {
			lock.Error += "; without s3:ListBucket a file that is not there looks the same"
		}
		return lock
	}
	defer out.Body.Close()
	info, err := readAll(out.Body)
	if err != nil {
		// The object is there: it is held, by whom is what is not known.
		lock.Status, lock.Error = backend.Held, "the lock file could not be read to its end"
		return lock
	}
	lock, _ = backend.ParseLockInfo(info)
	lock.Form = backend.S3
	return lock
}

// StateObject returns when the state object was last written, its size in
// bytes and its version ("" in a bucket without versioning). The error is
// ErrNoState or ErrNoBucket where that is what AWS says.
func (r Reader) StateObject(ctx context.Context) (LastModified time.Time, size int64, versionID string, err error) {
	bucket, key := &r.backend.Bucket, &r.backend.StateKey
	what := r.what("")
	in := &s3.HeadObjectInput{Bucket: bucket, Key: key}
	if c := r.customer; c != nil {
		in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5 = aws.String(customerCipher), &c[0], &c[1]
	}
	out, err := r.s3.HeadObject(ctx, in)
	if err != nil && httpStatus(err) == http.StatusNotFound {
		// An answer to HEAD has no body, so it does not tell a missing bucket
		// from a missing key.
		first := "bytes=0-0"
		got, getErr := r.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key, Range: &first})
		switch {
		case getErr == nil:
			got.Body.Close()
			err = errors.New("it appeared while it was looked at; ask again")
		case code(getErr) == "NoSuchKey":
			return time.Time{}, 0, "", fmt.Errorf("%s: %w", what, ErrNoState)
		default:
			err = getErr
		}
	}
	if err != nil {
		return time.Time{}, 0, "", r.explain(err, what)
	}
	return aws.ToTime(out.LastModified).UTC(), aws.ToInt64(out.ContentLength), aws.ToString(out.VersionId), nil
}
