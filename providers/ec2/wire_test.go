package ec2_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/directconnect"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ram"
)

// wire is a transport that keeps the request and answers with a body.
type wire struct {
	body, kind string
	sent       []byte
	query      url.Values
}

func (w *wire) Do(r *http.Request) (*http.Response, error) {
	w.query = r.URL.Query()
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		w.sent = body
	}
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {w.kind}}, Body: io.NopCloser(strings.NewReader(w.body)), Request: r}, nil
}

// send makes a call of the SDK whose every input is filled, and gives its output.
func (w *wire) send(action string, many bool) (any, error) {
	service, name, _ := strings.Cut(action, ":")
	cfg := aws.Config{Region: region, BaseEndpoint: aws.String("http://aws.test"), HTTPClient: w, Credentials: credentials.NewStaticCredentialsProvider("A", "B", ""),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} }}
	var client any
	switch service {
	case "ec2":
		client = sdk.NewFromConfig(cfg)
	case "ram":
		client = ram.NewFromConfig(cfg)
	case "directconnect":
		client = directconnect.NewFromConfig(cfg)
	}
	input, _, _ := call(action)
	fill := &filler{numbers: map[string]int{}, short: !many}
	in := reflect.New(input)
	in.Elem().Set(reflect.ValueOf(fill.document(input, 1, "n01", nil)))
	out := reflect.ValueOf(client).MethodByName(name).Call([]reflect.Value{reflect.ValueOf(bg), in})
	err, _ := out[1].Interface().(error)
	return out[0].Interface(), err
}

// wireRequest is what the SDK sends, as a tree with the API's own names.
func wireRequest(action string, many bool) (map[string]any, error) {
	w := &wire{body: "<Response/>", kind: "text/xml"}
	if !strings.HasPrefix(action, "ec2:") {
		w.body, w.kind = "{}", "application/json"
	}
	if _, err := w.send(action, many); err != nil {
		return nil, err
	}
	tree := map[string]any{}
	if !strings.HasPrefix(action, "ec2:") {
		if err := json.Unmarshal(w.sent, &tree); err != nil && len(w.sent) > 0 {
			return nil, fmt.Errorf("%w in %s", err, w.sent)
		}
		for name := range w.query { // REST has some of the members there
			tree[name] = w.query.Get(name)
		}
		return tree, nil
	}
	form, err := url.ParseQuery(string(w.sent))
	if err != nil {
		return nil, err
	}
	form.Del("Action")
	form.Del("Version")
	for key, values := range form {
		put(tree, strings.Split(key, "."), values[0])
	}
	for k, v := range tree {
		tree[k] = lists(v)
	}
	return tree, nil
}

func put(tree map[string]any, path []string, value string) {
	if len(path) == 1 {
		tree[path[0]] = value
		return
	}
	in, ok := tree[path[0]].(map[string]any)
	if !ok {
		in = map[string]any{}
		tree[path[0]] = in
	}
	put(in, path[1:], value)
}

// lists turns {"1": a, "2": b} into [a, b].
func lists(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	var list []any
	for i := 1; m[strconv.Itoa(i)] != nil; i++ {
		list = append(list, lists(m[strconv.Itoa(i)]))
	}
	if list != nil {
		return list
	}
	out := map[string]any{}
	for k, e := range m {
		out[k] = lists(e)
	}
	return out
}

// wireResponse finds out by asking the SDK whether an answer has a text or a
// number at a path, and gives the answer as a tree; lists are as the SDK needs
// them.
func wireResponse(action, path string) (map[string]any, bool) {
	names := strings.Split(path, ".")
	for isList := range 1 << len(names) { // which of the names are lists
		for _, mark := range []string{"x-mark", "424242", "true"} {
			var tree any = mark
			for i := len(names) - 1; i >= 0; i-- {
				if isList&(1<<i) != 0 {
					tree = []any{tree}
				}
				tree = map[string]any{names[i]: tree}
			}
			w := &wire{kind: "text/xml", body: "<Response>" + asXML(tree) + "</Response>"}
			if !strings.HasPrefix(action, "ec2:") {
				raw, err := json.Marshal(tree)
				if err != nil {
					return nil, false
				}
				w.kind, w.body = "application/json", string(raw)
			}
			out, err := w.send(action, false)
			if err == nil && holds(reflect.ValueOf(out), mark) {
				return tree.(map[string]any), true
			}
		}
	}
	return nil, false
}

func asXML(v any) string {
	var b bytes.Buffer
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			b.WriteString("<item>" + asXML(e) + "</item>")
		}
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			b.WriteString("<" + k + ">" + asXML(v[k]) + "</" + k + ">")
		}
	default:
		b.WriteString(fmt.Sprint(v))
	}
	return b.String()
}

// holds reports whether a value of the SDK's has this text, number or yes anywhere.
func holds(v reflect.Value, mark string) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return !v.IsNil() && holds(v.Elem(), mark)
	case reflect.Slice:
		for i := range v.Len() {
			if holds(v.Index(i), mark) {
				return true
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Name != "ResultMetadata" && holds(v.Field(i), mark) {
				return true
			}
		}
	case reflect.String:
		return v.String() == mark
	case reflect.Bool:
		return v.Bool() && mark == "true"
	default:
		return v.CanInt() && fmt.Sprint(v.Int()) == mark
	}
	return false
}

// merge lays one tree over another.
func merge(into, from map[string]any) {
	for k, v := range from {
		a, isMap := into[k].(map[string]any)
		b, both := v.(map[string]any)
		x, isList := into[k].([]any)
		y, bothLists := v.([]any)
		switch {
		case isMap && both:
			merge(a, b)
		case isList && bothLists:
			if m, ok := x[0].(map[string]any); ok {
				merge(m, y[0].(map[string]any))
			}
		default:
			into[k] = v
		}
	}
}
