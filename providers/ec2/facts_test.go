package ec2_test

import (
	"cmp"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"reconcile/fixtures"
	"reconcile/internal/statefile"
	"reconcile/providers"
	"reconcile/providers/ec2"
	"reconcile/providers/ec2/ec2test"
)

// fact is one line of the table of import ids, by column.
type fact map[string]string

func facts(t *testing.T) map[string]fact {
	t.Helper()
	path := os.Getenv("RECONCILE_FACTS")
	if path == "" {
		t.Skip("RECONCILE_FACTS does not name the table of import ids; it is not part of the project")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	names, out := strings.Split(lines[0], "\t"), map[string]fact{}
	for _, line := range lines[1:] {
		f := fact{}
		for i, v := range strings.Split(line, "\t") {
			f[names[i]] = v
		}
		out[f["type"]] = f
	}
	for _, f := range out { // "as aws_vpc" stands for what that line says
		if m := regexp.MustCompile(`^as (aws_\w+)`).FindStringSubmatch(f["gone"]); m != nil {
			f["gone"] = out[m[1]]["gone"]
		}
	}
	return out
}

func TestTheRowsAreThoseOfTheFacts(t *testing.T) {
	all, ours := facts(t), 0
	for _, typ := range slices.Sorted(maps.Keys(all)) {
		// A call of another service is spelled with it: "ram:GetResourceShares".
		if first, _, _ := strings.Cut(all[typ]["api_call"], " "); !strings.Contains(first, ":") {
			ours++
		}
		if _, known := ec2.Kinds(ec2.Rows()).Find(typ); !known {
			t.Errorf("there is no row of %s", typ)
		}
	}
	if ours < 110 {
		t.Errorf("the facts know %d types of EC2", ours)
	}
	for _, row := range ec2.Rows() {
		t.Run(row.Type, func(t *testing.T) {
			f := all[row.Type]
			if f == nil {
				t.Skip("the facts do not have this type: they are of networking")
			}
			importsAsInFacts(t, row, f)
			if row.Unread == "" {
				isListedAsInFacts(t, row, f)
				isGoneAsInFacts(t, row, f, all)
			}
		})
	}
}

func importsAsInFacts(t *testing.T, row ec2.Row, f fact) {
	since, importSince := 0, 0
	switch says := f["importable"]; {
	case strings.Contains(says, "absent"):
		since = 6
	case strings.Contains(says, "v6"):
		importSince = 6
	}
	if strings.HasPrefix(f["importable"], "NO") {
		importSince = 0
	}
	if importable := strings.Contains(f["importable"], "yes"); importable != (row.Import != "") || row.Since != since || row.ImportSince != importSince {
		t.Errorf("import %q, type since %d, import since %d; the facts say %q", row.Import, row.Since, row.ImportSince, f["importable"])
	}
	if row.Import == "" {
		return
	}
	ids := []string{string(row.Import)}
	if row.Unread == "" {
		ids = nil
		for _, o := range everything().objects(t, row.Type) {
			ids = append(ids, row.ImportIDOf(o.Attrs))
		}
	}
	forms := formsOf(f["import_id_format"], row.Unread == "")
	for _, id := range ids {
		if !slices.ContainsFunc(forms, func(form *regexp.Regexp) bool { return form.MatchString(id) }) {
			t.Errorf("it is imported as %q, the facts say %q (%v)", id, f["import_id_format"], forms)
			return
		}
	}
}

// formsOf turns "<rtb-id>_<destination>" and what stands beside it into what
// such an id looks like. The documents of the filled world have ids that begin
// as the kinds' do.
func formsOf(format string, withIDs bool) []*regexp.Regexp {
	prefixes := map[string]bool{}
	for _, k := range ec2.Kinds(ec2.Rows()) {
		prefixes[strings.TrimSuffix(k.Prefix, "-")] = withIDs && k.Prefix != ""
	}
	var out []*regexp.Regexp
	// Remarks and alternatives are set off by several blanks.
	for _, form := range regexp.MustCompile(`   +`).Split(format, -1) {
		form = strings.TrimPrefix(form, "v6: ")
		if !strings.HasPrefix(form, "<") {
			continue
		}
		form = regexp.QuoteMeta(form)
		form = strings.ReplaceAll(strings.ReplaceAll(form, `\[`, "("), `\]`, ")?") // optional parts
		form = strings.ReplaceAll(form, `\.\.\.`, "")
		form = regexp.MustCompile(`<[^<>]*>`).ReplaceAllStringFunc(form, func(word string) string {
			word = strings.ReplaceAll(strings.Trim(word, "<>"), `\`, "")
			id, isID := strings.CutSuffix(word, "-id")
			switch {
			case isID && prefixes[id]:
				return "(" + id + "-.+)"
			case withIDs && strings.HasSuffix(word, "ARN"):
				return "(arn:.+)"
			case withIDs && strings.Contains(word, "|"):
				return "(" + word[strings.LastIndexByte(word, ' ')+1:] + ")"
			}
			return "(.+)"
		})
		out = append(out, regexp.MustCompile("^"+form+"$"))
	}
	return out
}

// decided are listings that differ from the facts' on purpose.
var decided = map[string]string{
	"aws_vpc_security_group_rules_exclusive": "ec2:DescribeSecurityGroups", // it claims a group, and a group without rules too
}

func isListedAsInFacts(t *testing.T, row ec2.Row, f fact) {
	var calls []string
	for _, m := range regexp.MustCompile(`(?:(\w+):)?((?:Describe|Get|Search|List)\w+)`).FindAllStringSubmatch(f["api_call"], -1) {
		calls = append(calls, cmp.Or(m[1], strings.Split(row.Actions[0], ":")[0])+":"+m[2])
	}
	if len(calls) > 0 && !slices.Contains(append(calls, decided[row.Type]), row.Actions[0]) {
		t.Errorf("it is listed by %s, the facts say %s", row.Actions[0], f["api_call"])
	}
	// The largest page that the call allows, where the row asks for one.
	most := regexp.MustCompile(`^\d+`).FindString(f["max_page"])
	srv := serve(t, everything().world)
	everything().reader(srv).Inventory(t.Context(), []string{row.Type}, []string{region})
	for _, r := range srv.Requests() {
		if asked := r.Form.Get("MaxResults"); most != "" && asked != "" && asked != most && r.Service+":"+r.Action == row.Actions[0] {
			t.Errorf("it asks for pages of %s, the facts say %s", asked, f["max_page"])
			break
		}
	}
}

var (
	// "deleting and blackhole are PRESENT", "create-failed / delete-in-progress are PRESENT"
	presentWords = regexp.MustCompile(`((?:[\w-]+(?:, | and | / |/))*[\w-]+) (?:is|are)(?: all)?(?: still)? PRESENT`)
	// "State=deleted", "Status deleted, failed, expired or rejected"
	goneWords = regexp.MustCompile(`(?i)(?:state|status)[= ]+((?:[\w-]+(?:, | or ))*[\w-]+)`)
	errorCode = regexp.MustCompile(`\b[A-Z]\w+(?:\.NotFound|NotFound|Exception)\b`)
	anError   = regexp.MustCompile(`(?:is|are) (?:an )?(?:ERROR|error)s?`)
)

func isGoneAsInFacts(t *testing.T, row ec2.Row, f fact, all map[string]fact) {
	cell := f["gone"]
	if cell == "" || cell == "-" || cell == "?" || strings.HasPrefix(cell, "as ") {
		return
	}
	present := map[string]bool{}
	for _, m := range presentWords.FindAllStringSubmatch(cell, -1) {
		for _, w := range regexp.MustCompile(`[\w-]+`).FindAllString(m[1], -1) {
			// What the provider keeps and a tool must not.
			present[strings.ToLower(w)] = !strings.Contains(f["notes"], "treat State="+w+" as gone")
		}
	}
	for _, w := range row.Gone {
		// Where the facts are silent: an end is an end, and what waits to be
		// accepted is there, but its accepter is not.
		silent := !strings.Contains(strings.ToLower(cell), w) && !strings.Contains(cell, "Status is not succeeded")
		plain := slices.Contains([]string{"deleted", "detached", "disassociated"}, w) || strings.HasSuffix(row.Type, "_accepter")
		if present[w] || (silent && !plain) {
			t.Errorf("%q is gone, the facts say %q", w, cell)
		}
	}
	says := presentWords.ReplaceAllString(cell, ";")
	for _, m := range goneWords.FindAllStringSubmatch(says, -1) {
		for _, w := range regexp.MustCompile(`[\w-]+`).FindAllString(m[1], -1) {
			if w = strings.ToLower(w); !present[w] && !slices.Contains([]string{"or", "is", "not", "differs"}, w) && !slices.Contains(row.Gone, w) {
				t.Errorf("%q is not gone, the facts say %q", w, cell)
			}
		}
	}
	for _, clause := range regexp.MustCompile(`[;,()]|\. `).Split(cell, -1) {
		for _, code := range errorCode.FindAllString(clause, -1) {
			if has := slices.Contains(row.NotFound, code); has == anError.MatchString(clause) {
				t.Errorf("%s is a sign of absence: %v, the facts say %q", code, has, cell)
			}
		}
	}
	for _, code := range row.NotFound {
		// "TGW gone" is what the gateway's own line says in full.
		elsewhere := !errorCode.MatchString(cell) && slices.ContainsFunc(slices.Collect(maps.Values(all)), func(f fact) bool { return strings.Contains(f["gone"], code) })
		if !strings.Contains(cell, code) && !elsewhere {
			t.Errorf("%s is no sign of absence in the facts: %s", code, cell)
		}
	}
}

// TestStateIdsAreWhatTerraformRecorded holds every live object of the recorded
// incidents against the instance that Terraform recorded for it.
func TestStateIdsAreWhatTerraformRecorded(t *testing.T) {
	compared := map[string]int{}
	for _, name := range fixtures.Names() {
		fsys, err := fixtures.Incident(name)
		if err != nil {
			t.Fatal(err)
		}
		w, err := ec2test.LoadIncident(fsys)
		if err != nil {
			t.Fatal(err)
		}
		inv := reader(serve(t, w)).Inventory(t.Context(), types(), []string{region})
		for _, file := range []string{"state.tfstate", "errored.tfstate"} {
			for _, i := range instances(t, fsys, file) {
				k, known := ec2.Kinds(ec2.Rows()).Find(i.Type)
				if !known || i.Mode != statefile.Managed {
					continue
				}
				attrs, err := i.Attrs()
				if err != nil {
					t.Fatal(err)
				}
				objects := only(inv, i.Type)
				n := slices.IndexFunc(objects, func(o providers.Object) bool { return o.ID == k.IdentityOf(attrs) })
				if n < 0 {
					continue // gone
				}
				compared[i.Type]++
				got := providers.Attrs(objects[n].Attrs)
				if k.StateIDOf(got) != attrs.Text("id") || k.StateIDOf(attrs) != attrs.Text("id") {
					t.Errorf("%s: %s would be recorded as %s, Terraform wrote %s", name, i.Address, k.StateIDOf(got), attrs.Text("id"))
				}
				if k.ImportIDOf(got) != k.ImportIDOf(attrs) {
					t.Errorf("%s: %s is imported as %s from AWS and as %s from the state", name, i.Address, k.ImportIDOf(got), k.ImportIDOf(attrs))
				}
				for _, a := range append(k.Hard(), "arn", k.Account) {
					// A create that did not finish leaves attributes empty.
					if want := providers.Canon(attrs[a]); want != "" && want != providers.Canon(got[a]) {
						t.Errorf("%s: %s of %s is %s in AWS and %s in the state", name, a, i.Address, providers.Canon(got[a]), want)
					}
				}
			}
		}
	}
	if compared["aws_route"] < 5 || len(compared) < 9 {
		t.Errorf("too little was compared: %v", compared)
	}
}

func instances(t *testing.T, fsys fs.FS, file string) []statefile.Instance {
	t.Helper()
	f, err := fsys.Open(file)
	if err != nil {
		return nil // an incident need not have an errored.tfstate
	}
	defer f.Close()
	s, err := statefile.Read(f, file)
	if err != nil {
		var empty struct{ Lineage string }
		if raw, rerr := fs.ReadFile(fsys, file); rerr == nil && json.Unmarshal(raw, &empty) == nil && empty.Lineage == "" {
			return nil // what state pull prints before a first apply
		}
		t.Fatal(err)
	}
	return s.Instances
}
