package cloudtrail

import (
	"cmp"
	"slices"
	"time"

	"reconcile/providers"
)

// Runs are the sessions of the role, or the keys of the user, that are looked
// for, one a key, in order of their first call. The records may be in any order,
// twice, and of others; whole says that all calls of the window are among them.
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
	mayContinue(all)
	var out []providers.Run
	for _, k := range all {
		out = append(out, k.told())
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
	case providers.IsRefusal(r.Error):
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

const (
	// briefest is the shortest life that a session can have.
	briefest = 15 * time.Minute
	// unbroken is how long a run may be silent when it gets another key, and how
	// near to the end of a key's life it gets one.
	unbroken = 15 * time.Minute
	// inFlight is how long after a key was replaced calls with it may still end.
	inFlight = 10 * time.Second
)

// mayContinue names, for each key, the last one before it from which it may have
// taken over. Nothing in the trail tells a refreshed session from the next job's
// of that name, so nobody may take the two for one without asking.
func mayContinue(all []*keyed) {
	for i, k := range all {
		for _, before := range slices.Backward(all[:i]) {
			if before.mayHandOver(k) {
				k.run.Continues = before.ID
				break
			}
		}
	}
}

// mayHandOver reports whether another key can be the same run's next one: of the
// same name and subject, issued late enough in this one's life, and used from
// then on. What is not known speaks for it.
func (k *keyed) mayHandOver(to *keyed) bool {
	switch {
	case k.Lasts || k.run.Name == "" || k.run.Name != to.run.Name || k.run.Role != to.run.Role:
		return false
	case k.run.Subject != to.run.Subject && k.run.Subject != "" && to.run.Subject != "":
		return false
	case k.First.IsZero() || to.First.IsZero() || to.First.Before(k.Last.Add(-inFlight)):
		return false
	case k.Issued.IsZero() || to.Issued.IsZero():
		return true
	case to.Issued.Sub(k.Issued) < briefest:
		return false
	}
	// A run that works through roles which it assumed may be silent itself until
	// its key ends.
	atItsEnd := !k.Expires.IsZero() && to.Issued.Sub(k.Expires).Abs() <= unbroken
	return to.First.Sub(k.Last) <= unbroken || atItsEnd
}

// told is the run of a key.
func (k *keyed) told() providers.Run {
	out := k.run
	out.Keys, out.First, out.Last = []providers.RunKey{k.RunKey}, k.First, k.Last
	slices.SortFunc(k.refusals, func(a, b providers.Refusal) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.EventID, b.EventID))
	})
	for _, r := range k.refusals {
		if out.FirstRefused == nil {
			out.FirstRefused = &r
		}
		if out.Stopped == nil && !out.Answered.IsZero() && r.Time.After(out.Answered) {
			out.Stopped = &r
		}
	}
	return out
}
