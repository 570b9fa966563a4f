package providers

import (
	"slices"
	"time"
)

// Run is one session of a role, or what one access key of a user did: all that
// the trail tells of it. A key that may have taken over from another one, and may
// as well be the next job's of that name, is a run of its own that says so.
type Run struct {
	Role    string   `json:"role"`              // ARN of the role or user
	Name    string   `json:"name"`              // role session name, "" of a user
	Subject string   `json:"subject,omitempty"` // for whom an identity provider spoke
	Keys    []RunKey `json:"keys"`              // in the order in which they were first used
	// Continues is the key from which this run's may have taken over: whether that
	// run was refreshed or another one of its name began cannot be told. "" where
	// no key can have been followed by this one.
	Continues string `json:"may_continue,omitempty"`
	// First and Last are of its calls, reads too; zero where none was seen.
	// Answered is the last one that AWS did not refuse.
	First    time.Time `json:"first,omitzero"`
	Last     time.Time `json:"last,omitzero"`
	Answered time.Time `json:"answered,omitzero"`
	// Counts of its calls, each call in one of them.
	Reads   int `json:"reads"`
	Changes int `json:"changes"`
	Failed  int `json:"failed"`  // for a fault of the request, or of AWS
	Refused int `json:"refused"` // for want of a right, or of a session that is alive
	// FirstRefused is its first refused call, nil if none was. Stopped is the
	// first after which nothing was answered any more; nil if the last call was
	// answered, or nothing ever was.
	FirstRefused *Refusal `json:"first_refused,omitempty"`
	Stopped      *Refusal `json:"stopped,omitempty"`
	// Whole: all its calls of the window were read. Else only the newest were,
	// so the first call may have been earlier and the counts are too low.
	Whole bool `json:"whole"`
}

// RunKey is an access key of a run and its life.
type RunKey struct {
	ID     string    `json:"id"`
	Issued time.Time `json:"issued,omitzero"` // zero: not known
	// Life is what was asked for, or what AWS gives if nothing was; 0 if the
	// call that issued the key was not found.
	Life time.Duration `json:"-"`
	// Expires is when the key ceases to work: zero if not known. Latest is the
	// last moment at which any key of its sort can: zero for one that lasts.
	Expires time.Time `json:"expires,omitzero"`
	Latest  time.Time `json:"latest,omitzero"`
	Lasts   bool      `json:"lasts,omitempty"`       // a user's own: it has no end
	Event   string    `json:"issue_event,omitempty"` // the call that issued it
	By      string    `json:"issued_to,omitempty"`   // who made that call
	First   time.Time `json:"first,omitzero"`        // of its calls
	Last    time.Time `json:"last,omitzero"`
}

// Refusal is a call that AWS refused.
type Refusal struct {
	Time    time.Time `json:"time"`
	Name    string    `json:"name"`
	Code    string    `json:"code"`
	EventID string    `json:"event_id"`
}

// With is a run together with another part of it: what it did with another key.
func (r Run) With(sub Run) Run {
	ends := []*Refusal{r.lastRefused(), sub.lastRefused()}
	r.Keys = append(slices.Clone(r.Keys), sub.Keys...)
	r.Reads, r.Changes, r.Failed, r.Refused = r.Reads+sub.Reads, r.Changes+sub.Changes, r.Failed+sub.Failed, r.Refused+sub.Refused
	if r.Subject == "" {
		r.Subject = sub.Subject
	}
	if sub.Last.After(r.Last) {
		r.Last = sub.Last
	}
	if sub.Answered.After(r.Answered) {
		r.Answered = sub.Answered
	}
	r.Stopped = nil
	for _, s := range ends {
		if s != nil && !r.Answered.IsZero() && s.Time.After(r.Answered) && (r.Stopped == nil || s.Time.Before(r.Stopped.Time)) {
			r.Stopped = s
		}
	}
	if s := sub.FirstRefused; s != nil && (r.FirstRefused == nil || s.Time.Before(r.FirstRefused.Time)) {
		r.FirstRefused = s
	}
	r.Whole = r.Whole && sub.Whole
	return r
}

// lastRefused is the refusal from which on nothing was answered, the first one
// where nothing ever was.
func (r Run) lastRefused() *Refusal {
	if r.Answered.IsZero() {
		return r.FirstRefused
	}
	return r.Stopped
}

// Calls is how many were seen.
func (r Run) Calls() int { return r.Reads + r.Changes + r.Failed + r.Refused }

// KeyIDs are the ids of its keys.
func (r Run) KeyIDs() []string {
	out := make([]string, len(r.Keys))
	for i, k := range r.Keys {
		out[i] = k.ID
	}
	return out
}

// Codes by which AWS refuses a call for want of a right, or of a session that is
// still alive. In the trail they tell the session that died.
var (
	deniedCodes  = []string{"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
	expiredCodes = []string{"ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId", "AuthFailure"}
)

// IsDenied reports whether an error code says that the caller lacks a right.
func IsDenied(code string) bool { return slices.Contains(deniedCodes, code) }

// IsExpired reports whether an error code says that the caller's credentials
// are no good any more.
func IsExpired(code string) bool { return slices.Contains(expiredCodes, code) }

// IsRefusal reports whether an error code is a refusal of the caller, rather
// than a fault of the request.
func IsRefusal(code string) bool { return IsDenied(code) || IsExpired(code) }
