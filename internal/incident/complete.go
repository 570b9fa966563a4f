package incident

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"reconcile/internal/hint"
	"reconcile/providers"
	"reconcile/providers/cloudtrail"
)

// CloudTrail's records come late, and one that has not come looks like a call
// that was not made. How far the trail can be trusted follows from its age,
// from the end of its files, and from calls that are known to have been made.

// barrier is a call that is known to have been made.
type barrier struct {
	providers.Barrier
	given bool // by a person; else the log names it
}

// tail is how late a record comes at the very worst. A call that the log names
// and that is not there after that was never recorded.
const tail = 2 * time.Hour

var requestForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// readBarriers takes in what --barrier and the apply's log name.
func (r *reading) readBarriers() error {
	seen := map[string]bool{}
	add := func(id, source string, given bool) {
		if id = strings.ToLower(id); !seen[id] {
			seen[id] = true
			r.barriers = append(r.barriers, barrier{providers.Barrier{Request: id, Source: source}, given})
		}
	}
	for _, id := range r.o.Barriers {
		if !requestForm.MatchString(id) {
			return hint.Errorf("AWS's errors print it as RequestID: 6f1c2d3e-0001-4002-8003-1234567890ab", "--barrier %q is not a request id", id)
		}
		add(id, "--barrier", true)
	}
	if r.log == nil || r.o.TrailDelay == 0 { // --trail-delay 0s is a person's word
		return nil
	}
	for _, f := range r.log.Log.Failures {
		// Calls with credentials that are no good are not recorded, reads are not
		// looked through, and what was throttled may not have been let in at all.
		if f.RequestID != "" && changes(f.Call) && f.Code != "" && !providers.IsExpired(f.Code) && !strings.Contains(f.Code, "Throttl") && f.Code != "RequestLimitExceeded" {
			add(f.RequestID, fmt.Sprintf("the apply's log, line %d", f.Line), false)
		}
	}
	return nil
}

// changes reports whether a call of EC2's is one that changes something.
func changes(call string) bool {
	return call != "" && !slices.ContainsFunc([]string{"Describe", "Get", "List", "Search", "Head"}, func(p string) bool { return strings.HasPrefix(call, p) })
}

// missing are the barriers that the trail has not shown yet.
func (r *reading) missing() []string {
	var out []string
	for _, b := range r.barriers {
		if b.EventID == "" {
			out = append(out, b.Request)
		}
	}
	return out
}

// met takes in that records were seen.
func (r *reading) met(records []cloudtrail.Record) {
	for _, c := range records {
		for i, b := range r.barriers {
			if strings.EqualFold(b.Request, c.RequestID) {
				r.barriers[i].Time, r.barriers[i].EventID = c.Time, c.EventID
			}
		}
	}
}

// seek asks the trail of every account for the barriers that are missing.
func (r *reading) seek(ctx context.Context) {
	places := r.trailPlaces()
	for _, id := range slices.Sorted(maps.Keys(places)) {
		if len(r.missing()) == 0 {
			return
		}
		q := r.query(places[id], r.who())
		q.Until = r.now()
		_, me, _ := strings.Cut(r.seen.Caller.ARN, "/")
		found := r.trailOf(id).Requests(ctx, q, r.missing(), []string{me[strings.LastIndexByte(me, '/')+1:]})
		r.sought += found.Pages
		r.met(found.Records)
	}
}

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
	var shown, absent []barrier
	for _, b := range r.barriers {
		switch {
		case b.EventID != "":
			shown = append(shown, b)
		case b.given || now.Sub(end) < tail:
			absent = append(absent, b)
		default:
			out.notes = append(out.notes, fmt.Sprintf("the request %s, which %s names, is not in the trail after %s: it was not recorded", b.Request, b.Source, now.Sub(end).Round(time.Minute)))
		}
	}
	var last barrier
	for _, b := range shown {
		if b.Time.After(last.Time) {
			last = b
		}
	}
	if last.Time.After(out.until) {
		out.until, out.why = last.Time, fmt.Sprintf("the request %s (%s), which %s names, is there", last.Request, at(last.Time), last.Source)
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
		for _, b := range r.barriers {
			if b.EventID != "" && !b.Time.Before(r.span.Until) {
				ready = r.now()
			}
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
		r.progress(Progress{Note: r.waiting(ready, missing)})
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
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// told are the barriers as the report names them.
func (r *reading) told() []providers.Barrier {
	var out []providers.Barrier
	for _, b := range r.barriers {
		out = append(out, b.Barrier)
	}
	slices.SortFunc(out, func(a, b providers.Barrier) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Request, b.Request))
	})
	return out
}
