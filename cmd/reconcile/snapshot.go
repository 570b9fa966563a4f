package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"al.essio.dev/pkg/shellescape"
	"github.com/spf13/cobra"

	"reconcile/internal/backend"
	"reconcile/internal/backend/s3"
	"reconcile/internal/hint"
	"reconcile/internal/printable"
	"reconcile/internal/render"
)

type snapshotFlags struct {
	placeFlags
	since, quarantine string
}

func newSnapshot(env environment) *cobra.Command {
	var f snapshotFlags
	c := &cobra.Command{
		Use:   "snapshot",
		Short: "Write the script that copies the state's versions to a quarantine prefix",
		Long: `snapshot lists the versions of the state object and writes OUT/snapshot.sh. That
script copies the current version, the last one before the lock was taken and every
version of the last 24 hours, the lock and the digest, to a prefix that no workspace
lies in, reads every copy again, and leaves a manifest with versions, ETags, sizes
and SHA-256 there and as OUT/snapshot.json. It changes nothing else.

Take it first: before anything is written to the state.`,
		Example: `  reconcile snapshot --dir . --incident INC-123 --out reconcile-out
  bash reconcile-out/snapshot.sh
  bash reconcile-out/snapshot.sh --execute`,
		RunE: func(c *cobra.Command, _ []string) error { return runSnapshot(c.Context(), env, f, givenTo(c, env)) },
	}
	fl := c.Flags()
	f.addScript(fl)
	fl.StringVar(&f.since, "since", "24h", "copy every version from then on: RFC 3339 or an age such as 24h")
	fl.StringVar(&f.quarantine, "quarantine", "", "where the copies go: PREFIX, or s3://BUCKET/PREFIX (default: reconcile-quarantine in the state's bucket)")
	return c
}

func runSnapshot(ctx context.Context, env environment, f snapshotFlags, g given) error {
	since, err := past(time.Now(), "reconcile snapshot", f.since)
	if err != nil {
		return err
	}
	if err := render.Writable(f.out); err != nil {
		return err
	}
	store, place, _, err := f.open(ctx, env, g)
	if err != nil {
		return err
	}
	if err := versioned(ctx, store.Versioning, store.Backend.Bucket); err != nil {
		return err
	}
	versions, err := store.Versions(ctx)
	if err != nil {
		return err
	}
	if len(versions) == 0 && place.Lock.Status != backend.Held {
		return hint.Errorf("check the bucket, the key and the workspace", "%s: no state was ever written there, so there is nothing to copy", store.Where())
	}
	s := render.Snapshot{Place: place}
	if s.Bucket, s.Prefix, err = render.Quarantine(place.Backend, place.Incident, f.quarantine); err != nil {
		return err
	}
	before := backend.BeforeLock(versions, place.Lock)
	for n, v := range versions {
		what := ""
		switch {
		case v.Deleted:
			continue
		case v.Current:
			what = "the current version"
		case before != nil && v.ID == before.ID:
			what = "the last one before the lock"
		case n > 0 && versions[n-1].Current && versions[n-1].Deleted:
			what = "the last one before it was deleted"
		case !v.Modified.Before(since):
			what = "since " + since.UTC().Format(time.RFC3339)
		default:
			continue
		}
		if v.Current && before != nil && v.ID == before.ID {
			what += ", and the last one before the lock"
		}
		s.Versions = append(s.Versions, render.SnapshotVersion{Version: v, What: what})
	}
	if err := render.WriteScript(f.out, "snapshot.sh", func(w io.Writer) error { return render.SnapshotScript(w, s) }); err != nil {
		return err
	}
	for _, v := range s.Versions {
		fmt.Fprintf(env.stdout, "%s  %8d bytes  %s  %s\n", v.Modified.Format(time.RFC3339), v.Size, printable.Lines(v.ID), printable.Lines(v.What))
	}
	fmt.Fprintf(env.stdout, "to s3://%s/%s\n\nnext\n  bash %s   (prints what it copies, changes nothing)\n", printable.Lines(s.Bucket), printable.Lines(s.Prefix),
		shellescape.Quote(filepath.Join(f.out, "snapshot.sh")))
	return nil
}

// versioned refuses a bucket that keeps no versions, with what to do.
func versioned(ctx context.Context, ask func(context.Context) (bool, error), bucket string) error {
	on, err := ask(ctx)
	if errors.Is(err, s3.ErrDenied) {
		return hint.Errorf("the right for it is s3:GetBucketVersioning; reconcile policy --for snapshot prints all of them", "%w", err)
	}
	if err != nil {
		return err
	}
	if on {
		return nil
	}
	return hint.Errorf("the next write of the state is the end of this one. Keep a copy: terraform state pull > state.before.tfstate; then switch it on: aws s3api put-bucket-versioning --bucket "+
		shellescape.Quote(bucket)+" --versioning-configuration Status=Enabled", "%w: s3://%s", backend.ErrUnversioned, bucket)
}
