package incident_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"reconcile/fixtures"
	"reconcile/internal/plan"
)

// TestWithoutThePlanFileTheActionsAreTheSame: the configuration alone may ask
// where the plan file tells, but never do something else.
func TestWithoutThePlanFileTheActionsAreTheSame(t *testing.T) {
	for _, name := range fixtures.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := begin(t, name)
			with := d.read(t)
			d.o.PlanJSON = ""
			without := d.read(t)
			if !strings.Contains(strings.Join(without.Notes, "\n"), "the configuration and the state alone") {
				t.Errorf("no note says where the addresses come from: %q", without.Notes)
			}
			same := true
			for _, op := range []plan.Op{plan.Import, plan.StateRm, plan.Untaint} {
				more, fewer := of(with, op), of(without, op)
				same = same && maps.Equal(more, fewer)
				for address, id := range fewer {
					if more[address] != id {
						t.Errorf("%s %s %s without the plan, %q with it", op, address, id, more[address])
					}
				}
			}
			if !same && len(without.Questions) <= len(with.Questions) {
				t.Errorf("fewer actions without the plan, and no question more: %s",
					cmp.Diff(of(with, plan.Import), of(without, plan.Import)))
			}
		})
	}
}
