package cloudtrail

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"reconcile/providers"
)

// The calls that begin a session of a role. All are recorded as reads.
const (
	assumeRole        = "AssumeRole"
	assumeWebIdentity = "AssumeRoleWithWebIdentity"
	assumeSAML        = "AssumeRoleWithSAML"
)

var assuming = []string{assumeRole, assumeWebIdentity, assumeSAML}

const sts = "sts.amazonaws.com"

// Lives of a role's session. AWS gives an hour if nothing was asked for, and
// no session of a role lives longer than the longest.
const (
	usualLife   = time.Hour
	longestLife = 12 * time.Hour
)

// issue is a call that gave out a session's key.
type issue struct {
	event               string
	at                  time.Time
	role, name, subject string
	key                 string
	life                time.Duration
	expires             time.Time
	by                  providers.Principal
}

// issued reads a record as one that gave out a key of a role's session.
func issued(r Record) (issue, bool) {
	if r.Source != sts || r.Error != "" || !slices.Contains(assuming, r.Name) {
		return issue{}, false
	}
	one := func(path string) string {
		if v := r.values(path); len(v) == 1 {
			return v[0]
		}
		return ""
	}
	i := issue{event: r.EventID, at: r.Time, by: r.By, role: one("req.roleArn"), name: one("req.roleSessionName"), key: one("res.credentials.accessKeyId"),
		subject: cmp.Or(r.Subject, one("res.subjectFromWebIdentityToken"))}
	if r.Name == assumeSAML {
		// SAML names no session in its request; who it is about names it.
		arn := one("res.assumedRoleUser.arn")
		i.subject = cmp.Or(r.Subject, one("res.subject"))
		i.name = cmp.Or(i.name, arn[strings.LastIndexByte(arn, '/')+1:])
	}
	if i.key == "" || i.role == "" {
		return issue{}, false
	}
	i.expires = expiration(one("res.credentials.expiration"))
	seconds, err := strconv.Atoi(one("req.durationSeconds"))
	switch {
	case i.expires.After(i.at):
		i.life = i.expires.Sub(i.at).Round(time.Second)
		return i, true
	case err == nil && seconds > 0 && seconds <= int(longestLife/time.Second):
		i.life = time.Duration(seconds) * time.Second
	case err != nil && len(r.values("req.durationSeconds")) == 0:
		i.life = usualLife
	default:
		return i, true
	}
	i.expires = i.at.Add(i.life)
	return i, true
}

// expiration reads when credentials expire, as CloudTrail prints it: a Java
// date in UTC ("Apr 16, 2025, 3:46:56 AM", newer ones with a narrow space), or
// RFC 3339.
func expiration(s string) time.Time {
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r == '\u202f' || r == '\u00a0' {
			return ' '
		}
		return r
	}, s)), " ")
	for _, layout := range []string{"Jan 2, 2006, 3:04:05 PM", "Jan 2, 2006 3:04:05 PM", time.RFC3339} {
		if at, err := time.Parse(layout, s); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}
