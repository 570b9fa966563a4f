package cloudtrail

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/google/go-cmp/cmp"

	"reconcile/providers"
	"reconcile/providers/ec2"
)

func sqlPart() Part {
	return Part{Places: map[string][]string{"123456789012": {"us-east-1", "eu-west-1"}, "210987654321": {"us-east-1"}},
		Since: time.Date(2026, 2, 28, 23, 30, 0, 0, time.UTC), Until: time.Date(2026, 3, 1, 0, 10, 0, 0, time.UTC),
		Who: Who{Role: "arn:aws:iam::123456789012:role/ci/it's-a-runner"}}
}

func columnsOf(identity string, pairs ...string) []types.Column {
	out := []types.Column{{Name: new("useridentity"), Type: &identity}}
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, types.Column{Name: new(pairs[i]), Type: new(pairs[i+1])})
	}
	return out
}

func allStrings() (out []string) {
	for _, name := range strings.Fields("eventtime eventsource eventname awsregion errorcode requestparameters responseelements requestid eventid readonly eventtype recipientaccountid") {
		out = append(out, name, "string")
	}
	return out
}

const documented = "struct<type:string,principalid:string,arn:string,accountid:string,invokedby:string,accesskeyid:string,username:string," +
	"sessioncontext:struct<attributes:struct<mfaauthenticated:string,creationdate:string>,sessionissuer:struct<type:string,principalid:string,arn:string,accountid:string,username:string>>>"

// TestTheStatementsReadOnlyWhatIsNeeded keeps the queries as golden files: for
// the tables that AWS's documentation describes, and for odd ones.
func TestTheStatementsReadOnlyWhatIsNeeded(t *testing.T) {
	x := NewIndex(ec2.Kinds(ec2.Rows()))
	f := &athenaFeed{Athena: Athena{Database: "default", Table: "logs"}, index: x}
	begins := sqlPart()
	begins.Begins, begins.BeginsAt = begins.Since.Add(-time.Hour), []providers.Place{{Account: "123456789012", Region: "eu-central-1"}}
	keys := sqlPart()
	keys.Keys = []string{"ASIA1", "ASIA2'"}
	key := func(pairs ...string) (out []types.Column) { return columnsOf("", pairs...)[1:] }
	for name, c := range map[string]struct {
		table  types.TableMetadata
		part   Part
		anyOne bool
	}{
		"projection by day": {types.TableMetadata{Columns: columnsOf(documented, allStrings()...), PartitionKeys: key("timestamp", "string"),
			Parameters: map[string]string{"projection.timestamp.type": "date", "projection.timestamp.format": "yyyy/MM/dd"}}, sqlPart(), false},
		"an organisation's": {types.TableMetadata{Columns: columnsOf(documented, allStrings()...), PartitionKeys: key("account", "string", "region", "string", "date", "string", "unit", "string")}, sqlPart(), false},
		"numbers for days":  {types.TableMetadata{Columns: columnsOf(documented, allStrings()...), PartitionKeys: key("region", "string", "year", "int", "month", "int", "day", "int")}, sqlPart(), false},
		"followed keys":     {types.TableMetadata{Columns: columnsOf(documented, allStrings()...)}, keys, false},
		"beginnings":        {types.TableMetadata{Columns: columnsOf(documented, allStrings()...), PartitionKeys: key("region", "string", "day", "string")}, begins, false},
		"any one":           {types.TableMetadata{Columns: columnsOf(documented, allStrings()...)}, sqlPart(), true},
		"a table without some": {types.TableMetadata{Columns: columnsOf("struct<type:string,arn:string,accountid:string,accesskeyid:string,invokedby:string,sessioncontext:struct<sessionissuer:struct<arn:string>>>", "errorcode", "string", "eventtime", "string", "eventsource", "string", "eventname", "string", "awsregion", "string", "eventid", "string",
			"readonly", "boolean", "requestparameters", "map<string,string>", "responseelements", "string")}, sqlPart(), false},
	} {
		text, notes, err := f.sql(&c.table, c.part, c.anyOne)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		golden(t, "athena "+name, text+"\n-- "+strings.Join(notes, "\n-- "))
	}
	lake := &lakeFeed{store: "EXAMPLE-1", index: x}
	golden(t, "lake", lake.statement(sqlPart(), false))
	golden(t, "lake any one", lake.statement(sqlPart(), true))
	golden(t, "lake followed keys", lake.statement(keys, false))

	for want, columns := range map[string][]types.Column{
		"it has no column eventid":                                       columnsOf(documented, "time_dt", "timestamp"),
		"it does not hold useridentity.sessioncontext.sessionissuer.arn": columnsOf("struct<type:string,arn:string,accountid:string,accesskeyid:string,invokedby:string>", allStrings()...),
		"it does not hold useridentity.type":                             columnsOf("string", allStrings()...),
		"it holds neither recipientaccountid nor useridentity.accountid": columnsOf(strings.Replace(documented, "accountid:string,", "", 2), allStrings()[:22]...),
	} {
		if _, _, err := f.sql(&types.TableMetadata{Columns: columns}, sqlPart(), false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "sql", strings.NewReplacer(" ", "-", "'", "").Replace(name)+".sql")
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got+"\n"); diff != "" {
		t.Errorf("%s:\n%s", name, diff)
	}
}

// TestARowIsTheRecordThatItWas protects what only columns tell: a record that
// Athena took apart is put together to the same.
func TestARowIsTheRecordThatItWas(t *testing.T) {
	row := func(values map[string]string) []types.Datum {
		out := make([]types.Datum, len(fields))
		for i, f := range fields {
			if v, ok := values[f.path]; ok {
				out[i].VarCharValue = &v
			}
		}
		return out
	}
	raw, err := fromRow(row(map[string]string{"eventID": "e", "eventName": "CreateVpc", "eventSource": "ec2.amazonaws.com", "eventTime": "2026-01-01T12:00:00Z",
		"awsRegion": "us-east-1", "recipientAccountId": "012345678901", "readOnly": "false", "errorCode": "", "userIdentity.type": "AssumedRole",
		"userIdentity.arn": "arn:aws:sts::012345678901:assumed-role/r/run-7", "userIdentity.accessKeyId": "ASIA1", "userIdentity.sessionContext.sessionIssuer.arn": "arn:aws:iam::012345678901:role/r",
		"requestParameters": `{"cidrBlock":"10.0.0.0/16"}`, "responseElements": `{"vpc":{"vpcId":"vpc-1"}}`}))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	if r.Place.Account != "012345678901" || r.By.Session != "run-7" || r.By.ARN != "arn:aws:iam::012345678901:role/r" || r.ReadOnly || r.Error != "" ||
		strings.Join(r.values("res.vpc.vpcId"), "") != "vpc-1" {
		t.Errorf("%+v", r)
	}
	for name, bad := range map[string][]types.Datum{"short": {}, "broken JSON": row(map[string]string{"requestParameters": "{a=b}"})} {
		if _, err := fromRow(bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
