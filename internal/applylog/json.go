package applylog

import (
	"encoding/json"
	"strings"
	"time"

	"reconcile/internal/statefile"
)

// message is one line of apply -json, or a container's wrapping of a line.
type message struct {
	Level     string    `json:"@level"`
	Timestamp time.Time `json:"@timestamp"`
	Type      string    `json:"type"`
	Hook      struct {
		Resource struct {
			Addr string `json:"addr"`
		} `json:"resource"`
		Action  Action `json:"action"`
		IDKey   string `json:"id_key"`
		IDValue string `json:"id_value"`
	} `json:"hook"`
	Diagnostic struct {
		Severity string `json:"severity"`
		Summary  string `json:"summary"`
		Detail   string `json:"detail"`
		Address  string `json:"address"`
	} `json:"diagnostic"`
	Changes struct {
		Operation string `json:"operation"`
	} `json:"changes"`

	Log  *string `json:"log"`
	Time string  `json:"time"`
}

var phases = map[string]phase{"apply_start": begins, "apply_progress": goesOn, "apply_complete": ends, "apply_errored": fails,
	"refresh_start": looks, "refresh_complete": looks}

// json takes in a line of JSON, and several that were run together, with text
// between them or cut off in the middle. It reports false where the line is
// something else.
func (p *reader) json(s string, at time.Time, depth int) bool {
	known := strings.HasPrefix(s, `{"@`)
	for s != "" {
		dec := json.NewDecoder(strings.NewReader(s))
		for {
			from := int(dec.InputOffset())
			var m message
			if err := dec.Decode(&m); err != nil {
				s = strings.TrimSpace(s[min(from, len(s)):])
				break
			}
			switch {
			case m.Level != "":
				p.message(m, at)
			case m.Log != nil && depth == 0:
				when, _ := time.Parse(time.RFC3339Nano, m.Time)
				p.time(when.UTC())
				p.line(*m.Log, depth+1)
			case !known:
				return false
			}
			known = true
		}
		if !known {
			return false
		}
		next := strings.Index(s, `{"@`)
		switch {
		case s == "":
		case next == 0: // cut off, most likely; what was written into it may be whole
			p.log.Odd++
			if next = strings.Index(s[1:], `{"@`); next >= 0 {
				next++
			}
		case next > 0:
			p.text(s[:next], at)
		default:
			p.text(s, at)
		}
		if next < 0 {
			break
		}
		s = s[next:]
	}
	return true
}

func (p *reader) message(m message, at time.Time) {
	p.time(m.Timestamp.UTC())
	if !m.Timestamp.IsZero() {
		at = m.Timestamp.UTC()
	}
	switch {
	case m.Type == "change_summary":
		p.log.Completed = p.log.Completed || m.Changes.Operation == "apply" || m.Changes.Operation == "destroy"
	case m.Type == "diagnostic" && m.Diagnostic.Severity == "error":
		p.fail(failureOf(m.Diagnostic.Address, m.Diagnostic.Summary+" "+m.Diagnostic.Detail, p.log.Lines))
	}
	ph, ok := phases[m.Type]
	if !ok {
		return
	}
	a, err := statefile.ParseAddress(m.Hook.Resource.Addr)
	switch {
	case err != nil:
		p.log.Odd++
		return
	case a.Mode != statefile.Managed:
		ph = looks
	}
	e := event{address: a.String(), action: m.Hook.Action, phase: ph}
	switch e.action {
	case Create, Update, Delete, Import:
	default:
		e.phase = looks
	}
	if m.Hook.IDKey == "id" {
		e.id = m.Hook.IDValue
	}
	p.log.Events++
	p.record.add(e, at, p.log.Lines)
}
