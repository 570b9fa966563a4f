package plan

import (
	"fmt"
	"slices"
	"strings"

	"reconcile/internal/diff"
	"reconcile/internal/match"
	"reconcile/providers"
)

// unplaced are the session's objects that no address wants.
func (b *builder) unplaced() {
	recorded := map[string]string{}
	for _, i := range b.diff.Instances {
		if i.Object != nil {
			recorded[i.Attrs.Text("id")] = i.Address
		}
	}
	delete(recorded, "")
	in := b.problem
	in.Open = slices.Concat(in.Open, b.waiting)
	judge := match.NewJudge(in)
	placed := map[string]bool{}
	for _, m := range b.match.Matches {
		placed[m.Object.Type+" "+m.Object.ID] = true
	}
	for _, o := range b.match.Unplaced {
		if placed[o.Type+" "+o.ID] {
			continue // AWS shows it in two places, and one of them has it
		}
		placed[o.Type+" "+o.ID] = true
		if o.Kind.Facet || recorded[o.Attrs.Text("id")] != "" {
			continue
		}
		f := Finding{Status: Leftover, Type: o.Type, ID: o.ID, Account: o.Place.Account, Region: o.Place.Region, EventIDs: o.Events,
			Reason: b.madeBy(o) + ", alive, and no address of the configuration wants it: look at it and delete it by hand after the next apply",
			Delete: b.deletion(o.Kind, o.Attrs, o.Place)}
		early := b.early(o, judge)
		switch {
		case b.in.Subject.Wanted == nil:
			f.Status, f.Delete = Unrecorded, nil
			f.Reason = b.madeBy(o) + "; without a plan no address can be told: give --plan-json"
			b.ask(o, nil, f.Reason)
		case len(early) > 0:
			text := b.madeBy(o) + ", and the old object of the address that it fits is alive, which was to go first: look at both"
			f.Status, f.Delete, f.Reason = Unknown, nil, text
			b.ask(o, early, text)
		case o.Life == providers.Pending:
			f.Status, f.Delete, f.Reason = PendingObject, nil, b.madeBy(o)+", and AWS says "+o.State+": run plan again when it has settled"
		}
		b.finding(f)
	}
}

// early are the addresses that an object fits and that are not free for it yet,
// because what they are to replace is still there.
func (b *builder) early(o diff.Object, judge match.Judge) []match.Candidate {
	var out []match.Candidate
	for _, a := range b.waiting {
		if judge.Fits(a.Wanted.Address, o) {
			out = append(out, match.Candidate{Address: a})
		}
	}
	return out
}

// lookalikes are objects of others that fit a wanted address: told, and asked
// about only where nobody is known to have made them and the address is free.
func (b *builder) lookalikes() {
	taken := map[string]bool{}
	for _, m := range b.match.Matches {
		taken[m.Address.Wanted.Address] = true
	}
	for _, o := range b.fitting(diff.ByOther) {
		b.finding(Finding{Status: Foreign, Type: o.Type, ID: o.ID, Account: o.Place.Account, Region: o.Place.Region, EventIDs: o.Events, By: o.By,
			Reason: "looks like " + addresses(b.alike[o.Type+" "+o.ID]) + ", but " + o.By + " made it: never imported"})
	}
	for _, o := range b.fitting(diff.ByUnclear) {
		var candidates []match.Candidate
		for _, a := range b.alike[o.Type+" "+o.ID] {
			candidates = append(candidates, match.Candidate{Address: a})
		}
		text := "made by " + o.By + ", one of several runs of which any may be the one that died: say which with --session and run plan again"
		b.ask(o, candidates, text)
		b.finding(Finding{Status: Unknown, Type: o.Type, ID: o.ID, Account: o.Place.Account, Region: o.Place.Region, EventIDs: o.Events, By: o.By, Reason: text})
	}
	free := map[string][]diff.Object{}
	for _, o := range b.unexplained() {
		fits := slices.DeleteFunc(slices.Clone(b.alike[o.Type+" "+o.ID]), func(a match.Address) bool { return taken[a.Wanted.Address] })
		switch {
		case len(fits) == 0:
		case len(fits) > 1:
			b.report.Notes = append(b.report.Notes, fmt.Sprintf("%s %s looks like %s, and no event in the window says who made it: left alone; if it is the session's, run plan again with --adopt %s",
				o.Type, o.ID, addresses(fits), o.ID))
		default:
			free[fits[0].Wanted.Address] = append(free[fits[0].Wanted.Address], o)
		}
	}
	for _, address := range sortedKeys(free) {
		objects := free[address]
		if len(objects) > 1 {
			b.report.Notes = append(b.report.Notes, fmt.Sprintf("%s looks like %s that nobody made in the window: not the session's, left alone",
				address, plural(len(objects), "older object", "older objects")))
			continue
		}
		o := objects[0]
		b.ask(o, []match.Candidate{{Address: b.open[address].address}},
			"it alone fits "+address+", but no event in the window says who made it: if it is the session's, run plan again with --adopt "+o.ID)
		b.finding(Finding{Status: Unknown, Type: o.Type, ID: o.ID, Account: o.Place.Account, Region: o.Place.Region, EventIDs: []string{},
			Reason: "it alone fits " + address + ", but no event says who made it: see questions"})
	}
}

func addresses(in []match.Address) string {
	var out []string
	for _, a := range in {
		out = append(out, a.Wanted.Address)
	}
	return strings.Join(out, ", ")
}
