package ec2test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"reconcile/providers"
)

// mostEvents is the largest page of LookupEvents.
const mostEvents = 50

// record is one CloudTrail record: its bytes as they came, and what LookupEvents
// selects by.
type record struct {
	raw  json.RawMessage
	time time.Time
	seq  int
	recordFields
}

type recordFields struct {
	EventID            string `json:"eventID"`
	EventName          string `json:"eventName"`
	EventSource        string `json:"eventSource"`
	EventTime          string `json:"eventTime"`
	ReadOnly           bool   `json:"readOnly"`
	AWSRegion          string `json:"awsRegion"`
	RecipientAccountID string `json:"recipientAccountId"`
	UserIdentity       struct {
		ARN         string `json:"arn"`
		UserName    string `json:"userName"`
		AccessKeyID string `json:"accessKeyId"`
	} `json:"userIdentity"`
	RequestParameters json.RawMessage `json:"requestParameters"`
	ResponseElements  json.RawMessage `json:"responseElements"`
}

// PutRecords adds CloudTrail records. Each goes to the account and region that
// it names.
func (w *World) PutRecords(raws ...json.RawMessage) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	touched := map[providers.Place]bool{}
	for i, raw := range raws {
		r := record{raw: raw}
		if err := json.Unmarshal(raw, &r.recordFields); err != nil {
			return fmt.Errorf("CloudTrail record %d: %w", i+1, err)
		}
		t, err := time.Parse(time.RFC3339, r.EventTime)
		if err != nil {
			return fmt.Errorf("CloudTrail record %d has no usable eventTime: %w", i+1, err)
		}
		w.seq++
		r.time, r.seq = t, w.seq
		at := providers.Place{Account: cmp.Or(r.RecipientAccountID, w.home.Account), Region: cmp.Or(r.AWSRegion, w.home.Region)}
		if !touched[at] {
			w.records[at] = slices.Clone(w.records[at]) // a reader may hold the old list
			touched[at] = true
		}
		w.records[at] = append(w.records[at], r)
	}
	for at := range touched {
		slices.SortFunc(w.records[at], func(a, b record) int { // newest first
			return cmp.Or(b.time.Compare(a.time), cmp.Compare(b.seq, a.seq))
		})
	}
	return nil
}

type lookupInput struct {
	StartTime, EndTime *json.Number
	LookupAttributes   []struct{ AttributeKey, AttributeValue string }
	MaxResults         *int
	NextToken          string
	EventCategory      string
}

type lookupEvent struct {
	EventID         string            `json:"EventId"`
	EventName       string            `json:"EventName"`
	ReadOnly        string            `json:"ReadOnly"` // "true" or "false"
	AccessKeyID     string            `json:"AccessKeyId,omitempty"`
	EventTime       int64             `json:"EventTime"` // seconds since 1970
	EventSource     string            `json:"EventSource"`
	Username        string            `json:"Username,omitempty"`
	Resources       []json.RawMessage `json:"Resources"`
	CloudTrailEvent string            `json:"CloudTrailEvent"`
}

func (s *Server) lookupEvents(c *call) (answer, error) {
	if c.Action != "LookupEvents" {
		return answer{}, refuse("InvalidAction", "The operation %s is not served here", c.Action)
	}
	var in lookupInput
	if err := c.read(&in); err != nil {
		return answer{}, err
	}
	size := mostEvents
	if in.MaxResults != nil {
		if size = *in.MaxResults; size < 1 || size > mostEvents {
			return answer{}, refuse("InvalidMaxResultsException", "A limit between 1 and %d must be specified", mostEvents)
		}
	}
	size = c.pageOf(size)
	wanted, err := s.world.lookup(c, in)
	if err != nil {
		return answer{}, err
	}
	same := in
	same.NextToken = ""
	// What was just decoded encodes again.
	request, _ := json.Marshal(same)
	from, to, next, ok := window(len(wanted), size, in.NextToken, c.place.String()+string(request))
	if !ok {
		return answer{}, refuse("InvalidNextTokenException", "The token is not valid for these parameters")
	}
	out := struct {
		Events    []lookupEvent
		NextToken string `json:",omitempty"`
	}{Events: []lookupEvent{}}
	for _, r := range wanted[from:to] {
		out.Events = append(out.Events, r.event())
	}
	if !c.settings.truncated {
		out.NextToken = next
	}
	return jsonAnswer("application/x-amz-json-1.1", out)
}

// lookup selects the events of a place. Both ends of the window are inclusive.
// Of several attributes only the first counts; AWS ignores the rest silently.
func (w *World) lookup(c *call, in lookupInput) ([]record, error) {
	start, err := epoch(in.StartTime, time.Unix(0, 0))
	if err != nil {
		return nil, err
	}
	end, err := epoch(in.EndTime, c.settings.now)
	if err != nil {
		return nil, err
	}
	if end.Before(start) {
		return nil, refuse("InvalidTimeRangeException", "The start time must be before the end time")
	}
	match := func(record) bool { return true }
	if len(in.LookupAttributes) > 0 {
		a := in.LookupAttributes[0]
		get, known := attributes[a.AttributeKey]
		if !known {
			return nil, refuse("InvalidLookupAttributesException", "The attribute %q cannot be looked up", a.AttributeKey)
		}
		match = func(r record) bool { return slices.Contains(get(r), a.AttributeValue) }
	}
	w.mu.RLock()
	records := w.records[c.place]
	w.mu.RUnlock()
	visible := c.settings.now.Add(-c.settings.trailDelay)
	var out []record
	for _, r := range records {
		late := c.settings.trailDelay > 0 && r.time.After(visible)
		if !late && !r.time.Before(start) && !r.time.After(end) && match(r) {
			out = append(out, r)
		}
	}
	return out, nil
}

// attributes are what LookupEvents selects by, matched exactly and with case.
var attributes = map[string]func(record) []string{
	"EventId":      func(r record) []string { return []string{r.EventID} },
	"EventName":    func(r record) []string { return []string{r.EventName} },
	"EventSource":  func(r record) []string { return []string{r.EventSource} },
	"ReadOnly":     func(r record) []string { return []string{fmt.Sprint(r.ReadOnly)} },
	"Username":     func(r record) []string { return []string{r.username()} },
	"AccessKeyId":  func(r record) []string { return []string{r.UserIdentity.AccessKeyID} },
	"ResourceName": record.names,
	"ResourceType": func(record) []string { return nil }, // often not filled in by AWS either
}

// username is the user's name, or the session's for a role: never the role's.
func (r record) username() string {
	arn := r.UserIdentity.ARN
	return cmp.Or(r.UserIdentity.UserName, arn[strings.LastIndex(arn, "/")+1:])
}

// names are all texts of the request and of its result, ids among them.
func (r record) names() []string {
	var out []string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			out = append(out, v)
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for _, e := range v {
				walk(e)
			}
		}
	}
	for _, raw := range []json.RawMessage{r.RequestParameters, r.ResponseElements} {
		var v any
		if json.Unmarshal(raw, &v) == nil { // absent is no JSON, and has no names
			walk(v)
		}
	}
	return out
}

func (r record) event() lookupEvent {
	return lookupEvent{
		EventID: r.EventID, EventName: r.EventName, ReadOnly: fmt.Sprint(r.ReadOnly), AccessKeyID: r.UserIdentity.AccessKeyID,
		EventTime: r.time.Unix(), EventSource: r.EventSource, Username: r.username(), Resources: []json.RawMessage{}, CloudTrailEvent: string(r.raw),
	}
}

// epoch reads seconds since 1970, with or without a fraction.
func epoch(n *json.Number, otherwise time.Time) (time.Time, error) {
	if n == nil {
		return otherwise, nil
	}
	f, err := n.Float64()
	if err != nil {
		return time.Time{}, refuse("SerializationException", "%v is not a time", *n)
	}
	return time.UnixMilli(int64(f * 1000)), nil
}

func jsonAnswer(kind string, v any) (answer, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return answer{}, refuse("InternalFailure", "%v", err)
	}
	return answer{status: 200, kind: kind, body: body}, nil
}
