package ec2test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"reconcile/providers"
)

// Server answers for a World. It is also an http.Handler, for callers that have
// a listener of their own.
type Server struct {
	URL string // "http://127.0.0.1:PORT"

	world    *World
	faults   faults
	http     *http.Server
	listener net.Listener
	err      error
}

// NewServer starts a server on a free loopback port. If no port can be had, URL
// is empty and Err says why.
func NewServer(world *World) *Server {
	s := &Server{world: world}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	s.listener, s.err = net.Listen("tcp", "127.0.0.1:0")
	if s.err != nil {
		s.err = fmt.Errorf("open a loopback port for the AWS stand-in: %w", s.err)
		return s
	}
	s.URL = "http://" + s.listener.Addr().String()
	go func() { _ = s.http.Serve(s.listener) }() // ends with ErrServerClosed
	return s
}

// Err says why the server could not start, nil if it did.
func (s *Server) Err() error { return s.err }

// Client gives an HTTP client for the SDK to use with this server, or with any
// other that answers at once. The SDK's own closes a request's body as soon as
// the answer's head is there; if that is before net/http has seen the end of
// the body, smithy-go 1.28 reports EOF as a failed write and the connection is
// dropped under the answer. A body in memory is free of this.
func (s *Server) Client() *http.Client {
	return &http.Client{Transport: inMemory{&http.Transport{}}}
}

type inMemory struct{ next http.RoundTripper }

func (t inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		return t.next.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if err = errors.Join(err, r.Body.Close()); err != nil {
		return nil, fmt.Errorf("read the request's body: %w", err)
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	return t.next.RoundTrip(r)
}

// World is what the server answers from.
func (s *Server) World() *World { return s.world }

// Close stops the server and drops its connections.
func (s *Server) Close() {
	if s.listener != nil {
		_ = s.http.Close()
	}
}

// call is one request with all that a service needs to answer it.
type call struct {
	Request
	identity Identity
	place    providers.Place
	id       string // request id
	header   http.Header
	method   string
	settings settings
}

// read decodes a JSON request.
func (c *call) read(into any) error {
	if err := decode([]byte(c.Body), into); err != nil {
		return refuse("SerializationException", "%v", err)
	}
	return nil
}

// pageOf is how much a page holds of what the service or the caller bounds.
func (c *call) pageOf(most int) int {
	if c.settings.pageSize > 0 {
		return min(most, c.settings.pageSize)
	}
	return most
}

// settle is how long each answer takes at least: nearer to AWS than nothing is,
// and long enough for the SDK's own HTTP client to have finished its request
// (see Client). Measured: without it 3% of first calls fail, with it 0 of 6000.
const settle = time.Millisecond

// scope reads the credential scope of a SigV4 header: access key, region, service.
var scope = regexp.MustCompile(`Credential=([^/,]+)/\d{8}/([^/]+)/([^/]+)/aws4_request`)

// ServeHTTP answers one call of whichever service it is for.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := s.read(r)
	var a answer
	switch no, wait := s.faults.strike(&c.Request); {
	case err != nil:
		a = refused(c.Service, c.id, refuse("MalformedQueryString", "The request cannot be read: %v", err))
	case !pause(r.Context(), settle+wait):
		s.faults.record(c.Request) // the caller has gone: there is nobody to answer
		return
	case no != nil:
		c.Code = no.code
		a = refused(c.Service, c.id, no)
	default:
		c.settings = s.faults.settings(&c.Request)
		a, err = s.dispatch(&c)
		var no *refusal
		if errors.As(err, &no) {
			c.Code = no.code
			a = refused(c.Service, c.id, no)
		}
	}
	c.Status = a.status
	s.faults.record(c.Request)
	write(w, &c, a)
}

func (s *Server) dispatch(c *call) (answer, error) {
	switch c.Service {
	case "ec2":
		return s.ec2(c)
	case "ram", "directconnect":
		return s.json(c)
	case "cloudtrail":
		switch c.Action {
		case "DescribeTrails":
			return s.trails()
		case "StartQuery", "DescribeQuery", "GetQueryResults", "CancelQuery":
			return s.lake(c)
		}
		return s.lookupEvents(c)
	case "athena":
		return s.athena(c)
	case "sqs":
		return s.queue(c)
	case "sts":
		return s.sts(c)
	case "iam":
		return s.iam(c)
	case "dynamodb":
		return s.dynamodb(c)
	case "s3":
		return s.s3(c)
	}
	return answer{}, refuse("InvalidAction", "The service %s is not served here", c.Service)
}

// read tells the services apart: by the credential scope of the signature, and
// where there is none by the form of the request.
func (s *Server) read(r *http.Request) (call, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, 10<<20))
	c := call{id: s.faults.nextID(), header: r.Header, method: r.Method}
	c.Region, c.Form, c.Path, c.Page = s.world.home.Region, r.URL.Query(), r.URL.Path, 1
	if m := scope.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		c.AccessKey, c.Region, c.Service = m[1], m[2], m[3]
	}
	target := r.Header.Get("X-Amz-Target")
	isForm := strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
	if isForm {
		form, formErr := url.ParseQuery(string(body))
		c.Form, err = form, errors.Join(err, formErr)
	}
	if c.Service == "" {
		c.Service = guess(target, r.URL.Path, isForm, c.Form)
	}
	c.identity = s.world.identity(c.AccessKey)
	c.Account = c.identity.Account
	c.place = providers.Place{Account: c.Account, Region: c.Region}
	switch {
	case target != "":
		c.Action, c.Body = target[strings.LastIndex(target, ".")+1:], string(body)
	case c.Service == "ram":
		l, _ := findListing("ram", strings.TrimPrefix(r.URL.Path, "/"))
		c.Action, c.Body = l.action, string(body)
	case c.Service == "s3":
		c.Action = s3Action(r.Method, r.URL)
		if c.Action == "PutObject" && r.Header.Get("X-Amz-Copy-Source") != "" {
			c.Action = "CopyObject"
		}
		if err == nil && len(body) > 0 {
			body, err = unchunked(r.Header, body)
			c.Body = string(body)
		}
	default:
		c.Action = c.Form.Get("Action")
	}
	if t, ok := parseToken(nextToken(&c)); ok {
		c.Page = t.page
	}
	return c, err
}

func guess(target, path string, isForm bool, form url.Values) string {
	_, shares := findListing("ram", strings.TrimPrefix(path, "/"))
	switch {
	case shares:
		return "ram"
	case strings.Contains(target, "OvertureService"):
		return "directconnect"
	case strings.Contains(target, "CloudTrail"):
		return "cloudtrail"
	case strings.Contains(target, "DynamoDB"):
		return "dynamodb"
	case strings.Contains(target, "Athena"):
		return "athena"
	case strings.Contains(target, "SQS"):
		return "sqs"
	case isForm && form.Get("Version") == "2011-06-15":
		return "sts"
	case isForm && form.Get("Version") == "2010-05-08":
		return "iam"
	case isForm:
		return "ec2"
	}
	return "s3"
}

// pause waits and reports whether the caller is still there.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func write(w http.ResponseWriter, c *call, a answer) {
	h := w.Header()
	maps.Copy(h, a.header)
	h.Set("Content-Type", a.kind)
	h.Set("x-amzn-RequestId", c.id)
	length := len(a.body)
	if c.method == http.MethodHead {
		length = a.total
	}
	h.Set("Content-Length", strconv.Itoa(length))
	w.WriteHeader(a.status)
	if c.method != http.MethodHead {
		_, _ = w.Write(a.body) // the caller may have gone
	}
}
