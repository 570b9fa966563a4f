package plan

import (
	"slices"

	"reconcile/internal/diff"
	"reconcile/internal/wanted"
)

// holders finds the instance that the state holds for each wanted address. One
// that a moved block takes away is no longer at its old address.
func (b *builder) holders(w *wanted.Wanted) map[string]*diff.Instance {
	out := map[string]*diff.Instance{}
	for n := range b.diff.Instances {
		if i := &b.diff.Instances[n]; i.Deposed == "" {
			out[i.Address] = i
		}
	}
	b.moved = moves(w, out)
	for _, from := range b.moved {
		delete(out, from)
	}
	for to, from := range b.moved {
		out[to] = b.current(from)
	}
	return out
}

// moves are the moves that are still to be made, new address to old. Where the
// new address is taken the move was made before, unless what is there moves on.
func moves(w *wanted.Wanted, held map[string]*diff.Instance) map[string]string {
	out := map[string]string{}
	for _, want := range w.Instances {
		from := held[want.PreviousAddress]
		if want.PreviousAddress == "" || want.PreviousAddress == want.Address || from == nil {
			continue
		}
		if id := from.Attrs.Text("id"); want.PriorID != "" && id != "" && id != want.PriorID {
			continue // the plan saw another object there: this one has moved already
		}
		out[want.Address] = want.PreviousAddress
	}
	for again := true; again; {
		again = false
		leaving := map[string]bool{}
		for _, from := range out {
			leaving[from] = true
		}
		for to := range out {
			if held[to] != nil && !leaving[to] {
				delete(out, to)
				again = true
			}
		}
	}
	return out
}

// movedAway is the address that a moved block takes the state's instance to, ""
// if it stays. Until the next apply it is still where the state has it.
func (b *builder) movedAway(address string) string {
	for to, from := range b.moved {
		if from == address {
			return to
		}
	}
	return ""
}

func (b *builder) current(address string) *diff.Instance {
	i := slices.IndexFunc(b.diff.Instances, func(i diff.Instance) bool { return i.Address == address && i.Deposed == "" })
	if i < 0 {
		return nil
	}
	return &b.diff.Instances[i]
}
