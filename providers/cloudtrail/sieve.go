package cloudtrail

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"reconcile/providers"
	"reconcile/providers/cloudtrail/records"
)

// Part is the part of the trail that is wanted of a source that holds more.
type Part struct {
	Places       map[string][]string // account to regions
	Since, Until time.Time
	Who          Who
	// Keys: every call of these access keys too, reads as well.
	Keys []string
}

// sieve lets through what may matter of a part of the trail: what changed
// something that a kind knows, all that the role did, who assumed which role.
// Memory goes with what it lets through and not with what it is shown.
//
// It looks at raw bytes first. What those leave open is decoded, so a record is
// passed over only where it surely does not matter.
type sieve struct {
	part     Part
	index    Index
	wanted   map[providers.Place]bool
	from, to string // the window as records spell times
	role     []byte // stands in every identity of the role, nil if nothing must
	keys     [][]byte

	kept                   []kept
	at                     int    // the place of the next record
	file                   *order // of the file that is read, nil for none
	scanned, lost, skipped int    // skipped: other people's calls that no kind knows
	newest                 string
	places                 map[providers.Place]bool // wanted ones that any record is of
}

// kept is one record and its place in what was read.
type kept struct {
	Record
	at   int
	in   *order // of the file that it is in, nil for a source without order
	told bool
}

// order is that of a file's records, as far as it has one. Records bear their
// second only; which of two in one second came first, only a file can tell that
// is in order of time.
type order struct {
	last         string
	rises, falls bool
}

func (o *order) next(at string) {
	switch {
	case o.last == "", at == o.last:
	case at > o.last:
		o.rises = true
	default:
		o.falls = true
	}
	o.last = at
}

// after reports whether k is known to have come after another record.
func (k *kept) after(other *kept) bool {
	if c := k.Time.Compare(other.Time); c != 0 {
		return c > 0
	}
	switch {
	case k.in == nil || k.in != other.in || k.in.rises == k.in.falls:
		return false
	case k.in.rises:
		return k.at > other.at
	}
	return k.at < other.at
}

const stamp = "2006-01-02T15:04:05Z"

func newSieve(p Part, x Index) *sieve {
	s := &sieve{part: p, index: x, wanted: map[providers.Place]bool{}, places: map[providers.Place]bool{},
		from: p.Since.UTC().Format(stamp), to: p.Until.Add(pad).UTC().Format(stamp), role: roleMark(p.Who.Role)}
	for account, regions := range p.Places {
		for _, region := range regions {
			s.wanted[providers.Place{Account: account, Region: region}] = true
		}
	}
	for _, key := range p.Keys {
		s.keys = append(s.keys, []byte(key))
	}
	return s
}

// roleMark is the last part of a role's or user's name: it is in every form
// that the identity has.
func roleMark(arn string) []byte {
	if m := assumedRole.FindStringSubmatch(arn); m != nil {
		return []byte(m[3])
	}
	return []byte(arn[strings.LastIndexAny(arn, "/:")+1:])
}

// record looks at one record.
func (s *sieve) record(raw []byte, f *records.Fields) {
	s.scanned++
	s.at++
	if f.Odd || len(f.Time) != len(stamp) || f.Time[len(f.Time)-1] != 'Z' {
		s.decode(raw)
		return
	}
	at := string(f.Time)
	if at > s.newest {
		s.newest = at
	}
	if s.file != nil {
		s.file.next(at)
	}
	account := string(f.Recipient)
	if len(account) != 12 || f.Region == nil {
		s.decode(raw)
		return
	}
	place := providers.Place{Account: account, Region: string(f.Region)}
	if !s.wanted[place] {
		return
	}
	s.places[place] = true
	if at < s.from || at > s.to {
		return
	}
	mark := len(s.role) == 0 || bytes.Contains(f.Identity, s.role) || slices.ContainsFunc(s.keys, func(k []byte) bool { return bytes.Contains(f.Identity, k) })
	known := len(s.index.events[string(f.Source)+" "+string(f.Name)]) > 0 || tagging(string(f.Source), string(f.Name))
	switch {
	case mark || known || len(f.ReadOnly) == 0 || string(f.Name) == assumeRole && !bytes.Contains(f.Identity, []byte(`"AWSService"`)):
		s.decode(raw)
	case string(f.ReadOnly) == "false" && !f.Failed:
		s.skipped++
	}
}

// raw looks at a record of which nothing is known beforehand.
func (s *sieve) raw(record []byte) {
	s.scanned++
	s.at++
	s.decode(record)
}

func (s *sieve) decode(raw []byte) {
	r, err := Decode(raw)
	if err != nil {
		s.lost++
		return
	}
	at := r.Time.Format(stamp)
	if at > s.newest {
		s.newest = at
	}
	if s.file != nil {
		s.file.next(at)
	}
	if !s.wanted[r.Place] {
		return
	}
	s.places[r.Place] = true
	if at < s.from || at > s.to {
		return
	}
	if !s.matters(&r) {
		if !r.ReadOnly && r.Error == "" {
			s.skipped++
		}
		return
	}
	s.kept = append(s.kept, kept{Record: r, at: s.at, in: s.file})
}

// matters says whether a record is kept, and takes off it what nobody will ask
// for.
func (s *sieve) matters(r *Record) bool {
	switch own := s.part.Who.isRole(r.By); {
	case slices.Contains(s.part.Keys, r.By.AccessKey):
		return true
	case r.Name == assumeRole && r.Source == "sts.amazonaws.com":
		return r.By.AccessKey != "" && r.Error == "" // without a key nobody's session did it
	case r.ReadOnly && own && s.part.Who.isSession(r.By):
		if !s.index.looks[r.Name] {
			r.request = nil // that it was there is enough
		}
		r.response = nil
		return true
	case r.ReadOnly:
		return false
	case own:
		return true
	}
	return len(s.index.events[r.Source+" "+r.Name]) > 0 || tagging(r.Source, r.Name)
}

func tagging(source, name string) bool {
	return source == providers.EC2 && (name == "CreateTags" || name == "DeleteTags")
}

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
		if t, err := time.Parse(stamp, s.newest); err == nil && t.After(out.newest) {
			out.newest = t
		}
		for at := range s.places {
			out.places[at] = true
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
