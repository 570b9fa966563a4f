package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"reconcile/internal/inventory"
	"reconcile/providers/ec2"
)

// written is the line from which on docs/kinds.md comes from the rows.
const written = "<!-- from here on written by: go test ./cmd/reconcile -run TestTheTableOfKinds -update -->\n"

// TestTheTableOfKindsIsThatOfTheRows holds docs/kinds.md against the rows, and
// writes it anew with -update.
func TestTheTableOfKindsIsThatOfTheRows(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "kinds.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, table, found := strings.Cut(string(text), written)
	if !found {
		t.Fatalf("%s has lost the line %s", path, written)
	}
	want := kindsTable(typeRows(ec2.Rows(), nil))
	if *update {
		if err := os.WriteFile(path, []byte(head+written+want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := gocmp.Diff(want, table); diff != "" {
		t.Errorf("%s is stale: go test ./cmd/reconcile -run TestTheTableOfKinds -update writes it anew. Wanted against got:\n%s", path, diff)
	}
}

// kindsTable is the table of all kinds, by family.
func kindsTable(list []typeRow) string {
	groups := map[string][]typeRow{}
	for _, r := range list {
		f := familyOf(r)
		groups[f] = append(groups[f], r)
	}
	type section struct {
		title string
		rows  []typeRow
	}
	var sections []section
	var others []typeRow
	for family, rows := range groups {
		if len(rows) == 1 && rows[0].Unread == "" {
			others = append(others, rows[0])
			continue
		}
		sections = append(sections, section{title(family, rows), rows})
	}
	slices.SortFunc(sections, func(a, b section) int { return cmp.Compare(a.title, b.title) })
	if len(others) > 0 {
		slices.SortFunc(others, func(a, b typeRow) int { return cmp.Compare(a.Type, b.Type) })
		sections = append(sections, section{"Others", others})
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n%d types.\n", len(list))
	for _, s := range sections {
		fmt.Fprintf(&b, "\n## %s\n\n| type | import | import id | listed by | gone | if it stays unrecorded |\n|---|---|---|---|---|---|\n", s.title)
		for _, r := range s.rows {
			fmt.Fprintf(&b, "| %s |\n", strings.Join(r.cells(), " | "))
		}
	}
	fmt.Fprint(&b, "\n## Not compared\n\n| type | attributes |\n|---|---|\n")
	for _, r := range list {
		if len(r.NotCompared) > 0 {
			fmt.Fprintf(&b, "| `%s` | `%s` |\n", r.Type, strings.Join(r.NotCompared, "`, `"))
		}
	}
	return b.String()
}

// notRead is the family of the kinds that no call of reconcile's lists.
const notRead = "Not read"

var verb = regexp.MustCompile(`^(Describe|Get|Search|List)`)

// nouns are the words of what a kind's listing lists: "Transit", "Gateway", …
func nouns(r typeRow) []string {
	_, action, _ := strings.Cut(r.Calls[0].Action, ":")
	return regexp.MustCompile(`[A-Z][a-z0-9]*`).FindAllString(verb.ReplaceAllString(action, ""), -1)
}

// familyOf is the first noun of a kind's listing in EC2, and the service elsewhere.
func familyOf(r typeRow) string {
	if len(r.Calls) == 0 {
		return notRead
	}
	if service, _, _ := strings.Cut(r.Calls[0].Action, ":"); service != "ec2" {
		return service + ":"
	}
	return singular(nouns(r)[0])
}

func singular(s string) string {
	if strings.HasSuffix(s, "sses") {
		return strings.TrimSuffix(s, "es")
	}
	return strings.TrimSuffix(s, "s")
}

// title is what the listings of a family have in common, as a person writes it.
func title(family string, rows []typeRow) string {
	switch family {
	case notRead:
		return notRead
	case "ram:":
		return "Resource Access Manager"
	case "directconnect:":
		return "Direct Connect"
	}
	if service, ok := strings.CutSuffix(family, ":"); ok {
		return service
	}
	common := slices.Clone(nouns(rows[0]))
	for _, r := range rows[1:] {
		n := 0
		for words := nouns(r); n < min(len(common), len(words)) && singular(common[n]) == singular(words[n]); n++ {
		}
		common = common[:n]
	}
	for i, word := range common {
		word = singular(word)
		switch upper := strings.ToUpper(word); upper {
		case "VPC", "VPN", "NAT", "IPAM", "DHCP":
			common[i] = upper
		default:
			common[i] = strings.ToLower(word)
		}
	}
	common[0] = strings.ToUpper(common[0][:1]) + common[0][1:]
	return strings.Join(common, " ")
}

func (r typeRow) cells() []string {
	code := func(s string) string { return "`" + strings.ReplaceAll(s, "|", `\|`) + "`" }
	name := code(r.Type)
	if r.Since > 0 {
		name += fmt.Sprintf(" (since version %d)", r.Since)
	}
	imported, id := "no", ""
	if r.Importable {
		if imported, id = "yes", code(r.ImportID); r.ImportIDv5 == "" {
			imported = "version 6"
		}
	}
	by := "not read: it " + r.Unread
	if len(r.Calls) > 0 {
		by = code(r.Calls[0].Action)
		if r.Calls[0].PerParent != "" {
			by += " for each " + code(r.Calls[0].PerParent)
		}
	}
	var gone []string
	for _, word := range append(slices.Clone(r.Gone), r.NotFound...) {
		gone = append(gone, code(word))
	}
	if len(gone) == 0 && len(r.Calls) > 0 {
		gone = []string{"no longer listed"}
	}
	var skipped []string
	for _, s := range []string{r.Instead, r.IfSkipped} {
		if s != "" {
			skipped = append(skipped, strings.TrimSuffix(strings.ReplaceAll(s, "|", `\|`), "."))
		}
	}
	return []string{name, imported, id, by, strings.Join(gone, ", "), strings.Join(skipped, ". ")}
}

// TestEveryKeyOfTheJSONIsDescribed: who reads the JSON finds each key explained.
func TestEveryKeyOfTheJSONIsDescribed(t *testing.T) {
	for file, types := range map[string][]reflect.Type{
		"kinds.md":     {reflect.TypeFor[typeRow](), reflect.TypeFor[call](), reflect.TypeFor[event](), reflect.TypeFor[again]()},
		"inventory.md": {reflect.TypeFor[inventory.Report]()},
	} {
		text, err := os.ReadFile(filepath.Join("..", "..", "docs", file))
		if err != nil {
			t.Fatal(err)
		}
		for _, typ := range types {
			for _, key := range keysOf(typ) {
				if !strings.Contains(string(text), "`"+key+"`") && !strings.Contains(string(text), "`"+key+"[]`") {
					t.Errorf("docs/%s does not describe `%s`", file, key)
				}
			}
		}
	}
}

// keysOf are the JSON keys of a struct and of those in it.
func keysOf(typ reflect.Type) []string {
	for typ.Kind() == reflect.Slice || typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct || typ == reflect.TypeFor[time.Time]() {
		return nil
	}
	var out []string
	for i := range typ.NumField() {
		f := typ.Field(i)
		if !f.IsExported() {
			continue
		}
		key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		out = append(append(out, cmp.Or(key, f.Name)), keysOf(f.Type)...)
	}
	return out
}
