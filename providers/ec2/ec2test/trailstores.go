package ec2test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"reconcile/providers"
)

// Records are the world's CloudTrail records, those of each place oldest first.
func (w *World) Records() []json.RawMessage {
	w.mu.RLock()
	defer w.mu.RUnlock()
	var out []json.RawMessage
	for _, r := range w.trail() {
		out = append(out, r.raw)
	}
	return out
}

// trail are the records of all places, in an order of their own. The lock is held.
func (w *World) trail() []record {
	var out []record
	for _, at := range slices.SortedFunc(maps.Keys(w.records), func(a, b providers.Place) int { return cmp.Compare(a.String(), b.String()) }) {
		for _, r := range slices.Backward(w.records[at]) {
			out = append(out, r)
		}
	}
	return out
}

// DeliverTrail writes the records into a bucket as a trail does: gzip files of
// five minutes each, by account, region and day, five minutes late, with the
// folder of digests beside them. The prefix ends before AWSLogs; org is the
// organisation's folder, "" for the trail of one account.
func (w *World) DeliverTrail(bucketName, prefix, org string) error {
	files := map[string][]json.RawMessage{}
	times := map[string]time.Time{}
	if prefix != "" {
		prefix = strings.Trim(prefix, "/") + "/"
	}
	if org != "" {
		org += "/"
	}
	w.mu.RLock()
	for _, r := range w.trail() {
		account, region := cmp.Or(r.RecipientAccountID, w.home.Account), cmp.Or(r.AWSRegion, w.home.Region)
		at := r.time.UTC().Add(5 * time.Minute).Truncate(5 * time.Minute)
		key := prefix + "AWSLogs/" + org + account + "/CloudTrail/" + region + at.Format("/2006/01/02/") +
			account + "_CloudTrail_" + region + "_" + at.Format("20060102T1504Z") + "_0123456789abcdef.json.gz"
		files[key], times[key] = append(files[key], r.raw), at
	}
	w.mu.RUnlock()
	digests := digests{}
	for key, records := range files {
		body, err := json.Marshal(map[string]any{"Records": records})
		if err != nil {
			return fmt.Errorf("write a trail's file: %w", err)
		}
		file := packed(body)
		w.PutObject(bucketName, key, file, times[key])
		sum := sha256.Sum256(file)
		folder, _, _ := strings.Cut(key, times[key].Format("/2006/01/02/"))
		digests.add(folder, times[key], digestedFile{Bucket: bucketName, Key: key, Hash: hex.EncodeToString(sum[:]), Algorithm: "SHA-256"})
	}
	return digests.deliver(w, bucketName)
}

// digestedFile is a file as a digest names it.
type digestedFile struct {
	Bucket    string `json:"s3Bucket"`
	Key       string `json:"s3Object"`
	Hash      string `json:"hashValue"`
	Algorithm string `json:"hashAlgorithm"`
}

// digests are the files of each hour, by the folder of the trail's place.
type digests map[string]map[time.Time][]digestedFile

func (d digests) add(folder string, at time.Time, f digestedFile) {
	if d[folder] == nil {
		d[folder] = map[time.Time][]digestedFile{}
	}
	end := at.Truncate(time.Hour).Add(time.Hour)
	d[folder][end] = append(d[folder][end], f)
}

// deliver writes the digest files, one an hour. After a day without any file the
// trail begins anew.
func (d digests) deliver(w *World, bucketName string) error {
	for folder, hours := range d {
		ends := slices.SortedFunc(maps.Keys(hours), time.Time.Compare)
		previous := ""
		for i, end := range ends {
			last := end
			if i+1 < len(ends) && ends[i+1].Sub(end) <= 24*time.Hour {
				last = ends[i+1].Add(-time.Hour)
			}
			for at := end; !at.After(last); at = at.Add(time.Hour) {
				files := slices.SortedFunc(slices.Values(hours[at]), func(a, b digestedFile) int { return cmp.Compare(a.Key, b.Key) })
				parts := strings.Split(folder, "/")
				account, region := parts[len(parts)-3], parts[len(parts)-1]
				key := strings.ReplaceAll(folder, "/CloudTrail/", "/CloudTrail-Digest/") + at.Format("/2006/01/02/") +
					account + "_CloudTrail-Digest_" + region + "_all_us-east-1_" + at.Format("20060102T150405Z") + ".json.gz"
				body, err := json.Marshal(map[string]any{"awsAccountId": account, "digestStartTime": at.Add(-time.Hour).Format(time.RFC3339), "digestEndTime": at.Format(time.RFC3339),
					"digestS3Bucket": bucketName, "digestS3Object": key, "previousDigestS3Object": previous, "logFiles": append([]digestedFile{}, files...)})
				if err != nil {
					return fmt.Errorf("write a trail's digest: %w", err)
				}
				w.PutObject(bucketName, key, packed(body), at)
				previous = key
			}
			if last == end && i+1 < len(ends) && ends[i+1].Sub(end) > 24*time.Hour {
				previous = ""
			}
		}
	}
	return nil
}

func packed(body []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(body) // memory takes it
	_ = z.Close()
	return out.Bytes()
}

// PutMessages adds messages to an SQS queue. Its URL is the server's with
// /ACCOUNT/NAME.
func (w *World) PutMessages(queue string, bodies ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.queues == nil {
		w.queues, w.hidden = map[string][]string{}, map[string]time.Time{}
	}
	w.queues[queue] = append(w.queues[queue], bodies...)
}

// PutTable tells Athena of a table of the world's records.
func (w *World) PutTable(database, table string, t Table) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.athena == nil {
		w.athena = map[string]Table{}
	}
	w.athena[database+"."+table] = t
}

// Table is what Athena says of a table.
type Table struct {
	Columns, PartitionKeys []Column
	Parameters             map[string]string
}

// Column is a column and its type.
type Column struct{ Name, Type string }

// asked is what this server understands of a query: when, where, which keys.
// Whatever else a query narrows, it gives all of.
type asked struct {
	from, to                string
	regions, accounts, keys []string
	one                     bool
}

var (
	askedFrom   = regexp.MustCompile(`(?i)eventtime >= '([^']*)'`)
	askedTo     = regexp.MustCompile(`(?i)eventtime <= '([^']*)'`)
	askedRegion = regexp.MustCompile(`(?i)awsregion IN \(([^)]*)\)`)
	askedOwner  = regexp.MustCompile(`(?i)(?:accountid\b[^)]*\)?\)|recipientaccountid) IN \(([^)]*)\)`)
	askedKeys   = regexp.MustCompile(`(?i)accesskeyid(?: AS varchar\))? IN \(([^)]*)\)`)
	quotedText  = regexp.MustCompile(`'([^']*)'`)
)

func understand(statement string) asked {
	all := func(re *regexp.Regexp) (out []string) {
		if m := re.FindStringSubmatch(statement); m != nil {
			for _, q := range quotedText.FindAllStringSubmatch(m[1], -1) {
				out = append(out, q[1])
			}
		}
		return out
	}
	one := func(re *regexp.Regexp) string {
		if m := re.FindStringSubmatch(statement); m != nil {
			return strings.TrimSuffix(strings.Replace(m[1], " ", "T", 1), "Z")
		}
		return ""
	}
	return asked{one(askedFrom), one(askedTo), all(askedRegion), all(askedOwner), all(askedKeys), strings.HasSuffix(statement, "LIMIT 1")}
}

func (w *World) answer(statement string) []record {
	q := understand(statement)
	in := func(list []string, s string) bool { return len(list) == 0 || slices.Contains(list, s) }
	w.mu.RLock()
	defer w.mu.RUnlock()
	var out []record
	for _, r := range w.trail() {
		at := r.time.UTC().Format("2006-01-02T15:04:05")
		if at < q.from || at > q.to || !in(q.regions, r.AWSRegion) || !in(q.accounts, r.RecipientAccountID) || !in(q.keys, r.UserIdentity.AccessKeyID) {
			continue
		}
		if out = append(out, r); q.one {
			break
		}
	}
	return out
}

// start keeps a statement and gives its id.
func (w *World) start(statement string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.statements = append(w.statements, statement)
	return "query-" + strconv.Itoa(len(w.statements))
}

func (w *World) statement(id string) (string, bool) {
	n, err := strconv.Atoi(strings.TrimPrefix(id, "query-"))
	w.mu.RLock()
	defer w.mu.RUnlock()
	if err != nil || n < 1 || n > len(w.statements) {
		return "", false
	}
	return w.statements[n-1], true
}

// queue answers SQS. Reading takes nothing away, but hides a message for as long
// as the reader says. A queue shows its messages by turns, as the servers of a
// real one do; one whose name ends in "-stuck" the first that it may.
func (s *Server) queue(c *call) (answer, error) {
	var in struct {
		QueueURL            string `json:"QueueUrl"`
		MaxNumberOfMessages int
		VisibilityTimeout   *int
	}
	if err := c.read(&in); err != nil {
		return answer{}, err
	}
	name := in.QueueURL[strings.LastIndexByte(in.QueueURL, '/')+1:]
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	all, exists := s.world.queues[name]
	if !exists {
		return answer{}, refuse("QueueDoesNotExist", "The specified queue does not exist.")
	}
	switch c.Action {
	case "GetQueueAttributes":
		attributes := map[string]string{"ApproximateNumberOfMessages": strconv.Itoa(len(all))}
		if strings.HasSuffix(name, "-redriven") {
			attributes["RedrivePolicy"] = `{"maxReceiveCount":3}`
		}
		return jsonAnswer("application/x-amz-json-1.0", map[string]any{"Attributes": attributes})
	case "ReceiveMessage":
		type message struct {
			MessageID     string `json:"MessageId"`
			ReceiptHandle string
			MD5OfBody     string
			Body          string
		}
		var out struct{ Messages []message }
		hide := 30 * time.Second // the queue's own
		if in.VisibilityTimeout != nil {
			hide = time.Duration(*in.VisibilityTimeout) * time.Second
		}
		now, first := time.Now(), 0
		if !strings.HasSuffix(name, "-stuck") {
			first = s.world.seq
		}
		for n := range all {
			i := (first + n) % len(all)
			hidden := name + "/" + strconv.Itoa(i)
			if len(out.Messages) == min(max(1, in.MaxNumberOfMessages), 10) || now.Before(s.world.hidden[hidden]) {
				continue
			}
			s.world.seq++
			s.world.hidden[hidden] = now.Add(hide)
			sum := md5.Sum([]byte(all[i]))
			out.Messages = append(out.Messages, message{"message-" + strconv.Itoa(i), "r", hex.EncodeToString(sum[:]), all[i]})
		}
		return jsonAnswer("application/x-amz-json-1.0", out)
	}
	return answer{}, refuse("InvalidAction", "The operation %s is not served here", c.Action)
}

// Keys are the keys of a bucket's objects, in order.
func (w *World) Keys(bucketName string) []string {
	w.mu.RLock()
	defer w.mu.RUnlock()
	b := w.buckets[bucketName]
	if b == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(b.versions))
}

// RemoveObject takes an object away, with all its versions.
func (w *World) RemoveObject(bucketName, key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if b := w.buckets[bucketName]; b != nil {
		delete(b.versions, key)
	}
}
