package main

import (
	"os"
	"path/filepath"

	"al.essio.dev/pkg/shellescape"

	"reconcile/internal/hint"
	"reconcile/internal/plan"
	"reconcile/internal/render"
)

// freshOut makes sure that a plan may be written into a folder: the journal of a
// script that was begun there belongs to the plan that it followed.
func freshOut(out string) error {
	if err := render.Writable(out); err != nil {
		return err
	}
	if info, err := os.Stat(filepath.Join(out, "private", "journal")); err == nil && info.Size() > 0 {
		return hint.Errorf("name another folder with --out; to go on with the script instead: bash "+shellescape.Quote(filepath.Join(out, "reconcile.sh")),
			"the script in %s was begun, and its journal and roll-back follow the plan that is there", out)
	}
	return nil
}

// sameOut refuses to write a plan over that of another state: its snapshot and
// its verification, which lie there too, would be taken for this one's.
func sameOut(out string, r *plan.Report) error {
	was, _, err := reportIn(out, nil)
	if err != nil || was.Backend == nil || r.Backend == nil || was.Backend.Bucket == r.Backend.Bucket && was.Backend.StateKey == r.Backend.StateKey {
		return nil // there is none, or none that says of which state it is
	}
	return hint.Errorf("name another folder with --out", "%s holds the plan of another state: s3://%s/%s, and this one is of s3://%s/%s",
		out, was.Backend.Bucket, was.Backend.StateKey, r.Backend.Bucket, r.Backend.StateKey)
}
