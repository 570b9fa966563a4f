package incident

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"reconcile/internal/backend"
	"reconcile/internal/hint"
	"reconcile/internal/plan"
	"reconcile/internal/statefile"
)

// doubtWindow says where a window that a person gave leaves out what the run
// did, by what else is known of the run: in a window beside it, nothing happened.
func (r *reading) doubtWindow(context.Context) error {
	at := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	lock, since, until := r.lock.Created, r.span.Since, r.span.Until
	if r.lock.Status == backend.Held && !lock.IsZero() && r.o.StateNow == nil {
		// What was done before the state was last written is in the state.
		from, what := lock, "the lock was taken"
		if r.written.After(from) {
			from, what = r.written, "the state was last written"
		}
		told := r.errored != nil || r.written.IsZero() && r.before().Format != statefile.None
		switch {
		case !r.o.Since.IsZero() && since.After(from) && !told:
			r.problem(fmt.Sprintf("the window begins at %s (--since), after %s (%s): what the run did in between is not read. Leave --since out, or give an earlier one; mind the offset of the time, Z is UTC",
				at(since), what, at(from)))
		case until.Before(lock):
			r.problem(fmt.Sprintf("the window ends at %s (%s), before the lock was taken (%s): what its holder did is not read. Give a later --until, or leave it out", at(until), r.span.UntilSource, at(lock)))
		}
	}
	if r.log != nil && !r.o.Until.IsZero() && r.log.Log.Last.After(until) {
		r.problem(fmt.Sprintf("the window ends at %s (--until), and the apply's log goes on until %s: what the run did then is not read. Give a later --until, or leave it out",
			at(until), at(r.log.Log.Last)))
	}
	return nil
}

// doubtFolder says that a folder without a configuration is not the one that was
// planned: the script's commands cannot run there.
func (r *reading) doubtFolder(context.Context) error {
	own := func(h plan.FileHash) bool {
		return !strings.Contains(h.Path, "/") && (strings.HasSuffix(h.Path, ".tf") || strings.HasSuffix(h.Path, ".tf.json"))
	}
	if r.o.PlanJSON != "" && !slices.ContainsFunc(r.guard.Files, own) {
		r.problem("the folder " + r.guard.Dir + " holds no configuration, so the script's commands cannot run there: give the root module's folder with --dir")
	}
	return nil
}

// checkAliases refuses a --profile for a provider configuration that nobody has.
func (r *reading) checkAliases() error {
	if r.wanted == nil || len(r.wanted.Providers) == 0 {
		return nil // which there are is not known
	}
	there := map[string]bool{"default": true}
	for _, p := range r.wanted.Providers {
		there[p.Alias] = true
	}
	for _, i := range r.state.Instances {
		there[i.Provider.Alias] = true
	}
	delete(there, "")
	for _, s := range r.o.Profiles {
		alias, _, err := parseProfile(s)
		if err != nil {
			return err
		}
		if alias != "" && !there[alias] {
			return hint.Unknown("--profile alias", alias, slices.Sorted(maps.Keys(there)), "give the alias of a provider block, or default for the one without")
		}
	}
	return nil
}
