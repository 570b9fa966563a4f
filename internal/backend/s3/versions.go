package s3

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"reconcile/internal/backend"
)

// Versions lists the versions of the state object, newest first.
func (r Reader) Versions(ctx context.Context) ([]backend.Version, error) {
	key := r.backend.StateKey
	pages := s3.NewListObjectVersionsPaginator(r.s3, &s3.ListObjectVersionsInput{Bucket: &r.backend.Bucket, Prefix: &key})
	var out []backend.Version
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, r.explain(err, "the versions of s3://"+r.backend.Bucket+"/"+key)
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

// Object reads a version of the state object, the current one for "".
func (r Reader) Object(ctx context.Context, version string) (backend.Object, error) {
	o, err := r.Open(ctx, version)
	if err != nil {
		return backend.Object{}, err
	}
	defer o.Close()
	data, err := io.ReadAll(o)
	if err != nil {
		return backend.Object{}, r.explain(err, r.what(version))
	}
	return backend.Object{Body: data, MD5: o.MD5(), Version: backend.Version{ID: cmp.Or(o.Version, version), Modified: o.Modified, Size: o.Size,
		ETag: unquoted(&o.ETag), Current: version == ""}}, nil
}

func unquoted(etag *string) string { return strings.Trim(aws.ToString(etag), `"`) }
