package inventory

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"reconcile/internal/printable"
	"reconcile/providers"
)

// The few colours; a word tells the same without them.
const (
	red    = "31"
	yellow = "33"
	bold   = "1"
	faint  = "2"
)

// maxWhat is the widest that a description gets: ids and addresses are never cut.
const maxWhat = 64

// Text writes the inventory for a person: a line an object, grouped by kind,
// and the totals last.
func Text(w io.Writer, r *Report, colour bool) error {
	t := &table{colour: colour}
	var counted []group
	for _, g := range r.groups() {
		if g.counted() {
			counted = append(counted, g)
		} else {
			t.group(r, g)
		}
	}
	if len(counted) > 0 {
		t.line(bold, "only counted, as aspects of other objects (--type lists them)")
		for _, g := range counted {
			t.line(faint, fmt.Sprintf("  %s (%d)", g.typ, len(g.objects)))
		}
		t.b.WriteByte('\n')
	}
	t.line("", r.summary())
	if len(r.Incomplete) > 0 {
		t.line(red, fmt.Sprintf("INCOMPLETE: %s; what is missing here is not known to be absent", count(len(r.Incomplete), "gap")))
	}
	if _, err := w.Write(t.b.Bytes()); err != nil {
		return fmt.Errorf("writing the inventory: %w", err)
	}
	return nil
}

type group struct {
	typ     string
	objects []Object
	partial bool // a listing of it is not complete
}

// counted reports whether no object of a group is listed, and none can be missing.
func (g group) counted() bool {
	return !g.partial && len(g.objects) > 0 && !slices.ContainsFunc(g.objects, func(o Object) bool { return !o.folded })
}

// groups are the kinds that have objects or that could not be read, in the
// order of the ledger.
func (r *Report) groups() []group {
	var out []group
	at := map[string]int{}
	find := func(typ string) *group {
		if _, ok := at[typ]; !ok {
			at[typ] = len(out)
			out = append(out, group{typ: typ})
		}
		return &out[at[typ]]
	}
	for _, c := range r.Coverage {
		if c.Objects > 0 || (c.Status != providers.Read && c.Status != providers.NotSupported) {
			find(c.Type)
		}
		if c.Status != providers.Read && c.Status != providers.NotSupported {
			find(c.Type).partial = true
		}
	}
	for _, o := range r.Objects {
		g := find(o.Type)
		g.objects = append(g.objects, o)
	}
	return out
}

type table struct {
	b      bytes.Buffer
	colour bool
}

func (t *table) line(colour, s string) {
	if s = strings.TrimRight(printable.Clean(s), " "); t.colour && colour != "" {
		s = "\x1b[" + colour + "m" + s + "\x1b[0m"
	}
	t.b.WriteString(s + "\n")
}

func (t *table) group(r *Report, g group) {
	heading := fmt.Sprintf("%s (%d)", g.typ, len(g.objects))
	if g.partial {
		t.line(red, heading+" INCOMPLETE")
	} else {
		t.line(bold, heading)
	}
	var rows [][]string
	var colours []string
	folded := 0
	for _, o := range g.objects {
		if o.folded {
			folded++
			continue
		}
		cells := []string{o.ID, cut(printable.Clean(o.what), maxWhat)}
		if len(r.Regions) > 1 {
			cells = append(cells, o.Region)
		}
		rows, colours = append(rows, append(cells, o.State, o.manager(), o.By.String())), append(colours, o.Status.paint())
	}
	widths := make([]int, 6)
	for _, cells := range rows {
		for i := range cells {
			cells[i] = printable.Clean(cells[i])
			widths[i] = max(widths[i], utf8.RuneCountInString(cells[i]))
		}
	}
	for n, cells := range rows {
		var b strings.Builder
		for i, cell := range cells {
			if widths[i] > 0 {
				b.WriteString("  " + cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)))
			}
		}
		t.line(colours[n], b.String())
	}
	if folded > 0 {
		t.line(faint, fmt.Sprintf("  and %s of other objects (--type %s lists them)", count(folded, "aspect"), g.typ))
	}
	t.b.WriteByte('\n')
}

// manager is the column that says where an object belongs.
func (o Object) manager() string {
	switch o.Status {
	case Managed:
		if o.Deposed != "" {
			return o.Address + " (deposed " + o.Deposed + ")"
		}
		return o.Address
	case Aspect:
		if o.OfAt != "" {
			return "aspect of " + o.OfAt
		}
		return "aspect of " + o.Of
	case Shared:
		return "shared by account " + o.Owner
	case ByAWS:
		return "-"
	case Unknown:
		return ""
	}
	return string(o.Status)
}

func (s Status) paint() string {
	switch s {
	case Unmanaged:
		return yellow
	case Aspect, ByAWS, Shared, Gone:
		return faint
	}
	return ""
}

// summary counts the objects by who manages them.
func (r *Report) summary() string {
	counts := map[Status]int{}
	kinds := map[string]bool{}
	for _, o := range r.Objects {
		counts[o.Status]++
		kinds[o.Type] = true
	}
	parts := []string{}
	add := func(s Status, text string) {
		if counts[s] > 0 {
			parts = append(parts, text)
		}
	}
	add(Managed, fmt.Sprintf("%d managed", counts[Managed]))
	add(Unmanaged, fmt.Sprintf("%d unmanaged", counts[Unmanaged]))
	add(Aspect, count(counts[Aspect], "unrecorded aspect")+" of others")
	add(ByAWS, fmt.Sprintf("%d made by AWS", counts[ByAWS]))
	add(Shared, fmt.Sprintf("%d shared by other accounts", counts[Shared]))
	add(Gone, fmt.Sprintf("%d gone and still listed", counts[Gone]))
	s := fmt.Sprintf("%s of %s in %s", count(len(r.Objects), "object"), count(len(kinds), "kind"), strings.Join(r.Regions, ", "))
	if len(parts) > 0 {
		s += ": " + strings.Join(parts, ", ")
	}
	if r.State == nil {
		return s + ". No state was given, so nothing is called managed or unmanaged"
	}
	if counts[Unmanaged] > 0 {
		s += ". Unmanaged is what this state does not record; another one may"
	}
	return s
}

func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

func cut(s string, width int) string {
	if utf8.RuneCountInString(s) <= width {
		return s
	}
	return string([]rune(s)[:width-1]) + "…"
}
