package store

import (
	"context"
	"errors"

	"reconcile/internal/hint"
	"reconcile/providers/ec2"
)

// Caller is whoever runs this. endpoint serves everything that AWS would, "" for
// AWS itself; region is where to begin if the configuration names none.
func Caller(ctx context.Context, rows []ec2.Row, endpoint, region string) (ec2.Session, error) {
	s, err := ec2.Session{}, error(nil)
	if endpoint != "" {
		s, err = ec2.OpenAt(ctx, rows, endpoint, region)
	} else {
		s, err = ec2.Open(ctx, rows, region)
	}
	switch {
	case errors.Is(err, ec2.ErrNoRegion):
		return s, hint.Errorf("set AWS_REGION, or give --region", "%w", err)
	case errors.Is(err, ec2.ErrNoCredentials):
		return s, hint.Errorf("log in first (aws sso login, or set AWS_PROFILE), then check with: aws sts get-caller-identity", "%w", err)
	}
	return s, err
}
