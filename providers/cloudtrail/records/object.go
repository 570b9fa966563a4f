package records

import "bytes"

// Fields are those of a record's own that can be had without decoding it: the
// raw bytes, nil where there are none. Strings are without their quotes.
type Fields struct {
	Name, Source, Time, Region, Recipient []byte
	ReadOnly                              []byte // true or false, with or without quotes
	Identity                              []byte // the whole of userIdentity
	Failed                                bool   // there is an error code
	// Odd: something is spelled so that the fields may not be what decoding
	// the record would find.
	Odd bool

	inner          []byte // the record that this is the envelope of
	event, message []byte // the same, as a JSON string: LookupEvents' and CloudWatch's
	digest         bool   // a digest file: it describes files, and is no record
}

// verdict is how the scan of an object ended.
type verdict int

const (
	whole   verdict = iota // the object ended
	more                   // the bytes ended first
	wrapper                // it is no record: the list that it wraps begins here
	broken                 // this cannot be JSON
)

// Classes of bytes outside of strings.
const (
	bad = iota
	other
	quote
	opens
	closes
	comma
	colon
)

var classes = func() (t [256]uint8) {
	for _, c := range []byte(" \t\r\n0123456789+-.eEtruefalsn") {
		t[c] = other
	}
	t['"'], t['{'], t['['], t['}'], t[']'], t[','], t[':'] = quote, opens, opens, closes, closes, comma, colon
	return t
}()

// object scans the object at the start of b. Where it ends whole, n is its
// length; where it is a wrapper, n is behind the bracket of the list.
func object(b []byte, f *Fields) (n int, v verdict) {
	*f = Fields{}
	depth := 0
	var key []byte // of the value that follows, at depth 1
	isKey := false // the next string at depth 1 is one
	begun := 0     // where the value of a key at depth 1 begins
	for i := 0; i < len(b); i++ {
		switch classes[b[i]] {
		case other:
		case quote:
			end := text(b, i+1)
			if end < 0 {
				return 0, more
			}
			if depth == 1 && isKey {
				key, isKey = b[i+1:end], false
			}
			i = end
		case opens:
			if depth == 1 && b[i] == '[' && lists(key) {
				return i + 1, wrapper
			}
			depth++
			isKey = depth == 1 && b[i] == '{'
		case closes:
			depth--
			if depth == 0 {
				if b[i] != b[0]+2 { // } is { + 2, and ] is [ + 2
					return i, broken
				}
				f.set(key, b[begun:i])
				return i + 1, whole
			}
		case comma:
			if depth == 1 {
				f.set(key, b[begun:i])
				key, isKey = nil, true
			}
		case colon:
			if depth == 1 {
				begun = i + 1
			}
		default:
			return i, broken
		}
	}
	return 0, more
}

// text is where the string that begins at i ends: its closing quote, -1 if
// that is not in b.
func text(b []byte, i int) int {
	for from := i; ; {
		n := bytes.IndexByte(b[from:], '"')
		if n < 0 {
			return -1
		}
		end := from + n
		escapes := 0
		for k := end - 1; k >= i && b[k] == '\\'; k-- {
			escapes++
		}
		if escapes%2 == 0 {
			return end
		}
		from = end + 1
	}
}

func lists(key []byte) bool { return string(key) == "Records" || string(key) == "Events" }

// names are the fields that count, to find those that are spelled oddly.
var names = [][]byte{[]byte("eventName"), []byte("eventSource"), []byte("eventTime"), []byte("awsRegion"), []byte("recipientAccountId"),
	[]byte("readOnly"), []byte("userIdentity"), []byte("errorCode")}

func (f *Fields) set(key, value []byte) {
	if key == nil {
		return
	}
	switch string(key) {
	case "eventName":
		f.Name = f.plain(value)
	case "eventSource":
		f.Source = f.plain(value)
	case "eventTime":
		f.Time = f.plain(value)
	case "awsRegion":
		f.Region = f.plain(value)
	case "recipientAccountId":
		f.Recipient = f.plain(value)
	case "readOnly":
		f.ReadOnly = bytes.Trim(bytes.TrimSpace(value), `"`)
	case "userIdentity":
		f.Identity = bytes.TrimSpace(value)
		f.Odd = f.Odd || bytes.IndexByte(value, '\\') >= 0
	case "detail":
		if v := bytes.TrimSpace(value); len(v) > 0 && v[0] == '{' {
			f.inner = v
		}
	case "CloudTrailEvent":
		f.event = quoted(value)
	case "message":
		f.message = quoted(value)
	case "errorCode":
		f.Failed = string(bytes.TrimSpace(value)) != "null"
	case "digestStartTime":
		f.digest = true
	default:
		if bytes.IndexByte(key, '\\') >= 0 {
			f.Odd = true
			return
		}
		for _, name := range names {
			if len(key) == len(name) && bytes.EqualFold(key, name) {
				f.Odd = true
			}
		}
	}
}

func quoted(value []byte) []byte {
	if v := bytes.TrimSpace(value); len(v) > 0 && v[0] == '"' {
		return v
	}
	return nil
}

// plain is the text of a string that needs no decoding.
func (f *Fields) plain(value []byte) []byte {
	value = bytes.TrimSpace(value)
	if len(value) < 2 || value[0] != '"' || bytes.IndexByte(value, '\\') >= 0 {
		f.Odd = true
		return nil
	}
	return value[1 : len(value)-1]
}
