package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"reconcile/internal/applylog"
	"reconcile/internal/diff"
	"reconcile/internal/match"
	"reconcile/providers"
)

// ApplyLog is what the log of the apply said, and whether it was believed.
type ApplyLog struct {
	Source   string    `json:"source"`
	Lines    int       `json:"lines"`
	Events   int       `json:"events"` // lines that say what happens to a resource
	Odd      int       `json:"odd"`    // lines that look like one and could not be read
	First    time.Time `json:"first"`
	Last     time.Time `json:"last"`
	Made     int       `json:"made"`     // addresses at which the run left an object
	Removed  int       `json:"removed"`  // deletions that it saw through
	Begun    int       `json:"begun"`    // actions that did not end in the log
	Failures int       `json:"failures"` // errors that name an address, a request or a code
	// Believed says what ties the log to the session; "" if nothing does, and
	// then nothing was taken from it.
	Believed string `json:"believed"`
}

// Witness is the apply's log with the name that it was given.
type Witness struct {
	Source string
	Log    *applylog.Log
}

// UntilLog is the source of a window's end that nobody said, where the log tells
// when the run spoke last.
const UntilLog = "two minutes after the last line of the apply's log"

// Slack is how far apart the clocks of the runner and of AWS may be.
const Slack = 5 * time.Minute

// hear takes the log in: whether it is this session's, which objects it puts at
// which address, which of nobody known are the session's by its word.
func (b *builder) hear() {
	b.told, b.logged = map[string]match.Word{}, map[string]int{}
	w := b.in.Witness
	if w == nil {
		return
	}
	if b.believed = b.ties(w.Log); b.believed == "" {
		return
	}
	alive := map[[2]string][]int{}
	for n, o := range b.diff.Objects {
		for _, id := range o.Kind.StateIDsOf(o.Attrs) {
			alive[[2]string{o.Type, id}] = append(alive[[2]string{o.Type, id}], n)
		}
	}
	made := w.Log.Made()
	for _, address := range sortedKeys(made) {
		d := made[address]
		kind, known := b.in.Subject.Kinds.Find(typeOf(address))
		if !known || kind.Unread != "" {
			continue
		}
		found := alive[[2]string{kind.Type, d.ID}]
		if len(found) == 0 && (kind.StateID != nil || len(b.diff.History.Deleted(kind.Type, d.ID)) > 0) {
			continue // its identity is proof enough, or the run took it back
		}
		for _, n := range found {
			// A record that came late or never: the log saw it made.
			if o := &b.diff.Objects[n]; (o.Maker == diff.ByNobody || o.Maker == diff.ByUnclear) && !kind.Facet {
				o.Maker, o.By = diff.BySession, ""
				b.logged[o.Type+" "+o.ID] = d.Line
			}
		}
		b.told[address] = match.Word{ID: d.ID, Says: fmt.Sprintf("the apply's log (line %d)", d.Line)}
	}
}

// ties says what shows that a log is of the session that is looked at: a
// request that AWS recorded under it, or an object that it made or deleted and
// the log names. A log of another run, or of another workspace with the same
// addresses, has none.
func (b *builder) ties(l *applylog.Log) string {
	t := b.in.Reading.Trail
	for _, f := range l.Failures {
		for _, c := range slices.Concat(t.Refused, t.Own) {
			if f.RequestID != "" && strings.EqualFold(c.RequestID, f.RequestID) {
				return fmt.Sprintf("line %d names the request %s, which the trail has of the session", f.Line, f.RequestID)
			}
		}
	}
	at := map[string]time.Time{}
	for _, c := range t.Own {
		at[c.EventID] = c.Time
	}
	// The id of an object is nobody else's. A route's is its table and its
	// destination, so another run may have made the same: there the time decides.
	shown := func(kind providers.Kind, d applylog.Deed, events []string) bool {
		return slices.ContainsFunc(events, func(e string) bool {
			return !kind.Facet || !d.At.IsZero() && d.At.Sub(at[e]).Abs() <= Slack
		})
	}
	for _, e := range l.Entries {
		kind, known := b.in.Subject.Kinds.Find(typeOf(e.Address))
		if !known {
			continue
		}
		if d := e.Made; d != nil && d.ID != "" && !e.Unclear && shown(kind, *d, b.diff.History.Created(kind.Type, b.identity(kind, d.ID))) {
			return fmt.Sprintf("line %d names %s, which the trail has as made by the session", d.Line, d.ID)
		}
		for _, d := range e.Removed {
			if d.ID != "" && shown(kind, d, b.diff.History.Deleted(kind.Type, b.identity(kind, d.ID))) {
				return fmt.Sprintf("line %d names %s, which the trail has as deleted by the session", d.Line, d.ID)
			}
		}
	}
	return ""
}

// identity is what ties an object to events, by the id that Terraform records.
func (b *builder) identity(kind providers.Kind, stateID string) string {
	if kind.Identity == "" && kind.StateID == nil {
		return stateID
	}
	for _, o := range b.diff.Objects {
		if o.Type == kind.Type && slices.Contains(kind.StateIDsOf(o.Attrs), stateID) {
			return o.ID
		}
	}
	for _, i := range b.diff.Instances {
		if i.Type == kind.Type && i.Attrs.Text("id") == stateID {
			return i.ID
		}
	}
	return ""
}

// sawRemoved is the line in which the log says that an instance's object was
// deleted and seen to be gone; began the line of a deletion that did not end.
func (b *builder) sawRemoved(i diff.Instance) (line, began int) {
	if b.believed == "" || i.Attrs.Text("id") == "" {
		return 0, 0
	}
	e, ok := b.in.Witness.Log.Find(i.Address)
	if !ok {
		return 0, 0
	}
	for _, d := range e.Removed {
		if d.ID == i.Attrs.Text("id") {
			return d.Line, 0
		}
	}
	for _, d := range e.Begun {
		if d.Action == applylog.Delete && (d.ID == i.Attrs.Text("id") || d.ID == "") {
			return 0, d.Line
		}
	}
	return 0, 0
}

// removedText is the log's word on a removal, for the reader.
func (b *builder) removedText(i diff.Instance) string {
	if line, _ := b.sawRemoved(i); line > 0 {
		return fmt.Sprintf("; the apply's log (line %d) says that its destruction was completed", line)
	}
	return ""
}

// logReport puts what the log said into the report, and tells what of it is not
// so.
func (b *builder) logReport() {
	w := b.in.Witness
	if w == nil {
		return
	}
	l := w.Log
	a := &ApplyLog{Source: w.Source, Lines: l.Lines, Events: l.Events, Odd: l.Odd, First: l.First, Last: l.Last,
		Failures: len(l.Failures), Believed: b.believed}
	unclear := []string{}
	for _, e := range l.Entries {
		if e.Made != nil {
			a.Made++
		}
		if e.Unclear {
			unclear = append(unclear, e.Address)
		}
		a.Removed += len(e.Removed)
		a.Begun += len(e.Begun)
	}
	b.report.ApplyLog = a
	note := func(format string, args ...any) {
		b.report.Notes = append(b.report.Notes, "the apply's log: "+fmt.Sprintf(format, args...))
	}
	if l.Completed {
		note("it says that the apply ended well; check that it is the log of the run that died")
	}
	if l.Odd > 0 {
		note("%s of it could not be read", plural(l.Odd, "line that looks like Terraform's", "lines that look like Terraform's"))
	}
	switch {
	case b.believed == "" && b.in.Window.UntilSource == UntilLog:
		// Another run's last word says nothing of when this one ended.
		b.in.Problems = append(slices.Clone(b.in.Problems), "the window ends two minutes after the last line of the apply's log, and nothing ties that log to the session in the trail: give the log of the run that died, or leave --apply-log out or say --until")
		return
	case b.believed == "" && a.Made+a.Removed > 0:
		note("nothing ties it to the session in the trail, so nothing was taken from it: check that it is of the run that died, and that the trail is complete")
		return
	case b.believed == "":
		return
	case len(unclear) > 0:
		note("it speaks of two objects at %s, as if it were of several runs: not used there. Give the log of this run alone", strings.Join(unclear, ", "))
	}
	b.logLost(note)
}

// logLost tells the objects that the log saw made and that are not there, or
// that the state holds elsewhere.
func (b *builder) logLost(note func(string, ...any)) {
	at := map[[2]string]string{}
	for _, i := range b.diff.Instances {
		if i.Deposed == "" {
			at[[2]string{i.Type, i.Attrs.Text("id")}] = i.Address
		}
	}
	alive := map[[2]string]bool{}
	for _, o := range b.diff.Objects {
		for _, id := range o.Kind.StateIDsOf(o.Attrs) {
			alive[[2]string{o.Type, id}] = true
		}
	}
	for _, address := range sortedKeys(b.told) {
		word := b.told[address]
		typ := typeOf(address)
		k := [2]string{typ, word.ID}
		switch holder := at[k]; {
		case holder == address || alive[k]:
		case holder != "":
			note("%s: %s says %s, and the state holds it at %s", address, word.Says, word.ID, holder)
		case b.unreadAnywhere(typ):
			note("%s: %s says %s, and %s could not be read completely", address, word.Says, word.ID, typ)
		default:
			note("%s: %s says %s, and no such object is there%s", address, word.Says, word.ID, b.whoDeleted(typ, word.ID))
		}
	}
}

func (b *builder) unreadAnywhere(typ string) bool {
	read := false
	for _, c := range b.in.Reading.Inventory.Coverage {
		if c.Type == typ {
			if c.Status != providers.Read {
				return true
			}
			read = true
		}
	}
	return !read
}

func (b *builder) whoDeleted(typ, id string) string {
	if by, _ := b.diff.History.DeletedByOther(typ, id, nil, nil); by != "" {
		return "; " + by + " deleted it"
	}
	return ", and the trail does not say who deleted it"
}
