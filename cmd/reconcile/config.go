package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

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
		if err := emptied(c); err != nil {
			return err
		}
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
		return defaults(c, file, found)
	}
}

// ofOneIncident are the flags that are a person's word on one incident, or say
// what is read of it: a file must not say them for every incident to come.
func ofOneIncident(flag string) bool {
	return slices.Contains([]string{"adopt", "map", "allow-mass-removal", "accept-incomplete", "allow-stale-plan", "state", "errored-state", "apply-log", "plan-json", "session",
		"since", "until", "incident", "record", "replay", "var", "config", "dir", "help", "holder-dead", "barrier", "run-ended", "override", "session-expires"}, flag)
}

// defaults gives the flags of a command that were not given the file's values.
func defaults(c *cobra.Command, file *settings.File, found *plan.Settings) error {
	root, fl := c.Root(), c.Flags()
	for _, d := range file.Defaults {
		where := fmt.Sprintf("%s, line %d", file.Path, d.Line)
		if ofOneIncident(d.Flag) {
			return hint.Errorf("take it out there, and give it on the command line", "%s: --%s is said for one incident, and is no default", where, d.Flag)
		}
		if !known(root, d.Flag) {
			return fmt.Errorf("%s: %w", where, unknownDefault(root, d.Flag))
		}
		if d.Flag == "trail-delay" && hasty(d.Values) {
			return hint.Errorf("say "+shortestDelay+" or more there, or leave it out; give --trail-delay on the command line where you know that the records are there",
				"%s: --trail-delay %s is shorter than CloudTrail's records are late, and is no default", where, strings.Join(d.Values, ", "))
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
				return fmt.Errorf("%s: %w", where, wrongFlag(c, err))
			}
		}
		found.Defaults = append(found.Defaults, plan.Default{Flag: d.Flag, Value: strings.Join(d.Values, ", ")})
	}
	return nil
}

// shortestDelay is the least that a file may say of how late records are: that
// they are there sooner is known of one incident, never of every one to come.
const shortestDelay = "15m"

// hasty reports whether a delay is shorter than that.
func hasty(values []string) bool {
	least, err := time.ParseDuration(shortestDelay)
	return err == nil && slices.ContainsFunc(values, func(v string) bool {
		d, err := time.ParseDuration(v)
		return err == nil && d < least
	})
}

// givenFlags are the names of the flags that a person gave, and no file did.
func givenFlags(c *cobra.Command, found *plan.Settings) []string {
	var out []string
	c.Flags().Visit(func(f *pflag.Flag) {
		if !slices.ContainsFunc(found.Defaults, func(d plan.Default) bool { return d.Flag == f.Name }) {
			out = append(out, f.Name)
		}
	})
	return out
}

// unknownDefault names the defaults that somebody may have meant, as the file
// spells them.
func unknownDefault(root *cobra.Command, name string) error {
	var names []string
	for _, c := range root.Commands() {
		c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	}
	slices.Sort(names)
	near := hint.Nearest(slices.Compact(names), name)
	for i := range near {
		near[i] = strings.ReplaceAll(near[i], "-", "_")
	}
	return hint.Errorf(hint.DidYouMean(near, "a default is a flag with underscores for its dashes: see reconcile plan --help"), "unknown flag --%s", name)
}

// known reports whether any command has the flag.
func known(root *cobra.Command, flag string) bool {
	return slices.ContainsFunc(root.Commands(), func(c *cobra.Command) bool { return c.Flags().Lookup(flag) != nil })
}
