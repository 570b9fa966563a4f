package ec2test_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"reconcile/fixtures"
	"reconcile/providers/ec2/ec2test"
)

func incident(t *testing.T, name string) (*ec2test.Server, fs.FS) {
	t.Helper()
	fsys, err := fixtures.Incident(name)
	if err != nil {
		t.Fatal(err)
	}
	w, err := ec2test.LoadIncident(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, w), fsys
}

func load(t *testing.T, fsys fs.FS, name string, into any) {
	t.Helper()
	raw, err := fs.ReadFile(fsys, name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}

// kept reports the first thing of want that got lacks. What is empty in want
// may be absent; times may be spelled otherwise.
func kept(path string, want, got any) string {
	switch want := want.(type) {
	case nil:
		return ""
	case map[string]any:
		have, _ := got.(map[string]any)
		for k, v := range want {
			if k[0] == '_' {
				continue
			}
			if lost := kept(path+"."+k, v, have[k]); lost != "" {
				return lost
			}
		}
		return ""
	case []any:
		have, _ := got.([]any)
		if len(have) != len(want) {
			return fmt.Sprintf("%s: %d elements, want %d", path, len(have), len(want))
		}
		for i := range want {
			if lost := kept(fmt.Sprintf("%s[%d]", path, i), want[i], have[i]); lost != "" {
				return lost
			}
		}
		return ""
	}
	w, g := fmt.Sprint(want), fmt.Sprint(got)
	if strings.HasSuffix(path, "Time") {
		a, err1 := time.Parse(time.RFC3339, strings.Replace(w, " ", "T", 1))
		b, err2 := time.Parse(time.RFC3339, g)
		if err1 == nil && err2 == nil && a.Equal(b) {
			return ""
		}
	}
	if w != g {
		return fmt.Sprintf("%s is %q, want %q", path, g, w)
	}
	return ""
}

func TestEveryIncidentIsServedAsItWasRecorded(t *testing.T) {
	for _, name := range fixtures.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, fsys := incident(t, name)
			c := client(srv)
			var live map[string][]any
			load(t, fsys, "live.json", &live)
			compared := 0
			for _, l := range ec2test.Rows() {
				if l.Parent != "" {
					for _, parent := range live[l.Parent] {
						doc := parent.(map[string]any)
						held, recorded := doc[l.Child].([]any)
						if !recorded {
							continue
						}
						in := map[string]any{l.ParentParam: aws.String(doc[l.ParentParam].(string))}
						if l.Action == "SearchTransitGatewayRoutes" {
							in["Filters"] = []types.Filter{{Name: aws.String("type"), Values: []string{"static", "propagated"}}}
						}
						compared += same(t, c, l, in, held)
					}
				} else if want, ok := live[l.List]; ok {
					compared += same(t, c, l, nil, want)
				}
			}
			if compared < 20 {
				t.Errorf("only %d documents were compared", compared)
			}
		})
	}
}

func same(t *testing.T, c *ec2.Client, l ec2test.Row, in map[string]any, want []any) int {
	t.Helper()
	out, err := ask(t, c, l.Action, in)
	if err != nil {
		t.Fatalf("%s: %v", l.Action, err)
	}
	var got []any
	if err := json.Unmarshal([]byte(asJSON(t, out.FieldByName(l.Key).Interface())), &got); err != nil {
		t.Fatal(err)
	}
	if lost := kept(l.Key, want, got); lost != "" {
		t.Errorf("%s: %s", l.Action, lost)
	}
	return len(want)
}

func TestAVPCAttachmentHasTheSubnetsOfItsLastChange(t *testing.T) {
	srv, _ := incident(t, "shared-network-expire-15")
	out, err := client(srv).DescribeTransitGatewayVpcAttachments(t.Context(), &ec2.DescribeTransitGatewayVpcAttachmentsInput{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, a := range out.TransitGatewayVpcAttachments {
		got[*a.TransitGatewayAttachmentId] = fmt.Sprint(*a.VpcId, " ", *a.VpcOwnerId, " ", a.SubnetIds, " ", a.State, " ", a.Options.DnsSupport, " ", a.Options.Ipv6Support, " ", a.Options.SecurityGroupReferencingSupport, " ", len(a.Tags))
	}
	want := map[string]string{
		// Created with one subnet; ModifyTransitGatewayVpcAttachment added the second.
		"tgw-attach-a3e5439f1373ef375": "vpc-566e935d9dff034e2 123456789012 [subnet-00fb40e95c1b5d7b4 subnet-84461b9e150dd9290] available enable disable enable 1",
		"tgw-attach-ea7df0f7e3b24a0be": "vpc-d8ff322db6592dd83 123456789012 [subnet-8fc136edaf6c12435 subnet-b64ef32481e75aad1] available enable disable enable 1",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got\n%v\nwant\n%v", got, want)
	}
}

func TestTheStateObjectIsTheOneThatTheDigestNames(t *testing.T) {
	for _, name := range fixtures.Names() {
		t.Run(name, func(t *testing.T) {
			srv, _ := incident(t, name)
			cfg := config(srv, key, region)
			db := dynamodb.NewFromConfig(cfg)
			item := func(id string) map[string]dynamotypes.AttributeValue {
				out, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("tf-locks"), ConsistentRead: aws.Bool(true),
					Key: map[string]dynamotypes.AttributeValue{"LockID": &dynamotypes.AttributeValueMemberS{Value: id}}})
				if err != nil {
					t.Fatal(err)
				}
				return out.Item
			}
			const path = "tf-state-prod/env/prod/network.tfstate"
			info, ok := item(path)["Info"].(*dynamotypes.AttributeValueMemberS)
			if !ok || !strings.Contains(info.Value, `"Operation":"OperationTypeApply"`) {
				t.Fatalf("the lock row is %v", item(path))
			}
			head, err := s3.NewFromConfig(cfg).HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("tf-state-prod"), Key: aws.String("env/prod/network.tfstate")})
			digest, recorded := item(path + "-md5")["Digest"].(*dynamotypes.AttributeValueMemberS)
			if !recorded { // a first apply: no state was ever written
				if err == nil {
					t.Error("there is a state object but no digest of it")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Trim(*head.ETag, `"`); got != digest.Value {
				t.Errorf("the object's MD5 is %s, the table's digest %s", got, digest.Value)
			}
		})
	}
}

func TestTheWholeTrailOfAnIncidentCanBeLookedUp(t *testing.T) {
	for _, name := range fixtures.Names() {
		t.Run(name, func(t *testing.T) {
			srv, fsys := incident(t, name)
			var want struct{ Records []map[string]any }
			load(t, fsys, "cloudtrail.json", &want)
			pages := cloudtrail.NewLookupEventsPaginator(cloudtrail.NewFromConfig(config(srv, key, region)), &cloudtrail.LookupEventsInput{
				StartTime: aws.Time(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)), EndTime: aws.Time(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))})
			got := map[string]bool{}
			last := time.Now().AddDate(100, 0, 0)
			for pages.HasMorePages() {
				page, err := pages.NextPage(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range page.Events {
					if e.EventTime.After(last) {
						t.Errorf("event %s is newer than the one before it", *e.EventId)
					}
					last, got[*e.EventId] = *e.EventTime, true
				}
			}
			if len(got) != len(want.Records) {
				t.Errorf("%d events, want %d", len(got), len(want.Records))
			}
		})
	}
}

func TestABrokenIncidentIsRefusedByName(t *testing.T) {
	truth := &fstest.MapFile{Data: []byte(`{"account":"123456789012","regions":["us-east-1"],"start":"2026-01-01T00:00:00Z"}`)}
	trail := &fstest.MapFile{Data: []byte(`{"Records":[]}`)}
	live := &fstest.MapFile{Data: []byte(`{"Vpcs":[]}`)}
	for name, files := range map[string]fstest.MapFS{
		"truth.json":      {},
		"cloudtrail.json": {"truth.json": truth, "cloudtrail.json": {Data: []byte(`{"Records":[{"eventTime":"yesterday"}]}`)}},
		"live.json":       {"truth.json": truth, "cloudtrail.json": trail, "live.json": {Data: []byte(`{"Vpcs":[`)}},
		"state.tfstate":   {"truth.json": truth, "cloudtrail.json": trail, "live.json": live},
		"lock-table.json": {"truth.json": truth, "cloudtrail.json": trail, "live.json": live, "state.tfstate": {Data: []byte(`{}`)}},
	} {
		if _, err := ec2test.LoadIncident(files); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without a good %s: got %v", name, err)
		}
	}
}
