// Package store opens the state where Terraform's S3 backend keeps it: as
// whoever the backend says, read once from end to end and held against the
// digest in the lock table. Where the state is not, it says what is there
// instead. It reads; nothing here writes.
package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"reconcile/internal/backend"
	"reconcile/internal/backend/s3"
	"reconcile/internal/hint"
	"reconcile/internal/statefile"
	"reconcile/providers/ec2"
)

// Store is one state's place, and who reads it.
type Store struct {
	s3.Reader
	Backend *backend.Config
	Session ec2.Session // whose credentials read it
	Note    string      // what is to be known of that, "" for nothing
}

// Open settles who reads: the backend's profile, keys and role, else the caller.
// A role that only the pipeline may assume is passed over where the caller is in
// its account, whose lock table is then the right one all the same.
func Open(ctx context.Context, caller ec2.Session, b *backend.Config, secrets backend.Secrets) (Store, error) {
	s := Store{Backend: b}
	as, err := asOf(b, secrets)
	if err != nil {
		return s, err
	}
	s.Session, err = caller.ForState(ctx, as)
	if refused, ok := errors.AsType[*ec2.AssumeError](err); ok && ctx.Err() == nil && caller.SameAccount(b.RoleARN) {
		s.Note = "the state and its lock were read with your own credentials: " + refused.Error()
		s.Session, err = caller.ForState(ctx, ec2.As{Region: as.Region, FIPS: as.FIPS, DualStack: as.DualStack})
	}
	if err != nil {
		next := "check that " + caller.Caller.ARN + " may assume it, or name the backend with --backend-bucket, --backend-key, --backend-region and --backend-dynamodb-table: then your own credentials read it"
		if b.RoleARN == "" {
			next = "set that profile up here (aws configure list-profiles), or name the backend with --backend-bucket, --backend-key, --backend-region and --backend-dynamodb-table: then your own credentials read it"
		}
		return s, hint.Errorf(next, "reading the state as the backend does: %w", err)
	}
	s.Reader = s3.New(s.Session.Config, b, secrets)
	return s, nil
}

// asOf is the identity that the backend block describes.
func asOf(b *backend.Config, secrets backend.Secrets) (ec2.As, error) {
	as := ec2.As{Region: b.Region, Profile: b.Profile, Role: b.RoleARN, ExternalID: secrets.ExternalID(), WebToken: secrets.WebToken()}
	as.AccessKey, as.SecretKey, as.Token = secrets.Reveal()
	id := b.Identity
	if id == nil {
		return as, nil
	}
	as.ConfigFiles, as.CredentialsFiles, as.FIPS, as.DualStack = id.ConfigFiles, id.CredentialsFiles, id.FIPS, id.DualStack
	as.SessionName, as.Policy, as.PolicyARNs, as.SourceIdentity = id.SessionName, id.Policy, id.PolicyARNs, id.SourceIdentity
	as.Tags, as.TransitiveTagKeys, as.STSEndpoint, as.STSRegion = id.Tags, id.TransitiveTagKeys, id.STSEndpoint, id.STSRegion
	as.WebIdentity, as.WebTokenFile = id.WebIdentity, id.WebIdentityTokenFile
	if id.Duration != "" {
		d, err := time.ParseDuration(id.Duration)
		if err != nil {
			return as, hint.Errorf("write it as 1h or 30m in the backend block", "the backend's assume_role has the duration %q, which is none", id.Duration)
		}
		as.Duration = d
	}
	return as, nil
}

// Origin says where a state was read and whether it is whole.
type Origin struct {
	Name    string // s3://BUCKET/KEY, with ?versionId=… where one was asked for
	Version string
	MD5     string
	Digest  string // what the lock table says, "" for nothing
	// Doubt is why the digest could not be read, "" where it was.
	Doubt string
}

// Whole reports whether the digest, where there is one, is the object's.
func (o Origin) Whole() bool { return o.Digest == "" || o.Digest == o.MD5 }

// settling is how often a state is read again whose digest does not match:
// Terraform writes the object first and the digest second.
const settling = 3

// State reads a version of the state, "" for the present one, which it holds
// against its digest. A digest that does not match is told in the Origin and is
// no error; that there is no state is ErrNoState with a hint.
func (s Store) State(ctx context.Context, version string) (*statefile.State, Origin, error) {
	for n := 1; ; n++ {
		state, o, err := s.read(ctx, version)
		if err != nil || o.Whole() || n == settling {
			return state, o, err
		}
		wait, cancel := context.WithTimeout(ctx, time.Second)
		<-wait.Done()
		if cancel(); ctx.Err() != nil {
			return nil, o, ctx.Err()
		}
	}
}

func (s Store) read(ctx context.Context, version string) (*statefile.State, Origin, error) {
	o := Origin{Name: "s3://" + s.Backend.Bucket + "/" + s.Backend.StateKey}
	if version != "" {
		o.Name += versionMark + version
	}
	object, err := s.Open(ctx, version)
	if errors.Is(err, s3.ErrNoState) {
		return nil, o, s.Missing(ctx, err)
	}
	if err != nil {
		return nil, o, s.advise(ctx, err)
	}
	defer object.Close()
	o.Version = object.Version
	// terraform state pull ends with a line break that the object has not: the
	// state's hash is to be that of what it prints, for the script to compare.
	state, err := statefile.Read(io.MultiReader(object, strings.NewReader("\n")), o.Name)
	if err != nil {
		return nil, o, err
	}
	if _, err := io.Copy(io.Discard, object); err != nil {
		return nil, o, fmt.Errorf("reading %s to its end: %w", o.Name, err)
	}
	o.MD5 = object.MD5()
	if version == "" {
		if o.Digest, err = s.Digest(ctx); err != nil {
			o.Doubt = err.Error()
		}
	}
	return state, o, nil
}

// Missing is the error of a state that is not there, with the workspaces that
// are.
func (s Store) Missing(ctx context.Context, err error) error {
	names, listErr := s.Workspaces(ctx)
	here := "the workspace is " + s.Backend.Workspace
	switch {
	case listErr != nil:
		return hint.Errorf("check the bucket, the key and the workspace ("+here+"); --state none for a first apply that left no state", "%w", err)
	case len(names) == 0:
		return hint.Errorf("--state none for a first apply that left no state; else check the bucket and the key", "%w; %s, and no other workspace has a state of this key", err, here)
	}
	return hint.Errorf("for another workspace: TF_WORKSPACE=NAME, or terraform workspace select NAME; never terraform workspace new. --state none for a first apply that left no state",
		"%w; %s, and there are states of: %s", err, here, strings.Join(names, ", "))
}

// advise adds what to type.
func (s Store) advise(ctx context.Context, err error) error {
	if errors.Is(err, s3.ErrDenied) && ctx.Err() == nil {
		return hint.Errorf("reconcile policy prints the rights that it needs; or pull it yourself: terraform state pull > state.tfstate, then --state state.tfstate", "%w", err)
	}
	return err
}

const versionMark = "?versionId="

// At is a state that is named by its place.
type At struct{ Bucket, Key, Version string }

// Parse reads s3://BUCKET/KEY or s3://BUCKET/KEY?versionId=VERSION.
func Parse(s string) (At, error) {
	rest, ok := strings.CutPrefix(s, "s3://")
	version := ""
	if i := strings.LastIndex(rest, versionMark); i >= 0 {
		rest, version = rest[:i], rest[i+len(versionMark):]
		ok = ok && version != ""
	}
	bucket, key, cut := strings.Cut(rest, "/")
	if !ok || !cut || bucket == "" || key == "" || strings.ContainsAny(bucket, "?# ") {
		return At{}, hint.Errorf("give --state s3://BUCKET/KEY, or s3://BUCKET/KEY?versionId=VERSION for an earlier one", "--state %q names no object", s)
	}
	return At{bucket, key, version}, nil
}

// Is reports whether a --state names a place in S3.
func Is(s string) bool { return strings.HasPrefix(s, "s3://") }

// Of is the backend with which such a state is read: the folder's own where it
// is the same object, else one without a lock.
func (a At) Of(b *backend.Config) *backend.Config {
	if b == nil {
		return &backend.Config{Type: "s3", Source: "--state", Bucket: a.Bucket, Key: a.Key, StateKey: a.Key, Workspace: backend.DefaultWorkspace}
	}
	c := *b
	if b.Bucket != a.Bucket || b.StateKey != a.Key {
		c.Bucket, c.Key, c.StateKey, c.DynamoDBTable, c.UseLockfile = a.Bucket, a.Key, a.Key, "", false
		c.Workspace, c.WorkspacePrefix = backend.DefaultWorkspace, ""
	}
	return &c
}
