package lock

import (
	"slices"

	"reconcile/providers"
)

// GoneOn are the runs where each that may have gone on from another one is held
// for that one: what may be the holder's sign of life counts as its.
func GoneOn(runs []providers.Run) []providers.Run {
	out := []providers.Run{}
	for _, r := range runs {
		i := slices.IndexFunc(out, func(before providers.Run) bool {
			return r.Continues != "" && slices.Contains(before.KeyIDs(), r.Continues)
		})
		if i < 0 {
			out = append(out, r)
			continue
		}
		out[i] = out[i].With(r)
	}
	return out
}
