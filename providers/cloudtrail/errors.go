package cloudtrail

import (
	"errors"
	"strings"

	"github.com/aws/smithy-go"

	"reconcile/providers"
)

func denied(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && providers.IsDenied(api.ErrorCode())
}

// refusal reports whether a record's error code is a refusal of the session,
// rather than a fault of the request.
func refusal(code string) bool { return providers.IsRefusal(code) }

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
