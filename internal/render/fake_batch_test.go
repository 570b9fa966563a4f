package render

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// batchFaults are what is to go wrong where imports are taken together.
type batchFaults struct {
	Updates   []string // addresses that the plan would also update
	Missing   []string // addresses whose object is not there: the plan fails
	Needs     []string // addresses that something else must be made for
	Blocks    bool     // import blocks work although the command import fails
	Show      string   // added to the top of show -json, after its first brace
	OtherID   string   // address that show -json imports by another id
	HalfApply bool     // the apply writes the first half and fails
}

type fakePlanFile struct {
	Serial  int
	Imports [][2]string
}

// fakeBatch is plan -out, show -json and apply of a plan with import blocks.
// ours is false for every other command.
func fakeBatch(args []string, state *fakeState, f faults, fail func(string) int) (code int, ours bool) {
	path := args[len(args)-1]
	for _, a := range args {
		if out, ok := strings.CutPrefix(a, "-out="); ok {
			return fakeBatchPlan(out, args, state, f, fail), true
		}
	}
	switch args[0] {
	case "init":
		return 0, true
	case "show", "apply":
	default:
		return 0, false
	}
	var planned fakePlanFile
	data, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(data, &planned) != nil {
		return fail("Error: no plan file"), true
	}
	if args[0] == "show" {
		return fakeShow(planned, f), true
	}
	if planned.Serial != state.Serial {
		return fail("Error: Saved plan is stale"), true
	}
	if f.HalfApply {
		planned.Imports = planned.Imports[:len(planned.Imports)/2]
	}
	for _, i := range planned.Imports {
		fakeAdd(state, i[0], i[1])
	}
	saveState(state)
	if f.HalfApply {
		return fail("Error: no luck"), true
	}
	return 0, true
}

func fakeBatchPlan(out string, args []string, state *fakeState, f faults, fail func(string) int) int {
	text, err := os.ReadFile("zz_reconcile_batch.tf")
	if err != nil {
		return fail("Error: no import blocks")
	}
	file, diags := hclsyntax.ParseConfig(text, "x.tf", hcl.InitialPos)
	if diags.HasErrors() {
		return fail(diags.Error())
	}
	if strings.HasPrefix(f.Fail, "import") && !f.Blocks {
		return fail("Error: no luck")
	}
	p := fakePlanFile{Serial: state.Serial}
	var needed string
	for _, b := range file.Body.(*hclsyntax.Body).Blocks {
		if b.Type != "import" {
			continue
		}
		to := string(b.Body.Attributes["to"].Expr.Range().SliceBytes(text))
		id, _ := b.Body.Attributes["id"].Expr.Value(nil)
		if !slices.Contains(args, "-target="+to) {
			return fail("Error: not targeted: " + to)
		}
		if slices.Contains(f.Missing, to) {
			return fail("Error: Cannot import non-existent remote object")
		}
		if slices.Contains(f.Needs, to) {
			needed = "needed"
		}
		p.Imports = append(p.Imports, [2]string{to, id.AsString()})
	}
	if needed != "" {
		p.Imports = append(p.Imports, [2]string{"aws_thing.needed", ""})
	}
	data, _ := json.Marshal(p)
	if err := os.WriteFile(out, data, 0o600); err != nil {
		return fail(err.Error())
	}
	return 0
}

// fakeShow prints what Terraform prints, with strings in it that look like
// what the script looks for.
func fakeShow(p fakePlanFile, f faults) int {
	var changes []any
	for _, i := range p.Imports {
		change := map[string]any{"actions": []string{"no-op"}, "before": map[string]any{"id": i[1]}, "after": map[string]any{"id": i[1], "tags": map[string]any{"id": "not this one", "importing": `"},{"actions":["delete"]}`}},
			"after_unknown": map[string]any{}, "importing": map[string]any{"id": i[1]}}
		if i[0] == f.OtherID {
			change["importing"] = map[string]any{"id": "another"}
		}
		if slices.Contains(f.Updates, i[0]) {
			change["actions"] = []string{"update"}
		}
		if i[1] == "" {
			change = map[string]any{"actions": []string{"create"}, "before": nil, "after": map[string]any{}}
		}
		changes = append(changes, map[string]any{"address": i[0], "mode": "managed", "type": "t", "change": change})
	}
	changes = append(changes, map[string]any{"address": "data.aws_x.y", "mode": "data", "change": map[string]any{"actions": []string{"read"}}},
		map[string]any{"address": "aws_vpc.main", "mode": "managed", "change": map[string]any{"actions": []string{"no-op"}, "before": map[string]any{"id": "vpc-1"}}})
	slices.SortFunc(changes, func(a, b any) int { // as Terraform does, whatever the order of the blocks
		return strings.Compare(a.(map[string]any)["address"].(string), b.(map[string]any)["address"].(string))
	})
	data, err := json.Marshal(map[string]any{"format_version": "1.2", "variables": map[string]any{"v": map[string]any{"value": `\"}],"resource_changes":[`}}, "planned_values": map[string]any{},
		"resource_changes": changes, "applyable": true, "complete": false, "errored": false, "timestamp": "2026-11-21T21:30:00Z"})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("{" + f.Show + string(data[1:]))
	return 0
}

// batchFolder is where the script's copy of the configuration was, "" if it is
// gone.
func batchFolder(private string) string {
	if _, err := os.Lstat(filepath.Join(private, "batch")); err == nil {
		return filepath.Join(private, "batch")
	}
	return ""
}
