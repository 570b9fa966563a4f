package wanted

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"reconcile/internal/statefile"
)

// entry is one instance of a state: an address and its attributes.
type entry struct {
	address string
	attrs   map[string]any
}

func stateWith(t testing.TB, entries ...entry) *statefile.State {
	t.Helper()
	doc := map[string]any{"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "l", "outputs": map[string]any{}}
	resources := []any{}
	for _, e := range entries {
		a, err := statefile.ParseAddress(e.address)
		if err != nil {
			t.Fatal(err)
		}
		instance := map[string]any{"schema_version": 0, "attributes": e.attrs}
		if a.Key != nil {
			instance["index_key"] = a.Key
		}
		r := map[string]any{"mode": a.Mode, "type": a.Type, "name": a.Name, "instances": []any{instance},
			"provider": `provider["registry.terraform.io/hashicorp/aws"]`}
		if a.Module != "" {
			r["module"] = a.Module
		}
		resources = append(resources, r)
	}
	doc["resources"] = resources
	b, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	s, err := statefile.Read(strings.NewReader(string(b)), "state")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func configured(t testing.TB, state *statefile.State, content map[string]string, env ...string) *Wanted {
	t.Helper()
	w, err := FromConfig(Config{Dir: folder(t, content), State: state, Workspace: "default", Env: func(name string) string {
		for i := 0; i+1 < len(env); i += 2 {
			if env[i] == name {
				return env[i+1]
			}
		}
		return ""
	}})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func actions(w *Wanted) map[string]Action {
	out := map[string]Action{}
	for _, i := range w.Instances {
		out[i.Address] = i.Action
	}
	return out
}

func says(list []string, part string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.Contains(s, part) })
}
