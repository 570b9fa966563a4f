package statefile

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
)

// source hashes and counts what is read.
type source struct {
	r     io.Reader
	sum   hash.Hash
	bytes int64
	lines int64
	err   error // of r, other than io.EOF
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.sum.Write(p[:n])
	s.bytes += int64(n)
	s.lines += int64(bytes.Count(p[:n], []byte{'\n'}))
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// document is one JSON document, read a value at a time.
type document struct {
	src  *source
	buf  *bufio.Reader
	dec  *json.Decoder
	base int64 // bytes before the document

	instances []Instance
	each      func(Instance) // takes each instance instead of instances, nil to keep them
	intern    map[string]string
	attrs     json.RawMessage // scratch
	compacted bytes.Buffer    // scratch
}

func newDocument(r io.Reader) *document {
	src := &source{r: r, sum: sha256.New()}
	return &document{src: src, buf: bufio.NewReaderSize(src, 64<<10), intern: map[string]string{}}
}

// maxPreamble bounds the search for the document.
const maxPreamble = 1 << 20

// start finds the document: the first line that begins with "{".
func (d *document) start() error {
	head, _ := d.buf.Peek(4)
	for magic, problem := range map[string]Problem{
		"\x1f\x8b": ErrCompressed, "PK\x03\x04": ErrPlanFile, "PK\x05\x06": ErrPlanFile,
		"\xff\xfe": ErrEncoding, "\xfe\xff": ErrEncoding, "{\x00": ErrEncoding, "\x00{": ErrEncoding,
	} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return &Error{Problem: problem}
		}
	}
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		d.discard(3)
	}
	first, lineStart := true, true
	for d.base < maxPreamble {
		c, err := d.buf.ReadByte()
		if err != nil {
			if first {
				return &Error{Problem: ErrEmpty}
			}
			return &Error{Problem: ErrNotJSON}
		}
		d.base++
		switch {
		case c == '\n':
			lineStart = true
			continue
		case c == ' ' || c == '\t' || c == '\r':
			continue
		case first && c == '[':
			return &Error{Problem: ErrNotState}
		case lineStart && c == '{' && d.opensObject():
			d.base--
			d.dec = json.NewDecoder(io.MultiReader(strings.NewReader("{"), d.buf))
			return nil
		}
		first, lineStart = false, false
	}
	return &Error{Problem: ErrNotJSON}
}

// opensObject looks past "{": a warning may quote a line of configuration that
// is only a brace.
func (d *document) opensObject() bool {
	ahead, _ := d.buf.Peek(512)
	ahead = bytes.TrimLeft(ahead, " \t\r\n")
	return len(ahead) == 0 || ahead[0] == '"' || ahead[0] == '}'
}

func (d *document) discard(n int) {
	m, _ := d.buf.Discard(n)
	d.base += int64(m)
}

// finish reads to the end, so that the hash and the size are those of the
// whole input.
func (d *document) finish() error {
	rest := bufio.NewReader(io.MultiReader(d.dec.Buffered(), d.buf))
	for {
		c, err := rest.ReadByte()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if c == '{' || c == '[' {
			return &Error{Problem: ErrSecondValue}
		}
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			break
		}
	}
	_, err := io.Copy(io.Discard, rest)
	return err
}

// object calls field for each key of the object that comes next. field reads
// the value.
func (d *document) object(field func(key string) error) error {
	if err := d.open('{', "an object"); err != nil {
		return err
	}
	for d.dec.More() {
		tok, err := d.dec.Token()
		if err != nil {
			return err
		}
		key, ok := tok.(string)
		if !ok {
			return d.malformed("a key is not a string")
		}
		if err := field(key); err != nil {
			return err
		}
	}
	_, err := d.dec.Token()
	return err
}

// array calls element for each element of the array that comes next, which
// may be null. element reads the value.
func (d *document) array(what string, element func() error) error {
	tok, err := d.dec.Token()
	if err != nil {
		return err
	}
	if tok == nil {
		return nil
	}
	if tok != json.Delim('[') {
		return d.malformed(what + " is not a list")
	}
	for d.dec.More() {
		if err := element(); err != nil {
			return err
		}
	}
	_, err = d.dec.Token()
	return err
}

func (d *document) open(delim json.Delim, what string) error {
	tok, err := d.dec.Token()
	if err != nil {
		return err
	}
	if tok != delim {
		return d.malformed("something else stands where " + what + " belongs")
	}
	return nil
}

// decode reads one value. what names it in messages.
func (d *document) decode(v any, what string) error {
	err := d.dec.Decode(v)
	if bad, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if bad.Field != "" {
			what = bad.Field
		}
		return d.malformed(what + " has the wrong type")
	}
	return err
}

// skip passes over one value, one level at a time so that a large output is
// not held as a whole.
func (d *document) skip() error {
	tok, err := d.dec.Token()
	if err != nil {
		return err
	}
	delim, ok := tok.(json.Delim)
	if !ok {
		return nil
	}
	for d.dec.More() {
		if delim == '{' {
			if _, err := d.dec.Token(); err != nil {
				return err
			}
		}
		if err := d.dec.Decode(&skipped{}); err != nil {
			return err
		}
	}
	_, err = d.dec.Token()
	return err
}

type skipped struct{}

// UnmarshalJSON drops the value.
func (*skipped) UnmarshalJSON([]byte) error { return nil }

// malformed is an error at the place that was read last.
func (d *document) malformed(detail string) error {
	line, offset := d.place()
	return &Error{Problem: ErrMalformed, Line: line, Offset: offset, Detail: detail}
}

// place returns the line (from 1) and the byte offset of what comes next.
func (d *document) place() (line, offset int64) {
	unread, _ := d.buf.Peek(d.buf.Buffered())
	ahead := d.ahead()
	line = d.src.lines + 1 - int64(bytes.Count(unread, []byte{'\n'})) - int64(bytes.Count(ahead, []byte{'\n'}))
	return line, d.base + d.dec.InputOffset()
}

// ahead returns what the decoder has read and not used.
func (d *document) ahead() []byte {
	b, _ := io.ReadAll(d.dec.Buffered())
	return b
}

// explain turns an error of the decoder into one for a person. The decoder's
// own text may quote the input, so none of it is kept.
func (d *document) explain(name string, err error) error {
	if d.src.err != nil {
		return fmt.Errorf("reading %s: %w", name, d.src.err)
	}
	if e, ok := errors.AsType[*Error](err); ok {
		e.Name = name
		return e
	}
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return &Error{Problem: ErrCutOff, Name: name, Line: d.src.lines + 1, Offset: d.src.bytes}
	}
	line, offset := d.place()
	ahead := d.ahead()
	var value json.RawMessage
	if bad, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(ahead, &value)); ok && bad.Offset > 0 {
		n := min(bad.Offset-1, int64(len(ahead)))
		line += int64(bytes.Count(ahead[:n], []byte{'\n'}))
		offset += n
	}
	return &Error{Problem: ErrNotJSON, Name: name, Line: line, Offset: offset, Detail: "JSON does not allow this character here"}
}
