package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"reconcile/internal/backend"
	"reconcile/providers"
)

// Moment is one thing that happened, for the timeline.
type Moment struct {
	Time time.Time  `json:"time"`
	Kind MomentKind `json:"kind"`
	What string     `json:"what"` // in words, for a reader
	// Type and ID are of what it happened to, Address where that belongs; ""
	// where they are not known. Of a lock ID is its own, of a write of the state
	// the version's.
	Type    string `json:"type,omitempty"`
	ID      string `json:"id,omitempty"`
	Address string `json:"address,omitempty"`
	EventID string `json:"event_id,omitempty"`
	Call    string `json:"call,omitempty"` // "ec2:CreateVpc"
	Code    string `json:"error_code,omitempty"`
	By      string `json:"by,omitempty"`      // who did it
	Outcome string `json:"outcome,omitempty"` // of a change: see Accounted
	Account string `json:"account,omitempty"`
	Region  string `json:"region,omitempty"`
}

// MomentKind says what sort of thing happened.
type MomentKind string

// The kinds. Of those of one second the first of these comes first.
const (
	SessionBegan  MomentKind = "session"     // a key of the session was issued
	LockTaken     MomentKind = "lock"        // the lock that is still held was taken
	StateWritten  MomentKind = "state_write" // a version of the state object
	Changed       MomentKind = "change"      // the session changed something
	OtherChanged  MomentKind = "other"       // somebody else did, and a finding speaks of it
	CallFailed    MomentKind = "failed"      // a call of the session's failed, not for want of a right
	CallRefused   MomentKind = "refused"     // a call of the session's was refused
	Stopped       MomentKind = "credentials" // the first refusal after which the session changed nothing any more
	LogEnded      MomentKind = "log_end"     // the apply's log ends
	SessionExpiry MomentKind = "expiry"      // a key of the session ceased to work
)

var momentKinds = []MomentKind{SessionBegan, LockTaken, StateWritten, Changed, OtherChanged, CallFailed, CallRefused, Stopped, LogEnded, SessionExpiry}

// StateWrite is one version of the state object.
type StateWrite struct {
	Version string
	Time    time.Time
	Bytes   int64
	Deleted bool // the object was deleted then
}

// timeline puts what is known into the order in which it happened.
func (b *builder) timeline() {
	var out []Moment
	if l := b.in.Lock; l.Status == backend.Held && !l.Created.IsZero() {
		out = append(out, Moment{Time: l.Created.UTC(), Kind: LockTaken, ID: l.ID, By: l.Who, What: "the lock was taken" + operation(l.Operation)})
	}
	for _, w := range b.in.StateWrites {
		m := Moment{Time: w.Time.UTC(), Kind: StateWritten, ID: w.Version, What: fmt.Sprintf("the state was written, %d bytes", w.Bytes)}
		if w.Deleted {
			m.What = "the state was deleted"
		}
		out = append(out, m)
	}
	for _, k := range b.in.Session.Keys {
		if b.inWindow(k.Issued) {
			out = append(out, Moment{Time: k.Issued, Kind: SessionBegan, ID: k.ID, EventID: k.Event, By: k.By, What: "the session began: the key " + k.ID + " was issued"})
		}
		if b.inWindow(k.Expires) {
			out = append(out, Moment{Time: k.Expires, Kind: SessionExpiry, ID: k.ID, What: "the key " + k.ID + " expired"})
		}
	}
	if w := b.in.Witness; w != nil && b.believed != "" && b.inWindow(w.Log.Last) {
		out = append(out, Moment{Time: w.Log.Last.UTC(), Kind: LogEnded, What: "the apply's log ends"})
	}
	out = append(out, b.calls()...)
	slices.SortFunc(out, func(x, y Moment) int {
		return cmp.Or(x.Time.Compare(y.Time), cmp.Compare(slices.Index(momentKinds, x.Kind), slices.Index(momentKinds, y.Kind)),
			cmp.Compare(x.EventID, y.EventID), cmp.Compare(x.ID, y.ID), cmp.Compare(x.What, y.What))
	})
	b.report.Timeline = out
}

func (b *builder) inWindow(t time.Time) bool {
	return !t.IsZero() && !t.Before(b.in.Window.Since) && !t.After(b.in.Window.Until)
}

func operation(name string) string {
	if name == "" {
		return ""
	}
	return " (" + name + ")"
}

// calls are those of the session, and those of others that a finding speaks of.
func (b *builder) calls() []Moment {
	t := b.in.Reading.Trail
	var out []Moment
	var last time.Time
	for _, c := range t.Own {
		out = append(out, b.moment(c, Changed))
		last = later(last, c.Time)
	}
	refused := slices.SortedFunc(slices.Values(t.Refused), providers.Call.Compare)
	stopped := false
	for _, c := range refused {
		kind := CallFailed
		switch {
		case !providers.IsRefusal(c.Error):
		case !stopped && !c.Time.Before(last):
			kind, stopped = Stopped, true
		default:
			kind = CallRefused
		}
		out = append(out, b.moment(c, kind))
	}
	spoken := map[string]bool{}
	for _, f := range b.report.Findings {
		for _, e := range f.EventIDs {
			spoken[e] = true
		}
	}
	for _, c := range t.Others {
		if spoken[c.EventID] {
			out = append(out, b.moment(c, OtherChanged))
		}
	}
	return out
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (b *builder) moment(c providers.Call, kind MomentKind) Moment {
	a, tells := b.accounted(c)
	m := Moment{Time: c.Time, Kind: kind, EventID: c.EventID, Call: service(c.Source) + ":" + c.Name, Code: c.Error, By: c.By.String(), Address: a.Address,
		Account: c.Place.Account, Region: c.Place.Region, What: c.Name}
	if tells != nil {
		m.Type, m.ID = tells.Type, tells.ID
		m.What += " " + tells.ID
	}
	switch kind {
	case Changed:
		m.Outcome = a.Outcome
	case CallFailed:
		m.What += " failed: " + c.Error
	case CallRefused:
		m.What += " was refused: " + c.Error
	case Stopped:
		m.What += " was refused: " + c.Error + "; the session changed nothing after that"
	}
	return m
}

// service is the short name of an event source.
func service(source string) string { return strings.TrimSuffix(source, ".amazonaws.com") }
