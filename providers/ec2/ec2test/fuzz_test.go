package ec2test_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"reconcile/providers/ec2/ec2test"
)

// FuzzAnyRequestIsAnswered sends what no client would: the server must answer
// with a status of its own and, where it speaks XML, with XML.
func FuzzAnyRequestIsAnswered(f *testing.F) {
	f.Add("ec2", "", "/", "Action=DescribeVpcs&Filter.1.Name=vpc-id&Filter.1.Value.1=*&MaxResults=5&NextToken=MS4wLjA")
	f.Add("ec2", "", "/", "Action=SearchTransitGatewayRoutes&TransitGatewayRouteTableId=x&Filter.1.Name=route-search.subnet-of-match&Filter.1.Value.1=10.0.0.0/8")
	f.Add("cloudtrail", "CloudTrail_20131101.LookupEvents", "/", `{"StartTime":1e300,"MaxResults":5,"LookupAttributes":[{}]}`)
	f.Add("dynamodb", "DynamoDB_20120810.GetItem", "/", `{"TableName":"t","Key":{"LockID":{"S":"a"}}}`)
	f.Add("sts", "", "/", "Action=AssumeRole&RoleArn=a:b:c:d:e:f&RoleSessionName=s")
	f.Add("ram", "", "/getresourceshares", `{"resourceOwner":"SELF","resourceShareArns":["a",{}],"maxResults":1e9,"":1}`)
	f.Add("directconnect", "OvertureService.DescribeVirtualInterfaces", "/", `{"connectionId":null,"nextToken":[1]}`)
	f.Add("s3", "", "/b/k?versionId=x", "")
	f.Add("", "", "/b?versions&max-keys=0", "")
	w := vpcWorld(f, 7)
	srv := serve(f, w)
	f.Fuzz(func(t *testing.T, service, target, path, body string) {
		method := http.MethodPost
		if service == "s3" {
			method = http.MethodGet
		}
		r, err := http.NewRequest(method, "http://x", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if u, err := r.URL.Parse(path); err == nil {
			r.URL = u
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Amz-Target", target)
		r.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/20260101/%s/%s/aws4_request", key, region, service))
		out := httptest.NewRecorder()
		srv.ServeHTTP(out, r)
		if out.Code < 200 || out.Code > 599 {
			t.Errorf("status %d", out.Code)
		}
		if strings.Contains(out.Header().Get("Content-Type"), "xml") {
			d := xml.NewDecoder(out.Body)
			for {
				if _, err := d.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatalf("not XML: %v\n%s", err, out.Body.String())
				}
			}
		}
	})
}

// FuzzAnyIncidentIsLoadedOrRefused reads broken recordings: none may panic, and
// what was accepted can be served.
func FuzzAnyIncidentIsLoadedOrRefused(f *testing.F) {
	f.Add(`{"account":"1","regions":["r"],"start":"2026-01-01T00:00:00Z"}`, `{"TransitGatewayAttachments":[{"ResourceType":"vpc","TransitGatewayAttachmentId":"a","Tags":[{"Key":"k"}]}],"Vpcs":[{"":1,"_x":[{"_y":[]}]}]}`,
		`{"Records":[{"eventTime":"2026-01-01T00:00:00Z","eventName":"E","responseElements":{"EResponse":{"transitGatewayVpcAttachment":{"transitGatewayAttachmentId":"a","subnetIds":{"item":"s"},"options":{"":"x","dnsSupport":1}}}}}]}`,
		`[{"LockID":{"S":"b/k"}}]`, `{"lineage":"l","resources":[{"type":"aws_ec2_transit_gateway_vpc_attachment","instances":[{"attributes":{"id":"a"}}]}]}`)
	f.Fuzz(func(t *testing.T, truth, live, trail, lock, state string) {
		files := fstest.MapFS{}
		for name, content := range map[string]string{"truth.json": truth, "live.json": live, "cloudtrail.json": trail, "lock-table.json": lock, "state.tfstate": state} {
			files[name] = &fstest.MapFile{Data: []byte(content)}
		}
		w, err := ec2test.LoadIncident(files)
		if err != nil {
			return
		}
		srv := serve(t, w)
		for _, action := range []string{"DescribeVpcs", "DescribeTransitGatewayVpcAttachments", "DescribeTags"} {
			r, err := http.NewRequest(http.MethodPost, "http://x", strings.NewReader("Action="+action))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			out := httptest.NewRecorder()
			srv.ServeHTTP(out, r)
			if out.Code != http.StatusOK && out.Code != http.StatusBadRequest {
				t.Errorf("%s: status %d", action, out.Code)
			}
		}
		if _, err := json.Marshal(w.Docs(w.Home(), "Vpcs")); err != nil {
			t.Error(err)
		}
	})
}
