package html

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"reconcile/internal/plan"
	"reconcile/providers"
)

// lane is a line of the timeline.
type lane string

// The lanes, from top to bottom.
const (
	laneSession lane = "session"
	laneLock    lane = "lock"
	laneState   lane = "state"
	laneCreated lane = "created"
	laneChanged lane = "changed"
	laneDeleted lane = "deleted"
	laneOther   lane = "other calls"
	laneRefused lane = "refused"
	laneFailed  lane = "failed"
	laneOthers  lane = "by others"
	laneRead    lane = "found out"
)

func lanes() []lane {
	return []lane{laneSession, laneLock, laneState, laneCreated, laneChanged, laneDeleted, laneOther, laneRefused, laneFailed, laneOthers, laneRead}
}

// look is how a lane's marks are drawn: with the sign of the status that they
// lead to.
func (l lane) look() string {
	switch l {
	case laneCreated:
		return string(plan.Unrecorded)
	case laneChanged:
		return string(plan.Drifted)
	case laneDeleted:
		return string(plan.GoneExplained)
	case laneRefused, laneFailed:
		return string(plan.Leftover)
	case laneOthers:
		return string(plan.Foreign)
	}
	return string(plan.NodeBeside)
}

// moment is one thing that happened at a time.
type moment struct {
	at   time.Time
	lane lane
	what string // of a call its name; else a sentence
	call bool
}

// span is what lasted.
type span struct {
	lane     lane
	from, to time.Time
	open     bool // it goes on
	what     string
}

// momentsOf puts everything with a time in one order.
func momentsOf(r *plan.Report) ([]moment, []span) {
	var out []moment
	var spans []span
	add := func(at time.Time, l lane, what string, call bool) {
		if !at.IsZero() {
			out = append(out, moment{at.UTC(), l, what, call})
		}
	}
	did := map[string]lane{}
	for _, m := range r.Mutations {
		did[m.EventID] = laneOf(m)
	}
	if len(r.Timeline) == 0 { // a report from before it had one
		for _, m := range r.Mutations {
			add(m.Time, laneOf(m), m.Name, true)
		}
		if r.Lock.Status == "held" {
			add(r.Lock.Created, laneLock, "lock taken", false)
		}
	}
	for _, m := range r.Timeline {
		name := m.Call[strings.LastIndexByte(m.Call, ':')+1:]
		switch m.Kind {
		case plan.SessionBegan, plan.SessionExpiry:
			add(m.Time, laneSession, m.What, false)
		case plan.LockTaken:
			add(m.Time, laneLock, m.What, false)
		case plan.StateWritten:
			add(m.Time, laneState, m.What, false)
		case plan.LogEnded:
			add(m.Time, laneRead, m.What, false)
		case plan.Changed:
			add(m.Time, cmp.Or(did[m.EventID], laneOther), name, true)
		case plan.OtherChanged:
			add(m.Time, laneOthers, name, true)
		case plan.CallFailed:
			add(m.Time, laneFailed, name, true)
		case plan.CallRefused:
			add(m.Time, laneRefused, name, true)
		case plan.Stopped:
			add(m.Time, laneRefused, m.What, false)
		default:
			add(m.Time, laneOther, m.What, false)
		}
	}
	if l := r.Lock; l.Status == "held" && !l.Created.IsZero() && r.GeneratedAt.After(l.Created) {
		spans = append(spans, span{laneLock, l.Created.UTC(), r.GeneratedAt.UTC(), true, "held by " + cmp.Or(l.Who, "somebody")})
	}
	if sp, ok := life(r); ok {
		spans = append(spans, sp)
	}
	add(r.Window.Since, laneState, "window begins ("+r.Window.SinceSource+")", false)
	if e := r.Errored; e != nil {
		add(e.WrittenAt, laneState, "the state that could not be saved was written", false)
	}
	add(r.Window.Until, laneRead, "window ends ("+r.Window.UntilSource+")", false)
	if r.Trail.Source != "" && !r.Trail.CompleteUntil.Equal(r.Window.Until) {
		add(r.Trail.CompleteUntil, laneRead, "CloudTrail complete up to here", false)
	}
	add(r.GeneratedAt, laneRead, "report made", false)
	if h := r.Rehearsal; h != nil {
		add(h.At, laneRead, map[bool]string{true: "rehearsal passed", false: "rehearsal failed"}[h.Passed], false)
	}
	if u := r.Unlock; u != nil {
		add(u.At, laneLock, "unlock.sh was written for "+u.LockID, false)
	}
	if x := r.Execution; x != nil {
		add(x.VerifiedAt, laneRead, map[bool]string{true: "verified: nothing is left", false: "verified: something is left"}[x.Clean], false)
	}
	slices.SortStableFunc(out, func(a, b moment) int {
		return cmp.Or(a.at.Compare(b.at), laneOrder(a.lane)-laneOrder(b.lane), cmp.Compare(a.what, b.what))
	})
	return out, spans
}

// life is how long the session's keys were good, all together.
func life(r *plan.Report) (span, bool) {
	sp := span{lane: laneSession}
	for _, k := range r.Session.Keys {
		if k.Issued.IsZero() {
			continue
		}
		if sp.from.IsZero() || k.Issued.Before(sp.from) {
			sp.from = k.Issued.UTC()
		}
		if k.Expires.IsZero() {
			sp.open = true
		} else if k.Expires.After(sp.to) {
			sp.to = k.Expires.UTC()
		}
	}
	if sp.from.IsZero() {
		return sp, false
	}
	if sp.open || sp.to.After(r.GeneratedAt) {
		sp.open, sp.to = true, r.GeneratedAt.UTC()
	}
	sp.what = "life of its key"
	if n := len(r.Session.Keys); n > 1 {
		sp.what = fmt.Sprintf("life of its %d keys", n)
	}
	return sp, sp.to.After(sp.from)
}

func laneOrder(l lane) int { return slices.Index(lanes(), l) }

// laneOf is what a call did: what it made or deleted matters more than what it
// changed on the way.
func laneOf(m plan.Accounted) lane {
	if m.Error != "" {
		return laneRefused
	}
	out := laneOther
	for _, e := range m.Mutations {
		switch {
		case e.Role == providers.Created:
			return laneCreated
		case e.Role == providers.Deleted:
			out = laneDeleted
		case out == laneOther:
			out = laneChanged
		}
	}
	return out
}

// entry is a line of the timeline as a list.
type entry struct {
	Time, Until, Sign, Status, Text string
	Call                            bool
}

// entries are the moments as lines: calls of one kind that are near each other
// together, so that there are not too many.
func entries(ms []moment) []entry {
	const most = 40
	var groups [][]moment
	for _, near := range []time.Duration{0, 10 * time.Second, time.Minute, 5 * time.Minute, time.Hour, 1 << 62} {
		if groups = together(ms, near); len(groups) <= most {
			break
		}
	}
	var out []entry
	for _, g := range groups {
		first, last := g[0], g[len(g)-1]
		w := wordOf(first.lane.look())
		e := entry{Time: first.at.Format("2006-01-02 15:04:05"), Status: w.Status, Sign: w.Sign, Text: first.what, Call: first.call}
		if !first.call {
			e.Sign, e.Status = "◆", "none"
		}
		if first.call {
			e.Text = fmt.Sprintf("%d %s: %s", len(g), first.lane, names(g, 6))
		}
		if last.at.Sub(first.at) >= time.Second {
			e.Until = last.at.Format("15:04:05")
		}
		out = append(out, e)
	}
	return out
}

func together(ms []moment, near time.Duration) [][]moment {
	var out [][]moment
	open := map[lane]int{}
	for _, m := range ms {
		if n, ok := open[m.lane]; ok && m.call && out[n][0].call && m.at.Sub(out[n][0].at) <= near {
			out[n] = append(out[n], m)
			continue
		}
		if m.call {
			open[m.lane] = len(out)
		}
		out = append(out, []moment{m})
	}
	return out
}

// names counts the calls by name: "CreateVpc ×3, CreateSubnet".
func names(ms []moment, most int) string {
	n := map[string]int{}
	for _, m := range ms {
		n[m.what]++
	}
	all := slices.SortedFunc(maps.Keys(n), func(a, b string) int { return cmp.Or(n[b]-n[a], cmp.Compare(a, b)) })
	var parts []string
	for i, name := range all {
		if i == most {
			parts = append(parts, fmt.Sprintf("%d others", len(all)-most))
			break
		}
		if n[name] > 1 {
			name += fmt.Sprintf(" ×%d", n[name])
		}
		parts = append(parts, name)
	}
	return strings.Join(parts, ", ")
}
