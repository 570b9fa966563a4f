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

	// Identity is what else decides who reads the state, nil where nothing does.
	Identity *Identity `json:"identity,omitempty"`
}

// Identity is how the backend becomes who it is, beside a profile and a role's
// ARN. External ids and tokens are in Secrets.
type Identity struct {
	SessionName       string            `json:"session_name,omitempty"`
	Duration          string            `json:"duration,omitempty"` // of the role's session, "1h"
	Policy            string            `json:"policy,omitempty"`
	PolicyARNs        []string          `json:"policy_arns,omitempty"`
	SourceIdentity    string            `json:"source_identity,omitempty"`
	Tags              map[string]string `json:"tags,omitempty"`
	TransitiveTagKeys []string          `json:"transitive_tag_keys,omitempty"`
	// WebIdentity: the role is assumed with a token, not with the caller's keys.
	WebIdentity          bool     `json:"web_identity,omitempty"`
	WebIdentityTokenFile string   `json:"web_identity_token_file,omitempty"`
	ConfigFiles          []string `json:"shared_config_files,omitempty"`
	CredentialsFiles     []string `json:"shared_credentials_files,omitempty"`
	STSEndpoint          string   `json:"sts_endpoint,omitempty"`
	STSRegion            string   `json:"sts_region,omitempty"`
	FIPS                 bool     `json:"use_fips_endpoint,omitempty"`
	DualStack            bool     `json:"use_dualstack_endpoint,omitempty"`
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
