package ec2test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// encrypted tells what an object is encrypted with.
func (o object) encrypted(h http.Header) {
	if o.cipher != "" {
		h.Set("X-Amz-Server-Side-Encryption", o.cipher)
	}
	if o.cipherID != "" {
		h.Set("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", o.cipherID)
	}
}

// writeObject answers PutObject, CopyObject and DeleteObject, each with its
// conditions, as one step.
func (s *Server) writeObject(c *call, name, key string) (answer, error) {
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	b, exists := w.buckets[name]
	if !exists {
		return answer{}, refuse("NoSuchBucket", "The specified bucket does not exist: %s", name)
	}
	a := answer{status: http.StatusOK, kind: "application/xml", header: http.Header{}}
	version := c.Form.Get("versionId")
	if c.Action == "DeleteObject" && version != "" {
		b.versions[key] = slices.DeleteFunc(slices.Clone(b.versions[key]), func(o object) bool { return o.version == version })
		if len(b.versions[key]) == 0 {
			delete(b.versions, key)
		}
		a.status = http.StatusNoContent
		return a, nil
	}
	current, missing := b.find(key, "")
	if no := conditions(c.header, current, missing); no != nil {
		return answer{}, no
	}
	o := object{modified: c.settings.now.UTC(), cipher: c.header.Get("X-Amz-Server-Side-Encryption"),
		cipherID: c.header.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id")}
	switch c.Action {
	case "DeleteObject":
		a.status = http.StatusNoContent
		if w.stores.unversioned[name] {
			delete(b.versions, key)
			return a, nil
		}
		o.deleted = true
		a.header.Set("X-Amz-Delete-Marker", "true")
	case "PutObject":
		o.body = []byte(c.Body)
	case "CopyObject":
		from, no := w.source(c.header.Get("X-Amz-Copy-Source"))
		if no != nil {
			return answer{}, no
		}
		o.body = from.body
		a.header.Set("X-Amz-Copy-Source-Version-Id", from.version)
		var out bytes.Buffer
		element(&out, "CopyObjectResult", func() {
			leaf(&out, "ETag", o.etag())
			leaf(&out, "LastModified", o.modified.Format("2006-01-02T15:04:05.000Z"))
		})
		a.body = out.Bytes()
	}
	w.seq++
	o.version = fmt.Sprintf("v%08d", w.seq)
	if w.stores.unversioned[name] {
		o.version = "null"
		b.versions[key] = slices.DeleteFunc(slices.Clone(b.versions[key]), func(old object) bool { return old.version == "null" })
	}
	b.versions[key] = append(slices.Clone(b.versions[key]), o)
	a.header.Set("X-Amz-Version-Id", o.version)
	if !o.deleted {
		a.header.Set("ETag", o.etag())
		o.encrypted(a.header)
	}
	return a, nil
}

// source finds what a copy is of: bucket/key?versionId=version, percent-encoded.
func (w *World) source(s string) (object, *refusal) {
	path, version, _ := strings.Cut(strings.TrimPrefix(s, "/"), "?versionId=")
	path, err := url.PathUnescape(path)
	name, key, ok := strings.Cut(path, "/")
	if err != nil || !ok {
		return object{}, refuse("InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
	}
	b, exists := w.buckets[name]
	if !exists {
		return object{}, refuse("NoSuchBucket", "The specified bucket does not exist: %s", name)
	}
	return b.find(key, version)
}

// conditions are those that S3 has for writes.
func conditions(h http.Header, current object, missing *refusal) *refusal {
	const failed = "At least one of the pre-conditions you specified did not hold"
	if none := h.Get("If-None-Match"); none != "" {
		if none != "*" {
			return refuse("NotImplemented", "A header you provided implies functionality that is not implemented")
		}
		if missing == nil {
			return refuse("PreconditionFailed", failed)
		}
	}
	if match := h.Get("If-Match"); match != "" {
		if missing != nil {
			return missing
		}
		if match != "*" && strings.Trim(match, `"`) != strings.Trim(current.etag(), `"`) {
			return refuse("PreconditionFailed", failed)
		}
	}
	return nil
}

// unchunked takes the body out of the frames in which some clients send it:
// SIZE;chunk-signature=…, the bytes, and so on until a size of 0, then trailers.
func unchunked(h http.Header, body []byte) ([]byte, error) {
	if !strings.Contains(h.Get("Content-Encoding"), "aws-chunked") && !strings.HasPrefix(h.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		return body, nil
	}
	var out []byte
	for {
		line, rest, ok := bytes.Cut(body, []byte("\r\n"))
		digits, _, _ := strings.Cut(string(line), ";")
		size, err := strconv.ParseUint(digits, 16, 32)
		if !ok || err != nil || uint64(len(rest)) < size {
			return nil, fmt.Errorf("the body is not framed as aws-chunked")
		}
		if size == 0 {
			return out, nil
		}
		out = append(out, rest[:size]...)
		body = bytes.TrimPrefix(rest[size:], []byte("\r\n"))
	}
}
