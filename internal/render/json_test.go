package render

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"reconcile/internal/backend"
	"reconcile/internal/plan"
	"reconcile/providers"
)

// anyReport draws reports with whatever text: quotes, HTML, controls, broken
// UTF-8.
func anyReport(t *rapid.T) *plan.Report {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "<a>&b", "\u2028", "\x00", "\xff\xfe", "'\"\\`$(id)", "é😀"}))
	texts := rapid.SliceOfN(text, 0, 3)
	when := rapid.Custom(func(t *rapid.T) time.Time {
		zone := time.FixedZone("", rapid.IntRange(-12, 14).Draw(t, "zone")*3600)
		return time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "s"), rapid.Int64Range(0, 999999999).Draw(t, "ns")).In(zone)
	})
	draw := func(name string) string { return text.Draw(t, name) }
	list := func(name string) []string { return texts.Draw(t, name) }
	r := &plan.Report{
		Schema: plan.Schema, Incident: draw("incident"), Tool: plan.Tool{Name: "reconcile", Version: draw("version")},
		GeneratedAt: when.Draw(t, "generated"), Verdict: plan.Verdict(draw("verdict")), Incomplete: list("incomplete"), Notes: list("notes"),
		Caller: providers.Caller{Account: draw("account"), ARN: draw("arn")},
		State:  plan.State{Source: draw("source"), Lineage: draw("lineage"), Serial: rapid.Uint64().Draw(t, "serial")},
		Lock:   backend.Lock{Status: draw("status"), ID: draw("lock"), Who: draw("who")},
		Window: plan.Window{Since: when.Draw(t, "since"), SinceSource: draw("since source")},
		Trail:  plan.Trail{Source: draw("trail"), Regions: list("regions"), Counts: providers.TrailStats{Own: rapid.Int().Draw(t, "own")}},
		Guard:  plan.Guard{Dir: draw("dir"), Vars: list("vars"), Executable: rapid.Bool().Draw(t, "executable")},
	}
	if rapid.Bool().Draw(t, "backend") {
		r.Backend = &backend.Config{Type: draw("type"), Bucket: draw("bucket"), Key: draw("key")}
	}
	if rapid.Bool().Draw(t, "locked") {
		r.Lock.Created = when.Draw(t, "created")
	}
	for range rapid.IntRange(0, 3).Draw(t, "findings") {
		r.Findings = append(r.Findings, plan.Finding{Status: plan.FindingStatus(draw("s")), Address: draw("a"), ID: draw("i"), EventIDs: list("e"),
			Drift: []plan.Drift{{Attribute: draw("attr"), State: draw("was"), Live: draw("is")}}})
		r.Actions = append(r.Actions, plan.Action{N: len(r.Actions) + 1, Op: plan.Import, Address: draw("aa"), ID: draw("ai"), Argv: list("argv"),
			Entry: plan.Entry{Key: draw("k")}, Undo: list("undo"), Confirm: &plan.Confirm{Argv: list("confirm")}})
		r.Questions = append(r.Questions, plan.Question{Text: draw("q"), Candidates: []plan.Candidate{{Address: draw("c"), Tells: list("tells")}}})
		r.Mutations = append(r.Mutations, plan.Accounted{Call: providers.Call{EventID: draw("ev"), Time: when.Draw(t, "t"),
			Mutations: []providers.Mutation{{Type: draw("mt"), Tags: map[string]string{draw("k1"): draw("v1")}}}}, Outcome: draw("o")})
	}
	return r
}

func TestReportToJSONAndBackIsByteIdentical(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var first, second bytes.Buffer
		if err := Encode(&first, anyReport(t)); err != nil {
			t.Fatal(err)
		}
		r, err := Decode(bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if err := Encode(&second, r); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Fatalf("first:\n%s\nsecond:\n%s", first.Bytes(), second.Bytes())
		}
	})
}

func TestJSONKeepsHTMLAsItIs(t *testing.T) {
	r := sample()
	r.Incident = "<a & b>"
	got := rendered(t, func(w io.Writer, r *plan.Report, _ Options) error { return Encode(w, r) }, r, Options{})
	if !strings.Contains(got, `"incident": "<a & b>"`) {
		t.Error("HTML characters are escaped")
	}
}

func TestDecodeSaysWhatIsWrong(t *testing.T) {
	whole := rendered(t, func(w io.Writer, r *plan.Report, _ Options) error { return Encode(w, r) }, sample(), Options{})
	for name, c := range map[string]struct{ in, says string }{
		"empty":          {" \n", "is empty"},
		"cut off":        {whole[:len(whole)/2], "cut off after"},
		"no JSON":        {"{\n\"schema\": tf}", "this is not JSON, line 2"},
		"a list":         {"[]", "this is no report"},
		"a state":        {`{"version": 4}`, `no "schema"`},
		"another schema": {`{"schema": "reconcile.report/v9", "tool": {"name": "reconcile", "version": "v9.1"}}`, `schema "reconcile.report/v9"`},
		"a newer field":  {strings.Replace(whole, `"incident"`, `"severity": 1, "incident"`, 1), `unknown field "severity"`},
		"a wrong type":   {strings.Replace(whole, `"serial": 4`, `"serial": -4`, 1), "serial"},
		"two documents":  {whole + whole, "this is not JSON, line "},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := Decode(strings.NewReader(c.in))
			if err == nil {
				t.Fatalf("read as %+v", r)
			}
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("%q does not say %q", err, c.says)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"schema":"reconcile.report/v1"}`))
	f.Add([]byte(rendered(f, func(w io.Writer, r *plan.Report, _ Options) error { return Encode(w, r) }, sample(), Options{})))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Decode(bytes.NewReader(data))
		if err != nil {
			return
		}
		for _, format := range formats() {
			// A report that can be read is rendered or refused, never more.
			var b bytes.Buffer
			if err := format.Render(&b, r, Options{Width: 80}); err == nil && b.Len() == 0 {
				t.Errorf("%s renders nothing", format.Name)
			}
		}
	})
}
