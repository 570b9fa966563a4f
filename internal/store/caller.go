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
	if endpoint != "" {
		return ec2.OpenAt(ctx, rows, endpoint, region)
	}
	s, err := ec2.Open(ctx, rows, region)
	if errors.Is(err, ec2.ErrNoRegion) {
		err = hint.Errorf("set AWS_REGION, or give --region", "%w", err)
	}
	return s, err
}
