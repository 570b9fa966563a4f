package ec2

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// Life is how long a session's credentials last.
type Life struct {
	Expires   time.Time // zero: not told
	Temporary bool      // they end, whether or not it is told when
	Refreshed bool      // the SDK gets new ones by itself, and so does Terraform
	Source    string    // as the SDK calls it
	FromEnv   bool
}

// refreshing are the providers that hand out new credentials for as long as the
// machine runs.
var refreshing = map[string]bool{"EC2RoleProvider": true, "CredentialsEndpointProvider": true}

// Life asks the SDK, not AWS.
func (s Session) Life(ctx context.Context) (Life, error) {
	c, err := s.Config.Credentials.Retrieve(ctx)
	if err != nil {
		return Life{}, fmt.Errorf("reading the credentials: %s", clip(lastCause(err)))
	}
	l := Life{Source: c.Source, Temporary: c.CanExpire || c.SessionToken != "" || strings.HasPrefix(c.AccessKeyID, "ASIA"), Refreshed: refreshing[c.Source],
		FromEnv: c.Source == "EnvConfigCredentials"}
	if c.CanExpire {
		l.Expires = c.Expires.UTC()
	}
	return l, nil
}

// Ask is what somebody wants to be allowed: actions on one resource.
type Ask struct {
	Resource string // ARN
	Actions  []string
}

// Right is what IAM's simulation says of one action.
type Right struct {
	Action   string `json:"action"`
	Resource string `json:"resource"`
	Decision string `json:"decision"` // allowed, implicitDeny, explicitDeny
}

// May asks IAM what the policies of the session's role or user allow. Policies
// of the bucket, the table or the organisation can say otherwise.
func (s Session) May(ctx context.Context, asks []Ask) ([]Right, error) {
	client := iam.NewFromConfig(s.Config)
	who, err := s.principal(ctx, client)
	if err != nil {
		return nil, err
	}
	var out []Right
	for _, ask := range asks {
		in := &iam.SimulatePrincipalPolicyInput{PolicySourceArn: &who, ActionNames: ask.Actions, ResourceArns: []string{ask.Resource}}
		pages := iam.NewSimulatePrincipalPolicyPaginator(client, in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, fmt.Errorf("iam:SimulatePrincipalPolicy on %s: %s", who, clip(lastCause(err)))
			}
			for _, r := range page.EvaluationResults {
				decision := string(r.EvalDecision)
				if d := r.OrganizationsDecisionDetail; r.EvalDecision == types.PolicyEvaluationDecisionTypeAllowed && d != nil && !d.AllowedByOrganizations {
					decision = "explicitDeny"
				}
				out = append(out, Right{Action: text(r.EvalActionName), Resource: ask.Resource, Decision: decision})
			}
		}
	}
	return out, nil
}

// principal is the ARN whose policies are asked about. STS drops a role's path,
// which IAM wants.
func (s Session) principal(ctx context.Context, client *iam.Client) (string, error) {
	parts := strings.SplitN(s.Caller.ARN, ":", 6)
	if len(parts) != 6 {
		return "", fmt.Errorf("%s is neither a role nor a user", s.Caller.ARN)
	}
	kind, name, _ := strings.Cut(parts[5], "/")
	switch kind {
	case "user":
		return s.Caller.ARN, nil
	case "assumed-role":
		name, _, _ = strings.Cut(name, "/")
		if out, err := client.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(name)}); err == nil && out.Role != nil {
			return text(out.Role.Arn), nil
		}
		return "arn:" + parts[1] + ":iam::" + parts[4] + ":role/" + name, nil
	}
	return "", fmt.Errorf("%s is neither a role nor a user", s.Caller.ARN)
}
