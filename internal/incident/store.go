package incident

import (
	"context"
	"errors"

	"reconcile/internal/backend"
	"reconcile/internal/backend/s3"
	"reconcile/internal/hint"
	"reconcile/providers"
	"reconcile/providers/ec2"
)

// Store is the S3 backend of one workspace, opened for reading.
type Store struct {
	s3.Reader
	Backend *backend.Config
	Caller  providers.Caller
}

// StoreAt says which backend is opened: a report's, or the one of a folder.
type StoreAt struct {
	Dir     string
	Flags   BackendFlags
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
		if r.backend != nil && (cfg.Bucket != at.Backend.Bucket || cfg.StateKey != at.Backend.StateKey) {
			r.secrets = backend.Secrets{} // another backend's
		}
		cfg = at.Backend
	}
	if cfg == nil {
		why := "no S3 backend was found"
		if len(r.notes) > 0 {
			why = r.notes[0]
		}
		return nil, hint.Errorf("name the initialised folder with --dir, or the bucket with --backend-bucket and --backend-key", "%s", why)
	}
	if cfg.Type != "s3" {
		return nil, hint.Errorf("look at the lock and the versions with the backend's own tools", "the state is not kept in S3: the backend is %q", cfg.Type)
	}
	session, err := r.openBackend(ctx, cfg, at.Endpoint)
	switch {
	case errors.Is(err, ec2.ErrNoRegion):
		return nil, hint.Errorf("set AWS_REGION, or give --backend-region", "%w", err)
	case errors.Is(err, ec2.ErrNoCredentials):
		return nil, hint.Errorf("log in first (aws sso login, or set AWS_PROFILE), then check with: aws sts get-caller-identity", "%w", err)
	case err != nil:
		return nil, err
	}
	return &Store{Reader: s3.New(session.Config, cfg, r.secrets), Backend: cfg, Caller: session.Caller}, nil
}

// openBackend opens a session with the credentials that the backend names: its
// profile, its role.
func (r *reading) openBackend(ctx context.Context, cfg *backend.Config, endpoint string) (ec2.Session, error) {
	rows := ec2.Rows()
	var session ec2.Session
	var err error
	switch {
	case endpoint != "":
		return ec2.OpenAt(ctx, rows, endpoint, cfg.Region)
	case cfg.Profile != "" && !r.secrets.Given():
		session, err = ec2.OpenProfile(ctx, rows, cfg.Profile, cfg.Region)
	default:
		session, err = ec2.Open(ctx, rows, cfg.Region)
	}
	if err != nil || cfg.RoleARN == "" {
		return session, err
	}
	caller := session.Caller
	if session, err = session.Assume(ctx, cfg.RoleARN); err != nil {
		return session, hint.Errorf("may "+caller.ARN+" assume it? check with: aws sts assume-role --role-session-name reconcile --role-arn "+cfg.RoleARN,
			"assuming the backend's role %s: %w", cfg.RoleARN, err)
	}
	session.Caller = caller
	return session, nil
}
