package ec2

import (
	"context"
	"errors"
	"regexp"
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

	"reconcile/internal/hint"
	"reconcile/providers"
	"reconcile/providers/tape"
	"reconcile/providers/watch"
)

// ErrNoCredentials says that AWS does not know who asks.
var ErrNoCredentials = errors.New("no usable AWS credentials")

// errNoProfile says that the files of the AWS CLI do not know a profile.
var errNoProfile = errors.New("there is no such AWS profile")

// ErrNoRegion says that nothing tells which region to begin with.
var ErrNoRegion = errors.New("no AWS region")

// Session is one set of credentials, guarded and paced, and whose they are.
type Session struct {
	Config aws.Config
	Caller providers.Caller
	tape   *tape.Tape // nil: neither recorded nor replayed
	watch  watch.Func // nil: nobody does
}

// Open loads the SDK's own configuration chain (environment, profiles, SSO,
// instance roles, AWS_ENDPOINT_URL…), puts the read-only guard and the pacing
// in front of every client made from it, and asks STS who the caller is.
// fallbackRegion is used where the chain names none. A tape in the context
// (package tape) records what is asked, or answers instead of AWS; a watcher
// (package watch) is told of each call. An endpoint, "" for AWS itself, serves
// everything, as for a recorded incident: then nothing of the environment or of
// any profile is looked at.
func Open(ctx context.Context, rows []Row, endpoint, fallbackRegion string) (Session, error) {
	if endpoint != "" {
		return open(ctx, rows, "own", aws.Config{Region: fallbackRegion, BaseEndpoint: &endpoint, Retryer: retryer,
			Credentials: credentials.NewStaticCredentialsProvider("ASIARECORDED00000000", "recorded", "")})
	}
	return load(ctx, rows, "own", fallbackRegion, "reading the AWS configuration")
}

// load reads a configuration. as is its name on a tape.
func load(ctx context.Context, rows []Row, as, fallbackRegion, doing string, more ...func(*config.LoadOptions) error) (Session, error) {
	if tape.From(ctx).Replays() {
		return open(ctx, rows, as, aws.Config{})
	}
	cfg, err := config.LoadDefaultConfig(ctx, append(more, config.WithRetryer(retryer))...)
	if err != nil {
		err = misread(doing, err)
		if t := tape.From(ctx); t != nil {
			t.Open(as, "", err)
		}
		return Session{}, err
	}
	if cfg.Region == "" {
		cfg.Region = fallbackRegion
	}
	return open(ctx, rows, as, cfg)
}

// OpenProfile is Open for a named profile of the AWS configuration files.
func OpenProfile(ctx context.Context, rows []Row, profile, fallbackRegion string) (Session, error) {
	s, err := load(ctx, rows, "profile "+profile, fallbackRegion, "reading the AWS configuration", config.WithSharedConfigProfile(profile))
	if err != nil && !errors.Is(err, errNoProfile) { // which names the profile already
		err = hint.Errorf("check with: aws sts get-caller-identity --profile "+profile, "profile %s: %w", profile, err)
	}
	return s, err
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
	if s.tape.Replays() {
		cfg.Credentials = s.Config.Credentials
	}
	s.tape.Attach(&cfg, "role "+role)
	caller, err := identify(ctx, cfg)
	return Session{cfg, caller, s.tape, s.watch}, err
}

func open(ctx context.Context, rows []Row, as string, cfg aws.Config) (Session, error) {
	t, w := tape.From(ctx), watch.From(ctx)
	switch {
	case t.Replays():
		region, err := t.Reopen(as)
		if err != nil {
			return Session{}, err
		}
		cfg = aws.Config{Region: region, Retryer: atOnce, Credentials: credentials.NewStaticCredentialsProvider("ASIARECORDED00000000", "recorded", "")}
	case t != nil:
		t.Open(as, cfg.Region, nil)
	}
	if cfg.Region == "" {
		return Session{}, hint.Errorf("set AWS_REGION, or give --region", "%w", ErrNoRegion)
	}
	cfg.Logger = logging.Nop{} // an SDK warning is nothing that an engineer on call can act on
	cfg.APIOptions = append(cfg.APIOptions, guarded(t, w, AllowList(rows))...)
	t.Attach(&cfg, as)
	caller, err := identify(ctx, cfg)
	return Session{cfg, caller, t, w}, err
}

// guarded lets only some operations through, at AWS's pace. A recording needs
// none.
func guarded(t *tape.Tape, w watch.Func, allowed []string) []func(*middleware.Stack) error {
	out := append(w.Options(), ReadOnly(allowed))
	if !t.Replays() {
		out = append(out, Pace())
	}
	return out
}

// atOnce is retryer for a recording: as many attempts, since errors tell how
// many there were, and nothing to wait for.
func atOnce() aws.Retryer { return hasty{retryer()} }

type hasty struct{ aws.Retryer }

func (h hasty) RetryDelay(attempt int, err error) (time.Duration, error) {
	_, err = h.Retryer.RetryDelay(attempt, err)
	return 0, err
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
	if attempt >= 4 && !slices.Contains(throttledCodes, code(err)) {
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
		if isCredentials(err) {
			return providers.Caller{}, hint.Errorf("log in first (aws sso login, or set AWS_PROFILE), then check with: aws sts get-caller-identity",
				"%w: %s", ErrNoCredentials, clip(missing(err)))
		}
		if at := unanswered(err); at != "" {
			return providers.Caller{}, hint.Errorf("check the network, AWS_REGION and AWS_ENDPOINT_URL, then: aws sts get-caller-identity",
				"asking STS who the caller is: no answer from %s: %s", at, clip(silence(err)))
		}
		return providers.Caller{}, hint.Errorf("check with: aws sts get-caller-identity", "asking STS who the caller is: %s", clip(lastCause(err)))
	}
	caller := providers.Caller{Account: text(out.Account), ARN: text(out.Arn), Partition: "aws"}
	if parts := strings.SplitN(caller.ARN, ":", 3); len(parts) == 3 && parts[1] != "" {
		caller.Partition = parts[1]
	}
	return caller, nil
}

// misread is the error of a configuration of the SDK's that cannot be read.
func misread(doing string, err error) error {
	if none, ok := errors.AsType[config.SharedConfigProfileNotExistError](err); ok {
		return hint.Errorf("aws configure list-profiles names those there are", "%s: %w: %s", doing, errNoProfile, none.Profile)
	}
	return hint.Errorf("check with: aws configure list", "%s: %s", doing, clip(lastCause(err)))
}

// missing says why there are no credentials. Where the SDK found none in any
// place, its last cause tells of the last place only.
func missing(err error) string {
	if text := lastCause(err); !strings.Contains(text, "EC2 IMDS") {
		return text
	}
	return "neither the environment nor a profile has any, and no machine gives any"
}

// asked finds the host in the text of an error of package http. A recording
// keeps the texts alone.
var asked = regexp.MustCompile(`[:,] [A-Z][a-z]+ "https?://([^/"?]+)[^"]*": `)

// unanswered is the host that did not answer, "" where that is not what failed.
func unanswered(err error) string {
	m := asked.FindStringSubmatch(err.Error())
	if m == nil {
		return ""
	}
	return m[1]
}

// silence says why nobody answers: no more of a look-up than what it came to.
func silence(err error) string {
	text := lastCause(err)
	if strings.HasPrefix(text, "lookup ") {
		return text[strings.LastIndex(text, ": ")+2:]
	}
	return text
}

// lastCause is the innermost error's text: the SDK wraps it in half a page.
func lastCause(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return strings.TrimPrefix(err.Error(), "api error ")
		}
		err = next
	}
}
