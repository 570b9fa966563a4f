package inventory

import (
	"context"
	"os"
	"slices"
	"strings"

	"reconcile/internal/backend"
	"reconcile/internal/diff"
	"reconcile/internal/hint"
	"reconcile/internal/statefile"
	"reconcile/internal/wanted"
	"reconcile/providers"
	"reconcile/providers/ec2"
)

// files reads what lies on disk.
func (r *reading) files(context.Context) error {
	if r.o.State == "" && r.o.PlanJSON == "" && !r.o.All && len(r.o.Types) == 0 {
		return hint.Errorf("run terraform state pull > state.tfstate and give --state state.tfstate; or --all for every kind, or --type aws_vpc,…",
			"nothing says what to look for: there is no state, no plan and no type")
	}
	var err error
	if r.o.State != "" {
		if r.state, err = statefile.ReadFile(r.o.State, r.o.Stdin); err != nil {
			return err
		}
	}
	if info, err := os.Stat(r.o.Dir); err != nil || !info.IsDir() {
		return hint.Errorf("give the root module's folder with --dir", "%s is not a folder", r.o.Dir)
	}
	if r.o.PlanJSON != "" {
		if r.wanted, err = wanted.FromPlanFile(r.o.PlanJSON, wanted.Config{Dir: r.o.Dir, Env: r.o.Env}); err != nil {
			return err
		}
	}
	if r.state == nil {
		return nil
	}
	// The folder names the workspace; where it does not, nothing is missing.
	if place, _, err := (backend.Where{Dir: r.o.Dir, Env: r.o.Env}).Locate(); err == nil {
		r.place = place
	}
	s := State{Source: r.state.Source, Format: string(r.state.Format), Lineage: r.state.Lineage, Serial: r.state.Serial, Instances: r.state.Managed()}
	if r.place != nil {
		s.Workspace = r.place.Workspace
	}
	r.report.State = &s
	return nil
}

// open asks who the caller is, and stops where the state is of another account:
// there, nothing would seem managed.
func (r *reading) open(ctx context.Context) error {
	session, err := ec2.Open(ctx, r.rows, r.o.Endpoint, r.fallbackRegion())
	if err != nil {
		return err
	}
	r.aws, r.report.Caller = session, session.Caller
	r.subject = r.subjectIn(session.Config.Region)
	if owned := r.subject.Accounts(); len(owned) > 0 && !slices.Contains(owned, session.Caller.Account) {
		return hint.Errorf("use credentials of account "+owned[0]+" (AWS_PROFILE), or leave --state out and give --all to see what this account has",
			"wrong account: the state's resources are in %s, the caller %s is in %s", strings.Join(owned, ", "), session.Caller.ARN, session.Caller.Account)
	}
	return nil
}

func (r *reading) subjectIn(region string) diff.Subject {
	state := r.state
	if state == nil {
		state = statefile.NoState()
	}
	return diff.NewSubject(state, r.wanted, r.kinds, region, nil)
}

// fallbackRegion is where to begin if the caller's own configuration names no
// region.
func (r *reading) fallbackRegion() string {
	if len(r.o.Regions) > 0 {
		return r.o.Regions[0]
	}
	var regions []string
	reads, _ := r.subjectIn("").Reads(providers.Caller{})
	for at := range reads {
		regions = append(regions, at.Region)
	}
	if len(regions) == 0 {
		return ""
	}
	return slices.Min(regions)
}
