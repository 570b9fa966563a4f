package incident

import (
	"context"
	"slices"
	"time"

	"reconcile/internal/plan"
)

// stateWrites lists when the state was written, for the timeline. That it cannot
// be told costs nothing else, so it is a note.
func (r *reading) stateWrites(ctx context.Context) error {
	if r.backend == nil {
		return nil
	}
	s, err := r.openStore(ctx, r.backend)
	if err != nil {
		return nil // the lock tells why
	}
	versions, err := s.Versions(ctx)
	if err != nil {
		r.note("the timeline lacks the writes of the state: " + err.Error())
		return nil
	}
	for _, v := range slices.Backward(versions) {
		r.writes = append(r.writes, plan.StateWrite{Version: v.ID, Time: v.Modified.UTC(), Bytes: v.Size, Deleted: v.Deleted})
	}
	r.writes = around(r.writes, r.span.Since, r.span.Until)
	return nil
}

// around leaves out what was written before the window, but for the last of it,
// and after it.
func around(writes []plan.StateWrite, since, until time.Time) []plan.StateWrite {
	first, end := 0, 0
	for i, w := range writes {
		if !w.Time.After(since) {
			first = i
		}
		if !w.Time.After(until) {
			end = i + 1
		}
	}
	return writes[min(first, end):end]
}
