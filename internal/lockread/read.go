// Package lockread gathers what is known of a lock and its holder: the lock and
// the state object as the backend keeps them, the other locks beside it, and
// what CloudTrail tells of the role's runs. internal/lock judges it.
package lockread

import (
	"cmp"
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"time"

	"reconcile/internal/backend"
	"reconcile/internal/backend/s3"
	"reconcile/internal/diff"
	"reconcile/internal/hint"
	"reconcile/internal/lock"
	"reconcile/internal/store"
	"reconcile/providers"
	"reconcile/providers/cloudtrail"
	"reconcile/providers/ec2"
)

// Options say what is read.
type Options struct {
	Where         backend.Where
	Role, Session string // of the run, "" for no look at CloudTrail
	Regions       []string
	Since         time.Time // zero: an hour before the lock was taken
	TrailDelay    time.Duration
	Source        cloudtrail.Source
	TrailProfile  string
	Stdin         io.Reader
	RunEnded      string
	Endpoint      string // serves everything that AWS would, "" for AWS itself
	Now           func() time.Time
	// OnPage is told of each page of CloudTrail's records.
	OnPage func(region string, pages, records int)
}

// Reader reads one lock, as often as it is asked.
type Reader struct {
	o     Options
	rows  []ec2.Row
	store store.Store
	aws   ec2.Session
	// regions are those of the state's resources, once they were read.
	regions []string
	notes   []string
}

// mostScanned bounds the pages of a look at the locks beside one, a megabyte
// each.
const mostScanned = 10

// mostPages bounds the pages of one session's records in a region. The newest
// come first, and they are what matters here.
const mostPages = 6

// Open finds the backend and settles who asks.
func Open(ctx context.Context, o Options) (*Reader, error) {
	if o.Role != "" {
		if err := cloudtrail.CheckRun(o.Role, o.Session); err != nil {
			return nil, err
		}
	}
	b, secrets, err := o.Where.Locate()
	if err != nil {
		return nil, err
	}
	r := &Reader{o: o, rows: ec2.Rows()}
	region := b.Region
	if len(o.Regions) > 0 {
		region = cmp.Or(region, o.Regions[0])
	}
	if r.aws, err = ec2.Open(ctx, r.rows, o.Endpoint, region); err != nil {
		return nil, err
	}
	if r.store, err = store.Open(ctx, r.aws, b, secrets); err != nil {
		return nil, err
	}
	if r.store.Note != "" {
		r.notes = append(r.notes, r.store.Note)
	}
	return r, nil
}

// Backend is where the lock is.
func (r *Reader) Backend() *backend.Config { return r.store.Backend }

// Notes are what is to be known of the reading.
func (r *Reader) Notes() []string { return slices.Clone(r.notes) }

// All are all locks of the table, or of the bucket.
func (r *Reader) All(ctx context.Context) ([]backend.Lock, []string, error) {
	b := r.store.Backend
	if b.DynamoDBTable == "" && !b.UseLockfile {
		return nil, nil, noLock(b)
	}
	locks, _, problems := r.store.All(ctx, 0)
	return locks, problems, ctx.Err()
}

func names(b *backend.Config) string {
	if b.Source == "flags" {
		return "the --backend flags name"
	}
	return b.Source + " names"
}

func noLock(b *backend.Config) error {
	return hint.Errorf("give --backend-dynamodb-table TABLE or --backend-use-lockfile, if there is one all the same",
		"%s neither a lock table nor a lock file: this state has no lock, and two applies at a time spoil it", names(b))
}

// Facts reads the lock and all that tells of its holder.
func (r *Reader) Facts(ctx context.Context) (lock.Facts, error) {
	f := lock.Facts{Now: r.o.Now().UTC(), TrailDelay: r.o.TrailDelay, RunEnded: r.o.RunEnded}
	b := r.store.Backend
	if b.DynamoDBTable == "" && !b.UseLockfile {
		return f, noLock(b)
	}
	f.Lock = r.store.Lock(ctx)
	if err := r.misplaced(ctx, f.Lock); err != nil {
		return f, err
	}
	written, _, version, err := r.store.StateObject(ctx)
	switch {
	case err == nil:
		f.StateWritten, f.StateVersion = written, version
	case errors.Is(err, s3.ErrNoState) && f.Lock.Status != backend.Held:
		return f, r.store.Missing(ctx, err)
	case errors.Is(err, s3.ErrNoState): // a first apply holds it
	case elsewhere(err):
		return f, err
	default:
		r.note("the state object could not be dated: " + err.Error())
	}
	if f.Lock.Status != backend.Held {
		return f, ctx.Err()
	}
	others, more, problems := r.store.All(ctx, mostScanned)
	f.Others = slices.DeleteFunc(others, func(l backend.Lock) bool {
		return l.Path == f.Lock.Path && l.ID == f.Lock.ID || l.Path == b.LockPath().Row
	})
	for _, p := range problems {
		r.note("the locks beside it were not read: " + p)
	}
	if more {
		r.note("the locks beside it were not all read: there are too many rows")
	}
	if r.o.Role != "" {
		f.Trail = r.trail(ctx, f)
	}
	f.Now = r.o.Now().UTC()
	return f, ctx.Err()
}

// elsewhere reports whether the state cannot be where it was looked for.
func elsewhere(err error) bool {
	_, moved := errors.AsType[*s3.ElsewhereError](err)
	return moved || errors.Is(err, s3.ErrNoBucket)
}

// misplaced is the error of a lock that cannot be read because the table or the
// bucket is another one.
func (r *Reader) misplaced(ctx context.Context, l backend.Lock) error {
	if l.Status != backend.Unknown || r.store.Backend.DynamoDBTable == "" {
		return ctx.Err()
	}
	switch _, err := r.store.Table(ctx); {
	case errors.Is(err, s3.ErrNoTable), errors.Is(err, s3.ErrSchema):
		return err
	}
	return ctx.Err()
}

func (r *Reader) note(s string) {
	if !slices.Contains(r.notes, s) {
		r.notes = append(r.notes, s)
	}
}

// places are the regions in which the run may have worked: the caller's, those
// that a person names, and those of the state's resources.
func (r *Reader) places(ctx context.Context) []string {
	if r.regions == nil {
		r.regions = append(slices.Clone(r.o.Regions), r.aws.Config.Region)
		state, _, err := r.store.State(ctx, "")
		if err != nil {
			if !errors.Is(err, s3.ErrNoState) {
				r.note("the state could not be read for the regions of its resources (name them with --region): " + err.Error())
			}
		} else {
			reads, _ := diff.NewSubject(state, nil, ec2.Kinds(r.rows), r.aws.Config.Region, nil).Reads(r.aws.Caller)
			for _, at := range slices.SortedFunc(maps.Keys(reads), providers.Place.Compare) {
				r.regions = append(r.regions, at.Region)
			}
		}
		slices.Sort(r.regions)
		r.regions = slices.DeleteFunc(slices.Compact(r.regions), func(s string) bool { return s == "" })
	}
	return r.regions
}
