package cloudtrail

import (
	"regexp"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"reconcile/providers"
)

// Who is the run that is looked for.
type Who struct {
	// Role is an IAM role's ARN, path included, or an IAM user's. The form
	// that STS prints (arn:aws:sts::…:assumed-role/NAME/SESSION) is taken too.
	Role string
	// Session is a role session name or an access key id; "" for any.
	Session string
}

var (
	accessKey   = regexp.MustCompile(`^A[A-Z]IA[A-Z0-9]{12,}$`)
	lasting     = regexp.MustCompile(`^AKIA`)
	iamUser     = regexp.MustCompile(`^arn:[^:]+:iam::\d+:user/(?:.*/)?([^/]+)$`)
	assumedRole = regexp.MustCompile(`^arn:([^:]+):sts::(\d+):assumed-role/([^/]+)(?:/(.*))?$`)
	iamRole     = regexp.MustCompile(`^arn:([^:]+):iam::(\d+):role/(?:.*/)?([^/]+)$`)
	anyIdentity = regexp.MustCompile(`^arn:[^:]+:(iam|sts)::(\d+):(role|user|assumed-role|root)`)
)

// IsAccessKey tells an access key id from a session name.
func IsAccessKey(s string) bool { return accessKey.MatchString(s) }

// ValidRole reports whether s is an ARN that can be looked for.
func ValidRole(s string) bool { return anyIdentity.MatchString(s) }

// AccountOf is the account of a role's or user's ARN, "" if it has none.
func AccountOf(arn string) string {
	if m := anyIdentity.FindStringSubmatch(arn); m != nil {
		return m[2]
	}
	return ""
}

// isRole reports whether a call was made by the role or user, whatever its session.
func (w Who) isRole(p providers.Principal) bool {
	if w.Role == p.ARN {
		return true
	}
	if m := assumedRole.FindStringSubmatch(w.Role); m != nil {
		// The STS form drops the role's path, so only account and name can be compared.
		i := iamRole.FindStringSubmatch(p.ARN)
		return i != nil && i[1] == m[1] && i[2] == m[2] && i[3] == m[3]
	}
	return false
}

// session is the session asked for, from the flag or the STS form of the role.
func (w Who) session() string {
	if w.Session != "" {
		return w.Session
	}
	if m := assumedRole.FindStringSubmatch(w.Role); m != nil {
		return m[4]
	}
	return ""
}

// key is the attribute by which LookupEvents finds the session.
func (w Who) key() types.LookupAttributeKey {
	if IsAccessKey(w.session()) {
		return types.LookupAttributeKeyAccessKeyId
	}
	return types.LookupAttributeKeyUsername
}

// isSession reports whether a call of the role belongs to the session.
func (w Who) isSession(p providers.Principal) bool {
	s := w.session()
	switch {
	case s == "":
		return true
	case IsAccessKey(s):
		return p.AccessKey == s
	default:
		return p.Session == s
	}
}
