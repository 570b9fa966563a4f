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

// refused is why a call failed: lack is what is missing where AWS denied it.
func refused(err error, lack string) string {
	if denied(err) {
		return "denied: " + lack
	}
	return cause(err)
}

func cause(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode() + ": " + oneLine(api.ErrorMessage())
	}
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
