package ec2_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/middleware"
	"github.com/google/go-cmp/cmp"

	"reconcile/providers"
	"reconcile/providers/ec2"
	"reconcile/providers/ec2/ec2test"
)

var update = flag.Bool("update", false, "write the golden files anew")

const (
	account = "123456789012"
	region  = "us-east-1"
)

var here = providers.Place{Account: account, Region: region}

func serve(t testing.TB, w *ec2test.World) *ec2test.Server {
	t.Helper()
	srv := ec2test.NewServer(w)
	if srv.Err() != nil {
		t.Fatal(srv.Err())
	}
	t.Cleanup(srv.Close)
	return srv
}

// session is guarded as the real one is; it retries at once and does not pace,
// so that a test takes no time.
func session(srv *ec2test.Server, rows []ec2.Row) ec2.Session {
	return ec2.Session{
		Caller: providers.Caller{Account: account, Partition: "aws"},
		Config: aws.Config{Region: region, BaseEndpoint: &srv.URL, HTTPClient: srv.Client(),
			Credentials: credentials.NewStaticCredentialsProvider("ASIAREADER0000000001", "secret", ""),
			APIOptions:  []func(*middleware.Stack) error{ec2.ReadOnly(ec2.AllowList(rows))},
			Retryer: func() aws.Retryer {
				return retry.NewStandard(func(o *retry.StandardOptions) {
					o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
				})
			}},
	}
}

func reader(srv *ec2test.Server) *ec2.Reader {
	rows := ec2.Rows()
	return ec2.NewReader(rows, session(srv, rows), nil)
}

// bg is for readings that several tests share.
var bg = context.Background()

// small is an account with at least three of everything in every list.
func small() *ec2test.World {
	w := ec2test.Generate(ec2test.GenerateOptions{Account: account, Region: region, VPCs: 3, Subnets: 5, RouteTables: 4, Routes: 14,
		InternetGateways: 3, TGWs: 3, TGWAttachments: 9, TGWRouteTables: 3, TGWRoutes: 12})
	// Main tables and others are mixed, so that each page has both.
	for _, doc := range w.Docs(here, "RouteTables")[:2] {
		w.Delete(here, "RouteTables", doc["RouteTableId"].(string))
		if err := w.Put(here, "RouteTables", doc); err != nil {
			panic(err) // a document of the world's own always encodes
		}
	}
	return w
}

func types() []string {
	var out []string
	for _, r := range ec2.Rows() {
		out = append(out, r.Type)
	}
	return out
}

func only(inv providers.Inventory, typ string) []providers.Object {
	var out []providers.Object
	for _, o := range inv.Objects {
		if o.Type == typ {
			out = append(out, o)
		}
	}
	return out
}

func coverage(t testing.TB, inv providers.Inventory, typ string) providers.Coverage {
	t.Helper()
	i := slices.IndexFunc(inv.Coverage, func(c providers.Coverage) bool { return c.Type == typ && c.Place == here })
	if i < 0 {
		t.Fatalf("no coverage of %s", typ)
	}
	return inv.Coverage[i]
}

func identities(objects []providers.Object) []string {
	var out []string
	for _, o := range objects {
		out = append(out, o.ID)
	}
	slices.Sort(out)
	return out
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s, wanted against got (go test -update writes it anew):\n%s", name, diff)
	}
}
