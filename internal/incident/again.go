package incident

import (
	"path/filepath"
	"strings"
	"time"

	"reconcile/internal/plan"
	"reconcile/internal/statefile"
	"reconcile/internal/wanted"
)

// inputs are what a later reading of the same incident needs, as it was given.
func (r *reading) inputs() *plan.Inputs {
	o := r.o
	in := &plan.Inputs{
		PlanJSON: absolute(o.PlanJSON), RunPlan: o.RunPlan, Session: o.Session, Subject: o.Subject, Barriers: o.Barriers,
		Trail:   o.Trail,
		Regions: o.Regions, AssumeRoles: o.AssumeRoles, Profiles: o.Profiles, Adopt: o.Adopt, AllowMassRemoval: o.AllowMassRemoval,
	}
	for _, c := range o.Backend.Configs {
		if !strings.Contains(c, "=") { // a value may be a credential
			in.BackendConfigs = append(in.BackendConfigs, absolute(c))
		}
	}
	if r.errored != nil {
		in.ErroredState = r.errored.path
	}
	if r.log != nil {
		in.ApplyLog = r.log.Source
	}
	for _, m := range r.maps {
		in.Maps = append(in.Maps, m.Address+"="+m.ID)
	}
	for _, v := range o.Inputs {
		if v.Name != "" {
			in.Values = append(in.Values, v.Name)
		}
	}
	return in
}

func absolute(path string) string {
	if path == "" || path == "-" {
		return path
	}
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// Again are the options of a reading that repeats a report's, with the state as
// it is now: the same window, session, plan and answers. An answer that the
// state has taken in is left out, and so is errored.tfstate: it was the script's
// to push.
func Again(r *plan.Report, state *statefile.State) Options {
	in := plan.Inputs{}
	if r.Inputs != nil {
		in = *r.Inputs
	}
	o := Options{
		Incident: r.Incident, Dir: r.Guard.Dir, PlanJSON: in.PlanJSON, ErroredState: "none", ApplyLog: in.ApplyLog, RunPlan: in.RunPlan,
		Role: r.Session.Role, Session: in.Session, Subject: in.Subject, Barriers: in.Barriers, Since: r.Window.Since, Until: r.Window.Until,
		Trail:   in.Trail,
		Regions: in.Regions, AssumeRoles: in.AssumeRoles, Profiles: in.Profiles,
		VarFiles: r.Guard.VarFiles, Vars: r.Guard.Vars, Adopt: in.Adopt, AllowMassRemoval: in.AllowMassRemoval,
		StateNow: state,
	}
	if delay, err := time.ParseDuration(r.Trail.Delay); err == nil {
		o.TrailDelay = delay
	}
	for _, f := range r.Guard.VarFiles {
		o.Inputs = append(o.Inputs, wanted.Input{File: f})
	}
	held := map[string]bool{}
	for _, i := range state.Instances {
		if i.Mode == statefile.Managed && i.Deposed == "" {
			held[i.Address] = true
		}
	}
	for _, text := range in.Maps {
		if m, err := plan.ParseMap(text); err != nil || !held[m.Address] {
			o.Maps = append(o.Maps, text)
		}
	}
	if r.Backend != nil {
		o.Backend = r.Backend.Named()
	}
	o.Backend.Configs = in.BackendConfigs
	return o
}
