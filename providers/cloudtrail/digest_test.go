package cloudtrail_test

import (
	"strings"
	"testing"
	"time"

	"reconcile/providers/cloudtrail"
	"reconcile/providers/ec2/ec2test"
)

// TestAFileThatTheDigestNamesMustBeThere protects against a trail from which
// somebody took files, or which was switched off for a while, and that looks whole.
func TestAFileThatTheDigestNamesMustBeThere(t *testing.T) {
	at := func(id string, min int) record { return record{id: id, at: minute(min)} }
	three := []record{at("first", 1), at("second", 30), at("third", 55)}
	find := func(w *ec2test.World, what string) string {
		for _, key := range w.Keys("trail") {
			if strings.Contains(key, what) {
				return key
			}
		}
		t.Fatalf("no key has %s: %v", what, w.Keys("trail"))
		return ""
	}
	for name, c := range map[string]struct {
		records []record
		spoil   func(*ec2test.World)
		problem string
		note    string
	}{
		"all are there": {records: three, spoil: func(*ec2test.World) {}},
		"one is not": {records: three, spoil: func(w *ec2test.World) {
			w.RemoveObject("trail", find(w, "/CloudTrail/us-east-1/2026/01/01/123456789012_CloudTrail_us-east-1_20260101T1235Z"))
		},
			problem: "names 1 files of account 123456789012 in us-east-1 that are not there, the first AWSLogs/123456789012/CloudTrail/us-east-1/2026/01/01/123456789012_CloudTrail_us-east-1_20260101T1235Z"},
		"one was changed": {records: three, spoil: func(w *ec2test.World) {
			w.PutObject("trail", find(w, "us-east-1_20260101T1235Z_"), []byte(`{"Records":[]}`), minute(200))
		}, problem: "_20260101T1235Z_0123456789abcdef.json.gz is not as CloudTrail delivered it"},
		"the trail was off": {records: []record{at("first", -130), at("second", 1), at("third", 190)}, spoil: func(w *ec2test.World) {
			w.RemoveObject("trail", find(w, "CloudTrail-Digest_us-east-1_all_us-east-1_20260101T140000Z"))
		}, problem: "has no digest of the time from 2026-01-01T13:00:00Z to 2026-01-01T14:00:00Z"},
		"no digests, and hours without a file": {records: []record{at("first", -10), at("second", 59)}, spoil: func(w *ec2test.World) {
			for _, key := range w.Keys("trail") {
				if strings.Contains(key, "Digest") {
					w.RemoveObject("trail", key)
				}
			}
		}, note: "was delivered between"},
		"a digest that is none": {records: three, spoil: func(w *ec2test.World) {
			w.PutObject("trail", find(w, "CloudTrail-Digest_us-east-1_all"), []byte(`hello`), minute(200))
		}, note: "1 digest files could not be read"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := bucketOf(t, c.records...)
			c.spoil(srv.World())
			p := part("run-7")
			if name == "the trail was off" {
				p.Until = noon.Add(3 * time.Hour)
			}
			b := cloudtrail.Bucket(config(srv), "trail", "", index(), nil)
			b.Gather(t.Context(), p)
			got := b.Of(account).Read(t.Context(), query("run-7"))
			problems, notes := lines(got.Problems), lines(got.Notes)
			if !strings.Contains(problems, c.problem) || (c.problem == "") != (problems == "") || got.AllWriters != (c.problem == "") {
				t.Errorf("problems %q, all %v; want %q", problems, got.AllWriters, c.problem)
			}
			if !strings.Contains(notes, c.note) {
				t.Errorf("notes %q, want %q", notes, c.note)
			}
		})
	}
}
