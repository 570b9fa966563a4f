package ec2_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/directconnect"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ram"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"

	"reconcile/providers/ec2"
	"reconcile/providers/ec2/ec2test"
)

// TestOnlyReadsAreSent makes every call of the nine services through a client
// of a real session: those that are not on the list never reach the server.
func TestOnlyReadsAreSent(t *testing.T) {
	srv := serve(t, ec2test.NewWorld(account, region))
	s, err := ec2.Open(t.Context(), ec2.Rows(), srv.URL, region)
	if err != nil {
		t.Fatal(err)
	}
	srv.Forget()
	// The SDK's own validation of an empty input would be first to refuse.
	s.Config.APIOptions = append(s.Config.APIOptions, func(stack *middleware.Stack) error {
		_, _ = stack.Initialize.Remove("OperationInputValidation") // calls that need no input have none
		return nil
	})
	allowed := ec2.AllowList(ec2.Rows())
	refused := 0
	for service, client := range map[string]any{
		"EC2": sdk.NewFromConfig(s.Config), "CloudTrail": cloudtrail.NewFromConfig(s.Config), "DynamoDB": dynamodb.NewFromConfig(s.Config),
		"S3": s3.NewFromConfig(s.Config), "STS": sts.NewFromConfig(s.Config),
		"RAM": ram.NewFromConfig(s.Config), "Direct Connect": directconnect.NewFromConfig(s.Config),
		"SQS": sqs.NewFromConfig(s.Config), "Athena": athena.NewFromConfig(s.Config),
	} {
		v := reflect.ValueOf(client)
		for i := range v.NumMethod() {
			method := v.Type().Method(i)
			if method.Type.NumIn() != 4 || method.Type.NumOut() != 2 || slices.Contains(allowed, service+":"+method.Name) {
				continue // not a call, or one of the reads
			}
			in := reflect.New(method.Type.In(2).Elem())
			err, _ := v.Method(i).Call([]reflect.Value{reflect.ValueOf(t.Context()), in})[1].Interface().(error)
			no, ok := errors.AsType[*ec2.RefusedError](err)
			if !ok || no.Service != service || no.Operation != method.Name {
				t.Errorf("%s.%s was not refused: %v", service, method.Name, err)
			}
			refused++
		}
	}
	if refused < 900 {
		t.Errorf("only %d calls were tried: EC2 alone has more", refused)
	}
	if r := srv.Requests(); len(r) > 0 {
		t.Errorf("%d requests were sent, the first %s", len(r), r[0].Action)
	}
	_, err = sdk.NewFromConfig(s.Config).DeleteVpc(t.Context(), &sdk.DeleteVpcInput{VpcId: new("vpc-1")})
	if no, ok := errors.AsType[*ec2.RefusedError](err); !ok || no.Error() != "EC2:DeleteVpc is not on the list of reads that reconcile may send" {
		t.Errorf("DeleteVpc: %v", err)
	}
}

func TestTheAllowListHoldsReadsOnlyAndEachOnce(t *testing.T) {
	list := ec2.AllowList(ec2.Rows())
	seen := map[string]bool{}
	for _, a := range list {
		_, op, _ := strings.Cut(a, ":")
		if seen[a] || !slices.ContainsFunc([]string{"Describe", "Get", "Search", "Lookup", "Head"}, func(p string) bool { return strings.HasPrefix(op, p) }) {
			t.Errorf("%s is no read, or is there twice", a)
		}
		seen[a] = true
	}
	if n := len(actions()) + 3; len(list) != n {
		t.Errorf("%d operations are allowed, the rows and the fixed reads make %d", len(list), n)
	}
}

func TestWhoAsks(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault func(*ec2test.Server)
		is    error
		text  string
	}{
		{"the session has expired", func(s *ec2test.Server) { s.Fail("GetCallerIdentity", "ExpiredToken", 403) }, ec2.ErrNoCredentials,
			"no usable AWS credentials: ExpiredToken: The call of GetCallerIdentity was made to fail"},
		{"the key does not exist", func(s *ec2test.Server) { s.Fail("GetCallerIdentity", "InvalidClientTokenId", 403) }, ec2.ErrNoCredentials,
			"no usable AWS credentials: InvalidClientTokenId: The call of GetCallerIdentity was made to fail"},
		{"STS refuses for another reason", func(s *ec2test.Server) { s.Fail("GetCallerIdentity", "RegionDisabledException", 403) }, nil,
			"asking STS who the caller is: RegionDisabledException: The call of GetCallerIdentity was made to fail"},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := serve(t, ec2test.NewWorld(account, region))
			c.fault(srv)
			_, err := ec2.Open(t.Context(), ec2.Rows(), srv.URL, region)
			if err == nil || err.Error() != c.text || (c.is != nil && !errors.Is(err, c.is)) {
				t.Errorf("%v, want %s", err, c.text)
			}
		})
	}
	w := ec2test.NewWorld(account, region)
	w.Identify("", ec2test.Identity{Account: account, ARN: "arn:aws-cn:sts::" + account + ":assumed-role/x/y", UserID: "A:y"})
	s, err := ec2.Open(t.Context(), ec2.Rows(), serve(t, w).URL, region)
	if err != nil || s.Caller.Account != account || s.Caller.Partition != "aws-cn" {
		t.Errorf("caller %+v, %v", s.Caller, err)
	}
	if _, err := ec2.Open(t.Context(), ec2.Rows(), "http://127.0.0.1:1", ""); !errors.Is(err, ec2.ErrNoRegion) {
		t.Errorf("without a region: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ec2.Open(ctx, ec2.Rows(), serve(t, w).URL, region); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

type clientFunc func(*http.Request) (*http.Response, error)

func (f clientFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

// TestRetriesArePacedToo counts on a clock of its own: a service that refuses
// everything is not asked faster than one that answers.
func TestRetriesArePacedToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls []time.Time
		cfg := session(&ec2test.Server{}, ec2.Rows()).Config
		cfg.Credentials = credentials.NewStaticCredentialsProvider("A", "B", "")
		cfg.APIOptions = []func(*middleware.Stack) error{ec2.Pace()}
		cfg.HTTPClient = clientFunc(func(*http.Request) (*http.Response, error) {
			calls = append(calls, time.Now())
			return &http.Response{StatusCode: 503, Header: http.Header{}, Body: http.NoBody}, nil
		})
		cfg.BaseEndpoint = aws.String("http://ec2.test")
		c := cloudtrail.NewFromConfig(cfg)
		for range 3 {
			if _, err := c.LookupEvents(t.Context(), &cloudtrail.LookupEventsInput{}); err == nil {
				t.Fatal("a call that was refused three times has no error")
			}
		}
		if len(calls) != 9 {
			t.Fatalf("%d attempts, want 3 for each of 3 calls", len(calls))
		}
		for i := 2; i < len(calls); i++ {
			if gap := calls[i].Sub(calls[i-2]); gap <= time.Second {
				t.Errorf("attempts %d to %d within %s", i-2, i, gap)
			}
		}
	})
}

// TestOnlyReadsOfTheStateAreSent is the same for the session that reads the
// state and its lock, which has a list of its own.
func TestOnlyReadsOfTheStateAreSent(t *testing.T) {
	srv := serve(t, ec2test.NewWorld(account, region))
	s, err := ec2.Open(t.Context(), ec2.Rows(), srv.URL, region)
	if err != nil {
		t.Fatal(err)
	}
	if s, err = s.ForState(t.Context(), ec2.As{}); err != nil {
		t.Fatal(err)
	}
	srv.Forget()
	s.Config.APIOptions = append(s.Config.APIOptions, func(stack *middleware.Stack) error {
		_, _ = stack.Initialize.Remove("OperationInputValidation")
		return nil
	})
	allowed := ec2.StateReads()
	for _, a := range allowed {
		_, op, _ := strings.Cut(a, ":")
		if !slices.ContainsFunc([]string{"Describe", "Get", "List", "Head", "Scan", "Simulate"}, func(p string) bool { return strings.HasPrefix(op, p) }) {
			t.Errorf("%s is no read", a)
		}
	}
	refused := 0
	for service, client := range map[string]any{
		"DynamoDB": dynamodb.NewFromConfig(s.Config), "S3": s3.NewFromConfig(s.Config), "STS": sts.NewFromConfig(s.Config),
		"IAM": iam.NewFromConfig(s.Config), "EC2": sdk.NewFromConfig(s.Config),
	} {
		v := reflect.ValueOf(client)
		for i := range v.NumMethod() {
			method := v.Type().Method(i)
			if method.Type.NumIn() != 4 || method.Type.NumOut() != 2 || slices.Contains(allowed, service+":"+method.Name) {
				continue
			}
			in := reflect.New(method.Type.In(2).Elem())
			err, _ := v.Method(i).Call([]reflect.Value{reflect.ValueOf(t.Context()), in})[1].Interface().(error)
			if no, ok := errors.AsType[*ec2.RefusedError](err); !ok || no.Operation != method.Name {
				t.Errorf("%s.%s was not refused: %v", service, method.Name, err)
			}
			refused++
		}
	}
	if refused < 1000 || len(srv.Requests()) > 0 {
		t.Errorf("%d calls were tried, %d requests were sent", refused, len(srv.Requests()))
	}
}
