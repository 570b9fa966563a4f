package cloudtrail

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"reconcile/providers"
)

// Hints single out the session where nobody named it.
type Hints struct {
	LockCreated time.Time // zero: no lock
	Holder      string    // user@host, as the lock has it
	Ended       time.Time // when the apply's log ends; zero: not known
	// What the apply's log names: requests that failed, ids of objects it made.
	Requests, Made []string
}

// Session is the run that was singled out.
type Session struct {
	Name       string
	AccessKeys []string
	How        string // "" if it could not be singled out
	// Assumed are the roles that it took on: what they did, it did.
	Assumed []Assumed
	// Subject is for whom an identity provider spoke when it began, Keys what is
	// known of the life of each key.
	Subject string
	Keys    []providers.RunKey
}

// AllKeys are its own access keys, and those of the roles that it took on.
func (s Session) AllKeys() []string {
	keys := slices.Clone(s.AccessKeys)
	for _, a := range s.Assumed {
		keys = append(keys, a.Key)
	}
	return keys
}

// Build turns what a source found into the trail of one session: its own calls
// that happened, those that were refused, and everybody else's, each record
// once, in order of time. It says which session that is, and why.
func Build(got Result, q Query, x Index, hints Hints) (providers.Trail, Session) {
	t := providers.Trail{Source: got.Source, Regions: slices.Sorted(slices.Values(q.Regions)),
		AllMakers: got.AllWriters, Problems: slices.Clone(got.Problems)}
	t.Stats.Pages, t.Stats.Malformed, t.Stats.Others = got.Pages, got.Malformed, got.Others
	t.Stats.Scanned, t.Stats.Bytes, t.Stats.Duplicates = got.Scanned, got.Bytes, got.Duplicates
	if got.Malformed > 0 {
		t.Problems = append(t.Problems, fmt.Sprintf("%d CloudTrail records could not be read", got.Malformed))
	}

	seen := map[string]bool{}
	var role, others []Record
	for _, r := range got.Records {
		t.Stats.Records++
		switch {
		case seen[r.EventID]:
			t.Stats.Duplicates++
		case r.Type != "" && r.Type != "AwsApiCall":
			t.Stats.Others++
		case q.Who.isRole(r.By) && r.By.InvokedBy == "":
			role = append(role, r)
		default:
			others = append(others, r)
		}
		seen[r.EventID] = true
	}

	all := slices.Concat(role, others)
	session, mine, problems := single(all, q.Who, hints, x)
	t.Problems = append(t.Problems, problems...)
	session.Assumed = chain(all, mine)
	if len(session.AccessKeys) > 0 {
		for _, r := range Runs(all, Who{Role: q.Who.Role, Keys: session.AccessKeys}, false) {
			session.Keys, session.Subject = append(session.Keys, r.Keys...), cmp.Or(session.Subject, r.Subject)
		}
	}
	assumed := func(p providers.Principal) bool {
		return p.InvokedBy == "" && slices.ContainsFunc(session.Assumed, func(a Assumed) bool { return a.Key == p.AccessKey })
	}
	own := func(r Record) {
		switch {
		case r.ReadOnly && r.Error == "":
			t.Stats.Reads++
		case r.Error != "":
			t.Stats.Refused++
			t.Refused = append(t.Refused, x.Call(r))
		default:
			t.Stats.Own++
			t.Own = append(t.Own, x.Call(r))
		}
	}
	for _, r := range role {
		switch {
		case assumed(r.By):
			own(r)
		case len(problems) > 0 && q.Who.isSession(r.By) && !r.ReadOnly && r.Error == "":
			t.Unclear = append(t.Unclear, x.Call(r))
		case mine(r.By):
			own(r)
		default:
			others = append(others, r)
		}
	}
	for _, r := range others {
		switch {
		case assumed(r.By):
			own(r)
		case r.ReadOnly || r.Error != "":
			t.Stats.Reads++
		default:
			t.Stats.Others++
			t.Others = append(t.Others, x.Call(r))
		}
	}
	t.Problems = append(t.Problems, x.omissions(slices.Concat(role, others), t.Own)...)
	for _, calls := range [][]providers.Call{t.Own, t.Refused, t.Others, t.Unclear} {
		slices.SortFunc(calls, providers.Call.Compare)
	}
	return t, session
}
