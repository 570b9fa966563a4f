package wanted

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWhatMustBeThereFirstIsFoundWhereverItStands: an import whose dependency is
// missed comes too early and fails, or reads another configuration.
func TestWhatMustBeThereFirstIsFoundWhereverItStands(t *testing.T) {
	const vpcs = "resource \"aws_vpc\" \"a\" {}\nresource \"aws_vpc\" \"b\" {}\n"
	a, b, both := []string{"aws_vpc.a"}, []string{"aws_vpc.b"}, []string{"aws_vpc.a", "aws_vpc.b"}
	for _, c := range []struct {
		name, block string
		json        bool
		want        []string
	}{
		{name: "the content of a dynamic block", block: `dynamic "e" {
			for_each = [1]
			content { v = aws_vpc.a.id }
		}`, want: a},
		{name: "what a dynamic block iterates over", block: `dynamic "e" {
			for_each = aws_vpc.b[*].id
			content { v = e.value }
		}`, want: b},
		{name: "a dynamic block in a block in a dynamic block", block: `outer {
			dynamic "e" {
				for_each = [aws_vpc.a.id]
				iterator = it
				content {
					v = it.value
					inner {
						w = "x"
						dynamic "f" {
							for_each = [it.value]
							content { v = "${f.value} ${aws_vpc.b.id}" }
						}
					}
				}
			}
		}`, want: both},
		{name: "an iterator that has the name of a type", block: `dynamic "e" {
			for_each = [1]
			iterator = aws_vpc
			content { v = aws_vpc.a }
		}`},
		{name: "a dynamic block through a local", block: `dynamic "e" {
			for_each = local.l
			content { v = e.value }
		}
	}
	locals {
		l = [aws_vpc.a.id]`, want: a},
		{name: "replace_triggered_by", block: "lifecycle {\n replace_triggered_by = [aws_vpc.a.id, aws_vpc.b]\n}", want: both},
		{name: "a precondition", block: "lifecycle {\n precondition {\n condition = aws_vpc.a.id != \"\"\n error_message = \"\"\n}\n}", want: a},
		{name: "depends_on", block: "depends_on = [aws_vpc.b]", want: b},
		{name: "a provisioner and its connection", block: `provisioner "local-exec" {
			command = aws_vpc.a.id
			connection { host = aws_vpc.b.id }
		}`, want: both},
		{name: "for_each", block: "for_each = { k = aws_vpc.a.id }", want: a},
		{name: "count", block: "count = length(aws_vpc.b.id)", want: b},
		{name: "JSON: dynamic", json: true, block: `"dynamic": {"e": {"for_each": [1], "content": {"v": "${aws_vpc.a.id}"}}}`, want: a},
		{name: "JSON: dynamic in a block", json: true, block: `"outer": {"dynamic": {"e": {"for_each": "${aws_vpc.b.id}", "content": {"v": "${e.value}"}}}}`, want: b},
		{name: "JSON: replace_triggered_by", json: true, block: `"lifecycle": {"replace_triggered_by": ["aws_vpc.a.id", "${aws_vpc.b}"]}`, want: both},
	} {
		t.Run(c.name, func(t *testing.T) {
			content := map[string]string{"vpcs.tf": vpcs, "x.tf": "resource \"aws_x\" \"x\" {\n" + c.block + "\n}\n"}
			if c.json {
				delete(content, "x.tf")
				content["x.tf.json"] = `{"resource": {"aws_x": {"x": {` + c.block + `}}}}`
			}
			plan := planned()
			if strings.Contains(c.name, "depends_on") { // the plan's JSON tells these by itself
				plan = strings.Replace(plan, `"name":"x","expressions"`, `"name":"x","depends_on":["aws_vpc.b"],"expressions"`, 1)
			}
			if c.name == "for_each" || c.name == "count" {
				plan = strings.Replace(plan, `"name":"x","expressions"`, `"name":"x","`+c.name+`_expression":{"references":["`+c.want[0]+`.id","`+c.want[0]+`"]},"expressions"`, 1)
			}
			dir := folder(t, content)
			w, err := FromPlan(strings.NewReader(plan), "plan.json", Config{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			x, _ := w.Find("aws_x.x")
			if d := cmp.Diff(c.want, x.DependsOn); d != "" {
				t.Errorf("with the plan (-want +got):\n%s", d)
			}
			if w, err = FromConfig(Config{Dir: dir, Workspace: "default"}); err != nil {
				t.Fatal(err)
			}
			// Keys that come after the apply leave no instance but an unlisted one.
			if x, ok := w.Find("aws_x.x"); ok {
				if d := cmp.Diff(c.want, x.DependsOn); d != "" {
					t.Errorf("with the configuration alone (-want +got):\n%s", d)
				}
			}
		})
	}
}

// TestAMoveThatIsNotUnderstoodIsSaid: passed over in silence it would make a
// deletion and a creation of what only gets another name.
func TestAMoveThatIsNotUnderstoodIsSaid(t *testing.T) {
	for _, block := range []string{
		"moved {\n from = aws_vpc.old[var.k]\n to = aws_vpc.new\n}",
		"moved {\n from = aws_vpc.old\n to = data.aws_vpc.new\n}",
		"moved {\n from = aws_vpc.old\n to = module.m\n}",
		"moved {\n from = aws_vpc.old\n}",
		"removed {\n from = \"x\"\n}",
	} {
		w := configured(t, stateWith(t, entry{"aws_vpc.old", map[string]any{"id": "vpc-1"}}), map[string]string{"main.tf": "resource \"aws_vpc\" \"new\" {}\n" + block + "\n"})
		if !slices.ContainsFunc(w.Missing, func(why string) bool {
			return strings.Contains(why, "main.tf line 2") && strings.Contains(why, "not understood")
		}) {
			t.Errorf("%s\nnothing says that it was passed over: %q", block, w.Missing)
		}
	}
}
