package ec2test

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Request is one call that the server received.
type Request struct {
	Service   string // ec2, ram, directconnect, cloudtrail, sts, dynamodb, s3
	Action    string // "DescribeVpcs"
	Account   string // of the identity that the access key speaks for
	Region    string
	AccessKey string
	Page      int        // 1 where there was no token
	Form      url.Values // of the form protocols, and of an S3 query
	Body      string     // of the JSON protocols
	Path      string     // of S3
	Status    int        // HTTP status of the answer
	Code      string     // AWS error code of the answer, "" for success
}

// faults are the ways in which the world misbehaves, and the record of calls.
type faults struct {
	mu       sync.Mutex
	requests []Request
	failures []*failure
	delays   map[string]time.Duration
	truncate map[string]bool
	seen     map[string]int // how often a request came, for Throttle

	throttleRate  float64
	throttleSeed  int64
	trailRate     int
	trailCalls    map[string][]time.Time
	trailDelay    time.Duration
	pageSize      int
	clock         func() time.Time
	requestNumber int
}

type failure struct {
	action  string
	page    int // 0: every page
	refusal *refusal
	deny    bool
	left    int // -1: for ever
}

// Calls counts the calls by "service:action".
func (s *Server) Calls() map[string]int {
	out := map[string]int{}
	for _, r := range s.Requests() {
		out[r.Service+":"+r.Action]++
	}
	return out
}

// Requests lists the calls in the order in which they were answered.
func (s *Server) Requests() []Request {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	return slices.Clone(s.faults.requests)
}

// Forget empties the record of calls.
func (s *Server) Forget() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.requests = nil
}

// Heal ends every fault; the page size, the clock and the record of calls stay.
func (s *Server) Heal() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	f := &s.faults
	f.failures, f.delays, f.truncate, f.seen = nil, nil, nil, nil
	f.throttleRate, f.trailRate, f.trailCalls, f.trailDelay = 0, 0, nil, 0
}

// Fail refuses every call of an action with an error code. The action is
// "DescribeVpcs", "ec2:DescribeVpcs", or "ec2:*" for a whole service. Status 0 is the one that
// AWS sends with that code.
func (s *Server) Fail(action, code string, status int) { s.fail(-1, 0, action, code, status) }

// FailTimes is Fail for the next n calls only: what a retry gets over.
func (s *Server) FailTimes(n int, action, code string, status int) {
	s.fail(n, 0, action, code, status)
}

// FailPage refuses one page of an action, the first being 1, and lets the
// others through.
func (s *Server) FailPage(action string, page int, code string) { s.fail(-1, page, action, code, 0) }

// Deny refuses an action as its service does when a policy does not allow it.
func (s *Server) Deny(action string) {
	s.addFailure(&failure{action: action, deny: true, left: -1})
}

func (s *Server) fail(times, page int, action, code string, status int) {
	r := refuse(code, "The call of %s was made to fail", action)
	if status != 0 {
		r.status = status
	}
	s.addFailure(&failure{action: action, page: page, refusal: r, left: times})
}

func (s *Server) addFailure(f *failure) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.failures = append(s.faults.failures, f)
}

// Delay makes every call of an action take d longer, or until its caller hangs up.
func (s *Server) Delay(action string, d time.Duration) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.delays = with(s.faults.delays, action, d)
}

// Throttle refuses this share of EC2 calls, from 0 to 1, with
// RequestLimitExceeded. Which ones depends on the seed, the request and how
// often it was made, not on the order in which different requests arrive.
func (s *Server) Throttle(rate float64, seed int64) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.throttleRate, s.faults.throttleSeed, s.faults.seen = rate, seed, map[string]int{}
}

// ThrottleTrail lets only so many LookupEvents calls through in a second, for
// each account and region; AWS allows 2. 0 ends it.
func (s *Server) ThrottleTrail(perSecond int) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.trailRate, s.faults.trailCalls = perSecond, map[string][]time.Time{}
}

// DelayTrail hides events that are younger than d.
func (s *Server) DelayTrail(d time.Duration) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.trailDelay = d
}

// Truncate leaves out the token that would lead to the next page of an action.
// SearchTransitGatewayRoutes then only says that there are more routes.
func (s *Server) Truncate(action string) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.truncate = with(s.faults.truncate, action, true)
}

// PageSize caps the pages of every listing, as AWS may at any time answer with
// fewer than MaxResults. 0 ends it.
func (s *Server) PageSize(n int) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.pageSize = n
}

// SetClock says what time it is for DelayTrail. Default time.Now.
func (s *Server) SetClock(now func() time.Time) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.clock = now
}

func with[V any](m map[string]V, key string, v V) map[string]V {
	out := maps.Clone(m)
	if out == nil {
		out = map[string]V{}
	}
	out[key] = v
	return out
}

// means reports whether the name of a fault is about this call.
func means(name string, r *Request) bool {
	service, action, both := strings.Cut(name, ":")
	if !both {
		return name == r.Action
	}
	return service == r.Service && (action == "*" || action == r.Action)
}

// strike gives the refusal that the faults have for a call, nil if none has,
// and how long to wait before the answer.
func (f *faults) strike(r *Request) (no *refusal, wait time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name, d := range f.delays {
		if means(name, r) {
			wait = max(wait, d)
		}
	}
	for _, x := range f.failures {
		if x.left == 0 || !means(x.action, r) || (x.page != 0 && x.page != r.Page) {
			continue
		}
		if x.left > 0 {
			x.left--
		}
		if x.deny {
			return denied(r.Service, r.Action), wait
		}
		return x.refusal, wait
	}
	if f.throttled(r) {
		return refuse("RequestLimitExceeded", "Request limit exceeded."), wait
	}
	if f.trailThrottled(r) {
		return refuse("ThrottlingException", "Rate exceeded"), wait
	}
	return nil, wait
}

func (f *faults) throttled(r *Request) bool {
	if f.throttleRate <= 0 || r.Service != "ec2" {
		return false
	}
	request := r.Account + r.Region + r.Form.Encode()
	f.seen[request]++
	h := digest(fmt.Sprintf("%d %d %s", f.throttleSeed, f.seen[request], request))
	// FNV leaves the high bits of similar texts alike: stir before taking a share.
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	return float64(h>>11)/(1<<53) < f.throttleRate
}

func (f *faults) trailThrottled(r *Request) bool {
	if f.trailRate <= 0 || r.Service != "cloudtrail" {
		return false
	}
	place, now := r.Account+r.Region, time.Now()
	recent := slices.DeleteFunc(f.trailCalls[place], func(t time.Time) bool { return now.Sub(t) >= time.Second })
	if len(recent) >= f.trailRate {
		f.trailCalls[place] = recent
		return true
	}
	f.trailCalls[place] = append(recent, now)
	return false
}

// settings are what the handlers need to know of the faults.
type settings struct {
	pageSize   int
	truncated  bool
	trailDelay time.Duration
	now        time.Time
}

func (f *faults) settings(r *Request) settings {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := settings{pageSize: f.pageSize, trailDelay: f.trailDelay, now: time.Now()}
	if f.clock != nil {
		s.now = f.clock()
	}
	for name := range f.truncate {
		s.truncated = s.truncated || means(name, r)
	}
	return s
}

func (f *faults) record(r Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = append(f.requests, r)
}

// nextID numbers the requests, so that two runs print the same ids.
func (f *faults) nextID() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requestNumber++
	return fmt.Sprintf("00000000-0000-4000-8000-%012d", f.requestNumber)
}
