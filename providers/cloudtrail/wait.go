package cloudtrail

import (
	"context"
	"time"
)

// await looks at a query until it has ended. One that nobody waits for any more
// is stopped: it would go on to cost.
func (to *sink) await(ctx context.Context, ended func() (bool, error), stop func(context.Context) error) error {
	defer func() {
		if ctx.Err() != nil {
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			_ = stop(last) // the last thing that can be done
		}
	}()
	for pause := 300 * time.Millisecond; ; pause = min(3*time.Second, pause*3/2) {
		if done, err := ended(); done || err != nil {
			return err
		}
		to.tick(0)
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	wait, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-wait.Done()
	return ctx.Err()
}

// tick tells that a reading goes on.
func (to *sink) tick(items int) {
	to.mu.Lock()
	defer to.mu.Unlock()
	to.page(items)
}
