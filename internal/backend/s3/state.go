package s3

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"reconcile/internal/backend"
	"reconcile/internal/hint"
)

// Object is one version of the state object while it is read.
type Object struct {
	Body     io.ReadCloser
	Modified time.Time
	Size     int64
	ETag     string
	Version  string // "" in a bucket without versioning
	sum      hash.Hash
}

// Read reads on.
func (o *Object) Read(p []byte) (int, error) {
	n, err := o.Body.Read(p)
	o.sum.Write(p[:n])
	return n, err
}

// Close ends the reading.
func (o *Object) Close() error { return o.Body.Close() }

// MD5 is the digest of what was read, as Terraform keeps it in the lock table.
// It is the object's once Read has given io.EOF.
func (o *Object) MD5() string { return hex.EncodeToString(o.sum.Sum(nil)) }

// Open begins to read a version of the state object, "" for the present one.
// The error is ErrNoState, ErrNoBucket or ErrDenied where that is what AWS says.
func (r Reader) Open(ctx context.Context, version string) (*Object, error) {
	in := &s3.GetObjectInput{Bucket: &r.backend.Bucket, Key: &r.backend.StateKey}
	if version != "" {
		in.VersionId = &version
	}
	if c := r.customer; c != nil {
		in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5 = aws.String(customerCipher), &c[0], &c[1]
	}
	out, err := r.s3.GetObject(ctx, in)
	switch code(err) {
	case "NoSuchKey":
		return nil, fmt.Errorf("%s: %w", r.what(version), ErrNoState)
	case "NoSuchVersion":
		return nil, hint.Errorf("reconcile versions lists them", "%s: %w", r.what(version), ErrNoVersion)
	}
	if err != nil {
		return nil, r.explain(err, r.what(version))
	}
	return &Object{Body: out.Body, Modified: aws.ToTime(out.LastModified).UTC(), Size: aws.ToInt64(out.ContentLength),
		ETag: aws.ToString(out.ETag), Version: aws.ToString(out.VersionId), sum: md5.New()}, nil
}

// ErrNoVersion is a version that the bucket does not hold.
var ErrNoVersion = errors.New("there is no such version of it")

// Digest reads what the lock table says the state's MD5 is: "" where there is
// no table or no digest, which Terraform does not check.
func (r Reader) Digest(ctx context.Context) (string, error) {
	if r.backend.DynamoDBTable == "" {
		return "", nil
	}
	item, err := r.item(ctx, r.backend.LockPath().DigestRow)
	if err != nil {
		return "", err
	}
	if d, ok := item["Digest"].(*types.AttributeValueMemberS); ok {
		return d.Value, nil
	}
	return "", nil
}

func (r Reader) what(version string) string {
	text := "the state s3://" + r.backend.Bucket + "/" + r.backend.StateKey
	if version != "" {
		text += " (version " + version + ")"
	}
	return text
}

const customerCipher = "AES256"

// customerKey is the SSE-C key as S3 wants it.
func customerKey(secrets backend.Secrets) *[2]string {
	key := secrets.CustomerKey()
	raw, err := base64.StdEncoding.DecodeString(key)
	if key == "" || err != nil {
		return nil // S3 refuses, and says so
	}
	sum := md5.Sum(raw)
	return &[2]string{key, base64.StdEncoding.EncodeToString(sum[:])}
}
