package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"reconcile/internal/need"
	"reconcile/providers/ec2"
	"reconcile/providers/ec2/ec2test"
)

// BenchmarkPlanAgainstRefresh puts reconcile plan beside terraform plan
// -refresh-only, both as whole processes on the same state and the same
// endpoint, one after the other, and prints calls and time of each. The lower
// bound is worked out from what the world holds: the pages of each listing, one
// call a parent where the API allows no more.
//
// It needs Terraform and the AWS provider: on PATH, and by way of the CLI's own
// configuration (TF_CLI_CONFIG_FILE) where there is no registry.
func BenchmarkPlanAgainstRefresh(b *testing.B) {
	terraform := need.Tool(b, "terraform")
	binary := filepath.Join(b.TempDir(), "reconcile")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "instances\tlower bound\treconcile calls\tof bound\tterraform calls\tshare\treconcile s\tterraform s\tshare\t")
	for _, scale := range []int{1, 5} {
		b.Run(strconv.Itoa(scale*1000), func(b *testing.B) {
			n := newNetwork(b, scale)
			n.terraform(b, terraform, "init", "-input=false", "-no-color")
			var ours, theirs cost
			for b.Loop() {
				ours = n.measure(func(ctx context.Context) *exec.Cmd {
					return exec.CommandContext(ctx, binary, "plan", "--quiet", "--dir", n.dir, "--state", filepath.Join(n.dir, "terraform.tfstate"), "--out", filepath.Join(n.dir, "out"),
						"--role", "arn:aws:iam::123456789012:role/runner", "--session", "ci", "--since", "1h", "--trail-delay", "0s")
				})
				theirs = n.measure(func(ctx context.Context) *exec.Cmd {
					c := exec.CommandContext(ctx, terraform, "plan", "-refresh-only", "-input=false", "-no-color", "-lock=false", "-out=refreshed")
					c.Dir = n.dir
					return c
				})
			}
			if ours.code != 0 && ours.code != 3 { // 3: a state without a backend has no lock to look at
				b.Fatalf("reconcile ends with %d:\n%s", ours.code, ours.output)
			}
			if theirs.code != 0 {
				b.Fatalf("terraform ends with %d:\n%s", theirs.code, theirs.output)
			}
			bound := n.lowerBound()
			b.ReportMetric(float64(ours.ec2)/float64(bound), "calls/bound")
			b.ReportMetric(float64(ours.ec2)/float64(theirs.ec2), "calls/refresh")
			b.ReportMetric(ours.took.Seconds()/theirs.took.Seconds(), "time/refresh")
			fmt.Fprintf(w, "%d\t%d\t%d\t%.2f\t%d\t1/%d\t%.2f\t%.2f\t1/%.0f\t\n", n.instances, bound, ours.ec2, float64(ours.ec2)/float64(bound), theirs.ec2, theirs.ec2/max(1, ours.ec2),
				ours.took.Seconds(), theirs.took.Seconds(), theirs.took.Seconds()/ours.took.Seconds())
		})
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	b.Log("\n" + table.String())
}

// network is a team's network in AWS and in a state.
type network struct {
	dir       string
	world     *ec2test.World
	server    *ec2test.Server
	env       []string
	instances int
}

// recorded are the types that the state holds: everything that the network has
// but for adopted and second-hand ways to manage the same things.
var recorded = []string{"aws_vpc", "aws_subnet", "aws_route_table", "aws_route", "aws_route_table_association", "aws_internet_gateway",
	"aws_ec2_transit_gateway", "aws_ec2_transit_gateway_vpc_attachment", "aws_ec2_transit_gateway_route_table", "aws_ec2_transit_gateway_route",
	"aws_ec2_transit_gateway_route_table_association", "aws_ec2_transit_gateway_route_table_propagation"}

func newNetwork(b *testing.B, scale int) *network {
	b.Helper()
	n := &network{dir: b.TempDir(), world: ec2test.Generate(ec2test.GenerateOptions{VPCs: 6 * scale, Subnets: 180 * scale, RouteTables: 180 * scale, Routes: 372 * scale,
		InternetGateways: 6 * scale, TGWs: 1, TGWAttachments: 6 * scale, TGWRouteTables: 2, TGWRoutes: 60 * scale})}
	n.server = ec2test.NewServer(n.world)
	if err := n.server.Err(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(n.server.Close)
	front := httptest.NewServer(withVPCAttributes(n.server))
	b.Cleanup(front.Close)
	n.env = benchEnvironment(front.URL)
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(n.dir, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	write("main.tf", `terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region = "us-east-1"
}
`)
	write("terraform.tfstate", n.state(b))
	return n
}

// benchEnvironment is this process's environment with AWS at that endpoint.
func benchEnvironment(endpoint string) []string {
	return append(slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, "AWS_") || strings.HasPrefix(s, "TF_VAR_") }),
		"AWS_ENDPOINT_URL="+endpoint, "AWS_ACCESS_KEY_ID=ASIABENCH00000000001", "AWS_SECRET_ACCESS_KEY=x", "AWS_SESSION_TOKEN=x", "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "CHECKPOINT_DISABLE=1", "NO_COLOR=1")
}

// state is what Terraform would have recorded of the network.
func (n *network) state(b *testing.B) string {
	b.Helper()
	rows := ec2.Rows()
	session, err := ec2.Open(b.Context(), rows, n.server.URL, "us-east-1")
	if err != nil {
		b.Fatal(err)
	}
	kinds := ec2.Kinds(rows)
	inv := ec2.NewReader(rows, session, nil).Inventory(b.Context(), recorded, []string{"us-east-1"})
	var resources []any
	for i, o := range inv.Objects {
		if o.Implicit {
			continue
		}
		k, _ := kinds.Find(o.Type)
		attrs := map[string]any{}
		maps.Copy(attrs, o.Attrs)
		attrs["id"] = k.StateIDOf(o.Attrs)
		for name, v := range attrs {
			if v == "" && strings.HasSuffix(name, "_id") {
				delete(attrs, name)
			}
		}
		delete(attrs, "main_route_table_id")
		resources = append(resources, map[string]any{"mode": "managed", "type": o.Type, "name": "n" + strconv.Itoa(i),
			"provider": `provider["registry.terraform.io/hashicorp/aws"]`, "instances": []any{map[string]any{"schema_version": schemaVersions[o.Type], "attributes": attrs}}})
	}
	n.instances = len(resources)
	text, err := json.Marshal(map[string]any{"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "bench", "outputs": map[string]any{}, "resources": resources})
	if err != nil {
		b.Fatal(err)
	}
	n.server.Forget()
	return string(text)
}

// schemaVersions are those of the provider's version 5, 0 where none is named.
var schemaVersions = map[string]int{"aws_vpc": 1, "aws_subnet": 1}

// lowerBound is the fewest EC2 calls that can read the state's kinds.
func (n *network) lowerBound() int {
	pages := func(key string, size int) int { return max(1, (len(n.world.Docs(n.world.Home(), key))+size-1)/size) }
	calls := 0
	for key, size := range map[string]int{"Vpcs": 1000, "Subnets": 1000, "RouteTables": 100, "InternetGateways": 1000, "TransitGateways": 1000,
		"TransitGatewayVpcAttachments": 1000, "TransitGatewayRouteTables": 1000} {
		calls += pages(key, size)
	}
	for range n.world.Docs(n.world.Home(), "TransitGatewayRouteTables") {
		calls += 3 // routes, associations, propagations
	}
	return calls
}

// cost is what one command cost.
type cost struct {
	ec2    int
	took   time.Duration
	code   int
	output string
}

func (n *network) measure(command func(context.Context) *exec.Cmd) cost {
	n.server.Forget()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute)
	defer cancel()
	c := command(ctx)
	c.Env = n.env
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	began := time.Now()
	_ = c.Run() // the exit code says it
	got := cost{took: time.Since(began), code: c.ProcessState.ExitCode(), output: out.String()}
	for action, calls := range n.server.Calls() {
		if strings.HasPrefix(action, "ec2:") {
			got.ec2 += calls
		}
	}
	return got
}

func (n *network) terraform(b *testing.B, terraform string, args ...string) {
	b.Helper()
	c := exec.Command(terraform, args...)
	c.Dir, c.Env = n.dir, n.env
	if out, err := c.CombinedOutput(); err != nil {
		b.Skipf("terraform %s does not work here, so there is nothing to compare with: %v\n%s", args[0], err, out)
	}
}

// withVPCAttributes answers the one call of a refresh that the stand-in does
// not serve, because reconcile never makes it.
func withVPCAttributes(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body) // a body that breaks off is the stand-in's to refuse
		r.Body = readCloser{&body}
		if form := body.String(); strings.Contains(form, "Action=DescribeVpcAttribute&") {
			for _, name := range []string{"enableDnsSupport", "enableDnsHostnames", "enableNetworkAddressUsageMetrics"} {
				if strings.Contains(form, "Attribute="+name) {
					w.Header().Set("Content-Type", "text/xml;charset=UTF-8")
					fmt.Fprintf(w, `<DescribeVpcAttributeResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><%s><value>true</value></%s></DescribeVpcAttributeResponse>`, name, name)
					return
				}
			}
		}
		next.ServeHTTP(w, r)
	})
}

type readCloser struct{ *bytes.Buffer }

func (readCloser) Close() error { return nil }
