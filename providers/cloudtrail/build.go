package cloudtrail

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"reconcile/providers"
)

// Hints single out the session where nobody named it.
type Hints struct {
	LockCreated time.Time // zero: no lock
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
}

// Build turns what a source found into the trail of one session: its own calls
// that happened, those that were refused, and everybody else's, each record
// once, in order of time. It says which session that is, and why.
func Build(got Result, q Query, x Index, hints Hints) (providers.Trail, Session) {
	t := providers.Trail{Source: got.Source, Since: q.Since, Until: q.Until, Regions: slices.Sorted(slices.Values(q.Regions)),
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

	session, mine, problems := single(role, q.Who, hints, x)
	t.Problems = append(t.Problems, problems...)
	session.Assumed = chain(slices.Concat(role, others), mine)
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
		slices.SortFunc(calls, func(a, b providers.Call) int {
			return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.EventID, b.EventID))
		})
	}
	return t, session
}

// run is one access key's calls.
type run struct {
	key, name   string
	first, last time.Time
	writes      int
	refusals    int
	named       int // calls that the apply's log names
}

// single finds the session among the calls of the role. A name that several
// keys share at the same time is not one session: two runs of one pipeline may
// bear the same name. Keys that follow each other are one, refreshed.
func single(role []Record, who Who, hints Hints, x Index) (Session, func(providers.Principal) bool, []string) {
	runs := runsOf(role, who, hints.names(x))
	nobody := func(providers.Principal) bool { return false }
	asked := who.session()
	none := Session{Name: asked}
	if len(runs) == 0 {
		if asked != "" {
			none.How = "named by --session; the trail has no call of it in the window"
		}
		return none, nobody, nil
	}
	how := "named by --session"
	switch {
	case asked == "":
		runs, how = likely(runs, hints)
		if how == "" {
			names := make([]string, len(runs))
			for i, r := range runs {
				names[i] = r.name + "/" + r.key
			}
			return none, nobody, []string{"the session that died cannot be singled out among " + strings.Join(names, ", ") +
				": say which with --session NAME or --session ACCESS-KEY-ID"}
		}
	case !IsAccessKey(asked):
		if said := withNames(runs); overlap(runs) > 0 && len(said) > 0 && overlap(said) == 0 {
			runs, how = said, "named by --session, and of the runs of that name the one whose calls the apply's log names"
		}
		if i := overlap(runs); i > 0 {
			return none, nobody, []string{fmt.Sprintf("session name %s stands for %d runs at the same time: say which with --session ACCESS-KEY-ID (%s or %s)",
				asked, len(runs), runs[i-1].key, runs[i].key)}
		}
	}
	s := Session{Name: runs[0].name, How: how}
	for _, r := range runs {
		s.AccessKeys = append(s.AccessKeys, r.key)
	}
	mine := func(p providers.Principal) bool {
		return who.isRole(p) && p.Session == s.Name && slices.Contains(s.AccessKeys, p.AccessKey)
	}
	return s, mine, nil
}

// runsOf groups the calls by key, in order of their first call.
func runsOf(role []Record, who Who, named func(Record) bool) []run {
	byKey := map[string]*run{}
	for _, r := range role {
		if !who.isSession(r.By) {
			continue
		}
		u := byKey[r.By.AccessKey]
		if u == nil {
			u = &run{key: r.By.AccessKey, name: r.By.Session, first: r.Time, last: r.Time}
			byKey[r.By.AccessKey] = u
		}
		if r.Time.Before(u.first) {
			u.first = r.Time
		}
		if r.Time.After(u.last) {
			u.last = r.Time
		}
		if !r.ReadOnly && r.Error == "" {
			u.writes++
		}
		if refusal(r.Error) {
			u.refusals++
		}
		if named(r) {
			u.named++
		}
	}
	var out []run
	for _, u := range byKey {
		out = append(out, *u)
	}
	slices.SortFunc(out, func(a, b run) int { return cmp.Or(a.first.Compare(b.first), cmp.Compare(a.key, b.key)) })
	return out
}

// likely is the one run that the evidence singles out: the only one that
// changed anything; the only one of those that was at work after the lock was
// taken; the only one of those left whose calls were refused. Else it is all
// that changed anything, or all.
func likely(runs []run, hints Hints) ([]run, string) {
	writers := slices.DeleteFunc(slices.Clone(runs), func(r run) bool { return r.writes == 0 && r.refusals == 0 })
	switch len(writers) {
	case 0:
		return runs, ""
	case 1:
		return writers, "the only session of the role that changed anything in the window"
	}
	holders := writers
	if !hints.LockCreated.IsZero() {
		holders = slices.DeleteFunc(slices.Clone(writers), func(r run) bool {
			// The lock is taken before the first change and by the same run.
			return r.last.Before(hints.LockCreated) || r.first.Before(hints.LockCreated.Add(-time.Hour))
		})
		if len(holders) == 1 {
			return holders, "the only session of the role that was at work after the lock was taken"
		}
	}
	if said := withNames(holders); len(said) == 1 {
		return said, "the only session of the role whose calls the apply's log names"
	}
	// A refusal tells something only of a run that can hold the lock.
	refused := slices.DeleteFunc(slices.Clone(holders), func(r run) bool { return r.refusals == 0 })
	if len(refused) == 1 {
		return refused, "the only session of the role whose calls were refused"
	}
	return writers, ""
}

// names returns whether a call is one that the apply's log names.
func (h Hints) names(x Index) func(Record) bool {
	if len(h.Requests)+len(h.Made) == 0 {
		return func(Record) bool { return false }
	}
	requests, made := map[string]bool{}, map[string]bool{}
	for _, id := range h.Requests {
		requests[strings.ToLower(id)] = true
	}
	for _, id := range h.Made {
		made[id] = true
	}
	return func(r Record) bool {
		if requests[strings.ToLower(r.RequestID)] {
			return true
		}
		return r.Error == "" && !r.ReadOnly && slices.ContainsFunc(x.Call(r).Mutations, func(m providers.Mutation) bool {
			return m.Role == providers.Created && made[m.ID]
		})
	}
}

func withNames(runs []run) []run {
	return slices.DeleteFunc(slices.Clone(runs), func(r run) bool { return r.named == 0 })
}

// overlap is the place of the first run that began before the one before it
// ended, 0 for none.
func overlap(runs []run) int {
	for i := 1; i < len(runs); i++ {
		if runs[i].first.Before(runs[i-1].last) {
			return i
		}
	}
	return 0
}
