package render

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	"pgregory.net/rapid"

	"reconcile/internal/plan"
)

// removals is the sample with every way in which a removal can be said or not.
func removals() *plan.Report {
	r := sample()
	rm := func(address string, e plan.Entry) plan.Action {
		return plan.Action{N: len(r.Actions) + 1, Op: plan.StateRm, Address: address, Type: "aws_eip", ID: "eipalloc-9", Argv: []string{"state", "rm", address}, OldStateID: "eipalloc-9",
			Entry: e, Why: "the session deleted it", Undo: []string{}, EventIDs: []string{}, Needs: []string{}}
	}
	for _, a := range []plan.Action{
		rm("module.net.aws_eip.old", plan.Entry{Module: `"module.net"`, Type: `"aws_eip"`, Name: `"old"`}),
		rm("aws_eip.kept", plan.Entry{Type: `"aws_eip"`, Name: `"kept"`}),
		rm("aws_eip.mixed", plan.Entry{Type: `"aws_eip"`, Name: `"mixed"`}),
		rm(`aws_eip.many["a"]`, plan.Entry{Type: `"aws_eip"`, Name: `"many"`, Key: `"a"`}),
	} {
		a.N = len(r.Actions) + 1
		r.Actions = append(r.Actions, a)
	}
	r.Findings = append(r.Findings, plan.Finding{Status: plan.InState, Address: "aws_eip.mixed[0]", Type: "aws_eip", ID: "eipalloc-3", EventIDs: []string{}})
	r.Guard.Declares = []plan.Declared{{Dir: ".", Resources: []string{"aws_eip.kept"}, Outputs: []string{}}}
	return r
}

func TestImportBlocksGolden(t *testing.T) {
	person := removals()
	person.Incomplete, person.Guard.Declares = []string{"ec2:DescribeSubnets was denied"}, nil
	none := sample()
	none.Actions = nil
	for name, r := range map[string]*plan.Report{"blocks.golden": removals(), "blocks_incomplete.golden": person, "blocks_hostile.golden": hostile(), "blocks_none.golden": none} {
		got := rendered(t, ImportBlocks, r, Options{})
		golden(t, name, got)
		wellFormed(t, got)
	}
}

// wellFormed parses the file and wants it as terraform fmt would leave it.
func wellFormed(t testing.TB, text string) *hclsyntax.Body {
	t.Helper()
	file, diags := hclsyntax.ParseConfig([]byte(text), "imports.tf", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("%v\n%s", diags, text)
	}
	if formatted := string(hclwrite.Format([]byte(text))); formatted != text {
		t.Errorf("not formatted:\n%s", text)
	}
	return file.Body.(*hclsyntax.Body)
}

// Whatever an id or a key holds, the block names that id and that address, and
// a comment stays a comment.
func TestABlockSaysWhatTheCommandSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := sample()
		key := cty.StringVal(tricky().Draw(t, "key")).AsString() // as Terraform keeps them
		a := &r.Actions[2]
		a.Address = "module.m[0].aws_x.y[" + string(hclwrite.TokensForValue(cty.StringVal(key)).Bytes()) + "]"
		a.ID, a.Why = tricky().Draw(t, "id"), tricky().Draw(t, "why")
		a.Argv = []string{"import", a.Address, a.ID}
		r.Actions = []plan.Action{*a}
		r.Incident, r.Incomplete = tricky().Draw(t, "incident"), []string{tricky().Draw(t, "incomplete")}
		var b strings.Builder
		if err := ImportBlocks(&b, r, Options{}); err != nil {
			t.Fatal(err)
		}
		file, diags := hclsyntax.ParseConfig([]byte(b.String()), "imports.tf", hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatalf("%v\n%s", diags, b.String())
		}
		body := file.Body.(*hclsyntax.Body)
		if len(body.Attributes) > 0 || len(body.Blocks) > 1 {
			t.Fatalf("a value became a part of the file:\n%s", b.String())
		}
		if a.ID == "" || cty.StringVal(a.ID).AsString() != a.ID {
			if len(body.Blocks) > 0 {
				t.Fatalf("the id %q cannot be said in a block:\n%s", a.ID, b.String())
			}
			return
		}
		if len(body.Blocks) != 1 {
			t.Fatalf("no block:\n%s", b.String())
		}
		attrs := body.Blocks[0].Body.Attributes
		id, diags := attrs["id"].Expr.Value(nil)
		if diags.HasErrors() || id.AsString() != a.ID {
			t.Fatalf("id %#v, want %q", id, a.ID)
		}
		to := string(attrs["to"].Expr.Range().SliceBytes([]byte(b.String())))
		if to != a.Address {
			t.Fatalf("to %s, want %s", to, a.Address)
		}
	})
}

// A folder that holds a configuration gets no imports.tf: Terraform would read it.
func TestNoImportBlocksAreWrittenIntoAConfiguration(t *testing.T) {
	for _, name := range []string{"main.tf", "main.tf.json"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := WriteAll(dir, sample()); err != nil {
			t.Fatal(err)
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == "imports.tf" }) {
			t.Errorf("imports.tf lies beside %s", name)
		}
	}
}
