package cloudtrail

import (
	"errors"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
)

// Codes by which AWS refuses a call for want of a right, or of a session that
// is still alive. In the trail they tell the session that died.
var (
	deniedCodes  = []string{"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
	expiredCodes = []string{"ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId", "AuthFailure"}
)

func denied(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && slices.Contains(deniedCodes, api.ErrorCode())
}

// refusal reports whether a record's error code is a refusal of the session,
// rather than a fault of the request.
func refusal(code string) bool {
	return slices.Contains(deniedCodes, code) || slices.Contains(expiredCodes, code)
}

func cause(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode() + ": " + strings.Join(strings.Fields(api.ErrorMessage()), " ")
	}
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}
