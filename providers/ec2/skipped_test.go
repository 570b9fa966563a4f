package ec2_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"reconcile/providers"
	"reconcile/providers/ec2"
)

// played is one line of testdata/skipped.tsv: an object was made by Terraform
// 1.11.4 and version 5.100.0 of the AWS provider against a stand-in for EC2,
// taken out of the state, and applied once more.
type played struct {
	typ, kind, calls, code string
	outcome                providers.Outcome
	// why the row says otherwise: where EC2 is known to answer differently from
	// the stand-in, or where that is not known.
	why string
}

func playedAgain(t *testing.T) []played {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "skipped.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var out []played
	for n, line := range strings.Split(strings.TrimSpace(string(data)), "\n")[1:] {
		f := strings.Split(line, "\t")
		if len(f) != 6 {
			t.Fatalf("line %d has %d columns", n+2, len(f))
		}
		out = append(out, played{typ: f[0], kind: f[1], calls: f[2], outcome: providers.Outcome(f[3]), code: f[4], why: f[5]})
	}
	return out
}

// TestWhatIsSaidOfASecondCreationIsWhatWasSeen holds the rows against what was
// played. Where a line says why, the row need not agree with it, but then it may
// not call itself seen.
func TestWhatIsSaidOfASecondCreationIsWhatWasSeen(t *testing.T) {
	lines := playedAgain(t)
	for _, p := range lines {
		k, ok := ec2.Kinds(ec2.Rows()).Find(p.typ)
		same := k.Again.Outcome == p.outcome && (p.code == "" || p.code == k.Again.Code)
		switch {
		case !ok:
			t.Errorf("there is no row of %s", p.typ)
		case p.why == "" && p.kind == "" && !same:
			t.Errorf("%s: the row says %+v, played was %s %s by %s", p.typ, k.Again, p.outcome, p.code, p.calls)
		}
	}
	for _, row := range ec2.Rows() {
		if row.Again.How != providers.Shown {
			continue
		}
		if !slices.ContainsFunc(lines, func(p played) bool {
			return p.typ == row.Type && p.why == "" && p.outcome == row.Again.Outcome && (row.Again.Code == "" || p.code == row.Again.Code || p.outcome == providers.Second)
		}) {
			t.Errorf("%s: it says that %+v was seen, and no line shows it", row.Type, row.Again)
		}
	}
}

// code is an error code of EC2's in a text.
var code = regexp.MustCompile(`\b[A-Z][A-Za-z]+(\.[A-Z][A-Za-z]+)+\b|\b[A-Z]\w+(AlreadyExists|Duplicate\w*|InUseBy\w+)\b`)

// TestTextsSayWhatIsKnownOfASecondCreation: what a person reads before skipping
// a step names the code that the row has, promises nothing where nothing is
// known, and does not hedge away what is.
func TestTextsSayWhatIsKnownOfASecondCreation(t *testing.T) {
	for _, row := range ec2.Rows() {
		text, a := row.IfSkipped+row.NoImport, row.Again
		has := func(words ...string) bool {
			return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
		}
		if !strings.Contains(text, a.Code) {
			t.Errorf("%s: the text does not name %s: %s", row.Type, a.Code, text)
		}
		if (a.Outcome == "") != (a.How == "") || (a.Outcome == "" && a.Code != "") {
			t.Errorf("%s: %+v is half an answer", row.Type, a)
		}
		switch a.Outcome {
		case "":
			if !has(" may ", " or ", "if AWS refuses", "where AWS", "one that was there", "nobody knows") {
				t.Errorf("%s: nothing is known, and the text promises: %s", row.Type, text)
			}
		case providers.Same:
			if !has("nothing", "adopts", "safe to repeat", "takes the group's rules over") {
				t.Errorf("%s: the object stays one, and the text does not say so: %s", row.Type, text)
			}
		case providers.Second:
			if !has("second", "another") {
				t.Errorf("%s: another one is made, and the text does not say so: %s", row.Type, text)
			}
		case providers.Refused:
			if !has("fails") {
				t.Errorf("%s: the apply fails, and the text does not say so: %s", row.Type, text)
			}
		default:
			t.Errorf("%s: there is no outcome %q", row.Type, a.Outcome)
		}
		if a.Outcome == providers.Refused && a.Code == "" && code.MatchString(text) {
			t.Errorf("%s: the text names a code that the row does not have: %s", row.Type, text)
		}
	}
}
