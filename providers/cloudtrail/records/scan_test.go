package records_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"pgregory.net/rapid"

	"reconcile/providers/cloudtrail/records"
)

// found are the names of the records that a document holds.
func found(t testing.TB, doc string) (string, records.Stats, error) {
	t.Helper()
	var names []string
	stats, err := records.Scan(strings.NewReader(doc), func(raw []byte, f *records.Fields) {
		if !json.Valid(raw) {
			t.Errorf("not JSON: %s", raw)
		}
		name := string(f.Name)
		if f.Odd {
			name += "?"
		}
		names = append(names, name)
	})
	return strings.Join(names, " "), stats, err
}

func packed(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(s))
	_ = z.Close()
	return b.String()
}

const (
	one   = `{"eventVersion":"1.1","eventName":"A","x":{"eventName":"no","y":["}]{[","\"\\"]}}`
	other = `{"eventVersion":"1.1","eventName":"B"}`
)

func TestRecordsAreFoundInEveryFormThatTheyAreKeptIn(t *testing.T) {
	quoted, _ := json.Marshal(one)
	for name, c := range map[string]struct {
		doc, want string
		lost      int
		err       string
	}{
		"a trail's file":         {`{"Records":[` + one + `,` + other + `]}`, "A B", 0, ""},
		"no record":              {`{"Records":[]}`, "", 0, ""},
		"spaces":                 {" \n{ \"Records\" : [ \n" + one + " , " + other + " ] }\n", "A B", 0, ""},
		"two files in a row":     {`{"Records":[` + one + `]}{"Records":[` + other + `]}`, "A B", 0, ""},
		"lines":                  {one + "\n" + other + "\n", "A B", 0, ""},
		"lines of files":         {`{"Records":[` + one + "]}\r\n" + `{"Records":[` + other + `]}`, "A B", 0, ""},
		"a list":                 {`[` + one + `,` + other + `]`, "A B", 0, ""},
		"one record":             {one, "A", 0, ""},
		"byte order mark":        {"\xef\xbb\xbf" + one, "A", 0, ""},
		"LookupEvents":           {`{"Events":[{"EventId":"1","EventName":"A","CloudTrailEvent":` + string(quoted) + `,"Resources":[]}],"NextToken":"t"}`, "A", 0, ""},
		"LookupEvents by boto":   {`{"Events":[{"CloudTrailEvent":` + string(quoted) + `}],"ResponseMetadata":{"HTTPHeaders":{"a":"b"},"l":[1,{}]}}`, "A", 0, ""},
		"words before the list":  {`{"NextToken":"t","n":{"a":[1]},"Events":[{"CloudTrailEvent":` + string(quoted) + `}]}`, "A", 0, ""},
		"EventBridge":            {`{"version":"0","detail-type":"AWS API Call via CloudTrail","detail":` + one + `}`, "A", 0, ""},
		"gzip":                   {packed(`{"Records":[` + one + `,` + other + `]}`), "A B", 0, ""},
		"gzip in parts":          {packed(one) + packed("\n"+other), "A B", 0, ""},
		"a digest file":          {`{"awsAccountId":"1","digestStartTime":"x","logFiles":[{"s3Object":"y"}]}`, "", 0, ""},
		"an escaped name":        {`{"event\u004eame":"A","eventName":"B"}`, "B?", 0, ""},
		"an escaped value":       {`{"eventName":"\u0041"}`, "?", 0, ""},
		"a name in another case": {`{"eventname":"A","eventName":"B"}`, "B?", 0, ""},
		"a number for a name":    {`{"eventName":5}`, "?", 0, ""},
		"a nameless thing":       {`{"Records":[{"a":1},` + one + `]}`, "A", 1, ""},
		"broken in the middle":   {`{"Records":[{"eventVersion":"1.1","eventName":"X" oops "},` + one + `]}`, "A", 1, ""},
		"a broken line":          {"{\"eventName\":\"X\n" + other + "\n" + one, "B A", 1, ""},
		"half a record":          {`{"Records":[` + one + `,{"eventVersion":"1.1","eventName":"B`, "A", 1, "it is cut off"},
		"half a file":            {`{"Records":[` + one + `,`, "A", 0, "it is cut off"},
		"half a gzip":            {packed(`{"Records":[` + one + strings.Repeat(`,`+other, 9) + `]}`)[:40], "", 1, "it is broken: unexpected EOF"},
		"a broken gzip head":     {"\x1f\x8b\x00\x00\x00\x00\x00\x00\x00\x00\x00", "", 0, "its gzip header is broken: gzip: invalid header"},
		"nothing":                {"", "", 0, "it is empty"},
		"spaces only":            {" \n ", "", 0, "it is empty"},
		"text":                   {"eventName,eventID\n", "", 1, records.ErrNotRecords.Error()},
		"brackets without end":   {strings.Repeat("[", 1000), "", 0, "it is cut off"},
		"closing alone":          {`{"Records":[]}]`, "", 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, stats, err := found(t, c.doc)
			text := ""
			if err != nil {
				text = err.Error()
			}
			if got != c.want || stats.Lost != c.lost || text != c.err {
				t.Errorf("%q, %d lost, %v; want %q, %d, %s", got, stats.Lost, err, c.want, c.lost, c.err)
			}
		})
	}
}

// TestARecordOfAnySizeIsFound protects records at the edges of the buffer, and
// those that are larger than it.
func TestARecordOfAnySizeIsFound(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"Records":[`)
	n := 0
	for size := 1; size < 3<<20; size = size*3/2 + 1 {
		if n > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"eventName":"A","pad":"%s\\"}`, strings.Repeat("x", size))
		n++
	}
	b.WriteString(`]}`)
	got, stats, err := found(t, b.String())
	if stats.Records != n || stats.Lost != 0 || err != nil || strings.Count(got, "A") != n {
		t.Errorf("%+v, %v; want %d records", stats, err, n)
	}
	huge := `{"Records":[{"eventVersion":"1","eventName":"A","pad":"` + strings.Repeat("x", 20<<20) + `"},` + other + `]}`
	got, stats, err = found(t, huge)
	if got != "B" || stats.Lost == 0 || err != nil {
		t.Errorf("behind a record of 20 MB: %q, %+v, %v", got, stats, err)
	}
}

// TestTheFieldsAreThoseThatDecodingFinds holds the scanner against encoding/json
// over records in any order of keys, with any values.
func TestTheFieldsAreThoseThatDecodingFinds(t *testing.T) {
	keys := []string{"eventName", "eventSource", "eventTime", "awsRegion", "recipientAccountId", "readOnly", "userIdentity", "requestParameters",
		"EventName", "eventname", "detail", "message", "Records", "errorCode", "x"}
	value := rapid.OneOf(
		rapid.Map(rapid.StringN(0, 12, -1), func(s string) any { return s }),
		rapid.Map(rapid.Bool(), func(b bool) any { return b }),
		rapid.Map(rapid.Int(), func(n int) any { return n }),
		rapid.Just(any(nil)),
		rapid.Map(rapid.StringN(0, 8, -1), func(s string) any { return map[string]any{"arn": s, "eventName": []any{s, "}"}} }),
	)
	rapid.Check(t, func(t *rapid.T) {
		var doc strings.Builder
		doc.WriteString(`{"eventName":"First"`)
		for _, k := range rapid.SliceOf(rapid.SampledFrom(keys)).Draw(t, "keys") {
			v, err := json.Marshal(value.Draw(t, "value"))
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&doc, `,%s"%s" :%s%s`, rapid.SampledFrom([]string{"", " ", "\n"}).Draw(t, "space"), k, rapid.SampledFrom([]string{"", " "}).Draw(t, "space"), v)
		}
		doc.WriteByte('}')
		var want struct {
			EventName, EventSource, EventTime, AWSRegion, RecipientAccountID any
			UserIdentity                                                     json.RawMessage
		}
		if err := json.Unmarshal([]byte(doc.String()), &want); err != nil {
			t.Fatal(err)
		}
		n := 0
		stats, err := records.Scan(strings.NewReader(doc.String()), func(raw []byte, f *records.Fields) {
			n++
			if string(raw) != doc.String() {
				t.Fatalf("%s instead of %s", raw, doc.String())
			}
			if f.Odd {
				return
			}
			for name, pair := range map[string][2]any{"name": {f.Name, want.EventName}, "source": {f.Source, want.EventSource}, "time": {f.Time, want.EventTime},
				"region": {f.Region, want.AWSRegion}, "recipient": {f.Recipient, want.RecipientAccountID}} {
				got, _ := pair[0].([]byte)
				text, isText := pair[1].(string)
				if (got == nil) != (pair[1] == nil) || (got != nil && (!isText || text != string(got))) {
					t.Fatalf("%s is %q, decoding finds %v in %s", name, got, pair[1], doc.String())
				}
			}
			if want.UserIdentity != nil && string(f.Identity) != string(want.UserIdentity) {
				t.Fatalf("identity %s, decoding finds %s", f.Identity, want.UserIdentity)
			}
		})
		if n != 1 || stats.Lost > 0 || err != nil {
			t.Fatalf("%d records, %+v, %v in %s", n, stats, err, doc.String())
		}
	})
}

// FuzzScan: no document makes it panic or loop, and what it tells is counted.
func FuzzScan(f *testing.F) {
	for _, s := range []string{`{"Records":[` + one + `,` + other + `]}`, one + "\n" + other, `[` + one + `]`, packed(one), `{"Events":[{"CloudTrailEvent":"{\"eventName\":\"A\"}"}],"a":{}}`,
		`{"detail":` + one + `}`, `{"Records":[{"a":"`, `]]}}{"`, "\x1f\x8b", `{"Records":["Records",["x"],{}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		n := 0
		stats, err := records.Scan(bytes.NewReader(data), func(raw []byte, f *records.Fields) {
			n++
			if len(raw) == 0 || raw[0] != '{' || raw[len(raw)-1] != '}' {
				t.Errorf("a record that is no object: %q", raw)
			}
		})
		if n != stats.Records {
			t.Errorf("%d told, %d counted", n, stats.Records)
		}
		var doc struct{ Records []struct{ EventName string } }
		if err == nil && stats.Lost == 0 && bytes.HasPrefix(data, []byte(`{"Records":[`)) && json.Unmarshal(data, &doc) == nil {
			named := 0
			for _, r := range doc.Records {
				if r.EventName != "" {
					named++
				}
			}
			if n < named {
				t.Errorf("%d records, decoding finds %d", n, named)
			}
		}
		if errors.Is(err, records.ErrNotRecords) && stats.Lost == 0 {
			t.Error("nothing is told to be lost")
		}
	})
}
