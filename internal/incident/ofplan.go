package incident

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"reconcile/internal/hint"
	"reconcile/internal/statefile"
	"reconcile/internal/wanted"
	"reconcile/providers"
)

// planOfState holds a plan that was given against the pulled state: one that was
// made on another state has the same addresses perhaps, and every object that
// the run made would then be called a leftover to delete.
func (r *reading) planOfState() error {
	if r.o.StateNow != nil {
		return nil // the script has changed the state since
	}
	before := r.before()
	at, held := map[string]string{}, map[string]bool{}
	for _, i := range before.Instances {
		if i.Mode != statefile.Managed || i.Deposed != "" {
			continue
		}
		id := ""
		if attrs, err := i.Attrs(); err == nil {
			id = attrs.Text("id")
		}
		at[i.Address] = id
		held[i.Type+" "+id] = true
	}
	const next = "give the plan file that was applied, or leave --plan-json out and the configuration in --dir is evaluated"
	shared, same, prior := 0, 0, 0
	first, others := "", 0
	for _, w := range r.wanted.Instances {
		address := cmp.Or(w.PreviousAddress, w.Address)
		id, there := at[address]
		if there {
			shared++
		}
		// What the run was to make, replace or delete may be another by now.
		if w.PriorID == "" || w.Action != wanted.NoOp && w.Action != wanted.Update {
			continue
		}
		prior++
		switch {
		case !there || id == "":
		case id == w.PriorID || held[w.Type+" "+w.PriorID]:
			same++
		default:
			if others++; first == "" {
				first = fmt.Sprintf("%s is %s in the plan and %s in the state", address, w.PriorID, id)
			}
		}
	}
	name := r.o.PlanJSON
	switch {
	case before.Format == statefile.None && prior > 0:
		r.problem(fmt.Sprintf("there is no state, and the plan %s was made on one, of %d resources at least: is the state elsewhere? If it was lost, put it back first: reconcile versions", name, prior))
	case len(at) > 0 && len(r.wanted.Instances) > 0 && shared == 0 && !r.wanted.Partial:
		r.problem(fmt.Sprintf("the plan %s has none of the resources that the state has, so it is another project's. %s", name, capital(next)))
	case others > 0 && same == 0:
		return hint.Errorf(next, "the plan %s was made on another state: %s", name, first)
	case others > 0:
		r.problem(fmt.Sprintf("the plan %s was not made on this state: %s. %s", name, first, capital(next)))
	}
	return nil
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// planMade doubts a plan that makes and changes nothing, where the run made
// something: a plan to destroy, or one of another run.
func (r *reading) planMade(context.Context) error {
	if r.o.PlanJSON == "" || r.wanted == nil {
		return nil
	}
	for _, w := range r.wanted.Instances {
		if w.Action != wanted.NoOp && w.Action != wanted.Delete && w.Action != wanted.Forget {
			return nil
		}
	}
	held := map[string]bool{}
	for _, i := range r.state.Instances {
		if attrs, err := i.Attrs(); err == nil {
			held[i.Type+" "+attrs.Text("id")] = true
		}
	}
	for _, c := range r.seen.Trail.Own {
		for _, m := range c.Mutations {
			if k, ok := r.kinds.Find(m.Type); ok && m.Role == providers.Created && !k.Facet && !held[m.Type+" "+m.ID] {
				r.problem(fmt.Sprintf("the plan %s makes nothing, and the session made %s (%s): the plan is not the one that it applied. Give that one, or leave --plan-json out", r.o.PlanJSON, m.ID, m.Type))
				return nil
			}
		}
	}
	return nil
}
