package cloudtrail

import (
	"context"
	"iter"
	"time"
)

// patience are the pauses between two looks at a query that is under way.
func patience() iter.Seq[time.Duration] {
	return func(yield func(time.Duration) bool) {
		for d := 300 * time.Millisecond; yield(d); d = min(3*time.Second, d*3/2) {
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tick tells that a reading goes on.
func (to *sink) tick(items int) {
	to.mu.Lock()
	defer to.mu.Unlock()
	to.page(items)
}
