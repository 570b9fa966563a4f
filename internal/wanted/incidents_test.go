package wanted

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"reconcile/fixtures"
)

const incidents = "../../fixtures/incidents"

func TestIncidentPlansReadTheSame(t *testing.T) {
	for _, name := range fixtures.Names() {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(incidents, name)
			w := read(t, filepath.Join(dir, "plan.json"), filepath.Join(dir, "config"))
			golden(t, filepath.Join("testdata", name+".golden.json"), summary(w))
		})
	}
}

// stateAfter reads the state that a dying Terraform saved at the end: what it
// did is in there.
func stateAfter(t *testing.T, files fs.FS) map[string]map[string]any {
	t.Helper()
	b, err := fs.ReadFile(files, "errored.tfstate")
	if err != nil {
		return nil
	}
	var state struct {
		Resources []struct {
			Module, Type, Name string
			Instances          []struct {
				Key        any            `json:"index_key"`
				Attributes map[string]any `json:"attributes"`
			}
		}
	}
	if err := json.Unmarshal(b, &state); err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]any{}
	for _, r := range state.Resources {
		for _, inst := range r.Instances {
			address := r.Type + "." + r.Name + keyText(inst.Key)
			if r.Module != "" {
				address = r.Module + "." + address
			}
			out[address] = inst.Attributes
		}
	}
	return out
}

func TestReferencesAreWhatTheDyingApplyMadeThem(t *testing.T) {
	compared := 0
	for _, name := range fixtures.Names() {
		files, err := fixtures.Incident(name)
		if err != nil {
			t.Fatal(err)
		}
		state := stateAfter(t, files)
		for _, dir := range []string{filepath.Join(incidents, name, "config"), ""} {
			w := read(t, filepath.Join(incidents, name, "plan.json"), dir)
			for _, inst := range w.Instances {
				made := state[inst.Address]
				if made == nil || made["id"] == inst.PriorID {
					continue
				}
				for attr, v := range inst.Values {
					switch {
					case v.Items != nil:
						compared++
						want, got := sorted(made[attr]), sorted(came(t, v, state))
						if !bytes.Equal(asJSON(t, want), asJSON(t, got)) {
							t.Errorf("%s (dir %q): %s.%s is %v, and the apply made it %v", name, dir, inst.Address, attr, got, want)
						}
					case v.OneOf != nil:
						compared++
						if !slices.ContainsFunc(v.OneOf, func(at Target) bool { return state[at.Address][at.Attr] == made[attr] }) {
							t.Errorf("%s (dir %q): %s.%s is none of %v", name, dir, inst.Address, attr, v.OneOf)
						}
					}
				}
			}
		}
	}
	if compared < 20 {
		t.Errorf("only %d references could be compared", compared)
	}
}

func asJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Whatever the plan knows, our evaluation must agree with, or leave unknown.
func TestTheEvaluatorAgreesWithTerraformOnWhatThePlanKnows(t *testing.T) {
	cases := map[string]string{language + "/plan.json": language + "/config", "testdata/providers/plan.json": "testdata/providers/config"}
	for _, name := range fixtures.Names() {
		cases[filepath.Join(incidents, name, "plan.json")] = filepath.Join(incidents, name, "config")
	}
	compared := 0
	for plan, dir := range cases {
		pr := reader(t, plan, dir)
		for i, inst := range pr.w.Instances {
			s := pr.scopes[i]
			cfg := s.module.resources[inst.Type+"."+inst.Name]
			if cfg == nil || inst.Action == Delete {
				continue
			}
			for attr, e := range cfg.attrs {
				known, ok := inst.Values[attr]
				if !ok || !known.IsKnown() {
					continue
				}
				v, err := s.value(e, s.repeat(inst.Key, cfg.forEach))
				if err != nil {
					t.Errorf("%s.%s: %v", inst.Address, attr, err)
					continue
				}
				if v.ContainsMarked() || !v.IsWhollyKnown() {
					continue
				}
				compared++
				// The provider keeps some lists as sets.
				if got, want := string(asJSON(t, sorted(fromCty(v)))), string(asJSON(t, sorted(known.Known))); got != want {
					t.Errorf("%s.%s: Terraform has %s, the evaluation %s", inst.Address, attr, want, got)
				}
			}
		}
	}
	if compared < 250 {
		t.Errorf("only %d values could be compared", compared)
	}
}

func reader(t testing.TB, plan, dir string) *reading {
	t.Helper()
	b, err := os.ReadFile(plan)
	if err != nil {
		t.Fatal(err)
	}
	p, err := decodePlan(bytes.NewReader(b), plan)
	if err != nil {
		t.Fatal(err)
	}
	pr := &reading{plan: p, notes: map[string]bool{}, cause: map[string][]string{}, w: &Wanted{Providers: map[string]Provider{}}}
	pr.config(Config{Dir: dir})
	if err := pr.populate(plan); err != nil {
		t.Fatal(err)
	}
	return pr
}

func TestWithoutTheConfigurationNothingIsToldThatIsNotSo(t *testing.T) {
	w := read(t, language+"/plan.json", "")
	state := after(t, language+"/applied.json")
	for _, inst := range w.Instances {
		for attr, v := range inst.Values {
			if v.OneOf != nil && !slices.ContainsFunc(v.OneOf, func(at Target) bool { return state[at.Address][at.Attr] == state[inst.Address][attr] }) {
				t.Errorf("%s.%s is none of %v", inst.Address, attr, v.OneOf)
			}
		}
	}
	if !slices.ContainsFunc(w.Notes, func(n string) bool { return strings.Contains(n, "folder was not given") }) {
		t.Errorf("nothing says that the configuration was not read: %v", w.Notes)
	}
	w = read(t, filepath.Join(incidents, "shared-network-expire-7", "plan.json"), "")
	golden(t, "testdata/no-config.golden.json", summary(w))
}

func TestProvidersAndSetsOfARealPlan(t *testing.T) {
	golden(t, "testdata/providers.golden.json", summary(read(t, "testdata/providers/plan.json", "testdata/providers/config")))
	golden(t, "testdata/providers-no-config.golden.json", summary(read(t, "testdata/providers/plan.json", "")))
}
