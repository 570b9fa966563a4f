package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"reconcile/fixtures"
	"reconcile/providers/ec2/ec2test"
)

var update = flag.Bool("update", false, "rewrite the golden parts of the scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"reconcile": main})
}

// TestScripts runs the command line as a user would: the real binary, the
// SDK's own configuration chain, AWS faked over real HTTP.
//
// Verbs: "fakeaws INCIDENT [FAULT…]" serves a recorded incident and points the
// environment at it; "stage INCIDENT DIR" lays its files out; "exits N CMD…"
// wants one exit code; "mode FILE OCTAL" wants a file's permissions.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata", UpdateScripts: *update, RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, "AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
				"HOME="+env.WorkDir, "NO_COLOR=1")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"fakeaws": fakeAWS, "stage": stageFiles, "exits": exits, "mode": mode,
		},
	})
}

func fakeAWS(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: fakeaws INCIDENT [deny:ACTION | failpage:ACTION:N | throttle:RATE | account:ID | delay:ACTION:DURATION | norecords]…")
	}
	fsys, err := fixtures.Incident(args[0])
	ts.Check(err)
	world, err := ec2test.LoadIncident(fsys)
	ts.Check(err)
	server := ec2test.NewServer(world)
	ts.Check(server.Err())
	ts.Defer(server.Close)
	for _, fault := range args[1:] {
		kind, rest, _ := strings.Cut(fault, ":")
		what, value, _ := strings.Cut(rest, ":")
		switch kind {
		case "deny":
			server.Deny(what)
		case "failpage":
			n, err := strconv.Atoi(value)
			ts.Check(err)
			server.PageSize(2)
			server.FailPage(what, n, "InternalError")
		case "throttle":
			rate, err := strconv.ParseFloat(what, 64)
			ts.Check(err)
			server.Throttle(rate, 1)
		case "account":
			world.Identify("ASIATEST000000000001", ec2test.Identity{Account: what, ARN: "arn:aws:sts::" + what + ":assumed-role/oncall/me"})
		case "delay":
			d, err := time.ParseDuration(value)
			ts.Check(err)
			server.Delay(what, d)
		default:
			ts.Fatalf("fakeaws knows no fault %q", fault)
		}
	}
	ts.Setenv("AWS_ENDPOINT_URL", server.URL)
	ts.Setenv("AWS_ACCESS_KEY_ID", "ASIATEST000000000001")
	ts.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	ts.Setenv("AWS_SESSION_TOKEN", "test")
	ts.Setenv("AWS_REGION", "us-east-1")
}

func stageFiles(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: stage INCIDENT DIR")
	}
	fsys, err := fixtures.Incident(args[0])
	ts.Check(err)
	o, err := stage(fsys, ts.MkAbs(args[1]))
	ts.Check(err)
	ts.Setenv("DIR", o.Dir)
	ts.Setenv("STATE", o.State)
	ts.Setenv("PLAN", o.PlanJSON)
	ts.Setenv("ROLE", o.Role)
	ts.Setenv("SESSION", o.Session)
	ts.Setenv("SINCE", o.Since.Format(time.RFC3339))
	ts.Setenv("UNTIL", o.Until.Format(time.RFC3339))
	ts.Setenv("TRAIL", filepath.Join(filepath.Dir(o.State), "cloudtrail.json"))
	ts.Setenv("LAST", lastRecord(ts, filepath.Join(filepath.Dir(o.State), "cloudtrail.json")))
}

// lastRecord is the time of the last record of a trail.
func lastRecord(ts *testscript.TestScript, path string) string {
	var trail struct{ Records []struct{ EventTime string } }
	data, err := os.ReadFile(path)
	ts.Check(err)
	ts.Check(json.Unmarshal(data, &trail))
	last := ""
	for _, r := range trail.Records {
		last = max(last, r.EventTime)
	}
	return last
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARG…]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func mode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode FILE OCTAL")
	}
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := fmt.Sprintf("%o", info.Mode().Perm()); got != args[1] {
		ts.Fatalf("%s has mode %s, want %s", args[0], got, args[1])
	}
}

// TestEveryCommandHasAnExampleAndEveryFlagAWord keeps help complete: a flag without a word of
// explanation or a command without an example helps nobody at 2 a.m.
func TestEveryCommandHasAnExampleAndEveryFlagAWord(t *testing.T) {
	root := newRoot(environment{stdin: strings.NewReader(""), stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv})
	for _, c := range root.Commands() {
		if c.Example == "" || c.Short == "" {
			t.Errorf("%s has no example or no summary", c.Name())
		}
		c.Flags().VisitAll(func(f *flagT) {
			if f.Usage == "" {
				t.Errorf("%s --%s is not explained", c.Name(), f.Name)
			}
		})
	}
}

// TestImportsGoOneWay keeps the layers apart: a package may import only what
// stands below it.
func TestImportsGoOneWay(t *testing.T) {
	allowed := map[string][]string{
		"providers":                    {},
		"providers/tape":               {"internal/jsontext"},
		"providers/watch":              {},
		"providers/ec2":                {"internal/hint", "internal/jsontext", "providers", "providers/tape", "providers/watch"},
		"providers/ec2/ec2test":        {"providers"},
		"providers/cloudtrail":         {"internal/hint", "providers", "providers/cloudtrail/records"},
		"providers/cloudtrail/records": {},
		"internal/statefile":           {"internal/hint", "providers"},
		"internal/hint":                {},
		"internal/jsontext":            {},
		"internal/need":                {}, // for tests
		"internal/applylog":            {"internal/statefile"},
		"internal/terraform":           {"internal/hint"},
		"internal/wanted":              {"providers", "internal/hint", "internal/statefile", "internal/tfdir"},
		"internal/tfdir":               {},
		"internal/backend":             {"internal/tfdir"},
		"internal/backend/s3":          {"internal/backend", "internal/hint"},
		"internal/store":               {"providers/ec2", "internal/backend", "internal/backend/s3", "internal/hint", "internal/statefile"},
		"internal/lock":                {"internal/jsontext", "providers", "internal/backend", "internal/printable"},
		"internal/lockread":            {"providers", "providers/cloudtrail", "providers/ec2", "internal/backend", "internal/backend/s3", "internal/diff", "internal/hint", "internal/lock", "internal/preflight", "internal/store", "internal/terraform"},
		"internal/preflight":           {"internal/jsontext", "internal/backend", "internal/lock", "internal/printable"},
		"internal/diff":                {"providers", "internal/statefile", "internal/wanted"},
		"internal/match":               {"providers", "internal/diff", "internal/wanted"},
		"internal/plan":                {"providers", "internal/applylog", "internal/backend", "internal/diff", "internal/hint", "internal/match", "internal/statefile", "internal/wanted"},
		"internal/printable":           {},
		"internal/compare":             {"providers", "internal/plan"},
		"internal/render":              {"internal/jsontext", "providers", "internal/backend", "internal/compare", "internal/hint", "internal/plan", "internal/printable", "internal/render/html"},
		"internal/render/html":         {"providers", "internal/plan", "internal/printable"},
		"internal/incident": {"providers", "providers/ec2", "providers/cloudtrail", "internal/backend", "internal/backend/s3",
			"internal/applylog", "internal/hint", "internal/integrity", "internal/statefile", "internal/store", "internal/terraform", "internal/tfdir", "internal/wanted", "internal/diff", "internal/plan"},
		"internal/inventory": {"internal/jsontext", "providers", "providers/ec2", "providers/cloudtrail", "internal/backend", "internal/hint", "internal/statefile",
			"internal/wanted", "internal/diff", "internal/printable"},
		"internal/integrity": {"internal/backend", "internal/statefile"},
		"internal/verify":    {"providers", "internal/backend", "internal/hint", "internal/plan", "internal/statefile"},
		"internal/bundle":    {"internal/jsontext", "providers", "providers/tape", "internal/hint", "internal/incident", "internal/plan", "internal/render", "internal/tfdir"},
		"internal/settings":  {"internal/hint", "internal/plan"},
		"internal/rehearse":  {"internal/hint", "internal/plan", "internal/render"},
		"fixtures":           {},
		"cmd/reconcile":      nil, // the top: everything
	}
	used, tests := map[string]bool{}, map[string]bool{}
	sdk := []string{"providers/tape", "providers/watch", "providers/ec2", "providers/ec2/ec2test", "providers/cloudtrail", "internal/backend/s3"}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".." || d.Name() == "testdata" || d.Name() == "incidents") {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, "_test.go") {
			text, err := os.ReadFile(path)
			for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllSubmatch(text, -1) {
				tests[string(m[1])] = true
			}
			return err
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		rel, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(rel)
		may, known := allowed[pkg]
		if !known {
			t.Errorf("%s is in no layer: add it to the graph, as low as it goes", pkg)
			return nil
		}
		for _, imp := range importsOf(t, path) {
			own, isOwn := strings.CutPrefix(imp, "reconcile/")
			used[pkg+" "+own] = true
			if isOwn && (own == "internal/need" || may != nil && !contains(may, own)) {
				t.Errorf("%s imports %s: imports go one way", path, own)
			}
			if strings.HasPrefix(imp, "github.com/aws/") && !contains(sdk, pkg) {
				t.Errorf("%s imports %s: only providers and internal/backend/s3 speak to AWS", path, imp)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, "docs", "architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	for pkg, may := range allowed {
		cell := "everything but `internal/need`"
		if may != nil {
			slices.Sort(may)
			if cell = "nothing"; len(may) > 0 {
				cell = "`" + strings.Join(may, "` `") + "`"
			}
		}
		if row := regexp.MustCompile("(?m)^\\| `" + pkg + "` \\|.*\\| " + regexp.QuoteMeta(cell) + " \\|$"); !row.Match(page) {
			t.Errorf("docs/architecture.md has no row of %s that imports %s", pkg, cell)
		}
		for _, own := range may {
			if !used[pkg+" "+own] {
				t.Errorf("%s may import %s and does not: take it off the list", pkg, own)
			}
		}
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `((?:cmd|internal|providers|fixtures)[^`]*)` \\|").FindAllSubmatch(page, -1) {
		if _, known := allowed[string(m[1])]; !known {
			t.Errorf("docs/architecture.md has a row of %s, which is no package", m[1])
		}
	}
	for _, m := range regexp.MustCompile("`(Test[A-Za-z]+)`").FindAllSubmatch(page, -1) {
		if !tests[string(m[1])] {
			t.Errorf("docs/architecture.md names %s, which is no test", m[1])
		}
	}
}
