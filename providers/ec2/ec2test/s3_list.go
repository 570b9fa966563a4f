package ec2test

import (
	"bytes"
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// objects answers ListObjectsV2: keys in order, folders where a delimiter asks
// for them, the token the last key of the page before.
func (b *bucket) objects(c *call, name string) (answer, error) {
	q := c.Form
	prefix, after, delimiter := q.Get("prefix"), q.Get("start-after"), q.Get("delimiter")
	if token := q.Get("continuation-token"); token != "" {
		raw, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil {
			return answer{}, refuse("InvalidArgument", "The continuation token provided is incorrect")
		}
		after = string(raw)
	}
	size := 1000
	if n, err := strconv.Atoi(q.Get("max-keys")); err == nil && n >= 0 {
		size = min(size, n)
	}
	size = c.pageOf(size)
	var out bytes.Buffer
	n, last, truncated := 0, "", false
	folder := ""
	var contents bytes.Buffer
	for _, key := range slices.Sorted(maps.Keys(b.versions)) {
		if versions := b.versions[key]; versions[len(versions)-1].deleted {
			continue
		}
		if !strings.HasPrefix(key, prefix) || key <= after || (folder != "" && strings.HasPrefix(key, folder)) {
			continue
		}
		if n == size {
			truncated = true
			break
		}
		n, last, folder = n+1, key, ""
		if delimiter != "" {
			if i := strings.Index(key[len(prefix):], delimiter); i >= 0 {
				folder = key[:len(prefix)+i+len(delimiter)]
				last = folder + "\U0010ffff"
				element(&contents, "CommonPrefixes", func() { leaf(&contents, "Prefix", folder) })
				continue
			}
		}
		o := b.versions[key][len(b.versions[key])-1]
		element(&contents, "Contents", func() {
			leaf(&contents, "Key", key)
			leaf(&contents, "LastModified", o.modified.Format("2006-01-02T15:04:05.000Z"))
			leaf(&contents, "ETag", o.etag())
			leaf(&contents, "Size", strconv.Itoa(len(o.body)))
		})
	}
	out.WriteString("<ListBucketResult>")
	leaf(&out, "Name", name)
	leaf(&out, "Prefix", prefix)
	leaf(&out, "KeyCount", strconv.Itoa(n))
	leaf(&out, "IsTruncated", strconv.FormatBool(truncated))
	if truncated {
		leaf(&out, "NextContinuationToken", base64.RawURLEncoding.EncodeToString([]byte(last)))
	}
	out.Write(contents.Bytes())
	out.WriteString("</ListBucketResult>")
	return answer{status: http.StatusOK, kind: "application/xml", body: out.Bytes()}, nil
}
