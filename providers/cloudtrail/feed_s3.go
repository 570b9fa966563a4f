package cloudtrail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"reconcile/providers"
)

// bucketFeed is a trail's own files in S3.
type bucketFeed struct {
	client *s3.Client
	bucket string
	root   string   // "prefix/AWSLogs/"
	orgs   []string // "o-…/" folders below it; "" is the trail of one account
	looked bool
}

// Bucket returns the source that reads the files a trail has written into a
// bucket: of the accounts, regions and hours that are wanted, and of one hour
// beyond, because a file bears the time of its delivery.
func Bucket(cfg aws.Config, bucket, prefix string, x Index, progress func(done, total, items int)) *Bulk {
	f := &bucketFeed{bucket: bucket}
	f.root, f.orgs = logsRoot(prefix)
	f.looked = len(f.orgs) > 0
	f.client = s3Client(cfg, bucket)
	return &Bulk{index: x, progress: progress, feed: f}
}

func s3Client(cfg aws.Config, bucket string) *s3.Client {
	return s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.UsePathStyle = cfg.BaseEndpoint != nil || strings.Contains(bucket, ".")
		o.DisableLogOutputChecksumValidationSkipped = true
	})
}

// logsRoot is where the accounts' folders begin. Whoever copied the prefix from
// the console may have gone too deep.
func logsRoot(prefix string) (root string, orgs []string) {
	prefix = strings.Trim(prefix, "/")
	before, after, deep := strings.Cut("/"+prefix+"/", "/AWSLogs/")
	if deep {
		if org, _, _ := strings.Cut(after, "/"); strings.HasPrefix(org, "o-") {
			orgs = []string{org + "/"}
		}
	}
	root = strings.Trim(before, "/")
	if root != "" {
		root += "/"
	}
	return root + "AWSLogs/", orgs
}

func (f *bucketFeed) name() string {
	return "CloudTrail files in s3://" + f.bucket + "/" + strings.TrimSuffix(f.root, "AWSLogs/")
}

func (f *bucketFeed) promises() promises { return promises{again: true, all: true} }

const (
	// beforehand and afterwards are how far the names of files, which are of the
	// time of delivery, are read around a window.
	beforehand = 10 * time.Minute
	afterwards = time.Hour
)

func (f *bucketFeed) read(ctx context.Context, p Part, to *sink) {
	if err := f.organisations(ctx); err != nil {
		to.problem("%s: %s", f.name(), f.cause(err, "s3:ListBucket"))
		return
	}
	var keys []string
	var size int64
	hashes := map[string]string{} // of the files, as digests have them
	for _, at := range p.files() {
		for _, org := range f.orgs {
			more, bytes, err := f.list(ctx, f.root+org, at, p)
			if err != nil {
				to.problem("%s: the files of account %s in %s: %s", f.name(), at.Account, at.Region, f.cause(err, "s3:ListBucket"))
			}
			keys, size = append(keys, more...), size+bytes
			if p.wants(at) {
				f.digested(ctx, org, at, p, more, hashes, to)
			}
		}
	}
	to.note("%s: %d files, %s", f.name(), len(keys), megabytes(size))
	each(ctx, to, keys, atOnce, func(s *sieve, n int, key string) {
		body, err := f.get(ctx, key)
		if err != nil {
			to.lostFile(key, errors.New(f.cause(err, "s3:GetObject")))
			return
		}
		if want := hashes[key]; want != "" && want != sum(body) {
			to.problem("%s: %s is not as CloudTrail delivered it: its hash is another than in the trail's digest", f.name(), key)
		}
		to.file(s, n, key, bytes.NewReader(body))
	})
}

// atOnce is how many files are fetched at the same time.
const atOnce = 16

// organisations finds the folders of an organisation's trail. The trail of one
// account has none.
func (f *bucketFeed) organisations(ctx context.Context) error {
	if f.looked {
		return nil
	}
	in := &s3.ListObjectsV2Input{Bucket: &f.bucket, Prefix: new(f.root + "o-"), Delimiter: new("/")}
	out, err := f.client.ListObjectsV2(ctx, in)
	if region := elsewhere(err); region != "" {
		f.client = s3.New(f.client.Options(), func(o *s3.Options) { o.Region = region })
		out, err = f.client.ListObjectsV2(ctx, in)
	}
	if err != nil {
		return err
	}
	f.orgs, f.looked = []string{""}, true
	for _, c := range out.CommonPrefixes {
		f.orgs = append(f.orgs, strings.TrimPrefix(aws.ToString(c.Prefix), f.root))
	}
	return nil
}

// elsewhere is the region that a bucket says it is in when it was looked for in
// another.
func elsewhere(err error) string {
	if no, ok := errors.AsType[*awshttp.ResponseError](err); ok && no.HTTPResponse() != nil {
		switch no.HTTPStatusCode() {
		case 301, 307, 400:
			return no.HTTPResponse().Header.Get("X-Amz-Bucket-Region")
		}
	}
	return ""
}

func folder(root string, at providers.Place) string {
	return root + at.Account + "/CloudTrail/" + at.Region + "/"
}

// firstFile is the name before which no file of a place was delivered since t.
func firstFile(prefix string, at providers.Place, t time.Time) string {
	return prefix + t.Format(day) + "/" + at.Account + "_CloudTrail_" + at.Region + "_" + t.Format(minute)
}

// delivered reads the time from the name of a file.
var delivered = regexp.MustCompile(`_(\d{8}T\d{4})Z_[^/]*$`)

// How names spell times.
const (
	day    = "2006/01/02"
	minute = "20060102T1504"
)

// keys shows the objects of a folder of days, from a name up to a day.
func (f *bucketFeed) keys(ctx context.Context, prefix, after string, until time.Time, show func(key string, size int64)) error {
	pages := s3.NewListObjectsV2Paginator(f.client, &s3.ListObjectsV2Input{Bucket: &f.bucket, Prefix: &prefix, StartAfter: &after})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, o := range page.Contents {
			key := aws.ToString(o.Key)
			if at := strings.TrimPrefix(key, prefix); len(at) > len(day) && at[:len(day)] > until.Format(day) {
				return nil
			}
			show(key, aws.ToInt64(o.Size))
		}
	}
	return nil
}

// list names the files of a place. Names sort as their times do.
func (f *bucketFeed) list(ctx context.Context, root string, at providers.Place, p Part) (keys []string, size int64, err error) {
	from, to := p.from().UTC().Add(-beforehand), p.to().UTC().Add(afterwards)
	prefix := folder(root, at)
	err = f.keys(ctx, prefix, firstFile(prefix, at, from), to, func(key string, bytes int64) {
		if m := delivered.FindStringSubmatch(key); m != nil && (m[1] > to.Format(minute) || m[1] < from.Format(minute)) {
			return
		}
		if logName.MatchString(key) {
			keys, size = append(keys, key), size+bytes
		}
	})
	return keys, size, err
}

// get fetches a file, again if the connection breaks: a half of it is of no use.
func (f *bucketFeed) get(ctx context.Context, key string) (body []byte, err error) {
	for range 3 {
		var out *s3.GetObjectOutput
		if out, err = f.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &f.bucket, Key: &key}); err != nil {
			return nil, err
		}
		body, err = io.ReadAll(out.Body)
		_ = out.Body.Close()
		if err == nil || ctx.Err() != nil {
			break
		}
	}
	return body, err
}

// absent: a region in which nothing happened has no files for a while. One
// that got none since the window began may have no trail.
func (f *bucketFeed) absent(ctx context.Context, at providers.Place, p Part) string {
	for _, org := range f.orgs {
		prefix := folder(f.root+org, at)
		out, err := f.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &f.bucket, Prefix: &prefix, MaxKeys: new(int32(1)),
			StartAfter: new(firstFile(prefix, at, p.Since.UTC()))})
		if err == nil && len(out.Contents) > 0 {
			return ""
		}
	}
	return fmt.Sprintf("%s: no file of account %s in %s since the window began: whether the trail covers it is not known", f.name(), at.Account, at.Region)
}

func (f *bucketFeed) cause(err error, action string) string {
	return refused(err, "the caller's policy, the bucket's or that of its key lacks "+action)
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
