package plan

import (
	"slices"
	"strings"

	"reconcile/internal/diff"
	"reconcile/internal/match"
	"reconcile/internal/wanted"
	"reconcile/providers"
)

// fate says what the next apply does with an instance that is there and that
// nobody wants there: one that was deposed, or that left the configuration. No
// command follows: what Terraform is about to do is what was asked for. It
// returns "" for all others.
func (b *builder) fate(i diff.Instance) string {
	if i.Status != diff.InSync && i.Status != diff.Drifted {
		return ""
	}
	if i.Deposed != "" {
		return "deposed: what a replacement left of the old object, alive" + liveText(i.Object) + ". No command: the state still holds it, and the next apply destroys it"
	}
	if to := b.movedAway(i.Address); to != "" {
		return i.Reason + "; a moved block takes it to " + to + ", which the next apply does"
	}
	want, ok := b.in.Subject.Wanted.Find(i.Address)
	switch {
	case !ok:
	case want.Action == wanted.Delete:
		return "alive" + liveText(i.Object) + ", and the configuration no longer has it. No command: the next apply destroys it"
	case want.Action == wanted.Forget:
		return "alive" + liveText(i.Object) + ", and a removed block gives it up. No command: the next apply drops it from the state and leaves it in AWS"
	}
	return ""
}

// makingRoom says what it costs to remove an address that has only deposed
// objects, so that an import can follow: state rm orphans what is still there.
func (b *builder) makingRoom(address string) string {
	var alive, unsure []string
	for _, i := range b.diff.Instances {
		switch {
		case i.Address != address:
		case i.Object != nil:
			alive = append(alive, i.ID)
		case i.Status != diff.Gone && i.Status != diff.GoneUnexplained:
			unsure = append(unsure, i.ID)
		}
	}
	room := "terraform state rm of that address makes room, and then the import can be run by hand"
	switch {
	case len(alive) > 0:
		return room + ": it orphans the deposed " + strings.Join(slices.Concat(alive, unsure), ", ") + ", which stays in AWS as a leftover, to be deleted after the next apply"
	case len(unsure) > 0:
		return room + ": whether the deposed " + strings.Join(unsure, ", ") + " is still there is not known; if it is, it stays in AWS unmanaged"
	}
	return room + ": what is deposed there is gone, so nothing is orphaned"
}

// deletion is how a person deletes an object; nil where one command does not
// say it, or where the caller's credentials are not the ones for it.
func (b *builder) deletion(k providers.Kind, a providers.Attrs, at providers.Place) []string {
	argv := k.DeleteArgv(a)
	if argv == nil {
		return nil
	}
	if at.Account != b.in.Reading.Caller.Account {
		profile := b.in.Vias[at.Account].Profile
		if profile == "" {
			return nil
		}
		argv = append([]string{"--profile", profile}, argv...)
	}
	if at.Region != "" {
		argv = append([]string{"--region", at.Region}, argv...)
	}
	return argv
}

// renamed tells an instance that the next apply destroys and that looks like
// the one address which it is about to make anew: somebody may have renamed it
// in the configuration. Only that person knows, so it is said and not done.
func (b *builder) renamed() {
	if b.in.Subject.Wanted == nil {
		return
	}
	var leaving []diff.Object
	from := map[string]diff.Instance{}
	for _, i := range b.diff.Instances {
		want, ok := b.in.Subject.Wanted.Find(i.Address)
		if ok && want.Action == wanted.Delete && i.Deposed == "" && !i.Tainted && (i.Status == diff.InSync || i.Status == diff.Drifted) && !i.Kind.Facet {
			leaving = append(leaving, diff.Object{Object: *i.Object, Kind: i.Kind, Maker: diff.ByNobody})
			from[i.Type+" "+i.ID] = i
		}
	}
	taken := map[string]bool{}
	for _, m := range b.match.Matches {
		taken[m.Address.Wanted.Address] = true
	}
	like, suitors := match.Alike(b.problem, leaving), map[string]int{}
	for k, as := range like {
		like[k] = slices.DeleteFunc(as, func(a match.Address) bool {
			return a.Wanted.Action != wanted.Create || taken[a.Wanted.Address] || b.open[a.Wanted.Address].old != nil
		})
		for _, a := range like[k] {
			suitors[a.Wanted.Address]++
		}
	}
	for _, k := range sortedKeys(like) {
		if as := like[k]; len(as) == 1 && suitors[as[0].Wanted.Address] == 1 {
			old, now := from[k], as[0].Wanted.Address
			b.report.Notes = append(b.report.Notes, old.Address+" ("+old.ID+") leaves the configuration, and "+now+" looks just like it: if it was renamed, "+
				"a moved block (or terraform state mv) from the one to the other keeps the object; else the next apply destroys it and makes another")
		}
	}
}
