package plan

import (
	"slices"

	"reconcile/internal/diff"
	"reconcile/providers"
)

// Deletion is a deletion by the session of an object that the state holds and
// that has no successor. Whether Terraform dropped it as well depends on
// whether the run lived to see it gone.
type Deletion struct {
	Key    string
	Events []string
	Place  providers.Place
	Wait   providers.Wait
	Names  string
}

// Deletions are those that whoever can read the session's own reads should
// look into: Input.SeenThrough takes the answer by Key.
func Deletions(in Input) []Deletion {
	b := &builder{in: in, diff: diff.Compare(in.Subject, in.Reading)}
	b.adopt()
	b.solve()
	replaced := map[string]bool{}
	for _, m := range b.match.Matches {
		if b.replaces(m) {
			replaced[b.open[m.Address.Wanted.Address].old.Address] = true
		}
	}
	var out []Deletion
	for _, i := range b.diff.Instances {
		if line, began := b.sawRemoved(i); line > 0 || began > 0 || in.Errored != nil {
			continue // the log tells, or the errored state
		}
		if events := b.ownDeletion(i); len(events) > 0 && !replaced[i.Address] {
			out = append(out, Deletion{Key: i.Type + " " + i.ID, Events: events, Place: i.Place, Wait: i.Kind.Wait, Names: i.Kind.Wait.Names.Expand(i.Attrs.Text)})
		}
	}
	return out
}

// ownDeletion are the session's deletions of an instance itself, where its
// kind is one that the provider looks after.
func (b *builder) ownDeletion(i diff.Instance) []string {
	if i.Status != diff.Gone || i.Deposed != "" || i.Kind.Wait.Call == "" {
		return nil
	}
	return b.diff.History.DeletedAll(i)
}

// seenThrough reports whether Terraform is known to have seen a deletion
// through, so that a removal says what Terraform itself would have said. What
// went with its parent needs no such proof. The apply's log knows best.
func (b *builder) seenThrough(i diff.Instance) bool {
	events := b.ownDeletion(i)
	line, began := b.sawRemoved(i)
	if began > 0 || b.in.Errored != nil {
		// What Terraform's last word still holds, it did not see gone.
		return slices.Contains(b.in.Adopt, i.ID)
	}
	return line > 0 || len(events) == 0 || b.in.SeenThrough[i.Type+" "+i.ID] || slices.Contains(b.in.Adopt, i.ID)
}
