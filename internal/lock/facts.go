// Package lock says whether the holder of a state lock is alive: evidence in,
// a verdict out. It asks nobody, and it would rather not know than call a live
// holder dead: whoever releases the lock of a running apply has two.
package lock

import (
	"time"

	"reconcile/internal/backend"
	"reconcile/providers"
)

// Verdict is what the evidence comes to.
type Verdict string

// The verdicts. Dead is said only where the holder's session has expired, or a
// person says that its run has ended, and nothing contradicts it.
const (
	None         Verdict = "none" // nobody holds the lock
	HeldAlive    Verdict = "held-alive"
	Unknown      Verdict = "unknown"
	ProbablyDead Verdict = "probably-dead"
	Dead         Verdict = "dead"
)

// Facts are all that is known of a lock and its holder.
type Facts struct {
	Now        time.Time
	Lock       backend.Lock
	TrailDelay time.Duration // how late records may be
	Trail      *Trail        // nil: it was not read
	// StateWritten is when the state's present version was, zero if not known.
	StateWritten time.Time
	StateVersion string
	// RunEnded is a person's word: the CI run that held the lock and has ended.
	RunEnded string
	Others   []backend.Lock // the other locks beside it
}

// Trail is what CloudTrail tells of the role's runs since before the lock was
// taken.
type Trail struct {
	Role     string          `json:"role"`
	Session  string          `json:"session,omitempty"` // "" for any of the role's
	Source   string          `json:"source"`
	Regions  []string        `json:"regions"`
	Since    time.Time       `json:"since"`
	Newest   time.Time       `json:"newest,omitzero"` // the last record of a source that ends somewhere
	Runs     []providers.Run `json:"runs"`
	Problems []string        `json:"problems,omitempty"`
}

// Evidence is one thing that is known, and from where.
type Evidence struct {
	Says   string    `json:"says"`
	Source string    `json:"source"`
	At     time.Time `json:"at,omitzero"`
	For    string    `json:"for,omitempty"` // alive, dead, "" for neither
}

// Judgement is the verdict with its reasons.
type Judgement struct {
	Verdict  Verdict    `json:"verdict"`
	Why      string     `json:"why"`
	Evidence []Evidence `json:"evidence"`
	// Again is when another look can tell more, zero where waiting does not help.
	Again time.Time `json:"again,omitzero"`
	Next  string    `json:"next,omitempty"` // what a person can do to know more
}

// How long a silence must be, beyond what records may be late.
const (
	// breath is how long a live apply may seem silent: it asks AWS every few
	// seconds while it waits, and clocks differ.
	breath = 2 * time.Minute
	// silence is how long a holder must have been silent to be probably dead: it
	// may run a script, or wait for something that is not in AWS.
	silence = 10 * time.Minute
	// clocks is how far apart those of the runner, which dates the lock, and of
	// AWS may be.
	clocks = 5 * time.Minute
	// saving is how often Terraform saves the state of a running apply, at least
	// where it finishes anything (20 to 30 s), and some more.
	saving = 2 * time.Minute
)

// complete is up to when the trail holds everything.
func (f Facts) complete() time.Time {
	at := f.Now.Add(-f.TrailDelay)
	if f.Trail != nil && !f.Trail.Newest.IsZero() && f.Trail.Newest.Before(at) {
		return f.Trail.Newest
	}
	return at
}

// age is how long the lock has been held, 0 where that is not known.
func (f Facts) age() time.Duration {
	if f.Lock.Created.IsZero() || f.Lock.Status != backend.Held {
		return 0
	}
	return max(0, f.Now.Sub(f.Lock.Created))
}
