package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/spf13/cobra"

	"reconcile/internal/hint"
	"reconcile/internal/plan"
	"reconcile/internal/printable"
)

// environment is all that a command touches of the outside.
type environment struct {
	args                     []string
	stdin                    io.Reader
	stdout, stderr           io.Writer
	getenv                   func(string) string
	environ                  []string
	outTerminal, errTerminal terminal
	settings                 *plan.Settings // of a file, filled before a command runs; Source is "" where there is none
}

// The exit codes.
const (
	exitInSync      = 0
	exitError       = 1
	exitActions     = 2
	exitPerson      = 3
	exitInterrupted = 130
)

// outcome carries an exit code that is not an error through cobra.
type outcome int

func (o outcome) Error() string { return fmt.Sprintf("exit %d", int(o)) }

// usage is the error of a mistake on the command line.
func usage(err error, command string) error {
	return hint.Errorf(seeHelp(command), "%w", err)
}

// run is the whole program: it returns the exit code and prints an error once.
func run(ctx context.Context, env environment) int {
	root := newRoot(env)
	root.SetArgs(env.args)
	err := root.ExecuteContext(ctx)
	switch o, isOutcome := errors.AsType[outcome](err); {
	case err == nil:
		return exitInSync
	case isOutcome:
		return int(o)
	case ctx.Err() != nil:
		fmt.Fprintln(env.stderr, "reconcile: interrupted; nothing was written")
		return exitInterrupted
	}
	err = cmp.Or(unknownCommand(root, env.args), unwritten(err))
	fmt.Fprintf(env.stderr, "reconcile: error: %s\n", printable.Lines(err.Error()))
	if next := hint.Of(err); next != "" {
		fmt.Fprintf(env.stderr, "reconcile: hint: %s\n", printable.Lines(next))
	}
	return exitError
}

// unwritten is err, but of an output that cannot be written what matters is
// that alone.
func unwritten(err error) error {
	if of, ok := errors.AsType[*fs.PathError](err); ok && of.Op == "write" && of.Path == "/dev/stdout" {
		return hint.Errorf("check the disk, or where the output goes", "writing to standard output: %w", of.Err)
	}
	return err
}

func newRoot(env environment) *cobra.Command {
	root := &cobra.Command{
		Use:   "reconcile",
		Short: "Bring Terraform state back in line with AWS after an apply that died half way",
		Long: `reconcile reads the pulled state, live EC2 networking and CloudTrail's record of
what the runner did, and writes a plan for a person to review: a shell script of
terraform import and state rm, a JSON report for the incident, a summary.

It never changes AWS and never writes state. Release the lock last.

Exit codes: 0 in sync, 1 error, 2 the plan has actions, 3 a person must look
(incomplete, ambiguous, pending), 130 interrupted.`,
		SilenceErrors: true, SilenceUsage: true, DisableSuggestions: true, // unknownCommand makes them
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: false},
	}
	env.settings = &plan.Settings{}
	configFlag(root, env.settings)
	root.SetIn(env.stdin)
	root.SetOut(env.stdout)
	root.SetErr(env.stderr)
	root.SetFlagErrorFunc(wrongFlag)
	root.SetHelpCommand(newHelp())
	root.AddCommand(newPlan(env), newRender(env), newRehearse(env), newVerify(env), newSnapshot(env), newVersions(env), newRestore(env), newUnlock(env),
		newLock(env), newPreflight(env), newSessions(env), newEvents(env), newDiff(env), newInventory(env), newSchema(env), newPolicy(env), newTypes(env),
		newDemo(env), newDocs(), newVersion(env))
	for _, c := range root.Commands() {
		if c.Args == nil {
			c.Args = cobra.NoArgs
		}
		args := c.Args
		c.Args = func(c *cobra.Command, given []string) error {
			if args(c, given) != nil {
				return wrongArguments(c, given)
			}
			return nil
		}
	}
	completion(root)
	return root
}

// exitFor is the exit code of a verdict, as an error for cobra.
func exitFor(v plan.Verdict) error {
	switch v {
	case plan.InSync:
		return nil
	case plan.HasActions:
		return outcome(exitActions)
	}
	return outcome(exitPerson)
}
