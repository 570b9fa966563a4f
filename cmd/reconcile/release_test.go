package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"reconcile/internal/need"

	yaml "github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty"
)

func fromRoot(names ...string) string {
	return filepath.Join(append([]string{"..", ".."}, names...)...)
}

func yamlFile(t *testing.T, name string) cty.Value {
	t.Helper()
	data, err := os.ReadFile(fromRoot(name))
	if err != nil {
		t.Fatal(err)
	}
	typ, err := yaml.ImpliedType(data)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	v, err := yaml.Unmarshal(data, typ)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}

// TestTheActionUsesEveryInputAndDeclaresWhatItUses: a misspelled input of a
// composite action is empty, and nobody says so.
func TestTheActionUsesEveryInputAndDeclaresWhatItUses(t *testing.T) {
	declared := yamlFile(t, "action.yml").GetAttr("inputs").AsValueMap()
	data, err := os.ReadFile(fromRoot("action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(`inputs\.([a-z-]+)`).FindAllStringSubmatch(string(data), -1) {
		used[m[1]] = true
		if _, ok := declared[m[1]]; !ok {
			t.Errorf("inputs.%s is used and not declared", m[1])
		}
	}
	for name := range declared {
		if !used[name] {
			t.Errorf("the input %s is declared and not used", name)
		}
	}
	script, err := os.ReadFile(fromRoot(".github", "action", "run.sh"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`\bRECONCILE_[A-Z_]+`).FindAllString(string(script), -1) {
		if !strings.Contains(string(data), m+":") {
			t.Errorf("run.sh reads %s, which action.yml does not set", m)
		}
	}
	if strings.Contains(string(data), "run: ${{") || regexp.MustCompile(`run:.*\$\{\{`).Match(data) {
		t.Error("an input is put into a command: it could be any command")
	}
}

// TestTheReleaseIsForEverySystem: three systems, two machines each, checksums
// and an SBOM.
func TestTheReleaseIsForEverySystem(t *testing.T) {
	v := yamlFile(t, ".goreleaser.yaml")
	build := v.GetAttr("builds").AsValueSlice()[0]
	for attr, want := range map[string][]string{"goos": {"darwin", "linux", "windows"}, "goarch": {"amd64", "arm64"}} {
		var got []string
		for _, one := range build.GetAttr(attr).AsValueSlice() {
			got = append(got, one.AsString())
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%s: %v", attr, got)
		}
	}
	for _, attr := range []string{"checksum", "sboms", "archives"} {
		if !v.Type().HasAttribute(attr) {
			t.Errorf("there is no %s", attr)
		}
	}
	if _, err := os.Stat(fromRoot(strings.TrimPrefix(build.GetAttr("main").AsString(), "./"), "main.go")); err != nil {
		t.Error(err)
	}
}

// TestTheActionsScript runs it with a reconcile and a gh that tell how they
// were called.
func TestTheActionsScript(t *testing.T) {
	bash := need.Tool(t, "bash")
	for name, c := range map[string]struct {
		command, args, failOn, ref string
		exit                       string // of reconcile
		report                     bool
		want                       int
		out                        []string // in the outputs, the summary, or how the programs were called
		not                        []string
	}{
		"in sync": {command: "plan", exit: "0", report: true, want: 0, out: []string{"exit-code=0", "verdict=has_actions", "the markdown of", "[plan][--out][out dir]"}},
		"arguments are split and never run": {command: "plan", args: `--map 'aws_vpc.a["x y"]=vpc-1' --incident "$(touch pwned)" --role a\ b`, exit: "0", report: true, want: 0,
			out: []string{`[plan][--map][aws_vpc.a["x y"]=vpc-1][--incident][$(touch pwned)][--role][a b][--out][out dir]`}},
		"a quote that is open":       {command: "plan", args: "--map 'x", exit: "0", want: 1, out: []string{"::error"}},
		"another command":            {command: "demo; rm -rf /", exit: "0", want: 1, out: []string{"::error"}},
		"another fail-on":            {command: "plan", failOn: "maybe", exit: "0", want: 1, out: []string{"::error"}},
		"actions pass":               {command: "plan", exit: "2", report: true, want: 0, out: []string{"exit-code=2"}},
		"actions fail":               {command: "plan", failOn: "actions", exit: "2", report: true, want: 2},
		"a person fails":             {command: "plan", exit: "3", report: true, want: 3, out: []string{"the markdown of"}},
		"a person passes":            {command: "plan", failOn: "error", exit: "3", report: true, want: 0},
		"an error fails":             {command: "plan", failOn: "error", exit: "1", want: 1, out: []string{"exit-code=1", "report=\n", "exit code 1"}, not: []string{"verdict=has"}},
		"a report of before":         {command: "plan", exit: "1", want: 1, out: []string{"verdict=\n"}, not: []string{"the markdown of"}},
		"a pull request gets it":     {command: "plan", ref: "refs/pull/17/merge", exit: "0", report: true, want: 0, out: []string{"gh [pr][comment][17][--repo][o/r]"}},
		"a branch gets no comment":   {command: "plan", ref: "refs/heads/main", exit: "0", report: true, want: 0, not: []string{"gh ["}},
		"what is printed is no HTML": {command: "preflight", exit: "3", want: 3, out: []string{"    printed <script>", "[preflight]\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := func(name, text string) string {
				path := filepath.Join(dir, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
					t.Fatal(err)
				}
				return path
			}
			called := `called() { printf '%s ' "$1"; shift; printf '[%s]' "$@"; echo; } >>"$CALLS"` + "\n"
			program := "#!" + bash + "\n" + called + `called reconcile "$@"
case $1 in
render) echo "the markdown of $2"; exit 0 ;;
esac
echo "printed <script>"
` + map[bool]string{true: `printf '{\n  "verdict": "has_actions",\n}\n' >"out dir/report.json"` + "\n"}[c.report] + "exit " + c.exit + "\n"
			bin := file("reconcile", program)
			file("bin/gh", "#!"+bash+"\n"+called+`called gh "$@"`+"\n")
			file("out dir/report.json", "{\n  \"verdict\": \"of_before\",\n}\n")
			script, err := filepath.Abs(fromRoot(".github", "action", "run.sh"))
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), bash, script)
			cmd.Dir = dir
			cmd.Env = []string{"PATH=" + filepath.Join(dir, "bin") + ":" + os.Getenv("PATH"), "CALLS=" + filepath.Join(dir, "calls"), "RUNNER_TEMP=" + dir,
				"GITHUB_OUTPUT=" + filepath.Join(dir, "outputs"), "GITHUB_STEP_SUMMARY=" + filepath.Join(dir, "summary"), "GITHUB_REPOSITORY=o/r", "GITHUB_REF=" + c.ref,
				"RECONCILE_BIN=" + bin, "RECONCILE_COMMAND=" + c.command, "RECONCILE_ARGS=" + c.args, "RECONCILE_OUT=out dir", "RECONCILE_FAIL_ON=" + c.failOn, "RECONCILE_COMMENT=true"}
			said, err := cmd.CombinedOutput()
			got := cmd.ProcessState.ExitCode()
			if err != nil && got < 0 {
				t.Fatal(err)
			}
			all := string(said)
			for _, name := range []string{"calls", "outputs", "summary"} {
				data, err := os.ReadFile(filepath.Join(dir, name))
				if err == nil {
					all += string(data)
				}
			}
			if got != c.want {
				t.Errorf("exit code %d, want %d:\n%s", got, c.want, all)
			}
			for _, want := range c.out {
				if !strings.Contains(all, want) {
					t.Errorf("%q is not in:\n%s", want, all)
				}
			}
			for _, not := range append(c.not, "verdict=of_before") {
				if strings.Contains(all, not) {
					t.Errorf("%q is in:\n%s", not, all)
				}
			}
			if _, err := os.Stat(filepath.Join(dir, "pwned")); err == nil {
				t.Error("an argument was run")
			}
		})
	}
}
