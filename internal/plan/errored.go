package plan

import (
	"fmt"
	"slices"
	"time"

	"reconcile/internal/diff"
	"reconcile/internal/statefile"
)

// Errored is the state that Terraform could not save: its own last word. It is
// pushed first, and everything else is reconciled against it.
type Errored struct {
	Source           string    `json:"source"`
	Found            bool      `json:"found"` // in the folder; nobody named it
	WrittenAt        time.Time `json:"written_at"`
	Lineage          string    `json:"lineage"`
	Serial           uint64    `json:"serial"`
	TerraformVersion string    `json:"terraform_version"`
	SHA256           string    `json:"sha256"` // the script pushes nothing else
	Bytes            int64     `json:"bytes"`
	Instances        int       `json:"instances"`
}

// ErroredCopy is where the script finds the errored state, beside itself. It
// holds secrets, so it lies with what is never attached.
const ErroredCopy = "private/errored.tfstate"

// first puts the state that Terraform could not save before all other steps.
func (b *builder) first() {
	e := b.in.Errored
	if e == nil {
		return
	}
	more, less, other := b.sinceBefore()
	why := fmt.Sprintf("Terraform's own last word, which it could not save: it follows the state (serial %d after %d) and has %s that the state does not, %s fewer, %s with another id",
		e.Serial, b.in.State.Serial, plural(more, "instance", "instances"), itoa(less), itoa(other))
	if b.in.State.Format == string(statefile.None) {
		why = "Terraform's own last word, which it could not save: there is no state yet, and it has " + plural(more, "instance", "instances")
	}
	b.report.Actions = slices.Insert(b.report.Actions, 0, Action{
		Op: StatePush, ID: fmt.Sprintf("serial %d", e.Serial), Argv: []string{"state", "push", ErroredCopy},
		Why:       why,
		IfSkipped: "no later step runs: all of them are made for this state", Undo: []string{}, EventIDs: []string{}, Needs: []string{},
	})
	for n := range b.report.Actions {
		b.report.Actions[n].N = n + 1
	}
}

type slot struct{ address, deposed string }

// recordedBefore are the ids that the pulled state held, where the errored one
// was taken in its place.
func (b *builder) recordedBefore() map[slot]string {
	out := map[slot]string{}
	if b.in.Before == nil {
		return out
	}
	for _, i := range b.in.Before.Instances {
		if i.Mode != statefile.Managed {
			continue
		}
		attrs, err := i.Attrs()
		if err != nil {
			continue
		}
		out[slot{i.Address, i.Deposed}] = attrs.Text("id")
	}
	return out
}

func (b *builder) sinceBefore() (more, less, other int) {
	before := b.recordedBefore()
	for _, i := range b.diff.Instances {
		id, had := before[slot{i.Address, i.Deposed}]
		delete(before, slot{i.Address, i.Deposed})
		switch {
		case !had:
			more++
		case i.Attrs != nil && id != i.Attrs.Text("id"):
			other++
		}
	}
	return more, len(before), other
}

// isNew reports whether the errored state holds an object that the pulled one
// does not hold anywhere: the run made it.
func (b *builder) isNew(i diff.Instance) bool {
	if b.in.Errored == nil || i.Attrs.Text("id") == "" {
		return false
	}
	if b.before == nil {
		b.before = map[string]bool{}
		for at, id := range b.recordedBefore() {
			b.before[typeOf(at.address)+" "+id] = true
		}
	}
	return !b.before[i.Type+" "+i.Attrs.Text("id")]
}

// OfAnother names an object that the errored state has and the pulled one has
// not, and that somebody else than the session made: the errored state is then
// another run's. All is "" if there is none.
func OfAnother(in Input) (address, id, by string) {
	b := &builder{in: in, diff: diff.Compare(in.Subject, in.Reading)}
	for _, i := range b.diff.Instances {
		if i.Kind.Type == "" || i.Kind.Facet || i.ID == "" || !b.isNew(i) || len(b.diff.History.Created(i.Type, i.ID)) > 0 {
			continue
		}
		if by := b.diff.History.CreatedByOther(i.Type, i.ID); by != "" {
			return i.Address, i.ID, by
		}
	}
	return "", "", ""
}
