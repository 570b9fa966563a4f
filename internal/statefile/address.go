package statefile

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Address is the address of one resource instance.
type Address struct {
	Module string // `module.a["k"].module.b`, "" in the root
	Mode   string // Managed or Data
	Type   string
	Name   string
	Key    any // nil, float64 or string
}

// String spells the address as Terraform prints it.
func (a Address) String() string { return FormatAddress(a.Module, a.Mode, a.Type, a.Name, a.Key) }

// FormatAddress spells an address as Terraform prints it. key is nil, a
// whole number (float64 or int) or a string.
func FormatAddress(module, mode, typ, name string, key any) string {
	var b strings.Builder
	if module != "" {
		b.WriteString(module)
		b.WriteByte('.')
	}
	if mode == Data {
		b.WriteString("data.")
	}
	b.WriteString(typ)
	b.WriteByte('.')
	b.WriteString(name)
	writeKey(&b, key)
	return b.String()
}

func writeKey(b *strings.Builder, key any) {
	switch k := key.(type) {
	case nil:
	case string:
		b.WriteByte('[')
		writeQuoted(b, k)
		b.WriteByte(']')
	case float64:
		b.WriteString("[" + strconv.FormatFloat(k, 'f', -1, 64) + "]")
	default:
		fmt.Fprintf(b, "[%v]", k)
	}
}

// writeQuoted follows toHCLQuotedString of Terraform's
// internal/addrs/instance_key.go.
func writeQuoted(b *strings.Builder, s string) {
	b.WriteByte('"')
	for i, r := range s {
		switch r {
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		case '"':
			b.WriteString(`\"`)
		case '\\':
			b.WriteString(`\\`)
		case '$', '%':
			b.WriteRune(r)
			if strings.HasPrefix(s[i+1:], "{") {
				b.WriteRune(r)
			}
		default:
			switch {
			case unicode.IsPrint(r):
				b.WriteRune(r)
			case r < 0x10000:
				fmt.Fprintf(b, `\u%04x`, r)
			default:
				fmt.Fprintf(b, `\U%08x`, r)
			}
		}
	}
	b.WriteByte('"')
}

// AddressError says where an address stops making sense.
type AddressError struct {
	Address string
	At      int // byte offset, from 0
	Why     string
}

func (e *AddressError) Error() string {
	return fmt.Sprintf("the address %q, character %d: %s", e.Address, e.Character(), e.Why)
}

// Character is where that is, from 1.
func (e *AddressError) Character() int { return utf8.RuneCountInString(e.Address[:e.At]) + 1 }

// Hint says what a valid address looks like.
func (e *AddressError) Hint() string {
	return `write the address as "terraform state list" prints it, for example module.net["a"].aws_subnet.this[0]`
}

// ParseAddress reads the address of a resource instance as Terraform prints
// it: modules with keys, "data.", count and for_each keys. It returns an
// *AddressError.
func ParseAddress(s string) (Address, error) {
	p := &parser{s: s}
	a, err := p.instance()
	if err == nil && p.at != len(s) {
		err = p.fail("nothing may follow the instance")
	}
	if err != nil {
		return Address{}, err
	}
	return a, nil
}

// CutAddress reads the address that a text begins with, and returns what
// follows it. Keys may hold anything, so no separator can be looked for.
func CutAddress(s string) (Address, string, error) {
	p := &parser{s: s}
	a, err := p.instance()
	if err != nil {
		return Address{}, "", err
	}
	return a, s[p.at:], nil
}

func (p *parser) instance() (Address, error) {
	module, err := p.modules()
	if err != nil {
		return Address{}, err
	}
	a := Address{Module: module, Mode: Managed}
	if p.skip("data.") {
		a.Mode = Data
	}
	if a.Type, err = p.name("resource type"); err != nil {
		return Address{}, err
	}
	if reserved(a.Type) {
		return Address{}, p.fail("a resource type is missing")
	}
	if !p.skip(".") {
		return Address{}, p.fail("a resource name is missing")
	}
	if a.Name, err = p.name("resource name"); err != nil {
		return Address{}, err
	}
	if a.Key, err = p.key(); err != nil {
		return Address{}, err
	}
	return a, nil
}

// parseModule reads `module.a["k"].module.b` and returns its one spelling.
func parseModule(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	// modules expects the dot that a resource would follow.
	p := &parser{s: s + "."}
	module, err := p.modules()
	if err != nil {
		return "", err
	}
	if p.at != len(p.s) {
		return "", p.fail("not a module")
	}
	return module, nil
}

func reserved(typ string) bool { return typ == "module" || typ == Data }

func validName(s string) bool { return s != "" && hclsyntax.ValidIdentifier(s) }

type parser struct {
	s  string
	at int
}

func (p *parser) fail(why string) error {
	return &AddressError{Address: p.s, At: p.at, Why: why}
}

func (p *parser) skip(text string) bool {
	if !strings.HasPrefix(p.s[p.at:], text) {
		return false
	}
	p.at += len(text)
	return true
}

// modules reads any number of "module.NAME[KEY]." and returns them without
// the last dot.
func (p *parser) modules() (string, error) {
	var b strings.Builder
	for p.skip("module.") {
		name, err := p.name("module name")
		if err != nil {
			return "", err
		}
		key, err := p.key()
		if err != nil {
			return "", err
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString("module." + name)
		writeKey(&b, key)
		if !p.skip(".") {
			return "", p.fail("a resource must follow the module")
		}
	}
	return b.String(), nil
}

func (p *parser) name(what string) (string, error) {
	rest := p.s[p.at:]
	if end := strings.IndexAny(rest, ".[="); end >= 0 {
		rest = rest[:end]
	}
	if !validName(rest) {
		return "", p.fail("not a valid " + what)
	}
	p.at += len(rest)
	return rest, nil
}

// key reads an instance key, if there is one.
func (p *parser) key() (any, error) {
	if !p.skip("[") {
		return nil, nil
	}
	var key any
	var err error
	if p.skip(`"`) {
		key, err = p.quoted()
	} else {
		key, err = p.index()
	}
	if err != nil {
		return nil, err
	}
	if !p.skip("]") {
		return nil, p.fail(`"]" is missing`)
	}
	return key, nil
}

// maxIndex keeps an index exact in a float64.
const maxIndex = 1 << 53

func (p *parser) index() (float64, error) {
	end := p.at
	for end < len(p.s) && p.s[end] >= '0' && p.s[end] <= '9' {
		end++
	}
	digits := p.s[p.at:end]
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || n > maxIndex || (len(digits) > 1 && digits[0] == '0') {
		return 0, p.fail("a key is a quoted string or a whole number")
	}
	p.at = end
	return float64(n), nil
}

// quoted reads a quoted string, its opening quote already read.
func (p *parser) quoted() (string, error) {
	var b strings.Builder
	for p.at < len(p.s) {
		r, size := utf8.DecodeRuneInString(p.s[p.at:])
		switch {
		case r == utf8.RuneError && size == 1:
			return "", p.fail("not valid UTF-8")
		case r == '"':
			p.at++
			return b.String(), nil
		case r == '\n' || r == '\r':
			return "", p.fail(`a line break in a key is written \n or \r`)
		case r == '\\':
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			b.WriteRune(r)
		case r == '$' || r == '%':
			// A run of n signs before "{" stands for n-1 signs: the last one
			// is doubled so that "{" does not open a template.
			n := 0
			for p.at+n < len(p.s) && p.s[p.at+n] == byte(r) {
				n++
			}
			if strings.HasPrefix(p.s[p.at+n:], "{") {
				if n == 1 {
					return "", p.fail(`"${" and "%{" in a key are written "$${" and "%%{"`)
				}
				b.WriteString(p.s[p.at : p.at+n-1])
			} else {
				b.WriteString(p.s[p.at : p.at+n])
			}
			p.at += n
		default:
			b.WriteRune(r)
			p.at += size
		}
	}
	return "", p.fail("the closing quote is missing")
}

func (p *parser) escape() (rune, error) {
	rest := p.s[p.at:]
	if len(rest) > 1 {
		if at := strings.IndexByte(`nrt"\`, rest[1]); at >= 0 {
			p.at += 2
			return rune("\n\r\t\"\\"[at]), nil
		}
		size := map[byte]int{'u': 4, 'U': 8}[rest[1]]
		if size > 0 && len(rest) >= 2+size {
			n, err := strconv.ParseUint(rest[2:2+size], 16, 32)
			if err == nil && utf8.ValidRune(rune(n)) {
				p.at += 2 + size
				return rune(n), nil
			}
		}
	}
	return 0, p.fail(`an escape is \n, \r, \t, \", \\, \uXXXX or \UXXXXXXXX`)
}
