package incident

import (
	"context"
	"errors"

	"reconcile/internal/hint"
	"reconcile/internal/wanted"
)

// findWanted tells which addresses are wanted: from the plan, or else from the
// configuration and the state. That neither tells is no error here: what is
// gone can be said without it.
func (r *reading) findWanted(ctx context.Context) error {
	for _, in := range r.o.Inputs {
		if in.Name != "" {
			r.note("the script's commands take the variable " + in.Name + " from TF_VAR_" + in.Name + ": its value is in no file of reconcile")
		}
	}
	if r.o.RunPlan {
		return r.runPlan(ctx)
	}
	if r.o.PlanJSON != "" {
		var err error
		if r.wanted, err = wanted.FromPlanFile(r.o.PlanJSON, r.configuration()); err != nil {
			return err
		}
		r.note("the wanted addresses are those of the plan (--plan-json), with what the configuration says of them")
		r.notes = append(r.notes, r.wanted.Notes...)
		r.problems = append(r.problems, r.wanted.Doubts...)
		return r.planOfState()
	}
	return r.fromConfig()
}

// configuration is what is to be evaluated, as the apply had it.
func (r *reading) configuration() wanted.Config {
	c := wanted.Config{Dir: r.o.Dir, State: r.state, Inputs: r.o.Inputs, Env: r.o.Env, Workspace: r.o.Backend.Workspace}
	if r.backend != nil {
		c.Workspace = r.backend.Workspace
	}
	return c
}

func (r *reading) fromConfig() error {
	w, err := wanted.FromConfig(r.configuration())
	if errors.Is(err, wanted.ErrInput) {
		return err
	}
	if err != nil {
		r.note("which addresses are wanted is not known: there is no plan, and the configuration cannot be evaluated: " + hint.Said(err))
		return nil
	}
	r.wanted = w
	r.note("the wanted addresses are told from the configuration and the state alone, without a plan")
	r.notes = append(r.notes, w.Notes...)
	if foreignTo(w) {
		r.problem("the configuration in " + r.o.Dir + " has none of the resources that the state has: if it is not the right folder, give that with --dir")
	}
	for _, why := range w.Missing {
		r.problem("the configuration could not be read as a whole, so addresses may be missing: " + why)
	}
	return nil
}

// foreignTo reports whether a configuration keeps nothing of the state.
func foreignTo(w *wanted.Wanted) bool {
	dropped := false
	for _, i := range w.Instances {
		switch i.Action {
		case wanted.NoOp, wanted.Update, wanted.Replace, wanted.ReplaceCBD:
			return false
		case wanted.Delete:
			dropped = true
		}
	}
	return dropped
}
