package incident

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"reconcile/internal/backend"
	"reconcile/internal/backend/s3"
	"reconcile/internal/hint"
	"reconcile/internal/statefile"
)

// compareGiven holds a state that was given as a file against the one that the
// backend keeps: the script's commands work on that one. It costs one GetObject.
func (r *reading) compareGiven(ctx context.Context) error {
	given := r.before()
	if r.origin != nil || r.store == nil || r.o.StateNow != nil || given.Format != statefile.Raw || given.Lineage == "" {
		return nil
	}
	const not = "the state that was given was not compared with the one that the backend keeps: "
	if r.o.Recorded {
		r.note(not + "a recording takes the file's word for it")
		return nil
	}
	own := &Store{Store: *r.store}
	there, err := own.See(ctx, backend.Version{})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, s3.ErrNoState):
		return nil // readLock has said it
	case err != nil:
		r.note(not + hint.Said(err))
		return nil
	case errors.Is(there.Err, statefile.ErrEncrypted):
		r.note(not + "that one is encrypted by OpenTofu, and only OpenTofu can tell whether they are the same")
		return nil
	case there.Err != nil:
		r.problem("what the backend keeps as the state cannot be read as one, and the script's commands work on it: " + there.Err.Error() + ". reconcile versions says which version is whole, reconcile restore puts it back")
		return nil
	}
	const again = "pull it again where the apply ran, in its workspace: terraform state pull > state.tfstate; or leave --state out, and plan reads it where it is kept"
	at, name := own.Where(), r.o.State
	if name == "-" {
		name = "the state on standard input"
	}
	switch {
	case there.Outline.Lineage != given.Lineage:
		return hint.Errorf(again+". If it is the other that is wrong, look at TF_WORKSPACE and .terraform/environment",
			"%s is not the state of this backend: its lineage is %q, and %s has %q", name, given.Lineage, at, there.Outline.Lineage)
	case there.Outline.Serial > given.Serial:
		return hint.Errorf(again, "%s is out of date: its serial is %d, and %s has been written since, its serial is %d", name, given.Serial, at, there.Outline.Serial)
	case there.Outline.Serial < given.Serial:
		r.problem(fmt.Sprintf("%s is newer than what the backend keeps: its serial is %d, and %s has %d. Was it edited, or never pushed? The script works on what the backend keeps. If it is what a failed apply left, give it with --errored-state and leave --state out",
			name, given.Serial, at, there.Outline.Serial))
	default:
		if other := unlike(given, there.Outline); other != "" {
			return hint.Errorf(again, "%s has the serial of %s and is another state: %s. Was it edited?", name, at, other)
		}
	}
	return nil
}

// unlike names the first object that two states of one serial do not share, ""
// for none. What else is left out of a copy, such as secrets, is no matter here.
func unlike(given *statefile.State, there *statefile.Outline) string {
	key := func(address, deposed string) string { return strings.TrimSpace(address + " " + deposed) }
	kept := map[string]string{}
	for _, e := range there.Entries {
		kept[key(e.Address, e.Deposed)] = e.ID
	}
	for _, i := range given.Instances {
		if i.Mode != statefile.Managed {
			continue
		}
		k := key(i.Address, i.Deposed)
		id, there := kept[k]
		if !there {
			return k + " is in the file alone"
		}
		delete(kept, k)
		if attrs, err := i.Attrs(); err == nil && id != "" && attrs.Text("id") != id {
			return k + " is " + attrs.Text("id") + " in the file, and " + id + " there"
		}
	}
	if len(kept) > 0 {
		return slices.Min(slices.Collect(maps.Keys(kept))) + " is not in the file"
	}
	return ""
}
