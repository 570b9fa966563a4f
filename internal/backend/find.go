package backend

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
)

// DefaultWorkspace is the workspace that every configuration has.
const DefaultWorkspace = "default"

// maxRecord is far above what Terraform writes.
const maxRecord = 1 << 20

// Find reads where the configuration in dir keeps its state: the record that
// `terraform init` left in DIR/.terraform/terraform.tfstate (TF_DATA_DIR is
// honoured), and the workspace from TF_WORKSPACE or DIR/.terraform/environment.
// env is os.Getenv, or what stands for it.
//
// Where there is no S3 backend the error is an *Error, and the Config is nil
// (ErrNotInitialised, ErrRecord, ErrWorkspace) or holds only Type, Source and
// Workspace (ErrNoBackend, ErrOtherBackend): a caller can say so and go on.
func Find(dir string, env func(string) string) (*Config, Secrets, error) {
	data := env("TF_DATA_DIR")
	if data == "" {
		data = ".terraform"
	}
	if !filepath.IsAbs(data) {
		data = filepath.Join(dir, data)
	}
	if info, err := os.Stat(data); err != nil || !info.IsDir() {
		return nil, Secrets{}, &Error{Problem: ErrNotInitialised, File: data}
	}
	workspace, err := findWorkspace(data, env)
	if err != nil {
		return nil, Secrets{}, err
	}
	file := filepath.Join(data, "terraform.tfstate")
	b, err := readSmall(file)
	if errors.Is(err, fs.ErrNotExist) {
		return &Config{Type: "local", Source: file, Workspace: workspace}, Secrets{},
			&Error{Problem: ErrNoBackend, File: file}
	}
	if err != nil {
		return nil, Secrets{}, &Error{Problem: ErrRecord, File: file, Detail: reason(err)}
	}
	c, secrets, err := parseRecord(b, file, workspace)
	if c != nil && c.Type == "s3" && err == nil {
		fillFromEnv(c, env)
	}
	return c, secrets, err
}

func findWorkspace(data string, env func(string) string) (string, error) {
	name, from := env("TF_WORKSPACE"), "TF_WORKSPACE"
	if name == "" {
		from = filepath.Join(data, "environment")
		b, err := readSmall(from)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", &Error{Problem: ErrRecord, File: from, Detail: reason(err)}
		}
		name = string(bytes.TrimSpace(b))
	}
	if name == "" {
		return DefaultWorkspace, nil
	}
	// Terraform's own rule (validWorkspaceName). The name becomes part of the
	// state's key.
	if url.PathEscape(name) != name || name == "." || name == ".." {
		return "", &Error{Problem: ErrWorkspace, File: from}
	}
	return name, nil
}

// fillFromEnv adds what the backend takes from the environment where the block
// does not say it.
func fillFromEnv(c *Config, env func(string) string) {
	for _, v := range []struct {
		field *string
		names []string
	}{
		{&c.Region, []string{"AWS_REGION", "AWS_DEFAULT_REGION"}},
		{&c.S3Endpoint, []string{"AWS_ENDPOINT_URL_S3", "AWS_S3_ENDPOINT"}},
		{&c.DynamoDBEndpoint, []string{"AWS_ENDPOINT_URL_DYNAMODB", "AWS_DYNAMODB_ENDPOINT"}},
	} {
		for _, name := range v.names {
			if *v.field == "" {
				*v.field = env(name)
			}
		}
	}
	c.S3Endpoint, c.DynamoDBEndpoint = withoutUser(c.S3Endpoint), withoutUser(c.DynamoDBEndpoint)
}

// withoutUser drops a name and password from a URL.
func withoutUser(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil {
		return ""
	}
	if u.User == nil {
		return endpoint
	}
	u.User = nil
	return u.String()
}

// parseRecord reads .terraform/terraform.tfstate: version 3, not a state. It
// holds every argument of the backend block, credentials and nulls included.
func parseRecord(b []byte, file, workspace string) (*Config, Secrets, error) {
	broken := func(detail string) (*Config, Secrets, error) {
		return nil, Secrets{}, &Error{Problem: ErrRecord, File: file, Detail: detail}
	}
	var record struct {
		Backend *struct {
			Type   string          `json:"type"`
			Config json.RawMessage `json:"config"`
		} `json:"backend"`
	}
	if json.Unmarshal(b, &record) != nil {
		// The decoder's own text may quote a credential.
		return broken("it is not the JSON that terraform init writes")
	}
	c := &Config{Type: "local", Source: file, Workspace: workspace}
	if record.Backend == nil || record.Backend.Type == "" {
		return c, Secrets{}, &Error{Problem: ErrNoBackend, File: file}
	}
	if c.Type = record.Backend.Type; c.Type != "s3" {
		return c, Secrets{}, &Error{Problem: ErrOtherBackend, File: file, Detail: fmt.Sprintf("the backend is %q", c.Type)}
	}
	var in s3Block
	if json.Unmarshal(record.Backend.Config, &in) != nil {
		return broken("an argument of the backend has the wrong type")
	}
	if in.Bucket == "" || in.Key == "" {
		return broken("the bucket or the key is missing")
	}
	in.fill(c)
	return c, newSecrets(in.AccessKey, in.SecretKey, in.Token), nil
}

// s3Block are the arguments of the S3 backend that reconcile needs. A null
// leaves its field empty.
type s3Block struct {
	Bucket             string  `json:"bucket"`
	Key                string  `json:"key"`
	Region             string  `json:"region"`
	DynamoDBTable      string  `json:"dynamodb_table"`
	UseLockfile        bool    `json:"use_lockfile"`
	WorkspaceKeyPrefix *string `json:"workspace_key_prefix"`
	UsePathStyle       bool    `json:"use_path_style"`
	ForcePathStyle     bool    `json:"force_path_style"` // before 1.6
	Endpoint           string  `json:"endpoint"`         // before 1.6
	DynamoDBEndpoint   string  `json:"dynamodb_endpoint"`
	Endpoints          struct {
		S3       string `json:"s3"`
		DynamoDB string `json:"dynamodb"`
	} `json:"endpoints"`
	Profile    string `json:"profile"`
	RoleARN    string `json:"role_arn"` // before 1.6
	AssumeRole struct {
		RoleARN string `json:"role_arn"`
	} `json:"assume_role"`
	AccessKey string `json:"access_key"`
	SecretKey string `json:"secret_key"`
	Token     string `json:"token"`
}

func (in s3Block) fill(c *Config) {
	c.Bucket, c.Key, c.Region = in.Bucket, in.Key, in.Region
	c.DynamoDBTable, c.UseLockfile = in.DynamoDBTable, in.UseLockfile
	c.UsePathStyle = in.UsePathStyle || in.ForcePathStyle
	c.S3Endpoint, c.DynamoDBEndpoint = in.Endpoints.S3, in.Endpoints.DynamoDB
	if c.S3Endpoint == "" {
		c.S3Endpoint = in.Endpoint
	}
	if c.DynamoDBEndpoint == "" {
		c.DynamoDBEndpoint = in.DynamoDBEndpoint
	}
	c.S3Endpoint, c.DynamoDBEndpoint = withoutUser(c.S3Endpoint), withoutUser(c.DynamoDBEndpoint)
	c.Profile, c.RoleARN = in.Profile, in.AssumeRole.RoleARN
	if c.RoleARN == "" {
		c.RoleARN = in.RoleARN
	}
	c.WorkspacePrefix = "env:"
	if in.WorkspaceKeyPrefix != nil {
		c.WorkspacePrefix = *in.WorkspaceKeyPrefix
	}
	c.StateKey = in.Key
	if c.Workspace != DefaultWorkspace {
		c.StateKey = path.Join(c.WorkspacePrefix, c.Workspace, in.Key)
	}
}

func readSmall(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxRecord+1))
	if err == nil && len(b) > maxRecord {
		return nil, errors.New("it is too large")
	}
	return b, err
}

// reason is an error of the file system without the path, which the message
// names already.
func reason(err error) string {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}
