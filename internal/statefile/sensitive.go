package statefile

import (
	"encoding/json"
	"slices"

	"reconcile/providers"
)

// rawSensitive returns the top-level attributes that the paths of a raw state
// begin with: [[{"type":"get_attr","value":"password"}, …], …]. What cannot be
// read makes everything sensitive.
func rawSensitive(raw json.RawMessage) (names []string, all bool) {
	if len(raw) == 0 || string(raw) == "[]" || string(raw) == "null" {
		return nil, false
	}
	var paths [][]struct {
		Type  string `json:"type"`
		Value any    `json:"value"`
	}
	if json.Unmarshal(raw, &paths) != nil {
		return nil, true
	}
	for _, path := range paths {
		if len(path) == 0 {
			return nil, true
		}
		name, ok := path[0].Value.(string)
		if !ok {
			return nil, true
		}
		names = append(names, name)
	}
	return names, false
}

// showSensitive returns the top-level attributes of a tree that has true
// wherever a value is sensitive.
func showSensitive(raw json.RawMessage) (names []string, all bool) {
	if len(raw) == 0 || string(raw) == "{}" || string(raw) == "null" || string(raw) == "false" {
		return nil, false
	}
	var tree map[string]any
	if json.Unmarshal(raw, &tree) != nil {
		return nil, true
	}
	for name, sub := range tree {
		if holdsTrue(sub) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, false
}

func holdsTrue(v any) bool {
	for leaf := range providers.Leaves(v) {
		if leaf == true {
			return true
		}
	}
	return false
}
