package cloudtrail

import (
	"bytes"
	"slices"
	"strings"

	"reconcile/providers"
	"reconcile/providers/cloudtrail/records"
)

// sieve lets through what may matter of a part of the trail: what changed
// something that a kind knows, all that the role did, who assumed which role.
// Memory goes with what it lets through and not with what it is shown.
//
// It looks at raw bytes first. What those leave open is decoded, so a record is
// passed over only where it surely does not matter.
type sieve struct {
	part     Part
	index    Index
	wanted   map[string]*met // by "account/region"
	from, to []byte          // the window as records spell times
	early    []byte          // from when on the beginnings of sessions count
	role     []byte          // stands in every identity of the role, nil if nothing must
	keys     [][]byte
	requests [][]byte

	kept                   []kept
	at                     int    // the place of the next record
	file                   *order // of the file that is read, nil for none
	scanned, lost, skipped int    // skipped: other people's calls that no kind knows
	newest                 []byte
	scratch                []byte
}

// met is a place that is wanted, and whether any record is of it.
type met struct {
	providers.Place
	any  bool
	only bool // wanted for the beginnings of sessions only
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
	last         []byte
	rises, falls bool
}

func (o *order) next(at []byte) {
	switch c := bytes.Compare(at, o.last); {
	case len(o.last) == 0, c == 0:
	case c > 0:
		o.rises = true
	default:
		o.falls = true
	}
	o.last = append(o.last[:0], at...)
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
	s := &sieve{part: p, index: x, wanted: map[string]*met{}, role: roleMark(p.Who.Role),
		from: []byte(p.Since.UTC().Format(stamp)), early: []byte(p.from().UTC().Format(stamp)), to: []byte(p.Until.Add(pad).UTC().Format(stamp))}
	for _, at := range p.places() {
		s.wanted[at.Account+"/"+at.Region] = &met{Place: at}
	}
	for _, at := range p.BeginsAt {
		if key := at.Account + "/" + at.Region; s.wanted[key] == nil {
			s.wanted[key] = &met{Place: at, only: true}
		}
	}
	for _, key := range p.Keys {
		s.keys = append(s.keys, []byte(key))
	}
	for _, id := range p.Requests {
		s.requests = append(s.requests, []byte(id))
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

// record looks at one record. Most of them end here, so nothing is allocated.
func (s *sieve) record(raw []byte, f *records.Fields) {
	s.scanned++
	s.at++
	if f.Odd || len(f.Time) != len(stamp) || f.Time[len(f.Time)-1] != 'Z' || len(f.Recipient) != 12 || f.Region == nil {
		s.decode(raw)
		return
	}
	s.time(f.Time)
	s.scratch = append(append(append(s.scratch[:0], f.Recipient...), '/'), f.Region...)
	at := s.wanted[string(s.scratch)]
	if at == nil {
		return
	}
	at.any = true
	if len(s.requests) > 0 && s.requested(raw) {
		s.decode(raw)
		return
	}
	if bytes.Compare(f.Time, s.early) < 0 || bytes.Compare(f.Time, s.to) > 0 {
		return
	}
	if at.only || bytes.Compare(f.Time, s.from) < 0 {
		if s.assumes(raw, f) {
			s.decode(raw)
		}
		return
	}
	s.scratch = append(append(append(s.scratch[:0], f.Source...), ' '), f.Name...)
	known := len(s.index.events[string(s.scratch)]) > 0 || tagging(f.Source, f.Name)
	switch {
	case known || s.assumes(raw, f) || len(f.ReadOnly) == 0 || s.marked(f.Identity):
		s.decoded(raw)
	case string(f.ReadOnly) == "false" && !f.Failed:
		s.skipped++
	}
}

// assumes reports whether a record may be one by which a session began: whoever
// has a key may have gone on to another role, and what an identity provider or
// a service vouches for matters for the role that is looked for.
func (s *sieve) assumes(raw []byte, f *records.Fields) bool {
	switch string(f.Name) {
	case assumeRole:
		if !bytes.Contains(f.Identity, []byte(`"AWSService"`)) {
			return true
		}
	case assumeWebIdentity, assumeSAML:
	default:
		return false
	}
	return len(s.role) == 0 || bytes.Contains(raw, s.role) || bytes.Contains(raw, []byte(`\u`))
}

// requested reports whether a record may be one of those that are looked for by
// their requests.
func (s *sieve) requested(raw []byte) bool {
	return slices.ContainsFunc(s.requests, func(id []byte) bool { return bytes.Contains(raw, id) })
}

// marked reports whether an identity may be one that is looked for.
func (s *sieve) marked(identity []byte) bool {
	return len(s.role) == 0 || bytes.Contains(identity, s.role) || slices.ContainsFunc(s.keys, func(key []byte) bool { return bytes.Contains(identity, key) })
}

// time notes when a record is of, whatever else it is.
func (s *sieve) time(at []byte) {
	if bytes.Compare(at, s.newest) > 0 {
		s.newest = append(s.newest[:0], at...)
	}
	if s.file != nil {
		s.file.next(at)
	}
}

// raw looks at a record of which nothing is known beforehand.
func (s *sieve) raw(record []byte) {
	s.scanned++
	s.at++
	s.decode(record)
}

// decode looks at a record whose time and place are not known yet.
func (s *sieve) decode(raw []byte) {
	r, err := Decode(raw)
	if err != nil {
		s.lost++
		return
	}
	at := []byte(r.Time.Format(stamp))
	s.time(at)
	place := s.wanted[r.Place.Account+"/"+r.Place.Region]
	if place == nil {
		return
	}
	place.any = true
	switch {
	case slices.Contains(s.part.Requests, r.RequestID):
		s.kept = append(s.kept, kept{Record: r, at: s.at, in: s.file})
	case bytes.Compare(at, s.early) < 0 || bytes.Compare(at, s.to) > 0:
	case place.only || bytes.Compare(at, s.from) < 0:
		if s.ofRole(&r) {
			s.kept = append(s.kept, kept{Record: r, at: s.at, in: s.file})
		}
	default:
		s.keep(r)
	}
}

// decoded looks at one that is of the part.
func (s *sieve) decoded(raw []byte) {
	r, err := Decode(raw)
	if err != nil {
		s.lost++
		return
	}
	s.keep(r)
}

func (s *sieve) keep(r Record) {
	switch {
	case s.matters(&r):
		s.kept = append(s.kept, kept{Record: r, at: s.at, in: s.file})
	case !r.ReadOnly && r.Error == "":
		s.skipped++
	}
}

// matters says whether a record is kept, and takes off it what nobody will ask
// for.
func (s *sieve) matters(r *Record) bool {
	switch own := s.part.Who.isRole(r.By); {
	case slices.Contains(s.part.Keys, r.By.AccessKey):
		return true
	case s.begins(r):
		return true
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
	return len(s.index.events[r.Source+" "+r.Name]) > 0 || tagging([]byte(r.Source), []byte(r.Name))
}

// begins reports whether a session began with a record: the role's, or one that
// somebody with a key went on to.
func (s *sieve) begins(r *Record) bool {
	if r.Source != sts || r.Error != "" || !slices.Contains(assuming, r.Name) {
		return false
	}
	return r.Name == assumeRole && r.By.AccessKey != "" || s.ofRole(r)
}

// ofRole reports whether a session of the role began with a record.
func (s *sieve) ofRole(r *Record) bool {
	i, ok := issued(*r)
	return ok && (s.part.Who.Role == "" || s.part.Who.isRole(providers.Principal{ARN: i.role}))
}

func tagging(source, name []byte) bool {
	return (string(name) == "CreateTags" || string(name) == "DeleteTags") && string(source) == providers.EC2
}
