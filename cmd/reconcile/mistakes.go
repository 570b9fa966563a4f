package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reconcile/internal/hint"
)

// seeHelp is the hint of a mistake that a command's help mends.
func seeHelp(command string) string { return "see " + command + " --help" }

// wrongFlag is the error of a mistake among a command's flags, in words that
// name no Go package.
func wrongFlag(c *cobra.Command, err error) error {
	next := seeHelp(c.CommandPath())
	if none, ok := errors.AsType[*pflag.NotExistError](err); ok {
		return unknownFlag(c, none, next)
	}
	if wants, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return hint.Errorf(next, "--%s needs a value", wants.GetFlag().Name)
	}
	if wrong, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return wrongValue(wrong, next)
	}
	if none, ok := errors.AsType[*pflag.InvalidSyntaxError](err); ok {
		return hint.Errorf(next, "%q is no flag", none.GetSpecifiedFlag())
	}
	return hint.Errorf(next, "%w", err)
}

// wrongValue says what a flag takes in place of what it was given.
func wrongValue(err *pflag.InvalidValueError, next string) error {
	f := err.GetFlag()
	name, cause := "--"+f.Name, err.Unwrap()
	if none, ok := errors.AsType[unknownWord](cause); ok {
		return hint.Unknown(name, err.GetValue(), none.words, next)
	}
	next = cmp.Or(hint.Of(cause), next)
	switch f.Value.Type() {
	case "bool":
		cause = errors.New("is neither true nor false")
	case "int":
		cause = errors.New("is no whole number")
	case "stringSlice":
		cause = errors.New("is no list: write A,B, or the flag once for each")
	case variable: // its value may be a secret
		return hint.Errorf(next, "%s: %w", name, cause)
	}
	return hint.Errorf(next, "%s %q %w", name, err.GetValue(), cause)
}

func unknownFlag(c *cobra.Command, err *pflag.NotExistError, next string) error {
	// -state is taken for a row of letters; what is meant is --state.
	given := "-" + err.GetSpecifiedShortnames()
	name := err.GetSpecifiedShortnames()
	if name == "" {
		name = err.GetSpecifiedName()
		given = "--" + name
	}
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	near := hint.Nearest(names, name)
	for i := range near {
		near[i] = "--" + near[i]
	}
	if !c.HasParent() { // --version is written for a command as well
		for _, other := range hint.Nearest(commandNames(c), name) {
			near = append(near, c.Name()+" "+other)
		}
	}
	return hint.Errorf(hint.DidYouMean(near, next), "unknown flag %s", given)
}

// unknownCommand is the error where args name no command, nil where they do.
func unknownCommand(root *cobra.Command, args []string) error {
	_, rest, err := root.Find(args)
	if err == nil {
		return nil
	}
	next := seeHelp(root.Name())
	root.FParseErrWhitelist.UnknownFlags = true // they are the command's, and come behind it
	if root.ParseFlags(rest) != nil || root.Flags().NArg() == 0 {
		return hint.Errorf(next, "%w", err)
	}
	return notACommand(root, root.Flags().Arg(0), next)
}

// notACommand names the commands that somebody may have meant.
func notACommand(root *cobra.Command, given, next string) error {
	near := hint.Nearest(commandNames(root), given)
	for i := range near {
		near[i] = root.CommandPath() + " " + near[i]
	}
	return hint.Errorf(hint.DidYouMean(near, next), "unknown command %q", given)
}

func commandNames(c *cobra.Command) []string {
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return names
}

// wrongArguments is the error of more or fewer words than a command takes, as
// its usage line names them.
func wrongArguments(c *cobra.Command, given []string) error {
	_, takes, _ := strings.Cut(c.Use, " ")
	name := strings.TrimPrefix(c.CommandPath(), c.Root().Name()+" ")
	next := seeHelp(c.CommandPath())
	if takes == "" || strings.HasPrefix(takes, "[-") {
		c.Flags().Visit(func(f *pflag.Flag) {
			if f.NoOptDefVal != "" && f.Value.Type() != "bool" {
				next = fmt.Sprintf("if it is the value of --%s, write --%s=%s; %s", f.Name, f.Name, given[0], next)
			}
		})
		return hint.Errorf(next, "%s takes no argument, and %q was given", name, given[0])
	}
	switch n := len(given); n {
	case 0:
		return hint.Errorf(next, "%s takes %s, and nothing was given", name, takes)
	case 1:
		return hint.Errorf(next, "%s takes %s, and %q alone was given", name, takes, given[0])
	default:
		return hint.Errorf(next, "%s takes %s, and %d arguments were given", name, takes, n)
	}
}
