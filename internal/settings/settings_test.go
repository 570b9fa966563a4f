package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"reconcile/internal/hint"
	"reconcile/internal/plan"
)

func TestAFileIsReadAsItSays(t *testing.T) {
	got, err := parse([]byte(`
# Of the network team.
defaults {
  role        = "arn:aws:iam::123456789012:role/runner"
  region      = ["eu-west-1", "us-east-1"]
  trail_delay = "20m"
  run_plan    = true
}
ignore {
  address = "module.legacy.*"
  reason  = "handed over in March"
}
ignore {
  type   = "aws_flow_log"
  reason = "made by the security account's baseline"
}
`), "/x/.reconcile.hcl")
	if err != nil {
		t.Fatal(err)
	}
	want := &File{Path: "/x/.reconcile.hcl", Defaults: []Default{{"region", []string{"eu-west-1", "us-east-1"}, 5}, {"role", []string{"arn:aws:iam::123456789012:role/runner"}, 4},
		{"run-plan", []string{"true"}, 7}, {"trail-delay", []string{"20m"}, 6}},
		Ignore: []plan.Ignore{{Address: "module.legacy.*", Reason: "handed over in March"}, {Type: "aws_flow_log", Reason: "made by the security account's baseline"}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestWhatAFileMustNotSayIsNamedWithItsLine(t *testing.T) {
	for name, c := range map[string]struct{ in, says string }{
		"no HCL":              {"defaults {", "line 1"},
		"another block":       {"\nrules {}", "line 2: Unsupported block type"},
		"a rule's typo":       {"ignore {\n adress = \"a\"\n reason = \"r\"\n}", `line 2: a rule has no "adress"`},
		"no reason":           {"ignore {\n address = \"a\"\n}", "line 1: the rule has no reason"},
		"an empty reason":     {"ignore {\n address = \"a\"\n reason = \" \"\n}", "has no reason"},
		"about nothing":       {"ignore {\n reason = \"r\"\n}", "neither address nor type"},
		"about everything":    {"ignore {\n address = \"*\"\n reason = \"r\"\n}", "would ignore everything"},
		"a reference":         {"defaults {\n role = var.role\n}", "line 2: Variables not allowed"},
		"an object":           {"defaults {\n role = {}\n}", "neither a text"},
		"a null":              {"defaults {\n role = null\n}", "neither a text"},
		"twice":               {"defaults {\n role = \"a\"\n}\ndefaults {\n role = \"b\"\n}", "role is given twice"},
		"a list as a pattern": {"ignore {\n type = [\"a\"]\n address = [\"a\", \"b\"]\n reason = \"r\"\n}", "address is a list"},
		"a block in a block":  {"ignore {\n x {}\n}", "line 2"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse([]byte(c.in), ".reconcile.hcl")
			if err == nil || !strings.Contains(err.Error(), c.says) || hint.Of(err) == "" {
				t.Errorf("%v (%s)", err, hint.Of(err))
			}
		})
	}
}

func TestAFileThatNobodyNamedMayBeMissing(t *testing.T) {
	path := filepath.Join(t.TempDir(), Name)
	if f, err := Read(path, false); f != nil || err != nil {
		t.Errorf("%v, %v", f, err)
	}
	if _, err := Read(path, true); err == nil {
		t.Error("one that was named may not")
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("#", largest+1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path, false); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("%v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("defaults {\n role = \"a\"\n}\nignore {\n type = \"t\"\n reason = \"r\"\n}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := parse(data, "x")
		if err != nil {
			return
		}
		for _, rule := range got.Ignore {
			if rule.Reason == "" || rule.Address == "" && rule.Type == "" {
				t.Errorf("%+v is a rule", rule)
			}
		}
	})
}
