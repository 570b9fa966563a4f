package lockread

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"reconcile/internal/backend"
	"reconcile/internal/backend/s3"
	"reconcile/internal/preflight"
	"reconcile/internal/terraform"
	"reconcile/providers/ec2"
)

// Preflight says what is read before an apply.
type Preflight struct {
	MinSession time.Duration
	Expires    time.Time // a person's word on when the session ends
	Env        func(string) string
	Environ    []string
	Skip       func(check string) bool
}

// Preflight reads all that the checks need; what is skipped is not asked for.
func (r *Reader) Preflight(ctx context.Context, p Preflight) (preflight.Facts, error) {
	b := r.store.Backend
	f := preflight.Facts{Now: r.o.Now().UTC(), Caller: r.aws.Caller.ARN, MinSession: p.MinSession, Bucket: b.Bucket, Table: b.DynamoDBTable,
		HasLock: b.DynamoDBTable != "" || b.UseLockfile}
	f.Session = r.life(ctx, p)
	if f.HasLock && !p.Skip("lock") {
		f.Lock = r.store.Lock(ctx)
		if err := r.misplaced(ctx, f.Lock); err != nil {
			return f, err
		}
	}
	if !p.Skip("versioning") {
		on, err := r.store.Versioning(ctx)
		f.Versioned, f.VersionErr = on, say(err)
	}
	if f.Table != "" && !p.Skip("ttl") {
		attribute, err := r.store.TTL(ctx)
		f.TTL, f.TTLError = attribute, say(err)
	}
	if !p.Skip("digest") || !p.Skip("terraform") {
		if err := r.state(ctx, &f.State); err != nil {
			return f, err
		}
	}
	if !p.Skip("rights") {
		rights, err := r.store.Session.May(ctx, r.asks())
		f.RightsErr = say(err)
		for _, x := range rights {
			f.Rights = append(f.Rights, preflight.Right(x))
		}
	}
	if !p.Skip("terraform") {
		cli, err := terraform.Find(p.Env)
		if err == nil {
			f.Terraform, err = cli.Version(ctx, terraform.Environ(p.Environ))
		}
		f.NoCLI = say(err)
	}
	return f, ctx.Err()
}

func say(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// life is how long the credentials last that the apply will use: the caller's.
func (r *Reader) life(ctx context.Context, p Preflight) preflight.Session {
	l, err := r.aws.Life(ctx)
	if err != nil {
		return preflight.Session{Error: err.Error()}
	}
	s := preflight.Session{Temporary: l.Temporary, Refreshed: l.Refreshed, Expires: l.Expires, Source: l.Source}
	switch {
	case !p.Expires.IsZero():
		s.Expires, s.Temporary, s.Refreshed, s.Source = p.Expires, true, false, "--session-expires"
	case l.FromEnv && l.Temporary:
		// Keys in the environment say nothing of their end; who puts them there may.
		for _, name := range []string{"AWS_CREDENTIAL_EXPIRATION", "AWS_SESSION_EXPIRATION"} {
			if t, err := time.Parse(time.RFC3339, p.Env(name)); err == nil {
				s.Expires, s.Source = t.UTC(), name
				break
			}
		}
	}
	return s
}

// state reads the state through once.
func (r *Reader) state(ctx context.Context, s *preflight.State) error {
	state, origin, err := r.store.State(ctx, "")
	switch {
	case errors.Is(err, s3.ErrNoState):
		s.Missing = true
		if names, listErr := r.store.Workspaces(ctx); listErr == nil && len(names) > 0 && r.store.Backend.Workspace != backend.DefaultWorkspace {
			r.note(fmt.Sprintf("the workspace %s has no state, and there are states of %s: is it spelled right?", r.store.Backend.Workspace, strings.Join(names, ", ")))
		}
		return ctx.Err()
	case elsewhere(err), errors.Is(err, s3.ErrDenied):
		return err
	case err != nil:
		s.Error = err.Error()
		return ctx.Err()
	}
	s.Serial, s.TerraformVersion = state.Serial, state.TerraformVersion
	s.MD5, s.Digest, s.DigestError = origin.MD5, origin.Digest, origin.Doubt
	return nil
}

// asks are what an apply needs at its end.
func (r *Reader) asks() []ec2.Ask {
	b, who := r.store.Backend, r.store.Session.Caller
	object := func(key string) string { return "arn:" + who.Partition + ":s3:::" + b.Bucket + "/" + key }
	out := []ec2.Ask{{Resource: object(b.StateKey), Actions: []string{"s3:GetObject", "s3:PutObject"}}}
	if b.UseLockfile {
		out = append(out, ec2.Ask{Resource: object(b.LockPath().File), Actions: []string{"s3:DeleteObject", "s3:GetObject", "s3:PutObject"}})
	}
	if b.DynamoDBTable != "" {
		out = append(out, ec2.Ask{Resource: fmt.Sprintf("arn:%s:dynamodb:%s:%s:table/%s", who.Partition, r.store.Session.Config.Region, who.Account, b.DynamoDBTable),
			Actions: []string{"dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem"}})
	}
	return out
}
