package ec2test_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go"

	"reconcile/providers"
	"reconcile/providers/ec2/ec2test"
)

const (
	account = "123456789012"
	region  = "us-east-1"
	key     = "ASIAOPERATOR00000001"
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

// config never retries: a test counts every call.
func config(srv *ec2test.Server, accessKey, region string) aws.Config {
	return aws.Config{
		Region: region, BaseEndpoint: aws.String(srv.URL), HTTPClient: srv.Client(),
		Credentials: credentials.NewStaticCredentialsProvider(accessKey, "secret", ""),
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
	}
}

func client(srv *ec2test.Server) *ec2.Client { return ec2.NewFromConfig(config(srv, key, region)) }

func put(t testing.TB, w *ec2test.World, at providers.Place, list string, docs ...any) {
	t.Helper()
	if err := w.Put(at, list, docs...); err != nil {
		t.Fatal(err)
	}
}

// ask makes an EC2 call by name. The fields are set on the SDK's input; the
// answer is the SDK's output.
func ask(t testing.TB, c *ec2.Client, action string, fields map[string]any) (reflect.Value, error) {
	t.Helper()
	method := reflect.ValueOf(c).MethodByName(action)
	if !method.IsValid() {
		t.Fatalf("the SDK has no %s", action)
	}
	in := reflect.New(method.Type().In(1).Elem())
	for name, v := range fields {
		f := in.Elem().FieldByName(name)
		if !f.IsValid() {
			t.Fatalf("%s has no input %s", action, name)
		}
		f.Set(reflect.ValueOf(v))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	out := method.Call([]reflect.Value{reflect.ValueOf(ctx), in})
	err, _ := out[1].Interface().(error)
	if err != nil {
		return reflect.Value{}, err
	}
	return out[0].Elem(), nil
}

// element is the SDK's type of the things that a call lists.
func element(t testing.TB, action, list string) reflect.Type {
	t.Helper()
	method, ok := reflect.TypeFor[*ec2.Client]().MethodByName(action)
	if !ok {
		t.Fatalf("the SDK has no %s", action)
	}
	f, ok := method.Type.Out(0).Elem().FieldByName(list)
	if !ok {
		t.Fatalf("the answer of %s has no %s", action, list)
	}
	return f.Type.Elem()
}

func code(t testing.TB, err error) string {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Fatalf("not an AWS error: %v", err)
	}
	return api.ErrorCode()
}

// asJSON compares values of the SDK's types, whose markers cannot be compared.
func asJSON(t testing.TB, v any) string {
	t.Helper()
	raw, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
