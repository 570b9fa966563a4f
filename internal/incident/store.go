package incident

import (
	"context"
	"errors"

	"reconcile/internal/backend"
	"reconcile/internal/hint"
	"reconcile/internal/store"
	"reconcile/providers"
	"reconcile/providers/ec2"
)

// Store is the S3 backend of one workspace, opened for reading.
type Store struct {
	store.Store
	Caller providers.Caller // who runs the scripts; the backend's role may be another
}

// StoreAt says which backend is opened: a report's, or the one of a folder.
type StoreAt struct {
	Dir     string
	Flags   backend.Where
	Backend *backend.Config // of a report, nil to look in Dir
	// Endpoint serves everything that AWS would, "" for AWS itself.
	Endpoint string
	Env      func(string) string
}

// OpenStore finds the backend and asks STS who the caller is. Only credentials
// come from the folder where a report tells the rest.
func OpenStore(ctx context.Context, at StoreAt) (*Store, error) {
	r := &reading{o: Options{Dir: at.Dir, Env: at.Env, Backend: at.Flags}}
	if err := r.findBackend(); err != nil && at.Backend == nil {
		return nil, err
	}
	cfg := r.backend
	if at.Backend != nil {
		if cfg == nil || cfg.Bucket != at.Backend.Bucket || cfg.StateKey != at.Backend.StateKey {
			r.secrets = backend.Secrets{} // another backend's
		}
		cfg = at.Backend
	}
	if cfg == nil {
		return nil, hint.Errorf("name the initialised folder with --dir, or the bucket with --backend-bucket and --backend-key", "no S3 backend was found: %w", r.noBackend)
	}
	if cfg.Type != "s3" {
		return nil, hint.Errorf("look at the lock and the versions with the backend's own tools", "the state is not kept in S3: the backend is %q", cfg.Type)
	}
	session, err := ec2.Open(ctx, ec2.Rows(), at.Endpoint, cfg.Region)
	if errors.Is(err, ec2.ErrNoRegion) {
		return nil, hint.Errorf("set AWS_REGION, or give --backend-region", "%w", err)
	}
	if err != nil {
		return nil, err
	}
	opened, err := store.Open(ctx, session, recorded(cfg, at.Endpoint), r.secrets)
	if err != nil {
		return nil, err
	}
	return &Store{Store: opened, Caller: session.Caller}, nil
}

// recorded is the backend as whoever asks for it: where endpoint serves a
// recorded incident, nothing of this machine is looked at.
func recorded(b *backend.Config, endpoint string) *backend.Config {
	if endpoint == "" {
		return b
	}
	plain := *b
	plain.Profile, plain.RoleARN, plain.Identity = "", "", nil
	return &plain
}
