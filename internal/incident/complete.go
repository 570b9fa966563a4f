package incident

import (
	"context"
	"fmt"
	"strings"
	"time"

	"reconcile/providers"
)

// CloudTrail's records come late, and one that has not come looks like a call
// that was not made. How far the trail can be trusted follows from its age,
// from the end of its files, and from calls that are known to have been made.

// tail is how late a record comes at the very worst. A call that the log names
// and that is not there after that was never recorded.
const tail = 2 * time.Hour

// reach is how far the trail is complete.
type reach struct {
	until    time.Time
	why      string
	problems []string
	notes    []string
}

// reaches says up to when the trail is complete, and why it is not known to be
// beyond that.
func (r *reading) reaches() reach {
	at := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	now, end := r.now(), r.span.Until
	out := reach{until: now.Add(-r.o.TrailDelay), why: fmt.Sprintf("records may be %s late (--trail-delay), and this is of %s", r.o.TrailDelay, at(now))}
	if r.o.TrailDelay == 0 {
		out.why = "--trail-delay 0s says so"
	}
	shown := r.shown()
	var absent []barrier
	for _, b := range r.barriers {
		switch {
		case b.EventID != "":
		case b.given || now.Sub(end) < tail:
			absent = append(absent, b)
		default:
			out.notes = append(out.notes, fmt.Sprintf("the request %s, which %s names, is not in the trail after %s: it was not recorded", b.Request, b.Source, now.Sub(end).Round(time.Minute)))
		}
	}
	last, silent := r.earliest(shown)
	if len(shown) > 0 && len(silent) > 0 && out.until.Before(end) {
		out.notes = append(out.notes, "the known calls that are there speak for their own region only: none is known in "+strings.Join(silent, ", ")+", so the trail is not held to reach further; make one there, and give its request id with --barrier")
	}
	if last.Time.After(out.until) {
		out.until, out.why = last.Time, fmt.Sprintf("the request %s (%s), which %s names, is there", last.Request, at(last.Time), last.Source)
		if n := r.trailRegions(); n > 1 {
			out.why += fmt.Sprintf(", and a later one in each of the other %d regions", n-1)
		}
	}
	if file := r.found.Newest; !file.IsZero() && file.Before(out.until) && file.Before(end) {
		out.until, out.why = file, "it is the last record of "+r.found.Source
		out.problems = append(out.problems, fmt.Sprintf("the last record of %s is of %s, and the window ends at %s: whether more happened is not known; give newer files, or --until %s if the run was over then",
			r.found.Source, at(file), at(end), at(file)))
	} else if end.After(out.until) {
		out.problems = append(out.problems, fmt.Sprintf("CloudTrail is held complete up to %s only (%s), and the window ends at %s: run again after %s with --until %s, or let it wait with --wait",
			at(out.until), delayed(r.o.TrailDelay, last, out.until), at(end), at(end.Add(r.o.TrailDelay)), at(end)))
	} else {
		out.until = end
		if last.Time.Before(end) && r.o.TrailDelay > 0 {
			out.why = fmt.Sprintf("the window ended %s ago, longer than records are late (--trail-delay %s)", now.Sub(end).Round(time.Second), r.o.TrailDelay)
		}
	}
	if len(absent) > 0 {
		names := make([]string, len(absent))
		for i, b := range absent {
			names[i] = b.Request + " (" + b.Source + ")"
		}
		out.until, out.why = r.span.Since, "a call that was made has not arrived: "+names[0]
		if last.EventID != "" {
			out.until = last.Time
		}
		out.problems = append(out.problems, "CloudTrail does not have "+strings.Join(names, ", ")+" yet, so what else it does not have yet is not known: run again later, or let it wait with --wait")
	}
	return out
}

func delayed(delay time.Duration, last barrier, until time.Time) string {
	if last.Time.Equal(until) {
		return "the request " + last.Request
	}
	return "--trail-delay " + delay.String()
}

// now is the present time. It moves on while a reading waits.
func (r *reading) now() time.Time { return r.o.Now().UTC().Add(r.waited) }

// pause is how long the trail is left alone between two looks.
const pause = 30 * time.Second

// wait waits until the trail can be complete, or for as long as was said: until
// the window has the age that records need, and the barriers are there.
func (r *reading) wait(ctx context.Context) error {
	if r.o.Wait <= 0 {
		return nil
	}
	if r.bulk != nil && r.o.Trail.Source != "" && (strings.HasPrefix(r.o.Trail.Source, "file:") || r.o.Trail.Source == "-") {
		r.note("--wait: the files of --trail are there already, so there is nothing to wait for")
		return nil
	}
	for {
		r.lookAgain(ctx)
		ready := r.span.Until.Add(r.o.TrailDelay)
		if last, _ := r.earliest(r.shown()); last.EventID != "" && !last.Time.Before(r.span.Until) {
			ready = r.now()
		}
		missing := r.missing()
		left := r.o.Wait - r.waited
		if !ready.After(r.now()) && len(missing) == 0 {
			return ctx.Err()
		}
		if left <= 0 {
			r.note(fmt.Sprintf("--wait: waited %s, and the trail is not complete yet", r.waited.Round(time.Second)))
			return ctx.Err()
		}
		step := pause
		if len(missing) == 0 {
			step = ready.Sub(r.now()) // only time is missing
		}
		step = min(step, left)
		r.progress(providers.Progress{Note: r.waiting(ready, missing)})
		if err := r.sleep(ctx, step); err != nil {
			return err
		}
		r.waited += step
	}
}

// lookAgain looks for the barriers that are missing.
func (r *reading) lookAgain(ctx context.Context) {
	if len(r.missing()) == 0 {
		return
	}
	if r.bulk != nil {
		r.bulk.Gather(ctx, r.part(r.allTrailPlaces()))
		r.gathered = true
	}
	r.seek(ctx)
}

func (r *reading) waiting(ready time.Time, missing []string) string {
	var why []string
	if ready.After(r.now()) {
		why = append(why, "the window's end is old enough at "+ready.UTC().Format(time.TimeOnly))
	}
	if len(missing) > 0 {
		why = append(why, "CloudTrail does not have "+strings.Join(missing, ", ")+" yet")
	}
	return fmt.Sprintf("waiting for CloudTrail, %s of at most %s: %s", r.waited.Round(time.Second), r.o.Wait, strings.Join(why, "; "))
}

func (r *reading) sleep(ctx context.Context, d time.Duration) error {
	if r.o.Sleep != nil {
		return r.o.Sleep(ctx, d)
	}
	wait, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-wait.Done()
	return ctx.Err()
}
