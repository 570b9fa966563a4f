package cloudtrail

import (
	"slices"
	"time"
)

// touched reports whether a run changed anything, itself or through a role that
// it assumed, or tried to in vain.
func (r suspect) touched() bool { return r.through || r.Changes+r.Refused > 0 }

// mayHold reports whether a run can have taken the lock: the lock is taken
// before the first change and by the same run. When a key that lasts was first
// used tells nothing of a run.
func (r suspect) mayHold(hints Hints) bool {
	return hints.LockCreated.IsZero() || !r.over(hints) && (r.Keys[0].Lasts || !r.First.Before(hints.LockCreated.Add(-longBefore)))
}

// over reports whether a run had ended when the lock was taken.
func (r suspect) over(hints Hints) bool { return r.Last.Before(hints.LockCreated.Add(-clocks)) }

// tookLock reports whether a run began when the lock was taken.
func (r suspect) tookLock(hints Hints) bool {
	return !hints.LockCreated.IsZero() && r.First.Sub(hints.LockCreated).Abs() <= nearLock
}

// endedRefused reports whether the last that is known of a run is a refusal.
func (r suspect) endedRefused() bool { return r.Stopped != nil || r.Refused > 0 && r.Answered.IsZero() }

// survived reports whether a run was answered after the one that died had
// printed its last line.
func (r suspect) survived(hints Hints) bool {
	return !hints.Ended.IsZero() && r.Answered.After(hints.Ended.Add(clocks))
}

// overtaken reports whether another run began when the lock was taken and this
// one had been at work before: then the other one's lock it was, and this one
// worked on beside it.
func (r suspect) overtaken(runs []suspect, hints Hints) bool {
	return !r.tookLock(hints) && !r.endedRefused() && r.named == 0 &&
		slices.ContainsFunc(runs, func(o suspect) bool { return o.tookLock(hints) })
}

// last is the key that a run used last.
func (r suspect) last() string { return r.Keys[len(r.Keys)-1].ID }

// continues reports whether a run may be another one that got a new key.
func (r suspect) continues(before suspect) bool {
	return r.Continues != "" && r.Continues == before.last()
}

// together joins runs that may have gone on from each other where the apply's
// log, which is one run's, names calls of them.
func together(runs []suspect) []suspect {
	var out []suspect
	for _, r := range runs {
		i := slices.IndexFunc(out, r.continues)
		if i < 0 || r.named == 0 || out[i].named == 0 {
			out = append(out, r)
			continue
		}
		out[i] = out[i].with(r)
	}
	return out
}

func (r suspect) with(next suspect) suspect {
	r.Run = r.Run.With(next.Run)
	r.named, r.through = r.named+next.named, r.through || next.through
	return r
}

// related are a run that was singled out and those that it may be one with, in
// order: those that changed anything, and that the lock's time does not part
// from it.
func related(left, all []suspect, hints Hints) []suspect {
	if len(left) != 1 {
		return left
	}
	in := map[string]bool{left[0].last(): true}
	for again := true; again; {
		again = false
		for _, r := range all {
			for _, before := range all {
				if r.continues(before) && in[r.last()] != in[before.last()] && !parted(before, r, hints) {
					in[r.last()], in[before.last()], again = true, true, true
				}
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(r suspect) bool { return !in[r.last()] || !r.touched() })
}

// parted reports whether the lock was taken between two runs, by the later one.
func parted(before, r suspect, hints Hints) bool {
	return !hints.LockCreated.IsZero() && (before.over(hints) || r.tookLock(hints) && !before.tookLock(hints))
}

const (
	// clocks is how far apart those of the runner, which dates the lock, and of
	// AWS may be.
	clocks = 5 * time.Minute
	// nearLock is how near to a run's first call the lock is taken: Terraform
	// asks AWS who it is just before.
	nearLock = 2 * time.Minute
	// longBefore is how long a run may have been at work before it takes the lock.
	longBefore = time.Hour
)
