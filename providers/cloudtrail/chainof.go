package cloudtrail

import (
	"slices"

	"reconcile/providers"
)

// ChainOf are the roles that some access keys assumed, and those assumed with
// them in turn, of what Chain read.
func ChainOf(r Result, keys []string) []Assumed {
	return chain(r.Records, func(p providers.Principal) bool { return slices.Contains(keys, p.AccessKey) })
}
