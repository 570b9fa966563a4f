package plan

import (
	"time"

	"reconcile/internal/backend"
	"reconcile/internal/diff"
	"reconcile/providers"
)

// The schemas of what sessions and events print as JSON.
const (
	SessionsSchema = "reconcile.sessions/v1"
	EventsSchema   = "reconcile.events/v1"
)

// Sessions are those of a role in a window.
type Sessions struct {
	Schema        string          `json:"schema"`
	Role          string          `json:"role"`
	Window        Window          `json:"window"`
	Source        string          `json:"source"`
	Regions       []string        `json:"regions"`
	CompleteUntil time.Time       `json:"complete_until"`
	Lock          backend.Lock    `json:"lock"`
	Runs          []providers.Run `json:"sessions"`
	// Likely is the one that most likely died; nil if nothing tells.
	Likely     *Likely  `json:"likely"`
	Pages      int      `json:"pages"`
	Records    int      `json:"records"`
	Incomplete []string `json:"incomplete"`
	Notes      []string `json:"notes"`
}

// Likely is a proposal for a person.
type Likely struct {
	Name string   `json:"name"`
	Keys []string `json:"keys"`
	Why  string   `json:"why"`
}

// Events are what the session did and what was around it.
type Events struct {
	Schema        string    `json:"schema"`
	Incident      string    `json:"incident,omitempty"`
	Session       Session   `json:"session"`
	Window        Window    `json:"window"`
	Source        string    `json:"source"`
	Regions       []string  `json:"regions"`
	CompleteUntil time.Time `json:"complete_until"`
	Timeline      []Moment  `json:"timeline"`
	Incomplete    []string  `json:"incomplete"`
	Notes         []string  `json:"notes"`
}

// Timeline puts a reading without state and plan into order: nothing is known of
// addresses.
func Timeline(in Input) []Moment {
	b := &builder{in: in, diff: diff.Result{}, report: &Report{}}
	b.account()
	b.timeline()
	return list(b.report.Timeline)
}

// Events are a report's.
func (r *Report) Events() *Events {
	return &Events{Schema: EventsSchema, Incident: r.Incident, Session: r.Session, Window: r.Window, Source: r.Trail.Source, Regions: list(r.Trail.Regions),
		CompleteUntil: r.Trail.CompleteUntil, Timeline: list(r.Timeline), Incomplete: list(r.Incomplete), Notes: []string{}}
}
