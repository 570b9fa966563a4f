package render

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"reconcile/internal/compare"
	"reconcile/internal/jsontext"
	"reconcile/internal/plan"
	"reconcile/providers"
)

// maxChanges is how many rows of one kind of change are shown.
const maxChanges = 30

// DiffJSON writes a comparison as JSON.
func DiffJSON(w io.Writer, d *compare.Diff) error {
	if err := jsontext.Write(w, d); err != nil {
		return fmt.Errorf("writing the comparison as JSON: %w", err)
	}
	return nil
}

// DiffText writes a comparison for a person: + came, - went, ~ changed.
func DiffText(w io.Writer, d *compare.Diff, o Options) error {
	t := &page{o: o}
	side := func(name string, s compare.Side) {
		t.prose("", "  "+name+"  ", fmt.Sprintf("%s, %s, serial %d: %s, %s, %s", cmp.Or(s.Incident, "no incident"), stamp(s.GeneratedAt), s.Serial,
			s.Verdict, count(s.Steps, "step"), count(s.Questions, "question")))
	}
	if d.Same {
		t.line(green, "the same: both reports say the same of the state and of AWS")
	} else {
		t.line(yellow, "different: "+summary(d))
	}
	t.gap()
	side("A", d.A)
	side("B", d.B)
	if len(d.Facts) > 0 {
		t.heading("facts")
		var rows [][]string
		for _, f := range d.Facts {
			rows = append(rows, []string{"~", f.Name, cmp.Or(f.A, "none") + " → " + cmp.Or(f.B, "none")})
		}
		t.table(rows, maxChanges, plain)
	}
	list(t, "incomplete", d.Incomplete, func(s string) (string, string) { return s, "" }, nil)
	list(t, "findings", d.Findings, func(f plan.Finding) (string, string) {
		return string(f.Status) + " " + cmp.Or(f.Address, f.Type) + deposed(f.Deposed), f.ID
	}, func(field string, a, b plan.Finding) string {
		switch field {
		case "status":
			return turn(string(a.Status), string(b.Status))
		case "id":
			return "id " + turn(a.ID, b.ID)
		case "by":
			return "by " + turn(a.By, b.By)
		}
		return field
	})
	list(t, "steps", d.Actions, func(a plan.Action) (string, string) {
		return strings.ReplaceAll(string(a.Op), "_", " ") + " " + cmp.Or(a.Address, erroredFile), a.ID
	}, func(field string, a, b plan.Action) string {
		if field == "id" {
			return "id " + turn(a.ID, b.ID)
		}
		return field
	})
	if d.Reordered {
		t.prose(yellow, "  ", "the steps that both have come in another order")
	}
	list(t, "removals held back", d.Held, func(s string) (string, string) { return s, "" }, nil)
	t.settled(d)
	list(t, "coverage", d.Coverage, func(c providers.Coverage) (string, string) {
		return strings.TrimSpace(c.Type + " " + c.Place.String() + " " + c.Action), string(c.Status)
	}, func(field string, a, b providers.Coverage) string {
		if field == "status" {
			return turn(string(a.Status), string(b.Status))
		}
		return field
	})
	list(t, "calls of the session", d.Calls, func(m plan.Accounted) (string, string) {
		return stamp(m.Time) + " " + m.Name + " " + m.Outcome, cmp.Or(m.Address, m.EventID)
	}, func(field string, a, b plan.Accounted) string {
		if field == "outcome" {
			return turn(a.Outcome, b.Outcome)
		}
		return field
	})
	if _, err := w.Write(t.b.Bytes()); err != nil {
		return fmt.Errorf("writing the comparison: %w", err)
	}
	return nil
}

func turn(a, b string) string { return cmp.Or(a, "none") + " → " + cmp.Or(b, "none") }

func summary(d *compare.Diff) string {
	var parts []string
	for _, c := range []struct {
		n    int
		noun string
	}{{len(d.Facts), "fact"}, {len(d.Findings), "finding"}, {len(d.Actions), "step"}, {len(d.Questions), "question"},
		{len(d.Held), "removal"}, {len(d.Coverage), "listing"}, {len(d.Calls), "call"}, {len(d.Incomplete), "reason"}} {
		if c.n > 0 {
			parts = append(parts, count(c.n, c.noun))
		}
	}
	if d.Reordered {
		parts = append(parts, "the order of the steps")
	}
	return strings.Join(parts, ", ")
}

func signOf(change string) (sign, colour string) {
	switch change {
	case compare.Came:
		return "+", green
	case compare.Went:
		return "-", red
	}
	return "~", yellow
}

// list writes the changes of one kind. what names a thing by two columns; how
// says what one field's change is.
func list[T any](t *page, title string, all []compare.Change[T], what func(T) (string, string), how func(field string, a, b T) string) {
	if len(all) == 0 {
		return
	}
	t.heading(title)
	var rows [][]string
	var colours []string
	for _, c := range all {
		sign, colour := signOf(c.Change)
		of := c.B
		if of == nil {
			of = c.A
		}
		name, more := what(*of)
		if c.Change == compare.Changed && how != nil {
			var parts []string
			for _, f := range c.Fields {
				parts = append(parts, how(f, *c.A, *c.B))
			}
			more = strings.Join(parts, ", ")
		}
		rows, colours = append(rows, []string{sign, name, more}), append(colours, colour)
	}
	t.table(rows, maxChanges, func(i int) string { return colours[i] })
}

func (t *page) settled(d *compare.Diff) {
	if len(d.Questions) == 0 {
		return
	}
	t.heading("questions")
	for i, c := range d.Questions {
		if i == maxChanges {
			t.more(len(d.Questions) - i)
			break
		}
		sign, colour := signOf(c.Change)
		switch c.Change {
		case compare.Went:
			t.prose(green, "  - ", "settled: "+c.A.Type+" "+c.A.ID+": "+c.Settled)
		case compare.Came:
			t.prose(colour, "  + ", "new: "+c.B.Type+" "+c.B.ID+": "+c.B.Text)
		default:
			t.prose(colour, "  "+sign+" ", c.B.Type+" "+c.B.ID+": "+strings.Join(c.Fields, ", ")+" changed: "+c.B.Text)
		}
	}
}
