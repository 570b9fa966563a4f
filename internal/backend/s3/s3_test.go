package s3

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"reconcile/internal/backend"
)

const (
	info  = `{"ID":"lock-1","Operation":"OperationTypeApply","Info":"","Who":"ci@runner","Version":"1.11.4","Created":"2026-11-21T21:18:17.5Z","Path":"tf-state/net.tfstate"}`
	table = "tf-locks"
)

// world is DynamoDB and S3 as one server: what they hold, how they refuse, and
// what was asked.
type world struct {
	rows    map[string]map[string]string // LockID -> attribute -> string
	objects map[string]string            // "/bucket/key" -> body
	refuse  map[string]answer            // LockID or path -> answer

	mu    sync.Mutex
	asked []string
	keys  []string // access keys that signed
}

type answer struct {
	status int
	code   string
	text   string
}

func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	scope := strings.Split(credential, "/")
	if len(scope) < 3 {
		http.Error(rw, "not signed", http.StatusBadRequest)
		return
	}
	w.keys = append(w.keys, scope[0]+" "+scope[2])
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		w.dynamo(rw, r, target)
		return
	}
	w.asked = append(w.asked, r.Method+" "+r.URL.Path)
	refused, ok := w.refuse[r.URL.Path]
	body, found := w.objects[r.URL.Path]
	if !ok && !found {
		refused, ok = answer{404, "NoSuchKey", "The specified key does not exist."}, true
	}
	if ok {
		rw.Header().Set("Content-Type", "application/xml")
		rw.WriteHeader(refused.status)
		if r.Method != http.MethodHead {
			fmt.Fprintf(rw, "<Error><Code>%s</Code><Message>%s</Message><RequestId>REQ-ID</RequestId></Error>", refused.code, refused.text)
		}
		return
	}
	rw.Header().Set("Last-Modified", "Sat, 21 Nov 2026 21:12:09 GMT")
	rw.Header().Set("X-Amz-Version-Id", "v-17")
	rw.Header().Set("Content-Length", fmt.Sprint(len(body)))
	io.WriteString(rw, body)
}

func (w *world) dynamo(rw http.ResponseWriter, r *http.Request, target string) {
	var in struct {
		TableName      string
		ConsistentRead bool
		Key            map[string]struct{ S string }
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	id := in.Key["LockID"].S
	w.asked = append(w.asked, fmt.Sprintf("%s %s %s consistent=%t", strings.TrimPrefix(target, "DynamoDB_20120810."), in.TableName, id, in.ConsistentRead))
	rw.Header().Set("Content-Type", "application/x-amz-json-1.0")
	if a, ok := w.refuse[id]; ok {
		rw.WriteHeader(a.status)
		json.NewEncoder(rw).Encode(map[string]string{"__type": "com.amazonaws.dynamodb.v20120810#" + a.code, "message": a.text})
		return
	}
	row, ok := w.rows[id]
	if !ok {
		io.WriteString(rw, "{}")
		return
	}
	item := map[string]map[string]string{"LockID": {"S": id}}
	for name, value := range row {
		item[name] = map[string]string{"S": value}
	}
	json.NewEncoder(rw).Encode(map[string]any{"Item": item})
}

// reader returns a Reader whose backend is at w, and has the forms that are
// named.
func reader(t *testing.T, w *world, forms ...string) Reader {
	t.Helper()
	srv := httptest.NewServer(w)
	t.Cleanup(srv.Close)
	b := &backend.Config{
		Type: "s3", Bucket: "tf-state", Key: "net.tfstate", StateKey: "net.tfstate", Region: "eu-west-1",
		UsePathStyle: true, S3Endpoint: srv.URL, DynamoDBEndpoint: srv.URL,
	}
	if slices.Contains(forms, backend.DynamoDB) {
		b.DynamoDBTable = table
	}
	b.UseLockfile = slices.Contains(forms, backend.S3)
	return New(caller(), b, backend.Secrets{})
}

func caller() aws.Config {
	return aws.Config{
		Region: "us-east-1", RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("CALLER", "secret", ""),
	}
}

const (
	row    = "tf-state/net.tfstate"
	digest = "tf-state/net.tfstate-md5"
	file   = "/tf-state/net.tfstate.tflock"
)

func held(form string) backend.Lock {
	return backend.Lock{
		Status: backend.Held, Form: form, ID: "lock-1", Operation: "OperationTypeApply", Who: "ci@runner",
		Version: "1.11.4", Path: row, Created: time.Date(2026, 11, 21, 21, 18, 17, 5e8, time.UTC),
	}
}

func with(l backend.Lock, change func(*backend.Lock)) backend.Lock { change(&l); return l }

func TestLockIsSeenAsItIs(t *testing.T) {
	const ddb, s3 = backend.DynamoDB, backend.S3
	lockRow := map[string]map[string]string{row: {"Info": info}}
	digestRow := map[string]map[string]string{digest: {"Digest": "5fa7"}}
	both := map[string]map[string]string{row: {"Info": info}, digest: {"Digest": "5fa7"}}
	lockFile := map[string]string{file: info}
	otherFile := map[string]string{file: strings.Replace(info, "lock-1", "lock-2", 1)}
	denied := answer{400, "AccessDeniedException", "User: arn:aws:sts::1:assumed-role/ops/me is not authorized to perform: dynamodb:GetItem"}
	deniedS3 := answer{403, "AccessDenied", "Access Denied"}
	const listNote = "; without s3:ListBucket a file that is not there looks the same"
	fileDenied := "the lock file s3://tf-state/net.tfstate.tflock: access denied: Access Denied" + listNote

	for _, c := range []struct {
		name  string
		w     *world
		forms []string
		want  backend.Lock
	}{
		{"no form configured", &world{rows: both, objects: lockFile}, nil, backend.Lock{Status: backend.NotHeld}},
		{"row held", &world{rows: both}, []string{ddb}, with(held(ddb), func(l *backend.Lock) { l.Digest = "5fa7" })},
		{"row held, never a digest", &world{rows: lockRow}, []string{ddb}, held(ddb)},
		{"only the digest", &world{rows: digestRow}, []string{ddb}, backend.Lock{Status: backend.NotHeld, Form: ddb, Digest: "5fa7"}},
		{"nothing", &world{}, []string{ddb}, backend.Lock{Status: backend.NotHeld, Form: ddb}},
		{"row without Info", &world{rows: map[string]map[string]string{row: {"Digest": "x"}}}, []string{ddb}, backend.Lock{
			Status: backend.NotHeld, Form: ddb,
			Error: "the lock table has a row for this state without Info: it is not a lock, but Terraform cannot take one while it is there",
		}},
		{"Info of another tool", &world{rows: map[string]map[string]string{row: {"Info": "locked"}}}, []string{ddb},
			backend.Lock{Status: backend.Held, Form: ddb, Error: backend.ErrLockInfo.Error()}},
		{"row denied", &world{refuse: map[string]answer{row: denied}}, []string{ddb},
			backend.Lock{Status: backend.Unknown, Form: ddb, Error: "the lock table tf-locks: access denied: " + denied.text}},
		{"digest denied", &world{rows: lockRow, refuse: map[string]answer{digest: denied}}, []string{ddb}, with(held(ddb), func(l *backend.Lock) {
			l.Error = "the digest could not be read: the lock table tf-locks: access denied: " + denied.text
		})},
		{"no table", &world{refuse: map[string]answer{row: {400, "ResourceNotFoundException", "Requested resource not found"}}}, []string{ddb},
			backend.Lock{Status: backend.Unknown, Form: ddb, Error: "the lock table tf-locks: the table does not exist in eu-west-1"}},
		{"expired", &world{refuse: map[string]answer{row: {400, "ExpiredTokenException", "The security token\n included in the request is expired"}}}, []string{ddb},
			backend.Lock{Status: backend.Unknown, Form: ddb, Error: "the lock table tf-locks: ExpiredTokenException: The security token included in the request is expired"}},
		{"file held", &world{objects: lockFile}, []string{s3}, held(s3)},
		{"no file", &world{rows: both}, []string{s3}, backend.Lock{Status: backend.NotHeld, Form: s3}},
		{"file denied", &world{refuse: map[string]answer{file: deniedS3}}, []string{s3},
			backend.Lock{Status: backend.Unknown, Form: s3, Error: fileDenied}},
		{"no bucket", &world{refuse: map[string]answer{file: {404, "NoSuchBucket", "The specified bucket does not exist"}}}, []string{s3},
			backend.Lock{Status: backend.Unknown, Form: s3, Error: "the lock file s3://tf-state/net.tfstate.tflock: the bucket does not exist"}},
		{"other region", &world{refuse: map[string]answer{file: {301, "PermanentRedirect", "x"}}}, []string{s3},
			backend.Lock{Status: backend.Unknown, Form: s3, Error: "the lock file s3://tf-state/net.tfstate.tflock: the bucket is not in eu-west-1"}},
		{"both held", &world{rows: both, objects: lockFile}, []string{ddb, s3}, with(held(ddb), func(l *backend.Lock) { l.Digest = "5fa7" })},
		{"file held, row not yet", &world{rows: digestRow, objects: lockFile}, []string{ddb, s3}, with(held(s3), func(l *backend.Lock) { l.Digest = "5fa7" })},
		{"two holders", &world{rows: lockRow, objects: otherFile}, []string{ddb, s3}, with(held(ddb), func(l *backend.Lock) {
			l.Error = "the s3 lock is held too, by another holder: lock-2"
		})},
		{"row held, file denied", &world{rows: lockRow, refuse: map[string]answer{file: deniedS3}}, []string{ddb, s3}, with(held(ddb), func(l *backend.Lock) { l.Error = fileDenied })},
		{"row none, file denied", &world{refuse: map[string]answer{file: deniedS3}}, []string{ddb, s3},
			backend.Lock{Status: backend.Unknown, Form: s3, Error: fileDenied}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := reader(t, c.w, c.forms...).Lock(t.Context())
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOnlyConfiguredFormsAreAskedAndOnlyWithReads(t *testing.T) {
	for _, c := range []struct {
		forms []string
		want  []string
	}{
		{nil, nil},
		{[]string{backend.DynamoDB}, []string{
			"GetItem tf-locks tf-state/net.tfstate consistent=true",
			"GetItem tf-locks tf-state/net.tfstate-md5 consistent=true",
		}},
		{[]string{backend.S3}, []string{"GET /tf-state/net.tfstate.tflock"}},
	} {
		w := &world{}
		reader(t, w, c.forms...).Lock(t.Context())
		if diff := cmp.Diff(c.want, w.asked); diff != "" {
			t.Errorf("%v: %s", c.forms, diff)
		}
	}
}

func TestBackendsRegionIsUsed(t *testing.T) {
	w := &world{}
	if lock := reader(t, w, backend.DynamoDB, backend.S3).Lock(t.Context()); lock.Status != backend.NotHeld {
		t.Errorf("%+v", lock)
	}
	if diff := cmp.Diff([]string{"CALLER eu-west-1", "CALLER eu-west-1", "CALLER eu-west-1"}, w.keys); diff != "" {
		t.Errorf("the requests are for another region: %s", diff)
	}
}

func TestNoAnswerIsUnknownNeverNone(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	url := srv.URL
	srv.Close()
	for _, b := range []backend.Config{
		{Bucket: "b", StateKey: "k", DynamoDBTable: table, DynamoDBEndpoint: url, Region: "eu-west-1"},
		{Bucket: "b", StateKey: "k", UseLockfile: true, S3Endpoint: url, UsePathStyle: true, Region: "eu-west-1"},
	} {
		got := New(caller(), &b, backend.Secrets{}).Lock(t.Context())
		if got.Status != backend.Unknown || !strings.Contains(got.Error, "no answer: dial tcp") {
			t.Errorf("%+v", got)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := reader(t, &world{}, backend.DynamoDB).Lock(ctx); got.Status != backend.Unknown || !strings.Contains(got.Error, "interrupted") {
		t.Errorf("%+v", got)
	}
}

func TestAnswerThatIsNotTheServicesIsUnknown(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "<html>proxy</html>")
	}))
	t.Cleanup(srv.Close)
	b := &backend.Config{Bucket: "b", StateKey: "k", DynamoDBTable: table, DynamoDBEndpoint: srv.URL, Region: "eu-west-1"}
	if got := New(caller(), b, backend.Secrets{}).Lock(t.Context()); got.Status != backend.Unknown || got.Error == "" {
		t.Errorf("%+v", got)
	}
}

func TestStateObjectIsDated(t *testing.T) {
	const path = "/tf-state/net.tfstate"
	w := &world{objects: map[string]string{path: "twelve bytes"}}
	modified, size, version, err := reader(t, w).StateObject(t.Context())
	if err != nil || size != 12 || version != "v-17" || !modified.Equal(time.Date(2026, 11, 21, 21, 12, 9, 0, time.UTC)) {
		t.Errorf("%v, %d, %q, %v", modified, size, version, err)
	}
	if diff := cmp.Diff([]string{"HEAD " + path}, w.asked); diff != "" {
		t.Error(diff)
	}
	for name, c := range map[string]struct {
		w    *world
		want error
		says string
	}{
		"no state":  {&world{}, ErrNoState, "the state s3://tf-state/net.tfstate: no state was ever written there"},
		"no bucket": {&world{refuse: map[string]answer{path: {404, "NoSuchBucket", "x"}}}, ErrNoBucket, "the bucket does not exist"},
		"denied":    {&world{refuse: map[string]answer{path: {403, "AccessDenied", "x"}}}, ErrDenied, "access denied"},
	} {
		_, _, _, err := reader(t, c.w).StateObject(t.Context())
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "REQ-ID") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDenialNamesTheBackendsOwnRole(t *testing.T) {
	w := &world{refuse: map[string]answer{row: {400, "AccessDeniedException", "no"}}}
	r := reader(t, w, backend.DynamoDB)
	r.backend.RoleARN = "arn:aws:iam::1:role/state"
	if got := r.Lock(t.Context()); !strings.Contains(got.Error, "the backend assumes arn:aws:iam::1:role/state") {
		t.Error(got.Error)
	}
}
