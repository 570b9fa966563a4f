package render

import (
	"encoding/json"
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

// hostile is the sample with everything that a state, AWS or a person can put
// into a value to be taken for something else.
func hostile() *plan.Report {
	r := sample()
	r.Incident = "INC\n$(touch pwned)`id`'\"\\\u202e#"
	r.Incomplete = []string{"a '$(x)' and \x1b[31m"}
	r.Notes = []string{"line\nbreak"}
	r.Guard.Dir = "/nosuch/a b'$(x)\"\n"
	r.Guard.VarFiles = []string{"/nosuch/x y.tfvars"}
	r.Guard.Vars = []string{"secret"}
	r.Guard.Files = []plan.FileHash{{Path: "a'b.tf", SHA256: "00"}}
	r.Guard.KnownAlive = []plan.Alive{{Address: `aws_x.y["<&>"]`, ID: "x`id`", Why: "it's \"so\""}}
	r.Lock.Who = "me\x1b]0;title\x07"
	r.Findings[3].Delete = []string{"ec2", "delete-x", "--id", "$(id)'`id`\n"}
	a := &r.Actions[2]
	a.Address = `aws_x.y["$(id)'\"` + "`" + `$${x}"]`
	a.ID = "-id with\nline break $HOME ! [0]=x"
	a.Argv = []string{"import", a.Address, a.ID}
	a.Entry = plan.Entry{Type: `"aws_x"`, Name: `"y"`, Key: `"$(id)'\"` + "`" + `${x}"`}
	return r
}

// awkward draws text that shells, awk and sed like to take for something else.
func awkward() *rapid.Generator[string] {
	bits := rapid.SampledFrom([]string{"$(id)", "`id`", "${HOME}", "'", `"`, `\`, "\n", "\t", " ", "*", "?", "[0]=", "-", "!", "#", ";", "&", "|",
		"<", ">", "(", ")", "~", "=", "\\n", "\\1", "%s", "\r", "é", "😀", "\x01", "\x7f", "\u2028", "EOF\n", "\nEOF\n", "a", "0"})
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.OneOf(bits, rapid.StringN(0, 4, 16)), 0, 8).Draw(t, "bits"), "")
	}).Filter(func(s string) bool { return !strings.ContainsRune(s, 0) })
}

func TestWhateverItHoldsTheScriptIsBashAndArgvArrives(t *testing.T) {
	need.NoRace(t, need.Processes)
	bash := need.Tool(t, "bash")
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		r := sample()
		r.Incident = awkward().Draw(t, "incident")
		r.Guard.Dir = awkward().Draw(t, "dir")
		r.Guard.VarFiles = []string{awkward().Draw(t, "file")}
		r.Notes = nil
		a := &r.Actions[1]
		a.Address, a.ID = "aws_x.y["+awkward().Draw(t, "address"), awkward().Draw(t, "id")
		a.Argv = []string{"import", a.Address, a.ID}
		a.Why, a.Undo = awkward().Draw(t, "why"), []string{awkward().Draw(t, "undo")}
		question := []string{awkward().Draw(t, "question"), "x"}
		r.Actions[0].Confirm.Argv = question
		r.Actions = r.Actions[:2]

		var js, script strings.Builder
		if err := Encode(&js, r); err != nil {
			t.Fatal(err)
		}
		decoded, err := Decode(strings.NewReader(js.String()))
		if err != nil {
			t.Fatal(err)
		}
		if err := Shell(&script, decoded, Options{}); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "reconcile.sh")
		if err := os.WriteFile(path, []byte(script.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		// The program's last two lines run it; here its data are asked for.
		ask := strings.TrimSuffix(script.String(), "main \"$@\"\nexit\n") +
			`argv_of 1; confirm_of 0; printf '%s\0' "${VERB[@]}" "${ARGS[@]}" "${CONFIRM[@]}" "$GUARD_DIR" "${TF_VARS[@]}" "$INCIDENT"` + "\n"
		cmd := exec.Command(bash, "-n", path)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("bash -n: %v\n%s", err, out)
		}
		cmd = exec.Command(bash, "-s")
		cmd.Stdin, cmd.Dir = strings.NewReader(ask), dir
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		d := decoded.Actions[1]
		want := slices.Concat([]string{"import", "-input=false", "-no-color", d.Address, d.ID}, decoded.Actions[0].Confirm.Argv,
			[]string{decoded.Guard.Dir, "-var-file=" + decoded.Guard.VarFiles[0], decoded.Incident})
		if got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); !slices.Equal(got, want) {
			t.Fatalf("arrived as\n%q, want\n%q", got, want)
		}
	})
}

// One hostile address goes all the way: through the state's text, the closing
// plan, the mutex and the journal.
func TestAHostileIncidentIsReconciled(t *testing.T) {
	const key = "$(touch pwned)'\"`id`\\n\n\t<&>${x}%{y}é😀\u2028"
	addr, err := json.Marshal(key)
	if err != nil {
		t.Fatal(err)
	}
	address := "aws_x.y[" + string(addr) + "]" // as the fake spells it
	id := "x'\"$(touch pwned)\\`<&>` \n* [0]=1"
	s := newStage(t, func(r *plan.Report) {
		r.Incident = "INC '\"$(touch pwned)\\\n<&>"
		a := &r.Actions[2]
		a.Address, a.ID, a.NewStateID, a.Argv = address, id, id, []string{"import", address, id}
		a.Entry = plan.Entry{Type: `"aws_x"`, Name: `"y"`, Key: string(addr)}
	})
	s.putJSON("places.json", map[string]fakePlace{
		`module.net.aws_subnet.a["data"]`: {"module.net", "aws_subnet", "a", "data"}, address: {"", "aws_x", "y", key}})
	args := []string{"--execute", "--incident", s.report.Incident, "--holder-dead", lockID, "--yes"}
	s.faults(faults{KillAtWrite: 3})
	s.wants(s.run(args...))(-1)
	s.faults(faults{Plan: planned(address, "replace")})
	s.wants(s.run(args...))(3, "resuming: step 3 was done", "FOUND")
	imports := s.commands("terraform", "import")
	if got := imports[len(imports)-1]; !slices.Equal(got[len(got)-2:], []string{address, id}) {
		t.Errorf("import ran as %q", got)
	}
	if pwned, err := filepath.Glob(filepath.Join(s.work, "..", "*", "pwned")); err != nil || len(pwned) > 0 {
		t.Errorf("a value was run: %v %v", pwned, err)
	}
}
