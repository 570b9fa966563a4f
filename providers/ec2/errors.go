package ec2

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/smithy-go"

	"reconcile/providers"
)

// Codes of EC2 and STS that say what kind of failure it is. EC2 spells its own
// NotFound codes irregularly, so those live in the rows.
var (
	deniedCodes    = []string{"UnauthorizedOperation", "AccessDenied", "AccessDeniedException", "OptInRequired", "Blocked"}
	throttledCodes = []string{"RequestLimitExceeded", "Throttling", "ThrottlingException", "RequestThrottled", "TooManyRequestsException", "EC2ThrottledException", "SlowDown"}
	expiredCodes   = []string{"ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure", "SignatureDoesNotMatch", "InvalidSignatureException"}
)

// code returns the API error code of err, "" if it is not one.
func code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

// isCredentials reports whether err says that the caller's credentials are
// missing, wrong or expired.
func isCredentials(err error) bool {
	if slices.Contains(expiredCodes, code(err)) {
		return true
	}
	s := err.Error()
	return strings.Contains(s, "get credentials") || strings.Contains(s, "failed to refresh cached credentials") ||
		strings.Contains(s, "no EC2 IMDS role found") || strings.Contains(s, "failed to load SSO")
}

// status classifies a failed read. Nothing here ever means "absent".
func status(err error) providers.Status {
	code := code(err)
	switch {
	case slices.Contains(deniedCodes, code):
		return providers.Denied
	case slices.Contains(throttledCodes, code):
		return providers.Throttled
	}
	return providers.Failed
}

// short is one line for a person: what failed, and the IAM action to ask for
// where that is the reason. AWS's own text can hold an encoded authorization
// message of a thousand characters.
func short(action string, err error) string {
	code := code(err)
	switch {
	case errors.Is(err, context.Canceled):
		return "interrupted"
	case code == "OptInRequired" || code == "Blocked":
		return fmt.Sprintf("denied (%s): the account may not use EC2 in this region", code)
	case status(err) == providers.Denied:
		return fmt.Sprintf("denied (%s): the caller's policy lacks %s", code, action)
	case status(err) == providers.Throttled:
		return fmt.Sprintf("throttled (%s) after every retry", code)
	case code != "":
		api, _ := errors.AsType[smithy.APIError](err)
		return fmt.Sprintf("%s: %s", code, clip(api.ErrorMessage()))
	}
	return clip(err.Error())
}

func clip(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 200 {
		return string(r[:199]) + "…"
	}
	return s
}
