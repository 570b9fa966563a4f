package incident

import (
	"context"
	"time"

	"reconcile/internal/backend"
	"reconcile/internal/diff"
	"reconcile/internal/hint"
	"reconcile/internal/plan"
	"reconcile/internal/statefile"
	"reconcile/internal/store"
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
	noBackend  error         // why there is none
	store      *store.Store  // of the backend, once it was opened
	origin     *store.Origin // of a state that was read where it is kept
	guard      plan.Guard
	maps       []plan.Map // a person's answers
	// providerVersion is the AWS provider's, as the lock file pins it.
	providerVersion string

	rows     []ec2.Row
	kinds    providers.Kinds
	index    cloudtrail.Index
	aws      ec2.Session
	guessed  bool // the region is not one that the caller's configuration names
	subject  diff.Subject
	seen     diff.Reading
	accounts map[string]*account          // that can be read, by id
	reads    map[providers.Place][]string // kinds to read, by place

	lock        backend.Lock
	written     time.Time // the state object's present version, zero if not known
	span        plan.Window
	bulk        *cloudtrail.Bulk // nil: LookupEvents, account by account
	found       cloudtrail.Result
	began       []cloudtrail.Record // the beginnings of the subject's sessions
	writes      []plan.StateWrite
	barriers    []barrier
	sought      int           // pages that looking for barriers cost
	gathered    bool          // what bulk holds was read
	waited      time.Duration // for the trail
	session     cloudtrail.Session
	seenThrough map[string]bool
	taken       map[string][]string
}

func newReading(o Options) *reading {
	r := &reading{o: o, rows: ec2.Rows()}
	r.kinds = ec2.Kinds(r.rows)
	r.index = cloudtrail.NewIndex(r.kinds)
	return r
}

// files reads what lies on disk. Anything wrong here is an error: a plan that
// rests on a misread file is worth nothing.
func (r *reading) files(ctx context.Context) error {
	if err := r.checkGiven(); err != nil {
		return err
	}
	readState := func() error { return r.readState(ctx) }
	for _, read := range []func() error{r.readMaps, r.findBackend, readState, r.readErrored, r.readLog, r.readBarriers} {
		if err := read(); err != nil {
			return err
		}
	}
	if err := r.findWanted(ctx); err != nil {
		return err
	}
	if err := r.checkAliases(); err != nil {
		return err
	}
	return r.readGuard()
}

// checkGiven refuses what cannot be meant before anything is read or asked.
func (r *reading) checkGiven() error {
	if err := r.checkRole(); err != nil {
		return err
	}
	s, err := ParseTrail(r.o.Trail)
	if err != nil {
		return err
	}
	if s.Path == "-" && r.o.State == "-" {
		return hint.Errorf("write one of the two into a file", "--state - and --trail - both read standard input")
	}
	if r.o.RunPlan && r.o.PlanJSON != "" {
		return hint.Errorf("leave one of them out", "--run-plan and --plan-json contradict each other: both say what is wanted")
	}
	for _, s := range r.o.AssumeRoles {
		if _, _, err := parseAssume(s); err != nil {
			return err
		}
	}
	for _, s := range r.o.Profiles {
		if _, _, err := parseProfile(s); err != nil {
			return err
		}
	}
	for _, id := range r.o.Barriers {
		if !requestForm.MatchString(id) {
			return hint.Errorf("AWS's errors print it as RequestID: 6f1c2d3e-0001-4002-8003-1234567890ab", "--barrier %q is not a request id", id)
		}
	}
	return r.checkWindow()
}

// checkWindow refuses a window that a person said and that nothing can be in.
func (r *reading) checkWindow() error {
	now, since, until := r.now(), r.o.Since.UTC(), r.o.Until.UTC()
	switch {
	case since.IsZero():
		return nil
	case since.After(now):
		return inTheFuture(now, since, "--since")
	case !until.IsZero() && !since.Before(until):
		return emptyWindow(since, until)
	}
	return nil
}

func inTheFuture(now, since time.Time, said string) error {
	return hint.Errorf("give --since as a time before now, for example "+now.Add(-2*time.Hour).Format(time.RFC3339),
		"the window begins in the future: %s (%s)", since.Format(time.RFC3339), said)
}

func emptyWindow(since, until time.Time) error {
	return hint.Errorf("give an --until after --since",
		"the window is empty: it begins at %s and ends at %s", since.Format(time.RFC3339), until.Format(time.RFC3339))
}

func (r *reading) checkRole() error {
	if r.o.Role == "" {
		return hint.Errorf("say which role or user ran the apply: --role arn:aws:iam::ACCOUNT:role/NAME", "--role is missing")
	}
	return cloudtrail.CheckRun(r.o.Role, r.o.Session)
}

func (r *reading) readState(ctx context.Context) error {
	if r.state != nil {
		return nil // read before: a second reading has the first one's
	}
	if r.o.State == "" || store.Is(r.o.State) {
		return r.readStored(ctx)
	}
	state, err := statefile.ReadFile(r.o.State, r.o.Stdin)
	if err == nil {
		r.o.asItWas(r.o.State, &state.SHA256, &state.Bytes)
	}
	r.state = state
	return err
}

// planState is the state as the report names it.
func (r *reading) planState() plan.State {
	s := r.before()
	return plan.State{Source: s.Source, Format: string(s.Format), Lineage: s.Lineage, Serial: s.Serial,
		TerraformVersion: s.TerraformVersion, SHA256: s.SHA256, Bytes: s.Bytes, Instances: s.Managed()}
}
