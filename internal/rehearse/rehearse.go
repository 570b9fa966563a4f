// Package rehearse has the script rehearse its steps and takes the result into
// the report. The steps have one implementation, the script's own: this package
// only makes sure that the script is the report's, runs it, and believes what
// it wrote if it is about the same plan.
package rehearse

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"reconcile/internal/hint"
	"reconcile/internal/plan"
	"reconcile/internal/render"
)

// Options say what is rehearsed.
type Options struct {
	Out            string   // the folder of the report
	Args           []string // further arguments of the script
	Stdout, Stderr io.Writer
}

// Run rehearses the plan in o.Out and writes its outputs again, with the
// result. An error means that no rehearsal was held; one that failed is in the
// report.
func Run(ctx context.Context, o Options) (*plan.Report, error) {
	r, err := read(filepath.Join(o.Out, "report.json"))
	if err != nil {
		return nil, err
	}
	script := filepath.Join(o.Out, "reconcile.sh")
	if err := sameScript(script, r); err != nil {
		return nil, err
	}
	result := filepath.Join(o.Out, "rehearsal.json")
	if err := os.Remove(result); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("removing the last rehearsal's result: %w", err)
	}
	if err := run(ctx, script, o); err != nil {
		return nil, err
	}
	if r.Rehearsal, err = readResult(result, r); err != nil {
		return nil, err
	}
	if err := render.WriteAll(o.Out, r); err != nil {
		return nil, err
	}
	return r, nil
}

const giveOut = "give the folder that reconcile plan wrote with --out"

func read(path string) (*plan.Report, error) {
	f, err := hint.Open(path, "the report", giveOut)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := render.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// sameScript makes sure that what runs is what the report says.
func sameScript(path string, r *plan.Report) error {
	var want bytes.Buffer
	if err := render.Shell(&want, r, render.Options{}); err != nil {
		return err
	}
	got, err := os.ReadFile(path)
	if err != nil {
		return hint.File(path, "the script", giveOut, err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		return hint.Errorf("run reconcile plan again, or write the script anew: reconcile render "+filepath.Join(filepath.Dir(path), "report.json")+" --format shell > "+path,
			"%s is not the script of the report beside it, as this version writes it", path)
	}
	return nil
}

// run runs the script to its end. That it fails is no error here if it wrote a
// result: see readResult.
func run(ctx context.Context, script string, o Options) error {
	path, err := filepath.Abs(script)
	if err != nil {
		return fmt.Errorf("finding the script: %w", err)
	}
	c := exec.CommandContext(ctx, "bash", append([]string{path, "--rehearse"}, o.Args...)...)
	c.Stdout, c.Stderr = o.Stdout, o.Stderr
	// The command at work ends first, and the copy is cleaned away.
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 5 * time.Minute
	err = c.Run()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		return hint.Errorf("the script needs bash", "running the rehearsal: %w", err)
	}
	return nil
}

func readResult(path string, r *plan.Report) (*plan.Rehearsal, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, hint.Errorf("mend what the script says above, then run reconcile rehearse again", "no rehearsal was held: the script stopped before it")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var got plan.Rehearsal
	if dec.Decode(&got) != nil {
		return nil, hint.Errorf("run reconcile rehearse again", "%s is not the result of a rehearsal, as this version writes it", path)
	}
	id, err := render.PlanID(r)
	if err != nil {
		return nil, err
	}
	if got.Schema != plan.RehearsalSchema || got.PlanID != id {
		return nil, hint.Errorf("run reconcile rehearse again", "%s is the result of another plan's rehearsal", path)
	}
	return &got, nil
}
