package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"reconcile/internal/need"
	"reconcile/internal/plan"
)

// batchRead runs the script's reader of terraform show -json.
func batchRead(t *rapid.T, bash, dir, checks string, document []byte) []string {
	path := filepath.Join(dir, "checks")
	if err := os.WriteFile(path, []byte(checks), 0o600); err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs("script/64_batch_read.sh")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bash, "-c", `. "$0"; batch_read "$1"`, script, path)
	cmd.Stdin = bytes.NewReader(document)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

type drawnChange struct {
	Address  string         `json:"address"`
	Previous string         `json:"previous_address,omitempty"`
	Mode     string         `json:"mode"`
	Deposed  string         `json:"deposed,omitempty"`
	Name     string         `json:"name"`
	Change   map[string]any `json:"change"`
}

// tricky draws text that looks like the JSON around it.
func tricky() *rapid.Generator[string] {
	return rapid.OneOf(awkward(), rapid.SampledFrom([]string{`"`, `\`, `\\`, `\"`, `"},{"`, `"actions":["no-op"]`, `}]}`, `","importing":{"id":"x"}`, `<&>`, "\u2028", "{", "[", ":", ","}))
}

// The reader in awk and encoding/json say the same of every plan.
func TestThePlanIsReadAsJSONSays(t *testing.T) {
	bash := need.Tool(t, "bash")
	need.Tool(t, "awk")
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		pick := func(label string, usual any, others ...any) any {
			if i := rapid.IntRange(0, 5*len(others)).Draw(t, label); i < len(others) {
				return others[i]
			}
			return usual
		}
		text := func(label string) string { return tricky().Draw(t, label) }
		nested := func(label string) any {
			return map[string]any{text(label): []any{text(label), map[string]any{"id": text(label), "actions": []any{"delete"}, "change": nil}, 1.5, true}}
		}
		var checks strings.Builder
		wants := map[string]plan.Action{}
		numbers := map[string]int{}
		var addresses []string
		for i := range rapid.IntRange(0, 4).Draw(t, "steps") {
			a := plan.Action{Address: fmt.Sprint("a", i, ".") + text("address"), ID: "i" + text("id")}
			if rapid.Bool().Draw(t, "new id known") {
				a.NewStateID = "n" + text("new")
			}
			wants[a.Address], numbers[a.Address] = a, i
			addresses = append(addresses, a.Address)
			for _, spell := range []func(string) string{literal, plainLiteral} {
				id := ""
				if a.NewStateID != "" {
					id = spell(a.NewStateID)
				}
				fmt.Fprintf(&checks, "%d\t%s\t%s\t%s\n", i, spell(a.Address), spell(a.ID), id)
			}
		}
		changes := []drawnChange{}
		pure, other := []string{}, false
		for i := range rapid.IntRange(0, 6).Draw(t, "changes") {
			c := drawnChange{Address: fmt.Sprint("o", i, ".") + text("other"), Name: text("name"), Mode: pick("mode", "managed", "data", "ephemeral").(string),
				Deposed: pick("deposed", "", "00000000").(string), Previous: pick("previous", "", "x.y").(string)}
			w, ours := plan.Action{}, i < len(addresses)
			if ours {
				c.Address = addresses[i]
				w = wants[c.Address]
			}
			actions := pick("actions", []any{"no-op"}, []any{"update"}, []any{"create"}, []any{"delete", "create"}, []any{"read"}, []any{}, []any{"forget"}).([]any)
			c.Change = map[string]any{"actions": actions, "before": nested("before"), "after_unknown": nested("unknown")}
			importing := ours != (rapid.IntRange(0, 9).Draw(t, "importing") == 0)
			importID := pick("import id", w.ID, "another").(string)
			if importing {
				c.Change["importing"] = map[string]any{"id": importID}
			} else {
				c.Change["importing"] = nil
			}
			after := pick("after", w.NewStateID, "another").(string)
			c.Change["after"] = map[string]any{"id": after, text("attribute"): nested("after")}
			changes = append(changes, c)

			quiet := len(actions) == 1 && actions[0] == "no-op" && c.Deposed == "" && c.Previous == ""
			switch {
			case c.Mode == "data":
				read := len(actions) == 1 && (actions[0] == "read" || actions[0] == "no-op")
				other = other || !read || importing || c.Deposed != "" || c.Previous != ""
			case !ours:
				other = other || !quiet || importing || c.Mode != "managed"
			case quiet && c.Mode == "managed" && importing && importID == w.ID && (w.NewStateID == "" || after == w.NewStateID):
				pure = append(pure, fmt.Sprint("STEP ", numbers[c.Address]))
			}
		}
		document := map[string]any{"format_version": "1.2", "variables": nested("variables"), "planned_values": nested("planned"), "resource_changes": changes,
			"prior_state": nested("prior"), "configuration": nested("configuration"), "errored": false}
		whole := false
		switch rapid.IntRange(0, 9).Draw(t, "trouble") {
		case 0:
			document["errored"], whole = true, true
		case 1:
			document["resource_drift"], whole = []any{nested("drift")}, true
		case 2:
			document["output_changes"] = map[string]any{text("output"): map[string]any{"actions": []any{"no-op"}, "before": nested("output")}}
		case 3:
			document["output_changes"], whole = map[string]any{text("output"): map[string]any{"actions": []any{"update"}}}, true
		case 4:
			document["k"+strings.Trim(literal(text("key")), `"`)], whole = 1, true
		case 5:
			document["format_version"], whole = "2.0", true
		}
		var encoded bytes.Buffer
		enc := json.NewEncoder(&encoded)
		enc.SetEscapeHTML(rapid.Bool().Draw(t, "HTML escapes"))
		if rapid.Bool().Draw(t, "indented") {
			enc.SetIndent("", " ")
		}
		if err := enc.Encode(document); err != nil {
			t.Fatal(err)
		}

		tail := ""
		if rapid.Bool().Draw(t, "warned after it") {
			tail = tricky().Draw(t, "warning")
		}
		said := batchRead(t, bash, dir, checks.String(), append(bytes.Clone(encoded.Bytes()), tail...))
		var gotPure []string
		gotOther, gotWhole := false, false
		for _, line := range said {
			switch word, _, _ := strings.Cut(line, " "); word {
			case "STEP":
				gotPure = append(gotPure, line)
			case "OTHER":
				gotOther = true
			case "WHOLE":
				gotWhole = true
			case "BAD", "END":
			default:
				t.Errorf("it says %q", line)
			}
		}
		if said[len(said)-1] != "END" || !slices.Equal(gotPure, slices.Clip(pure)) && len(gotPure)+len(pure) > 0 || gotOther != other || gotWhole != whole {
			t.Fatalf("%s\nsaid %q\nwant pure %q, other %v, whole %v", encoded.String(), said, pure, other, whole)
		}

		cut := rapid.IntRange(0, len(bytes.TrimRight(encoded.Bytes(), " \n"))-1).Draw(t, "cut")
		if said := batchRead(t, bash, dir, checks.String(), encoded.Bytes()[:cut]); said[len(said)-1] == "END" {
			t.Fatalf("a plan that is cut off after %d bytes is taken for whole:\n%s", cut, encoded.String()[:cut])
		}
	})
}
