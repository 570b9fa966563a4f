package incident

import (
	"context"
	"errors"
	"fmt"

	"reconcile/internal/backend"
	"reconcile/internal/backend/s3"
	"reconcile/internal/hint"
	"reconcile/internal/statefile"
	"reconcile/internal/store"
	"reconcile/providers/ec2"
)

// findBackend reads where the state and its lock are. That nothing is found is
// told, not an error: the plan can be made without the lock.
func (r *reading) findBackend() error {
	cfg, secrets, err := r.o.Backend.In(r.o.Dir, r.o.Env).Locate()
	r.secrets = secrets
	switch {
	case err == nil:
		r.backend = cfg
	case errors.Is(err, backend.ErrRecord), errors.Is(err, backend.ErrWorkspace), errors.Is(err, backend.ErrHalf),
		errors.Is(err, backend.ErrBlock) && len(r.o.Backend.Configs) > 0:
		return err
	default:
		r.noBackend = err
		r.note("no S3 backend was found, so neither the lock nor the state object was looked at: " + hint.Said(err))
	}
	return nil
}

// openAWS settles who the caller is, once.
func (r *reading) openAWS(ctx context.Context) error {
	if r.aws.Caller.Account != "" {
		return nil
	}
	s, err := ec2.Open(ctx, r.rows, r.o.Endpoint, "")
	if errors.Is(err, ec2.ErrNoRegion) {
		r.guessed = true
		s, err = ec2.Open(ctx, r.rows, r.o.Endpoint, r.fallbackRegion())
	}
	r.aws = s
	return err
}

// openStore opens a backend's state, as whoever the backend says.
func (r *reading) openStore(ctx context.Context, b *backend.Config) (store.Store, error) {
	own := b == r.backend
	if r.store != nil && own {
		return *r.store, nil
	}
	s, err := store.Open(ctx, r.aws, recorded(b, r.o.Endpoint), r.secrets)
	if err != nil {
		return s, err
	}
	if s.Note != "" {
		r.note(s.Note)
	}
	if own {
		r.store = &s
	}
	return s, nil
}

// readStored reads the state where it is kept: the backend's own, or the one
// that --state names.
func (r *reading) readStored(ctx context.Context) error {
	place, version := r.backend, ""
	if r.o.State != "" {
		at, err := store.Parse(r.o.State)
		if err != nil {
			return err
		}
		place, version = at.Of(r.backend), at.Version
		if r.backend != nil && *place == *r.backend {
			place = r.backend
		}
	}
	if place == nil {
		next := hint.Of(r.noBackend)
		if errors.Is(r.noBackend, backend.ErrNotInitialised) {
			next = "give --dir, or run terraform state pull > state.tfstate where the apply ran and give --state state.tfstate; --state none for a first apply that left no state"
		}
		return hint.Errorf(next, "no state is given, and there is none to read: %w", r.noBackend)
	}
	if err := r.openAWS(ctx); err != nil {
		return err
	}
	s, err := r.openStore(ctx, place)
	if err != nil {
		return err
	}
	state, origin, err := s.State(ctx, version)
	if moved, ok := errors.AsType[*s3.ElsewhereError](err); ok && place.Source == "--state" {
		// Nobody said a region: the bucket says where it is.
		there := *place
		there.Region = moved.Region
		if s, err = r.openStore(ctx, &there); err == nil {
			state, origin, err = s.State(ctx, version)
		}
	}
	if err != nil && version == "" {
		err = diagnose(ctx, s, err)
	}
	if err != nil {
		return err
	}
	r.state, r.origin = state, &origin
	if version == "" {
		if fault := step(ctx, s, origin, state); fault != nil {
			r.problem(hint.Said(fault))
		}
	}
	return nil
}

// tellOrigin says what is wrong with a state that was read where it is kept.
func (r *reading) tellOrigin() {
	if r.origin == nil {
		return
	}
	switch origin := r.origin; {
	case origin.Doubt != "":
		r.note("whether the state is whole could not be told: its digest could not be read: " + origin.Doubt)
	case !origin.Whole():
		r.problem(fmt.Sprintf("the state %s is not the one that its digest in the lock table was made of: its MD5 is %s, the digest says %s. Whoever wrote last died between the two, or the object was put back by hand; Terraform refuses every command until that is mended: reconcile restore current writes the guarded script that sets the digest right",
			origin.Name, origin.MD5, origin.Digest))
	}
}

// readLock reads the lock, and when the state object was written.
func (r *reading) readLock(ctx context.Context) {
	r.tellOrigin()
	if r.backend == nil {
		r.lock = backend.Lock{Status: backend.Unknown, Error: "no S3 backend was found"}
		return
	}
	s, err := r.openStore(ctx, r.backend)
	if err != nil {
		r.lock = backend.Lock{Status: backend.Unknown, Error: hint.Said(err)}
	} else {
		r.lock = s.Lock(ctx)
		at, _, _, err := s.StateObject(ctx)
		switch {
		case errors.Is(err, s3.ErrNoState) && r.before().Format == statefile.Raw && r.before().Lineage != "":
			// The script's first command would make an empty state there.
			r.problem("the state that was given is not kept where the backend says, so the workspace, the key or the bucket is another one: " + hint.Said(s.Missing(ctx, err)))
		case errors.Is(err, s3.ErrNoBucket):
			// The lock is looked for by the bucket's name: another's is never held.
			r.problem("the bucket of the state is another one, so neither the state there nor its lock was seen: " + hint.Said(err) + ". Check --backend-bucket, --backend-config and the backend block")
		case err != nil && !errors.Is(err, s3.ErrNoState):
			r.note("the state object could not be dated: " + err.Error())
		}
		r.written = at
	}
	if r.lock.Status == backend.Unknown {
		r.problem("the lock could not be read, so the script cannot tell whether it is held: " + r.lock.Error)
	}
}
