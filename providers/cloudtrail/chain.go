package cloudtrail

import (
	"cmp"
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"reconcile/providers"
)

// Assumed is a role that the session took on, as a provider block with
// assume_role does: its calls bear that role and a key of their own.
type Assumed struct {
	Role string // ARN
	Key  string // access key id
}

// Chain reads the calls by which roles were assumed in the window: the link
// from a session to the keys that worked for it. AssumeRole is recorded as a
// read, so the other readings do not have it. It reads either the session's
// own records or everybody's AssumeRole calls, whichever one page of each shows
// to be fewer.
func (l *Lookup) Chain(ctx context.Context, q Query) Result {
	var out Result
	for _, region := range q.Regions {
		best := l.stream(q, region, types.LookupAttributeKeyEventName, assumeRole)
		best.next(ctx)
		if key, value := q.Who.attribute(); value != "" && best.more() {
			own := l.stream(q, region, key, value)
			own.next(ctx)
			if !own.more() || own.oldest.Before(best.oldest) {
				out.Pages += best.result.Pages
				best = own
			}
		}
		best.rest(ctx)
		best.result.Records = slices.DeleteFunc(best.result.Records, func(r Record) bool { return r.Name != assumeRole })
		out.Add(best.result)
	}
	return out
}

// chain follows the roles that a session assumed, and those that they assumed
// in turn. Several keys of one role are its refreshed sessions.
func chain(records []Record, mine func(providers.Principal) bool) []Assumed {
	var out []Assumed
	keys := map[string]bool{}
	for again := true; again; {
		again = false
		for _, r := range records {
			if r.Name != assumeRole || r.Source != "sts.amazonaws.com" || r.Error != "" || !(mine(r.By) || keys[r.By.AccessKey]) {
				continue
			}
			key, role := r.values("res.credentials.accessKeyId"), r.values("req.roleArn")
			if len(key) != 1 || len(role) != 1 || keys[key[0]] {
				continue
			}
			keys[key[0]], again = true, true
			out = append(out, Assumed{Role: role[0], Key: key[0]})
		}
	}
	slices.SortFunc(out, func(a, b Assumed) int { return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Key, b.Key)) })
	return out
}

// throughRoles are the keys with which a role was assumed that then changed
// something, itself or through another one.
func throughRoles(records []Record) map[string]bool {
	by, out := map[string]string{}, map[string]bool{}
	for _, r := range records {
		if i, ok := issued(r); ok && r.By.InvokedBy == "" {
			by[i.key] = r.By.AccessKey
		}
	}
	for _, r := range records {
		if r.ReadOnly || r.Error != "" {
			continue
		}
		for key := by[r.By.AccessKey]; key != "" && !out[key]; key = by[key] {
			out[key] = true
		}
	}
	return out
}
