// Command reconcile makes a reviewed plan after a terraform apply that died
// half way: what AWS has, what the state says, what the runner's session did,
// and the imports and removals that bring the two together.
//
// It never changes AWS and never writes state. Exit codes: 0 in sync, 1 error,
// 2 the plan has actions, 3 a person must look, 130 interrupted.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	os.Exit(withSignals(func(ctx context.Context) int {
		return run(ctx, environment{
			args: os.Args[1:], stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv, environ: os.Environ(),
			outTerminal: terminalOf(os.Stdout), errTerminal: terminalOf(os.Stderr),
		})
	}))
}

// withSignals cancels the context on the first Ctrl-C; a second one ends the
// process at once, as the default does.
func withSignals(f func(context.Context) int) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return f(ctx)
}
