package inventory

import (
	"context"
	"slices"
	"time"

	"reconcile/internal/hint"
	"reconcile/providers"
	"reconcile/providers/cloudtrail"
)

// memory is how far back CloudTrail's event history reaches.
const memory = 90 * 24 * time.Hour

// makers asks the trail who made what the state does not record.
func (r *reading) makers(ctx context.Context) error {
	if r.o.Since.IsZero() {
		return nil
	}
	now := r.report.ReadAt
	since := r.o.Since.UTC()
	if since.After(now) {
		return hint.Errorf("give --since as a time before now, for example "+now.Add(-2*time.Hour).Format(time.RFC3339),
			"the window begins in the future: %s", since.Format(time.RFC3339))
	}
	if since.Before(now.Add(-memory)) {
		r.incomplete("CloudTrail's event history keeps 90 days, and --since is before that: who made older objects is not known")
	}
	index := cloudtrail.NewIndex(r.kinds)
	names := []string{}
	for _, o := range r.report.Objects {
		if asked(o) {
			names = append(names, index.CreateEvents(o.Type)...)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	r.report.Trail = &Trail{Since: since, Until: now, Calls: names}
	r.note("a maker is told only if its call lies between " + since.Format(time.RFC3339) + " and now; CloudTrail's records may be 15 minutes late and more")
	if len(names) == 0 {
		return nil
	}
	lookup := cloudtrail.NewLookup(r.aws.Config, func(region string, pages, records int) {
		r.progress(providers.Progress{What: "cloudtrail:LookupEvents", Region: region, Done: pages, Items: records})
	})
	found := lookup.Makers(ctx, cloudtrail.Query{Regions: r.regions, Since: since, Until: now}, names)
	r.report.Trail.Pages = found.Pages
	for _, p := range found.Problems {
		r.incomplete(p)
	}
	if found.Malformed > 0 {
		r.incomplete("some CloudTrail records could not be read: who made an object may not be known")
	}
	made := map[string]*By{}
	for _, record := range found.Records {
		if record.Error != "" {
			continue
		}
		call := index.Call(record)
		for _, m := range call.Mutations {
			k := m.Type + " " + m.ID + " " + call.Place.Region
			// What was made twice is the later one's.
			if old := made[k]; m.Role == providers.Created && (old == nil || call.Time.After(old.Time)) {
				made[k] = &By{Source: "trail", Principal: &call.By, Time: call.Time, EventID: call.EventID}
			}
		}
	}
	for i := range r.report.Objects {
		if o := &r.report.Objects[i]; asked(*o) {
			o.By = made[o.Type+" "+o.ID+" "+o.Region]
		}
	}
	return nil
}

// asked reports whether it matters who made an object.
func asked(o Object) bool {
	return !o.folded && (o.Status == Unmanaged || o.Status == Unknown || o.Status == Aspect)
}
