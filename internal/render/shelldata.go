package render

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"al.essio.dev/pkg/shellescape"

	"reconcile/internal/plan"
	"reconcile/internal/printable"
)

// maxAge is how long a plan may be run without --allow-stale-plan.
const maxAge = 4 * time.Hour

// assign collects bash assignments. Every value is quoted here and nowhere
// else. The first value that bash cannot hold is kept as the error.
type assign struct {
	b   strings.Builder
	err error
	// used says which names the program knows, nil for all: the rest is left out.
	used func(name string) bool
}

func (a *assign) skips(name string) bool { return a.used != nil && !a.used(name) }

func (a *assign) quote(what, s string) string {
	if strings.ContainsRune(s, 0) && a.err == nil {
		a.err = fmt.Errorf("%s holds a NUL byte, which no command can be given: %s", what, clean(s))
	}
	return shellescape.Quote(s)
}

func (a *assign) text(name, value string) {
	if a.skips(name) {
		return
	}
	fmt.Fprintf(&a.b, "%s=%s\n", name, a.quote(name, value))
}

func (a *assign) number(name string, n uint64) {
	if !a.skips(name) {
		fmt.Fprintf(&a.b, "%s=%d\n", name, n)
	}
}

func (a *assign) flag(name string, on bool) {
	n := uint64(0)
	if on {
		n = 1
	}
	a.number(name, n)
}

// list puts each value on a line of its own: the script is read by people.
func (a *assign) list(name string, values []string) {
	if a.skips(name) {
		return
	}
	if len(values) < 2 {
		fmt.Fprintf(&a.b, "%s=%s\n", name, a.array(name, values))
		return
	}
	fmt.Fprintf(&a.b, "%s=(\n", name)
	for _, v := range values {
		fmt.Fprintf(&a.b, "  %s\n", a.quote(name, v))
	}
	a.b.WriteString(")\n")
}

func (a *assign) array(what string, values []string) string {
	var b strings.Builder
	b.WriteByte('(')
	for i, v := range values {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(a.quote(what, v))
	}
	b.WriteByte(')')
	return b.String()
}

// shellData renders the report as bash assignments and the two functions that
// hold lists of lists, which bash has not.
func shellData(r *plan.Report) (string, error) {
	steps, err := stepsOf(r)
	if err != nil {
		return "", err
	}
	id, err := PlanID(r)
	if err != nil {
		return "", err
	}
	a := &assign{}
	a.b.WriteString("\n# --- data: from report.json, and never interpreted ----------------------------\n\n")
	// Single quotes are the point of it: what is in them must not expand.
	a.b.WriteString("# shellcheck disable=SC2016 # data must not expand\ndata() {\n")
	a.text("PLAN_ID", id)
	a.text("PLAN_TITLE", title(r))
	a.text("INCIDENT", r.Incident)
	a.text("SHOW_INCIDENT", clean(r.Incident))
	a.text("INCIDENT_JSON", literal(r.Incident))
	a.number("GENERATED_AT", uint64(max(0, r.GeneratedAt.Unix())))
	a.number("MAX_AGE", uint64(maxAge/time.Second))
	a.flag("EXECUTABLE", r.Guard.Executable)
	a.text("WHY_NOT", clean(cmp.Or(r.Guard.WhyNot, "the report does not say why")))
	a.text("RUN_OPTIONS", runOptions(r))
	a.list("INCOMPLETE", printable.All(r.Incomplete))
	guardData(a, r)
	backendData(a, r)
	stateData(a, r)
	stepData(a, r, steps)
	a.b.WriteString("}\n\n")
	argvFunctions(a, steps)
	a.b.WriteString("\ndata\n")
	return a.b.String(), a.err
}

// PlanID is what the journal and the script must agree on. What verify, rehearse and
// unlock add later is no part of it.
func PlanID(r *plan.Report) (string, error) {
	same := *r
	same.Execution, same.Rehearsal, same.Unlock = nil, nil, nil
	var b bytes.Buffer
	if err := Encode(&b, &same); err != nil {
		return "", err
	}
	sum := sha256.Sum256(b.Bytes())
	return hex.EncodeToString(sum[:]), nil
}

func title(r *plan.Report) string {
	return fmt.Sprintf("reconcile %s: incident %s, state serial %d, made %s", clean(r.Tool.Version), clean(r.Incident), r.State.Serial, stamp(r.GeneratedAt)) + ignoring(r, "; ")
}

func runOptions(r *plan.Report) string {
	words := []string{"--execute", "--incident", r.Incident}
	if r.Lock.Status == "held" {
		words = append(words, "--holder-dead", r.Lock.ID)
	}
	if len(r.Incomplete) > 0 {
		words = append(words, "--accept-incomplete")
	}
	return clean(shellescape.QuoteCommand(words))
}

func guardData(a *assign, r *plan.Report) {
	g := r.Guard
	var names, sums, folders, vars []string
	folders = append(folders, ".")
	for _, f := range g.Files {
		names, sums = append(names, f.Path), append(sums, f.SHA256)
		if strings.HasSuffix(f.Path, ".tf") || strings.HasSuffix(f.Path, ".tf.json") {
			folders = append(folders, path.Dir(f.Path))
		}
	}
	for _, f := range g.VarFiles {
		vars = append(vars, "-var-file="+f)
	}
	a.text("GUARD_DIR", g.Dir)
	a.text("SHOW_DIR", clean(g.Dir))
	a.list("FILES", names)
	a.list("FILE_SHA", sums)
	a.list("FOLDERS", slices.Compact(slices.Sorted(slices.Values(folders))))
	a.text("ACCOUNT", g.Account)
	a.text("TF_VERSION", g.TerraformVersion)
	a.list("VARS", g.Vars)
	a.list("VAR_FILES", g.VarFiles)
	a.list("TF_VARS", vars)
}

func stateData(a *assign, r *plan.Report) {
	s := r.State
	sum, version := "", `""`
	// An object read from S3 may have been written by another version than the
	// one that pulls it now: its bytes prove nothing.
	if s.Format == "raw" && !strings.HasPrefix(s.Source, "s3://") {
		sum = s.SHA256
	}
	if s.TerraformVersion != "" && strings.Trim(s.TerraformVersion, "0123456789abcdefghijklmnopqrstuvwxyz.-") == "" {
		version = literal(s.TerraformVersion)
	}
	a.flag("EMPTY_STATE", r.Guard.EmptyState)
	a.number("STATE_SERIAL", s.Serial)
	a.text("STATE_LINEAGE", cmp.Or(s.Lineage, "-"))
	a.text("SHOW_LINEAGE", clean(cmp.Or(s.Lineage, "none")))
	a.text("STATE_SHA", sum)
	a.text("STATE_VERSION_SED", version)
	e := plan.Errored{}
	if r.Errored != nil {
		e = *r.Errored
	}
	a.text("ERRORED_SHA", e.SHA256)
	a.number("ERRORED_SERIAL", e.Serial)
	a.text("ERRORED_LINEAGE", cmp.Or(e.Lineage, "-"))
}

func stepData(a *assign, r *plan.Report, steps []step) {
	a.number("STEPS", uint64(len(steps)))
	for _, f := range []struct {
		name string
		of   func(step) string
	}{
		{"STEP_OP", func(s step) string { return string(s.action.Op) }},
		{"STEP_KEY", func(s step) string { return s.key }},
		{"STEP_OLD", func(s step) string { return s.old }},
		{"STEP_NEW", func(s step) string { return s.new }},
		{"STEP_RELEASES", func(s step) string { return bit(s.action.Releases) }},
		{"STEP_CONFIRM", func(s step) string { return bit(s.action.Confirm != nil && len(s.action.Confirm.Argv) > 0) }},
		{"STEP_SHOW_ID", func(s step) string { return clean(s.action.ID) }},
		{"STEP_BLOCK", func(s step) string { return s.block }},
		{"STEP_SPELLED", func(s step) string { return s.spelled }},
		{"STEP_TITLE", func(s step) string { return s.title }},
		{"STEP_TEXT", func(s step) string { return s.text }},
	} {
		values := make([]string, len(steps))
		for i, s := range steps {
			values[i] = f.of(s)
		}
		a.list(f.name, values)
	}
	a.list("DECLARED", declared(r))
	checks, known := closing(r)
	a.list("CHECKS", checks)
	a.list("ALIVE_TEXT", known)
}

func bit(on bool) string {
	if on {
		return "1"
	}
	return "0"
}

// argvFunctions writes argv_of and confirm_of: a case a step.
func argvFunctions(a *assign, steps []step) {
	a.b.WriteString("# argv_of STEP: the words before and after the flags that the script adds.\n")
	a.b.WriteString("# shellcheck disable=SC2016 # data must not expand\nargv_of() {\n  case $1 in\n")
	for i, s := range steps {
		fmt.Fprintf(&a.b, "    %d) VERB=%s ARGS=%s ;;\n", i, a.array(s.title, s.verb), a.array(s.title, s.args))
	}
	a.b.WriteString("    *) stop \"there is no step $1\" ;;\n  esac\n}\n\n")
	a.b.WriteString("# confirm_of STEP: what AWS is asked before a removal.\n")
	a.b.WriteString("# shellcheck disable=SC2016 # data must not expand\nconfirm_of() {\n  CONFIRM=() GONE_CODES=() CONFIRM_ROLE='' CONFIRM_PROFILE=''\n  case $1 in\n")
	for i, s := range steps {
		if c := s.action.Confirm; c != nil {
			fmt.Fprintf(&a.b, "    %d) CONFIRM=%s GONE_CODES=%s", i, a.array(s.title, c.Argv), a.array(s.title, c.NotFound))
			if c.Role != "" {
				fmt.Fprintf(&a.b, " CONFIRM_ROLE=%s", a.quote(s.title, c.Role))
			}
			if c.Profile != "" {
				fmt.Fprintf(&a.b, " CONFIRM_PROFILE=%s", a.quote(s.title, c.Profile))
			}
			a.b.WriteString(" ;;\n")
		}
	}
	a.b.WriteString("    *) ;;\n  esac\n}\n")
}

// closing renders the addresses that the closing check looks for, each in both
// spellings that JSON allows, and what a person should know of them.
func closing(r *plan.Report) (checks, known []string) {
	for _, act := range r.Actions {
		if act.Op == plan.Import || act.Op == plan.Untaint {
			checks = append(checks, "OURS\t"+literal(act.Address), "OURS\t"+plainLiteral(act.Address))
		}
	}
	for _, al := range r.Guard.KnownAlive {
		word := "ALIVE"
		switch {
		case al.CreateIsSafe:
			word = "SAFE"
		case al.CannotImport:
			word = "AGAIN"
		}
		checks = append(checks, word+"\t"+literal(al.Address), word+"\t"+plainLiteral(al.Address))
		known = append(known, clean(fmt.Sprintf("%s is alive as %s and not in the state: %s", al.Address, al.ID, al.Why)))
	}
	return slices.Compact(slices.Sorted(slices.Values(checks))), known
}

var errNoStep = errors.New("the report's steps cannot be made a script")
