package lock

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"reconcile/internal/backend"
	"reconcile/providers"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func ago(d time.Duration) time.Time { return noon.Add(-d) }

const role = "arn:aws:iam::123456789012:role/ci"

// held is a lock that was taken some time ago.
func held(d time.Duration) backend.Lock {
	return backend.Lock{Status: backend.Held, ID: "lock-1", Form: backend.DynamoDB, Operation: "OperationTypeApply", Who: "ci@runner-7", Created: ago(d), Path: "b/k"}
}

// run is a session that began some minutes ago, lives for an hour, and made its
// last answered call some minutes ago.
func run(name string, begun, answered time.Duration, more ...func(*providers.Run)) providers.Run {
	r := providers.Run{Role: role, Name: name, First: ago(begun), Last: ago(answered), Answered: ago(answered), Reads: 9, Changes: 3, Whole: true,
		Keys: []providers.RunKey{{ID: "ASIA" + strings.ToUpper(name), Issued: ago(begun), Life: time.Hour, Expires: ago(begun).Add(time.Hour), First: ago(begun), Last: ago(answered)}}}
	for _, f := range more {
		f(&r)
	}
	return r
}

func refused(at time.Duration, code string) func(*providers.Run) {
	return func(r *providers.Run) {
		r.Refused, r.Last = 4, ago(at)
		r.Stopped = &providers.Refusal{Time: r.Answered.Add(time.Second), Name: "CreateRoute", Code: code}
		r.FirstRefused = r.Stopped
	}
}

func lasts(r *providers.Run) { r.Keys[0] = providers.RunKey{ID: "AKIA1", Lasts: true} }

func unknownLife(r *providers.Run) {
	r.Keys[0].ID, r.Keys[0].Issued, r.Keys[0].Life, r.Keys[0].Expires = "XSIA1", time.Time{}, 0, time.Time{}
}

func trail(runs ...providers.Run) *Trail {
	return &Trail{Role: role, Source: "CloudTrail LookupEvents", Regions: []string{"eu-west-1"}, Since: ago(24 * time.Hour), Runs: runs}
}

const m = time.Minute

// TestVerdicts are the rules, one a line: what is known, and what it comes to.
func TestVerdicts(t *testing.T) {
	base := func(f func(*Facts)) Facts {
		facts := Facts{Now: noon, Lock: held(90 * m), TrailDelay: 15 * m, Trail: trail(run("a", 95*m, 80*m)), StateWritten: ago(100 * m)}
		f(&facts)
		return facts
	}
	for _, c := range []struct {
		name  string
		facts Facts
		want  Verdict
		why   string
		again time.Duration // before now; 0 for none
	}{
		{"nobody holds it", base(func(f *Facts) { f.Lock = backend.Lock{Status: backend.NotHeld} }), None, "nobody holds", 0},
		{"it could not be read", base(func(f *Facts) { f.Lock = backend.Lock{Status: backend.Unknown, Error: "denied"} }), Unknown, "could not be read: denied", 0},
		{"not Terraform's own", base(func(f *Facts) { f.Lock = backend.Lock{Status: backend.Held, Error: "not JSON"} }), Unknown, "not Terraform that wrote it", 0},
		{"not Terraform's own, and a person's word", base(func(f *Facts) { f.Lock, f.RunEnded = backend.Lock{Status: backend.Held}, "run 7" }), Unknown, "not Terraform", 0},
		{"no look at CloudTrail", base(func(f *Facts) { f.Trail = nil }), Unknown, "nothing tells", 0},

		{"called just now", base(func(f *Facts) { f.Trail = trail(run("a", 50*m, 3*m)); f.Lock = held(49 * m) }), HeldAlive, "called AWS 3m ago", -14 * m},
		{"called as long ago as records may be late", base(func(f *Facts) { f.Trail = trail(run("a", 50*m, 17*m)); f.Lock = held(49 * m) }), HeldAlive, "called AWS 17m ago", 0 * m},
		{"silent a little longer", base(func(f *Facts) { f.Trail = trail(run("a", 50*m, 18*m)); f.Lock = held(49 * m) }), Unknown, "silent for 18m", -7 * m},
		{"silent for long", base(func(f *Facts) { f.Trail = trail(run("a", 50*m, 26*m)); f.Lock = held(49 * m) }), ProbablyDead, "silent for 26m", -10 * m},
		{"a person's own key, silent for a day", base(func(f *Facts) { f.Trail = trail(run("a", 95*m, 80*m, lasts)) }), ProbablyDead, "silent for 1h20m", 0},
		{"a key of which nothing is known", base(func(f *Facts) { f.Trail = trail(run("a", 95*m, 80*m, unknownLife)) }), ProbablyDead, "silent for", 0},

		{"refused, and still calling", base(func(f *Facts) {
			f.Trail = trail(run("a", 50*m, 40*m, refused(5*m, "AccessDenied")))
			f.Lock = held(49 * m)
		}), Unknown, "still called AWS 5m ago, and was refused", -12 * m},
		{"refused, and silent since", base(func(f *Facts) {
			f.Trail = trail(run("a", 50*m, 40*m, refused(39*m, "AccessDenied")))
			f.Lock = held(49 * m)
		}), ProbablyDead, "was refused from", -10 * m},

		{"expired, and the trail is complete", base(func(*Facts) {}), Dead, "expired at 2026-11-21T11:25:00Z, and CloudTrail shows no call of it that was answered since", 0},
		{"expired a moment ago", base(func(f *Facts) { f.Trail = trail(run("a", 70*m, 40*m)); f.Lock = held(69 * m) }), ProbablyDead, "whether it goes on with another key", -5 * m},
		{"expired, and refused for that", base(func(f *Facts) {
			f.Trail = trail(run("a", 66*m, 8*m, refused(5*m, "ExpiredToken")))
			f.Lock = held(65 * m)
		}), ProbablyDead, "expired at", -12 * m},
		{"expired, refused, and its process still calls", base(func(f *Facts) { f.Trail = trail(run("a", 95*m, 40*m, refused(5*m, "ExpiredToken"))) }), ProbablyDead, "it still called AWS 5m ago", -12 * m},
		{"expired just after it was answered", base(func(f *Facts) { f.Trail = trail(run("a", 62*m, 4*m)); f.Lock = held(61 * m) }), Unknown, "its session has expired", -13 * m},
		{"expired, and one of the same name goes on", base(func(f *Facts) { f.Trail = trail(run("a", 95*m, 80*m), run("a", 30*m, 3*m)) }), Unknown, "another of the same name", 0},
		{"expired, and another run of the role works on something else", base(func(f *Facts) { f.Trail = trail(run("a", 95*m, 80*m), run("b", 30*m, 3*m)) }), Dead, "expired", 0},
		{"expired, and one that was silent before the lock lives", base(func(f *Facts) {
			f.Trail = trail(run("a", 95*m, 80*m), run("b", 110*m, 100*m, func(r *providers.Run) { r.Keys[0].Expires = noon.Add(time.Hour) }))
		}), ProbablyDead, "was there before the lock as well", -75 * m},
		{"twelve hours after its first call any session is over", base(func(f *Facts) {
			f.Lock, f.Trail = held(13*60*m), trail(run("a", 13*60*m, 12*60*m, unknownLife, func(r *providers.Run) { r.Keys[0].ID = "ASIA1" }))
		}), Dead, "expired", 0},

		{"two that may hold it, one at work", base(func(f *Facts) { f.Lock, f.Trail = held(45*m), trail(run("a", 50*m, 30*m), run("b", 48*m, 3*m)) }), Unknown, "2 runs of the role may hold it", -14 * m},
		{"two that may hold it, both at work", base(func(f *Facts) { f.Lock, f.Trail = held(45*m), trail(run("a", 50*m, 4*m), run("b", 48*m, 3*m)) }), HeldAlive, "called AWS", -13 * m},
		{"two that may hold it, both expired", base(func(f *Facts) { f.Trail = trail(run("a", 95*m, 80*m), run("b", 93*m, 82*m)) }), Dead, "expired", 0},
		{"no call since the lock", base(func(f *Facts) { f.Trail = trail(run("a", 200*m, 120*m)) }), Unknown, "no call of " + role + " since the lock was taken", 0},
		{"began after the lock", base(func(f *Facts) { f.Trail = trail(run("a", 50*m, 3*m)) }), Unknown, "no call", 0},
		{"the trail is not whole", base(func(f *Facts) { f.Trail.Problems = []string{"throttled"} }), Unknown, "could not be read in full: throttled", 0},
		{"the trail is not whole, but shows life", base(func(f *Facts) {
			f.Lock, f.Trail = held(49*m), trail(run("a", 50*m, 3*m))
			f.Trail.Problems = []string{"throttled"}
		}), HeldAlive, "called", -14 * m},
		{"the records end before the session does", base(func(f *Facts) { f.Trail.Newest = ago(50 * m) }), ProbablyDead, "cannot be seen yet", 20 * m},

		{"younger than the records are late", base(func(f *Facts) {
			f.Lock, f.Trail = held(10*m), trail(run("a", 70*m, 10*m, refused(9*m, "ExpiredToken")))
		}), Unknown, "the lock is 10m old", -5 * m},
		{"younger, and a person's word", base(func(f *Facts) { f.Lock, f.RunEnded = held(10*m), "run 7" }), Unknown, "the lock is 10m old", -5 * m},
		{"younger, and it calls", base(func(f *Facts) { f.Lock, f.Trail = held(10*m), trail(run("a", 11*m, 3*m)) }), HeldAlive, "called AWS 3m ago", -14 * m},
		{"younger, and a person says that records are not late", base(func(f *Facts) {
			f.Lock, f.TrailDelay, f.Trail = held(10*m), 0, trail(run("a", 70*m, 10*m, refused(9*m, "ExpiredToken")))
		}), Dead, "expired", 0},

		{"a person's word alone", base(func(f *Facts) { f.Trail, f.RunEnded = nil, "https://ci/7" }), Dead, "a person says that the run has ended: https://ci/7", 0},
		{"a person's word on a silent run", base(func(f *Facts) { f.Trail, f.RunEnded = trail(run("a", 95*m, 80*m, lasts)), "run 7" }), Dead, "a person says", 0},
		{"a person's word on a run that called a while ago", base(func(f *Facts) { f.Trail, f.RunEnded = trail(run("a", 95*m, 12*m, lasts)), "run 7" }), ProbablyDead, "whether it has stopped since cannot be seen yet", -5 * m},
		{"a person's word on a run that calls", base(func(f *Facts) { f.Trail, f.RunEnded = trail(run("a", 95*m, m, lasts)), "run 7" }), HeldAlive, "has not ended", 0},

		{"the state is being written", base(func(f *Facts) { f.StateWritten = ago(m) }), HeldAlive, "the state was written 60s ago", -1 * m},
		{"the state is being written, whatever a person says", base(func(f *Facts) { f.StateWritten, f.RunEnded = ago(m), "run 7" }), HeldAlive, "the state was written", 0},
		{"the state was written while the lock was held, long ago", base(func(f *Facts) { f.StateWritten = ago(85 * m) }), Dead, "expired", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Judge(c.facts)
			if got.Verdict != c.want || !strings.Contains(got.Why, strings.Replace(c.why, "60s", "1m", 1)) {
				t.Errorf("%s: %s; want %s: %s", got.Verdict, got.Why, c.want, c.why)
			}
			if c.again != 0 {
				if want := ago(c.again).Add(time.Second); !got.Again.Equal(want) {
					t.Errorf("again at %s, want %s", got.Again, want)
				}
			}
			if got.Verdict == Unknown && got.Next == "" && got.Again.IsZero() && c.facts.Lock.Status == backend.Held {
				t.Error("nothing is said that would help")
			}
			if len(got.Evidence) == 0 {
				t.Error("there is no evidence")
			}
			for _, e := range got.Evidence {
				if e.Source == "" || e.Says == "" || strings.Contains(e.Says, "%!") {
					t.Errorf("%+v", e)
				}
			}
		})
	}
}

// TestMoreLifeNeverMakesItDeader holds pairs of facts against each other that
// differ in one sign of life.
func TestMoreLifeNeverMakesItDeader(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minutes := func(label string, from, to int) time.Duration {
			return time.Duration(rapid.IntRange(from, to).Draw(t, label)) * m
		}
		one := func(n int) providers.Run {
			begun := minutes(fmt.Sprint("begun", n), 0, 200)
			r := run(string(rune('a'+n)), begun, min(begun, minutes(fmt.Sprint("answered", n), 0, 200)))
			if rapid.Bool().Draw(t, "lives long") {
				r.Keys[0].Expires = r.First.Add(minutes("life", 15, 720))
			}
			if r.Keys[0].Expires.Before(r.Answered) { // AWS answers no dead key
				r.Keys[0].Expires = r.Answered
			}
			if rapid.Bool().Draw(t, "lasts") {
				lasts(&r)
			}
			if rapid.Bool().Draw(t, "refused") {
				refused(min(noon.Sub(r.Answered), minutes("refused until", 0, 200)), "ExpiredToken")(&r)
			}
			return r
		}
		f := Facts{Now: noon, Lock: held(minutes("lock", 0, 200)), TrailDelay: minutes("delay", 0, 20), Trail: trail(one(0), one(1))}
		if rapid.Bool().Draw(t, "a person's word") {
			f.RunEnded = "run 7"
		}
		f.StateWritten = ago(minutes("state", 0, 200))
		g := f
		runs := []providers.Run{f.Trail.Runs[0], f.Trail.Runs[1]}
		g.Trail = trail(runs...)
		var what string
		switch r := &runs[rapid.IntRange(0, 1).Draw(t, "which")]; rapid.IntRange(0, 3).Draw(t, "sign of life") {
		case 0:
			what = "a later answered call"
			if f.holdsNot(*r) {
				return // it was no suspect: that it becomes one is another matter
			}
			r.Answered = r.Answered.Add(min(noon.Sub(r.Answered), minutes("later", 0, 100)))
			if key := r.Keys[0]; !key.Lasts && key.Expires.Before(r.Answered) {
				key.Expires = r.Answered
				r.Keys = []providers.RunKey{key}
			}
			if r.Answered.After(r.Last) {
				r.Last = r.Answered
			}
			if r.Stopped != nil && !r.Stopped.Time.After(r.Answered) {
				r.Stopped = nil
			}
		case 1:
			what = "a later refused call"
			if f.holdsNot(*r) || r.Stopped == nil {
				return
			}
			r.Last = r.Last.Add(min(noon.Sub(r.Last), minutes("later", 0, 100)))
		case 2:
			what = "a longer life"
			if r.Keys[0].Lasts {
				return
			}
			key := r.Keys[0]
			key.Expires = key.Expires.Add(minutes("longer", 0, 300))
			r.Keys = []providers.RunKey{key}
		case 3:
			what = "a later write of the state"
			g.StateWritten = f.StateWritten.Add(min(noon.Sub(f.StateWritten), minutes("later", 0, 100)))
		}
		g.Trail = trail(runs...)
		before, after := Judge(f), Judge(g)
		if rank(after.Verdict) > rank(before.Verdict) {
			t.Fatalf("%s makes %s (%s) into %s (%s)", what, before.Verdict, before.Why, after.Verdict, after.Why)
		}
	})
}

func (f Facts) holdsNot(r providers.Run) bool {
	for _, h := range f.holders() {
		if h.Name == r.Name {
			return false
		}
	}
	return true
}

// TestDeadNeedsAnExpiredSessionOrAPersonsWord whatever else is known.
func TestDeadNeedsAnExpiredSessionOrAPersonsWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minutes := func(label string, to int) time.Duration {
			return time.Duration(rapid.IntRange(0, to).Draw(t, label)) * m
		}
		begun := minutes("begun", 300)
		r := run("a", begun, min(begun, minutes("answered", 300)), refused(min(begun, minutes("refused", 300)), "AccessDenied"))
		if rapid.Bool().Draw(t, "lasts") {
			lasts(&r)
		}
		f := Facts{Now: noon, Lock: held(minutes("lock", 300)), TrailDelay: minutes("delay", 20), Trail: trail(r), StateWritten: ago(minutes("state", 300))}
		got := Judge(f)
		if got.Verdict == Dead && (!over(r, noon) || f.age() < f.TrailDelay) {
			t.Fatalf("%s", got.Why)
		}
	})
}
