package ec2test

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// bucket keeps the versions of its objects, oldest first. It is versioned, if
// nothing else is said of it.
type bucket struct {
	region   string
	versions map[string][]object
}

type object struct {
	body     []byte
	modified time.Time
	version  string
	deleted  bool   // a delete marker
	cipher   string // what it is encrypted with, "" for nothing told
	cipherID string // and by which key
}

// etag is the MD5 of the body in quotes, as S3 gives it for an object that was
// put in one part.
func (o object) etag() string {
	sum := md5.Sum(o.body)
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

// s3Action names the call that a path-style request makes.
func s3Action(method string, u *url.URL) string {
	_, key, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	q := u.Query()
	switch {
	case method == http.MethodPut && key != "":
		return "PutObject"
	case method == http.MethodDelete && key != "":
		return "DeleteObject"
	case method == http.MethodGet && key != "":
		return "GetObject"
	case method == http.MethodHead && key != "":
		return "HeadObject"
	case method == http.MethodHead:
		return "HeadBucket"
	case method == http.MethodGet && q.Has("versioning"):
		return "GetBucketVersioning"
	case method == http.MethodGet && q.Has("versions"):
		return "ListObjectVersions"
	case method == http.MethodGet && q.Get("list-type") == "2":
		return "ListObjectsV2"
	}
	return method
}

func (s *Server) s3(c *call) (answer, error) {
	name, key, _ := strings.Cut(strings.TrimPrefix(c.Path, "/"), "/")
	switch c.Action {
	case "PutObject", "CopyObject", "DeleteObject":
		return s.writeObject(c, name, key)
	}
	s.world.mu.RLock()
	defer s.world.mu.RUnlock()
	b, exists := s.world.buckets[name]
	if !exists {
		return answer{}, refuse("NoSuchBucket", "The specified bucket does not exist: %s", name)
	}
	a := answer{status: http.StatusOK, kind: "application/xml", header: http.Header{}}
	a.header.Set("X-Amz-Bucket-Region", b.region)
	if b.region != c.Region && c.AccessKey != "" {
		a = refused("s3", c.id, refuse("PermanentRedirect", "The bucket you are attempting to access must be addressed using the specified endpoint."))
		a.status, a.header = http.StatusMovedPermanently, http.Header{"X-Amz-Bucket-Region": {b.region}}
		c.Code = "PermanentRedirect"
		return a, nil
	}
	switch c.Action {
	case "HeadBucket":
	case "GetBucketVersioning":
		a.body = []byte(`<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>`)
		if s.world.stores.unversioned[name] {
			a.body = []byte(`<VersioningConfiguration/>`)
		}
	case "ListObjectVersions":
		return b.list(c, name)
	case "ListObjectsV2":
		return b.objects(c, name)
	case "GetObject", "HeadObject":
		o, no := b.find(key, c.Form.Get("versionId"))
		if bad := customerKey(c); bad != nil {
			return answer{}, bad
		}
		if no != nil {
			return answer{}, no
		}
		a.kind, a.body, a.total = "application/json", o.body, len(o.body)
		a.header.Set("ETag", o.etag())
		a.header.Set("Last-Modified", o.modified.Format(http.TimeFormat))
		a.header.Set("X-Amz-Version-Id", o.version)
		o.encrypted(a.header)
	default:
		return answer{}, refuse("NotImplemented", "%s %s is not served here", c.Action, c.Path)
	}
	return a, nil
}

// find gives a version of an object, the last one if version is "".
func (b *bucket) find(key, version string) (object, *refusal) {
	versions := b.versions[key]
	switch {
	case len(versions) == 0:
		return object{}, refuse("NoSuchKey", "The specified key does not exist.")
	case version == "" && versions[len(versions)-1].deleted:
		return object{}, refuse("NoSuchKey", "The specified key does not exist.")
	case version == "":
		return versions[len(versions)-1], nil
	}
	i := slices.IndexFunc(versions, func(o object) bool { return o.version == version })
	if i < 0 {
		return object{}, refuse("NoSuchVersion", "The specified version does not exist.")
	}
	if versions[i].deleted {
		return object{}, refuse("MethodNotAllowed", "The specified method is not allowed against this resource.")
	}
	return versions[i], nil
}

// list answers ListObjectVersions: keys in order, newest version first. Pages
// are cut by version; the marker is a token of this server's own.
func (b *bucket) list(c *call, name string) (answer, error) {
	type version struct {
		key    string
		latest bool
		object
	}
	prefix := c.Form.Get("prefix")
	var all []version
	for _, key := range slices.Sorted(maps.Keys(b.versions)) {
		if !strings.HasPrefix(key, prefix) {
			continue
		}
		for i, o := range slices.Backward(b.versions[key]) {
			all = append(all, version{key, i == len(b.versions[key])-1, o})
		}
	}
	size := 1000
	if n, err := strconv.Atoi(c.Form.Get("max-keys")); err == nil && n > 0 {
		size = min(size, n)
	}
	size = c.pageOf(size)
	from, to, next, ok := window(len(all), size, c.Form.Get("version-id-marker"), name+"/"+prefix)
	if !ok {
		return answer{}, refuse("InvalidArgument", "The version-id-marker is invalid")
	}
	var out bytes.Buffer
	out.WriteString("<ListVersionsResult>")
	leaf(&out, "Name", name)
	leaf(&out, "Prefix", prefix)
	leaf(&out, "IsTruncated", strconv.FormatBool(next != ""))
	if next != "" {
		leaf(&out, "NextKeyMarker", all[to].key)
		leaf(&out, "NextVersionIdMarker", next)
	}
	for _, v := range all[from:to] {
		kind := "Version"
		if v.deleted {
			kind = "DeleteMarker"
		}
		element(&out, kind, func() {
			leaf(&out, "Key", v.key)
			leaf(&out, "VersionId", v.version)
			leaf(&out, "IsLatest", strconv.FormatBool(v.latest))
			leaf(&out, "LastModified", v.modified.Format("2006-01-02T15:04:05.000Z"))
			if v.deleted {
				return
			}
			leaf(&out, "ETag", v.etag())
			leaf(&out, "Size", strconv.Itoa(len(v.body)))
		})
	}
	out.WriteString("</ListVersionsResult>")
	return answer{status: http.StatusOK, kind: "application/xml", body: out.Bytes()}, nil
}
