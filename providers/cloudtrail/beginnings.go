package cloudtrail

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"reconcile/providers"
)

// GlobalRegion is where calls to STS's own global endpoint are recorded.
const GlobalRegion = "us-east-1"

// stsRegions are those in which the role's sessions may have begun.
func stsRegions(q Query) []string {
	regions := slices.Clone(q.Regions)
	if !strings.HasPrefix(q.Who.Role, "arn:") || strings.HasPrefix(q.Who.Role, "arn:aws:") {
		regions = append(regions, GlobalRegion)
	}
	return unique(regions)
}

// EarliestBeginning is how long before a time a session that is still alive
// then can have begun.
func EarliestBeginning(t time.Time) time.Time { return t.Add(-longestLife) }

// Beginnings gives the calls by which sessions of the role began for the
// subject, for as long before the window as a session can live. CloudTrail
// calls the subject of such a call its user, so one name costs one page a
// region; where that finds nothing, or the subject has a *, everybody's calls
// of that sort are read.
func (l *Lookup) Beginnings(ctx context.Context, q Query) Result {
	since := EarliestBeginning(q.Since)
	var out Result
	for _, region := range stsRegions(q) {
		around := Query{Since: since, Until: q.Until}
		var found Result
		if !strings.Contains(q.Who.Subject, "*") {
			found = l.began(ctx, l.stream(around, region, types.LookupAttributeKeyUsername, q.Who.Subject), q.Who)
		}
		if len(found.Records) == 0 && len(found.Problems) == 0 {
			for _, name := range []string{assumeWebIdentity, assumeSAML} {
				found.Add(l.began(ctx, l.stream(around, region, types.LookupAttributeKeyEventName, name), q.Who))
			}
		}
		if !slices.Contains(q.Regions, region) {
			found.Problems = nil // it was only worth a try
		}
		out.Add(found)
	}
	return out
}

// began reads a stream and keeps what began a session that is looked for.
func (l *Lookup) began(ctx context.Context, s *stream, who Who) Result {
	for s.more() {
		s.next(ctx)
		s.result.Records = slices.DeleteFunc(s.result.Records, func(r Record) bool { return !who.began(r) })
	}
	return s.result
}

// began reports whether a session that is looked for began with a record.
func (w Who) began(r Record) bool {
	i, ok := issued(r)
	return ok && w.isRole(providers.Principal{ARN: i.role}) && (w.Subject == "" || w.isSubject(i.subject))
}

// Knowing returns who is looked for with the keys of the sessions that began
// for the subject, by the records. Without a subject it is who it was.
func (w Who) Knowing(records []Record) Who {
	if w.Subject == "" {
		return w
	}
	w.Keys = nil
	for _, r := range records {
		if i, ok := issued(r); ok && w.began(r) {
			w.Keys = append(w.Keys, i.key)
		}
	}
	w.Keys = unique(w.Keys)
	return w
}
