package s3

import (
	"cmp"
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"reconcile/internal/backend"
)

// Versioning asks whether the bucket keeps versions.
func (r Reader) Versioning(ctx context.Context) (backend.Versioning, error) {
	out, err := r.s3.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &r.backend.Bucket})
	if err != nil {
		return "", r.explain(err, "the versioning of the bucket "+r.backend.Bucket)
	}
	return backend.Versioning(out.Status), nil
}

// Versions lists the versions of the state object, newest first.
func (r Reader) Versions(ctx context.Context) ([]backend.Version, error) {
	key := r.backend.StateKey
	pages := s3.NewListObjectVersionsPaginator(r.s3, &s3.ListObjectVersionsInput{Bucket: &r.backend.Bucket, Prefix: &key})
	var out []backend.Version
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, r.explain(err, "the versions of "+r.url(""))
		}
		passed := false // keys come in order: what begins with this one and is longer comes after it
		for _, v := range page.Versions {
			if aws.ToString(v.Key) != key {
				passed = true
				continue
			}
			out = append(out, backend.Version{ID: aws.ToString(v.VersionId), Modified: aws.ToTime(v.LastModified).UTC(),
				Size: aws.ToInt64(v.Size), ETag: unquoted(v.ETag), Current: aws.ToBool(v.IsLatest)})
		}
		for _, m := range page.DeleteMarkers {
			if aws.ToString(m.Key) == key {
				out = append(out, backend.Version{ID: aws.ToString(m.VersionId), Modified: aws.ToTime(m.LastModified).UTC(),
					Current: aws.ToBool(m.IsLatest), Deleted: true})
			}
		}
		if passed {
			break
		}
	}
	// Versions of one second keep S3's order, which is the order of writing; the
	// current one is the last that was written.
	slices.SortStableFunc(out, func(a, b backend.Version) int {
		if a.Current != b.Current {
			if a.Current {
				return -1
			}
			return 1
		}
		return b.Modified.Compare(a.Modified)
	})
	return out, nil
}

// Open opens a version of the state object, the current one for "". The caller
// closes the body.
func (r Reader) Open(ctx context.Context, version string) (backend.Version, io.ReadCloser, error) {
	in := &s3.GetObjectInput{Bucket: &r.backend.Bucket, Key: &r.backend.StateKey}
	if version != "" {
		in.VersionId = &version
	}
	out, err := r.s3.GetObject(ctx, in)
	switch code(err) {
	case "":
	case "NoSuchKey":
		return backend.Version{}, nil, fmt.Errorf("%s: %w", r.url(version), ErrNoState)
	case "NoSuchVersion":
		return backend.Version{}, nil, fmt.Errorf("%s: %w", r.url(version), ErrNoVersion)
	}
	if err != nil {
		return backend.Version{}, nil, r.explain(err, "the state "+r.url(version))
	}
	return backend.Version{ID: cmp.Or(aws.ToString(out.VersionId), version), Modified: aws.ToTime(out.LastModified).UTC(),
		Size: aws.ToInt64(out.ContentLength), ETag: unquoted(out.ETag), Current: version == ""}, out.Body, nil
}

// Object reads a version of the state object, the current one for "".
func (r Reader) Object(ctx context.Context, version string) (backend.Object, error) {
	v, body, err := r.Open(ctx, version)
	if err != nil {
		return backend.Object{}, err
	}
	defer body.Close()
	data, err := io.ReadAll(body)
	if err != nil {
		return backend.Object{}, r.explain(err, "the state "+r.url(version))
	}
	sum := md5.Sum(data)
	return backend.Object{Version: v, Body: data, MD5: hex.EncodeToString(sum[:])}, nil
}

// url names a version for a person.
func (r Reader) url(version string) string {
	out := "s3://" + r.backend.Bucket + "/" + r.backend.StateKey
	if version != "" {
		out += "?versionId=" + version
	}
	return out
}

func unquoted(etag *string) string { return strings.Trim(aws.ToString(etag), `"`) }
