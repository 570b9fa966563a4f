package cloudtrail

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
)

// Requests gives the calls with some request ids. Event history cannot be asked
// by those, so the session's records are looked through, then everybody's
// changes, then those of the users or sessions that are named, newest first,
// until all are found.
func (l *Lookup) Requests(ctx context.Context, q Query, ids, users []string) Result {
	var out Result
	missing := slices.Clone(ids)
	look := func(region string, key types.LookupAttributeKey, value string) {
		s := l.stream(q, region, key, value)
		for len(missing) > 0 && s.more() {
			s.result.Records = nil
			s.next(ctx)
			for _, r := range s.result.Records {
				if i := slices.IndexFunc(missing, func(id string) bool { return strings.EqualFold(id, r.RequestID) }); i >= 0 {
					missing = slices.Delete(missing, i, i+1)
					out.Records = append(out.Records, r)
				}
			}
		}
		out.Pages += s.result.Pages
		out.Problems = append(out.Problems, s.result.Problems...)
	}
	if key, value := q.Who.attribute(); value != "" {
		for _, region := range q.Regions {
			look(region, key, value)
		}
	}
	for _, region := range q.Regions {
		look(region, types.LookupAttributeKeyReadOnly, "false")
		for _, user := range users {
			look(region, types.LookupAttributeKeyUsername, user)
		}
	}
	return out
}
