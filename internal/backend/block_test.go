package backend

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const backendBlock = `
terraform {
  required_version = ">= 1.5"
  backend "s3" {
    bucket               = "tf-state"
    key                  = "net.tfstate"
    region               = "eu-west-1"
    dynamodb_table       = "tf-locks"
    use_lockfile         = true
    workspace_key_prefix = "ws"
    skip_region_validation = true
    access_key           = "s3cr3t-a"
    secret_key           = "s3cr3t-s"
    shared_config_files  = ["~/.aws/ci"]
    assume_role = {
      role_arn     = "arn:aws:iam::1:role/state"
      external_id  = "s3cr3t-e"
      session_name = "ci"
      duration     = "1h"
      tags         = { team = "net" }
    }
    endpoints = { sts = "http://u:s3cr3t-p@sts", s3 = "http://s3" }
  }
}
`

func TestBlockIsReadWhereInitWasNotRun(t *testing.T) {
	root := dir(t, map[string]string{"main.tf": `resource "aws_vpc" "x" {}`, "backend.tf": backendBlock})
	got, secrets, err := find(root, env("TF_WORKSPACE", "prod"))
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		Type: "s3", Source: filepath.Join(root, "backend.tf"), Bucket: "tf-state", Key: "net.tfstate", StateKey: "ws/prod/net.tfstate", Region: "eu-west-1",
		DynamoDBTable: "tf-locks", UseLockfile: true, Workspace: "prod", WorkspacePrefix: "ws", S3Endpoint: "http://s3", RoleARN: "arn:aws:iam::1:role/state",
		Identity: &Identity{SessionName: "ci", Duration: "1h", Tags: map[string]string{"team": "net"}, ConfigFiles: []string{"~/.aws/ci"}, STSEndpoint: "http://sts"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if a, s, _ := secrets.Reveal(); a != "s3cr3t-a" || s != "s3cr3t-s" || secrets.ExternalID() != "s3cr3t-e" {
		t.Error("the reader would not get the credentials")
	}
	js, err := json.Marshal(got)
	if err != nil || strings.Contains(string(js), "s3cr3t") {
		t.Errorf("a secret is in the value: %s, %v", js, err)
	}
	// Once init was run, its record is what Terraform uses.
	root = dir(t, map[string]string{"backend.tf": backendBlock, ".terraform/terraform.tfstate": record})
	if got, _, err = find(root, env()); err != nil || got.Key != "env/prod/network.tfstate" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestBackendConfigCompletesTheBlock(t *testing.T) {
	files := map[string]string{
		"main.tf":             "terraform {\n  backend \"s3\" {\n    key = \"net.tfstate\"\n  }\n}\n",
		"prod.tfbackend":      "bucket = \"tf-prod\"\nregion = \"eu-west-1\"\ndynamodb_table = \"locks\"\n",
		"more.tfbackend":      `{"profile": "prod"}`,
		"prod.tfbackend.json": `{"profile": "prod", "use_lockfile": "true"}`,
	}
	root := dir(t, files)
	got, _, err := Where{Dir: root, Env: env(), Configs: []string{"prod.tfbackend", filepath.Join(root, "prod.tfbackend.json"), "region=eu-north-1",
		`assume_role={role_arn="arn:aws:iam::1:role/x", session_name="a=b"}`, "use_path_style=true", "key=other"}}.Locate()
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{Type: "s3", Source: filepath.Join(root, "main.tf"), Bucket: "tf-prod", Key: "other", StateKey: "other", Region: "eu-north-1", DynamoDBTable: "locks",
		UseLockfile: true, UsePathStyle: true, Workspace: "default", WorkspacePrefix: "env:", Profile: "prod", RoleARN: "arn:aws:iam::1:role/x",
		Identity: &Identity{SessionName: "a=b"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// A folder without any configuration is none, but values alone are a backend.
	got, _, err = Where{Dir: t.TempDir(), Configs: []string{"bucket=b", "key=k"}, Workspace: "w", UseLockfile: true, Region: "r"}.Locate()
	if err != nil || got.StateKey != "env:/w/k" || got.Region != "r" || !got.UseLockfile {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestFlagsAreABackendAloneAndOverrideOne(t *testing.T) {
	root := dir(t, map[string]string{".terraform/terraform.tfstate": record})
	got, _, err := Where{Dir: root, Env: env(), Bucket: "b", Key: "k", DynamoDBTable: "t"}.Locate()
	if err != nil || got.Source != "flags" || got.Profile != "" || got.RoleARN != "" || got.DynamoDBTable != "t" || got.Bucket != "b" {
		t.Errorf("%+v, %v", got, err)
	}
	got, _, err = Where{Dir: root, Env: env(), Region: "eu-north-1", Workspace: "w"}.Locate()
	if err != nil || got.Region != "eu-north-1" || got.StateKey != "env:/w/env/prod/network.tfstate" || got.Bucket != "tf-state" {
		t.Errorf("%+v, %v", got, err)
	}
	for _, w := range []Where{{Dir: root, Bucket: "b"}, {Dir: root, Key: "k"}} {
		if _, _, err := w.Locate(); !errors.Is(err, ErrHalf) {
			t.Errorf("%v", err)
		}
	}
	if _, _, err := (Where{Dir: root, Workspace: "a/b"}).Locate(); !errors.Is(err, ErrWorkspace) {
		t.Errorf("%v", err)
	}
}

func TestBlocksThatCannotBeUsedSayWhy(t *testing.T) {
	s3 := func(text string) map[string]string {
		return map[string]string{"main.tf": "terraform {\n  backend \"s3\" {\n" + text + "\n  }\n}\n"}
	}
	for _, c := range []struct {
		name  string
		files map[string]string
		want  Problem
		says  string
	}{
		{"partial", s3(`key = "k"`), ErrBlock, "the bucket or the key is missing"},
		{"a variable", s3(`bucket = var.secret_s3cr3t`), ErrBlock, "line 3: bucket is not a plain value"},
		{"a number for a table", s3("bucket = \"b\"\nkey=\"k\"\ndynamodb_table = [\"s3cr3t\"]"), ErrBlock, "an argument has the wrong type"},
		{"broken", map[string]string{"main.tf": "terraform {"}, ErrBlock, "main.tf"},
		{"no backend", map[string]string{"main.tf": "terraform {}"}, ErrNoBackend, "the state is a local file"},
		{"cloud", map[string]string{"main.tf": "terraform {\n cloud {\n organization = \"x\"\n }\n}"}, ErrOtherBackend, `the backend is "cloud"`},
		{"gcs", map[string]string{"main.tf.json": `{"terraform": {"backend": {"gcs": {"bucket": "b"}}}}`}, ErrOtherBackend, `the backend is "gcs"`},
		{"an override", map[string]string{"main.tf": backendBlock, "override.tf": "terraform {\n backend \"local\" {}\n}"}, ErrOtherBackend, `the backend is "local"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, secrets, err := find(dir(t, c.files), env())
			e, ok := errors.AsType[*Error](err)
			if !ok || !errors.Is(err, c.want) || e.Hint() == "" || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("got %v, want %v: %s", err, c.want, c.says)
			}
			if given(secrets) || strings.Contains(err.Error()+e.Hint(), "s3cr3t\"") {
				t.Error(err)
			}
		})
	}
	if _, _, err := (Where{Dir: dir(t, s3("")), Configs: []string{"use_lockfile=s3cr3t("}}).Locate(); !errors.Is(err, ErrBlock) || strings.Contains(err.Error(), "s3cr3t") {
		t.Error(err)
	}
	if _, _, err := (Where{Dir: dir(t, s3("")), Configs: []string{"nowhere.tfbackend"}}).Locate(); !errors.Is(err, ErrBlock) || !strings.Contains(err.Error(), "nowhere.tfbackend") {
		t.Error(err)
	}
}

func TestEveryOtherBackendHasItsOwnWord(t *testing.T) {
	seen := map[string]string{}
	for _, typ := range []string{"local", "cloud", "gcs", "azurerm", "http", "consul"} {
		text := elsewhere(typ)
		if !strings.Contains(text, "--state") || !strings.Contains(text, "script") || seen[text] != "" {
			t.Errorf("%s: %s", typ, text)
		}
		seen[text] = typ
	}
}

func FuzzBlock(f *testing.F) {
	f.Add(backendBlock, "bucket=b")
	f.Add("terraform {\n backend \"s3\" {\n bucket = \"b\"\n key = \"k\"\n }\n}", "endpoints={s3=\"x\"}")
	f.Fuzz(func(t *testing.T, text, config string) {
		root := dir(t, map[string]string{"main.tf": text})
		c, _, err := Where{Dir: root, Configs: []string{config}}.Locate()
		if err != nil {
			if _, ok := errors.AsType[*Error](err); !ok {
				t.Fatal(err)
			}
			return
		}
		if c.Type != "s3" || c.Bucket == "" || c.Key == "" || c.StateKey == "" {
			t.Fatalf("half a backend: %+v", c)
		}
	})
}
