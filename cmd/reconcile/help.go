package main

import (
	"slices"

	"github.com/spf13/cobra"

	"reconcile/internal/hint"
)

// newHelp is cobra's help command, but for an unknown command being an error.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Print the help of a command",
		Example: "  reconcile help plan",
		RunE: func(c *cobra.Command, args []string) error {
			of, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return notACommand(of, args[len(args)-max(1, len(rest))], seeHelp(of.CommandPath()))
			}
			of.InitDefaultHelpFlag()
			return of.Help()
		},
	}
}

// completion is cobra's own command in the words of the others, but for an
// unknown shell being an error.
func completion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	c, _, err := root.Find([]string{"completion"})
	if err != nil {
		return
	}
	c.Short = "Print the script that completes commands and flags in a shell"
	c.Example = "  reconcile completion bash > reconcile.bash"
	c.Long = c.Short + ".\n\nEach shell's own help says where the script goes."
	var shells []string
	for _, sub := range c.Commands() {
		sub.Short = "Print the completion script for " + sub.Name()
		shells = append(shells, sub.Name())
	}
	slices.Sort(shells)
	c.Args = cobra.ArbitraryArgs
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return c.Help()
		}
		return hint.Unknown("shell", args[0], shells, seeHelp(c.CommandPath()))
	}
}
