package records

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// Stats are what a scan met.
type Stats struct {
	Records int   // that were told
	Lost    int   // places where there should be one that cannot be read
	Bytes   int64 // after decompression
	Digests int   // digest files, which describe others
}

// Add puts the counts of another scan beside these.
func (s *Stats) Add(t Stats) {
	s.Records, s.Lost, s.Bytes, s.Digests = s.Records+t.Records, s.Lost+t.Lost, s.Bytes+t.Bytes, s.Digests+t.Digests
}

const (
	chunk = 256 << 10
	// longest is the longest record that is looked at. CloudTrail's own limit
	// is 256 KB, 1 MB for those of Lake.
	longest = 8 << 20
)

// ErrNotRecords says that a document is no JSON at all.
var ErrNotRecords = errors.New("this is no CloudTrail log: neither JSON nor gzip")

// Scan tells every record of r, gzip or plain. The bytes are those of the
// scanner: they hold only until tell returns. An error says that r ended
// before its time; what came before it has been told.
func Scan(r io.Reader, tell func(record []byte, f *Fields)) (Stats, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	if magic, _ := in.Peek(2); len(magic) == 2 && magic[0] == 0x1f && magic[1] == 0x8b {
		z, err := gzip.NewReader(in)
		if err != nil {
			return Stats{}, fmt.Errorf("its gzip header is broken: %w", err)
		}
		defer z.Close()
		return scan(z, tell)
	}
	return scan(in, tell)
}

func scan(r io.Reader, tell func([]byte, *Fields)) (Stats, error) {
	s := scanner{r: r, buf: make([]byte, chunk), tell: tell}
	err := s.run()
	return s.stats, err
}

// What surrounds a place in a document.
const (
	inList = 'L' // a list of records
	inTail = 'T' // a wrapper, outside of its list
)

type scanner struct {
	r    io.Reader
	buf  []byte
	i, n int   // what is not read yet: buf[i:n]
	end  error // of r, io.EOF if it ended well
	tell func([]byte, *Fields)

	fields Fields // of the record that is read
	around []byte // inList, inTail
	last   []byte // the last string of a tail: a key, perhaps
	cut    bool   // it ended within something
	stats  Stats
}

// fill reads on. It keeps what is not read, and reports whether there is more.
func (s *scanner) fill() bool {
	if s.end != nil {
		return false
	}
	copy(s.buf, s.buf[s.i:s.n])
	s.i, s.n = 0, s.n-s.i
	if s.n == len(s.buf) {
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	before := s.n
	for s.end == nil && s.n < len(s.buf) {
		var n int
		n, s.end = s.r.Read(s.buf[s.n:])
		s.n += n
	}
	s.stats.Bytes += int64(s.n - before)
	return s.n > before
}

func (s *scanner) run() error {
	first := true
	for {
		if s.i == s.n && !s.fill() {
			break
		}
		c := s.buf[s.i]
		if first && c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			if c == 0xef && s.mark() {
				continue
			}
			if first = false; c != '{' && c != '[' {
				s.stats.Lost++
				return ErrNotRecords
			}
		}
		switch classes[c] {
		case other, comma, colon:
			s.i++
		case quote:
			s.word()
		case opens:
			s.open(c)
		case closes:
			s.i++
			s.close(c)
		default:
			s.lose()
		}
	}
	switch {
	case s.end != io.EOF:
		return fmt.Errorf("it is broken: %w", s.end)
	case first:
		return errors.New("it is empty")
	case s.cut || len(s.around) > 0:
		return errors.New("it is cut off")
	}
	return nil
}

// mark steps over a byte order mark.
func (s *scanner) mark() bool {
	for s.n-s.i < 3 && s.fill() {
	}
	if !bytes.HasPrefix(s.buf[s.i:s.n], []byte("\xef\xbb\xbf")) {
		return false
	}
	s.i += 3
	return true
}

func (s *scanner) close(c byte) {
	n := len(s.around)
	switch {
	case n > 0 && c == ']' && s.around[n-1] == inList, n > 0 && c == '}' && s.around[n-1] == inTail:
		s.around = s.around[:n-1]
	default:
		s.stats.Lost++
	}
	s.last = nil
}

// word steps over a string that is in no record.
func (s *scanner) word() {
	for {
		if end := text(s.buf[s.i:s.n], 1); end >= 0 {
			s.last = append(s.last[:0], s.buf[s.i+1:s.i+end]...)
			s.i += end + 1
			return
		}
		if s.n-s.i > longest {
			s.lose()
			return
		}
		if !s.fill() {
			s.rest()
			return
		}
	}
}

// rest gives up what is left: it does not end.
func (s *scanner) rest() {
	s.stats.Lost++
	s.i, s.cut = s.n, true
}

// open takes what begins with a brace or a bracket.
func (s *scanner) open(c byte) {
	tail := len(s.around) > 0 && s.around[len(s.around)-1] == inTail
	if c == '[' && (!tail || lists(s.last)) {
		s.around = append(s.around, inList)
		s.i++
		return
	}
	f := &s.fields
	for {
		n, v := object(s.buf[s.i:s.n], f)
		switch {
		case v == whole:
			raw := s.buf[s.i : s.i+n]
			s.i += n
			if !tail {
				s.record(raw, f, true)
			}
			return
		case v == wrapper && !tail:
			s.around = append(s.around, inTail, inList)
			s.i += n
			return
		case v == broken, v == wrapper, s.n-s.i > longest:
			s.lose()
			return
		}
		if !s.fill() {
			s.rest()
			return
		}
	}
}

// record tells a record, from its envelope if it has one.
func (s *scanner) record(raw []byte, f *Fields, envelope bool) {
	nameless := f.Name == nil && !f.Odd
	switch {
	case envelope && nameless && f.inner != nil:
		s.within(f.inner)
	case envelope && f.Name == nil && f.event != nil: // with an EventName beside it
		s.unquoted(f.event)
	case envelope && nameless && f.message != nil:
		s.unquoted(f.message)
	case nameless && f.digest:
		s.stats.Digests++
	case nameless:
		s.stats.Lost++ // a record has a name
	default:
		s.stats.Records++
		s.tell(raw, f)
	}
}

func (s *scanner) unquoted(text []byte) {
	var in string
	if json.Unmarshal(text, &in) != nil {
		s.stats.Lost++
		return
	}
	s.within([]byte(in))
}

func (s *scanner) within(raw []byte) {
	var f Fields
	if n, v := object(raw, &f); v != whole || n != len(bytes.TrimRight(raw, " \r\n\t")) {
		s.stats.Lost++
		return
	}
	s.record(raw, &f, false)
}

// Where a record is sure to begin, even behind what is broken: all of
// CloudTrail's own begin so, and so do lines.
var beginnings = [][]byte{[]byte(`{"eventVersion":`), []byte("\n{")}

// lose counts what cannot be read, and goes on where the next record begins.
func (s *scanner) lose() {
	s.stats.Lost++
	s.i++
	for {
		at := -1
		for _, b := range beginnings {
			if n := bytes.Index(s.buf[s.i:s.n], b); n >= 0 && (at < 0 || n < at) {
				at = n
			}
		}
		if at >= 0 {
			s.i += at
			return
		}
		s.i = max(s.i, s.n-len(beginnings[0]))
		if !s.fill() {
			s.i = s.n
			return
		}
	}
}
