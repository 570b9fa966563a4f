package cloudtrail

import (
	"time"

	"reconcile/providers"
)

// Part is the part of the trail that is wanted of a source that holds more.
type Part struct {
	Places       map[string][]string // account to regions
	Since, Until time.Time
	Who          Who
	// Keys: every call of these access keys too, reads as well.
	Keys []string
	// Requests: the calls with these request ids, whoever made them, up to an hour
	// after Until.
	Requests []string
	// Begins, where it is before Since, and BeginsAt: sessions that began since
	// then, and in these further places.
	Begins   time.Time
	BeginsAt []providers.Place
}

// from is when the part begins.
func (p Part) from() time.Time {
	if !p.Begins.IsZero() && p.Begins.Before(p.Since) {
		return p.Begins
	}
	return p.Since
}

// to is when the part ends. A call that somebody made to see how far the trail
// reaches is later than the window.
func (p Part) to() time.Time {
	if len(p.Requests) > 0 {
		return p.Until.Add(pad + barrierWithin)
	}
	return p.Until.Add(pad)
}

// barrierWithin is how long after the window a call is looked for by its request.
const barrierWithin = time.Hour
