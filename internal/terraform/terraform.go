// Package terraform runs the Terraform or OpenTofu command line: it finds the
// binary, runs it in a folder with its output captured, and asks its version.
//
// It knows nothing of what a command does. Whoever calls it sees to it that
// the folder and the workspace are the right ones: a wrong workspace name makes
// most commands write a new, empty state.
package terraform

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"reconcile/internal/hint"
)

// CLI is one Terraform binary.
type CLI struct {
	Path string // absolute
}

// Find returns the binary that TF_BIN names, else terraform, else tofu on PATH.
// env is os.Getenv, or what stands for it.
func Find(env func(string) string) (CLI, error) {
	names := []string{"terraform", "tofu"}
	if bin := env("TF_BIN"); bin != "" {
		names = []string{bin}
	}
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		if path, err = filepath.Abs(path); err != nil {
			return CLI{}, fmt.Errorf("finding %s: %w", name, err)
		}
		return CLI{path}, nil
	}
	return CLI{}, hint.Errorf("install it, or set TF_BIN for another terraform", "%s is not on PATH", strings.Join(names, " or "))
}

// Run runs one command in dir and returns what it printed on standard output.
// environ is the whole environment (see Environ). Nothing is asked: standard
// input is empty. A command that fails is an *Error.
func (c CLI) Run(ctx context.Context, dir string, environ []string, args ...string) ([]byte, error) {
	var out, said bytes.Buffer
	cmd := exec.CommandContext(ctx, c.Path, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, environ, &out, &said
	// Terraform ends in good order when it is interrupted.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	err := cmd.Run()
	if err == nil {
		return out.Bytes(), nil
	}
	if ctx.Err() != nil {
		return out.Bytes(), ctx.Err()
	}
	code := -1
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code = exit.ExitCode()
	}
	if said.Len() == 0 && code < 0 {
		said.WriteString(err.Error())
	}
	return out.Bytes(), &Error{Args: args, Code: code, Said: plain(said.String())}
}

// Version asks the binary for its version, "1.11.4".
func (c CLI) Version(ctx context.Context, environ []string) (string, error) {
	out, err := c.Run(ctx, os.TempDir(), environ, "version", "-json")
	if err != nil {
		return "", err
	}
	var v struct {
		Version string `json:"terraform_version"`
	}
	// What follows the first value is a warning at most.
	if err := json.NewDecoder(bytes.NewReader(out)).Decode(&v); err != nil || v.Version == "" {
		return "", hint.Errorf("set TF_BIN to terraform or tofu", "%s version says nothing that can be read", c.Path)
	}
	return v.Version, nil
}

// Error is a command that failed.
type Error struct {
	Args []string
	Code int    // the exit code, -1 if it did not get that far
	Said string // standard error, without colours
}

func (e *Error) Error() string {
	verb := ""
	if len(e.Args) > 0 {
		verb = e.Args[0]
	}
	text := strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(e.Said)), " ")
	const most = 600
	if r := []rune(text); len(r) > most {
		text = string(r[:most]) + " …"
	}
	return fmt.Sprintf("terraform %s failed (exit code %d): %s", verb, e.Code, text)
}

var colour = regexp.MustCompile(`\x1b\[[0-9;]*[A-Za-z]`)

// plain takes the colours out: some errors have them even with -no-color.
func plain(s string) string { return colour.ReplaceAllString(s, "") }

// Environ is the environment for a command whose arguments are exactly those
// given: without TF_CLI_ARGS…, and told that nobody is there to answer.
func Environ(base []string, more ...string) []string {
	out := make([]string, 0, len(base)+len(more)+2)
	for _, e := range base {
		name, _, _ := strings.Cut(e, "=")
		if strings.HasPrefix(name, "TF_CLI_ARGS") || name == "TF_INPUT" || name == "TF_IN_AUTOMATION" {
			continue
		}
		out = append(out, e)
	}
	return append(append(out, "TF_INPUT=0", "TF_IN_AUTOMATION=1"), more...)
}
