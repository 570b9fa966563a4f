package cloudtrail

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
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
	// Omitted: the trail left the request or its result out, for their size.
	Omitted bool
	// Issued is when the caller's session began, zero if the record does not say.
	Issued time.Time
	// Subject is for whom an identity provider spoke, in a call that it vouches for.
	Subject  string
	request  any
	response any
}

type rawRecord struct {
	EventID     text            `json:"eventID"`
	RequestID   text            `json:"requestID"`
	EventName   text            `json:"eventName"`
	EventSource text            `json:"eventSource"`
	EventType   text            `json:"eventType"`
	EventTime   text            `json:"eventTime"`
	Region      text            `json:"awsRegion"`
	Recipient   text            `json:"recipientAccountId"`
	ErrorCode   text            `json:"errorCode"`
	ReadOnly    json.RawMessage `json:"readOnly"`
	Identity    struct {
		Type           text `json:"type"`
		ARN            text `json:"arn"`
		AccountID      text `json:"accountId"`
		AccessKeyID    text `json:"accessKeyId"`
		InvokedBy      text `json:"invokedBy"`
		UserName       text `json:"userName"`
		SessionContext struct {
			Attributes struct {
				Creation text `json:"creationDate"`
			} `json:"attributes"`
			SessionIssuer struct {
				ARN text `json:"arn"`
			} `json:"sessionIssuer"`
		} `json:"sessionContext"`
	} `json:"userIdentity"`
	Request  json.RawMessage `json:"requestParameters"`
	Response json.RawMessage `json:"responseElements"`
}

// text is a JSON string that some records spell as a number or as true.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	switch b[0] {
	case '"':
		return json.Unmarshal(b, (*string)(t))
	case '{', '[':
		return errors.New("a text is spelled as an object or a list")
	}
	if *t = text(b); *t == "null" {
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
	at, err := moment(string(raw.EventTime))
	if err != nil {
		return Record{}, fmt.Errorf("reading CloudTrail record %s: %w", raw.EventID, err)
	}
	r := Record{
		EventID: string(raw.EventID), RequestID: string(raw.RequestID), Name: string(raw.EventName), Source: string(raw.EventSource), Type: string(raw.EventType),
		Time:  at,
		Place: providers.Place{Account: account(raw.Recipient, raw.Identity.AccountID), Region: string(raw.Region)},
		By: providers.Principal{ARN: string(raw.Identity.SessionContext.SessionIssuer.ARN), AccessKey: string(raw.Identity.AccessKeyID),
			InvokedBy: string(raw.Identity.InvokedBy)},
		request:  unwrap(raw.Request, string(raw.EventName)+"Request"),
		response: unwrap(raw.Response, string(raw.EventName)+"Response"),
	}
	r.Omitted = omitted(r.request) || omitted(r.response)
	if at, err := moment(string(raw.Identity.SessionContext.Attributes.Creation)); err == nil {
		r.Issued = at
	}
	if t := raw.Identity.Type; t == "WebIdentityUser" || t == "SAMLUser" {
		r.Subject = string(raw.Identity.UserName)
	}
	if raw.Identity.Type == "AssumedRole" {
		arn := string(raw.Identity.ARN)
		r.By.Session = arn[strings.LastIndexByte(arn, '/')+1:]
	}
	if r.By.ARN == "" || raw.Identity.Type == "IAMUser" {
		r.By.ARN = string(raw.Identity.ARN)
	}
	switch s := strings.Trim(string(raw.ReadOnly), `"`); s {
	case "true", "false":
		r.ReadOnly = s == "true"
	default:
		r.ReadOnly = readName.MatchString(r.Name)
	}
	code, server := strings.CutPrefix(string(raw.ErrorCode), "Server.")
	r.Error, r.ServerError = strings.TrimPrefix(code, "Client."), server
	return r, nil
}

// moment reads an event's time: as CloudTrail writes it, as Athena and Lake
// print it in UTC, or as a number of seconds or milliseconds.
func moment(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateTime} {
		if at, err := time.Parse(layout, s); err == nil {
			return at.UTC(), nil
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err != nil || n <= 0:
		return time.Time{}, fmt.Errorf("its time %q is not RFC 3339", s)
	case n > 1e11:
		n /= 1000
	}
	return time.Unix(n, 0).UTC(), nil
}

// omitted reports whether CloudTrail put a note in place of what was too large.
func omitted(v any) bool {
	m, ok := v.(map[string]any)
	return ok && m["omitted"] == true
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
	take := func(tags any) {
		for _, tag := range elements(tags) {
			// A tag without a value is a tag too.
			if key := strings.Join(walk(tag, "key"), ""); key != "" {
				out[key] = strings.Join(walk(tag, "value"), "")
			}
		}
	}
	for _, name := range []string{"tagSpecificationSet", "TagSpecification", "TagSpecifications"} {
		specs, _ := member(m, name)
		for _, spec := range elements(specs) {
			for _, list := range []string{"tags", "Tag"} {
				tags, _ := member(spec, list)
				take(tags)
			}
		}
	}
	own, _ := member(m, "tags") // RAM and Direct Connect
	take(own)
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
