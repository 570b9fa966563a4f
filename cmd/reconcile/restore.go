package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"reconcile/internal/backend"
	"reconcile/internal/hint"
	"reconcile/internal/incident"
	"reconcile/internal/integrity"
	"reconcile/internal/printable"
	"reconcile/internal/render"
)

func newRestore(env environment) *cobra.Command {
	var f placeFlags
	c := &cobra.Command{
		Use:   "restore VERSION",
		Short: "Write the script that puts a version of the state back and mends its digest",
		Long: `restore reads a version of the state object and writes OUT/restore.sh. That script
puts it in place, on the condition that nobody has written the state meanwhile, with
a serial above all that were seen, and sets the digest right on the condition that it
still is what it was. Where VERSION is the current one, only the digest is mended.

VERSION is an id of reconcile versions, or current, or before-lock.`,
		Example: `  reconcile versions
  reconcile restore 3sL4kqtJlcpXroDTDmJ --incident INC-123
  bash reconcile-out/restore.sh`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return runRestore(c.Context(), env, f, args[0], givenTo(c, env))
		},
	}
	f.addScript(c.Flags())
	return c
}

func runRestore(ctx context.Context, env environment, f placeFlags, id string, g given) error {
	if err := render.Writable(f.out); err != nil {
		return err
	}
	store, place, report, err := f.open(ctx, env, g)
	if err != nil {
		return err
	}
	if place.Lock.Status == backend.Unknown {
		return unreadLock(place.Lock)
	}
	e, err := store.Evidence(ctx, ofRecord(report))
	if err != nil {
		return err
	}
	versions, err := store.Versions(ctx)
	if err != nil {
		return err
	}
	before := ""
	if v := backend.BeforeLock(versions, place.Lock); v != nil {
		before = v.ID
	}
	v, err := pick(ctx, store, id, before)
	if err != nil {
		return err
	}
	target, err := store.See(ctx, v)
	switch {
	case err != nil:
		return err
	case !target.Whole():
		return hint.Errorf("choose another: reconcile versions", "version %s cannot be put back: %w", v.ID, cause(target))
	}
	s := render.Restore{Place: place, Target: target.Version, SHA256: target.Outline.SHA256, Serial: target.Outline.Serial, Says: "nothing: there is no state object", NewSerial: e.Serial}
	for _, seen := range append(e.Earlier, target) {
		if seen.Outline != nil {
			s.NewSerial = max(s.NewSerial, seen.Outline.Serial)
		}
	}
	if c := e.Current; c != nil {
		s.Current, s.DigestOnly = &c.Version, c.ID == target.ID && !c.Deleted
		s.Says = says(*c)
		if c.Outline != nil {
			s.NewSerial = max(s.NewSerial, c.Outline.Serial)
		}
	}
	s.NewSerial++
	if s.DigestOnly && (place.Lock.Digest == "" || place.Lock.Digest == target.MD5) {
		fmt.Fprintf(env.stdout, "version %s is the current one, and its digest is right: there is nothing to put back\n", printable.Lines(v.ID))
		return render.RemoveScript(f.out, "restore.sh")
	}
	if e.Lineage != "" && target.Outline.Lineage != e.Lineage {
		return hint.Errorf("choose another: reconcile versions", "version %s is of another lineage (%s) than %s knows (%s)", v.ID, target.Outline.Lineage, e.From, e.Lineage)
	}
	if err := render.WriteScript(f.out, "restore.sh", func(w io.Writer) error { return render.RestoreScript(w, s) }); err != nil {
		return err
	}
	fmt.Fprintf(env.stdout, "now        %s\n", printable.Lines(s.Says))
	if s.DigestOnly {
		fmt.Fprintln(env.stdout, "stays      and its digest is set right")
	} else {
		fmt.Fprintf(env.stdout, "goes back  %s, as serial %d\n", printable.Lines(says(target)), s.NewSerial)
	}
	scriptHint(env, f.out, "restore.sh")
	return nil
}

func says(s integrity.Seen) string {
	at := s.Modified.Format(time.RFC3339)
	switch {
	case s.Deleted:
		return "deleted, at " + at
	case s.Outline == nil:
		return fmt.Sprintf("version %s of %s, which is no whole state (%d bytes)", s.ID, at, s.Size)
	}
	return fmt.Sprintf("version %s of %s, serial %d, %d instances", s.ID, at, s.Outline.Serial, s.Outline.Count())
}

func cause(s integrity.Seen) error {
	switch {
	case s.Err != nil:
		return s.Err
	case s.Deleted:
		return fmt.Errorf("it says that the state was deleted")
	}
	return fmt.Errorf("it is an empty state")
}

// pick finds a version by its id, or by what it is.
func pick(ctx context.Context, store *incident.Store, id, before string) (backend.Version, error) {
	versions, err := store.Versions(ctx)
	if err != nil {
		return backend.Version{}, err
	}
	if id == "before-lock" {
		if before == "" {
			return backend.Version{}, hint.Errorf("name it by its id: reconcile versions", "no lock is held, so no version is the last one before it")
		}
		id = before
	}
	for _, v := range versions {
		if v.ID == id || id == "current" && v.Current {
			return v, nil
		}
	}
	return backend.Version{}, hint.Errorf("reconcile versions lists them", "%s has no version %s", store.Where(), id)
}
