package applylog

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"reconcile/internal/statefile"
)

// word is what Terraform says of a resource after its address.
var word = regexp.MustCompile(`: (?:(Creat|Modify|Destroy|Import|Read|Refresh)ing(?: state)?\.\.\.|Still (creat|modify|destroy|read)ing\.\.\.|` +
	`(Creation|Modifications|Destruction|Read) complete after [0-9][0-9a-zµ.]*|(Import) complete)`)

var meanings = map[string]struct {
	action Action
	phase  phase
}{
	"Creat": {Create, begins}, "Modify": {Update, begins}, "Destroy": {Delete, begins}, "Import": {Import, begins}, "Read": {"", looks}, "Refresh": {"", looks},
	"creat": {Create, goesOn}, "modify": {Update, goesOn}, "destroy": {Delete, goesOn}, "read": {"", looks},
	"Creation": {Create, ends}, "Modifications": {Update, ends}, "Destruction": {Delete, ends},
}

// text takes in a line of the text form. Two writers of one stream may have run
// their words together in it.
func (p *reader) text(s string, at time.Time) {
	found := word.FindAllStringSubmatchIndex(s, -1)
	from := 0
	for n, m := range found {
		e := event{}
		for g := 1; g <= 4; g++ {
			if m[2*g] < 0 {
				continue
			}
			name := s[m[2*g]:m[2*g+1]]
			e.action, e.phase = meanings[name].action, meanings[name].phase
			switch {
			case g == 3 && name == "Read":
				e.phase = looks
			case g == 4:
				e.action, e.phase = Import, ends
			}
		}
		before, after := s[from:m[0]], s[m[1]:]
		if n+1 < len(found) {
			after = s[m[1]:found[n+1][0]]
		}
		from = m[1]
		address, deposed := addressAt(before)
		if address == "" {
			p.log.Odd++
			continue
		}
		e.address, e.deposed, e.id = address, deposed, idIn(after, n+1 == len(found))
		if strings.HasPrefix(address, "data.") || strings.Contains(address, ".data.") {
			e.phase = looks
		}
		p.endFailure()
		p.log.Events++
		p.record.add(e, at, p.log.Lines)
	}
	if len(found) == 0 {
		p.diagnostic(s)
	}
}

var deposed = regexp.MustCompile(` \((?:deposed object|destroy deposed) ([0-9a-z]{8})\)$`)

// addressAt finds the address that a text ends with, in Terraform's one
// spelling, "" for none. What stands before it is of no interest: time stamps,
// module names, containers.
func addressAt(s string) (address, key string) {
	if m := deposed.FindStringSubmatchIndex(s); m != nil {
		s, key = s[:m[0]], s[m[2]:m[3]]
	}
	const most = 1024
	if len(s) > most {
		s = s[len(s)-most:]
		for len(s) > 0 && !utf8.RuneStart(s[0]) {
			s = s[1:]
		}
	}
	for i := 0; i < len(s); i++ {
		if !letter(s[i]) || (i > 0 && inWord(s[i-1]) && !(s[i-1] == 'm' && bareColour.MatchString(s[max(0, i-5):i]))) {
			continue
		}
		if a, err := statefile.ParseAddress(s[i:]); err == nil && strings.Contains(a.Type, "_") {
			return a.String(), key
		}
	}
	return "", ""
}

// bareColour is a colour whose escape character something dropped.
var bareColour = regexp.MustCompile(`\[[0-9]{1,3}m$`)

// Provider types have an underscore; "error.log" is no address.
func letter(c byte) bool { return c >= 'a' && c <= 'z' }

func inWord(c byte) bool {
	return letter(c) || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.' || c == '"' || c == '[' || c >= 0x80
}

// idIn reads "[id=…]" right after Terraform's word. An id may hold brackets
// itself; where others wrote behind it, it is not told apart.
func idIn(s string, last bool) string {
	s, ok := strings.CutPrefix(s, " [id=")
	if !ok {
		return ""
	}
	s = strings.TrimRight(s, " ")
	end := strings.IndexByte(s, ']')
	if last && strings.HasSuffix(s, "]") {
		end = len(s) - 1
	}
	if end < 0 {
		return ""
	}
	id := s[:end]
	if i := strings.LastIndex(id, ", "); i >= 0 && strings.HasSuffix(id, " elapsed") {
		id = id[:i]
	}
	// Terraform cuts long ids in the middle for the reader.
	if utf8.RuneCountInString(id) >= 79 && strings.Contains(id, "...") {
		return ""
	}
	return id
}
