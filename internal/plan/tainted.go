package plan

import (
	"strings"

	"reconcile/internal/diff"
	"reconcile/internal/wanted"
	"reconcile/providers"
)

// tainted keeps an object that the session made and that only an unfinished
// create has marked, if the plan wants such an object there. One that was
// tainted before is left to be replaced.
func (b *builder) tainted(i diff.Instance, reason string) string {
	made := b.diff.History.Created(i.Type, i.ID)
	why := "the session made it"
	switch {
	case len(made) > 0:
	case b.isNew(i):
		why = "the run made it, by the state that it could not save"
	default:
		return "tainted, and not made by the session: the next apply replaces it, as somebody wanted; " + reason
	}
	if word := unhealthy(i.Object); word != "" {
		return "tainted by the interrupted create, and AWS says " + word + ": left to be replaced by the next apply"
	}
	want, ok := b.in.Subject.Wanted.Find(i.Address)
	switch {
	case b.in.Subject.Wanted == nil && b.isNew(i):
		// The run that made it did so for this address.
		return b.untaint(i, why, made)
	case b.in.Subject.Wanted == nil:
		return "tainted by the interrupted create; without a plan it cannot be said whether it is what is wanted: give --plan-json, or the next apply replaces it"
	case !ok || want.Action == wanted.Delete || want.Action == wanted.Forget:
		return "tainted, and the plan wants nothing at its address: left to be destroyed"
	}
	if name := b.unwanted(*want, i); name != "" {
		return "tainted, and the plan wants another " + name + ": the next apply replaces it either way"
	}
	return b.untaint(i, why, made)
}

func (b *builder) untaint(i diff.Instance, why string, made []string) string {
	b.report.Actions = append(b.report.Actions, Action{
		Op: Untaint, Address: i.Address, Type: i.Type, ID: i.ID, Argv: []string{"untaint", i.Address},
		OldStateID: i.Attrs.Text("id"), NewStateID: i.Attrs.Text("id"), Entry: entryOf(i.Module, i.Type, i.Name, i.Key),
		Why:       why + " and the state marks it as tainted, because its creation did not finish; it is alive" + liveText(i.Object),
		IfSkipped: "the next apply destroys it and makes another",
		Undo:      []string{"taint", i.Address}, EventIDs: list(made),
	})
	return "tainted by the interrupted create; alive"
}

// unwanted names an attribute that the create call fixed otherwise than the
// plan wants it, "" for none.
func (b *builder) unwanted(want wanted.Instance, i diff.Instance) string {
	for _, name := range i.Kind.Hard() {
		live := providers.Canon(i.Object.Attrs[name])
		v := want.Values[name]
		if v.IsKnown() && v.Known != nil && providers.Canon(v.Known) != "" && providers.Canon(v.Known) != live {
			return name
		}
		if len(v.OneOf) == 1 {
			if attrs, bound := b.problem.Bound[v.OneOf[0].Address]; bound && providers.Canon(attrs[v.OneOf[0].Attr]) != live {
				return name
			}
		}
	}
	return ""
}

// unhealthy is the lifecycle word of an object that will never work, "" for
// all others. It lives for Terraform, and replacing it is right.
func unhealthy(o *providers.Object) string {
	word := strings.ToLower(o.State)
	for _, bad := range []string{"fail", "reject", "expired", "error", "impaired", "invalid"} {
		if strings.Contains(word, bad) {
			return o.State
		}
	}
	return ""
}
