package cloudtrail

import (
	"slices"
	"time"

	"reconcile/providers"
)

// sifted is what several sieves of one part let through, in one order that does
// not hang on which of them was quicker.
type sifted struct {
	kept                   []*kept
	scanned, lost, skipped int
	twice                  int // records that were there already
	newest                 time.Time
	places                 map[providers.Place]bool
}

func merge(sieves []*sieve) sifted {
	out := sifted{places: map[providers.Place]bool{}}
	for _, s := range sieves {
		for i := range s.kept {
			out.kept = append(out.kept, &s.kept[i])
		}
		out.scanned, out.lost, out.skipped = out.scanned+s.scanned, out.lost+s.lost, out.skipped+s.skipped
		if t, err := time.Parse(stamp, string(s.newest)); err == nil && t.After(out.newest) {
			out.newest = t
		}
		for _, at := range s.wanted {
			if at.any {
				out.places[at.Place] = true
			}
		}
	}
	newestFirst(out.kept)
	seen := map[string]bool{}
	out.kept = slices.DeleteFunc(out.kept, func(k *kept) bool {
		again := seen[k.EventID]
		if seen[k.EventID] = true; again {
			out.twice++
		}
		return again
	})
	return out
}

func newestFirst(all []*kept) {
	slices.SortFunc(all, func(a, b *kept) int {
		if c := b.Time.Compare(a.Time); c != 0 {
			return c
		}
		return b.at - a.at
	})
}
