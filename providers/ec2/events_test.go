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
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/directconnect"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ram"

	"reconcile/providers"
	"reconcile/providers/cloudtrail"
	"reconcile/providers/ec2"
)

// flatNames are what the flat dialect calls a request's lists, where it is not
// what the API does: by call, the API's name and the record's. A record with
// such a list is never wrapped.
var flatNames = map[string]map[string]string{
	"CreateTags": {"ResourceId": "resourcesSet", "Tag": "tagSet"},
	"DeleteTags": {"ResourceId": "resourcesSet", "Tag": "tagSet"},
}

// flatMembers are what a text of such a list is called there.
var flatMembers = map[string]string{"resourcesSet": "resourceId"}

// knowsItsEvents holds each event against the SDK: the call exists, the request
// that the SDK sends has the names that the id is made of, the SDK finds them in
// an answer, and a record of both, in either dialect, is understood. So the names
// are those of the wire, and need no table.
func knowsItsEvents(t *testing.T, _ *filled, row ec2.Row) {
	roles := map[providers.Role]bool{}
	for _, e := range row.Events {
		roles[e.Role] = true
		for _, problem := range wrongWith(row.Kind, e) {
			t.Errorf("%s: %s", e.Name, problem)
		}
	}
	if row.Swept != "" && !slices.ContainsFunc(row.Events, func(e providers.Event) bool { return e.Role == providers.Deleted && shape(e.ID) == shape(row.Swept) }) {
		t.Errorf("no deletion is spelled as %q", row.Swept)
	}
	if row.Swept != "" && !strings.HasPrefix(string(row.Swept), "*") {
		t.Errorf("%q may be taken for an id, and what bears it for deleted", row.Swept)
	}
	// An aspect may go with a call that does not name it.
	if roles[providers.Created] && !roles[providers.Deleted] && !row.Facet {
		t.Error("calls make it and none deletes it")
	}
}

func TestWhatIsWrongWithAnEventIsSeen(t *testing.T) {
	kind := providers.Kind{Type: "aws_made_up", Identity: "{a}_{b}"}
	for _, c := range []struct{ name, id, source, problem string }{
		{"DeleteVpcEndpoints", "{req.vpcEndpointId}_{req.vpcEndpointId}", "", ""},
		{"DeleteVpcEndpoints", "{req.vpcEndpointIds}_{req.vpcEndpointIds}", "", "the SDK's call has no req.vpcEndpointIds"},
		{"CreateTags", "{req.resourcesSet.resourceId}_{req.tagSet.key}", "", ""},
		{"CreateTags", "{req.resourceId}_{req.tag.key}", "", "says nothing"},
		{"CreateFlowLogs", "{res.flowLogIdSet}_{req.resourceType}", "", ""},
		{"CreateFlowLogs", "{res.flowLogIds}_{req.resourceType}", "", "the SDK's answer has no res.flowLogIds"},
		{"CreateVpc", "{res.vpc.vpcId}", "", "is not of the form of the identity"},
		{"CreateVpc", "{vpc.vpcId}_{res.vpc.vpcId}", "", "vpc.vpcId is of neither request nor response"},
		{"CreateVpc", "{res.vpc.vpcId}_{res.vpc.cidrBlockAssociationSet.cidrBlockState.state}", "", ""},
		{"CreateVpc", "{res.vpc.vpcId}_{req.vpcId|req.cidrBlock}", "", ""},
		{"MakeVpc", "{res.vpc.vpcId}_{req.cidrBlock}", "", "is no call that changes anything"},
		{"DescribeVpcs", "{req.vpcId}_{req.vpcId}", "", "is no call that changes anything"},
		{"DeleteResourceShare", "{req.resourceShareArn}_{req.clientToken}", "ram.amazonaws.com", ""},
		{"DeleteResourceShare", "{req.resourceShareArn}_{req.clientToken}", "", "is no call that changes anything"},
		{"CreateTransitVirtualInterface", "{res.virtualInterface.virtualInterfaceId}_{req.connectionId}", "directconnect.amazonaws.com", ""},
	} {
		problems := strings.Join(wrongWith(kind, providers.Event{Name: c.name, Role: providers.Created, ID: providers.Template(c.id), Source: c.source}), "; ")
		if (problems == "") != (c.problem == "") || !strings.Contains(problems, c.problem) {
			t.Errorf("%s with %s: %q, want %q", c.name, c.id, problems, c.problem)
		}
	}
}

// shape is a template without its names.
func shape(t providers.Template) string {
	return regexp.MustCompile(`\{[^{}]*\}`).ReplaceAllString(string(t), "{}")
}

// formed reports whether an event's id has the form of the identity; a call may
// say by its name what stands at a place.
func formed(identity, id string) bool {
	return regexp.MustCompile(`^` + strings.ReplaceAll(regexp.QuoteMeta(identity), `\{\}`, `(\{\}|\w+)`) + `$`).MatchString(id)
}

// wrongWith are the reasons why an event would not be understood.
func wrongWith(k providers.Kind, e providers.Event) (problems []string) {
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	action := strings.TrimSuffix(e.From(), ".amazonaws.com") + ":" + e.Name
	if _, _, ok := call(action); !ok || isRead(action) {
		say("%s is no call that changes anything", action)
		return problems
	}
	if e.ID == "" || (e.Role != providers.Created && e.Role != providers.Changed && e.Role != providers.Deleted) {
		say("id %q, role %q", e.ID, e.Role)
	}
	swept := e.Role == providers.Deleted && k.Swept != "" && shape(k.Swept) == shape(e.ID)
	if want := shape(k.Identity); strings.Count(want, "{}") > 1 && !formed(want, shape(e.ID)) && !swept {
		say("id %q is not of the form of the identity %q", e.ID, k.Identity)
	}
	resolved := map[string]bool{}
	several := []bool{false, true}
	if e.Single != "" {
		several = several[:1] // it does not speak of a call that holds several
	}
	for _, many := range several {
		request, err := wireRequest(action, many)
		if err != nil {
			say("%v", err)
			return problems
		}
		response := map[string]any{}
		for _, path := range e.ID.Names() {
			root, rest, _ := strings.Cut(path, ".")
			switch root {
			case "req":
				resolved[path] = resolved[path] || found(request, rest) || found(flat(e.Name, request), rest)
			case "res":
				wrapped, ok := wireResponse(action, rest)
				merge(response, wrapped)
				resolved[path] = ok
			default:
				say("%s is of neither request nor response", path)
			}
		}
		for name, d := range dialects(e, request, response) {
			if missed := understood(k, e, d[0], d[1]); missed != "" && len(problems) == 0 {
				say("%s, lists of several %v: %s", name, many, missed)
			}
		}
	}
	for _, path := range slices.Sorted(maps.Keys(resolved)) {
		// Of two spellings of one thing in a request the dialect has one.
		other := strings.HasPrefix(path, "req.") && slices.ContainsFunc(alternatives(e.ID, path), func(p string) bool { return resolved[p] })
		if !resolved[path] && !other {
			say("the SDK's %s has no %s", map[bool]string{true: "call", false: "answer"}[strings.HasPrefix(path, "req.")], path)
		}
	}
	return problems
}

// dialects are the forms in which a call may be recorded.
func dialects(e providers.Event, request, response map[string]any) map[string][2]any {
	out := map[string][2]any{
		"flat":    {flat(e.Name, request), items(response, "items")},
		"wrapped": {map[string]any{e.Name + "Request": numbered(request)}, map[string]any{e.Name + "Response": items(response, "item")}},
	}
	switch {
	case e.From() != providers.EC2:
		return map[string][2]any{"lower camel": {lower(request), lower(response)}}
	case flatNames[e.Name] != nil:
		delete(out, "wrapped")
	}
	return out
}

// understood makes a record of the call and says what is missed, "" for nothing.
func understood(k providers.Kind, e providers.Event, request, response any) string {
	raw, err := json.Marshal(map[string]any{"eventID": "e", "eventName": e.Name, "eventSource": e.From(), "eventTime": "2026-01-01T00:00:00Z",
		"awsRegion": region, "recipientAccountId": account, "requestParameters": request, "responseElements": response})
	if err != nil {
		return err.Error()
	}
	record, err := cloudtrail.Decode(raw)
	if err != nil {
		return err.Error()
	}
	k.Events = []providers.Event{e}
	for _, m := range cloudtrail.NewIndex(providers.Kinds{k}).Call(record).Mutations {
		if m.Type == k.Type && m.Role == e.Role && m.ID != "" {
			return ""
		}
	}
	return fmt.Sprintf("%s says nothing: request %v, response %v", e.ID, request, response)
}

// alternatives are the names that stand beside this one, {a|b}.
func alternatives(t providers.Template, name string) []string {
	for _, m := range regexp.MustCompile(`\{([^{}]*)\}`).FindAllStringSubmatch(string(t), -1) {
		if names := strings.Split(m[1], "|"); slices.Contains(names, name) {
			return names
		}
	}
	return nil
}

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

// found reports whether a tree has a text at a path, in any case.
func found(v any, path string) bool {
	switch v := v.(type) {
	case []any:
		return slices.ContainsFunc(v, func(e any) bool { return found(e, path) })
	case map[string]any:
		name, rest, _ := strings.Cut(path, ".")
		for k, e := range v {
			if (strings.EqualFold(k, name) && found(e, rest)) || (k == "items" && found(e, path)) {
				return true
			}
		}
		return false
	}
	return path == ""
}

// flat is a request in the flat dialect.
func flat(event string, request map[string]any) map[string]any {
	out := map[string]any{}
	for k, e := range request {
		name := flatNames[event][k]
		if name == "" {
			name = lowerFirst(k)
		}
		list, isList := e.([]any)
		if member := flatMembers[name]; member != "" && isList {
			var of []any
			for _, text := range list {
				of = append(of, map[string]any{member: text})
			}
			e = of
		}
		out[name] = items(lower(e), "items")
	}
	return out
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// lower gives every name a small first letter.
func lower(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = lower(v[i])
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			out[lowerFirst(k)] = lower(e)
		}
		return out
	}
	return v
}

// items wraps every list as a record does: {"items": [...]}, or {"item": X} for
// one in the wrapped dialect.
func items(v any, name string) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = items(v[i], name)
		}
		if name == "item" && len(out) == 1 {
			return map[string]any{name: out[0]}
		}
		return map[string]any{name: out}
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			out[k] = items(e, name)
		}
		return out
	}
	return v
}

// numbered is a request in the wrapped dialect: the elements of a list bear
// their number, and one is no list.
func numbered(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			m, ok := numbered(v[i]).(map[string]any)
			if !ok {
				m = map[string]any{"content": v[i]}
			}
			m["tag"] = i + 1
			out[i] = m
		}
		if len(out) == 1 {
			return out[0]
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			out[k] = numbered(e)
		}
		return out
	}
	return v
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
