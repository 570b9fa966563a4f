// Package incident reads one incident and makes its report: state, plan and
// backend from files, then who the caller is, then the lock, the live objects
// and the trail at the same time, then the second look. It asks for nothing
// twice, and it is the only place that knows the order.
//
// It promises that a failure of a reader becomes a reason why the report is
// incomplete, unless nothing useful can follow from it; then it is an error
// with a hint.
package incident

import (
	"context"
	"errors"
	"io"
	"time"

	"reconcile/internal/backend"
	"reconcile/internal/plan"
	"reconcile/internal/statefile"
	"reconcile/internal/wanted"
	"reconcile/providers"
)

// Options say what is read. The zero value of an optional field means its
// default. In JSON they are what a recording keeps: nothing that belongs to one
// machine.
type Options struct {
	Tool     plan.Tool `json:"-"`
	Incident string    `json:"incident"` // "" makes one from the lock or the time
	Dir      string    `json:"dir"`      // the root module's folder
	State    string    `json:"state"`    // a file, "-" for Stdin, s3://…, "none" for a first apply, "" for the backend's own
	Stdin    io.Reader `json:"-"`
	// StateNow is what a later step made of the state, on a copy perhaps: it is
	// taken instead of State, and not held against what the backend keeps.
	StateNow *statefile.State `json:"-"`
	// Recorded says that a recording is made or replayed, which has the state of
	// the file alone: the backend's holds secrets. A note says so.
	Recorded bool   `json:"-"`
	PlanJSON string `json:"plan_json"` // "" for none
	// ErroredState is the state that Terraform could not save: a file, "none" to
	// leave one in Dir out, "" to take one from there if it fits.
	ErroredState string `json:"errored_state"`
	ApplyLog     string `json:"apply_log"` // what terraform apply printed, "" for nothing
	RunPlan      bool   `json:"-"`         // ask Terraform for a plan

	Role    string `json:"role"`                   // role or user ARN, required
	Session string `json:"session"`                // session name or access key id
	Subject string `json:"oidc_subject,omitempty"` // OIDC subject for whom the session began

	Since       time.Time        `json:"since,omitzero"` // zero: the state's write time
	Until       time.Time        `json:"until,omitzero"` // zero: now
	TrailDelay  time.Duration    `json:"trail_delay"`    // how late records may be
	Trail       plan.TrailSource `json:"trail"`
	Barriers    []string         `json:"barriers,omitempty"` // request ids of calls that were made: the trail must have them
	Wait        time.Duration    `json:"wait,omitempty"`     // how long to wait until the trail is complete, 0 for not at all
	Regions     []string         `json:"regions"`            // on top of those that the state and the plan tell
	AssumeRoles []string         `json:"assume_roles"`       // further accounts: ACCOUNT=ROLE-ARN
	Profiles    []string         `json:"profiles"`           // provider configurations: ALIAS=PROFILE, "default" for the one without an alias

	VarFiles []string `json:"var_files"` // for the script's commands
	Vars     []string `json:"vars"`      // names only
	// Inputs are the variables' values as they were given, in order, where the
	// configuration is evaluated without a plan.
	Inputs []wanted.Input `json:"inputs"`

	Adopt            []string       `json:"adopt"`
	Maps             []string       `json:"maps"` // a person's answers: ADDRESS=ID, or @FILE with one a line
	AllowMassRemoval bool           `json:"allow_mass_removal"`
	Settings         *plan.Settings `json:"settings,omitempty"` // of a file; nil if there is none

	// Backend overrides what is found in Dir, "" leaves it.
	Backend backend.Where `json:"backend"`

	// Originals are what files were before something was left out of them, by
	// path: the copies of a recording are told as what they are copies of.
	Originals map[string]Original `json:"-"`

	// Endpoint serves everything that AWS would, "" for AWS itself.
	Endpoint string `json:"-"`

	Now func() time.Time    `json:"-"`
	Env func(string) string `json:"-"`
	// Sleep waits, nil for the clock's own. Now does not move on while it does.
	Sleep func(context.Context, time.Duration) error `json:"-"`
	// Environ is the environment of commands that are run.
	Environ []string `json:"-"`
	// OnRun is told each command before it is run.
	OnRun func(command string) `json:"-"`
	// OnProgress is called after each read, from several goroutines.
	OnProgress func(providers.Progress) `json:"-"`
}

// Original is a file as it was.
type Original struct {
	SHA256 string
	Bytes  int64
}

// asItWas corrects the digest and the size of a copy.
func (o Options) asItWas(path string, sha *string, size *int64) {
	if was, ok := o.Originals[path]; ok {
		if *sha = was.SHA256; size != nil {
			*size = was.Bytes
		}
	}
}

// Read reads the incident and returns its report.
func Read(ctx context.Context, o Options) (*plan.Report, error) {
	first := newReading(o)
	first.state = o.StateNow
	report, err := read(ctx, first)
	if p, ok := errors.AsType[passOver](err); ok {
		// Standard input can be read only once.
		second := newReading(o)
		second.passedOver, second.state, second.origin = p.note, first.before(), first.origin
		return read(ctx, second)
	}
	return report, err
}

func read(ctx context.Context, r *reading) (*plan.Report, error) {
	for _, step := range []func(context.Context) error{
		r.files, r.doubtFolder, r.identify, r.window, r.doubtWindow, r.wait, r.live, r.planMade, r.stateWrites, r.secondLook, r.makers, r.adoptions, r.deletions, r.answered,
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return plan.Build(r.input()), nil
}

func (r *reading) progress(p providers.Progress) {
	if r.o.OnProgress != nil {
		r.o.OnProgress(p)
	}
}

// problem adds a reason why the report is incomplete.
func (r *reading) problem(s string) { r.problems = append(r.problems, s) }

func (r *reading) note(s string) { r.notes = append(r.notes, s) }
