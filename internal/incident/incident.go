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
	"reconcile/internal/wanted"
)

// Options say what is read. The zero value of an optional field means its
// default.
type Options struct {
	Tool     plan.Tool
	Incident string // "" makes one from the lock or the time
	Dir      string // the root module's folder
	State    string // a file, "-" for Stdin, s3://…, "none" for a first apply, "" for the backend's own
	Stdin    io.Reader
	// Repeats says that State is what a later step made of it, on a copy perhaps:
	// it is not held against what the backend keeps.
	Repeats bool
	// Recorded says that a recording is made or replayed, which has the state of
	// the file alone: the backend's holds secrets. A note says so.
	Recorded bool
	PlanJSON string // "" for none
	// ErroredState is the state that Terraform could not save: a file, "none" to
	// leave one in Dir out, "" to take one from there if it fits.
	ErroredState string
	ApplyLog     string // what terraform apply printed, "" for nothing
	RunPlan      bool   // ask Terraform for a plan

	Role    string // role or user ARN, required
	Session string // session name or access key id
	Subject string // OIDC subject for whom the session began

	Since, Until time.Time     // zero: the state's write time, now
	TrailDelay   time.Duration // how late records may be
	Trail        Trail
	Barriers     []string      // request ids of calls that were made: the trail must have them
	Wait         time.Duration // how long to wait until the trail is complete, 0 for not at all
	Regions      []string      // on top of those that the state and the plan tell
	AssumeRoles  []string      // further accounts: ACCOUNT=ROLE-ARN
	Profiles     []string      // provider configurations: ALIAS=PROFILE, "default" for the one without an alias

	VarFiles []string // for the script's commands
	Vars     []string // names only
	// Inputs are the variables' values as they were given, in order, where the
	// configuration is evaluated without a plan.
	Inputs []wanted.Input

	Adopt            []string
	Maps             []string // a person's answers: ADDRESS=ID, or @FILE with one a line
	AllowMassRemoval bool
	Settings         *plan.Settings // of a file; nil if there is none

	// Backend overrides what is found in Dir, "" leaves it.
	Backend BackendFlags

	// Originals are what files were before something was left out of them, by
	// path: the copies of a recording are told as what they are copies of.
	Originals map[string]Original

	// Endpoint serves everything that AWS would, "" for AWS itself.
	Endpoint string

	Now func() time.Time
	Env func(string) string
	// Sleep waits, nil for the clock's own. Now does not move on while it does.
	Sleep func(context.Context, time.Duration) error
	// Environ is the environment of commands that are run.
	Environ []string
	// OnRun is told each command before it is run.
	OnRun func(command string)
	// OnProgress is called after each read, from several goroutines.
	OnProgress func(Progress)
}

// BackendFlags name the backend where the folder does not.
type BackendFlags struct {
	Bucket, Key, Region, DynamoDBTable, Workspace string
	UseLockfile                                   bool
	Configs                                       []string // terraform init's -backend-config
}

// Where is all that is known of the backend's place.
func (f BackendFlags) Where(dir string, env func(string) string) backend.Where {
	return backend.Where{Dir: dir, Env: env, Configs: f.Configs, Bucket: f.Bucket, Key: f.Key, Region: f.Region,
		DynamoDBTable: f.DynamoDBTable, Workspace: f.Workspace, UseLockfile: f.UseLockfile}
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

// Progress is one read that is finished.
type Progress struct {
	What        string // "ec2:DescribeVpcs", "cloudtrail:LookupEvents"
	Region      string
	Done, Total int // Total is 0 where it cannot be known
	Items       int
	Back        time.Time // of a trail: read from its end back to here
	Note        string    // not a read: something to know while it goes on
}

// Read reads the incident and returns its report.
func Read(ctx context.Context, o Options) (*plan.Report, error) {
	first := &reading{o: o}
	report, err := read(ctx, first)
	if p, ok := errors.AsType[passOver](err); ok {
		// Standard input can be read only once.
		return read(ctx, &reading{o: o, passedOver: p.note, state: first.before(), origin: first.origin})
	}
	return report, err
}

func read(ctx context.Context, r *reading) (*plan.Report, error) {
	for _, step := range []func(context.Context) error{
		r.files, r.identify, r.window, r.wait, r.live, r.stateWrites, r.secondLook, r.makers, r.adoptions, r.deletions, r.answered,
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

func (r *reading) progress(p Progress) {
	if r.o.OnProgress != nil {
		r.o.OnProgress(p)
	}
}

// problem adds a reason why the report is incomplete.
func (r *reading) problem(s string) { r.problems = append(r.problems, s) }

func (r *reading) note(s string) { r.notes = append(r.notes, s) }
