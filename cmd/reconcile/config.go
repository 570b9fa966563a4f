package main

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reconcile/internal/hint"
	"reconcile/internal/plan"
	"reconcile/internal/settings"
)

// configFlag adds --config to every command, and the reading of the file.
func configFlag(root *cobra.Command, found *plan.Settings) {
	var path string
	root.PersistentFlags().StringVar(&path, "config", "", "a file of defaults and ignore rules (default: "+settings.Name+" in --dir, if it is there; none leaves it out)")
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error {
		fl := c.Flags()
		if path == "none" || fl.Changed("replay") {
			return nil
		}
		name, named := path, path != ""
		if !named {
			dir := fl.Lookup("dir")
			if dir == nil {
				return nil
			}
			name = filepath.Join(dir.Value.String(), settings.Name)
		}
		file, err := settings.Read(name, named)
		if err != nil || file == nil {
			return err
		}
		*found = plan.Settings{Source: file.Path, SHA256: file.SHA256, Ignore: file.Ignore, Defaults: []plan.Default{}}
		return defaults(root, fl, file, found)
	}
}

// ofOneIncident are the flags that are a person's word on one incident, or say
// what is read of it: a file must not say them for every incident to come.
func ofOneIncident(flag string) bool {
	return slices.Contains([]string{"adopt", "map", "allow-mass-removal", "accept-incomplete", "allow-stale-plan", "state", "errored-state", "apply-log", "plan-json", "session",
		"since", "until", "incident", "record", "replay", "var", "config", "dir", "help", "holder-dead", "barrier"}, flag)
}

// defaults gives the flags of a command that were not given the file's values.
func defaults(root *cobra.Command, fl *pflag.FlagSet, file *settings.File, found *plan.Settings) error {
	for _, d := range file.Defaults {
		if ofOneIncident(d.Flag) {
			return hint.Errorf("give it on the command line", "%s: --%s is said for one incident, and is no default", file.Path, d.Flag)
		}
		if !known(root, d.Flag) {
			return hint.Errorf("see reconcile plan --help; write a flag with underscores", "%s: no command has a flag --%s", file.Path, d.Flag)
		}
		f := fl.Lookup(d.Flag)
		if f == nil || f.Changed {
			continue
		}
		for _, v := range d.Values {
			if d.Flag == "var-file" && !filepath.IsAbs(v) {
				v = filepath.Join(filepath.Dir(file.Path), v)
			}
			if err := fl.Set(d.Flag, v); err != nil {
				return hint.Errorf("see reconcile plan --help", "%s: --%s: %w", file.Path, d.Flag, err)
			}
		}
		found.Defaults = append(found.Defaults, plan.Default{Flag: d.Flag, Value: strings.Join(d.Values, ", ")})
	}
	return nil
}

// known reports whether any command has the flag.
func known(root *cobra.Command, flag string) bool {
	return slices.ContainsFunc(root.Commands(), func(c *cobra.Command) bool { return c.Flags().Lookup(flag) != nil })
}
