package verify

import (
	"fmt"
	"time"

	"reconcile/internal/backend"
	"reconcile/internal/plan"
)

// Alive is the verdict on a lock whose holder is at work: nothing releases it.
const Alive = "held-alive"

// Release is what decides whether the lock may be released.
type Release struct {
	Report *plan.Report
	Lock   backend.Lock // as it is now
	// Serial, Lineage and SHA256 are those of the state as it is now; Broken says
	// why there is none that can be read.
	Serial   uint64
	Lineage  string
	SHA256   string
	Broken   string
	Verdict  string   // on the lock's holder
	Evidence []string // for it
	// Snapshot is when one was taken; zero: none was.
	Snapshot time.Time
}

// Gate is one reason not to release the lock.
type Gate struct {
	Why  string
	Next string // what to type
	// Hard: no override goes past it.
	Hard bool
}

// Gates lists what stands against a release, the hard reasons first.
func (in Release) Gates() []Gate {
	var hard, soft []Gate
	r, x := in.Report, in.Report.Execution
	switch {
	case in.Verdict == Alive:
		hard = append(hard, Gate{"the holder of the lock is alive: releasing it would let two runs write one state", "wait for it; reconcile lock says what tells", true})
	case r.Lock.Status != backend.Held:
		hard = append(hard, Gate{fmt.Sprintf("the plan saw no held lock, and %s holds one now (%s): somebody has come since", who(in.Lock), in.Lock.ID), "wait for them, then run reconcile plan again", true})
	case in.Lock.ID != r.Lock.ID:
		hard = append(hard, Gate{fmt.Sprintf("the lock is another one than the plan saw: %s holds it now (%s)", who(in.Lock), in.Lock.ID), "wait for that run, then run reconcile plan again", true})
	}
	const again = "run reconcile verify"
	switch {
	case in.Broken != "":
		soft = append(soft, Gate{Why: "the state cannot be read: " + in.Broken, Next: "look at it with reconcile versions"})
	case x == nil:
		soft = append(soft, Gate{Why: "nothing was verified yet", Next: again})
	case !x.Clean:
		soft = append(soft, Gate{Why: fmt.Sprintf("verify found something left to do (%d)", len(x.Left)), Next: "do what is left, then " + again + " again"})
	case x.Serial != in.Serial || x.Lineage != in.Lineage || !sameSum(x.SHA256, in.SHA256):
		soft = append(soft, Gate{Why: fmt.Sprintf("the state has been written since it was verified: serial %d then, %d now", x.Serial, in.Serial), Next: again + " again"})
	}
	const snapshot = "run reconcile snapshot, then the snapshot.sh that it writes"
	switch {
	case in.Snapshot.IsZero():
		soft = append(soft, Gate{Why: "no snapshot of the state's versions was taken", Next: snapshot})
	case !in.Saved():
		soft = append(soft, Gate{Why: fmt.Sprintf("the snapshot is of %s, before the lock was taken (%s): it is of an earlier incident", in.Snapshot.UTC().Format(time.RFC3339), in.Lock.Created.UTC().Format(time.RFC3339)), Next: snapshot})
	}
	return append(hard, soft...)
}

// Saved reports whether a snapshot was taken since the lock was.
func (in Release) Saved() bool { return !in.Snapshot.IsZero() && !in.Snapshot.Before(in.Lock.Created) }

// sameSum: a state that was pulled ends with a line break that the object has
// not, so only two sums of the object can be told apart here. An empty one is of
// a state that another reader had.
func sameSum(verified, now string) bool { return verified == "" || now == "" || verified == now }

func who(l backend.Lock) string {
	if l.Who == "" {
		return "somebody"
	}
	return l.Who
}

// Checklist is what must hold before the lock goes, with what is known of each.
func (in Release) Checklist() []string {
	known := func(ok bool, yes, no string) string {
		if ok {
			return "[known] " + yes
		}
		return "[NOT]   " + no
	}
	r, x := in.Report, in.Report.Execution
	out := []string{"[you]   the pipeline is frozen: no job can begin an apply"}
	out = append(out, known(in.Saved(), "a snapshot was taken at "+in.Snapshot.UTC().Format(time.RFC3339), "no snapshot was taken since the lock was"))
	switch in.Verdict {
	case "dead":
		out = append(out, "[known] the holder is dead")
	default:
		out = append(out, fmt.Sprintf("[you]   the holder is dead: you have looked at its job (%s)", in.Verdict))
	}
	for _, e := range in.Evidence {
		out = append(out, "        - "+e)
	}
	done := x != nil && x.Clean
	out = append(out, known(done, fmt.Sprintf("reconciled: %d steps are in the state", len(r.Actions)), fmt.Sprintf("the plan's %d steps are not known to be in the state", len(r.Actions))))
	verified := ""
	if x != nil {
		verified = fmt.Sprintf("verified at %s, serial %d: nothing was left", x.VerifiedAt.Format(time.RFC3339), x.Serial)
	}
	return append(out, known(done && x.Serial == in.Serial && x.Lineage == in.Lineage, verified, "not verified on the state as it is now"))
}
