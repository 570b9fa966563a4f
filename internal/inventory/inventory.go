// Package inventory says what AWS has, in the state's own terms: every object
// of the kinds and regions that a workspace manages, whether its state records
// it, and who made the others where the trail knows.
//
// It makes no statement about what is absent, and none about who manages an
// object if no state was given: what this state does not record another one may.
package inventory

import (
	"context"
	"io"
	"slices"
	"time"

	"reconcile/internal/backend"
	"reconcile/internal/diff"
	"reconcile/internal/statefile"
	"reconcile/internal/wanted"
	"reconcile/providers"
	"reconcile/providers/ec2"
)

// Options say what is read. The zero value of an optional field means its
// default.
type Options struct {
	Dir      string // the root module's folder: names the workspace, and evaluates the plan
	State    string // a file, "-" for Stdin, "none" for a state that is known to be empty, "" for no state
	Stdin    io.Reader
	PlanJSON string // "" for none

	Types   []string // these instead of those that the state and the plan name
	Regions []string // these instead of those that the state and the plan name
	All     bool     // every kind

	// Since asks the trail who made what no state records; zero does not ask.
	Since time.Time

	Endpoint string // serves everything that AWS would, "" for AWS itself
	Now      func() time.Time
	Env      func(string) string
	// OnProgress is called after each read, from several goroutines.
	OnProgress func(providers.Progress)
}

// reading is what is known so far.
type reading struct {
	o      Options
	rows   []ec2.Row
	kinds  providers.Kinds
	state  *statefile.State // nil: none was given
	wanted *wanted.Wanted
	place  *backend.Config // nil: nothing tells the workspace

	aws     ec2.Session
	subject diff.Subject
	types   []string
	regions []string
	found   providers.Inventory
	report  *Report
}

// Read reads the inventory.
func Read(ctx context.Context, o Options) (*Report, error) {
	r := &reading{o: o, rows: ec2.Rows()}
	r.kinds = ec2.Kinds(r.rows)
	r.report = &Report{Schema: schema, ReadAt: o.Now().UTC().Truncate(time.Second), Regions: []string{}, Incomplete: []string{}, Notes: []string{},
		Coverage: []providers.Coverage{}, Objects: []Object{}}
	for _, step := range []func(context.Context) error{r.files, r.open, r.scope, r.live, r.makers} {
		if err := step(ctx); err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return r.report, nil
}

func (r *reading) progress(p providers.Progress) {
	if r.o.OnProgress != nil {
		r.o.OnProgress(p)
	}
}

// incomplete adds a reason why the report does not hold everything.
func (r *reading) incomplete(s string) { r.report.Incomplete = append(r.report.Incomplete, s) }

func (r *reading) note(s string) { r.report.Notes = append(r.report.Notes, s) }

// live lists the kinds, and says of each object who manages it.
func (r *reading) live(ctx context.Context) error {
	r.found = ec2.NewReader(r.rows, r.aws, r.progress).Inventory(ctx, r.types, r.regions)
	r.report.Coverage = append(r.report.Coverage, r.found.Coverage...)
	for _, c := range r.report.Coverage {
		if c.Status != providers.Read && (c.Status != providers.NotSupported || !r.incidental(c.Type)) {
			r.incomplete(told(c))
		}
	}
	owners := r.owners()
	for _, o := range once(r.kinds, r.found.Objects) {
		kind, _ := r.kinds.Find(o.Type)
		r.report.Objects = append(r.report.Objects, r.describe(kind, o, owners))
	}
	r.fold()
	return nil
}

// once leaves out what a kind that has no region answers again in another one.
func once(kinds providers.Kinds, objects []providers.Object) []providers.Object {
	var out []providers.Object
	seen := map[string]bool{}
	for _, o := range objects {
		if kind, _ := kinds.Find(o.Type); kind.Global {
			if seen[o.Type+" "+o.ID] {
				continue
			}
			seen[o.Type+" "+o.ID] = true
		}
		out = append(out, o)
	}
	return out
}

// maxAspects is how many unrecorded aspects of one kind are listed for a person
// who did not ask for that kind. Each tag of each object is one.
const maxAspects = 50

// fold marks the objects that are only counted for a person: the aspects of
// kinds that the workspace does not manage, those that come in hundreds, and
// those that AWS makes with every object (a local route). What --type names is
// never folded.
func (r *reading) fold() {
	managed, aspects := map[string]bool{}, map[string]int{}
	for _, i := range r.subject.Instances {
		managed[i.Type] = true
	}
	if r.wanted != nil {
		for _, w := range r.wanted.Instances {
			managed[w.Type] = true
		}
	}
	for _, o := range r.report.Objects {
		if o.Status == Aspect {
			aspects[o.Type]++
		}
	}
	for i := range r.report.Objects {
		o := &r.report.Objects[i]
		kind, _ := r.kinds.Find(o.Type)
		o.folded = !slices.Contains(r.o.Types, o.Type) &&
			(o.Status == ByAWS && kind.Facet || o.Status == Aspect && (!managed[o.Type] || aspects[o.Type] > maxAspects))
	}
}

// incidental reports whether a kind is read only because every kind is: that
// reconcile cannot list it then costs nobody an answer that he asked for.
func (r *reading) incidental(typ string) bool {
	return r.o.All && !slices.ContainsFunc(r.subject.Instances, func(i diff.Instance) bool { return i.Type == typ })
}
