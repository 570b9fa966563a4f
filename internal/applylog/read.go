package applylog

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
	"unicode/utf16"
)

// The bounds of what is held in memory: a longer line is read past, and the
// rest of the failures is not needed.
const (
	maxLine     = 1 << 20
	maxFailures = 1000
)

// ErrNothing is a file that holds nothing that Terraform says while it applies.
var ErrNothing = errors.New("no line of it says what terraform apply did to a resource")

// Read reads a log to its end. It returns ErrNothing, and the log, where no
// line is Terraform's word on a resource or an error.
func Read(r io.Reader) (*Log, error) {
	p := &reader{log: &Log{}}
	in := bufio.NewReaderSize(decoded(r), 64<<10)
	for {
		line, long, err := readLine(in)
		if len(line) > 0 || err == nil {
			p.log.Lines++
			if long {
				p.log.Odd++
			} else {
				p.line(string(line), 0)
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("reading the apply's log: %w", err)
		}
	}
	p.endFailure()
	p.log.Entries = p.record.sorted()
	if p.log.Events == 0 && len(p.log.Failures) == 0 && !p.log.Completed {
		return p.log, ErrNothing
	}
	return p.log, nil
}

// decoded turns UTF-16, which PowerShell writes when output is redirected, into
// UTF-8. All else passes as it is.
func decoded(r io.Reader) io.Reader {
	in := bufio.NewReader(r)
	mark, _ := in.Peek(2)
	little, big := bytes.Equal(mark, []byte{0xff, 0xfe}), bytes.Equal(mark, []byte{0xfe, 0xff})
	if !little && !big {
		return in
	}
	return &wide{in: in, big: big}
}

type wide struct {
	in   *bufio.Reader
	big  bool
	rest []byte
}

func (w *wide) Read(p []byte) (int, error) {
	for len(w.rest) == 0 {
		var units []uint16
		for len(units) < 4096 {
			var b [2]byte
			if _, err := io.ReadFull(w.in, b[:]); err != nil {
				if len(units) == 0 {
					if errors.Is(err, io.ErrUnexpectedEOF) {
						err = io.EOF
					}
					return 0, err
				}
				break
			}
			u := uint16(b[0]) | uint16(b[1])<<8
			if w.big {
				u = uint16(b[1]) | uint16(b[0])<<8
			}
			units = append(units, u)
			if u == '\n' {
				break
			}
		}
		w.rest = []byte(string(utf16.Decode(units)))
	}
	n := copy(p, w.rest)
	w.rest = w.rest[n:]
	return n, nil
}

// readLine reads up to a line break. long: it was cut at maxLine, and the rest
// is read past.
func readLine(in *bufio.Reader) (line []byte, long bool, err error) {
	for {
		part, err := in.ReadSlice('\n')
		if room := maxLine - len(line); room > 0 {
			line = append(line, part[:min(room, len(part))]...)
		}
		long = long || len(line) >= maxLine
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		return line, long, err
	}
}

// reader is what has been read so far.
type reader struct {
	log     *Log
	record  record
	failure *failing // the error block that the text form is in
}

// Colours, cursor moves, titles and links: CSI, OSC and two-character escapes.
var escapes = regexp.MustCompile("\x1b\\[[0-9;:?<=>]*[ -/]*[@-~]|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)|\x1b_[^\x07\x1b]*(?:\x07|\x1b\\\\)?|\x1b[@-Z\\\\^]")

// clean takes away what steers a terminal. Of a line that was written over
// several times only the last writing is kept.
func clean(s string) string {
	s = strings.TrimRight(s, "\r\n")
	if strings.ContainsRune(s, 0x1b) {
		s = escapes.ReplaceAllString(s, "")
	}
	s = strings.TrimRight(s, "\r")
	if i := strings.LastIndexByte(s, '\r'); i >= 0 {
		s = s[i+1:]
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f || r == 0xfeff {
			return -1
		}
		return r
	}, s)
}

// stamp is a time at the beginning of a line, where CI systems put it.
var stamp = regexp.MustCompile(`^(?:[\w./:-]{1,64}[ |]+)?[\[(<]{0,2}(?:time="?)?(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\d*( ?Z|[+-]\d\d:?\d\d)`)

func stamped(s string) time.Time {
	m := stamp.FindStringSubmatch(s[:min(len(s), 160)])
	if m == nil {
		return time.Time{}
	}
	zone := strings.TrimSpace(m[4])
	if zone != "Z" && len(zone) == 5 {
		zone = zone[:3] + ":" + zone[3:]
	}
	text := m[1] + "T" + m[2]
	if m[3] != "" {
		text += "." + m[3]
	}
	at, err := time.Parse(time.RFC3339Nano, text+zone)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

// time takes in that a line was written at a time.
func (p *reader) time(at time.Time) {
	if at.IsZero() {
		return
	}
	if p.log.First.IsZero() || at.Before(p.log.First) {
		p.log.First = at
	}
	if at.After(p.log.Last) {
		p.log.Last = at
	}
}

// line takes in one line. A container's own log keeps each line as JSON, so
// there may be one in the other, once.
func (p *reader) line(s string, depth int) {
	s = clean(s)
	if s == "" {
		return
	}
	at := stamped(s)
	p.time(at)
	if i := strings.Index(s, `{"`); i >= 0 && p.json(s[i:], at, depth) {
		return
	}
	p.text(s, at)
}
