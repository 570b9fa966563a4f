package backend

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// record is what terraform init writes, nulls and credentials included.
const record = `{"version":3,"terraform_version":"1.11.4","backend":{"type":"s3","config":{
 "access_key":"s3cr3t-a","acl":null,"assume_role":{"role_arn":"arn:aws:iam::1:role/state","external_id":"s3cr3t-e"},
 "bucket":"tf-state","dynamodb_table":"tf-locks","encrypt":null,"endpoint":null,
 "endpoints":{"dynamodb":"http://u:s3cr3t-p@127.0.0.1:1/","iam":null,"s3":"http://127.0.0.1:2","sso":null,"sts":null},
 "force_path_style":null,"key":"env/prod/network.tfstate","profile":"prod","region":"eu-west-1","role_arn":null,
 "secret_key":"s3cr3t-s","token":"s3cr3t-t","use_lockfile":true,"use_path_style":true,"workspace_key_prefix":null},"hash":1234}}`

func dir(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func env(kv ...string) func(string) string {
	return func(name string) string {
		for n := 0; n < len(kv); n += 2 {
			if kv[n] == name {
				return kv[n+1]
			}
		}
		return ""
	}
}

func find(root string, env func(string) string) (*Config, Secrets, error) {
	return Where{Dir: root, Env: env}.Locate()
}

func s3Record(config string) map[string]string {
	return map[string]string{".terraform/terraform.tfstate": `{"version":3,"backend":{"type":"s3","config":` + config + `}}`}
}

// given reports whether the backend block holds credentials.
func given(s Secrets) bool {
	accessKey, secretKey, token := s.Reveal()
	return accessKey+secretKey+token != ""
}

func TestBackendBlockIsReadWithoutItsCredentials(t *testing.T) {
	root := dir(t, map[string]string{".terraform/terraform.tfstate": record})
	c, secrets, err := find(root, env())
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		Type: "s3", Source: filepath.Join(root, ".terraform", "terraform.tfstate"),
		Bucket: "tf-state", Key: "env/prod/network.tfstate", StateKey: "env/prod/network.tfstate",
		Region: "eu-west-1", DynamoDBTable: "tf-locks", UseLockfile: true,
		Workspace: "default", WorkspacePrefix: "env:", UsePathStyle: true,
		S3Endpoint: "http://127.0.0.1:2", DynamoDBEndpoint: "http://127.0.0.1:1/",
		Profile: "prod", RoleARN: "arn:aws:iam::1:role/state",
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
	if a, s, tok := secrets.Reveal(); a != "s3cr3t-a" || s != "s3cr3t-s" || tok != "s3cr3t-t" {
		t.Error("the reader would not get the credentials")
	}
	if diff := cmp.Diff(LockPath{
		Row:       "tf-state/env/prod/network.tfstate",
		DigestRow: "tf-state/env/prod/network.tfstate-md5",
		File:      "env/prod/network.tfstate.tflock",
		MutexRow:  "tf-state/env/prod/network.tfstate-reconcile",
		MutexFile: "env/prod/network.tfstate.tflock-reconcile",
	}, c.LockPath()); diff != "" {
		t.Error(diff)
	}
}

func TestCredentialsCannotBePrinted(t *testing.T) {
	s := newSecrets(secretValues{"s3cr3t", "s3cr3t", "s3cr3t", "s3cr3t", "s3cr3t", "s3cr3t"})
	type wrapped struct {
		Public Secrets
		inside Secrets
		ptr    *Secrets
	}
	w := wrapped{s, s, &s}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "s", s, "w", w)
	js, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	out := log.String() + string(js) + s.String() + s.GoString() + fmt.Sprint(s, w, &s, &w, errors.New(s.String()))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%p", "%T"} {
		out += fmt.Sprintf(verb, s) + fmt.Sprintf(verb, w) + fmt.Sprintf(verb, &w) + fmt.Sprintf(verb, []Secrets{s})
	}
	if strings.Contains(out, "s3cr3t") || strings.Contains(out, fmt.Sprintf("%x", "s3cr3t")) {
		t.Errorf("a credential is printed: %s", out)
	}
	if given(Secrets{}) {
		t.Error("no credentials are said to be some")
	}
}

func TestStateKeyFollowsTheWorkspace(t *testing.T) {
	for _, c := range []struct {
		name, config, file, variable string
		workspace, key               string
	}{
		{"none said", `{"bucket":"b","key":"net/prod.tfstate"}`, "", "", "default", "net/prod.tfstate"},
		{"default said", `{"bucket":"b","key":"k"}`, "default", "", "default", "k"},
		{"file", `{"bucket":"b","key":"net/prod.tfstate"}`, "staging", "", "staging", "env:/staging/net/prod.tfstate"},
		{"file with a line break", `{"bucket":"b","key":"k"}`, "staging\n", "", "staging", "env:/staging/k"},
		{"variable over file", `{"bucket":"b","key":"k"}`, "staging", "prod", "prod", "env:/prod/k"},
		{"own prefix", `{"bucket":"b","key":"k","workspace_key_prefix":"ws"}`, "x", "", "x", "ws/x/k"},
		{"empty prefix", `{"bucket":"b","key":"k","workspace_key_prefix":""}`, "x", "", "x", "x/k"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := s3Record(c.config)
			if c.file != "" {
				files[".terraform/environment"] = c.file
			}
			got, _, err := find(dir(t, files), env("TF_WORKSPACE", c.variable))
			if err != nil {
				t.Fatal(err)
			}
			if got.Workspace != c.workspace || got.StateKey != c.key {
				t.Errorf("workspace %s, key %s; want %s, %s", got.Workspace, got.StateKey, c.workspace, c.key)
			}
		})
	}
}

func TestOlderBlocksAndTheEnvironmentAreHonoured(t *testing.T) {
	old := s3Record(`{"bucket":"b","key":"k","endpoint":"http://s3","dynamodb_endpoint":"http://ddb","force_path_style":true,"role_arn":"arn:r"}`)
	c, _, err := find(dir(t, old), env("AWS_DEFAULT_REGION", "eu-central-1", "AWS_ENDPOINT_URL_S3", "http://other"))
	if err != nil {
		t.Fatal(err)
	}
	if c.S3Endpoint != "http://s3" || c.DynamoDBEndpoint != "http://ddb" || !c.UsePathStyle || c.RoleARN != "arn:r" || c.Region != "eu-central-1" {
		t.Errorf("%+v", c)
	}
	c, _, err = find(dir(t, s3Record(`{"bucket":"b","key":"k","region":"r"}`)), env("AWS_REGION", "x", "AWS_DYNAMODB_ENDPOINT", "http://u:p@d"))
	if err != nil || c.Region != "r" || c.DynamoDBEndpoint != "http://d" {
		t.Errorf("%+v, %v", c, err)
	}
	root := dir(t, map[string]string{"elsewhere/terraform.tfstate": record})
	if c, _, err = find(root, env("TF_DATA_DIR", "elsewhere")); err != nil || c.Bucket != "tf-state" {
		t.Errorf("TF_DATA_DIR: %+v, %v", c, err)
	}
}

func TestWithoutAnS3BackendItSaysWhatThereIs(t *testing.T) {
	other := func(typ string) map[string]string {
		return map[string]string{
			".terraform/terraform.tfstate": `{"version":3,"backend":{"type":"` + typ + `","config":{"password":"s3cr3t"},"hash":1}}`,
			".terraform/environment":       "w",
		}
	}
	for _, c := range []struct {
		name  string
		files map[string]string
		want  Problem
		typ   string // "" for no Config
	}{
		{"no .terraform", nil, ErrNotInitialised, ""},
		{".terraform is a file", map[string]string{".terraform": ""}, ErrNotInitialised, ""},
		{"no record", map[string]string{".terraform/environment": "w"}, ErrNoBackend, "local"},
		{"no backend in the record", map[string]string{".terraform/terraform.tfstate": `{"version":3}`, ".terraform/environment": "w"}, ErrNoBackend, "local"},
		{"local", other("local"), ErrOtherBackend, "local"},
		{"cloud", other("cloud"), ErrOtherBackend, "cloud"},
		{"gcs", other("gcs"), ErrOtherBackend, "gcs"},
		{"http", other("http"), ErrOtherBackend, "http"},
		{"cut off", map[string]string{".terraform/terraform.tfstate": record[:300]}, ErrRecord, ""},
		{"empty", map[string]string{".terraform/terraform.tfstate": ""}, ErrRecord, ""},
		{"too large", map[string]string{".terraform/terraform.tfstate": strings.Repeat(" ", maxRecord+1)}, ErrRecord, ""},
		{"no config", map[string]string{".terraform/terraform.tfstate": `{"backend":{"type":"s3"}}`}, ErrRecord, ""},
		{"no key", s3Record(`{"bucket":"b","secret_key":"s3cr3t"}`), ErrRecord, ""},
		{"a table that is a list", s3Record(`{"bucket":"b","key":"k","dynamodb_table":["s3cr3t"]}`), ErrRecord, ""},
		{"workspace out of its place", map[string]string{".terraform/environment": "../x"}, ErrWorkspace, ""},
		{"workspace with a blank", map[string]string{".terraform/environment": "s3cr3t x"}, ErrWorkspace, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, secrets, err := find(dir(t, c.files), env())
			e, ok := errors.AsType[*Error](err)
			if !ok || !errors.Is(err, c.want) || e.Hint() == "" {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if given(secrets) || strings.Contains(err.Error(), "s3cr3t") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v", err)
			}
			if c.typ == "" {
				if got != nil {
					t.Errorf("%+v", got)
				}
				return
			}
			if diff := cmp.Diff(&Config{Type: c.typ, Workspace: "w", Source: e.File}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzParseRecord(f *testing.F) {
	f.Add([]byte(record), "default")
	f.Add([]byte(`{"backend":{"type":"s3","config":{"bucket":"b","key":"k"}}}`), "w")
	f.Add([]byte(`{"backend":{"type":"cloud"}}`), "w")
	f.Fuzz(func(t *testing.T, b []byte, workspace string) {
		c, secrets, err := parseRecord(b, "file", workspace)
		if err != nil {
			if _, ok := errors.AsType[*Error](err); !ok || given(secrets) {
				t.Fatalf("%v", err)
			}
			return
		}
		if c.Type != "s3" || c.Bucket == "" || c.Key == "" || c.StateKey == "" {
			t.Fatalf("half a backend: %+v", c)
		}
		_, secret, _ := secrets.Reveal()
		if js, err := json.Marshal(c); err != nil || len(secret) > 20 && strings.Contains(string(js), secret) {
			t.Fatalf("%s, %v", js, err)
		}
	})
}
