package backend

import (
	"encoding/json"
	"path"
	"reflect"
	"strings"
)

// s3Block are the arguments of the S3 backend that reconcile needs. A null
// leaves its field empty. What is not here (skip_…, max_retries, encrypt, kms)
// changes nothing about where the state is or who may read it.
type s3Block struct {
	Bucket             string  `json:"bucket"`
	Key                string  `json:"key"`
	Region             string  `json:"region"`
	DynamoDBTable      string  `json:"dynamodb_table"`
	UseLockfile        flag    `json:"use_lockfile"`
	WorkspaceKeyPrefix *string `json:"workspace_key_prefix"`
	UsePathStyle       flag    `json:"use_path_style"`
	ForcePathStyle     flag    `json:"force_path_style"` // before 1.6
	Endpoint           string  `json:"endpoint"`         // before 1.6
	DynamoDBEndpoint   string  `json:"dynamodb_endpoint"`
	STSEndpoint        string  `json:"sts_endpoint"` // before 1.6
	Endpoints          struct {
		S3       string `json:"s3"`
		DynamoDB string `json:"dynamodb"`
		STS      string `json:"sts"`
	} `json:"endpoints"`
	STSRegion string `json:"sts_region"`
	FIPS      flag   `json:"use_fips_endpoint"`
	DualStack flag   `json:"use_dualstack_endpoint"`

	Profile              string   `json:"profile"`
	ConfigFiles          []string `json:"shared_config_files"`
	CredentialsFiles     []string `json:"shared_credentials_files"`
	CredentialsFile      string   `json:"shared_credentials_file"` // before 1.6
	AccessKey            string   `json:"access_key"`
	SecretKey            string   `json:"secret_key"`
	Token                string   `json:"token"`
	SSECustomerKey       string   `json:"sse_customer_key"`
	AssumeRole           roleArgs `json:"assume_role"`
	AssumeRoleWithWebID  roleArgs `json:"assume_role_with_web_identity"`
	OldRoleARN           string   `json:"role_arn"` // before 1.6, as all that follow
	OldSessionName       string   `json:"session_name"`
	OldExternalID        string   `json:"external_id"`
	OldPolicy            string   `json:"assume_role_policy"`
	OldPolicyARNs        []string `json:"assume_role_policy_arns"`
	OldDurationSeconds   number   `json:"assume_role_duration_seconds"`
	OldTags              tags     `json:"assume_role_tags"`
	OldTransitiveTagKeys []string `json:"assume_role_transitive_tag_keys"`
}

// roleArgs are assume_role and assume_role_with_web_identity.
type roleArgs struct {
	RoleARN           string   `json:"role_arn"`
	SessionName       string   `json:"session_name"`
	ExternalID        string   `json:"external_id"`
	Duration          string   `json:"duration"`
	Policy            string   `json:"policy"`
	PolicyARNs        []string `json:"policy_arns"`
	SourceIdentity    string   `json:"source_identity"`
	Tags              tags     `json:"tags"`
	TransitiveTagKeys []string `json:"transitive_tag_keys"`
	WebToken          string   `json:"web_identity_token"`
	WebTokenFile      string   `json:"web_identity_token_file"`
}

type tags map[string]string

// flag is a bool that may be written as text, which Terraform takes too.
type flag bool

func (f *flag) UnmarshalJSON(b []byte) error {
	if s := strings.Trim(string(b), `"`); s == "true" || s == "false" || s == "null" || s == "" {
		*f = s == "true"
		return nil
	}
	return json.Unmarshal(b, (*bool)(f))
}

// number is a number as text, "" for none.
type number string

func (n *number) UnmarshalJSON(b []byte) error {
	if s := strings.Trim(string(b), `"`); s != "null" {
		*n = number(s)
	}
	return nil
}

// isText reports whether an argument is plain text, as -backend-config
// NAME=VALUE gives it; any other is an expression. What is not known here is
// not looked at.
func isText(name string) bool {
	for f := range reflect.TypeFor[s3Block]().Fields() {
		if f.Tag.Get("json") == name {
			return f.Type.Kind() == reflect.String || f.Type.Kind() == reflect.Pointer
		}
	}
	return true
}

func (in s3Block) role() roleArgs {
	switch {
	case in.AssumeRole.RoleARN != "":
		return in.AssumeRole
	case in.AssumeRoleWithWebID.RoleARN != "":
		return in.AssumeRoleWithWebID
	}
	r := roleArgs{RoleARN: in.OldRoleARN, SessionName: in.OldSessionName, ExternalID: in.OldExternalID, Policy: in.OldPolicy,
		PolicyARNs: in.OldPolicyARNs, Tags: in.OldTags, TransitiveTagKeys: in.OldTransitiveTagKeys}
	if in.OldDurationSeconds != "" {
		r.Duration = string(in.OldDurationSeconds) + "s"
	}
	return r
}

func (in s3Block) secrets() Secrets {
	return newSecrets(secretValues{in.AccessKey, in.SecretKey, in.Token, in.role().ExternalID, in.AssumeRoleWithWebID.WebToken, in.SSECustomerKey})
}

// read fills in an S3 backend from its arguments. What is wrong with them is an
// error of the source that they are from.
func (c *Config) read(args []byte, wrong Problem) (*Config, Secrets, error) {
	var in s3Block
	if json.Unmarshal(args, &in) != nil {
		// The decoder's own text may quote a credential.
		return nil, Secrets{}, &Error{Problem: wrong, File: c.Source, Detail: "an argument has the wrong type"}
	}
	if in.Bucket == "" || in.Key == "" {
		return nil, Secrets{}, &Error{Problem: wrong, File: c.Source, Detail: "the bucket or the key is missing"}
	}
	in.fill(c)
	return c, in.secrets(), nil
}

func (in s3Block) fill(c *Config) {
	c.Bucket, c.Key, c.Region = in.Bucket, in.Key, in.Region
	c.DynamoDBTable, c.UseLockfile = in.DynamoDBTable, bool(in.UseLockfile)
	c.UsePathStyle = bool(in.UsePathStyle || in.ForcePathStyle)
	c.S3Endpoint, c.DynamoDBEndpoint = in.Endpoints.S3, in.Endpoints.DynamoDB
	if c.S3Endpoint == "" {
		c.S3Endpoint = in.Endpoint
	}
	if c.DynamoDBEndpoint == "" {
		c.DynamoDBEndpoint = in.DynamoDBEndpoint
	}
	c.S3Endpoint, c.DynamoDBEndpoint = withoutUser(c.S3Endpoint), withoutUser(c.DynamoDBEndpoint)
	c.Profile = in.Profile
	in.identify(c)
	c.WorkspacePrefix = defaultPrefix
	if in.WorkspaceKeyPrefix != nil {
		c.WorkspacePrefix = *in.WorkspaceKeyPrefix
	}
	c.place()
}

func (in s3Block) identify(c *Config) {
	r := in.role()
	c.RoleARN = r.RoleARN
	id := Identity{ConfigFiles: in.ConfigFiles, CredentialsFiles: in.CredentialsFiles, STSRegion: in.STSRegion, STSEndpoint: in.Endpoints.STS,
		FIPS: bool(in.FIPS), DualStack: bool(in.DualStack)}
	if id.STSEndpoint == "" {
		id.STSEndpoint = in.STSEndpoint
	}
	id.STSEndpoint = withoutUser(id.STSEndpoint)
	if in.CredentialsFile != "" && len(id.CredentialsFiles) == 0 {
		id.CredentialsFiles = []string{in.CredentialsFile}
	}
	if r.RoleARN != "" {
		id.SessionName, id.Duration, id.Policy, id.PolicyARNs = r.SessionName, r.Duration, r.Policy, r.PolicyARNs
		id.SourceIdentity, id.Tags, id.TransitiveTagKeys = r.SourceIdentity, r.Tags, r.TransitiveTagKeys
		id.WebIdentity = in.AssumeRole.RoleARN == "" && in.AssumeRoleWithWebID.RoleARN != ""
		id.WebIdentityTokenFile = r.WebTokenFile
	}
	if !reflect.ValueOf(id).IsZero() {
		c.Identity = &id
	}
}

const defaultPrefix = "env:"

// place settles the state object's key.
func (c *Config) place() {
	c.StateKey = c.KeyOf(c.Workspace)
}

// KeyOf is the key of the state object of another workspace.
func (c Config) KeyOf(workspace string) string {
	if workspace == "" || workspace == DefaultWorkspace {
		return c.Key
	}
	return path.Join(c.WorkspacePrefix, workspace, c.Key)
}
