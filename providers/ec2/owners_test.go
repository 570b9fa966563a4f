package ec2_test

import (
	"context"
	"slices"
	"testing"

	"reconcile/providers"
	"reconcile/providers/ec2"
)

// chosen are owners that a test chooses.
type chosen struct {
	named, told providers.Asking
	seen        []string // what Told was shown of the ids it looked for
	look        []string
}

func (c *chosen) Named(string) providers.Asking { return c.named }

func (c *chosen) Told(_ context.Context, _ string, seen func(string) bool) providers.Asking {
	for _, id := range c.look {
		if seen(id) {
			c.seen = append(c.seen, id)
		}
	}
	return c.told
}

func TestOwnersThatNobodyNamedAreNotAsked(t *testing.T) {
	f := everything()
	tried := 0
	for _, row := range f.rows {
		sources := ec2.SourcesOf(row)
		if row.Owner == "" || len(sources) < 2 {
			continue
		}
		byOwner := map[string][]string{}
		for _, o := range only(f.whole(), row.Type) {
			owner := row.Owner.Expand(o.Attrs.Text)
			byOwner[owner] = append(byOwner[owner], o.ID)
		}
		joined := slices.Contains([]string{"aws_ec2_managed_prefix_list_entry", "aws_vpc_endpoint_service_allowed_principal"}, row.Type)
		if len(byOwner) < 3 || joined {
			continue
		}
		tried++
		t.Run(row.Type, func(t *testing.T) {
			owners := make([]string, 0, len(byOwner))
			for id := range byOwner {
				owners = append(owners, id)
			}
			slices.Sort(owners)
			srv := serve(t, f.world)
			c := &chosen{
				named: providers.Asking{IDs: map[string]bool{owners[0]: true}},
				told:  providers.Asking{In: []string{"before-" + owners[2] + "-after"}},
				look:  []string{byOwner[owners[0]][0], byOwner[owners[2]][0]},
			}
			inv := f.reader(srv).For(c).Inventory(t.Context(), []string{row.Type}, []string{region})
			want := append(slices.Clone(byOwner[owners[0]]), byOwner[owners[2]]...)
			slices.Sort(want)
			if got := identities(inv.Objects); !slices.Equal(got, want) {
				t.Errorf("read %v, want those of %s and %s: %v", got, owners[0], owners[2], want)
			}
			if cov := coverage(t, inv, row.Type); cov.Status != providers.Read || cov.Objects != len(want) {
				t.Errorf("%+v", cov)
			}
			if n := srv.Calls()[sources[0].Name]; n != 2 {
				t.Errorf("%d calls of %s for two owners", n, sources[0].Name)
			}
			if !slices.Equal(c.seen, []string{byOwner[owners[0]][0]}) {
				t.Errorf("the record was told that %v had been read", c.seen)
			}
		})
	}
	if tried < 8 {
		t.Errorf("only %d kinds were tried", tried)
	}
}

func TestAKindWhoseMembersFillAnotherIsAskedWhole(t *testing.T) {
	f := everything()
	inv := f.reader(serve(t, f.world)).For(&chosen{}).Inventory(t.Context(), []string{"aws_ec2_managed_prefix_list"}, []string{region})
	if got, want := len(only(inv, "aws_ec2_managed_prefix_list")), len(only(f.whole(), "aws_ec2_managed_prefix_list")); got != want {
		t.Fatalf("%d lists, want %d", got, want)
	}
	for _, o := range inv.Objects {
		if entries, _ := o.Attrs["entry"].([]any); len(entries) == 0 {
			t.Errorf("%s has no entries: nobody asked for them", o.ID)
		}
	}
}
