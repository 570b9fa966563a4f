package lock

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"reconcile/internal/backend"
	"reconcile/providers"
)

// rank orders the verdicts on a held lock by how dead its holder is.
func rank(v Verdict) int {
	return slices.Index([]Verdict{HeldAlive, Unknown, ProbablyDead, Dead}, v)
}

// opinion is a verdict while it is being made.
type opinion struct {
	verdict Verdict
	why     string
	again   time.Time
	next    string
}

// atMost takes an opinion back to a verdict that is less sure of death.
func (o opinion) atMost(v Verdict, why string, again time.Time, next string) opinion {
	if rank(o.verdict) <= rank(v) {
		return o
	}
	return opinion{v, why, again, next}
}

// Judge says whether the lock's holder is alive. More life in the evidence
// never makes it deader.
func Judge(f Facts) Judgement {
	switch f.Lock.Status {
	case backend.NotHeld:
		return Judgement{Verdict: None, Why: "nobody holds the lock", Evidence: evidence(f)}
	case backend.Held:
	default:
		return Judgement{Verdict: Unknown, Why: "the lock could not be read: " + f.Lock.Error, Evidence: evidence(f)}
	}
	o := f.opinion()
	switch {
	case f.wrote():
		// S3 is not late: whoever wrote this is at work.
		o = opinion{verdict: HeldAlive, why: fmt.Sprintf("the state was written %s ago, after the lock was taken: the run is at work, if it was not reconcile.sh", Age(f.Now.Sub(f.StateWritten))),
			again: f.StateWritten.Add(saving)}
	case f.Lock.ID == "" || f.Lock.Created.IsZero():
		o = opinion{verdict: Unknown, why: "the lock says neither who holds it nor since when: it was not Terraform that wrote it", next: "ask who wrote it"}
	case f.age() < f.TrailDelay:
		o = o.atMost(Unknown, fmt.Sprintf("the lock is %s old, and CloudTrail's records may be %s late: what its holder does cannot be seen yet", Age(f.age()), Age(f.TrailDelay)),
			f.Lock.Created.Add(f.TrailDelay), "look again then")
	}
	if !o.again.IsZero() {
		o.again = o.again.UTC().Truncate(time.Second).Add(time.Second)
	}
	return Judgement{Verdict: o.verdict, Why: o.why, Evidence: evidence(f), Again: o.again, Next: o.next}
}

// wrote reports a version of the state that somebody who holds the lock wrote
// just now.
func (f Facts) wrote() bool {
	return !f.StateWritten.IsZero() && !f.Lock.Created.IsZero() && !f.StateWritten.Before(f.Lock.Created) && f.Now.Sub(f.StateWritten) <= saving
}

const nameIt = "or say that the run which holds it has ended, once you have seen that: --run-ended URL-OR-ID"

// opinion is what the trail and a person's word come to.
func (f Facts) opinion() opinion {
	if f.RunEnded != "" {
		return f.ended()
	}
	if f.Trail == nil {
		return opinion{verdict: Unknown, why: "nothing tells what its holder does", next: "give --role ARN (and --session NAME) of the run, so that CloudTrail is asked; " + nameIt}
	}
	runs := f.holders()
	if len(runs) == 0 {
		return opinion{verdict: Unknown, why: fmt.Sprintf("CloudTrail has no call of %s since the lock was taken", f.who()), again: f.firstLook(),
			next: "check --role, --session and --region; " + nameIt}
	}
	o := f.of(runs[0])
	for _, r := range runs[1:] {
		o = both(o, f.of(r), len(runs))
	}
	if len(f.Trail.Problems) > 0 {
		o = o.atMost(Unknown, "CloudTrail could not be read in full: "+f.Trail.Problems[0], time.Time{}, "mend that and look again; "+nameIt)
	}
	return o
}

// both is what two runs that may each hold the lock come to: as alive as the
// more alive one, but held-alive only if each is.
func both(a, b opinion, of int) opinion {
	if rank(b.verdict) < rank(a.verdict) {
		a, b = b, a
	}
	if a.verdict == HeldAlive && b.verdict != HeldAlive {
		return opinion{Unknown, fmt.Sprintf("%d runs of the role may hold it, and one of them is at work: %s", of, a.why), a.again, "say which it is: --session NAME or ACCESS-KEY-ID; " + nameIt}
	}
	return a
}

// firstLook is when the holder's first calls must be there, if they are not yet.
func (f Facts) firstLook() time.Time {
	if at := f.Lock.Created.Add(f.TrailDelay + breath); !f.Lock.Created.IsZero() && at.After(f.Now) {
		return at
	}
	return time.Time{}
}

func (f Facts) who() string {
	if f.Trail.Session != "" {
		return "session " + f.Trail.Session + " of " + f.Trail.Role
	}
	return f.Trail.Role
}

// holders are the runs that can hold the lock: at work at that time or later,
// and not begun only after it was taken.
func (f Facts) holders() []providers.Run {
	return slices.DeleteFunc(slices.Clone(f.Trail.Runs), func(r providers.Run) bool {
		return r.Last.IsZero() || r.Last.Before(f.Lock.Created.Add(-breath)) || f.later(r)
	})
}

// later reports whether a run began only after the lock was taken.
func (f Facts) later(r providers.Run) bool { return begin(r).After(f.Lock.Created.Add(clocks)) }

// begin is when a run can have begun at the latest: its first key was issued, or
// used.
func begin(r providers.Run) time.Time {
	at := r.First
	for _, k := range r.Keys {
		if !k.Issued.IsZero() && (at.IsZero() || k.Issued.Before(at)) {
			at = k.Issued
		}
	}
	return at
}

// of is what one run's calls come to.
func (f Facts) of(r providers.Run) opinion {
	fresh, name := f.TrailDelay+breath, Name(r)
	quiet, answered := f.Now.Sub(r.Last), f.Now.Sub(r.Answered)
	switch {
	case !r.Answered.IsZero() && answered <= fresh && r.Stopped == nil && f.expired(r):
		return opinion{verdict: Unknown, why: fmt.Sprintf("%s called AWS %s ago; its session has expired at %s since, and whether it goes on with another key cannot be seen yet", name, Age(answered), clock(f.end(r))),
			again: r.Answered.Add(fresh), next: "look again then; " + nameIt}
	case !r.Answered.IsZero() && answered <= fresh && r.Stopped == nil:
		return opinion{verdict: HeldAlive, why: fmt.Sprintf("%s called AWS %s ago, and records may be %s late: it is at work, as far as can be seen", name, Age(answered), Age(f.TrailDelay)),
			again: r.Answered.Add(fresh)}
	case quiet <= fresh && !f.expired(r):
		return opinion{verdict: Unknown, why: fmt.Sprintf("%s still called AWS %s ago, and was refused", name, Age(quiet)), again: r.Last.Add(fresh), next: nameIt[3:]}
	case f.expired(r):
		return f.expiredOpinion(r, name)
	case r.Stopped != nil:
		return opinion{verdict: ProbablyDead, why: fmt.Sprintf("%s was refused from %s on (%s) and has been silent for %s", name, clock(r.Stopped.Time), r.Stopped.Code, Age(quiet)),
			again: f.end(r), next: f.wait(r)}
	case quiet > f.TrailDelay+silence:
		return opinion{verdict: ProbablyDead, why: fmt.Sprintf("%s has been silent for %s: a live apply asks AWS every few seconds", name, Age(quiet)), again: f.end(r), next: f.wait(r)}
	}
	return opinion{verdict: Unknown, why: fmt.Sprintf("%s has been silent for %s, and records may be %s late", name, Age(quiet), Age(f.TrailDelay)),
		again: r.Last.Add(f.TrailDelay + silence), next: "look again then; " + nameIt}
}

// expired reports whether all keys of a run have ended by now.
func (f Facts) expired(r providers.Run) bool { return over(r, f.Now) }

// longest is how long a role's session can live.
const longest = 12 * time.Hour

// ends is when a key ceases to work at the latest, zero if that is not known. A
// session of a role that was used ends twelve hours later, whenever it began.
func ends(r providers.Run, k providers.RunKey) time.Time {
	switch {
	case k.Lasts:
		return time.Time{}
	case !k.Expires.IsZero():
		return k.Expires
	case !k.Latest.IsZero():
		return k.Latest
	case strings.HasPrefix(k.ID, "ASIA") && (strings.Contains(r.Role, ":role/") || strings.Contains(r.Role, ":assumed-role/")) && !k.First.IsZero():
		return k.First.Add(longest)
	}
	return time.Time{}
}

// over reports whether all keys of a run are known to have ended by a time.
// One that was answered later than that has another life than was thought.
func over(r providers.Run, at time.Time) bool {
	return len(r.Keys) > 0 && !slices.ContainsFunc(r.Keys, func(k providers.RunKey) bool {
		e := ends(r, k)
		return e.IsZero() || at.Before(e) || len(r.Keys) == 1 && r.Answered.After(e.Add(time.Minute))
	})
}

// expiredOpinion is that of a run whose session has ended. It is dead only once
// the trail would show that it goes on with another key, and only if every other
// run that can have taken the lock has ended as well: one that made no call
// after it is seen nowhere else.
func (f Facts) expiredOpinion(r providers.Run, name string) opinion {
	end := f.end(r)
	ready := end.Add(f.TrailDelay)
	probably := func(why string, again time.Time, next string) opinion {
		return opinion{ProbablyDead, fmt.Sprintf("the session of %s expired at %s; %s", name, clock(end), why), again, next}
	}
	if quiet := f.Now.Sub(r.Last); quiet <= f.TrailDelay+breath {
		return probably(fmt.Sprintf("it still called AWS %s ago, and was refused: its process is there", Age(quiet)), r.Last.Add(f.TrailDelay+breath), "look again then; "+nameIt)
	}
	if !over(r, f.complete()) {
		return probably("whether it goes on with another key cannot be seen yet", ready, "look again then; "+nameIt)
	}
	for _, other := range f.Trail.Runs {
		switch {
		case f.later(other):
			if other.Name == r.Name && other.Name != "" && other.Answered.After(end.Add(-clocks)) {
				return opinion{Unknown, fmt.Sprintf("the session of %s expired at %s, and another of the same name has been at work since: the same run with another key, or the next job", name, clock(end)),
					time.Time{}, nameIt[3:]}
			}
		case !over(other, f.complete()):
			at := f.end(other)
			if !at.IsZero() {
				at = at.Add(f.TrailDelay)
			}
			return probably(Name(other)+" of the same role was there before the lock as well, and its session lives", at, "say which it is: --session NAME or ACCESS-KEY-ID; "+nameIt)
		}
	}
	return opinion{verdict: Dead, why: fmt.Sprintf("the session of %s expired at %s, and CloudTrail shows no call of it that was answered since", name, clock(end))}
}

// end is when the last key of a run ends, zero if one lasts or is not known.
func (f Facts) end(r providers.Run) time.Time {
	var at time.Time
	for _, k := range r.Keys {
		e := ends(r, k)
		if e.IsZero() {
			return e
		}
		if e.After(at) {
			at = e
		}
	}
	return at
}

// wait says what would make sure.
func (f Facts) wait(r providers.Run) string {
	if f.end(r).IsZero() {
		return "its key has no end that is known: look at the run itself; " + nameIt
	}
	if !f.end(r).After(f.Now) {
		return nameIt[3:]
	}
	return "its session ends then; " + nameIt
}

// ended is what a person's word comes to. It is contradicted by calls that were
// made just now, and doubted while CloudTrail may be late.
func (f Facts) ended() opinion {
	o := opinion{verdict: Dead, why: "a person says that the run has ended: " + f.RunEnded}
	if f.Trail == nil {
		return o
	}
	for _, r := range f.holders() {
		switch answered := f.Now.Sub(r.Answered); {
		case r.Answered.IsZero() || r.Stopped != nil:
		case answered <= breath:
			return opinion{verdict: HeldAlive, why: fmt.Sprintf("%s called AWS %s ago: the run that was named has not ended, or is not the one that holds the lock", Name(r), Age(answered)),
				again: r.Answered.Add(breath), next: "look at the run again"}
		case answered <= f.TrailDelay+breath:
			o = o.atMost(ProbablyDead, fmt.Sprintf("a person says that the run has ended (%s), and %s called AWS %s ago: whether it has stopped since cannot be seen yet", f.RunEnded, Name(r), Age(answered)),
				r.Answered.Add(f.TrailDelay+breath), "look again then")
		}
	}
	return o
}

// Name is a run as a person tells it apart.
func Name(r providers.Run) string {
	name := r.Name
	if name == "" {
		name = r.Role[strings.LastIndexAny(r.Role, "/:")+1:]
	}
	if ids := r.KeyIDs(); len(ids) > 0 {
		return name + " (" + ids[len(ids)-1] + ")"
	}
	return name
}

func clock(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Age is a span as a person says it: two units at most.
func Age(d time.Duration) string {
	switch d = max(0, d.Round(time.Second)); {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%dd%dh", int(d.Hours())/24, int(d.Hours())%24)
}
