package lock

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"reconcile/internal/backend"
	"reconcile/providers"
)

// evidence is all that is known, each with its source: the lock first, then the
// runs in order, the state, the other locks, a person's word.
func evidence(f Facts) []Evidence {
	out := []Evidence{}
	add := func(source string, at time.Time, side, format string, args ...any) {
		out = append(out, Evidence{Says: fmt.Sprintf(format, args...), Source: source, At: at, For: side})
	}
	l := f.Lock
	where := Where(l.Form)
	switch {
	case l.Status == backend.NotHeld:
		add(where, time.Time{}, "", "no lock is there")
	case l.Status != backend.Held:
		add(where, time.Time{}, "", "not read: %s", l.Error)
	case l.ID == "":
		add(where, time.Time{}, "", "a lock that is not Terraform's: %s", l.Error)
	default:
		who := cmp.Or(l.Who, "somebody who is not named")
		if l.Created.IsZero() {
			add(where, time.Time{}, "", "%s holds it for %s, since when is not told", who, Operation(l.Operation))
		} else {
			add(where, l.Created, "", "%s took it %s ago for %s", who, Age(f.age()), Operation(l.Operation))
		}
		if l.Error != "" {
			add(where, time.Time{}, "", "%s", l.Error)
		}
	}
	if f.Trail != nil && l.Status == backend.Held {
		f.runs(add)
	}
	if !f.StateWritten.IsZero() {
		version := ""
		if f.StateVersion != "" {
			version = " (version " + f.StateVersion + ")"
		}
		switch since := f.StateWritten.Sub(l.Created); {
		case l.Created.IsZero():
			add("S3", f.StateWritten, "", "the state's present version is %s old%s", Age(f.Now.Sub(f.StateWritten)), version)
		case since < 0:
			add("S3", f.StateWritten, "", "the state was last written %s before the lock was taken%s", Age(-since), version)
		case f.wrote():
			add("S3", f.StateWritten, "alive", "the state was written %s ago, after the lock was taken%s", Age(f.Now.Sub(f.StateWritten)), version)
		default:
			add("S3", f.StateWritten, "", "the state was written %s after the lock was taken, %s ago%s", Age(since), Age(f.Now.Sub(f.StateWritten)), version)
		}
	}
	f.others(add)
	if f.RunEnded != "" {
		add("a person", time.Time{}, "dead", "the run has ended: %s", f.RunEnded)
	}
	return out
}

type adder func(source string, at time.Time, side, format string, args ...any)

func (f Facts) runs(add adder) {
	source := fmt.Sprintf("%s, %s", cmp.Or(f.Trail.Source, "CloudTrail"), strings.Join(f.Trail.Regions, ", "))
	holders := f.holders()
	for _, r := range holders {
		name := Name(r)
		if len(holders) > 1 {
			name = "one of the runs that may hold it, " + name + ","
		}
		side := ""
		if o := f.of(r); o.verdict == HeldAlive {
			side = "alive"
		}
		switch {
		case r.Answered.IsZero():
			add(source, r.Last, side, "%s made its last call %s ago, and none was answered", name, Age(f.Now.Sub(r.Last)))
		default:
			add(source, r.Answered, side, "%s made its last answered call %s ago (%s)", name, Age(f.Now.Sub(r.Answered)), count(r))
		}
		if s := r.Stopped; s != nil {
			add(source, s.Time, "dead", "%s was refused from then on: %s, %s", name, s.Name, s.Code)
		} else if s := r.FirstRefused; s != nil {
			add(source, s.Time, "", "%s was first refused then (%s, %s), and answered again later", name, s.Name, s.Code)
		}
		f.life(r, add)
	}
	switch gone := len(f.Trail.Runs) - len(holders); {
	case len(holders) == 0 && len(f.Trail.Runs) == 0:
		add(source, time.Time{}, "", "no call of %s since %s", f.who(), clock(f.Trail.Since))
	case gone > 0:
		add(source, time.Time{}, "", "other runs of the role cannot have taken the lock (%d): silent by then, or begun later", gone)
	}
	for _, p := range f.Trail.Problems {
		add(source, time.Time{}, "", "not read: %s", p)
	}
}

// life says how long each key of a run lives.
func (f Facts) life(r providers.Run, add adder) {
	for _, k := range r.Keys {
		switch {
		case k.Lasts:
			add("the key's own form", time.Time{}, "", "%s is a user's key, which has no end", k.ID)
		case !k.Expires.IsZero():
			side, word := "", "lives until then"
			if !f.Now.Before(k.Expires) {
				side, word = "dead", "expired then"
			}
			add("CloudTrail, "+cmp.Or(k.Event, "AssumeRole"), k.Expires, side, "the session of %s, issued at %s for %s, %s", k.ID, clock(k.Issued), Age(k.Life), word)
		case !ends(r, k).IsZero():
			end, source, begun := ends(r, k), "CloudTrail, the session's creation date", "begun at "+clock(k.Issued)
			if k.Latest.IsZero() {
				source, begun = "CloudTrail, the key's first call", "first used at "+clock(k.First)
			}
			side, word := "", "can live until then, at the longest"
			if !f.Now.Before(end) {
				side, word = "dead", "had expired by then, at the latest"
			}
			add(source, end, side, "the session of %s, %s, %s", k.ID, begun, word)
		default:
			add("CloudTrail", time.Time{}, "", "how long %s lives is not known", k.ID)
		}
	}
}

// others are the locks beside this one that tell something: those of the same
// holder.
func (f Facts) others(add adder) {
	held := 0
	for _, o := range f.Others {
		if o.Path == f.Lock.Path && o.ID == f.Lock.ID {
			continue
		}
		held++
		if o.Who == "" || o.Who != f.Lock.Who || f.Lock.Status != backend.Held {
			continue
		}
		when := "earlier"
		if o.Created.After(f.Lock.Created) {
			when = "later"
		}
		add(Where(o.Form), o.Created, "", "%s holds another lock, taken %s: %s", o.Who, when, o.Path)
	}
	if held > 0 {
		add(Where(f.Others[0].Form), time.Time{}, "", "other locks are held beside it (%d): --all lists them", held)
	}
}

func count(r providers.Run) string {
	parts := []string{}
	for _, c := range []struct {
		n    int
		what string
	}{{r.Changes, "changes"}, {r.Reads, "reads"}, {r.Failed, "failed"}, {r.Refused, "refused"}} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	text := strings.Join(parts, ", ")
	if !r.Whole {
		text = "at least " + text
	}
	return text
}

// Where is the place of a form of lock as a person says it.
func Where(form string) string {
	switch form {
	case backend.DynamoDB:
		return "DynamoDB, the lock's row"
	case backend.S3:
		return "S3, the lock file"
	}
	return "the backend"
}

// Operation is what Terraform calls an operation, as a person calls it.
func Operation(s string) string {
	words := map[string]string{"OperationTypeApply": "terraform apply", "OperationTypePlan": "terraform plan", "OperationTypeRefresh": "terraform refresh",
		"OperationTypeInvalid": "terraform import", "state-rm": "terraform state rm", "state-mv": "terraform state mv", "state-push": "terraform state push",
		"state-replace-provider": "terraform state replace-provider", "taint": "terraform taint", "untaint": "terraform untaint", "migration destination state": "terraform init -migrate-state",
		"migration source state": "terraform init -migrate-state", "init": "terraform init"}
	if w := words[s]; w != "" {
		return w
	}
	return cmp.Or(s, "an operation that is not told")
}

// sortLocks orders locks by age, the oldest first.
func sortLocks(locks []backend.Lock) {
	slices.SortFunc(locks, func(a, b backend.Lock) int {
		return cmp.Or(a.Created.Compare(b.Created), strings.Compare(a.Path, b.Path), strings.Compare(a.ID, b.ID))
	})
}
