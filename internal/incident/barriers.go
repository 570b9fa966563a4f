package incident

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"reconcile/internal/applylog"
	"reconcile/providers"
	"reconcile/providers/cloudtrail"
)

// barrier is a call that is known to have been made.
type barrier struct {
	providers.Barrier
	given bool // by a person; else the log names it
}

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
		add(id, "--barrier", true)
	}
	if r.log == nil {
		return nil
	}
	var left []string
	for _, f := range r.log.Log.Failures {
		why := notSought(f)
		if r.o.TrailDelay == 0 { // a person's word
			why = "--trail-delay 0s"
		}
		switch {
		case f.RequestID == "":
		case why != "":
			left = append(left, fmt.Sprintf("line %d (%s)", f.Line, why))
		default:
			add(f.RequestID, fmt.Sprintf("the apply's log, line %d", f.Line), false)
		}
	}
	if len(left) > 0 {
		r.note("calls that the apply's log names and that are not sought in the trail, so that they tell nothing of how far it reaches: " + strings.Join(left, ", "))
	}
	return nil
}

// notSought says why a call that failed is not looked for in the trail, "" if it
// is.
func notSought(f applylog.Failure) string {
	switch {
	case providers.IsExpired(f.Code):
		return f.Code + ": calls with credentials that are no good are not recorded"
	case strings.Contains(f.Code, "Throttl") || f.Code == "RequestLimitExceeded":
		return f.Code + ": what was throttled may not have been let in"
	case f.Code == "":
		return "the log has no error code"
	case f.Call == "":
		return "the log does not say which call"
	case !changes(f.Call):
		return f.Call + " is a read"
	}
	return ""
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
				r.barriers[i].Account, r.barriers[i].Region = c.Place.Account, c.Place.Region
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

// shown are the barriers that the trail has.
func (r *reading) shown() []barrier {
	return slices.DeleteFunc(slices.Clone(r.barriers), func(b barrier) bool { return b.EventID == "" })
}

// earliest is how far known calls show that every region which is read reaches:
// the last one of each tells of that region alone, so the earliest of them
// counts. Where some region has none it is nothing, and these are named.
func (r *reading) earliest(shown []barrier) (barrier, []string) {
	last := map[providers.Place]barrier{}
	for _, b := range shown {
		at := providers.Place{Account: b.Account, Region: b.Region}
		if b.Time.After(last[at].Time) {
			last[at] = b
		}
	}
	var out barrier
	var silent []string
	for account, regions := range r.allTrailPlaces() {
		for _, region := range regions {
			b, ok := last[providers.Place{Account: account, Region: region}]
			switch {
			case !ok:
				silent = append(silent, region+" of "+account)
			case out.EventID == "" || b.Time.Before(out.Time) || b.Time.Equal(out.Time) && b.Request < out.Request:
				out = b
			}
		}
	}
	slices.Sort(silent)
	if len(silent) > 0 {
		return barrier{}, silent
	}
	return out, nil
}

// trailRegions counts the regions of all accounts whose records are read.
func (r *reading) trailRegions() int {
	n := 0
	for _, regions := range r.allTrailPlaces() {
		n += len(regions)
	}
	return n
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
