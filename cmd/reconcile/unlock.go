package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"reconcile/internal/backend"
	"reconcile/internal/hint"
	"reconcile/internal/incident"
	"reconcile/internal/plan"
	"reconcile/internal/printable"
	"reconcile/internal/render"
	"reconcile/internal/verify"
)

type unlockFlags struct {
	out, override, runEnded string
	wait                    time.Duration
}

func newUnlock(env environment) *cobra.Command {
	var f unlockFlags
	c := &cobra.Command{
		Use:   "unlock [REPORT.json]",
		Short: "Write the gated script that releases the lock; it is never released here",
		Long: `unlock writes OUT/unlock.sh, and only if the report was verified on the state as it
is now, a snapshot was taken, the lock still is the one that the plan saw, and its
holder is not alive. The script prints the checklist, asks for the lock's ID, runs
terraform force-unlock, deletes the lock on the condition that it has that ID where
that fails, and shows that it is gone.

--override goes past a missing snapshot or verification; the reason is written into
the report. Nothing goes past a holder that is alive or a lock that is another one.
A holder whose last sign of life is moments old is looked at again for up to --wait:
one that is at work makes another, one that has just died does not.`,
		Example: `  reconcile unlock --out reconcile-out
  bash reconcile-out/unlock.sh
  bash reconcile-out/unlock.sh --execute --incident INC-123`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return runUnlock(c.Context(), env, f, args, givenTo(c, env))
		},
	}
	fl := c.Flags()
	fl.StringVar(&f.out, "out", "reconcile-out", outUsage)
	fl.StringVar(&f.override, "override", "", "why you release it although something is missing; written into the report")
	fl.StringVar(&f.runEnded, "run-ended", "", runEndedUsage)
	durationVar(fl, &f.wait, "wait", 3*time.Minute, "how long to wait for a holder's next sign of life, where the last is moments old; 0s to ask once")
	return c
}

func runUnlock(ctx context.Context, env environment, f unlockFlags, args []string, g given) error {
	if err := g.report(args); err != nil {
		return err
	}
	report, out, err := reportIn(f.out, args)
	if err != nil {
		return err
	}
	if report.Backend == nil || report.Backend.Type != "s3" {
		return hint.Errorf("release it with the backend's own tools, after reconcile verify", "the report names no S3 backend, so there is no lock that this could release")
	}
	store, err := incident.OpenStore(ctx, incident.StoreAt{Dir: report.Guard.Dir, Backend: report.Backend, Env: env.getenv})
	if err != nil {
		return err
	}
	lock := store.Lock(ctx)
	switch {
	case lock.Status == backend.Unknown:
		return unreadLock(lock)
	case lock.Status != backend.Held:
		fmt.Fprintln(env.stdout, "no lock is held: there is nothing to release")
		return render.RemoveScript(out, "unlock.sh")
	case lock.ID == "":
		return hint.Errorf("look at the row "+store.Backend.LockPath().Row+" of the lock table: who wrote it?", "the lock has no ID that can be read: %s", lock.Error)
	}
	in := verify.Release{Report: report, Lock: lock, Snapshot: snapshotTaken(out, store.Backend)}
	object, state, err := store.Sound(ctx, incident.Known{Lineage: report.State.Lineage, Serial: report.State.Serial, From: "the plan"})
	switch {
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		in.Broken = err.Error()
	default:
		in.Serial, in.Lineage = state.Serial, state.Lineage
		if len(object.Body) > 0 && report.Execution != nil && report.Execution.Source == store.Where() {
			in.SHA256 = state.SHA256
		}
	}
	if len(blocking(in.Gates(), f.override)) > 0 {
		f.wait = 0 // it is refused in any case
	}
	holder, err := settledHolder(ctx, env, report, f, wroteItself(out, object.Body))
	if err != nil {
		return err
	}
	in.Verdict, in.Evidence = string(holder.Verdict), evidenceOf(holder)
	gates := in.Gates()
	if err := refuse(gates, f.override); err != nil {
		return errors.Join(err, render.RemoveScript(out, "unlock.sh"))
	}
	report.Unlock = &plan.Unlock{At: time.Now().UTC().Truncate(time.Second), LockID: lock.ID, Verdict: in.Verdict, Evidence: in.Evidence}
	s := render.Unlock{Report: report, Checklist: in.Checklist(), Verified: true, Snapshot: true}
	s.Place = render.Place{Tool: tool(), Incident: report.Incident, At: report.Unlock.At, Account: store.Caller.Account, Backend: store.Backend, Lock: lock}
	for _, g := range gates {
		report.Unlock.Override = f.override
		report.Unlock.Overridden = append(report.Unlock.Overridden, g.Why)
	}
	if len(gates) > 0 {
		s.Verified = report.Execution != nil && report.Execution.Clean && report.Execution.Serial == in.Serial && in.Broken == ""
		s.Snapshot = in.Saved()
	}
	if err := render.WriteAll(out, report); err != nil {
		return err
	}
	if err := render.WriteScript(out, "unlock.sh", func(w io.Writer) error { return render.UnlockScript(w, s) }); err != nil {
		return err
	}
	fmt.Fprintf(env.stdout, "the lock %s\n", printable.Lines(lock.ID))
	for _, line := range s.Checklist {
		fmt.Fprintf(env.stdout, "  %s\n", printable.Lines(line))
	}
	for _, why := range report.Unlock.Overridden {
		fmt.Fprintf(env.stdout, "*** overridden (%s): %s\n", printable.Lines(f.override), printable.Lines(why))
	}
	scriptHint(env, out, "unlock.sh")
	return nil
}

// unreadLock is the error of a lock that may be held or not.
func unreadLock(l backend.Lock) error {
	return hint.Errorf("check the credentials, the table and its region with: reconcile lock; reconcile policy prints the rights that it needs", "the lock could not be read: %s", l.Error)
}

// refuse makes an error of what stands against a release, unless a person goes
// past it.
func refuse(gates []verify.Gate, override string) error {
	var why, next []string
	for _, g := range blocking(gates, override) {
		why, next = append(why, g.Why), append(next, g.Next)
	}
	if len(why) == 0 {
		return nil
	}
	return hint.Errorf(strings.Join(next, "; "), "unlock.sh is not written: %s", strings.Join(why, "; "))
}

// blocking are the gates that nobody goes past.
func blocking(gates []verify.Gate, override string) []verify.Gate {
	return slices.DeleteFunc(slices.Clone(gates), func(g verify.Gate) bool { return !g.Hard && strings.TrimSpace(override) != "" })
}

// snapshotTaken is when a snapshot of this state was taken into a folder, zero
// for none.
func snapshotTaken(out string, b *backend.Config) time.Time {
	data, err := os.ReadFile(filepath.Join(out, "snapshot.json"))
	var m struct {
		Schema, Bucket, Key string
		At                  time.Time
	}
	if err != nil || json.Unmarshal(data, &m) != nil || m.Schema != "reconcile.snapshot/v1" || m.Bucket != b.Bucket || m.Key != b.StateKey {
		return time.Time{}
	}
	return m.At
}
