package cloudtrail

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"reconcile/providers"
)

// Record is one CloudTrail record, in either dialect.
type Record struct {
	EventID   string
	RequestID string
	Name      string // "CreateVpc"
	Source    string // "ec2.amazonaws.com"
	Type      string // "AwsApiCall"
	Time      time.Time
	Place     providers.Place // the account and region that recorded it
	By        providers.Principal
	ReadOnly  bool
	Error     string // code without the Client. or Server. prefix; "" if it succeeded
	// ServerError: AWS failed, so whether the call took effect is not known.
	ServerError bool
	request     any
	response    any
}

type rawRecord struct {
	EventID     string          `json:"eventID"`
	RequestID   string          `json:"requestID"`
	EventName   string          `json:"eventName"`
	EventSource string          `json:"eventSource"`
	EventType   string          `json:"eventType"`
	EventTime   string          `json:"eventTime"`
	Region      string          `json:"awsRegion"`
	Recipient   text            `json:"recipientAccountId"`
	ErrorCode   string          `json:"errorCode"`
	ReadOnly    json.RawMessage `json:"readOnly"`
	Identity    struct {
		Type           string `json:"type"`
		ARN            string `json:"arn"`
		AccountID      text   `json:"accountId"`
		AccessKeyID    string `json:"accessKeyId"`
		InvokedBy      string `json:"invokedBy"`
		SessionContext struct {
			SessionIssuer struct {
				ARN string `json:"arn"`
			} `json:"sessionIssuer"`
		} `json:"sessionContext"`
	} `json:"userIdentity"`
	Request  json.RawMessage `json:"requestParameters"`
	Response json.RawMessage `json:"responseElements"`
}

// text is a JSON string that some records spell as a number.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	*t = text(strings.Trim(string(b), `"`))
	if *t == "null" {
		*t = ""
	}
	return nil
}

// readName recognises a read where the record does not say, as records of
// before 2021 may not.
var readName = regexp.MustCompile(`^(Describe|Get|List|Search|Lookup|Head|BatchGet)`)

// Decode reads one record.
func Decode(data []byte) (Record, error) {
	var raw rawRecord
	if err := json.Unmarshal(data, &raw); err != nil {
		return Record{}, fmt.Errorf("reading a CloudTrail record: %w", err)
	}
	if raw.EventName == "" || raw.EventID == "" {
		return Record{}, errors.New("reading a CloudTrail record: it has no event name or no event id")
	}
	at, err := time.Parse(time.RFC3339, raw.EventTime)
	if err != nil {
		at, err = time.Parse(time.DateTime, raw.EventTime) // as Athena and Lake print it, in UTC
	}
	if err != nil {
		return Record{}, fmt.Errorf("reading CloudTrail record %s: its time %q is not RFC 3339", raw.EventID, raw.EventTime)
	}
	r := Record{
		EventID: raw.EventID, RequestID: raw.RequestID, Name: raw.EventName, Source: raw.EventSource, Type: raw.EventType,
		Time:  at.UTC(),
		Place: providers.Place{Account: account(raw.Recipient, raw.Identity.AccountID), Region: raw.Region},
		By: providers.Principal{ARN: raw.Identity.SessionContext.SessionIssuer.ARN, AccessKey: raw.Identity.AccessKeyID,
			InvokedBy: raw.Identity.InvokedBy},
		request:  unwrap(raw.Request, raw.EventName+"Request"),
		response: unwrap(raw.Response, raw.EventName+"Response"),
	}
	if raw.Identity.Type == "AssumedRole" {
		r.By.Session = raw.Identity.ARN[strings.LastIndexByte(raw.Identity.ARN, '/')+1:]
	}
	if r.By.ARN == "" || raw.Identity.Type == "IAMUser" {
		r.By.ARN = raw.Identity.ARN
	}
	switch s := strings.Trim(string(raw.ReadOnly), `"`); s {
	case "true", "false":
		r.ReadOnly = s == "true"
	default:
		r.ReadOnly = readName.MatchString(raw.EventName)
	}
	code, server := strings.CutPrefix(raw.ErrorCode, "Server.")
	r.Error, r.ServerError = strings.TrimPrefix(code, "Client."), server
	return r, nil
}

// account pads an account id that a record spelled as a number.
func account(ids ...text) string {
	for _, id := range ids {
		if id != "" {
			return strings.Repeat("0", max(0, 12-len(id))) + string(id)
		}
	}
	return ""
}

// unwrap decodes request or response and takes off the wrapper of the newer
// dialect, {"CreateNatGatewayRequest": {…}}.
func unwrap(data json.RawMessage, wrapper string) any {
	if len(data) == 0 {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return nil
	}
	if m, ok := v.(map[string]any); ok {
		if in, ok := member(m, wrapper); ok {
			return in
		}
	}
	return v
}

// member finds a name in any case. The exact one wins, then the first in order:
// a wrapped element has both "tag", its number, and "Tag", its tags.
func member(m map[string]any, name string) (any, bool) {
	if v, ok := m[name]; ok {
		return v, true
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if strings.EqualFold(k, name) {
			return m[k], true
		}
	}
	return nil, false
}

// values returns every value at a dotted path, "req.resourcesSet.resourceId".
// Names match in any case; lists fan out, in whichever of the forms EC2 writes
// them: [X], {"items":[X]}, {"item":X} and {"item":[X]}, {"tag":1,"content":X}.
func (r Record) values(path string) []string {
	root, rest, _ := strings.Cut(path, ".")
	switch root {
	case "req":
		return walk(r.request, rest)
	case "res":
		return walk(r.response, rest)
	}
	return nil
}

// canonical is values in the one spelling that identities have.
func (r Record) canonical(path string) []string {
	out := r.values(path)
	for i := range out {
		out[i] = providers.Canon(out[i])
	}
	return out
}

func walk(v any, path string) []string {
	switch v := v.(type) {
	case []any:
		var out []string
		for _, e := range v {
			out = append(out, walk(e, path)...)
		}
		return out
	case map[string]any:
		name, rest, _ := strings.Cut(path, ".")
		if name != "" {
			if in, ok := member(v, name); ok {
				return walk(in, rest)
			}
		}
		for _, list := range []string{"items", "item", "content"} {
			if in, ok := v[list]; ok {
				return walk(in, path)
			}
		}
	case string:
		if path == "" && v != "" {
			return []string{v}
		}
	case json.Number, bool:
		if path == "" {
			return []string{fmt.Sprint(v)}
		}
	}
	return nil
}

// requestTags are the tags that a create request asks for, nil if it carries
// none. The flat dialect has tagSpecificationSet.items[].tags[], the wrapped
// one TagSpecification or TagSpecifications with Tag.
func (r Record) requestTags() map[string]string {
	m, ok := r.request.(map[string]any)
	if !ok {
		return nil
	}
	out := map[string]string{}
	for _, name := range []string{"tagSpecificationSet", "TagSpecification", "TagSpecifications"} {
		specs, _ := member(m, name)
		for _, spec := range elements(specs) {
			for _, list := range []string{"tags", "Tag"} {
				tags, _ := member(spec, list)
				for _, tag := range elements(tags) {
					// A tag without a value is a tag too.
					if key := strings.Join(walk(tag, "key"), ""); key != "" {
						out[key] = strings.Join(walk(tag, "value"), "")
					}
				}
			}
		}
	}
	own, _ := member(m, "tags") // RAM and Direct Connect
	for _, tag := range elements(own) {
		if key := strings.Join(walk(tag, "key"), ""); key != "" {
			out[key] = strings.Join(walk(tag, "value"), "")
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// elements are the structs of a list, in whichever of its forms.
func elements(v any) []map[string]any {
	switch v := v.(type) {
	case []any:
		var out []map[string]any
		for _, e := range v {
			out = append(out, elements(e)...)
		}
		return out
	case map[string]any:
		for _, list := range []string{"items", "item"} {
			if in, ok := v[list]; ok {
				return elements(in)
			}
		}
		return []map[string]any{v}
	}
	return nil
}
