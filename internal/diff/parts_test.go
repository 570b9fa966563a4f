package diff

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"reconcile/internal/statefile"
	"reconcile/providers"
)

// rule is a kind of which one instance stands for a rule a range.
var rule = providers.Kind{
	Type: "aws_rule", Identity: "{group}_{ranges}", Import: "{group}_{ranges}", Facet: true, Compared: []string{"cidr_blocks"},
	Events: []providers.Event{{Name: "Authorize", Role: providers.Created}},
	Parts: func(a providers.Attrs) []providers.Attrs {
		list, _ := a["cidr_blocks"].([]any)
		var out []providers.Attrs
		for _, cidr := range list {
			out = append(out, providers.Attrs{"group": a["group"], "cidr_blocks": []any{cidr}, "region": a["region"], "owner_id": a["owner_id"]})
		}
		return out
	},
	Whole: func(parts []providers.Attrs) providers.Attrs {
		out := providers.Attrs{}
		var cidrs []string
		for _, p := range parts {
			out["group"] = p["group"]
			for _, c := range p["cidr_blocks"].([]any) {
				cidrs = append(cidrs, c.(string))
			}
		}
		slices.Sort(cidrs)
		list := make([]any, len(cidrs))
		for i := range cidrs {
			list[i] = cidrs[i]
		}
		out["cidr_blocks"], out["ranges"] = list, strings.Join(cidrs, "_")
		return out
	},
}

func part(cidr string) providers.Object {
	return alive("aws_rule", "sg-1_"+cidr, providers.Attrs{"group": "sg-1", "cidr_blocks": []any{cidr}})
}

func compareRules(instances []statefile.Instance, objects []providers.Object, own ...providers.Call) Result {
	s := NewSubject(state(instances...), nil, providers.Kinds{rule}, "", nil)
	return Compare(s, Reading{Caller: providers.Caller{Account: account1}, Inventory: providers.Inventory{Objects: objects, Coverage: []providers.Coverage{covered("aws_rule", providers.Read)}},
		Looks: Looks{{"aws_rule", west}: {}}, Trail: providers.Trail{Own: own}})
}

func TestAnInstanceOfSeveralPartsIsThereIfTheyAre(t *testing.T) {
	both := recorded("aws_rule.x", "", map[string]any{"id": "hash", "group": "sg-1", "region": "eu-west-1", "owner_id": account1, "cidr_blocks": []any{"10.2.0.0/16", "10.1.0.0/16"}})
	both.Attributes = []byte(strings.Replace(string(both.Attributes), `"id"`, `"arn":"arn:aws:ec2:eu-west-1:`+account1+`:x/y","id"`, 1))
	gone := []providers.Call{call(1, "ci", "deleted aws_rule sg-1_10.1.0.0/16"), call(2, "ci", "deleted aws_rule sg-1_10.2.0.0/16")}
	for name, c := range map[string]struct {
		objects []providers.Object
		own     []providers.Call
		status  Status
		drift   string
	}{
		"all parts are there":               {[]providers.Object{part("10.1.0.0/16"), part("10.2.0.0/16")}, nil, InSync, ""},
		"one part is missing":               {[]providers.Object{part("10.2.0.0/16")}, gone[:1], Drifted, `["10.2.0.0/16"]`},
		"none is, and the session's doing":  {nil, gone, Gone, ""},
		"none is, one of them by nobody":    {nil, gone[:1], GoneUnexplained, ""},
		"another rule of the group is none": {[]providers.Object{part("10.3.0.0/16")}, gone, Gone, ""},
	} {
		t.Run(name, func(t *testing.T) {
			i := compareRules([]statefile.Instance{both}, c.objects, c.own...).Instances[0]
			if i.Status != c.status || i.ID != "sg-1_10.1.0.0/16_10.2.0.0/16" {
				t.Errorf("%s (%s), identity %s; want %s", i.Status, i.Reason, i.ID, c.status)
			}
			if c.drift != "" && (len(i.Drift) != 1 || i.Drift[0].Live != c.drift) {
				t.Errorf("drift %+v, want %s", i.Drift, c.drift)
			}
			if c.status == Gone && len(i.Events) != 2 {
				t.Errorf("explained by %v, want both deletions", i.Events)
			}
		})
	}
}

// TestPartsThatWereMadeAgainBelongToWhatTheyWereMadeWith has the rules revoked
// and authorized again, for another list: AWS has the old range either way.
func TestPartsThatWereMadeAgainBelongToWhatTheyWereMadeWith(t *testing.T) {
	const a, b = "10.1.0.0/16", "10.2.0.0/16"
	instance := func(cidrs ...any) statefile.Instance {
		return recorded("aws_rule.x", "", map[string]any{"id": "hash", "group": "sg-1", "region": "eu-west-1",
			"arn": "arn:aws:ec2:eu-west-1:" + account1 + ":x/y", "cidr_blocks": cidrs})
	}
	deed := func(second int, by, what string, cidrs ...string) providers.Call {
		c := call(second, by, what+" aws_rule sg-1_"+cidrs[0])
		for _, cidr := range cidrs[1:] {
			c.Mutations = append(c.Mutations, providers.Mutation{Type: "aws_rule", ID: "sg-1_" + cidr, Role: providers.Role(what)})
		}
		return c
	}
	for name, c := range map[string]struct {
		recorded statefile.Instance
		live     []providers.Object
		own      []providers.Call
		status   Status
		objects  string
	}{
		"for a longer list":              {instance(a), []providers.Object{part(a), part(b)}, []providers.Call{deed(1, "ci", "deleted", a), deed(2, "ci", "created", a, b)}, Gone, "[10.1.0.0/16 10.2.0.0/16]"},
		"in the same second":             {instance(a), []providers.Object{part(a), part(b)}, []providers.Call{deed(1, "ci", "deleted", a), deed(1, "ci", "created", a, b)}, Gone, "[10.1.0.0/16 10.2.0.0/16]"},
		"for a shorter list":             {instance(a, b), []providers.Object{part(a)}, []providers.Call{deed(1, "ci", "deleted", a, b), deed(2, "ci", "created", a)}, Gone, "[10.1.0.0/16]"},
		"for the same list":              {instance(a, b), []providers.Object{part(a), part(b)}, []providers.Call{deed(1, "ci", "deleted", a, b), deed(2, "ci", "created", a, b)}, InSync, ""},
		"a part that was never deleted":  {instance(a, b), []providers.Object{part(a), part(b)}, []providers.Call{deed(1, "ci", "deleted", b), deed(2, "ci", "created", b)}, InSync, ""},
		"made before it was deleted":     {instance(a), []providers.Object{part(a), part(b)}, []providers.Call{deed(1, "ci", "created", a, b), deed(2, "ci", "deleted", a)}, InSync, "[10.2.0.0/16]"},
		"one more, and nothing deleted":  {instance(a), []providers.Object{part(a), part(b)}, []providers.Call{deed(2, "ci", "created", b)}, InSync, "[10.2.0.0/16]"},
		"deleted, and nothing made then": {instance(a), []providers.Object{part(a)}, []providers.Call{deed(1, "ci", "deleted", a)}, InSync, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := compareRules([]statefile.Instance{c.recorded}, c.live, c.own...)
			var lists []string
			for _, o := range r.Objects {
				lists = append(lists, fmt.Sprint(o.Attrs["cidr_blocks"]))
			}
			if i := r.Instances[0]; i.Status != c.status || i.Remade != (c.status == Gone) || strings.Join(lists, " ") != c.objects {
				t.Errorf("%s, remade %v, objects %v; want %s and %s", i.Status, i.Remade, lists, c.status, c.objects)
			}
		})
	}
}

func TestWhatOneCallMadeIsOneObject(t *testing.T) {
	made := call(1, "ci", "created aws_rule sg-1_10.1.0.0/16")
	made.Mutations = append(made.Mutations, providers.Mutation{Type: "aws_rule", ID: "sg-1_10.2.0.0/16", Role: providers.Created})
	claimed := recorded("aws_rule.x", "", map[string]any{"id": "hash", "group": "sg-1", "region": "eu-west-1", "arn": "arn:aws:ec2:eu-west-1:" + account1 + ":x/y", "cidr_blocks": []any{"10.9.0.0/16"}})
	got := compareRules([]statefile.Instance{claimed}, []providers.Object{part("10.9.0.0/16"), part("10.2.0.0/16"), part("10.1.0.0/16"), part("10.3.0.0/16"), part("10.4.0.0/16")},
		made, call(2, "ci", "created aws_rule sg-1_10.3.0.0/16"))
	var lines []string
	for _, o := range got.Objects {
		lines = append(lines, fmt.Sprint(o.ID, " ", o.Maker, " ", o.Attrs["cidr_blocks"]))
	}
	want := []string{"sg-1_10.1.0.0/16_10.2.0.0/16 session [10.1.0.0/16 10.2.0.0/16]", "sg-1_10.3.0.0/16 session [10.3.0.0/16]", "sg-1_10.4.0.0/16 nobody [10.4.0.0/16]"}
	if d := cmp.Diff(want, lines); d != "" {
		t.Error(d)
	}
}
