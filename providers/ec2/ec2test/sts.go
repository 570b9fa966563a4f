package ec2test

import (
	"bytes"
	"fmt"
	"strings"
)

const stsNamespace = "https://sts.amazonaws.com/doc/2011-06-15/"

// sts answers GetCallerIdentity, and AssumeRole (with or without a web identity) with an access key that speaks
// for the role in the role's account.
func (s *Server) sts(c *call) (answer, error) {
	var b bytes.Buffer
	switch c.Action {
	case "GetCallerIdentity":
		leaf(&b, "Arn", c.identity.ARN)
		leaf(&b, "UserId", c.identity.UserID)
		leaf(&b, "Account", c.identity.Account)
	case "AssumeRole", "AssumeRoleWithWebIdentity":
		arn, session := c.Form.Get("RoleArn"), c.Form.Get("RoleSessionName")
		parts := strings.SplitN(arn, ":", 6)
		if len(parts) != 6 || session == "" {
			return answer{}, refuse("ValidationError", "RoleArn and RoleSessionName are needed, RoleArn being the ARN of a role")
		}
		key, who := s.world.assume(parts[4], parts[5], session)
		element(&b, "Credentials", func() {
			leaf(&b, "AccessKeyId", key)
			leaf(&b, "SecretAccessKey", "not-a-secret")
			leaf(&b, "SessionToken", "not-a-token")
			leaf(&b, "Expiration", "2099-01-01T00:00:00Z")
		})
		element(&b, "AssumedRoleUser", func() {
			leaf(&b, "AssumedRoleId", who.UserID)
			leaf(&b, "Arn", who.ARN)
		})
	default:
		return answer{}, refuse("InvalidAction", "Could not find operation %s", c.Action)
	}
	return c.result(stsNamespace, b.Bytes()), nil
}

// result is an answer as IAM and STS frame it.
func (c *call) result(namespace string, body []byte) answer {
	var b bytes.Buffer
	b.WriteString("<" + c.Action + `Response xmlns="` + namespace + `"><` + c.Action + "Result>")
	b.Write(body)
	b.WriteString("</" + c.Action + "Result><ResponseMetadata>")
	leaf(&b, "RequestId", c.id)
	b.WriteString("</ResponseMetadata></" + c.Action + "Response>")
	return xmlAnswer(b.Bytes())
}

// assume makes an access key for a role's session. The session's ARN drops the
// path that the role's has.
func (w *World) assume(account, resource, session string) (string, Identity) {
	name := resource[strings.LastIndex(resource, "/")+1:]
	who := Identity{Account: account, ARN: "arn:aws:sts::" + account + ":assumed-role/" + name + "/" + session, UserID: "AROA" + strings.ToUpper(name) + ":" + session}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seq++
	key := fmt.Sprintf("ASIAASSUMED%09d", w.seq)
	w.identities[key] = who
	return key, who
}
