package incident

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"reconcile/internal/backend"
	"reconcile/internal/diff"
	"reconcile/internal/hint"
	"reconcile/internal/plan"
	"reconcile/internal/statefile"
	"reconcile/internal/wanted"
	"reconcile/providers"
	"reconcile/providers/cloudtrail"
	"reconcile/providers/ec2"
)

// reading is what is known so far.
type reading struct {
	o        Options
	problems []string
	notes    []string

	state   *statefile.State // what is reconciled against
	pulled  *statefile.State // the pulled one, where that is another
	errored *errored
	log     *plan.Witness
	// passedOver says why an errored state that was found is not taken.
	passedOver string
	wanted     *wanted.Wanted
	backend    *backend.Config
	secrets    backend.Secrets
	guard      plan.Guard
	maps       []plan.Map // a person's answers
	// providerVersion is the AWS provider's, as the lock file pins it.
	providerVersion string

	rows     []ec2.Row
	kinds    providers.Kinds
	index    cloudtrail.Index
	aws      ec2.Session
	subject  diff.Subject
	seen     diff.Reading
	accounts map[string]*account          // that can be read, by id
	reads    map[providers.Place][]string // kinds to read, by place

	lock        backend.Lock
	span        plan.Window
	bulk        *cloudtrail.Bulk // nil: LookupEvents, account by account
	found       cloudtrail.Result
	session     cloudtrail.Session
	seenThrough map[string]bool
	taken       map[string][]string
}

// files reads what lies on disk. Anything wrong here is an error: a plan that
// rests on a misread file is worth nothing.
func (r *reading) files(ctx context.Context) error {
	r.rows = ec2.Rows()
	r.kinds = ec2.Kinds(r.rows)
	r.index = cloudtrail.NewIndex(r.kinds)
	if r.o.Role == "" {
		return hint.Errorf("say which role or user ran the apply: --role arn:aws:iam::ACCOUNT:role/NAME", "no role is named")
	}
	if !cloudtrail.ValidRole(r.o.Role) {
		return hint.Errorf("it looks like arn:aws:iam::ACCOUNT:role/NAME", "--role %q is not the ARN of a role or a user", r.o.Role)
	}
	for _, read := range []func() error{r.readMaps, r.readState, r.readErrored, r.readLog} {
		if err := read(); err != nil {
			return err
		}
	}
	if err := r.findBackend(); err != nil {
		return err
	}
	if err := r.findWanted(ctx); err != nil {
		return err
	}
	return r.readGuard()
}

func (r *reading) readState() error {
	if r.state != nil {
		return nil // a second reading has the first one's
	}
	var in io.Reader
	switch r.o.State {
	case "":
		return hint.Errorf("run terraform state pull > state.tfstate and give --state state.tfstate; --state none for a first apply that left no state", "no state is given")
	case "none":
		r.state = statefile.NoState()
		return nil
	case "-":
		in = r.o.Stdin
	default:
		f, err := os.Open(r.o.State)
		if err != nil {
			return hint.Errorf("give the output of terraform state pull with --state", "opening the state: %w", err)
		}
		defer f.Close()
		in = f
	}
	state, err := statefile.Read(in, r.o.State)
	if err == nil {
		r.o.asItWas(r.o.State, &state.SHA256, &state.Bytes)
	}
	r.state = state
	return err
}

// findBackend reads where the state and its lock are. That nothing is found is
// told, not an error: the plan can be made without the lock.
func (r *reading) findBackend() error {
	cfg, secrets, err := backend.Find(r.o.Dir, r.o.Env)
	r.secrets = secrets
	f := r.o.Backend
	if f.Bucket != "" || f.Key != "" {
		if f.Bucket == "" || f.Key == "" {
			return hint.Errorf("give both, and --backend-region", "--backend-bucket and --backend-key go together")
		}
		cfg = &backend.Config{Type: "s3", Source: "flags", Bucket: f.Bucket, Key: f.Key, StateKey: f.Key, Region: f.Region,
			DynamoDBTable: f.DynamoDBTable, UseLockfile: f.UseLockfile, Workspace: backend.DefaultWorkspace, WorkspacePrefix: "env:"}
		if f.Workspace != "" && f.Workspace != backend.DefaultWorkspace {
			cfg.Workspace, cfg.StateKey = f.Workspace, "env:/"+f.Workspace+"/"+f.Key
		}
		err = nil
	}
	switch {
	case err == nil:
		r.backend = cfg
	case errors.Is(err, backend.ErrRecord), errors.Is(err, backend.ErrWorkspace):
		return err
	default:
		text := err.Error()
		if next := hint.Of(err); next != "" {
			text += " (" + next + ")"
		}
		r.note("no S3 backend was found, so neither the lock nor the state object was looked at: " + text)
	}
	return nil
}

// planState is the state as the report names it.
func (r *reading) planState() plan.State {
	s := r.before()
	name := r.o.State
	if abs, err := filepath.Abs(name); err == nil && name != "-" && name != "none" {
		name = abs
	}
	return plan.State{Source: name, Format: string(s.Format), Lineage: s.Lineage, Serial: s.Serial,
		TerraformVersion: s.TerraformVersion, SHA256: s.SHA256, Bytes: s.Bytes, Instances: managed(s)}
}

// managed counts the instances of resources.
func managed(s *statefile.State) int {
	n := 0
	for _, i := range s.Instances {
		if i.Mode == statefile.Managed {
			n++
		}
	}
	return n
}
