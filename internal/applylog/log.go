// Package applylog reads what terraform apply said while it ran: which address
// got which object, what it saw deleted, what was refused. It takes the lines
// of apply -json and the text form, as a terminal or a CI system kept them:
// coloured, with time stamps and prefixes, cut and run together.
//
// A log is a witness and no more: it may be of another run, and lines may be
// missing. Whoever uses it holds it against AWS and the trail. What it does not
// say plainly is left out, never guessed: an id that was cut short, an address
// that two runs speak of.
package applylog

import (
	"cmp"
	"slices"
	"time"
)

// Action is what a run did at an address.
type Action string

// The actions.
const (
	Create Action = "create"
	Update Action = "update"
	Delete Action = "delete"
	Import Action = "import"
)

// Log is what one log says.
type Log struct {
	Lines  int // all of them
	Events int // lines that say what happens to a resource
	// Odd are lines that look like Terraform's word on a resource and could not
	// be read: cut off, run together, not JSON where it should be.
	Odd         int
	First, Last time.Time // of the lines that tell a time; zero if none does
	Entries     []Entry   // sorted by address
	Failures    []Failure // in the order of the log
	Completed   bool      // the run says that it ended well
}

// Entry is what a log says of one address.
type Entry struct {
	Address string
	// Made is the object that the run created or imported and left there.
	Made *Deed
	// Updated is the last change in place that was completed.
	Updated *Deed
	// Removed are deletions that the run saw through. An id is "" where the log
	// does not tell it.
	Removed []Deed
	// Begun are the actions that did not end in the log.
	Begun []Deed
	// Unclear: two creations of one address, or a deletion of nobody knows
	// which object. The log may be that of several runs.
	Unclear bool
}

// Deed is one line's word.
type Deed struct {
	Action  Action
	ID      string // as Terraform records it
	Deposed string // deposed key, where the line names one
	At      time.Time
	Line    int // from 1
}

// Failure is one error that the run reported. Its text is left out: it may
// quote anything.
type Failure struct {
	Address   string // "" if it names none
	RequestID string // "" if it names none
	Code      string // AWS's error code, "" if it names none
	Call      string // AWS's name of what failed, "" if it names none
	Line      int
}

// Find returns what the log says of an address.
func (l *Log) Find(address string) (Entry, bool) {
	i, ok := slices.BinarySearchFunc(l.Entries, address, func(e Entry, a string) int { return cmp.Compare(e.Address, a) })
	if !ok {
		return Entry{}, false
	}
	return l.Entries[i], true
}

// Made returns every object that the run left at an address, "" being no id:
// by address, without those that are unclear.
func (l *Log) Made() map[string]Deed {
	out := map[string]Deed{}
	for _, e := range l.Entries {
		if e.Made != nil && e.Made.ID != "" && !e.Unclear {
			out[e.Address] = *e.Made
		}
	}
	return out
}

// Traces are the requests and the ids that the log names: what a trail may
// have of the same run.
func (l *Log) Traces() (requests, made []string) {
	for _, f := range l.Failures {
		if f.RequestID != "" {
			requests = append(requests, f.RequestID)
		}
	}
	for _, e := range l.Entries {
		if e.Made != nil && e.Made.ID != "" && !e.Unclear {
			made = append(made, e.Made.ID)
		}
	}
	return requests, made
}
