package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"reconcile/internal/backend"
	"reconcile/internal/need"
	"reconcile/internal/plan"
	"reconcile/internal/render"
	"reconcile/providers"
	"reconcile/providers/ec2"
	"reconcile/providers/ec2/ec2test"
)

// BenchmarkImportsTogether puts 30 imports that the script takes together
// beside 30 terraform import commands: the same script on the same state and
// configuration, with and without --one-by-one, each as a whole process with
// all its guards and its closing check. It wants the first in under a third of
// the time of the second.
//
// It needs Terraform, the AWS provider and the AWS CLI; see
// BenchmarkPlanAgainstRefresh.
func BenchmarkImportsTogether(b *testing.B) {
	need.Tools(b, "terraform", "aws", "bash")
	const imports = 30
	took := map[string]time.Duration{}
	for b.Loop() {
		for _, mode := range []string{"together", "one by one"} {
			i := newImports(b, imports)
			args := []string{filepath.Join(i.out, "reconcile.sh"), "--execute", "--incident", "INC-1", "--yes"}
			if mode == "one by one" {
				args = append(args, "--one-by-one")
			}
			c := exec.Command("bash", args...)
			c.Env = i.env
			began := time.Now()
			text, err := c.CombinedOutput()
			took[mode] = time.Since(began)
			if err != nil {
				b.Fatalf("%s: %v\n%s", mode, err, text)
			}
			if got := i.recorded(b); got != imports {
				b.Fatalf("%s: the state holds %d of %d\n%s", mode, got, imports, text)
			}
			if together := strings.Contains(string(text), fmt.Sprintf("done: %d together", imports)); together != (mode == "together") {
				b.Fatalf("%s: taken together is %v\n%s", mode, together, text)
			}
		}
	}
	b.ReportMetric(took["together"].Seconds(), "s/together")
	b.ReportMetric(took["one by one"].Seconds(), "s/one-by-one")
	b.ReportMetric(took["together"].Seconds()/took["one by one"].Seconds(), "share")
	if 3*took["together"] >= took["one by one"] {
		b.Errorf("%d imports together take %v, one by one %v: not under a third", imports, took["together"], took["one by one"])
	}
}

// importing is a folder whose state has lost its subnets.
type importing struct {
	dir, out string
	env      []string
}

func newImports(b *testing.B, count int) *importing {
	b.Helper()
	world := ec2test.Generate(ec2test.GenerateOptions{VPCs: 1, Subnets: count})
	server := ec2test.NewServer(world)
	if err := server.Err(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(server.Close)
	front := httptest.NewServer(withVPCAttributes(server))
	b.Cleanup(front.Close)
	root := b.TempDir()
	i := &importing{dir: filepath.Join(root, "live"), out: filepath.Join(root, "out"), env: benchEnvironment(front.URL)}
	if err := os.Mkdir(i.dir, 0o700); err != nil {
		b.Fatal(err)
	}
	rows := ec2.Rows()
	session, err := ec2.Open(b.Context(), rows, server.URL, "us-east-1")
	if err != nil {
		b.Fatal(err)
	}
	inv := ec2.NewReader(rows, session, nil).Inventory(b.Context(), []string{"aws_subnet"}, []string{"us-east-1"})
	config := "terraform {\n  required_providers {\n    aws = { source = \"hashicorp/aws\" }\n  }\n}\nprovider \"aws\" {\n  region = \"us-east-1\"\n}\nresource \"terraform_data\" \"kept\" {\n}\n"
	r := &plan.Report{Schema: plan.Schema, Incident: "INC-1", GeneratedAt: time.Now().UTC().Truncate(time.Second), Verdict: plan.HasActions,
		Lock: backend.Lock{Status: backend.Unknown}, Caller: providers.Caller{Account: world.Home().Account, Partition: "aws"}}
	declares := plan.Declared{Dir: ".", Resources: []string{"terraform_data.kept"}}
	for n, o := range inv.Objects {
		name, id := fmt.Sprint("n", n), o.Attrs.Text("id")
		config += fmt.Sprintf("resource \"aws_subnet\" %q {\n  vpc_id     = %q\n  cidr_block = %q\n}\n", name, o.Attrs.Text("vpc_id"), o.Attrs.Text("cidr_block"))
		address := "aws_subnet." + name
		r.Actions = append(r.Actions, plan.Action{N: n + 1, Op: plan.Import, Address: address, Type: "aws_subnet", ID: id, NewStateID: id, Argv: []string{"import", "-input=false", address, id},
			Entry: plan.Entry{Type: `"aws_subnet"`, Name: `"` + name + `"`}})
		declares.Resources = append(declares.Resources, address)
	}
	if len(r.Actions) != count {
		b.Fatalf("%d subnets, want %d", len(r.Actions), count)
	}
	if err := os.WriteFile(filepath.Join(i.dir, "main.tf"), []byte(config), 0o600); err != nil {
		b.Fatal(err)
	}
	i.terraform(b, "init", "-input=false", "-no-color")
	i.terraform(b, "apply", "-input=false", "-no-color", "-auto-approve", "-target=terraform_data.kept")
	pulled := i.terraform(b, "state", "pull")
	var head struct {
		Serial  uint64
		Lineage string
	}
	if err := json.Unmarshal(pulled, &head); err != nil {
		b.Fatal(err)
	}
	sum := func(data []byte) string {
		h := sha256.Sum256(data)
		return hex.EncodeToString(h[:])
	}
	r.State = plan.State{Source: "pulled", Format: "raw", Lineage: head.Lineage, Serial: head.Serial, SHA256: sum(pulled)}
	r.Guard = plan.Guard{Dir: i.dir, Files: []plan.FileHash{{Path: "main.tf", SHA256: sum([]byte(config))}}, Account: world.Home().Account, Executable: true, Declares: []plan.Declared{declares}}
	if err := render.WriteAll(i.out, r); err != nil {
		b.Fatal(err)
	}
	return i
}

func (i *importing) terraform(b *testing.B, args ...string) []byte {
	b.Helper()
	c := exec.Command("terraform", args...)
	c.Dir, c.Env = i.dir, i.env
	out, err := c.Output()
	if err != nil {
		b.Skipf("terraform %s does not work here, so there is nothing to measure: %v\n%s", args[0], err, out)
	}
	return out
}

// recorded counts the subnets in the state.
func (i *importing) recorded(b *testing.B) int {
	b.Helper()
	lines := strings.Split(string(i.terraform(b, "state", "list")), "\n")
	return len(slices.DeleteFunc(lines, func(l string) bool { return !strings.HasPrefix(l, "aws_subnet.") }))
}
