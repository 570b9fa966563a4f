package wanted

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

func read(t testing.TB, plan, dir string) *Wanted {
	t.Helper()
	f, err := os.Open(plan)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := FromPlan(f, filepath.Base(plan), Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func golden(t *testing.T, path string, got any) {
	t.Helper()
	b, err := json.MarshalIndent(got, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	b = append(b, '\n')
	if *update {
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(b)); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}

// spell writes a value the way a golden file is best read.
func spell(v Value) any {
	switch {
	case v.OneOf != nil:
		var out []string
		for _, t := range v.OneOf {
			out = append(out, "-> "+t.Address+"."+t.Attr)
		}
		return strings.Join(out, " | ")
	case v.Items != nil:
		out := []any{}
		for _, item := range v.Items {
			out = append(out, spell(item))
		}
		return out
	}
	return v.Known
}

// summary is what a golden file holds of an instance.
func summary(w *Wanted) any {
	type line struct {
		Action    Action         `json:"action"`
		Prior     string         `json:"prior,omitempty"`
		Previous  string         `json:"previous,omitempty"`
		Provider  string         `json:"provider"`
		Values    map[string]any `json:"values"`
		Unknown   []string       `json:"unknown,omitempty"`
		DependsOn []string       `json:"depends_on,omitempty"`
	}
	out := map[string]line{}
	for _, inst := range w.Instances {
		l := line{Action: inst.Action, Prior: inst.PriorID, Previous: inst.PreviousAddress, Provider: inst.ProviderKey, DependsOn: inst.DependsOn, Values: map[string]any{}}
		for name, v := range inst.Values {
			l.Values[name] = spell(v)
		}
		for _, name := range inst.Unknown {
			if _, ok := inst.Values[name]; !ok {
				l.Unknown = append(l.Unknown, name)
			}
		}
		out[inst.Address] = l
	}
	return map[string]any{"instances": out, "providers": w.Providers, "outputs": w.OutputRefs, "notes": w.Notes}
}

// after reads what terraform show -json says of a state: attributes by address.
func after(t *testing.T, path string) map[string]map[string]any {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	type module struct {
		Resources []struct {
			Address string
			Values  map[string]any
		}
		Children []module `json:"child_modules"`
	}
	var state struct {
		Values struct {
			Root module `json:"root_module"`
		}
	}
	if err := json.Unmarshal(b, &state); err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]any{}
	var walk func(m module)
	walk = func(m module) {
		for _, r := range m.Resources {
			out[r.Address] = r.Values
		}
		for _, c := range m.Children {
			walk(c)
		}
	}
	walk(state.Values.Root)
	return out
}

// came turns a value into what it must be in the state that came of the plan.
func came(t *testing.T, v Value, state map[string]map[string]any) any {
	t.Helper()
	switch {
	case len(v.OneOf) == 1:
		return state[v.OneOf[0].Address][v.OneOf[0].Attr]
	case v.Items != nil:
		out := []any{}
		for _, item := range v.Items {
			out = append(out, came(t, item, state))
		}
		return out
	}
	return v.Known
}

const language = "testdata/language"

func TestEveryReferenceIsWhatTheApplyMadeIt(t *testing.T) {
	w := read(t, language+"/plan.json", language+"/config")
	state := after(t, language+"/applied.json")
	told := 0
	for _, inst := range w.Instances {
		for attr, v := range inst.Values {
			if inst.Action == Delete || v.IsKnown() {
				continue
			}
			told++
			got, want := came(t, v, state), state[inst.Address][attr]
			if strings.Contains(inst.Name, "set") {
				got, want = sorted(got), sorted(want)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s.%s is not what Terraform made of it (-terraform +reference):\n%s", inst.Address, attr, d)
			}
		}
	}
	if told < 60 {
		t.Errorf("only %d references were told, so this test shows little", told)
	}
}

func sorted(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	slices.SortFunc(list, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return list
}

// The names of the resources in testdata/language say what must come out.
func TestWhatTheConfigurationSaysForCertainIsTold(t *testing.T) {
	w := read(t, language+"/plan.json", language+"/config")
	seen := map[string]int{}
	for _, inst := range w.Instances {
		kind, _, _ := strings.Cut(inst.Name, "_")
		seen[kind]++
		v, ok := inst.Values["input"]
		switch {
		case kind == "exact" && len(v.OneOf) != 1:
			t.Errorf("%s: want one reference, got %v", inst.Address, spell(v))
		case kind == "items" && len(v.Items) == 0:
			t.Errorf("%s: want a list that holds references, got %v", inst.Address, spell(v))
		case kind == "unknown" && ok:
			t.Errorf("%s: want nothing, got %v", inst.Address, spell(v))
		}
	}
	if seen["exact"] < 40 || seen["items"] < 15 || seen["unknown"] < 30 {
		t.Errorf("the configuration has lost its cases: %v", seen)
	}
	golden(t, "testdata/language.golden.json", summary(w))
}
