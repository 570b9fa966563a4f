package cloudtrail

import (
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"reconcile/internal/hint"
	"reconcile/providers"
)

// Who is the run that is looked for.
type Who struct {
	// Role is an IAM role's ARN, path included, or an IAM user's. The form
	// that STS prints (arn:aws:sts::…:assumed-role/NAME/SESSION) is taken too.
	Role string
	// Session is a role session name, an access key id, or several of them with
	// commas between; "" for any.
	Session string
	// Subject is whom an identity provider spoke for when the session began, as
	// the sub of an OIDC token has it; * stands for anything. Keys are those of
	// its sessions, once they are known: see Beginnings.
	Subject string
	Keys    []string
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

// CheckRun refuses a role that cannot be looked for, and one that names another
// session than --session does.
func CheckRun(role, session string) error {
	if !anyIdentity.MatchString(role) {
		return hint.Errorf("give --role arn:aws:iam::ACCOUNT:role/NAME", "--role %q is not the ARN of a role or a user", role)
	}
	m := assumedRole.FindStringSubmatch(role)
	if m == nil || m[4] == "" || session == "" || session == m[4] || len(Who{Session: session}.named()) > 0 {
		return nil
	}
	return hint.Errorf("leave one of them out", "--role names the session %s, and --session %s another", m[4], session)
}

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

// session is the session asked for, from the flag or the STS form of the role:
// one name, or one key. It is "" if any is meant, or several keys.
func (w Who) session() string {
	if keys := w.keys(); len(keys) > 0 {
		if len(keys) == 1 {
			return keys[0]
		}
		return ""
	}
	return w.name()
}

// name is the session name that was asked for, "" for any.
func (w Who) name() string {
	if len(w.named()) > 0 {
		return ""
	}
	if w.Session != "" {
		return w.Session
	}
	if m := assumedRole.FindStringSubmatch(w.Role); m != nil {
		return m[4]
	}
	return ""
}

// named are the access keys that a person named.
func (w Who) named() []string {
	var out []string
	for _, s := range strings.Split(w.Session, ",") {
		if s = strings.TrimSpace(s); !IsAccessKey(s) {
			return nil
		}
		out = append(out, s)
	}
	return out
}

// keys are the only ones that may be meant, nil for any.
func (w Who) keys() []string {
	if named := w.named(); len(named) > 0 {
		return named
	}
	return w.Keys
}

// attribute is by what LookupEvents finds the run's calls and nobody else's: its
// key, or the name of its session or user. The value is "" if none tells.
func (w Who) attribute() (types.LookupAttributeKey, string) {
	name := w.session()
	switch user := iamUser.FindStringSubmatch(w.Role); {
	case IsAccessKey(name):
		return types.LookupAttributeKeyAccessKeyId, name
	case name == "" && user != nil:
		return types.LookupAttributeKeyUsername, user[1]
	}
	return types.LookupAttributeKeyUsername, name
}

// isSession reports whether a call of the role belongs to the session.
func (w Who) isSession(p providers.Principal) bool {
	if (w.Subject != "" || len(w.keys()) > 0) && !slices.Contains(w.keys(), p.AccessKey) {
		return false
	}
	return w.name() == "" || p.Session == w.name()
}

// isSubject reports whether a session that began for somebody is meant.
func (w Who) isSubject(subject string) bool {
	parts := strings.Split(w.Subject, "*")
	if len(parts) == 1 {
		return subject == w.Subject
	}
	rest, ok := strings.CutPrefix(subject, parts[0])
	for _, part := range parts[1 : len(parts)-1] {
		var found bool
		_, rest, found = strings.Cut(rest, part)
		ok = ok && found
	}
	return ok && strings.HasSuffix(rest, parts[len(parts)-1])
}
