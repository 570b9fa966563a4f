package cloudtrail

import (
	"context"
	"fmt"
	"time"

	"reconcile/providers"
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

// answer shows the pages of a query's answer, and counts the rows that show finds.
func answer[Page, Options any](ctx context.Context, to *sink, pages paginator[Page, Options], show func(Page) int) (int, error) {
	n := 0
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return n, err
		}
		rows := show(page)
		n += rows
		to.tick(rows)
	}
	return n, nil
}

// paginator is any of the SDK's.
type paginator[Page, Options any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*Options)) (Page, error)
}

// noneOf says of a store that holds no record of a place that its silence is no
// answer.
func noneOf(f feed, at providers.Place) string {
	return fmt.Sprintf("%s: it has no record at all of account %s in %s: whether it covers that is not known", f.name(), at.Account, at.Region)
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
