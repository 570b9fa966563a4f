package cloudtrail

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"sync"

	"reconcile/providers"
	"reconcile/providers/cloudtrail/records"
)

// places are those of the part, in order.
func (p Part) places() []providers.Place {
	var out []providers.Place
	for account, regions := range p.Places {
		for _, region := range regions {
			out = append(out, providers.Place{Account: account, Region: region})
		}
	}
	slices.SortFunc(out, func(a, b providers.Place) int { return cmp.Compare(a.String(), b.String()) })
	return slices.Compact(out)
}

// wants reports whether a place is one of those that are looked at.
func (p Part) wants(at providers.Place) bool { return slices.Contains(p.Places[at.Account], at.Region) }

// files are the places of which the part needs records, for whatever they are.
func (p Part) files() []providers.Place {
	out := p.places()
	for _, at := range p.BeginsAt {
		if !slices.Contains(out, at) {
			out = append(out, at)
		}
	}
	return out
}

// spread are the accounts and the regions of files.
func (p Part) spread() (accounts, regions []string) {
	for _, at := range p.files() {
		accounts, regions = append(accounts, at.Account), append(regions, at.Region)
	}
	return unique(accounts), unique(regions)
}

// sink collects what a feed shows, from several goroutines.
type sink struct {
	part     Part
	index    Index
	progress func(done, total, items int)

	mu     sync.Mutex
	sieves []*sieve
	met    Result
	broken []string
	items  int
	total  int
}

// read reads a part of the feed.
func (b *Bulk) read(ctx context.Context, p Part) (sifted, Result) {
	to := &sink{part: p, index: b.index, progress: b.progress}
	b.feed.read(ctx, p, to)
	got, met := merge(to.sieves), to.met
	met.Scanned, met.Others, met.Duplicates = got.scanned, got.skipped, got.twice
	met.Malformed += got.lost
	met.Problems = append(met.Problems, some(to.broken, "files could not be read to their end")...)
	if err := ctx.Err(); err != nil {
		met.Problems = append(met.Problems, b.feed.name()+" was not read to its end: "+err.Error())
	}
	slices.Sort(met.Problems)
	slices.Sort(met.Notes)
	met.AllWriters = true
	return got, met
}

// some are the first of many sentences, and how many more there are.
func some(all []string, what string) []string {
	slices.Sort(all)
	if n := len(all); n > 5 {
		return append(all[:5:5], fmt.Sprintf("%d more %s", n-5, what))
	}
	return all
}

// sieve makes one more sieve. Each is for one goroutine.
func (to *sink) sieve() *sieve {
	s := newSieve(to.part, to.index)
	to.mu.Lock()
	defer to.mu.Unlock()
	to.sieves = append(to.sieves, s)
	return s
}

func (to *sink) problem(format string, args ...any) {
	to.mu.Lock()
	defer to.mu.Unlock()
	to.met.Problems = append(to.met.Problems, fmt.Sprintf(format, args...))
}

func (to *sink) note(format string, args ...any) {
	to.mu.Lock()
	defer to.mu.Unlock()
	to.met.Notes = append(to.met.Notes, fmt.Sprintf(format, args...))
}

// file shows a file to a sieve: the nth of those that are read. What is wrong
// with it is told by its name.
func (to *sink) file(s *sieve, n int, name string, r io.Reader) {
	s.at, s.file = n<<40, &order{}
	lost := s.lost
	got, err := records.Scan(r, s.record)
	to.mu.Lock()
	defer to.mu.Unlock()
	lost = s.lost - lost + got.Lost
	switch {
	case err != nil && got.Records == 0:
		to.broken = append(to.broken, fmt.Sprintf("%s: %v", name, err))
	case err != nil:
		to.broken = append(to.broken, fmt.Sprintf("%s: %v after %d records: what came then is not known", name, err, got.Records))
	case lost > 0:
		to.broken = append(to.broken, fmt.Sprintf("%s: %d of its records could not be read", name, lost))
	}
	to.met.Malformed += got.Lost
	to.met.Bytes += got.Bytes
	to.page(got.Records)
}

// page counts a page or a file. The lock is held.
func (to *sink) page(items int) {
	to.met.Pages++
	to.items += items
	if to.progress != nil {
		to.progress(to.met.Pages, to.total, to.items)
	}
}
