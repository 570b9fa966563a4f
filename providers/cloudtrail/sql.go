package cloudtrail

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// literal is a text as SQL spells it. There is no other way for a value to get
// into a statement.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// oneOf is a condition on the values of an expression.
func oneOf(expression string, values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = literal(v)
	}
	return expression + " IN (" + strings.Join(quoted, ", ") + ")"
}

// columns are how a table of records spells what is asked about.
type columns struct {
	time, region, account, name, source, readOnly string
	arn, issuer, key                              string // "" where the table has none
	assumed                                       string // holds the role that a call assumes
	request                                       string // its request id
}

// where is the condition under which a record may matter: what the sieve would
// keep, and some more where SQL would have to be told too much. layout is how
// the table spells times.
func (c columns) where(p Part, x Index, layout string) []string {
	accounts, regions := p.spread()
	out := []string{
		c.time + " >= " + literal(p.from().UTC().Format(layout)), c.time + " <= " + literal(p.to().UTC().Format(layout)),
		oneOf(c.region, regions), oneOf(c.account, accounts),
	}
	if len(p.Keys) > 0 && c.key != "" {
		return append(out, oneOf(c.key, p.Keys))
	}
	requested := ""
	if len(p.Requests) > 0 {
		requested = oneOf(c.request, p.Requests)
		out = append(out, "("+c.time+" <= "+literal(p.Until.Add(pad).UTC().Format(layout))+" OR "+requested+")")
	}
	changes := "coalesce(CAST(" + c.readOnly + " AS varchar), 'false') <> 'true'"
	mark := string(roleMark(p.Who.Role))
	begins := oneOf(c.name, []string{assumeWebIdentity, assumeSAML})
	if mark != "" && c.assumed != "" {
		begins += " AND strpos(" + c.assumed + ", " + literal(mark) + ") > 0"
	}
	any := []string{changes + " AND " + oneOf(c.source, x.sources()), c.name + " = " + literal(assumeRole), begins}
	if requested != "" {
		any = append(any, requested)
	}
	if mark != "" {
		for _, column := range []string{c.arn, c.issuer} {
			if column != "" {
				any = append(any, "strpos("+column+", "+literal(mark)+") > 0")
			}
		}
	}
	if p.from().Before(p.Since) {
		out = append(out, "("+c.time+" >= "+literal(p.Since.UTC().Format(layout))+" OR "+oneOf(c.name, assuming)+")")
	}
	return append(out, "("+strings.Join(any, " OR ")+")")
}

func unique(s []string) []string { return slices.Compact(slices.Sorted(slices.Values(s))) }

// sources are the services whose calls the kinds know.
func (x Index) sources() []string {
	seen := map[string]bool{"ec2.amazonaws.com": true}
	for name := range x.events {
		source, _, _ := strings.Cut(name, " ")
		seen[source] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// partitionKey is a column by which a table's files are kept apart.
type partitionKey struct{ name, typ, format string }

// partition is a condition on a partition column that holds for all that the
// part needs, "" where the column's meaning is not known. One hour beyond: a
// file lies where the time of its delivery is.
func (k partitionKey) partition(p Part) string {
	column := `"` + strings.ReplaceAll(k.name, `"`, `""`) + `"`
	accounts, regions := p.spread()
	name := strings.ToLower(k.name)
	switch {
	case k.format != "" && !strings.ContainsAny(k.format, "'"):
		values := p.moments(goLayout(k.format))
		if len(values) > 0 && len(values) <= 400 {
			return oneOf(column, values)
		}
	case slices.Contains([]string{"account", "accountid", "account_id", "aws_account", "awsaccountid", "recipientaccountid"}, name):
		return oneOf(k.text(column), accounts)
	case slices.Contains([]string{"region", "awsregion", "aws_region"}, name):
		return oneOf(column, regions)
	case name == "year":
		return oneOf(k.text(column), p.moments("2006"))
	case name == "month":
		return oneOf(k.text(column), p.moments("01", "1"))
	case name == "day":
		return oneOf(k.text(column), p.moments("02", "2"))
	case slices.Contains([]string{"timestamp", "date", "dt", "day_date"}, name) && k.typ == "string":
		// Whichever of the usual spellings of a day it is.
		return oneOf(column, p.moments("2006/01/02", "2006-01-02", "20060102"))
	}
	return ""
}

// text casts a column that may hold numbers. A comparison of its partition's
// own value still keeps the others from being read.
func (k partitionKey) text(column string) string {
	if cmp.Or(k.typ, "string") == "string" || strings.HasPrefix(k.typ, "varchar") {
		return column
	}
	return "CAST(" + column + " AS varchar)"
}

// moments are the spellings of every hour of the part's files.
func (p Part) moments(layouts ...string) []string {
	var out []string
	end := p.to().UTC().Add(afterwards)
	for at := p.from().UTC().Add(-beforehand).Truncate(time.Hour); !at.After(end); at = at.Add(time.Hour) {
		for _, l := range layouts {
			out = append(out, at.Format(l))
		}
	}
	return unique(out)
}

// goLayout is a Java date pattern as Go spells it, "" if it says more than year
// to hour.
func goLayout(java string) string {
	out := strings.NewReplacer("yyyy", "2006", "MM", "01", "dd", "02", "HH", "15").Replace(java)
	if strings.ContainsAny(out, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		return ""
	}
	return out
}
