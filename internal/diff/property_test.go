package diff

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"reconcile/internal/statefile"
	"reconcile/providers"
)

// scene is any state against any reading: tables in VPCs, routes in tables.
type scene struct {
	subject Subject
	reading Reading
}

func drawScene(t *rapid.T) scene {
	pick := func(n int, what string) int { return rapid.IntRange(0, n-1).Draw(t, what) }
	types := []string{"aws_vpc", "aws_route_table", "aws_route", "aws_attachment"}
	var instances []statefile.Instance
	for n := range pick(8, "instances") {
		typ := types[pick(len(types), "type")]
		attrs := map[string]any{"id": fmt.Sprintf("id-%d", pick(4, "id")), "vpc_id": fmt.Sprintf("id-%d", pick(4, "vpc")), "route_table_id": fmt.Sprintf("id-%d", pick(4, "table")), "destination": "0.0.0.0/0"}
		if pick(4, "placed") > 0 {
			attrs["arn"] = "arn:aws:ec2:eu-west-1:" + []string{account1, account2}[pick(2, "account")] + ":x/y"
		}
		i := recorded(fmt.Sprintf("%s.x%d", typ, n), "", attrs)
		if pick(5, "deposed") == 4 {
			i.Deposed = "deadbeef"
		}
		instances = append(instances, i)
	}
	r := Reading{Caller: providers.Caller{Account: account1}, Looks: Looks{}}
	statuses := []providers.Status{providers.Read, providers.Denied, providers.Throttled, providers.Failed, providers.NotSupported, providers.NotRead}
	for _, typ := range types {
		if s := pick(len(statuses)+1, "coverage"); s < len(statuses) {
			r.Inventory.Coverage = append(r.Inventory.Coverage, covered(typ, statuses[s]))
		}
		draw := func(what string) []providers.Object {
			var out []providers.Object
			for range pick(4, what) {
				id := fmt.Sprintf("id-%d", pick(4, "id"))
				if typ == "aws_route" {
					id += "_0.0.0.0/0"
				}
				o := alive(typ, id, nil)
				o.Life = []providers.Life{providers.Alive, providers.Pending, providers.Gone}[pick(3, "life")]
				out = append(out, o)
			}
			return out
		}
		r.Inventory.Objects = append(r.Inventory.Objects, draw("objects")...)
		switch pick(3, "look") {
		case 0:
			r.Looks[LookKey{typ, west}] = Look{Objects: draw("looked")}
		case 1:
			r.Looks[LookKey{typ, west}] = Look{Err: errLater}
		}
	}
	calls := func(by string) []providers.Call {
		var out []providers.Call
		for n := range pick(6, by) {
			typ := types[pick(len(types), "type")]
			id := fmt.Sprintf("id-%d", pick(4, "id"))
			if typ == "aws_route" {
				id += "_0.0.0.0/0"
			}
			c := call(pick(4, "second"), by, []string{"created", "changed", "deleted"}[pick(3, "role")]+" "+typ+" "+id)
			c.EventID += fmt.Sprint(n)
			out = append(out, c)
		}
		return out
	}
	r.Trail = providers.Trail{Own: calls("ci"), Others: calls("eve"), Unclear: calls("run")}
	return scene{NewSubject(state(instances...), nil, kinds, "", nil), r}
}

func TestNothingIsGoneWithoutProof(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t)
		for _, i := range Compare(s.subject, s.reading).Instances {
			if i.Status != Gone && i.Status != GoneUnexplained {
				continue
			}
			if got := s.reading.Inventory.Status(i.Type, i.Place); got != providers.Read {
				t.Fatalf("%s is %s on a listing that is %s", i.Address, i.Status, got)
			}
			look, asked := s.reading.Looks[LookKey{i.Type, i.Place}]
			if !asked || look.Err != nil {
				t.Fatalf("%s is %s without a second look", i.Address, i.Status)
			}
			for _, o := range slices.Concat(look.Objects) {
				if o.ID == i.ID && o.Life != providers.Gone {
					t.Fatalf("%s is %s, and the second look found it", i.Address, i.Status)
				}
			}
			for _, o := range s.reading.Inventory.Objects {
				if o.Type == i.Type && o.ID == i.ID && o.Life != providers.Gone {
					t.Fatalf("%s is %s, and the listing holds it", i.Address, i.Status)
				}
			}
			if i.Status == Gone && !ownDeletion(s.reading.Trail, i) {
				t.Fatalf("%s is gone, and the session deleted neither it nor a parent", i.Address)
			}
		}
	})
}

func ownDeletion(t providers.Trail, i Instance) bool {
	for _, c := range t.Own {
		for _, m := range c.Mutations {
			if m.Role != providers.Deleted || !slices.Contains(i.Events, c.EventID) {
				continue
			}
			if (m.Type == i.Type && m.ID == i.ID) || slices.ContainsFunc(i.Kind.Parents, func(p string) bool { return i.Attrs.Text(p) == m.ID }) {
				return true
			}
		}
	}
	return false
}

func TestTheOrderOfTheReadingChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t)
		want := Compare(s.subject, s.reading)
		s.subject.Instances = rapid.Permutation(s.subject.Instances).Draw(t, "instances")
		r := &s.reading
		r.Inventory.Objects = rapid.Permutation(r.Inventory.Objects).Draw(t, "objects")
		r.Trail.Own = rapid.Permutation(r.Trail.Own).Draw(t, "own")
		r.Trail.Others = rapid.Permutation(r.Trail.Others).Draw(t, "others")
		r.Trail.Unclear = rapid.Permutation(r.Trail.Unclear).Draw(t, "unclear")
		got := Compare(s.subject, s.reading)
		if d := cmp.Diff(spelled(want), spelled(got)); d != "" {
			t.Fatal(d)
		}
	})
}

func spelled(r Result) []string {
	var out []string
	for _, i := range r.Instances {
		out = append(out, fmt.Sprintln(i.Address, i.Deposed, i.Status, i.Events, i.By, i.Reason, i.Drift))
	}
	for _, o := range r.Objects {
		out = append(out, fmt.Sprintln(o.Type, o.ID, o.Maker, o.By, o.Events))
	}
	return out
}
