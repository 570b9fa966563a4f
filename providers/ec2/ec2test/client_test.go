package ec2test_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/directconnect"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ram"
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

// caller is a client of the service that a row's call belongs to.
func caller(srv *ec2test.Server, service string) any {
	cfg := config(srv, key, region)
	switch service {
	case "ram":
		return ram.NewFromConfig(cfg)
	case "directconnect":
		return directconnect.NewFromConfig(cfg)
	}
	return ec2.NewFromConfig(cfg)
}

// ask makes a call by name. The fields are set on the SDK's input; the answer
// is the SDK's output.
func ask(t testing.TB, c any, action string, fields map[string]any) (reflect.Value, error) {
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
		f.Set(reflect.ValueOf(v).Convert(f.Type()))
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

// input is the type of a request's member of one of these names.
func input(t testing.TB, c any, action string, names ...string) (string, reflect.Type) {
	t.Helper()
	in := reflect.ValueOf(c).MethodByName(action).Type().In(1).Elem()
	for _, name := range names {
		if f, ok := in.FieldByName(name); ok {
			return name, f.Type
		}
	}
	t.Fatalf("%s has no input %v", action, names)
	return "", nil
}

// value is a text as a request's member of this type.
func value(typ reflect.Type, texts ...string) any {
	switch typ.Kind() {
	case reflect.Slice:
		return texts
	case reflect.Pointer:
		return aws.String(texts[0])
	}
	return texts[0]
}

// exported is a list's name as the SDK has it.
func exported(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

// element is the SDK's type of the things that a call lists.
func element(t testing.TB, c any, action, list string) reflect.Type {
	t.Helper()
	method := reflect.ValueOf(c).MethodByName(action)
	if !method.IsValid() {
		t.Fatalf("the SDK has no %s", action)
	}
	f, ok := method.Type().Out(0).Elem().FieldByName(exported(list))
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
