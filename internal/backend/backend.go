// Package backend says where Terraform keeps a workspace's state and lock. It
// reads files only; internal/backend/s3 asks AWS. No credential that the files
// hold is ever part of a value here.
package backend

import "time"

// Config is where Terraform keeps the state, without any credential.
type Config struct {
	Type             string `json:"type"` // "s3"
	Source           string `json:"source"`
	Bucket           string `json:"bucket"`
	Key              string `json:"key"`       // as configured
	StateKey         string `json:"state_key"` // the object's key, workspace prefix included
	Region           string `json:"region"`
	DynamoDBTable    string `json:"dynamodb_table"`
	UseLockfile      bool   `json:"use_lockfile"`
	Workspace        string `json:"workspace"`
	WorkspacePrefix  string `json:"workspace_key_prefix"`
	UsePathStyle     bool   `json:"use_path_style"`
	S3Endpoint       string `json:"s3_endpoint"`
	DynamoDBEndpoint string `json:"dynamodb_endpoint"`
	Profile          string `json:"profile"`
	RoleARN          string `json:"role_arn"`
}

// Lock is the state lock as it was seen.
type Lock struct {
	Status    string    `json:"status"` // held, none, unknown
	Error     string    `json:"error,omitempty"`
	ID        string    `json:"id,omitempty"`
	Form      string    `json:"form,omitempty"` // dynamodb, s3
	Operation string    `json:"operation,omitempty"`
	Who       string    `json:"who,omitempty"`
	Version   string    `json:"version,omitempty"`
	Created   time.Time `json:"created,omitzero"`
	Path      string    `json:"path,omitempty"`
	Digest    string    `json:"digest,omitempty"` // the -md5 row
}
