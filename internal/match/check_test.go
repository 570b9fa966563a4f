package match

import (
	"fmt"
	"maps"
	"slices"

	"reconcile/providers"
)

// check compares an answer with the truth.
func (w *world) check(r Result) error {
	seen, twins := map[string]int{}, map[string]bool{} // twins: ids of objects, and addresses
	for _, m := range r.Matches {
		twins[m.Address.Wanted.Address], twins[m.Object.ID] = len(m.Twins) > 0, len(m.Twins) > 0
	}
	for _, m := range r.Matches {
		seen[m.Object.ID]++
		address, of := m.Address.Wanted.Address, w.truth[m.Object.ID]
		switch {
		case of == address || (of != "" && slices.Contains(m.Twins, of)):
		case m.Object.Kind.Facet && twins[w.refs[address]["route_table_id"]]:
			// It goes where its table went; see consistent.
		case w.copies[m.Object.ID] && (w.ids[address] == "" || len(m.Twins) > 0):
			// A copy that nothing uses, at an address whose own was never made.
		default:
			return fmt.Errorf("%s was made for %q and is given %s (twins %v)", m.Object.ID, of, address, m.Twins)
		}
		if len(m.Twins) > 0 && w.in.Referenced[m.Object.ID] {
			return fmt.Errorf("%s is called a twin, and something refers to it", m.Object.ID)
		}
	}
	for _, q := range r.Questions {
		seen[q.Object.ID]++
		if len(q.Candidates) == 0 || q.Reason == "" {
			return fmt.Errorf("the question about %s has no candidate or no reason", q.Object.ID)
		}
	}
	for _, o := range r.Unplaced {
		seen[o.ID]++
		if of := w.truth[o.ID]; of != "" && !twins[o.Attrs.Text("route_table_id")] {
			return fmt.Errorf("%s was made for %s and is called a leftover", o.ID, of)
		}
	}
	for _, o := range w.in.Objects {
		if seen[o.ID] != 1 {
			return fmt.Errorf("%s is told %d times", o.ID, seen[o.ID])
		}
	}
	return w.consistent(r)
}

// consistent reports a match whose reference leads elsewhere than its object
// says: Terraform would replace or change it, whatever twins were said to be.
func (w *world) consistent(r Result) error {
	at := map[string]providers.Attrs{}
	maps.Copy(at, w.in.Bound)
	for _, m := range r.Matches {
		at[m.Address.Wanted.Address] = m.Object.Attrs
	}
	for _, m := range r.Matches {
		for attr, target := range w.refs[m.Address.Wanted.Address] {
			there, known := at[target]
			if live := m.Object.Attrs.Text(attr); known && live != "" && there.Text("id") != live {
				return fmt.Errorf("%s at %s has %s %s, and the configuration means %s, which is %s", m.Object.ID, m.Address.Wanted.Address, attr, live, target, there.Text("id"))
			}
		}
	}
	return nil
}
