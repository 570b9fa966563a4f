package bundle

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"reconcile/internal/incident"
)

// portable are the options as they are read again from a bundle.
func portable(o incident.Options) (out incident.Options, err error) {
	text, err := json.Marshal(o)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	return out, err
}

// paths gives every path of the options to f and takes what it returns.
func paths(o *incident.Options, f func(string) (string, error)) error {
	o.VarFiles, o.Inputs, o.Maps, o.Backend.Configs = slices.Clone(o.VarFiles), slices.Clone(o.Inputs), slices.Clone(o.Maps), slices.Clone(o.Backend.Configs)
	all := []*string{&o.Dir}
	for _, p := range []*string{&o.State, &o.PlanJSON, &o.ErroredState, &o.ApplyLog} {
		if *p != "" && *p != "-" && *p != "none" {
			all = append(all, p)
		}
	}
	for i := range o.VarFiles {
		all = append(all, &o.VarFiles[i])
	}
	for i := range o.Inputs {
		if o.Inputs[i].File != "" {
			all = append(all, &o.Inputs[i].File)
		}
	}
	for i, c := range o.Backend.Configs {
		if !strings.Contains(c, "=") {
			all = append(all, &o.Backend.Configs[i])
		}
	}
	for _, p := range all {
		var err error
		if *p, err = f(*p); err != nil {
			return err
		}
	}
	prefixed := func(s *string, prefix string) error {
		path, is := strings.CutPrefix(*s, prefix)
		if !is || path == "-" {
			return nil
		}
		path, err := f(path)
		*s = prefix + path
		return err
	}
	for i := range o.Maps {
		if err := prefixed(&o.Maps[i], "@"); err != nil {
			return err
		}
	}
	return prefixed(&o.Trail.Source, "file:")
}

func absolute(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("finding %s: %w", path, err)
	}
	return abs, nil
}
