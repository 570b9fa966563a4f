package cloudtrail

import (
	"cmp"
	"slices"
	"time"

	"reconcile/providers"
)

// Runs are the sessions of the role, or the keys of the user, that are looked
// for, in order of their first call. The records may be in any order, twice,
// and of others; whole says that all calls of the window are among them.
func Runs(records []Record, who Who, whole bool) []providers.Run {
	keys := map[string]*keyed{}
	mine := func(p providers.Principal) bool { return who.Role == "" || who.isRole(p) }
	at := func(key string) *keyed {
		if keys[key] == nil {
			keys[key] = &keyed{run: providers.Run{Role: who.Role, Whole: whole}, RunKey: providers.RunKey{ID: key}}
		}
		return keys[key]
	}
	seen := map[string]bool{}
	for _, r := range records {
		if seen[r.EventID] || r.Type != "" && r.Type != "AwsApiCall" {
			continue
		}
		seen[r.EventID] = true
		if i, ok := issued(r); ok && mine(providers.Principal{ARN: i.role}) {
			if k := at(i.key); k.Event == "" || r.EventID < k.Event {
				k.take(i)
			}
		}
		if mine(r.By) && r.By.InvokedBy == "" && r.By.AccessKey != "" {
			at(r.By.AccessKey).call(r)
		}
	}
	var all []*keyed
	for _, k := range keys {
		k.settle()
		if who.isSession(providers.Principal{Session: k.run.Name, AccessKey: k.ID}) {
			all = append(all, k)
		}
	}
	slices.SortFunc(all, func(a, b *keyed) int {
		return cmp.Or(a.begin().Compare(b.begin()), cmp.Compare(a.ID, b.ID))
	})
	var out []providers.Run
	for _, group := range refreshed(all) {
		out = append(out, joined(group))
	}
	return out
}

// keyed is what one access key did.
type keyed struct {
	providers.RunKey
	run      providers.Run
	refusals []providers.Refusal
}

func (k *keyed) take(i issue) {
	k.Event, k.Issued, k.Life, k.Expires, k.By = i.event, i.at, i.life, i.expires, issuedTo(i)
	k.run.Role, k.run.Name, k.run.Subject = i.role, i.name, i.subject
}

func issuedTo(i issue) string {
	if i.by.ARN == "" && i.by.InvokedBy == "" {
		return i.subject
	}
	if i.by.ARN == "" {
		return i.by.InvokedBy
	}
	return i.by.String()
}

func (k *keyed) call(r Record) {
	k.run.Role = r.By.ARN
	if r.By.Session != "" {
		k.run.Name = r.By.Session
	}
	if k.Event == "" && !r.Issued.IsZero() && (k.Issued.IsZero() || r.Issued.Before(k.Issued)) {
		k.Issued = r.Issued
	}
	if k.First.IsZero() || r.Time.Before(k.First) {
		k.First = r.Time
	}
	if r.Time.After(k.Last) {
		k.Last = r.Time
	}
	switch {
	case refusal(r.Error):
		k.run.Refused++
		k.refusals = append(k.refusals, providers.Refusal{Time: r.Time, Name: r.Name, Code: r.Error, EventID: r.EventID})
		return
	case r.Error != "":
		k.run.Failed++
	case r.ReadOnly:
		k.run.Reads++
	default:
		k.run.Changes++
	}
	if r.Time.After(k.run.Answered) {
		k.run.Answered = r.Time
	}
}

// settle makes out how long the key can live. Where its calls were answered
// later than that, what was thought of its life is wrong, and nothing is known.
func (k *keyed) settle() {
	role := iamRole.MatchString(k.run.Role) || assumedRole.MatchString(k.run.Role)
	switch {
	case lasting.MatchString(k.ID):
		k.Lasts, k.Issued = true, time.Time{}
		return
	case !role || k.Issued.IsZero():
		return
	}
	const slack = time.Minute
	if k.run.Answered.After(k.Issued.Add(longestLife+slack)) || k.First.Before(k.Issued.Add(-slack)) && !k.First.IsZero() {
		k.Issued, k.Life, k.Expires = time.Time{}, 0, time.Time{}
		return
	}
	k.Latest = k.Issued.Add(longestLife)
	switch {
	case !k.Expires.IsZero() && k.run.Answered.After(k.Expires.Add(slack)):
		k.Life, k.Expires = 0, time.Time{}
	case !k.Expires.IsZero():
		k.Latest = k.Expires
	}
}

// begin is when the key was first used, or issued if it never was.
func (k *keyed) begin() time.Time {
	if k.First.IsZero() {
		return k.Issued
	}
	return k.First
}

// refreshed puts keys together that took over from each other.
func refreshed(all []*keyed) [][]*keyed {
	var out [][]*keyed
next:
	for _, k := range all {
		for i, group := range out {
			if group[len(group)-1].handsOver(k) {
				out[i] = append(group, k)
				continue next
			}
		}
		out = append(out, []*keyed{k})
	}
	return out
}

const (
	// briefest is the shortest life that a session can have.
	briefest = 15 * time.Minute
	// unbroken is how long a run may be silent when it gets another key.
	unbroken = 15 * time.Minute
)

// handsOver reports whether another key is the same run's next one: of the same
// name and subject, issued late in this one's life and used from then on. Two
// jobs that bear one name and follow each other are two.
func (k *keyed) handsOver(to *keyed) bool {
	return !k.Lasts && k.run.Name != "" && k.run.Name == to.run.Name && k.run.Role == to.run.Role &&
		(k.run.Subject == to.run.Subject || k.run.Subject == "" || to.run.Subject == "") &&
		!k.First.IsZero() && !to.First.IsZero() && continues(k.Issued, k.Life, k.Last, to.Issued, to.First)
}

// continues reports whether a key can have taken over from another: what is not
// known speaks for it.
func continues(issued time.Time, life time.Duration, last, nextIssued, nextFirst time.Time) bool {
	if nextFirst.Before(last) {
		return false
	}
	if issued.IsZero() || nextIssued.IsZero() {
		return true
	}
	return nextFirst.Sub(last) <= unbroken && nextIssued.Sub(issued) >= max(briefest, life/2)
}

// joined is the run of some keys.
func joined(keys []*keyed) providers.Run {
	out := keys[0].run
	out.Keys = nil
	var refusals []providers.Refusal
	for i, k := range keys {
		out.Keys = append(out.Keys, k.RunKey)
		refusals = append(refusals, k.refusals...)
		if i > 0 {
			out.Reads, out.Changes, out.Failed, out.Refused = out.Reads+k.run.Reads, out.Changes+k.run.Changes, out.Failed+k.run.Failed, out.Refused+k.run.Refused
			out.Subject = cmp.Or(out.Subject, k.run.Subject)
		}
		if !k.First.IsZero() && (out.First.IsZero() || k.First.Before(out.First)) {
			out.First = k.First
		}
		if k.Last.After(out.Last) {
			out.Last = k.Last
		}
		if k.run.Answered.After(out.Answered) {
			out.Answered = k.run.Answered
		}
	}
	slices.SortFunc(refusals, func(a, b providers.Refusal) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.EventID, b.EventID))
	})
	for _, r := range refusals {
		if out.FirstRefused == nil {
			out.FirstRefused = &r
		}
		if out.Stopped == nil && !out.Answered.IsZero() && r.Time.After(out.Answered) {
			out.Stopped = &r
		}
	}
	return out
}
