package incident

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"reconcile/internal/backend"
	"reconcile/internal/backend/s3"
	"reconcile/internal/integrity"
	"reconcile/internal/statefile"
	"reconcile/internal/store"
)

// Where names the state object.
func (s *Store) Where() string { return "s3://" + s.Backend.Bucket + "/" + s.Backend.StateKey }

// See reads one version through once. What cannot be read as a state is in the
// result; an error is a version that S3 does not give.
func (s *Store) See(ctx context.Context, v backend.Version) (integrity.Seen, error) {
	if v.Deleted {
		return integrity.Seen{Version: v}, nil
	}
	object, err := s.Open(ctx, v.ID)
	if err != nil {
		return integrity.Seen{Version: v}, err
	}
	defer object.Close()
	seen := integrity.Seen{Version: v}
	seen.Outline, seen.Err = statefile.ReadOutline(object, s.Where())
	if _, err := io.Copy(io.Discard, object); err != nil {
		return seen, fmt.Errorf("reading the state %s, version %s: %w", s.Where(), v.ID, err)
	}
	if e, ok := errors.AsType[*statefile.Error](seen.Err); seen.Err != nil && (!ok || e == nil) {
		return seen, seen.Err // the connection, not the state
	}
	seen.MD5 = object.MD5()
	return seen, nil
}

// SeeAll reads versions through, a few at a time, in their order.
func (s *Store) SeeAll(ctx context.Context, versions []backend.Version) ([]integrity.Seen, error) {
	out := make([]integrity.Seen, len(versions))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for n, v := range versions {
		group.Go(func() error {
			var err error
			out[n], err = s.See(ctx, v)
			return err
		})
	}
	return out, group.Wait()
}

// Known is what somebody else knows of the state: see integrity.Evidence.
type Known struct {
	Lineage string
	Serial  uint64
	From    string
}

// Evidence gathers what tells whether the present state object is sound. Of the
// earlier versions the newest few are read: enough to see that the present one
// is not older, and to name one that is whole.
func (s *Store) Evidence(ctx context.Context, known Known) (integrity.Evidence, error) {
	e := integrity.Evidence{Where: s.Where(), Lineage: known.Lineage, Serial: known.Serial, From: known.From}
	versions, err := s.Versions(ctx)
	if err != nil || len(versions) == 0 {
		return e, err
	}
	const enough = 10
	seen, err := s.SeeAll(ctx, versions[:min(len(versions), enough)])
	if err != nil {
		return e, err
	}
	if seen[0].Current {
		e.Current, e.Earlier = &seen[0], seen[1:]
	}
	for n := enough; e.Current != nil && n < len(versions) && !slices.ContainsFunc(e.Earlier, integrity.Seen.Whole); n++ {
		more, err := s.See(ctx, versions[n])
		if err != nil {
			return e, err
		}
		e.Earlier = append(e.Earlier, more)
	}
	e.Digest = s.Lock(ctx).Digest
	return e, nil
}

// Sound reads the present state object and makes sure that it is one. A fault is
// the error, with the version that mends it where it can be found.
func (s *Store) Sound(ctx context.Context, known Known) (backend.Object, *statefile.State, error) {
	o, err := s.Object(ctx, "")
	if errors.Is(err, s3.ErrNoState) {
		none := statefile.NoState()
		none.Source = s.Where()
		return o, none, s.deleted(ctx, known)
	}
	if err != nil {
		return o, nil, err
	}
	current := integrity.Seen{Version: o.Version, MD5: o.MD5}
	state, bad := statefile.Read(bytes.NewReader(o.Body), s.Where())
	if bad == nil {
		current.Outline, _ = statefile.ReadOutline(bytes.NewReader(o.Body), s.Where()) // it was read a line before
	}
	current.Err = bad
	faults := integrity.Judge(integrity.Evidence{Where: s.Where(), Current: &current, Digest: s.Lock(ctx).Digest, Lineage: known.Lineage, Serial: known.Serial, From: known.From})
	if len(faults) == 0 {
		return o, state, nil
	}
	// Which version mends it is worth a closer look; that it fails changes nothing.
	if e, err := s.Evidence(ctx, known); err == nil {
		if again := integrity.Judge(e); len(again) > 0 {
			faults = again
		}
	}
	return o, state, faults[0]
}

// deleted says that a state object was there and is not any more.
func (s *Store) deleted(ctx context.Context, known Known) error {
	e, err := s.Evidence(ctx, known)
	if err != nil {
		return nil // that it is not there is all that is known
	}
	if faults := integrity.Judge(e); len(faults) > 0 {
		return faults[0]
	}
	return nil
}

// Since are the versions that were current at a time or came later, newest first.
func Since(versions []backend.Version, at time.Time) []backend.Version {
	for n, v := range versions {
		if !v.Modified.After(at) {
			return versions[:n+1] // this one was the current one then
		}
	}
	return versions
}

// diagnose makes of a state object that cannot be used a fault that names what
// mends it, where there is one.
func diagnose(ctx context.Context, s store.Store, err error) error {
	if _, unfit := errors.AsType[*statefile.Error](err); !unfit && !errors.Is(err, s3.ErrNoState) {
		return err
	}
	own := &Store{Store: s}
	e, evidenceErr := own.Evidence(ctx, Known{})
	if evidenceErr != nil {
		return err
	}
	if faults := integrity.Judge(e); len(faults) > 0 {
		return faults[0]
	}
	return err
}

// step holds the present state against the few versions before it: a lineage that
// changed, a serial that fell. That the versions may not be listed costs nothing.
func step(ctx context.Context, s store.Store, o store.Origin, state *statefile.State) *integrity.Fault {
	versions, err := s.Versions(ctx)
	if err != nil || len(versions) < 2 || !versions[0].Current || versions[0].ID != o.Version {
		return nil
	}
	own := &Store{Store: s}
	earlier, err := own.SeeAll(ctx, versions[1:min(len(versions), 4)])
	if err != nil {
		return nil
	}
	now := integrity.Seen{Version: versions[0], Outline: &statefile.Outline{Format: state.Format, Lineage: state.Lineage, Serial: state.Serial}}
	if faults := integrity.Judge(integrity.Evidence{Where: own.Where(), Current: &now, Earlier: earlier}); len(faults) > 0 {
		return faults[0]
	}
	return nil
}
