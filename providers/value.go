package providers

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Canon gives a value its one spelling, so that values from state, plan and
// the cloud can be compared: null, "", [] and {} are the same nothing; lists
// compare without their order; numbers and booleans as their text; IPv6
// prefixes in their shortest form. A spelling is its own spelling.
func Canon(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		if strings.Contains(v, ":") && strings.Contains(v, "/") {
			if p, err := netip.ParsePrefix(v); err == nil {
				return p.String()
			}
		}
		return v
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		if f, err := v.Float64(); err == nil && strings.ContainsAny(v.String(), ".eE") {
			return Canon(f)
		}
		return v.String()
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []string:
		out := make([]any, len(v))
		for i := range v {
			out[i] = v[i]
		}
		return Canon(out)
	case []any:
		if len(v) == 0 {
			return ""
		}
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = strconv.Quote(Canon(v[i]))
		}
		slices.Sort(parts)
		return "[" + strings.Join(parts, ",") + "]"
	case map[string]any:
		parts := make([]string, 0, len(v))
		for k, e := range v {
			if c := Canon(e); c != "" {
				parts = append(parts, strconv.Quote(k)+":"+strconv.Quote(c))
			}
		}
		if len(parts) == 0 {
			return ""
		}
		slices.Sort(parts)
		return "{" + strings.Join(parts, ",") + "}"
	case map[string]string:
		m := make(map[string]any, len(v))
		for k, e := range v {
			m[k] = e
		}
		return Canon(m)
	}
	return fmt.Sprint(v)
}

// SameTag compares tag values, one of which may come from a wrapped record,
// where "0042" has become 42.
func SameTag(a, b string) bool {
	if a == b {
		return true
	}
	x, y := decimal.FindStringSubmatch(a), decimal.FindStringSubmatch(b)
	return x != nil && y != nil && x[1] == y[1] && x[2] == y[2] && strings.TrimRight(x[3], "0") == strings.TrimRight(y[3], "0")
}

// decimal is a plain number: sign, digits without leading zeros, fraction.
// Long ids differ in digits that a float64 does not hold, so the text decides.
var decimal = regexp.MustCompile(`^\+?(-?)0*(\d+)(?:\.(\d+))?$`)
