package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reconcile/internal/backend"
	"reconcile/internal/hint"
	"reconcile/internal/incident"
	"reconcile/internal/plan"
)

// given are the flags that a person gave a command. A flag that nothing would
// read is refused: whoever gave it would take the answer for one that heeds it.
// A settings file's defaults are for every command, and may go unread.
type given struct {
	command string
	names   []string
}

func givenTo(c *cobra.Command, env environment) given {
	return given{c.CommandPath(), givenFlags(c, env.settings)}
}

// any reports whether one of the flags was given.
func (g given) any(names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(g.names, n) })
}

// refuse is the error of the first of the flags that was given, nil if none was.
// why goes on after the flag's name.
func (g given) refuse(why string, names ...string) error {
	for _, n := range names {
		if slices.Contains(g.names, n) {
			return usage(fmt.Errorf("--%s %s", n, why), g.command)
		}
	}
	return nil
}

// trail refuses what the source of the trail does not read.
func (g given) trail(t plan.TrailSource) error {
	s, err := incident.ParseTrail(t)
	if err != nil {
		return err
	}
	if s.Kind != "athena" {
		err = g.refuse("goes with --trail athena:DATABASE.TABLE", "trail-workgroup", "trail-output")
	}
	switch s.Kind {
	case "lookup":
		err = cmp.Or(err, g.refuse("goes with a --trail that one account holds for all: LookupEvents is asked in each account with its own credentials", "trail-profile"))
	case "file":
		err = cmp.Or(err, g.refuse("goes with a --trail in AWS: files need no credentials", "trail-profile"))
	}
	return err
}

// backend refuses two sayings of where the state is.
func (g given) backend(b backend.Where) error {
	if b.Bucket != "" && b.Key != "" && len(b.Configs) > 0 {
		return g.refuse("and --backend-bucket contradict each other: both say where the state is", "backend-config")
	}
	return nil
}

// report refuses two sayings of which report is meant.
func (g given) report(args []string) error {
	if len(args) > 0 {
		return g.refuse("and "+args[0]+" contradict each other: both say which report is meant", "out")
	}
	return nil
}

// emptied is the error of a flag whose value is empty, as that of a variable
// which is not set: it would count as not given.
func emptied(c *cobra.Command) error {
	var err error
	c.Flags().Visit(func(f *pflag.Flag) {
		empty := f.Value.Type() == "string" && f.Value.String() == ""
		if v, ok := f.Value.(pflag.SliceValue); ok {
			empty = len(v.GetSlice()) == 0 || slices.Contains(v.GetSlice(), "")
		}
		if empty && err == nil {
			err = hint.Errorf("if the value is that of a variable, the variable is not set; give a value, or leave the flag out", "--%s is given, and nothing is in it", f.Name)
		}
	})
	return err
}

// contradict is the error of two flags of which only one can be meant.
func (g given) contradict(a, b string) error {
	if g.any(a) && g.any(b) {
		return usage(errors.New("--"+a+" and --"+b+" contradict each other"), g.command)
	}
	return nil
}
