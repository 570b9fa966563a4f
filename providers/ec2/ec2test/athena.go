package ec2test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

const amzJSON = "application/x-amz-json-1.1"

// mostRows is how many rows a page of a query's results holds.
const mostRows = 1000

func (s *Server) athena(c *call) (answer, error) {
	var in struct {
		QueryString, QueryExecutionID      string
		DatabaseName, TableName, NextToken string
	}
	if err := c.read(&in); err != nil {
		return answer{}, err
	}
	statement, known := s.world.statement(in.QueryExecutionID)
	switch c.Action {
	case "GetTableMetadata":
		s.world.mu.RLock()
		t, ok := s.world.athena[in.DatabaseName+"."+in.TableName]
		s.world.mu.RUnlock()
		if !ok {
			return answer{}, refuse("MetadataException", "EntityNotFoundException: Entity Not Found")
		}
		return jsonAnswer(amzJSON, map[string]any{"TableMetadata": map[string]any{"Name": in.TableName, "TableType": "EXTERNAL_TABLE",
			"Columns": t.Columns, "PartitionKeys": t.PartitionKeys, "Parameters": t.Parameters}})
	case "StartQueryExecution":
		return jsonAnswer(amzJSON, map[string]string{"QueryExecutionId": s.world.start(in.QueryString)})
	case "GetQueryExecution", "StopQueryExecution", "GetQueryResults":
		if !known {
			return answer{}, refuse("InvalidRequestException", "QueryExecution %s was not found", in.QueryExecutionID)
		}
	default:
		return answer{}, refuse("InvalidAction", "The operation %s is not served here", c.Action)
	}
	switch c.Action {
	case "StopQueryExecution":
		return jsonAnswer(amzJSON, struct{}{})
	case "GetQueryExecution":
		return jsonAnswer(amzJSON, map[string]any{"QueryExecution": map[string]any{"QueryExecutionId": in.QueryExecutionID,
			"Status": s.world.queryState("State", "StateChangeReason", "SUCCEEDED"), "Statistics": map[string]int{"DataScannedInBytes": 12_345_678}}})
	}
	selected := selection(statement)
	type datum struct {
		VarCharValue *string `json:",omitempty"`
	}
	type row struct{ Data []datum }
	head := row{}
	for _, e := range selected {
		head.Data = append(head.Data, datum{&e})
	}
	all := []row{head}
	for _, r := range s.world.answer(statement) {
		var doc map[string]any
		_ = decode(r.raw, &doc) // it was read when it was put
		one := row{}
		for _, e := range selected {
			d := datum{}
			if v, ok := column(doc, e); ok {
				d.VarCharValue = &v
			}
			one.Data = append(one.Data, d)
		}
		all = append(all, one)
	}
	from, to, next, ok := window(len(all), c.pageOf(mostRows), in.NextToken, in.QueryExecutionID)
	if !ok {
		return answer{}, refuse("InvalidRequestException", "The token is not valid")
	}
	out := map[string]any{"ResultSet": map[string]any{"Rows": all[from:to]}}
	if next != "" {
		out["NextToken"] = next
	}
	return jsonAnswer(amzJSON, out)
}

var cast = regexp.MustCompile(`(?i)^CAST\((.*) AS (?:varchar|json)\)$`)

// selection are the columns of a statement, without their casts.
func selection(statement string) []string {
	list, _, _ := strings.Cut(strings.TrimPrefix(statement, "SELECT "), "\nFROM ")
	var out []string
	for e := range strings.SplitSeq(list, ", ") {
		e = strings.TrimSuffix(strings.TrimPrefix(e, "json_format("), "))")
		if m := cast.FindStringSubmatch(e); m != nil {
			e = m[1]
		}
		out = append(out, e)
	}
	return out
}

// column is a column's value: texts as they are, objects as JSON.
func column(doc map[string]any, path string) (string, bool) {
	var v any = doc
	for name := range strings.SplitSeq(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return "", false
		}
		v = nil
		for k, e := range m {
			if strings.EqualFold(k, name) {
				v = e
			}
		}
	}
	switch v := v.(type) {
	case nil:
		return "", false
	case map[string]any, []any:
		raw, err := json.Marshal(v)
		return string(raw), err == nil
	default:
		return fmt.Sprint(v), true
	}
}

// lake answers the queries of CloudTrail Lake.
func (s *Server) lake(c *call) (answer, error) {
	var in struct{ QueryStatement, QueryID, NextToken string }
	if err := c.read(&in); err != nil {
		return answer{}, err
	}
	if c.Action == "StartQuery" {
		return jsonAnswer(amzJSON, map[string]string{"QueryId": s.world.start(in.QueryStatement)})
	}
	statement, known := s.world.statement(in.QueryID)
	if !known {
		return answer{}, refuse("QueryIdNotFoundException", "The query ID does not exist")
	}
	switch c.Action {
	case "CancelQuery":
		return jsonAnswer(amzJSON, map[string]string{"QueryId": in.QueryID, "QueryStatus": "CANCELLED"})
	case "DescribeQuery":
		out := map[string]any{"QueryId": in.QueryID, "QueryStatistics": map[string]int{"BytesScanned": 12_345_678}}
		for k, v := range s.world.queryState("QueryStatus", "ErrorMessage", "FINISHED") {
			out[k] = v
		}
		return jsonAnswer(amzJSON, out)
	}
	rows := [][]map[string]string{}
	for _, r := range s.world.answer(statement) {
		rows = append(rows, []map[string]string{{"eventJson": string(r.raw)}})
	}
	from, to, next, ok := window(len(rows), c.pageOf(mostRows), in.NextToken, in.QueryID)
	if !ok {
		return answer{}, refuse("InvalidNextTokenException", "The token is not valid")
	}
	out := map[string]any{"QueryStatus": "FINISHED", "QueryResultRows": rows[from:to]}
	if next != "" {
		out["NextToken"] = next
	}
	return jsonAnswer(amzJSON, out)
}

// Queries makes every query be in a state, as Athena and Lake spell it
// (QUEUED, RUNNING, FAILED), and says why. "" is success.
func (w *World) Queries(state, reason string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queries = [2]string{state, reason}
}

func (w *World) queryState(state, reason, success string) map[string]string {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.queries[0] == "" {
		return map[string]string{state: success}
	}
	return map[string]string{state: w.queries[0], reason: w.queries[1]}
}

// trails answers DescribeTrails: none, unless a bucket was told.
func (s *Server) trails() (answer, error) {
	s.world.mu.RLock()
	defer s.world.mu.RUnlock()
	list := []map[string]any{}
	for _, bucket := range s.world.trailBuckets {
		list = append(list, map[string]any{"Name": "trail-" + bucket, "S3BucketName": bucket, "IsMultiRegionTrail": true, "HomeRegion": s.world.home.Region})
	}
	return jsonAnswer(amzJSON, map[string]any{"trailList": list})
}

// PutTrail makes DescribeTrails tell of a trail into a bucket.
func (w *World) PutTrail(bucket string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trailBuckets = append(w.trailBuckets, bucket)
}
