package applylog

import (
	"regexp"
	"strings"

	"reconcile/internal/statefile"
)

var (
	requestID = regexp.MustCompile(`(?i)request ?id: ?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})`)
	operation = regexp.MustCompile(`operation error ([A-Za-z0-9 ]{1,40}): ([A-Za-z0-9]{1,80})\b`)
	errorCode = regexp.MustCompile(`api error ([A-Za-z][A-Za-z0-9.]{2,63})`)
	heading   = regexp.MustCompile(`(?:^|[\s|│])(Error|Warning): `)
	withLine  = regexp.MustCompile(`(?:^|[\s|│])with (.+),$`)
	completed = regexp.MustCompile(`(?:^|\s)(?:Apply|Destroy) complete! Resources: \d+ `)
)

// failing is an error block of the text form while it is read.
type failing struct {
	text    strings.Builder
	address string
	line    int
}

const maxFailing = 8 << 10

// diagnostic takes in a line that is no word on a resource: it may belong to an
// error.
func (p *reader) diagnostic(s string) {
	if completed.MatchString(s) {
		p.log.Completed = true
	}
	if m := heading.FindStringSubmatch(s); m != nil {
		p.endFailure()
		if m[1] == "Error" {
			p.failure = &failing{line: p.log.Lines}
		}
	}
	if p.failure == nil {
		return
	}
	body := strings.TrimRight(s, " │")
	if strings.HasSuffix(s, "╵") {
		p.endFailure()
		return
	}
	if m := withLine.FindStringSubmatch(body); m != nil && p.failure.address == "" {
		if a, err := statefile.ParseAddress(m[1]); err == nil {
			p.failure.address = a.String()
		}
	}
	if p.failure.text.Len() < maxFailing {
		// A line that was wrapped is one line.
		if _, after, boxed := strings.Cut(body, "│"); boxed {
			body = after
		}
		p.failure.text.WriteString(" " + strings.TrimSpace(body))
	}
}

func (p *reader) endFailure() {
	if f := p.failure; f != nil {
		p.fail(failureOf(f.address, f.text.String(), f.line))
	}
	p.failure = nil
}

func (p *reader) fail(f Failure) {
	// One that names nothing tells nothing.
	if f.Address+f.RequestID+f.Code != "" && len(p.log.Failures) < maxFailures {
		p.log.Failures = append(p.log.Failures, f)
	}
}

func failureOf(address, text string, line int) Failure {
	f := Failure{Line: line}
	if a, err := statefile.ParseAddress(address); err == nil {
		f.Address = a.String()
	}
	text = strings.Join(strings.Fields(text), " ")
	if m := requestID.FindStringSubmatch(text); m != nil {
		f.RequestID = strings.ToLower(m[1])
	}
	if m := operation.FindStringSubmatch(text); m != nil {
		f.Call = m[2]
	}
	if m := errorCode.FindStringSubmatch(text); m != nil {
		f.Code = strings.TrimRight(m[1], ".")
	}
	return f
}
