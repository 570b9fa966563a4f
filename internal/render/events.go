package render

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"al.essio.dev/pkg/shellescape"

	"reconcile/internal/plan"
	"reconcile/providers"
)

// EventsTable writes a timeline for a person, a line a moment.
func EventsTable(w io.Writer, e *plan.Events, o Options) error {
	t := &page{o: o}
	t.line(bold, sessionLine(e.Session))
	t.line(faint, fmt.Sprintf("%s to %s, from %s", stamp(e.Window.Since), stamp(e.Window.Until), e.Source))
	t.gap()
	rows := [][]string{}
	for _, m := range e.Timeline {
		what := m.What
		if m.Address != "" {
			what += "  " + m.Address
		}
		if m.Kind == plan.OtherChanged || m.Kind == plan.LockTaken {
			what += "  by " + m.By
		}
		if m.Outcome != "" && m.Outcome != "not_known" {
			what += "  (" + strings.ReplaceAll(m.Outcome, "_", " ") + ")"
		}
		rows = append(rows, []string{m.Time.UTC().Format("2006-01-02 15:04:05Z"), string(m.Kind), what})
	}
	if len(rows) == 0 {
		t.line("", "nothing is known to have happened")
	}
	t.table(rows, math.MaxInt, func(i int) string {
		switch e.Timeline[i].Kind {
		case plan.Stopped, plan.CallRefused:
			return red
		case plan.LockTaken, plan.StateWritten, plan.SessionBegan, plan.SessionExpiry, plan.LogEnded:
			return faint
		}
		return ""
	})
	t.gaps(e.Incomplete)
	return t.write(w, "the events")
}

// gaps are the reasons why what was told is not all.
func (t *page) gaps(why []string) {
	if len(why) == 0 {
		return
	}
	t.gap()
	t.line(red, "*** INCOMPLETE: not everything could be seen ***")
	for _, s := range why {
		t.prose(red, "  - ", s)
	}
}

func (t *page) write(w io.Writer, what string) error {
	if _, err := w.Write(t.b.Bytes()); err != nil {
		return fmt.Errorf("writing %s: %w", what, err)
	}
	return nil
}

// EventsCSV writes a timeline for a spreadsheet. A cell that one could take for
// a formula begins with a quote.
func EventsCSV(w io.Writer, e *plan.Events) error {
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	rows := [][]string{{"time", "kind", "what", "call", "type", "id", "address", "outcome", "error_code", "by", "account", "region", "event_id"}}
	for _, m := range e.Timeline {
		rows = append(rows, []string{m.Time.UTC().Format(time.RFC3339), string(m.Kind), m.What, m.Call, m.Type, m.ID, m.Address, m.Outcome, m.Code, m.By, m.Account, m.Region, m.EventID})
	}
	for _, row := range rows {
		for i := range row {
			row[i] = cell(row[i])
		}
		_ = out.Write(row) // memory takes it
	}
	out.Flush()
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("writing the events: %w", err)
	}
	return nil
}

// cell is a text that no spreadsheet takes for a formula, and that is on one line.
func cell(s string) string {
	s = clean(s)
	if strings.ContainsAny(s[:min(1, len(s))], "=+-@'") || strings.HasPrefix(s, "＝") || strings.HasPrefix(s, "＋") || strings.HasPrefix(s, "－") || strings.HasPrefix(s, "＠") {
		return "'" + s
	}
	return s
}

// SessionsTable writes the sessions of a role for a person, and which of them
// most likely died.
func SessionsTable(w io.Writer, s *plan.Sessions, o Options) error {
	t := &page{o: o}
	t.line(bold, s.Role)
	t.line(faint, windowLine(s.Window))
	t.line(faint, fmt.Sprintf("from %s, %s: %s", s.Source, strings.Join(s.Regions, " "), count(s.Pages, "page")))
	if s.Lock.Status == "held" {
		t.line("", fmt.Sprintf("the lock %s was taken at %s by %s", s.Lock.ID, stamp(s.Lock.Created), s.Lock.Who))
	}
	t.gap()
	if len(s.Runs) == 0 {
		t.line("", "no session of the role is in the trail: check --role, --session, --since and the regions")
	}
	for _, r := range s.Runs {
		t.run(r, s.Likely)
	}
	if l := s.Likely; l != nil {
		t.gap()
		t.prose(bold, "", "> most likely died: "+strings.TrimSpace(l.Name+" ")+" ("+l.Why+")")
		t.whole("", "  reconcile plan --role "+shellescape.Quote(s.Role)+" --session "+shellescape.Quote(strings.Join(l.Keys, ",")))
	} else if len(s.Runs) > 1 {
		t.gap()
		t.prose(bold, "", "nothing tells which of them died: the lock's time (--dir) and the apply's log (--apply-log) would help")
	}
	t.gaps(s.Incomplete)
	return t.write(w, "the sessions")
}

func (t *page) run(r providers.Run, likely *plan.Likely) {
	mark, colour := "  ", ""
	if likely != nil && strings.Join(likely.Keys, ",") == strings.Join(r.KeyIDs(), ",") {
		mark, colour = "> ", bold
	}
	name := r.Name
	if name == "" {
		name = "(a user's key)"
	}
	if r.Subject != "" {
		name += "  for " + r.Subject
	}
	t.whole(colour, mark+name)
	for _, k := range r.Keys {
		t.whole("", "    key "+k.ID+keyLife(k))
	}
	if r.Continues != "" {
		t.whole("", "    the same run as key "+r.Continues+" with new credentials, or the next job of that name: if it is one, --session "+r.Continues+","+strings.Join(r.KeyIDs(), ","))
	}
	calls := fmt.Sprintf("    %s, %s, %s refused", count(r.Changes, "change"), count(r.Reads, "read"), fmt.Sprint(r.Refused))
	if r.Failed > 0 {
		calls += fmt.Sprintf(", %d failed", r.Failed)
	}
	if !r.Whole {
		calls += " (of those that were read)"
	}
	t.whole("", calls)
	if !r.First.IsZero() {
		t.whole("", "    first call "+stamp(r.First)+", last call "+stamp(r.Last))
	}
	if f := r.FirstRefused; f != nil {
		t.whole("", fmt.Sprintf("    first refused: %s %s (%s)", stamp(f.Time), f.Name, f.Code))
	}
	if f := r.Stopped; f != nil {
		t.whole(red, fmt.Sprintf("    nothing was answered any more from %s on: %s (%s)", stamp(f.Time), f.Name, f.Code))
	}
}

func keyLife(k providers.RunKey) string {
	switch {
	case k.Lasts:
		return ", has no end"
	case !k.Expires.IsZero():
		return ", from " + stamp(k.Issued) + " to " + stamp(k.Expires)
	case !k.Latest.IsZero():
		return ", from " + stamp(k.Issued) + " to " + stamp(k.Latest) + " at the latest"
	}
	return ""
}
