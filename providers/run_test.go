package providers_test

import (
	"testing"
	"time"

	"reconcile/providers"
)

// TestARunInPartsEndsWhereItsLastPartDoes fails when a run that went on with
// another key is not seen to have ended refused: its death is then no evidence.
func TestARunInPartsEndsWhereItsLastPartDoes(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 1, 1, 12, minute, 0, 0, time.UTC) }
	refused := func(minute int) *providers.Refusal { return &providers.Refusal{Time: at(minute)} }
	answered := func(minute int) providers.Run { return providers.Run{Changes: 1, Answered: at(minute)} }
	stopped := func(minute, from int) providers.Run {
		return providers.Run{Changes: 1, Refused: 1, Answered: at(minute), FirstRefused: refused(from), Stopped: refused(from)}
	}
	never := func(from int) providers.Run { return providers.Run{Refused: 1, FirstRefused: refused(from)} }
	for name, c := range map[string]struct {
		first, second providers.Run
		want          int // minute, 0 for none
	}{
		"both were stopped, the second later": {stopped(10, 12), stopped(20, 30), 30},
		"the second was never answered":       {answered(10), never(12), 12},
		"stopped, and never answered again":   {stopped(10, 12), never(20), 12},
		"never answered, then stopped":        {never(5), stopped(20, 30), 30},
		"stopped, then it went on":            {stopped(10, 12), answered(20), 0},
		"never answered, then it was":         {never(5), answered(20), 0},
		"the second was stopped":              {answered(10), stopped(20, 30), 30},
		"never answered by either":            {never(5), never(7), 0},
	} {
		t.Run(name, func(t *testing.T) {
			got := 0
			if s := c.first.With(c.second).Stopped; s != nil {
				got = s.Time.Minute()
			}
			if got != c.want {
				t.Errorf("stopped at minute %d, want %d", got, c.want)
			}
		})
	}
}
