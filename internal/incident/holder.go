package incident

import (
	"context"

	"reconcile/internal/backend"
	"reconcile/internal/plan"
)

// Holder is what is known of who holds the lock.
type Holder struct {
	Verdict  string   // held-alive, probably-dead, dead, unknown
	Evidence []string // a sentence each
}

// Judge says whether the holder of a lock is dead.
type Judge func(ctx context.Context, s *Store, r *plan.Report, lock backend.Lock) (Holder, error)
