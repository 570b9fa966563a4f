package ec2test

import (
	"bytes"
	"strconv"
	"strings"
)

const iamNamespace = "https://iam.amazonaws.com/doc/2010-05-08/"

// iam answers SimulatePrincipalPolicy with what World.Decide said, and GetRole
// for a role of any name with a path, "/ci/".
func (s *Server) iam(c *call) (answer, error) {
	var b bytes.Buffer
	switch c.Action {
	case "GetRole":
		name := c.Form.Get("RoleName")
		element(&b, "Role", func() {
			leaf(&b, "Path", "/ci/")
			leaf(&b, "RoleName", name)
			leaf(&b, "RoleId", "AROA"+strings.ToUpper(name))
			leaf(&b, "Arn", "arn:aws:iam::"+c.Account+":role/ci/"+name)
			leaf(&b, "CreateDate", "2026-01-01T00:00:00Z")
		})
	case "SimulatePrincipalPolicy":
		if !strings.Contains(c.Form.Get("PolicySourceArn"), ":iam::") {
			return answer{}, refuse("InvalidInput", "Invalid Entity Arn: %s does not clearly define entity type and name.", c.Form.Get("PolicySourceArn"))
		}
		s.world.mu.RLock()
		decisions := s.world.stores.decisions
		s.world.mu.RUnlock()
		element(&b, "EvaluationResults", func() {
			for i := 1; ; i++ {
				action := c.Form.Get("ActionNames.member." + strconv.Itoa(i))
				if action == "" {
					return
				}
				decision := decisions[action]
				if decision == "" {
					decision = "allowed"
				}
				element(&b, "member", func() {
					leaf(&b, "EvalActionName", action)
					leaf(&b, "EvalResourceName", c.Form.Get("ResourceArns.member.1"))
					leaf(&b, "EvalDecision", decision)
				})
			}
		})
		leaf(&b, "IsTruncated", "false")
	default:
		return answer{}, refuse("InvalidAction", "Could not find operation %s", c.Action)
	}
	return c.result(iamNamespace, b.Bytes()), nil
}
