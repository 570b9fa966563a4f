package wanted

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"reconcile/fixtures"
	"reconcile/internal/statefile"
	"reconcile/providers"
)

// score counts the attributes that a plan knows and that the configuration
// alone told as well.
type score struct{ known, told int }

func (s *score) add(o score) { s.known += o.known; s.told += o.told }

func (s score) share() int {
	if s.known == 0 {
		return 100
	}
	return 100 * s.told / s.known
}

// held compares what the configuration alone tells with a plan: every address,
// action and previous address must be the plan's, and every value either the
// plan's or not told.
func held(t *testing.T, w *Wanted, state *statefile.State, planned []byte) score {
	t.Helper()
	var p struct {
		Changes []struct {
			Address, Mode, Deposed string
			PreviousAddress        string `json:"previous_address"`
			Change                 struct {
				Actions      []string
				Before       map[string]any
				After        map[string]any
				AfterUnknown any `json:"after_unknown"`
			}
		} `json:"resource_changes"`
	}
	dec := json.NewDecoder(bytes.NewReader(planned))
	dec.UseNumber()
	if err := dec.Decode(&p); err != nil {
		t.Fatal(err)
	}
	var out score
	want := map[string]bool{}
	for _, c := range p.Changes {
		if c.Mode != "managed" || c.Deposed != "" {
			continue
		}
		want[c.Address] = true
		inst, ok := w.Find(c.Address)
		if !ok {
			t.Errorf("%s: the plan has it, the configuration alone does not tell it", c.Address)
			continue
		}
		action, _ := actionOf(c.Change.Actions)
		if inst.Action != action {
			t.Errorf("%s: the plan wants %s, the configuration alone says %s", c.Address, action, inst.Action)
		}
		if previous := c.PreviousAddress; inst.PreviousAddress != previous {
			t.Errorf("%s: the plan says it was %q, the configuration alone %q", c.Address, previous, inst.PreviousAddress)
		}
		if action == Delete || action == Forget {
			continue
		}
		prior := ""
		if c.Change.Before != nil {
			prior, _ = c.Change.Before["id"].(string)
		}
		if inst.PriorID != prior {
			t.Errorf("%s: the plan saw %q there, the configuration alone %q", c.Address, prior, inst.PriorID)
		}
		unknown, _ := c.Change.AfterUnknown.(map[string]any)
		for name, after := range c.Change.After {
			v, told := inst.Values[name]
			if anyTrue(unknown[name]) {
				if told && v.IsKnown() {
					t.Errorf("%s.%s: the plan does not know it yet, the configuration alone says %v", c.Address, name, v.Known)
				}
				continue
			}
			if providers.Canon(after) == "" && (!told || v.IsKnown() && providers.Canon(v.Known) == "") {
				continue // nothing is no news
			}
			if drifted(state, inst, name, c.Change.Before) {
				continue
			}
			out.known++
			switch {
			case !told:
			case !v.IsKnown():
				t.Errorf("%s.%s: the plan has %v, the configuration alone says that it comes after the apply: %v", c.Address, name, after, spell(v))
			case !reflect.DeepEqual(plainNumbers(v.Known), plainNumbers(after)) && providers.Canon(v.Known) != providers.Canon(after):
				t.Errorf("%s.%s: the plan has %v, the configuration alone says %v", c.Address, name, after, v.Known)
			default:
				out.told++
			}
		}
		for name := range unknown {
			if v, told := inst.Values[name]; anyTrue(unknown[name]) && told && v.IsKnown() {
				t.Errorf("%s.%s: the plan does not know it yet, the configuration alone says %v", c.Address, name, v.Known)
			}
		}
	}
	for _, inst := range w.Instances {
		if !want[inst.Address] {
			t.Errorf("%s: the configuration alone says %s, the plan has no such address", inst.Address, inst.Action)
		}
	}
	return out
}

// drifted reports whether the plan's refresh saw something else than the state
// holds, which no configuration tells.
func drifted(state *statefile.State, inst *Instance, name string, before map[string]any) bool {
	address := inst.Address
	if inst.PreviousAddress != "" {
		address = inst.PreviousAddress
	}
	for _, i := range state.Instances {
		if i.Address == address && i.Deposed == "" {
			attrs, err := i.Attrs()
			return err == nil && before != nil && !strings.HasPrefix(i.Provider.Source, builtin) && providers.Canon(attrs[name]) != providers.Canon(before[name])
		}
	}
	return false
}

func stateOf(t *testing.T, path string) *statefile.State {
	t.Helper()
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return statefile.NoState()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := statefile.Read(f, filepath.Base(path))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWithoutAPlanTheRecordedIncidentsSayWhatTheirPlansSaid(t *testing.T) {
	var all score
	for _, name := range fixtures.Names() {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(incidents, name)
			planned, err := os.ReadFile(filepath.Join(dir, "plan.json"))
			if err != nil {
				t.Fatal(err)
			}
			state := stateOf(t, filepath.Join(dir, "state.tfstate"))
			w, err := FromConfig(Config{Dir: filepath.Join(dir, "config"), State: state, Workspace: "default"})
			if err != nil {
				t.Fatal(err)
			}
			one := held(t, w, state, planned)
			with := read(t, filepath.Join(dir, "plan.json"), filepath.Join(dir, "config"))
			sameReferencesAs(t, w, with)
			t.Logf("%d of %d values that the plan knows are told", one.told, one.known)
			all.add(one)
		})
	}
	if all.share() < 95 {
		t.Errorf("only %d%% of the values that the plans know are told", all.share())
	}
}

func subset(some, all []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

// sameReferencesAs compares what both ways say of attributes that come after the apply.
func sameReferencesAs(t *testing.T, w, with *Wanted) {
	t.Helper()
	for _, a := range with.Instances {
		b, ok := w.Find(a.Address)
		if !ok {
			continue
		}
		// A plan's JSON leaves the references of dynamic blocks and of
		// replace_triggered_by out.
		if !subset(a.DependsOn, b.DependsOn) {
			t.Errorf("%s depends on %q by its plan, on %q by the configuration alone", a.Address, a.DependsOn, b.DependsOn)
		}
		if a.ProviderKey != b.ProviderKey || a.Source != b.Source {
			t.Errorf("%s has provider %s %s by its plan, %s %s by the configuration alone", a.Address, a.ProviderKey, a.Source, b.ProviderKey, b.Source)
		}
		for name, v := range a.Values {
			if v.IsKnown() {
				continue
			}
			got, told := b.Values[name]
			if !told {
				t.Errorf("%s.%s is %v by its plan, nothing by the configuration alone", a.Address, name, spell(v))
			} else if !reflect.DeepEqual(spell(got), spell(v)) {
				t.Errorf("%s.%s is %v by its plan, %v by the configuration alone", a.Address, name, spell(v), spell(got))
			}
		}
	}
	if !slices.Equal(w.OutputRefs, with.OutputRefs) {
		t.Errorf("outputs refer to %q by the plan, to %q by the configuration alone", with.OutputRefs, w.OutputRefs)
	}
	if !reflect.DeepEqual(w.Providers, with.Providers) {
		t.Errorf("providers are %v by the plan, %v by the configuration alone", with.Providers, w.Providers)
	}
}

const corpus = "testdata/corpus"

// inputs are what a corpus configuration is planned with beside its files.
type inputs struct {
	Inputs    []Input
	Env       map[string]string
	Workspace string
	Taint     []string // of the state that was before
}

func inputsOf(t *testing.T, dir string) inputs {
	t.Helper()
	in := inputs{Workspace: "default"}
	b, err := os.ReadFile(filepath.Join(dir, "inputs.json"))
	if os.IsNotExist(err) {
		return in
	}
	if err == nil {
		err = json.Unmarshal(b, &in)
	}
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// configOf is the configuration in a folder of the corpus, laid out in root.
func (in inputs) config(root string, state *statefile.State) Config {
	c := Config{Dir: root, State: state, Workspace: in.Workspace, Env: func(name string) string { return in.Env[name] }}
	for _, i := range in.Inputs {
		if i.File != "" {
			i.File = filepath.Join(root, i.File)
		}
		c.Inputs = append(c.Inputs, i)
	}
	return c
}

// TestTheCorpusSaysWhatTerraformPlanSays holds each recorded configuration
// against what terraform plan said of it.
func TestTheCorpusSaysWhatTerraformPlanSays(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(corpus, "*", "plan.json"))
	if err != nil || len(names) < 12 {
		t.Fatalf("the corpus has %d configurations (%v)", len(names), err)
	}
	var all score
	for _, path := range names {
		dir := filepath.Dir(path)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			planned, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			state := stateOf(t, filepath.Join(dir, "state.tfstate"))
			w, err := FromConfig(inputsOf(t, dir).config(filepath.Join(dir, "config"), state))
			if err != nil {
				t.Fatal(err)
			}
			one := held(t, w, state, planned)
			sameReferencesAs(t, w, read(t, path, filepath.Join(dir, "config")))
			t.Logf("%d of %d values that the plan knows are told (%d%%)", one.told, one.known, one.share())
			for _, n := range w.Notes {
				t.Logf("note: %s", n)
			}
			all.add(one)
		})
	}
	t.Logf("of all values that the plans know %d%% are told (%d of %d)", all.share(), all.told, all.known)
	if all.share() < 90 {
		t.Errorf("only %d%% of the values that the plans know are told", all.share())
	}
}
