package ec2_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

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
