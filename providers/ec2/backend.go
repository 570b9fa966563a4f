package ec2

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go/middleware"
)

// As is who the state's backend speaks to AWS as, where that is not the caller.
type As struct {
	Region                        string
	Profile                       string
	ConfigFiles, CredentialsFiles []string
	AccessKey, SecretKey, Token   string // a secret each
	FIPS, DualStack               bool

	Role              string // to assume, "" for none
	ExternalID        string // a secret
	SessionName       string
	Duration          time.Duration
	Policy            string
	PolicyARNs        []string
	SourceIdentity    string
	Tags              map[string]string
	TransitiveTagKeys []string
	WebIdentity       bool   // with a token in place of keys
	WebToken          string // a secret
	WebTokenFile      string
	STSEndpoint       string
	STSRegion         string
}

// own reports whether the caller's own credentials are the backend's.
func (a As) own() bool {
	return a.Profile == "" && a.AccessKey == "" && a.Role == "" && len(a.ConfigFiles) == 0 && len(a.CredentialsFiles) == 0
}

// ForState is the session that reads the backend: its profile, its keys, its
// role on top, as Terraform's S3 backend does it. It may send the reads of the
// state and its lock alone. Where the backend names nobody it is the caller.
func (s Session) ForState(ctx context.Context, as As) (Session, error) {
	cfg := s.Config.Copy()
	if s.tape.Replays() {
		return s.replayed(ctx, cfg, as)
	}
	if as.Profile != "" || len(as.ConfigFiles)+len(as.CredentialsFiles) > 0 {
		more := []func(*config.LoadOptions) error{config.WithRetryer(retryer)}
		if as.Profile != "" {
			more = append(more, config.WithSharedConfigProfile(as.Profile))
		}
		if len(as.ConfigFiles) > 0 {
			more = append(more, config.WithSharedConfigFiles(homes(as.ConfigFiles)))
		}
		if len(as.CredentialsFiles) > 0 {
			more = append(more, config.WithSharedCredentialsFiles(homes(as.CredentialsFiles)))
		}
		loaded, err := config.LoadDefaultConfig(ctx, more...)
		if err != nil {
			return Session{}, misread("reading the backend's AWS configuration", err)
		}
		loaded.Logger = cfg.Logger
		if cfg.HTTPClient != nil {
			loaded.HTTPClient = cfg.HTTPClient
		}
		if loaded.BaseEndpoint == nil {
			loaded.BaseEndpoint = cfg.BaseEndpoint
		}
		if loaded.Region == "" {
			loaded.Region = cfg.Region
		}
		cfg = loaded
	}
	if as.Region != "" {
		cfg.Region = as.Region
	}
	if as.AccessKey != "" {
		cfg.Credentials = credentials.NewStaticCredentialsProvider(as.AccessKey, as.SecretKey, as.Token)
	}
	if as.FIPS || as.DualStack {
		cfg.ConfigSources = append([]any{endpoints{as.FIPS, as.DualStack}}, cfg.ConfigSources...)
	}
	s.forState(&cfg)
	if as.own() {
		return Session{Config: cfg, Caller: s.Caller}, nil
	}
	if as.Role != "" {
		if err := as.assume(&cfg); err != nil {
			return Session{}, err
		}
	}
	caller, err := identify(ctx, stsConfig(cfg, as))
	if err != nil {
		if as.Role != "" {
			return Session{}, &AssumeError{Role: as.Role, Err: err}
		}
		return Session{}, err
	}
	return Session{Config: cfg, Caller: caller}, nil
}

// forState lets through the reads of the state and its lock alone.
func (s Session) forState(cfg *aws.Config) {
	cfg.APIOptions = guarded(s.tape, s.watch, StateReads())
	s.tape.Attach(cfg, "state")
}

// replayed is ForState for a recording, which needs nobody's credentials.
func (s Session) replayed(ctx context.Context, cfg aws.Config, as As) (Session, error) {
	if as.Region != "" {
		cfg.Region = as.Region
	}
	s.forState(&cfg)
	caller := s.Caller
	if !as.own() {
		var err error
		if caller, err = identify(ctx, stsConfig(cfg, as)); err != nil {
			return Session{}, err
		}
	}
	return Session{Config: cfg, Caller: caller}, nil
}

// AssumeError says that the backend's role could not be assumed.
type AssumeError struct {
	Role string
	Err  error
}

func (e *AssumeError) Error() string {
	return fmt.Sprintf("assuming the backend's role %s: %s", e.Role, e.Err)
}
func (e *AssumeError) Unwrap() error { return e.Err }

// assume puts the role's credentials in place. Only this client may send the
// two calls that give them, and they change nothing but who asks.
func (a As) assume(cfg *aws.Config) error {
	asking := stsConfig(*cfg, a)
	asking.APIOptions = []func(*middleware.Stack) error{ReadOnly([]string{sts.ServiceID + ":AssumeRole", sts.ServiceID + ":AssumeRoleWithWebIdentity"}), Pace()}
	client, name := sts.NewFromConfig(asking), a.SessionName
	if name == "" {
		name = "reconcile"
	}
	var arns []types.PolicyDescriptorType
	for _, arn := range a.PolicyARNs {
		arns = append(arns, types.PolicyDescriptorType{Arn: &arn})
	}
	if a.WebIdentity {
		var token stscreds.IdentityTokenRetriever = webToken(a.WebToken)
		if a.WebToken == "" {
			file := a.WebTokenFile
			if file == "" {
				file = os.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE")
			}
			if file == "" {
				return &AssumeError{Role: a.Role, Err: errors.New("it is assumed with a web identity token, and no file of one is named (AWS_WEB_IDENTITY_TOKEN_FILE)")}
			}
			token = stscreds.IdentityTokenFile(home(file))
		}
		cfg.Credentials = aws.NewCredentialsCache(stscreds.NewWebIdentityRoleProvider(client, a.Role, token, func(o *stscreds.WebIdentityRoleOptions) {
			o.RoleSessionName, o.Duration, o.PolicyARNs = name, a.Duration, arns
			if a.Policy != "" {
				o.Policy = &a.Policy
			}
		}))
		return nil
	}
	cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(client, a.Role, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName, o.Duration, o.PolicyARNs, o.TransitiveTagKeys = name, a.Duration, arns, a.TransitiveTagKeys
		for _, f := range []struct {
			to   **string
			from string
		}{{&o.Policy, a.Policy}, {&o.ExternalID, a.ExternalID}, {&o.SourceIdentity, a.SourceIdentity}} {
			if f.from != "" {
				*f.to = &f.from
			}
		}
		for _, k := range slices.Sorted(maps.Keys(a.Tags)) {
			o.Tags = append(o.Tags, types.Tag{Key: &k, Value: aws.String(a.Tags[k])})
		}
	}))
	return nil
}

// stsConfig is the configuration for STS, which has a place of its own.
func stsConfig(cfg aws.Config, a As) aws.Config {
	cfg = cfg.Copy()
	if a.STSRegion != "" {
		cfg.Region = a.STSRegion
	}
	if a.STSEndpoint != "" {
		cfg.BaseEndpoint = &a.STSEndpoint
	}
	return cfg
}

type webToken string

func (t webToken) GetIdentityToken() ([]byte, error) { return []byte(t), nil }

// endpoints answer the SDK's questions for the kinds of endpoints.
type endpoints struct{ fips, dual bool }

func (e endpoints) GetUseFIPSEndpoint(context.Context) (aws.FIPSEndpointState, bool, error) {
	return aws.FIPSEndpointStateEnabled, e.fips, nil
}

func (e endpoints) GetUseDualStackEndpoint(context.Context) (aws.DualStackEndpointState, bool, error) {
	return aws.DualStackEndpointStateEnabled, e.dual, nil
}

// homes spells "~" out, as Terraform does.
func homes(paths []string) []string {
	out := make([]string, len(paths))
	for i, p := range paths {
		out[i] = home(p)
	}
	return out
}

func home(path string) string {
	rest, ok := strings.CutPrefix(path, "~")
	dir, err := os.UserHomeDir()
	if !ok || err != nil || rest != "" && !strings.HasPrefix(rest, string(filepath.Separator)) {
		return path
	}
	return filepath.Join(dir, rest)
}

// SameAccount reports whether the caller is in the account of the backend's
// role, so that its lock table is the one that the caller would see too.
func (s Session) SameAccount(role string) bool {
	parts := strings.SplitN(role, ":", 6)
	return len(parts) == 6 && parts[4] != "" && parts[4] == s.Caller.Account
}
