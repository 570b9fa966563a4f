package verify

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"reconcile/internal/hint"
)

// Fresh is a plan that was made after the script.
type Fresh struct {
	Source  string
	At      time.Time // when it was made; zero: it does not tell
	Partial string    // why it does not speak for everything, "" if it does
	Changes []Change
}

// Change is one planned change, in the script's words: create, update, replace,
// delete, forget. What is read or left as it is is none.
type Change struct {
	Action  string
	Address string
}

var errNotPlan = errors.New("this is not the output of terraform show -json of a plan")

// ReadFresh reads the output of terraform show -json PLANFILE. The error holds
// no value of the plan.
func ReadFresh(r io.Reader, name string) (*Fresh, error) {
	const next = "make one now: terraform plan -lock=false -out=fresh.tfplan && terraform show -json fresh.tfplan > fresh.json"
	var in struct {
		FormatVersion string            `json:"format_version"`
		Timestamp     string            `json:"timestamp"`
		Errored       bool              `json:"errored"`
		Complete      *bool             `json:"complete"`
		Deferred      []json.RawMessage `json:"deferred_changes"`
		PlannedValues *json.RawMessage  `json:"planned_values"`
		Changes       []struct {
			Address string `json:"address"`
			Mode    string `json:"mode"`
			Deposed string `json:"deposed"`
			Change  struct {
				Actions []string `json:"actions"`
			} `json:"change"`
		} `json:"resource_changes"`
	}
	// The decoder's own text may quote the input. A warning may follow the document.
	if err := json.NewDecoder(r).Decode(&in); err != nil || in.FormatVersion == "" || (in.PlannedValues == nil && in.Changes == nil) {
		return nil, hint.Errorf(next, "%s: %w", name, errNotPlan)
	}
	if major, _, _ := strings.Cut(in.FormatVersion, "."); major != "0" && major != "1" {
		return nil, hint.Errorf("use a newer reconcile", "%s: its format is newer than this version reads", name)
	}
	out := &Fresh{Source: name}
	if t, err := time.Parse(time.RFC3339, in.Timestamp); err == nil {
		out.At = t.UTC()
	}
	switch {
	case in.Errored:
		out.Partial = "it was cut short by an error"
	case len(in.Deferred) > 0:
		out.Partial = "it defers changes to a later run"
	case in.Complete != nil && !*in.Complete:
		out.Partial = "it is of a part of the configuration (-target)"
	}
	for _, c := range in.Changes {
		if c.Mode == "data" || c.Deposed != "" { // what is deposed is no object of the address any more
			continue
		}
		action, ok := actionOf(c.Change.Actions)
		if !ok || c.Address == "" {
			return nil, hint.Errorf("use a newer reconcile", "%s: a planned change cannot be read", name)
		}
		if action != "" {
			out.Changes = append(out.Changes, Change{action, c.Address})
		}
	}
	return out, nil
}

// actionOf is the word for a list of actions; "" for what changes nothing.
func actionOf(actions []string) (string, bool) {
	switch {
	case slices.Equal(actions, []string{"no-op"}), slices.Equal(actions, []string{"read"}):
		return "", true
	case slices.Equal(actions, []string{"delete", "create"}), slices.Equal(actions, []string{"create", "delete"}),
		slices.Equal(actions, []string{"create", "forget"}), slices.Equal(actions, []string{"forget", "create"}):
		return "replace", true
	case len(actions) == 1 && slices.Contains([]string{"create", "update", "delete", "forget"}, actions[0]):
		return actions[0], true
	}
	return "", false
}
