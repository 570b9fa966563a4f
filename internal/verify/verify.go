package verify

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"reconcile/internal/plan"
	"reconcile/internal/statefile"
	"reconcile/providers"
)

// Input is what is held together.
type Input struct {
	Report *plan.Report     // of the plan
	Now    *plan.Report     // of a second reading, with the state as it is now
	State  *statefile.State // as it is now
	// Written is when State was written; zero: not known.
	Written time.Time
	Fresh   *Fresh // nil for none
	At      time.Time
}

// Judge says what is left to do. Clean is true only if nothing is.
func Judge(in Input) *plan.Execution {
	j := &judge{in: in, held: map[string]statefile.Instance{}}
	for _, i := range in.State.Instances {
		if i.Mode == statefile.Managed && i.Deposed == "" {
			j.held[i.Address] = i
		}
	}
	x := &plan.Execution{VerifiedAt: in.At.UTC().Truncate(time.Second), Serial: in.State.Serial, Lineage: in.State.Lineage, SHA256: in.State.SHA256,
		Source: in.State.Source, Left: []string{}, Seen: []string{}}
	if in.Fresh != nil {
		x.PlanJSON = in.Fresh.Source
	}
	if j.sameState() {
		j.steps()
	}
	j.reading()
	j.findings()
	j.fresh()
	x.Left, x.Seen = append(x.Left, slices.Compact(slices.Sorted(slices.Values(j.left)))...), append(x.Seen, slices.Compact(slices.Sorted(slices.Values(j.seen)))...)
	x.Clean = len(x.Left) == 0
	return x
}

type judge struct {
	in         Input
	held       map[string]statefile.Instance
	left, seen []string
}

func (j *judge) miss(format string, args ...any) {
	j.left = append(j.left, fmt.Sprintf(format, args...))
}
func (j *judge) note(format string, args ...any) {
	j.seen = append(j.seen, fmt.Sprintf(format, args...))
}

// sameState holds the state against the one that the plan read: an earlier
// serial or another lineage is another state, and nothing else needs be said.
func (j *judge) sameState() bool {
	was, now := j.in.Report.State, j.in.State
	least := was.Serial
	if e := j.in.Report.Errored; e != nil && was.Format == "none" {
		was.Lineage = e.Lineage
	}
	switch {
	case was.Lineage != "" && now.Lineage != was.Lineage:
		j.miss("the state is another one than the plan read: its lineage is %s, the plan's %s", cmp.Or(now.Lineage, "none"), was.Lineage)
		return false
	case now.Serial < least:
		j.miss("the state has serial %d and the plan read serial %d: an older state was put in place", now.Serial, least)
		return false
	}
	return true
}

// steps holds the state against each step of the plan.
func (j *judge) steps() {
	for _, a := range j.in.Report.Actions {
		i, there := j.held[a.Address]
		id := idOf(i)
		switch a.Op {
		case plan.Import:
			switch {
			case !there:
				j.miss("step %d is not done: the state holds nothing at %s", a.N, a.Address)
			case a.NewStateID != "" && id != a.NewStateID:
				j.miss("the state holds %s at %s, and step %d imports %s there", cmp.Or(id, "an object without an id"), a.Address, a.N, a.NewStateID)
			}
		case plan.StateRm:
			if there && a.OldStateID != "" && id == a.OldStateID {
				j.miss("step %d is not done: the state still holds %s at %s", a.N, a.OldStateID, a.Address)
			}
		case plan.Untaint:
			if there && i.Tainted {
				j.miss("step %d is not done: %s is still tainted", a.N, a.Address)
			}
			if !there {
				j.miss("the state holds nothing at %s any more, and step %d takes the taint off it", a.Address, a.N)
			}
		case plan.StatePush:
			if e := j.in.Report.Errored; e != nil && j.in.State.Serial < e.Serial {
				j.miss("step %d is not done: the state has serial %d, errored.tfstate has %d", a.N, j.in.State.Serial, e.Serial)
			}
		}
	}
}

// idOf is an instance's id, as the script compares it.
func idOf(i statefile.Instance) string {
	var a struct{ ID json.RawMessage }
	var s string
	if len(i.Attributes) == 0 || json.Unmarshal(i.Attributes, &a) != nil || len(a.ID) == 0 {
		return ""
	}
	if json.Unmarshal(a.ID, &s) == nil {
		return s
	}
	return string(a.ID)
}

// reading takes what a second reading still wants done.
func (j *judge) reading() {
	now := j.in.Now
	for _, why := range now.Incomplete {
		j.miss("not everything could be seen: %s", why)
	}
	for _, a := range now.Actions {
		text := map[plan.Op]string{plan.Import: "import %s at %s", plan.StateRm: "remove %s from %s", plan.Untaint: "take the taint off %s at %s",
			plan.StatePush: "push the errored state"}[a.Op]
		if a.Op == plan.StatePush {
			j.miss("a new plan would %s", text)
			continue
		}
		j.miss("a new plan would "+text, a.ID, a.Address)
	}
	for _, q := range now.Questions {
		j.miss("a question is open: %s %s: %s", q.Type, q.ID, q.Text)
	}
	for _, address := range now.Held {
		j.miss("the removal of %s waits for --allow-mass-removal", address)
	}
	if p := j.in.Report.Guard.Account; p != "" && now.Caller.Account != p {
		j.miss("this was read in account %s, and the plan is of account %s", now.Caller.Account, p)
	}
}

// findings tells what stays as it is, and what is still on its way.
func (j *judge) findings() {
	drifted := 0
	for _, f := range j.in.Now.Findings {
		switch f.Status {
		case plan.PendingObject:
			j.miss("%s %s is on its way in or out: %s", cmp.Or(f.Address, f.Type), f.ID, f.Reason)
		case plan.Drifted:
			drifted++
		case plan.GoneUnexplained:
			j.note("%s (%s) is gone and nothing tells who removed it: the next plan drops it", f.Address, f.ID)
		case plan.Leftover:
			j.note("%s %s is alive and has no address: %s", f.Type, f.ID, f.Reason)
		}
	}
	if drifted > 0 {
		j.note("%d instances differ from AWS in attributes: the next plan shows them", drifted)
	}
	known := j.alive()
	for _, address := range slices.Sorted(maps.Keys(known)) {
		if al := known[address]; al.CannotImport {
			j.note("%s is alive as %s and cannot be imported: %s", address, al.ID, al.Why)
		}
	}
	for _, c := range j.in.Now.Coverage {
		if c.Status != providers.Read && c.Status != providers.NotSupported {
			j.note("%s in %s was not read: %s", c.Type, c.Place.Region, cmp.Or(c.Error, string(c.Status)))
		}
	}
}

// alive are the addresses whose object is alive and not in the state, by either
// reading.
func (j *judge) alive() map[string]plan.Alive {
	out := map[string]plan.Alive{}
	for _, r := range []*plan.Report{j.in.Report, j.in.Now} {
		for _, al := range r.Guard.KnownAlive {
			if _, recorded := j.held[al.Address]; !recorded {
				out[al.Address] = al
			}
		}
	}
	return out
}

// fresh holds a plan that was made after the script against what was reconciled.
func (j *judge) fresh() {
	p := j.in.Fresh
	if p == nil {
		return
	}
	if p.Partial != "" {
		j.miss("the fresh plan %s does not speak for everything: %s", p.Source, p.Partial)
	}
	if !p.At.IsZero() && p.At.Before(j.in.Written.Truncate(time.Second)) {
		j.miss("the plan %s is older than the state: it was made at %s, and the state was written at %s", p.Source,
			p.At.Format(time.RFC3339), j.in.Written.UTC().Format(time.RFC3339))
	}
	ours := map[string]bool{}
	for _, a := range j.in.Report.Actions {
		if a.Op == plan.Import || a.Op == plan.Untaint {
			ours[a.Address] = true
		}
	}
	known := j.alive()
	more := map[string]int{}
	for _, c := range p.Changes {
		al, alive := known[c.Address]
		switch {
		case ours[c.Address] && c.Action == "update":
			j.note("terraform plan would update in place: %s", c.Address)
		case ours[c.Address]:
			j.miss("terraform plan would %s what was reconciled: %s", c.Action, c.Address)
		case alive && c.Action == "create" && al.CreateIsSafe:
			j.note("terraform plan would create again, which changes nothing: %s", c.Address)
		case alive && c.Action == "create" && al.CannotImport:
			j.note("terraform plan would create again what is there, because Terraform cannot import it; AWS may refuse that: %s", c.Address)
		case alive && c.Action == "create":
			j.miss("terraform plan would create what is alive and known as %s: %s", al.ID, c.Address)
		default:
			more[c.Action]++
		}
	}
	if len(more) > 0 {
		j.note("terraform plan will also create %d, update %d, replace %d, destroy %d: the rest of the interrupted apply",
			more["create"], more["update"], more["replace"], more["delete"])
	}
}
