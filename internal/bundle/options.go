package bundle

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"reconcile/internal/incident"
	"reconcile/internal/plan"
	"reconcile/internal/wanted"
)

// options are incident.Options without what belongs to one machine.
type options struct {
	Incident         string                `json:"incident"`
	Dir              string                `json:"dir"`
	State            string                `json:"state"`
	PlanJSON         string                `json:"plan_json"`
	ErroredState     string                `json:"errored_state"`
	ApplyLog         string                `json:"apply_log"`
	Role             string                `json:"role"`
	Session          string                `json:"session"`
	Subject          string                `json:"oidc_subject,omitempty"`
	Barriers         []string              `json:"barriers,omitempty"`
	Wait             time.Duration         `json:"wait,omitempty"`
	Since            time.Time             `json:"since,omitzero"`
	Until            time.Time             `json:"until,omitzero"`
	TrailDelay       time.Duration         `json:"trail_delay"`
	Trail            incident.Trail        `json:"trail"`
	Regions          []string              `json:"regions"`
	AssumeRoles      []string              `json:"assume_roles"`
	Profiles         []string              `json:"profiles"`
	VarFiles         []string              `json:"var_files"`
	Vars             []string              `json:"vars"`
	Inputs           []wanted.Input        `json:"inputs"`
	Adopt            []string              `json:"adopt"`
	Maps             []string              `json:"maps"`
	AllowMassRemoval bool                  `json:"allow_mass_removal"`
	Backend          incident.BackendFlags `json:"backend"`
	Settings         *plan.Settings        `json:"settings,omitempty"`
}

func keep(o incident.Options) options {
	return options{o.Incident, o.Dir, o.State, o.PlanJSON, o.ErroredState, o.ApplyLog, o.Role, o.Session, o.Subject, o.Barriers, o.Wait, o.Since, o.Until, o.TrailDelay, o.Trail, o.Regions,
		o.AssumeRoles, o.Profiles, o.VarFiles, o.Vars, o.Inputs, o.Adopt, o.Maps, o.AllowMassRemoval, o.Backend, o.Settings}
}

func (k options) options() incident.Options {
	return incident.Options{Incident: k.Incident, Dir: k.Dir, State: k.State, PlanJSON: k.PlanJSON, ErroredState: k.ErroredState, ApplyLog: k.ApplyLog, Role: k.Role,
		Session: k.Session, Subject: k.Subject, Barriers: k.Barriers, Wait: k.Wait, Since: k.Since, Until: k.Until, TrailDelay: k.TrailDelay, Trail: k.Trail, Regions: k.Regions, AssumeRoles: k.AssumeRoles,
		Profiles: k.Profiles, VarFiles: k.VarFiles, Vars: k.Vars, Inputs: k.Inputs, Adopt: k.Adopt, Maps: k.Maps, AllowMassRemoval: k.AllowMassRemoval, Backend: k.Backend, Settings: k.Settings}
}

// paths gives every path of the options to f and takes what it returns.
func paths(o *incident.Options, f func(string) (string, error)) error {
	o.VarFiles, o.Inputs, o.Maps, o.Backend.Configs = slices.Clone(o.VarFiles), slices.Clone(o.Inputs), slices.Clone(o.Maps), slices.Clone(o.Backend.Configs)
	all := []*string{&o.Dir}
	for _, p := range []*string{&o.State, &o.PlanJSON, &o.ErroredState, &o.ApplyLog} {
		if *p != "" && *p != "-" && *p != "none" {
			all = append(all, p)
		}
	}
	for i := range o.VarFiles {
		all = append(all, &o.VarFiles[i])
	}
	for i := range o.Inputs {
		if o.Inputs[i].File != "" {
			all = append(all, &o.Inputs[i].File)
		}
	}
	for i, c := range o.Backend.Configs {
		if !strings.Contains(c, "=") {
			all = append(all, &o.Backend.Configs[i])
		}
	}
	for _, p := range all {
		var err error
		if *p, err = f(*p); err != nil {
			return err
		}
	}
	prefixed := func(s *string, prefix string) error {
		path, is := strings.CutPrefix(*s, prefix)
		if !is || path == "-" {
			return nil
		}
		path, err := f(path)
		*s = prefix + path
		return err
	}
	for i := range o.Maps {
		if err := prefixed(&o.Maps[i], "@"); err != nil {
			return err
		}
	}
	return prefixed(&o.Trail.Source, "file:")
}

func absolute(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("finding %s: %w", path, err)
	}
	return abs, nil
}
