package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"reconcile/internal/diff"
	"reconcile/internal/hint"
)

// manyFit is how many objects of one other session that fit wanted addresses
// are no look-alikes any more.
const manyFit = 3

// unheard tells of a run without a change in a trail that was read whole. One
// that died before its first call and one whose name was mistyped look the same
// there: what else is known makes the difference, and where it speaks of
// another run, whose work this is about is for a person to say.
func (b *builder) unheard() {
	t, s := b.in.Reading.Trail, b.in.Session
	if s.Role == "" || len(t.Own) > 0 || len(t.Problems) > 0 {
		return
	}
	others := b.otherSessions()
	nothing := func(what string) string {
		text := "the trail has no " + what + " by " + s.Role
		if s.Name != "" {
			text += " in session " + s.Name
		}
		return text + " in the window"
	}
	named := ""
	for _, name := range slices.Sorted(maps.Keys(others)) {
		named += fmt.Sprintf(", %s (%d)", name, others[name])
	}
	if named != "" {
		named = ". Sessions of the role that did change something: " + named[2:]
	}
	const check = "check --role, --session, --since and the regions"
	why := ""
	if len(s.AccessKeys) == 0 {
		why = b.another(others)
	}
	if why == "" {
		b.report.Notes = append(b.report.Notes, nothing("change")+": if that is not right, "+check+named)
		return
	}
	b.in.Problems = append(slices.Clone(b.in.Problems), nothing("call")+", and "+why+", so whose work this is about is not known: "+check+
		"; reconcile sessions lists who was there"+named+b.sameName())
}

// another is what speaks of another run than the one that was named, "" for
// nothing.
func (b *builder) another(others map[string]int) string {
	if len(others) == 0 {
		return "none of any other session of the role"
	}
	if near := hint.Nearest(slices.Sorted(maps.Keys(others)), b.in.Session.Name); b.in.Session.Name != "" && len(near) > 0 {
		return "changes by one of a name like it, " + strings.Join(near, ", ")
	}
	for _, i := range b.diff.Instances {
		if i.Status == diff.GoneUnexplained {
			return i.Address + " is gone by another hand"
		}
	}
	fit := map[string]int{}
	for _, o := range b.fitting(diff.ByOther) {
		fit[o.By]++
	}
	for _, c := range b.in.Reading.Trail.Others {
		if by := c.By.String(); c.By.ARN == b.in.Session.Role && fit[by] >= manyFit {
			return fmt.Sprintf("%s made %d objects that addresses want", by, fit[by])
		}
	}
	return ""
}

// otherSessions counts the changes of the role's other sessions.
func (b *builder) otherSessions() map[string]int {
	out := map[string]int{}
	for _, c := range b.in.Reading.Trail.Others {
		if c.By.ARN == b.in.Session.Role && c.By.InvokedBy == "" {
			out[cmp.Or(c.By.Session, c.By.AccessKey)]++
		}
	}
	return out
}

// sameName names a role of the trail that is called as the run's is, elsewhere:
// an ARN holds the role's path, and not everybody writes it.
func (b *builder) sameName() string {
	name := func(arn string) string {
		parts := strings.Split(arn, "/")
		if strings.Contains(arn, ":assumed-role/") && len(parts) > 1 {
			return parts[1]
		}
		return parts[len(parts)-1]
	}
	role := b.in.Session.Role
	for _, c := range b.in.Reading.Trail.Others {
		if c.By.ARN != role && c.By.InvokedBy == "" && strings.Contains(c.By.ARN, ":role/") && name(c.By.ARN) == name(role) {
			return ". The trail has another role of this name: --role " + c.By.ARN
		}
	}
	return ""
}
