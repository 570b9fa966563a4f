package cloudtrail

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"reconcile/providers"
)

// suspect is a run that may be the one that died.
type suspect struct {
	providers.Run
	named   int  // calls that the apply's log names
	through bool // a role that it assumed changed something
}

// single finds the session among all records, those that issued its keys too. A
// name that several keys share is not one session, whether they were at work at
// the same time or one after the other: a pipeline may give all its runs one
// name. Keys are one run only if the apply's log names calls of them all, or a
// person says so.
func single(records []Record, who Who, hints Hints, x Index) (Session, func(providers.Principal) bool, []string) {
	suspects := suspectsOf(records, who, hints, x)
	nobody := func(providers.Principal) bool { return false }
	asked := who.name()
	none := Session{Name: asked}
	switch {
	case who.Subject != "" && len(who.keys()) == 0:
		return none, nobody, []string{"no session of " + who.Role + " that began for " + who.Subject +
			" is in the trail: check --oidc-subject, or say which run it was with --session NAME or --session ACCESS-KEY-ID"}
	case len(suspects) == 0:
		if asked != "" || len(who.keys()) > 0 {
			none.Name, none.How = cmp.Or(asked, who.Session), "named by "+who.flag()+"; the trail has no call of it in the window"
		}
		return none, nobody, nil
	}
	all, how := suspects, "named by "+who.flag()
	switch {
	case len(who.named()) > 0:
	case asked == "" && who.Subject == "":
		suspects, how = likely(suspects, hints)
		if kin := related(suspects, all, hints); how != "" && len(kin) > 1 {
			return none, nobody, []string{unsure(kin)}
		}
		if how == "" {
			return none, nobody, []string{"the session that died cannot be singled out among " + strings.Join(spelled(suspects, true), ", ") +
				": say which with --session NAME or --session ACCESS-KEY-ID" + proposal(suspects, hints)}
		}
	case len(suspects) > 1:
		of := "of that name"
		if who.Subject != "" {
			of = "for that subject"
		}
		left, why := likely(suspects, hints)
		if kin := related(left, all, hints); why != "" && len(kin) > 1 {
			return none, nobody, []string{unsure(kin)}
		}
		if why == "" {
			return none, nobody, []string{sharing(asked, who, suspects) + proposal(suspects, hints)}
		}
		suspects, how = left, how+", and of the runs "+of+" "+strings.Replace(why, "only session of the role", "only one", 1)
	}
	s := Session{Name: suspects[0].Name, How: how}
	for _, r := range suspects {
		s.AccessKeys = append(s.AccessKeys, r.KeyIDs()...)
	}
	mine := func(p providers.Principal) bool {
		return who.isRole(p) && slices.Contains(s.AccessKeys, p.AccessKey) && (p.AccessKey != "" || p.Session == s.Name)
	}
	return s, mine, nil
}

// flag is how the session was named.
func (w Who) flag() string {
	if w.Subject != "" && len(w.named()) == 0 {
		return "--oidc-subject"
	}
	return "--session"
}

// sharing says that a name stands for several runs.
func sharing(name string, who Who, suspects []suspect) string {
	what := "session name " + name
	if who.Subject != "" {
		what = "the subject " + who.Subject
	}
	keys := spelled(suspects, who.Subject != "")
	when := "at different times"
	if overlap(suspects) {
		when = "at the same time"
	}
	return fmt.Sprintf("%s stands for %d runs %s: say which with --session ACCESS-KEY-ID (%s)", what, len(suspects), when, strings.Join(keys, " or ")) + orOne(suspects)
}

// orOne names the runs that may be one.
func orOne(suspects []suspect) string {
	for _, s := range suspects {
		for _, before := range suspects {
			if s.continues(before) {
				return "; if " + before.last() + " was refreshed as " + s.KeyIDs()[0] + ", both are one run: --session " + strings.Join(append(before.KeyIDs(), s.KeyIDs()...), ",")
			}
		}
	}
	return ""
}

// unsure says that a run that was singled out may be more than what was.
func unsure(kin []suspect) string {
	return fmt.Sprintf("whether session %s is one run that got another key, or %d runs of that name, cannot be told (%s): say --session %s if it is one, else which with --session ACCESS-KEY-ID",
		kin[0].Name, len(kin), strings.Join(spelled(kin, false), ", then "), strings.Join(spelled(kin, false), ","))
}

// spelled are the runs as a person tells them apart: by their keys.
func spelled(suspects []suspect, names bool) []string {
	out := make([]string, len(suspects))
	for i, s := range suspects {
		if out[i] = strings.Join(s.KeyIDs(), ","); names {
			out[i] = s.Name + "/" + out[i]
		}
	}
	return out
}

// suspectsOf are the runs that may be meant, in order of their first call: those
// that called at all.
func suspectsOf(records []Record, who Who, hints Hints, x Index) []suspect {
	named := map[string]int{}
	says := hints.names(x)
	for _, r := range records {
		if says(r) {
			named[r.By.AccessKey]++
		}
	}
	var out []suspect
	through := throughRoles(records)
	for _, r := range Runs(records, who, false) {
		if r.Calls() > 0 {
			out = append(out, suspect{Run: r, named: named[r.Keys[0].ID], through: through[r.Keys[0].ID]})
		}
	}
	return together(out)
}

// likely is the one run that the evidence singles out: the only one that
// changed anything; the only one of those that was at work after the lock was
// taken; the only one of those left that ended refused. Else it is all that
// changed anything, or all. A run that evidently lived on is never the one.
func likely(runs []suspect, hints Hints) ([]suspect, string) {
	left, why := evident(runs, hints)
	if why != "" && (left[0].survived(hints) || left[0].overtaken(runs, hints)) {
		return left, ""
	}
	return left, why
}

func evident(runs []suspect, hints Hints) ([]suspect, string) {
	writers := slices.DeleteFunc(slices.Clone(runs), func(r suspect) bool { return !r.touched() })
	holders := slices.DeleteFunc(slices.Clone(writers), func(r suspect) bool { return !r.mayHold(hints) })
	switch len(writers) {
	case 0:
		return runs, ""
	case 1:
		// One key may apply one module after the other for hours. It is in doubt where
		// another run can have taken the lock.
		if writers[0].over(hints) || len(holders) == 0 && slices.ContainsFunc(runs, func(r suspect) bool { return r.mayHold(hints) }) {
			return runs, ""
		}
		return writers, "the only session of the role that changed anything in the window"
	}
	if !hints.LockCreated.IsZero() && len(holders) == 1 {
		return holders, "the only session of the role that was at work after the lock was taken"
	}
	if said := withNames(holders); len(said) == 1 {
		return said, "the only session of the role whose calls the apply's log names"
	}
	// A refusal tells something only of a run that can hold the lock, and nothing
	// of one that was answered again.
	refused := slices.DeleteFunc(slices.Clone(holders), func(r suspect) bool { return r.Refused == 0 })
	if len(refused) == 1 && refused[0].endedRefused() {
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

func withNames(runs []suspect) []suspect {
	return slices.DeleteFunc(slices.Clone(runs), func(r suspect) bool { return r.named == 0 })
}

// overlap reports whether a run began before another one had ended.
func overlap(runs []suspect) bool {
	for i := range runs {
		for _, r := range runs[:i] {
			if runs[i].First.Before(r.Last) {
				return true
			}
		}
	}
	return false
}
