package diff

import (
	"testing"

	"reconcile/internal/wanted"
	"reconcile/providers"
)

var leased = providers.Kinds{
	{Type: "aws_shelf"},
	{Type: "aws_lease", Owner: "{shelf_id}"},
	{Type: "aws_link", Owner: "{shelf_id}", Identity: "{shelf_id}_{to}"},
}

func wantedLease(v *wanted.Value) wanted.Instance {
	w := wanted.Instance{Address: "aws_lease.new", Type: "aws_lease", Source: aws, Action: wanted.Create, Values: map[string]wanted.Value{}}
	if v != nil {
		w.Values["shelf_id"] = *v
	}
	return w
}

func TestOwnersThatMatterAreAsked(t *testing.T) {
	shelves := []wanted.Instance{
		{Address: "aws_shelf.kept", Type: "aws_shelf", Action: wanted.NoOp}, {Address: "aws_shelf.turned", Type: "aws_shelf", Action: wanted.Replace},
		{Address: "aws_shelf.new", Type: "aws_shelf", Action: wanted.Create}, {Address: "aws_shelf.first", Type: "aws_shelf", Action: wanted.ReplaceCBD},
		{Address: "aws_shelf.renamed", PreviousAddress: "aws_shelf.was", Type: "aws_shelf", Action: wanted.NoOp},
	}
	ref := func(addresses ...string) *wanted.Value {
		v := &wanted.Value{}
		for _, a := range addresses {
			v.OneOf = append(v.OneOf, wanted.Target{Address: a, Attr: "id"})
		}
		return v
	}
	const kept, turned, leasedOne, stranger, first, was = "s-kept", "s-turned", "s-leased", "s-stranger", "s-first", "s-was"
	for name, c := range map[string]struct {
		lease *wanted.Value
		none  bool // nothing is wanted
		asked []string
		not   []string
	}{
		"nothing wanted":                                      {none: true, asked: []string{leasedOne}, not: []string{kept, turned, stranger}},
		"a known owner":                                       {lease: &wanted.Value{Known: stranger}, asked: []string{leasedOne, stranger}, not: []string{kept, turned}},
		"a reference to the state":                            {lease: ref("aws_shelf.kept"), asked: []string{leasedOne, kept}, not: []string{turned, stranger}},
		"a reference that may be either":                      {lease: ref("aws_shelf.kept", "aws_shelf.new"), asked: []string{leasedOne, kept, stranger}, not: []string{turned}},
		"a reference to what is to be made":                   {lease: ref("aws_shelf.new"), asked: []string{leasedOne, stranger}, not: []string{kept, turned}},
		"a reference to what is replaced":                     {lease: ref("aws_shelf.turned"), asked: []string{leasedOne, turned, stranger}, not: []string{kept}},
		"a reference to what is replaced in the other order":  {lease: ref("aws_shelf.first"), asked: []string{leasedOne, first, stranger}, not: []string{kept, turned}},
		"a reference to what moves":                           {lease: ref("aws_shelf.renamed"), asked: []string{leasedOne, was}, not: []string{kept, turned, stranger}},
		"a reference to an address of which nothing is known": {lease: ref("module.unread.aws_shelf.x"), asked: []string{leasedOne, kept, turned, stranger, was}},
		"an owner that nothing tells":                         {lease: nil, asked: []string{leasedOne, kept, turned, stranger}},
		"an owner that is known to be nothing":                {lease: &wanted.Value{}, asked: []string{leasedOne, kept, turned, stranger}},
	} {
		t.Run(name, func(t *testing.T) {
			var w *wanted.Wanted
			if !c.none {
				w = &wanted.Wanted{Instances: append([]wanted.Instance{wantedLease(c.lease)}, shelves...)}
			}
			s := NewSubject(state(
				recorded("aws_shelf.kept", "", map[string]any{"id": kept}), recorded("aws_shelf.turned", "", map[string]any{"id": turned}),
				recorded("aws_shelf.first", "", map[string]any{"id": first}), recorded("aws_shelf.was", "", map[string]any{"id": was}),
				recorded("aws_lease.old", "", map[string]any{"id": "l-1", "shelf_id": leasedOne}),
			), w, leased, "eu-west-1", nil)
			got := s.OwnersNamed("aws_lease")
			for _, id := range c.asked {
				if !got.Of(id) {
					t.Errorf("%s is not asked", id)
				}
			}
			for _, id := range c.not {
				if got.Of(id) {
					t.Errorf("%s is asked for nothing", id)
				}
			}
		})
	}
	blind := NewSubject(state(recorded("aws_lease.old", "", map[string]any{"id": "l-1"})), nil, leased, "eu-west-1", nil)
	if !blind.OwnersNamed("aws_lease").Of(stranger) {
		t.Error("an instance whose owner the state does not tell has nobody asked")
	}
}

func TestOwnersThatTheSessionTouchedAreAsked(t *testing.T) {
	s := NewSubject(state(), nil, leased, "eu-west-1", nil)
	nothing, everything := func(string) bool { return false }, func(string) bool { return true }
	trail := func(what string) providers.Trail { return providers.Trail{Own: []providers.Call{call(1, "ci", what)}} }
	for name, c := range map[string]struct {
		typ   string
		trail providers.Trail
		seen  func(string) bool
		asked bool
		other bool
	}{
		"an owner that it made":                     {"aws_lease", trail("created aws_shelf s-1"), nothing, true, false},
		"an object that spells its owner":           {"aws_link", trail("created aws_link s-1_s-9"), nothing, true, false},
		"an object that does not, unseen":           {"aws_lease", trail("created aws_lease l-1"), nothing, true, true},
		"an object that does not, seen":             {"aws_lease", trail("created aws_lease l-1"), everything, false, false},
		"an object that it deleted":                 {"aws_lease", trail("deleted aws_lease l-1"), nothing, false, false},
		"one of several runs":                       {"aws_lease", providers.Trail{Unclear: trail("created aws_shelf s-1").Own}, nothing, true, false},
		"what somebody else made matters to nobody": {"aws_lease", providers.Trail{Others: trail("created aws_shelf s-1").Own}, nothing, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := s.OwnersTold(c.typ, c.trail, c.seen)
			if got.Of("s-1") != c.asked || got.Of("s-2") != c.other {
				t.Errorf("asked %v, another %v, want %v, %v", got.Of("s-1"), got.Of("s-2"), c.asked, c.other)
			}
		})
	}
}
