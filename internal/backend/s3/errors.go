package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"reconcile/internal/hint"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// What AWS says is not there.
var (
	ErrNoState  = errors.New("no state was ever written there, or it was deleted")
	ErrNoBucket = errors.New("the bucket does not exist")
	ErrNoTable  = errors.New("the table does not exist")
	ErrDenied   = errors.New("access denied")
	ErrSchema   = errors.New("it is no table of Terraform's locks")

	errSilent = errors.New("no answer")
)

// ElsewhereError is a bucket that says that it is in another region.
type ElsewhereError struct{ Bucket, Asked, Region string }

func (e *ElsewhereError) Error() string {
	return "the bucket " + e.Bucket + " is in " + e.Region + ", not in " + e.Asked
}

// Hint says what to type.
func (e *ElsewhereError) Hint() string {
	return "the backend's region is wrong: correct it in the backend block and terraform init -reconfigure, or give --backend-region " + e.Region
}

// explain says in one line why what could not be read, and what to type.
func (r Reader) explain(err error, what string) error {
	return advise(r.said(err, what))
}

// advise adds what to type where that follows from what AWS said.
func advise(err error) error {
	next := ""
	switch {
	case errors.Is(err, ErrNoBucket):
		next = "check the bucket's name and whose credentials these are: aws sts get-caller-identity"
	case errors.Is(err, ErrNoTable):
		next = "check the table's name, its region (--backend-region) and whose account this is: aws sts get-caller-identity"
	case errors.Is(err, ErrSchema):
		next = "check the table's name: dynamodb_table in the backend block, or --backend-dynamodb-table"
	case errors.Is(err, ErrDenied):
		next = "reconcile policy prints the rights that it needs"
	case errors.Is(err, errSilent):
		next = "check the network and the backend's region"
	}
	if next == "" {
		return err
	}
	return hint.Errorf(next, "%w", err)
}

// said is what AWS said. Request ids are left out: the same answer gives the
// same text.
func (r Reader) said(err error, what string) error {
	where := ""
	if r.backend.Region != "" {
		where = " in " + r.backend.Region
	}
	c, said := code(err), message(err)
	if region := elsewhere(err); region != "" && region != r.backend.Region {
		return fmt.Errorf("%s: %w", what, &ElsewhereError{r.backend.Bucket, r.backend.Region, region})
	}
	switch {
	case c == "ValidationException" && strings.Contains(said, "key element"):
		return fmt.Errorf("%s: %w: %s", what, ErrSchema, said)
	case c == "ResourceNotFoundException":
		return fmt.Errorf("%s: %w%s", what, ErrNoTable, where)
	case c == "NoSuchBucket":
		return fmt.Errorf("%s: %w", what, ErrNoBucket)
	case strings.HasPrefix(c, "AccessDenied"), c == "Forbidden", httpStatus(err) == http.StatusForbidden && c == "":
		return fmt.Errorf("%s: %w%s", what, ErrDenied, r.deniedBecause(said))
	case c == "PermanentRedirect", c == "MovedPermanently", c == "AuthorizationHeaderMalformed":
		return fmt.Errorf("%s: the bucket is not%s", what, where)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s: no answer in time: %w", what, context.DeadlineExceeded)
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%s: interrupted: %w", what, context.Canceled)
	case c != "":
		return fmt.Errorf("%s: %s", what, join(c, said))
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("%s: %w: %s", what, errSilent, oneLine(e.Err.Error()))
	}
	if e, ok := errors.AsType[*smithy.OperationError](err); ok {
		err = e.Err
	}
	return fmt.Errorf("%s: %s", what, oneLine(err.Error()))
}

// deniedBecause adds AWS's own words, and whose credentials Terraform would
// have used.
func (r Reader) deniedBecause(said string) string {
	out := ""
	if said != "" {
		out = ": " + said
	}
	switch b := r.backend; {
	case b.RoleARN != "":
		out += " (the backend assumes " + b.RoleARN + ")"
	case b.Profile != "":
		out += " (the backend uses the profile " + b.Profile + ")"
	}
	return out
}

func code(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok && e.ErrorCode() != "UnknownError" {
		return e.ErrorCode()
	}
	return ""
}

func message(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok && e.ErrorCode() != "UnknownError" {
		return oneLine(e.ErrorMessage())
	}
	return ""
}

func httpStatus(err error) int {
	if e, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		return e.HTTPStatusCode()
	}
	return 0
}

func join(code, said string) string {
	if said == "" {
		return code
	}
	return code + ": " + said
}

// oneLine makes a foreign text fit for a sentence.
func oneLine(s string) string {
	const most = 400
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return s
}

// elsewhere is the region that S3 says the bucket is in where it was asked in
// another.
func elsewhere(err error) string {
	e, ok := errors.AsType[*smithyhttp.ResponseError](err)
	if !ok || e.HTTPResponse() == nil {
		return ""
	}
	switch e.HTTPStatusCode() {
	case http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusBadRequest:
		return e.HTTPResponse().Header.Get("X-Amz-Bucket-Region")
	}
	return ""
}
