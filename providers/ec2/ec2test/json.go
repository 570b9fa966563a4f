package ec2test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"reconcile/providers"
)

// json answers the listings of RAM (REST JSON) and Direct Connect (JSON 1.1).
func (s *Server) json(c *call) (answer, error) {
	l, known := findListing(c.Service, c.Action)
	if !known {
		return answer{}, refuse("UnknownOperationException", "The operation %s is not served here", c.Action)
	}
	var in map[string]any
	if err := c.read(&in); err != nil {
		return answer{}, err
	}
	page, err := s.page(c, l, parameters(in))
	if err != nil {
		return answer{}, err
	}
	docs := make([]any, len(page.entries))
	for i, e := range page.entries {
		docs[i] = jsonTimes("", e.doc)
	}
	out := map[string]any{l.key: docs}
	if page.next != "" && !c.settings.truncated {
		out["nextToken"] = page.next
	}
	kind := "application/json"
	if c.Service == "directconnect" {
		kind = "application/x-amz-json-1.1"
	}
	return jsonAnswer(kind, out)
}

// parameters spells a JSON request as EC2 spells a form.
func parameters(in map[string]any) url.Values {
	form := url.Values{}
	for name, v := range in {
		if name == "" || v == nil {
			continue
		}
		name = strings.ToUpper(name[:1]) + name[1:]
		list, ok := v.([]any)
		if !ok {
			form.Set(name, fmt.Sprint(v))
			continue
		}
		for i, e := range list {
			form.Set(name+"."+strconv.Itoa(i+1), fmt.Sprint(e))
		}
	}
	return form
}

// badParameter is how the service refuses a value.
func (l listing) badParameter() string {
	switch l.service {
	case "ram":
		return "InvalidParameterException"
	case "directconnect":
		return "DirectConnectClientException"
	}
	return "InvalidParameterValue"
}

// shares are RAM's documents: those of the owner that is asked for, and no
// association of a share that does not exist.
func (w *World) shares(l listing, at providers.Place, form url.Values) ([]*entry, error) {
	all := w.entries(at, l.list())
	if l.action == "GetResourceShares" {
		own := form.Get("ResourceOwner") == "SELF"
		return slices.DeleteFunc(slices.Clone(all), func(e *entry) bool { return (text(e.doc["owningAccountId"]) == at.Account) != own }), nil
	}
	known := slices.Concat(w.entries(at, "resourceShares"), all)
	for _, arn := range values(form, "ResourceShareArns") {
		if !slices.ContainsFunc(known, func(e *entry) bool { return text(e.doc["resourceShareArn"]) == arn }) {
			return nil, refuse("UnknownResourceException", "ResourceShare %s could not be found.", arn)
		}
	}
	return all, nil
}

// jsonTimes writes times as these services do: seconds since 1970.
func jsonTimes(field string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			if e != nil {
				out[k] = jsonTimes(k, e)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = jsonTimes(field, e)
		}
		return out
	case string:
		if t, err := time.Parse(time.RFC3339Nano, strings.Replace(v, " ", "T", 1)); err == nil && strings.Contains(strings.ToLower(field), "time") {
			return json.Number(strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', -1, 64))
		}
	}
	return v
}
