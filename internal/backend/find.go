package backend

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"syscall"

	"reconcile/internal/tfdir"
)

// DefaultWorkspace is the workspace that every configuration has.
const DefaultWorkspace = "default"

// maxRecord is far above what Terraform writes.
const maxRecord = 1 << 20

// Where is all that a person can say of where the state is kept. The zero value
// is the folder ".", as terraform init left it.
type Where struct {
	Dir string              `json:"-"`
	Env func(string) string `json:"-"` // os.Getenv, or what stands for it
	// Configs are terraform init's -backend-config: files, or NAME=VALUE. With
	// any, the block in the configuration is read, not init's record.
	Configs []string
	// The rest overrides what is found; a bucket with a key is a backend alone.
	Bucket, Key, Region, DynamoDBTable, Workspace string
	UseLockfile                                   bool
}

// In is w for a folder and an environment.
func (w Where) In(dir string, env func(string) string) Where {
	w.Dir, w.Env = dir, env
	return w
}

// Named is what finds the backend of a report again: what a person had said of
// it, nothing where the folder tells.
func (c Config) Named() Where {
	if c.Source != "flags" {
		return Where{}
	}
	return Where{Bucket: c.Bucket, Key: c.Key, Region: c.Region, DynamoDBTable: c.DynamoDBTable, Workspace: cmp.Or(c.Workspace, DefaultWorkspace), UseLockfile: c.UseLockfile}
}

// Locate reads where the configuration in Dir keeps its state: the record that
// `terraform init` left in DIR/.terraform/terraform.tfstate (TF_DATA_DIR is
// honoured), else the backend block in *.tf, and the workspace from TF_WORKSPACE
// or DIR/.terraform/environment.
//
// Where there is no S3 backend the error is an *Error, and the Config is nil
// (ErrNoFolder, ErrNotInitialised, ErrRecord, ErrBlock, ErrWorkspace) or holds only Type,
// Source and Workspace (ErrNoBackend, ErrOtherBackend): a caller can say so and
// go on.
func (w Where) Locate() (*Config, Secrets, error) {
	if w.Env == nil {
		w.Env = func(string) string { return "" }
	}
	data := tfdir.Data(w.Dir, w.Env)
	workspace, err := w.workspace(data)
	if err != nil {
		return nil, Secrets{}, err
	}
	c, secrets, err := w.find(data, workspace)
	if err != nil {
		return c, secrets, err
	}
	w.override(c)
	fillFromEnv(c, w.Env)
	return c, secrets, nil
}

// find chooses the source: what a person says, init's record, the block.
func (w Where) find(data, workspace string) (*Config, Secrets, error) {
	switch {
	case w.Bucket != "" && w.Key != "":
		in := s3Block{Bucket: w.Bucket, Key: w.Key}
		c := &Config{Type: "s3", Source: "flags", Workspace: workspace}
		in.fill(c)
		return c, Secrets{}, nil
	case w.Bucket != "" || w.Key != "":
		return nil, Secrets{}, &Error{Problem: ErrHalf, File: "--backend-bucket, --backend-key"}
	case len(w.Configs) > 0:
		return w.block(workspace)
	}
	file := filepath.Join(data, "terraform.tfstate")
	b, err := readSmall(file)
	switch {
	case err == nil:
		return parseRecord(b, file, workspace)
	case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR):
		return nil, Secrets{}, &Error{Problem: ErrRecord, File: file, Detail: reason(err)}
	}
	c, secrets, err := w.block(workspace)
	initialised := isFolder(data)
	switch {
	case errors.Is(err, ErrNotInitialised) && initialised, errors.Is(err, ErrNoBackend) && initialised:
		return &Config{Type: "local", Source: file, Workspace: workspace}, Secrets{}, &Error{Problem: ErrNoBackend, File: file}
	case errors.Is(err, ErrNotInitialised) && !isFolder(w.Dir):
		return nil, Secrets{}, &Error{Problem: ErrNoFolder, File: w.Dir}
	case errors.Is(err, ErrNotInitialised):
		return nil, Secrets{}, &Error{Problem: ErrNotInitialised, File: data}
	}
	return c, secrets, err
}

func isFolder(path string) bool {
	info, err := os.Stat(cmp.Or(path, "."))
	return err == nil && info.IsDir()
}

// override puts a person's words in place of what was found.
func (w Where) override(c *Config) {
	for _, v := range []struct {
		to   *string
		from string
	}{{&c.Region, w.Region}, {&c.DynamoDBTable, w.DynamoDBTable}, {&c.Workspace, w.Workspace}} {
		if v.from != "" {
			*v.to = v.from
		}
	}
	c.UseLockfile = c.UseLockfile || w.UseLockfile
	c.place()
}

func (w Where) workspace(data string) (string, error) {
	name, from := w.Workspace, "--backend-workspace"
	if name == "" {
		name, from = w.Env("TF_WORKSPACE"), "TF_WORKSPACE"
	}
	if name == "" {
		from = filepath.Join(data, "environment")
		b, err := readSmall(from)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
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
	var record struct {
		Backend *struct {
			Type   string          `json:"type"`
			Config json.RawMessage `json:"config"`
		} `json:"backend"`
	}
	if json.Unmarshal(b, &record) != nil {
		// The decoder's own text may quote a credential.
		return nil, Secrets{}, &Error{Problem: ErrRecord, File: file, Detail: "it is not the JSON that terraform init writes"}
	}
	c := &Config{Type: "local", Source: file, Workspace: workspace}
	if record.Backend == nil || record.Backend.Type == "" {
		return c, Secrets{}, &Error{Problem: ErrNoBackend, File: file}
	}
	if c.Type = record.Backend.Type; c.Type != "s3" {
		return c, Secrets{}, &Error{Problem: ErrOtherBackend, File: file, Type: c.Type, Detail: fmt.Sprintf("the backend is %q", c.Type)}
	}
	return c.read(record.Backend.Config, ErrRecord)
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
