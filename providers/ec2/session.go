package ec2

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"

	"reconcile/providers"
)

// ErrNoCredentials says that AWS does not know who asks.
var ErrNoCredentials = errors.New("no usable AWS credentials")

// ErrNoRegion says that nothing tells which region to begin with.
var ErrNoRegion = errors.New("no AWS region")

// Session is one set of credentials, guarded and paced, and whose they are.
type Session struct {
	Config aws.Config
	Caller providers.Caller
}

// Open loads the SDK's own configuration chain (environment, profiles, SSO,
// instance roles, AWS_ENDPOINT_URL…), puts the read-only guard and the pacing
// in front of every client made from it, and asks STS who the caller is.
// fallbackRegion is used where the chain names none.
func Open(ctx context.Context, rows []Row, fallbackRegion string) (Session, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRetryer(retryer))
	if err != nil {
		return Session{}, fmt.Errorf("reading the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		cfg.Region = fallbackRegion
	}
	return open(ctx, rows, cfg)
}

// OpenAt is Open for one endpoint that serves everything, such as a recorded
// incident: nothing of the environment or of any profile is looked at.
func OpenAt(ctx context.Context, rows []Row, endpoint, region string) (Session, error) {
	return open(ctx, rows, aws.Config{Region: region, BaseEndpoint: &endpoint, Retryer: retryer,
		Credentials: credentials.NewStaticCredentialsProvider("ASIARECORDED00000000", "recorded", "")})
}

// OpenProfile is Open for a named profile of the AWS configuration files.
func OpenProfile(ctx context.Context, rows []Row, profile, fallbackRegion string) (Session, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRetryer(retryer), config.WithSharedConfigProfile(profile))
	if err != nil {
		return Session{}, fmt.Errorf("reading the AWS profile %s: %w", profile, err)
	}
	if cfg.Region == "" {
		cfg.Region = fallbackRegion
	}
	return open(ctx, rows, cfg)
}

// Assume returns the session of a role that s may assume. sts:AssumeRole is
// the one call besides the reads, and only this function's client may send it:
// it changes nothing but who asks.
func (s Session) Assume(ctx context.Context, role string) (Session, error) {
	allowed := s.Config.Copy()
	allowed.APIOptions = []func(*middleware.Stack) error{ReadOnly([]string{sts.ServiceID + ":AssumeRole"}), Pace()}
	cfg := s.Config.Copy()
	cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(allowed), role, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = "reconcile"
	}))
	caller, err := identify(ctx, cfg)
	return Session{Config: cfg, Caller: caller}, err
}

func open(ctx context.Context, rows []Row, cfg aws.Config) (Session, error) {
	if cfg.Region == "" {
		return Session{}, ErrNoRegion
	}
	cfg.Logger = logging.Nop{} // an SDK warning is nothing that an engineer on call can act on
	cfg.APIOptions = append(cfg.APIOptions, ReadOnly(AllowList(rows)), Pace())
	caller, err := identify(ctx, cfg)
	return Session{Config: cfg, Caller: caller}, err
}

// retryer tries a throttled call ten times with up to 10 s between, because a
// throttled page must not cost the whole reading, and any other failure four
// times.
func retryer() aws.Retryer {
	return patient{retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = 10
		o.MaxBackoff = 10 * time.Second
		o.RateLimiter = unlimited{}
	})}
}

type patient struct{ *retry.Standard }

// RetryDelay ends the attempts early for what is not throttling.
func (p patient) RetryDelay(attempt int, err error) (time.Duration, error) {
	if attempt >= 4 && !slices.Contains(throttledCodes, Code(err)) {
		return 0, err
	}
	return p.Standard.RetryDelay(attempt, err)
}

// unlimited lifts the SDK's retry quota of 500 tokens: 100 throttled pages
// would use it up, and every later page would then fail on its first refusal.
type unlimited struct{}

func (unlimited) GetToken(context.Context, uint) (func() error, error) {
	return func() error { return nil }, nil
}
func (unlimited) AddTokens(uint) error { return nil }

func identify(ctx context.Context, cfg aws.Config) (providers.Caller, error) {
	out, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		if ctx.Err() != nil {
			return providers.Caller{}, ctx.Err()
		}
		if IsCredentials(err) {
			return providers.Caller{}, fmt.Errorf("%w: %s", ErrNoCredentials, clip(lastCause(err)))
		}
		return providers.Caller{}, fmt.Errorf("asking STS who the caller is: %s", clip(lastCause(err)))
	}
	caller := providers.Caller{Account: text(out.Account), ARN: text(out.Arn), Partition: "aws"}
	if parts := strings.SplitN(caller.ARN, ":", 3); len(parts) == 3 && parts[1] != "" {
		caller.Partition = parts[1]
	}
	return caller, nil
}

// lastCause is the innermost error's text: the SDK wraps it in half a page.
func lastCause(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}
