package ec2test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// refusal is an answer that says no, in AWS's words.
type refusal struct {
	code    string
	message string
	status  int // HTTP
}

func (r *refusal) Error() string { return r.code + ": " + r.message }

func refuse(code, format string, args ...any) *refusal {
	return &refusal{code: code, message: fmt.Sprintf(format, args...), status: statusOf(code)}
}

// statusOf is the HTTP status that AWS sends with a code. CloudTrail throttles
// with 400, which callers of LookupEvents must know.
func statusOf(code string) int {
	switch {
	case code == "RequestLimitExceeded", code == "SlowDown", code == "ServiceUnavailable", code == "Unavailable":
		return http.StatusServiceUnavailable
	case strings.HasPrefix(code, "Internal"):
		return http.StatusInternalServerError
	case code == "UnauthorizedOperation", code == "AccessDenied", code == "AuthFailure", code == "ExpiredToken":
		return http.StatusForbidden
	case code == "PreconditionFailed":
		return http.StatusPreconditionFailed
	case code == "MethodNotAllowed":
		return http.StatusMethodNotAllowed
	case code == "NotImplemented":
		return http.StatusNotImplemented
	case code == "NoSuchKey", code == "NoSuchBucket", code == "NoSuchVersion":
		return http.StatusNotFound
	}
	return http.StatusBadRequest
}

// denied is how each service spells that it may not.
func denied(service, action string) *refusal {
	code := "AccessDenied"
	switch service {
	case "ec2":
		code = "UnauthorizedOperation"
	case "cloudtrail", "dynamodb", "ram", "directconnect", "athena", "sqs":
		code = "AccessDeniedException"
	}
	return refuse(code, "You are not authorized to perform this operation: %s:%s", service, action)
}

// answer is one response before it is written.
type answer struct {
	status int
	header http.Header
	kind   string // Content-Type
	body   []byte
	total  int // Content-Length of a HEAD, which has no body
}

func xmlAnswer(body []byte) answer {
	return answer{status: http.StatusOK, kind: "text/xml;charset=UTF-8", body: body}
}

// refused writes a refusal as the service in question would.
func refused(service, requestID string, r *refusal) answer {
	var b bytes.Buffer
	a := answer{status: r.status, kind: "text/xml;charset=UTF-8"}
	switch service {
	case "cloudtrail", "dynamodb", "ram", "directconnect", "athena", "sqs":
		a.kind = "application/x-amz-json-1.1"
		if service == "ram" { // REST JSON tells the code in a header
			a.kind = "application/json"
			a.header = http.Header{"X-Amzn-Errortype": {r.code}}
		}
		// Two strings always encode.
		a.body, _ = json.Marshal(map[string]string{"__type": r.code, "message": r.message})
		return a
	case "ec2":
		b.WriteString("<Response><Errors><Error>")
		leaf(&b, "Code", r.code)
		leaf(&b, "Message", r.message)
		b.WriteString("</Error></Errors>")
		leaf(&b, "RequestID", requestID)
		b.WriteString("</Response>")
	case "sts", "iam":
		b.WriteString("<ErrorResponse><Error><Type>Sender</Type>")
		leaf(&b, "Code", r.code)
		leaf(&b, "Message", r.message)
		b.WriteString("</Error>")
		leaf(&b, "RequestId", requestID)
		b.WriteString("</ErrorResponse>")
	default:
		a.kind = "application/xml"
		b.WriteString("<Error>")
		leaf(&b, "Code", r.code)
		leaf(&b, "Message", r.message)
		leaf(&b, "RequestId", requestID)
		b.WriteString("</Error>")
	}
	a.body = b.Bytes()
	return a
}
