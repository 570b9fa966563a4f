package render

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"reconcile/internal/need"
)

func TestScriptIsCleanForShellcheck(t *testing.T) {
	shellcheck := need.Tool(t, "shellcheck")
	path := filepath.Join(t.TempDir(), "reconcile.sh")
	if err := os.WriteFile(path, []byte(rendered(t, Shell, hostile(), Options{})), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(shellcheck, "--shell=bash", path).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestScriptUsesNothingNewerThanBash32(t *testing.T) {
	scripts := wayScripts(t, false)
	scripts["reconcile"] = rendered(t, Shell, sample(), Options{})
	for name, script := range scripts {
		t.Run(name, func(t *testing.T) { nothingNewer(t, script) })
	}
}

func nothingNewer(t *testing.T, script string) {
	for what, expr := range map[string]string{
		"associative array":         `(declare|local|typeset) +-[a-zA-Z]*A`,
		"mapfile":                   `\b(mapfile|readarray)\b`,
		"case modification":         `\$\{[A-Za-z_]+(\[[^]]*\])?(,,|\^\^|,|\^)\}`,
		"name reference":            `(declare|local|typeset) +-[a-zA-Z]*n`,
		"wait -n":                   `\bwait +-n`,
		"printf into a time":        `%\([^)]*\)T`,
		"negative subscript":        `\[-[0-9]+\]`,
		"negative length":           `\$\{[A-Za-z_]+:[^}:]+: *-`,
		"pipe of both streams":      `\|&`,
		"append of both streams":    `&>>`,
		"fall-through in case":      `;;?&`,
		"transformation":            `\$\{[A-Za-z_]+@[A-Za-z]\}`,
		"EPOCHSECONDS and friends":  `\b(EPOCHSECONDS|EPOCHREALTIME|BASHPID|SRANDOM)\b`,
		"test for a variable":       `\[\[? +-v `,
		"coproc":                    `\bcoproc\b`,
		"file descriptor in a name": `\{[A-Za-z_]+\}[<>]`,
		"read -i or -N":             `\bread +-[a-zA-Z]*[iN]\b`,
		"globstar":                  `globstar|lastpipe|inherit_errexit`,
	} {
		if m := regexp.MustCompile(expr).FindString(script); m != "" {
			t.Errorf("%s: %q", what, m)
		}
	}
	// bash before 4.4 calls an empty array unset under set -u.
	bare := regexp.MustCompile(`"\$\{([A-Za-z_]+)\[@\]\}"`)
	guarded := regexp.MustCompile(`\$\{[A-Za-z_]+\[@\]\+"\$\{[A-Za-z_]+\[@\]\}"\}`)
	never := map[string]bool{"FOLDERS": true, "VERB": true, "ARGS": true, "LOCK_FLAGS": true, "CONFIRM": true, "INCOMPLETE": true, "call": true, "when": true}
	for _, m := range bare.FindAllStringSubmatch(guarded.ReplaceAllString(script, ""), -1) {
		if !never[m[1]] {
			t.Errorf("%s may be empty and is expanded without a guard", m[1])
		}
	}
}

func TestScriptNamesOnlyPromisedTools(t *testing.T) {
	script := rendered(t, Shell, sample(), Options{})
	for _, more := range wayScripts(t, false) {
		script += more
	}
	for _, tool := range []string{"jq", "python", "python3", "perl", "gawk", "ruby"} {
		if regexp.MustCompile(`(?m)(^|[|;(]|\$\()\s*` + tool + `\s`).MatchString(script) {
			t.Errorf("the script runs %s", tool)
		}
	}
	if !strings.HasPrefix(script, "#!/usr/bin/env bash\n") {
		t.Error("the script does not begin with its interpreter")
	}
}
