package cloudtrail

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
)

// fields of a record, in the order in which they are selected: its path, and
// the column or the member of the column that holds it.
var fields = []struct{ path, column, member string }{
	{"eventID", "eventid", ""}, {"requestID", "requestid", ""}, {"eventName", "eventname", ""}, {"eventSource", "eventsource", ""},
	{"eventType", "eventtype", ""}, {"eventTime", "eventtime", ""}, {"awsRegion", "awsregion", ""}, {"recipientAccountId", "recipientaccountid", ""},
	{"errorCode", "errorcode", ""}, {"readOnly", "readonly", ""},
	{"userIdentity.type", "useridentity", "type"}, {"userIdentity.arn", "useridentity", "arn"}, {"userIdentity.accountId", "useridentity", "accountid"},
	{"userIdentity.accessKeyId", "useridentity", "accesskeyid"}, {"userIdentity.invokedBy", "useridentity", "invokedby"},
	{"userIdentity.sessionContext.sessionIssuer.arn", "useridentity", "sessioncontext.sessionissuer.arn"},
	{"userIdentity.userName", "useridentity", "username"},
	{"userIdentity.sessionContext.attributes.creationDate", "useridentity", "sessioncontext.attributes.creationdate"},
	{"requestParameters", "requestparameters", ""}, {"responseElements", "responseelements", ""},
}

func (f *athenaFeed) sql(table *types.TableMetadata, p Part, anyOne bool) (string, []string, error) {
	has := map[string]string{}
	for _, c := range table.Columns {
		has[strings.ToLower(aws.ToString(c.Name))] = strings.ToLower(aws.ToString(c.Type))
	}
	for _, c := range []string{"eventid", "eventname", "eventsource", "eventtime", "awsregion", "errorcode", "useridentity", "requestparameters", "responseelements"} {
		if has[c] == "" {
			return "", nil, fmt.Errorf("it has no column %s, so it is no table of CloudTrail records as AWS describes it", c)
		}
	}
	// Without these nobody could say whose a call was, and an empty answer
	// would look like a quiet hour.
	for _, member := range []string{"type", "arn", "accesskeyid", "invokedby", "sessioncontext.sessionissuer.arn"} {
		if known(expression(has, "useridentity", member)) == "" {
			return "", nil, fmt.Errorf("it does not hold useridentity.%s, so it cannot be told whose a call was", member)
		}
	}
	if known(expression(has, "recipientaccountid", ""))+known(expression(has, "useridentity", "accountid")) == "" {
		return "", nil, errors.New("it holds neither recipientaccountid nor useridentity.accountid, so it cannot be told in which account a call was")
	}
	var selected []string
	for _, field := range fields {
		selected = append(selected, expression(has, field.column, field.member))
	}
	c := columns{time: "eventtime", region: "awsregion", name: "eventname", source: "eventsource", readOnly: expression(has, "readonly", ""),
		account: "coalesce(" + expression(has, "recipientaccountid", "") + ", " + expression(has, "useridentity", "accountid") + ")",
		arn:     known(expression(has, "useridentity", "arn")), issuer: known(expression(has, "useridentity", "sessioncontext.sessionissuer.arn")),
		key: known(expression(has, "useridentity", "accesskeyid")), request: expression(has, "requestid", ""), assumed: expression(has, "requestparameters", "")}
	conditions := c.where(p, f.index, stamp)
	if anyOne {
		conditions = conditions[:4:4]
	}
	var notes []string
	for _, k := range table.PartitionKeys {
		name := aws.ToString(k.Name)
		key := partitionKey{name: name, typ: strings.ToLower(aws.ToString(k.Type))}
		if projection := table.Parameters["projection."+name+".type"]; projection == "date" {
			key.format = table.Parameters["projection."+name+".format"]
		}
		if narrowed := key.partition(p); narrowed != "" {
			conditions = append(conditions, narrowed)
		} else {
			notes = append(notes, "its partitions by "+name+" are all read: what they are is not known")
		}
	}
	if len(table.PartitionKeys) == 0 {
		notes = append(notes, "it has no partitions: all of it is read")
	}
	text := "SELECT " + strings.Join(selected, ", ") + "\nFROM " + identifier(f.Database) + "." + identifier(f.Table) +
		"\nWHERE " + strings.Join(conditions, "\n  AND ")
	if anyOne {
		text += "\nLIMIT 1"
	}
	return text, notes, nil
}

func identifier(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// expression is a column or a member of it as text, NULL if the table has none.
func expression(has map[string]string, column, member string) string {
	typ := has[column]
	switch {
	case typ == "":
		return "CAST(NULL AS varchar)"
	case member != "" && (!strings.HasPrefix(typ, "struct<") || !memberOf(typ, strings.Split(member, "."))):
		return "CAST(NULL AS varchar)"
	case member != "":
		return "CAST(" + column + "." + member + " AS varchar)"
	case typ == "string" || strings.HasPrefix(typ, "varchar"):
		return column
	case strings.ContainsRune(typ, '<'):
		return "json_format(CAST(" + column + " AS json))"
	}
	return "CAST(" + column + " AS varchar)"
}

// memberOf reports whether a struct type has a member by that path.
func memberOf(typ string, path []string) bool {
	for _, name := range path {
		at := regexp.MustCompile(`[<,]` + regexp.QuoteMeta(name) + `\s*:`).FindStringIndex(strings.ReplaceAll(typ, " ", ""))
		if at == nil {
			return false
		}
		typ = strings.ReplaceAll(typ, " ", "")[at[1]:]
		typ = "<" + typ[strings.IndexByte(typ, '<')+1:]
	}
	return true
}

// known is an expression, "" for one that is NULL.
func known(expression string) string {
	if strings.HasPrefix(expression, "CAST(NULL") {
		return ""
	}
	return expression
}

// fromRow puts a record together from its columns.
func fromRow(row []types.Datum) ([]byte, error) {
	if len(row) != len(fields) {
		return nil, errors.New("a row of another width")
	}
	record := map[string]any{}
	for i, field := range fields {
		value := row[i].VarCharValue
		if value == nil {
			continue
		}
		path := strings.Split(field.path, ".")
		in := record
		for _, name := range path[:len(path)-1] {
			next, _ := in[name].(map[string]any)
			if next == nil {
				next = map[string]any{}
				in[name] = next
			}
			in = next
		}
		var v any = *value
		if field.path == "requestParameters" || field.path == "responseElements" {
			if *value == "" {
				continue
			}
			if !json.Valid([]byte(*value)) {
				return nil, fmt.Errorf("%s is not JSON", field.path)
			}
			v = json.RawMessage(*value)
		}
		in[path[len(path)-1]] = v
	}
	if record["errorCode"] == "" {
		delete(record, "errorCode")
	}
	return json.Marshal(record)
}
