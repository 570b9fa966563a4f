package store_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reconcile/internal/backend"
	"reconcile/internal/backend/s3"
	"reconcile/internal/hint"
	"reconcile/internal/store"
	"reconcile/providers"
	"reconcile/providers/ec2"
	"reconcile/providers/ec2/ec2test"
)

const (
	account = "123456789012"
	region  = "eu-west-1"
	state   = "{\n  \"version\": 4,\n  \"terraform_version\": \"1.11.4\",\n  \"serial\": 7,\n  \"lineage\": \"l-1\",\n  \"outputs\": {},\n  \"resources\": []\n}\n"
)

var at = providers.Place{Account: account, Region: region}

// serve gives a world with a bucket, a table and whoever asks.
func serve(t *testing.T) (*ec2test.World, *ec2test.Server, ec2.Session) {
	t.Helper()
	w := ec2test.NewWorld(account, region)
	w.PutObject("tf-state", "net.tfstate", []byte(state), time.Date(2026, 11, 21, 21, 12, 9, 0, time.UTC))
	if err := w.PutItem(at, "tf-locks"); err != nil {
		t.Fatal(err)
	}
	srv := ec2test.NewServer(w)
	if err := srv.Err(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	s, err := ec2.Open(t.Context(), ec2.Rows(), srv.URL, region)
	if err != nil {
		t.Fatal(err)
	}
	s.Config.HTTPClient = srv.Client()
	return w, srv, s
}

func place(change func(*backend.Config)) *backend.Config {
	b := &backend.Config{Type: "s3", Bucket: "tf-state", Key: "net.tfstate", StateKey: "net.tfstate", Region: region, DynamoDBTable: "tf-locks",
		UseLockfile: true, Workspace: "default", WorkspacePrefix: "env:", UsePathStyle: true}
	if change != nil {
		change(b)
	}
	return b
}

func open(t *testing.T, s ec2.Session, b *backend.Config) store.Store {
	t.Helper()
	got, err := store.Open(t.Context(), s, b, backend.Secrets{})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func digest(t *testing.T, w *ec2test.World, sum string) {
	t.Helper()
	err := w.PutItem(at, "tf-locks", ec2test.Doc{"LockID": ec2test.Doc{"S": "tf-state/net.tfstate-md5"}, "Digest": ec2test.Doc{"S": sum}})
	if err != nil {
		t.Fatal(err)
	}
}

func TestStateIsReadAndHeldAgainstItsDigest(t *testing.T) {
	w, srv, s := serve(t)
	got, o, err := open(t, s, place(nil)).State(t.Context(), "")
	if err != nil || got.Serial != 7 || o.Name != "s3://tf-state/net.tfstate" || o.Digest != "" || !o.Whole() || o.Version == "" {
		t.Fatalf("%+v, %+v, %v", got, o, err)
	}
	sum := o.MD5
	digest(t, w, sum)
	if _, o, err = open(t, s, place(nil)).State(t.Context(), ""); err != nil || o.Digest != sum || !o.Whole() {
		t.Errorf("%+v, %v", o, err)
	}
	digest(t, w, "0123456789abcdef0123456789abcdef")
	srv.Forget()
	if _, o, err = open(t, s, place(nil)).State(t.Context(), ""); err != nil || o.Whole() {
		t.Errorf("%+v, %v", o, err)
	}
	if n := srv.Calls()["s3:GetObject"]; n != 3 {
		t.Errorf("a digest that does not match was looked at %d times: the writer may be between the two", n)
	}
	srv.Deny("GetItem")
	if _, o, err = open(t, s, place(nil)).State(t.Context(), ""); err != nil || o.Doubt == "" {
		t.Errorf("%+v, %v", o, err)
	}
	// The older version has another digest, and none is kept of it.
	w.PutObject("tf-state", "net.tfstate", []byte(strings.Replace(state, "7", "8", 1)), time.Date(2026, 11, 21, 21, 13, 0, 0, time.UTC))
	if got, o, err = open(t, s, place(nil)).State(t.Context(), o.Version); err != nil || got.Serial != 7 || !strings.HasSuffix(o.Name, "?versionId="+o.Version) {
		t.Errorf("%+v, %+v, %v", got, o, err)
	}
	for call, n := range srv.Calls() {
		if n > 0 && strings.Contains(call, "Put") {
			t.Errorf("%s was sent", call)
		}
	}
}

func TestWrongPlaceIsToldWithWhatIsThere(t *testing.T) {
	w, _, s := serve(t)
	w.PutObject("tf-state", "env:/prod/net.tfstate", []byte(state), time.Now())
	w.PutObject("tf-state", "env:/other/another.tfstate", []byte(state), time.Now())
	w.PutObject("elsewhere", "net.tfstate", []byte(state), time.Now())
	w.SetBucketRegion("elsewhere", "eu-north-1")
	for _, c := range []struct {
		name   string
		change func(*backend.Config)
		is     error
		says   []string
	}{
		{"workspace", func(b *backend.Config) { b.Workspace, b.StateKey = "prdo", "env:/prdo/net.tfstate" }, s3.ErrNoState,
			[]string{"the workspace is prdo, and there are states of: default, prod", "terraform workspace select NAME"}},
		{"key", func(b *backend.Config) { b.Key, b.StateKey = "x", "x" }, s3.ErrNoState, []string{"no other workspace has a state of this key", "--state none"}},
		{"bucket", func(b *backend.Config) { b.Bucket = "nowhere" }, s3.ErrNoBucket, []string{"aws sts get-caller-identity"}},
		{"region", func(b *backend.Config) { b.Bucket = "elsewhere" }, nil, []string{"the bucket elsewhere is in eu-north-1, not in eu-west-1", "--backend-region eu-north-1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := open(t, s, place(c.change)).State(t.Context(), "")
			if err == nil || c.is != nil && !errors.Is(err, c.is) {
				t.Fatalf("%v, want %v", err, c.is)
			}
			for _, text := range c.says {
				if !strings.Contains(err.Error()+" | "+hint.Of(err), text) {
					t.Errorf("%v | %s: want %q", err, hint.Of(err), text)
				}
			}
		})
	}
	if _, _, err := open(t, s, place(nil)).State(t.Context(), "nosuch"); !errors.Is(err, s3.ErrNoVersion) {
		t.Error(err)
	}
}

func TestLockTableIsHeldAgainstTerraformsOwn(t *testing.T) {
	w, _, s := serve(t)
	if got, err := open(t, s, place(nil)).Table(t.Context()); err != nil || !got.OK() {
		t.Errorf("%+v, %v", got, err)
	}
	w.SetTableKey(at, "tf-locks", "id")
	r := open(t, s, place(nil))
	if _, err := r.Table(t.Context()); !errors.Is(err, s3.ErrSchema) || !strings.Contains(err.Error(), "its key is id:S, Terraform's is LockID:S") {
		t.Error(err)
	}
	if lock := r.Lock(t.Context()); lock.Status != backend.Unknown || !strings.Contains(lock.Error, "no table of Terraform's locks") {
		t.Errorf("%+v", lock)
	}

	r = open(t, s, place(func(b *backend.Config) { b.DynamoDBTable = "nowhere" }))
	if _, err := r.Table(t.Context()); !errors.Is(err, s3.ErrNoTable) {
		t.Error(err)
	}
}

// The state is read as whoever the backend says: keys, profile, role.
func TestBackendsOwnIdentityReads(t *testing.T) {
	_, srv, s := serve(t)
	dir := t.TempDir()
	config := filepath.Join(dir, "config")
	if err := os.WriteFile(config, []byte("[profile ci]\nregion = us-east-1\naws_access_key_id = AKIAPROFILE000000001\naws_secret_access_key = x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(dir, "none"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(dir, "none"))
	t.Setenv("AWS_ENDPOINT_URL", "")
	for _, c := range []struct {
		name, block, key string
		sts              string // of the call that gives the role
	}{
		{"the caller", `{}`, "ASIARECORDED00000000", ""},
		{"keys of the block", `{"access_key":"AKIABLOCK0000000001","secret_key":"s"}`, "AKIABLOCK0000000001", ""},
		{"a profile", `{"profile":"ci","shared_config_files":["` + config + `"]}`, "AKIAPROFILE000000001", ""},
		{"a role", `{"assume_role":{"role_arn":"arn:aws:iam::999999999999:role/state","external_id":"ext","session_name":"me","duration":"30m"}}`, "ASIAASSUMED", "AssumeRole"},
		{"a role of a profile", `{"profile":"ci","shared_config_files":["` + config + `"],"role_arn":"arn:aws:iam::999999999999:role/state"}`, "ASIAASSUMED", "AssumeRole"},
		{"a web identity", `{"assume_role_with_web_identity":{"role_arn":"arn:aws:iam::999999999999:role/state","web_identity_token":"tok"}}`, "ASIAASSUMED", "AssumeRoleWithWebIdentity"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var block map[string]any
			if err := json.Unmarshal([]byte(c.block), &block); err != nil {
				t.Fatal(err)
			}
			block["bucket"], block["key"], block["region"], block["use_path_style"] = "tf-state", "net.tfstate", region, true
			js, err := json.Marshal(map[string]any{"version": 3, "backend": map[string]any{"type": "s3", "config": block}})
			if err != nil {
				t.Fatal(err)
			}
			root := t.TempDir()
			if err := os.Mkdir(filepath.Join(root, ".terraform"), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(root, ".terraform", "terraform.tfstate"), js, 0o600); err != nil {
				t.Fatal(err)
			}
			b, secrets, err := backend.Where{Dir: root}.Locate()
			if err != nil {
				t.Fatal(err)
			}
			srv.Forget()
			got, err := store.Open(t.Context(), s, b, secrets)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := got.State(t.Context(), ""); err != nil {
				t.Fatal(err)
			}
			for _, r := range srv.Requests() {
				switch {
				case r.Service == "s3" && (!strings.HasPrefix(r.AccessKey, c.key) || r.Region != region):
					t.Errorf("%s was signed by %s for %s, want %s", r.Action, r.AccessKey, r.Region, c.key)
				case r.Service == "sts" && r.Action != "GetCallerIdentity" && r.Action != c.sts:
					t.Errorf("sts:%s was sent", r.Action)
				case r.Action == "AssumeRole" && c.name == "a role" && (r.Form.Get("ExternalId") != "ext" || r.Form.Get("RoleSessionName") != "me" || r.Form.Get("DurationSeconds") != "1800"):
					t.Errorf("the role was asked for with %v", r.Form)
				}
			}
			if c.sts != "" && got.Session.Caller.Account != "999999999999" {
				t.Errorf("the caller is %+v", got.Session.Caller)
			}
		})
	}
}

// A lock table is an account's own: with credentials of another account, an
// empty table of the same name would look like no lock.
func TestRoleThatMayNotBeAssumedIsPassedOverInItsOwnAccountOnly(t *testing.T) {
	_, srv, s := serve(t)
	srv.Deny("AssumeRole")
	got, err := store.Open(t.Context(), s, place(func(b *backend.Config) { b.RoleARN = "arn:aws:iam::" + account + ":role/state" }), backend.Secrets{})
	if err != nil || !strings.Contains(got.Note, "read with your own credentials") {
		t.Fatalf("%q, %v", got.Note, err)
	}
	if _, _, err := got.State(t.Context(), ""); err != nil {
		t.Error(err)
	}
	_, err = store.Open(t.Context(), s, place(func(b *backend.Config) { b.RoleARN = "arn:aws:iam::999999999999:role/state" }), backend.Secrets{})
	if err == nil || !strings.Contains(hint.Of(err), "--backend-bucket") {
		t.Errorf("%v | %s", err, hint.Of(err))
	}
	_, err = store.Open(t.Context(), s, place(func(b *backend.Config) { b.Profile = "no-such-profile" }), backend.Secrets{})
	if err == nil || !strings.Contains(hint.Of(err), "aws configure list-profiles") {
		t.Errorf("%v | %s", err, hint.Of(err))
	}
}

func TestPlaceOfAStateIsParsed(t *testing.T) {
	for in, want := range map[string]store.At{
		"s3://b/k":                       {Bucket: "b", Key: "k"},
		"s3://b/env:/p/net.tfstate":      {Bucket: "b", Key: "env:/p/net.tfstate"},
		"s3://b/a b'$(x)?versionId=v_1.": {Bucket: "b", Key: "a b'$(x)", Version: "v_1."},
	} {
		if got, err := store.Parse(in); err != nil || got != want {
			t.Errorf("%s: %+v, %v", in, got, err)
		}
	}
	for _, bad := range []string{"s3://", "s3://b", "s3://b/", "s3:///k", "s3://b/k?versionId=", "b/k", "s3://b?versionId=x/k"} {
		if got, err := store.Parse(bad); err == nil || hint.Of(err) == "" {
			t.Errorf("%s is taken for %+v", bad, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("s3://b/k?versionId=v")
	f.Fuzz(func(t *testing.T, s string) {
		at, err := store.Parse(s)
		if err == nil && (at.Bucket == "" || at.Key == "" || !strings.HasPrefix(s, "s3://"+at.Bucket+"/"+at.Key)) {
			t.Errorf("%q: %+v", s, at)
		}
	})
}
