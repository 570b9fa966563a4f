package cloudtrail

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// likeliest is the run that most likely died, by what is known of the lock, by
// the apply's log and by how the runs ended: its index, -1 if nothing tells it
// from the others, and why. It is a proposal for a person and no proof.
func likeliest(runs []suspect, hints Hints) (int, string) {
	best, next, at := 0, 0, -1
	var why []string
	for i, r := range runs {
		points, reasons := r.weigh(hints)
		switch {
		case points > best:
			best, next, at, why = points, best, i, reasons
		case points > next:
			next = points
		}
	}
	if at < 0 || best == next {
		return -1, ""
	}
	return at, strings.Join(why, "; ")
}

// proposal is what a person is told beside the question which run it was.
func proposal(runs []suspect, hints Hints) string {
	i, why := likeliest(runs, hints)
	if i < 0 {
		return ""
	}
	return fmt.Sprintf("; most likely --session %s (%s)", strings.Join(runs[i].KeyIDs(), ","), why)
}

// weigh says what speaks for a run, the weightier the more points. A run that
// cannot have taken the lock, or that lived on, has none.
func (r suspect) weigh(hints Hints) (points int, why []string) {
	add := func(n int, format string, args ...any) {
		points, why = points+n, append(why, fmt.Sprintf(format, args...))
	}
	if r.survived(hints) {
		return 0, nil
	}
	if lock := hints.LockCreated; !lock.IsZero() && !r.First.IsZero() {
		if r.Last.Before(lock) {
			return 0, nil
		}
		switch gap := r.First.Sub(lock); {
		case gap.Abs() <= nearLock:
			add(8, "its first call is of %s, the lock of %s", r.First.Format(time.TimeOnly), lock.Format(time.TimeOnly))
		case gap < -longBefore:
			return 0, nil
		case gap < 0:
			add(4, "it was at work when the lock was taken")
		}
	}
	if r.named > 0 {
		add(16, "the apply's log names its calls")
	}
	if r.Stopped != nil {
		add(8, "refused from %s on (%s)", r.Stopped.Time.Format(time.TimeOnly), r.Stopped.Code)
	} else if r.endedRefused() {
		add(2, "its calls were refused")
	}
	if who := r.isHolder(hints.Holder); who != "" {
		add(4, "the lock's holder is %s", who)
	}
	if r.Changes > 0 {
		add(1, "it changed %s", things(r.Changes))
	}
	return points, why
}

func things(n int) string {
	if n == 1 {
		return "1 thing"
	}
	return fmt.Sprintf("%d things", n)
}

// isHolder is the lock's holder, user@host, where one of the two is what the
// session is called.
func (r suspect) isHolder(holder string) string {
	user, host, _ := strings.Cut(holder, "@")
	name := r.Name
	if m := iamUser.FindStringSubmatch(r.Role); m != nil && name == "" {
		name = m[1]
	}
	local, _, _ := strings.Cut(name, "@") // sessions of an identity centre are named after a mail address
	if name != "" && slices.ContainsFunc([]string{user, host}, func(s string) bool {
		return s != "" && (strings.EqualFold(s, name) || strings.EqualFold(s, local))
	}) {
		return holder
	}
	return ""
}
