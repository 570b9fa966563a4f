package wanted

import (
	"path/filepath"
	"slices"
	"testing"

	"reconcile/fixtures"
)

// TestWhatIsUnsetIsNowhereInTheConfiguration fails when an attribute that the
// configuration sets is said to have the provider's own value: twins would then
// be paired over a difference that is not known yet.
func TestWhatIsUnsetIsNowhereInTheConfiguration(t *testing.T) {
	cases := map[string]string{language + "/plan.json": language + "/config"}
	for _, name := range fixtures.Names() {
		cases[filepath.Join(incidents, name, "plan.json")] = filepath.Join(incidents, name, "config")
	}
	unset := 0
	for plan, dir := range cases {
		w := read(t, plan, dir)
		pr := reader(t, plan, dir)
		for i, inst := range w.Instances {
			cfg := pr.scopes[i].module.resources[inst.Type+"."+inst.Name]
			for _, attr := range inst.Unset {
				unset++
				if cfg != nil && cfg.attrs[attr] != nil {
					t.Errorf("%s: %s.%s is set in the configuration", plan, inst.Address, attr)
				}
				if _, told := inst.Values[attr]; told || !slices.Contains(inst.Unknown, attr) {
					t.Errorf("%s: %s.%s is unset, and not unknown", plan, inst.Address, attr)
				}
			}
		}
	}
	if unset < 100 {
		t.Errorf("only %d attributes are unset", unset)
	}
}
