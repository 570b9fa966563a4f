package render

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"al.essio.dev/pkg/shellescape"

	"reconcile/internal/backend"
	"reconcile/internal/plan"
)

// backendData renders where the state, its lock, its digest and the script's
// mutex are. Terraform names them after the state object: see LockInfo.Path
// and the -md5 row of its S3 backend.
func backendData(a *assign, r *plan.Report) {
	b := backend.Config{}
	if r.Backend != nil {
		b = *r.Backend
	}
	b.StateKey = cmp.Or(b.StateKey, b.Key)
	s3, at := b.Type == "s3", b.LockPath()
	names, values, plains := recorded(b)
	a.text("BACKEND_TYPE", b.Type)
	a.list("BACKEND_NAMES", names)
	a.list("BACKEND_VALUES", values)
	a.list("BACKEND_PLAIN", plains)
	a.text("WORKSPACE", cmp.Or(b.Workspace, "default"))
	a.text("SHOW_WORKSPACE", clean(cmp.Or(b.Workspace, "default")))
	a.text("BUCKET", b.Bucket)
	a.text("STATE_OBJECT", b.StateKey)
	a.text("STATE_ARN", fmt.Sprintf("arn:%s:s3:::%s", cmp.Or(r.Caller.Partition, "aws"), at.Row))
	a.text("TABLE", b.DynamoDBTable)
	a.text("BACKEND_ROLE", b.RoleARN)
	request, renew := roleRequest(b)
	a.text("ROLE_REQUEST", request)
	a.number("ROLE_RENEW", uint64(renew/time.Second))
	a.list("ROLE_OPTS", roleOptions(b))
	s3Opts, ddbOpts := options(b, b.S3Endpoint), options(b, b.DynamoDBEndpoint)
	if b.RoleARN != "" {
		// The role's keys are given by the environment, and a profile would win.
		b.Profile = ""
		s3Opts, ddbOpts = options(b, b.S3Endpoint), options(b, b.DynamoDBEndpoint)
	}
	a.list("S3_OPTS", s3Opts)
	a.list("DDB_OPTS", ddbOpts)

	l := r.Lock
	held := l.Status == "held"
	form, forms := "none", []string{}
	if s3 && b.DynamoDBTable != "" {
		forms = append(forms, "dynamodb")
	}
	if s3 && b.UseLockfile {
		forms = append(forms, "s3")
	}
	if s3 && (l.Form == "s3" || l.Form == "dynamodb" && b.DynamoDBTable != "") {
		form = l.Form
	}
	a.flag("LOCK_SEEN", held)
	a.text("LOCK_ID", l.ID)
	a.text("SHOW_LOCK_ID", clean(shellescape.Quote(l.ID)))
	a.text("SHOW_LOCK", clean(fmt.Sprintf("%s, held by %s since %s", l.ID, cmp.Or(l.Who, "somebody not told"), stamp(l.Created))))
	a.text("LOCK_FORM", form)
	a.list("LOCK_FORMS", forms)
	a.text("LOCK_ROW_JSON", literal(at.Row))
	a.text("LOCK_OBJECT", at.File)
	a.text("DIGEST_ROW_JSON", literal(at.DigestRow))
	a.text("SHOW_DIGEST_ROW", clean(at.DigestRow))
	a.text("DIGEST_REPAIR", repair(b.DynamoDBTable, at.DigestRow, ddbOpts))

	switch {
	case s3 && b.DynamoDBTable != "":
		a.text("MUTEX_FORM", "dynamodb")
		a.text("MUTEX_REMOVE", command([]string{"aws", "dynamodb", "delete-item", "--table-name", b.DynamoDBTable, "--key", lockKey(at.MutexRow)}, ddbOpts))
	case s3:
		a.text("MUTEX_FORM", "s3")
		a.text("MUTEX_REMOVE", command([]string{"aws", "s3api", "delete-object", "--bucket", b.Bucket, "--key", at.MutexFile}, s3Opts))
	default:
		a.text("MUTEX_FORM", "folder")
		a.text("MUTEX_REMOVE", "rm -r reconcile.mutex (beside this script)")
	}
	a.text("MUTEX_ROW_JSON", literal(at.MutexRow))
	a.text("MUTEX_OBJECT", at.MutexFile)
}

// lockKey is a row's key in the lock table, in DynamoDB's JSON.
func lockKey(row string) string { return fmt.Sprintf(`{"LockID":{"S":%s}}`, literal(row)) }

// recorded are the settings that .terraform/terraform.tfstate must hold, as
// JSON literals with and without HTML escapes.
func recorded(b backend.Config) (names, values, plains []string) {
	add := func(name, value string) {
		names, values, plains = append(names, name), append(values, literal(value)), append(plains, plainLiteral(value))
	}
	if b.Type == "" {
		return nil, nil, nil
	}
	add("type", b.Type)
	if b.Type == "s3" {
		add("bucket", b.Bucket)
		add("key", b.Key)
		add("region", b.Region)
		add("dynamodb_table", b.DynamoDBTable)
	}
	return names, values, plains
}

func options(b backend.Config, endpoint string) []string {
	var out []string
	for _, o := range [][2]string{{"--region", b.Region}, {"--endpoint-url", endpoint}, {"--profile", b.Profile}} {
		if o[1] != "" {
			out = append(out, o[0], o[1])
		}
	}
	return out
}

// roleOptions say where and as whom the backend's role is assumed.
func roleOptions(b backend.Config) []string {
	endpoint := ""
	if id := b.Identity; id != nil {
		b.Region, endpoint = cmp.Or(id.STSRegion, b.Region), id.STSEndpoint
	}
	return options(b, endpoint)
}

// roleRequest is the call that assumes the backend's role as the block says, in
// JSON without its opening brace: the external id, which is in no output, goes
// before. The keys are had anew when renew has passed.
func roleRequest(b backend.Config) (request string, renew time.Duration) {
	const usual = 40 * time.Minute
	if b.RoleARN == "" {
		return "", usual
	}
	type arn struct {
		ARN string `json:"arn"`
	}
	type tag struct{ Key, Value string }
	call := struct {
		RoleArn, RoleSessionName string
		DurationSeconds          int      `json:",omitempty"`
		Policy                   string   `json:",omitempty"`
		PolicyArns               []arn    `json:",omitempty"`
		Tags                     []tag    `json:",omitempty"`
		TransitiveTagKeys        []string `json:",omitempty"`
		SourceIdentity           string   `json:",omitempty"`
	}{RoleArn: b.RoleARN, RoleSessionName: "reconcile"}
	renew = usual
	if id := b.Identity; id != nil {
		call.RoleSessionName = cmp.Or(id.SessionName, call.RoleSessionName)
		call.Policy, call.SourceIdentity, call.TransitiveTagKeys = id.Policy, id.SourceIdentity, id.TransitiveTagKeys
		if d, err := time.ParseDuration(id.Duration); err == nil {
			call.DurationSeconds, renew = int(d/time.Second), min(usual, d*2/3)
		}
		for _, a := range id.PolicyARNs {
			call.PolicyArns = append(call.PolicyArns, arn{a})
		}
		for _, k := range slices.Sorted(maps.Keys(id.Tags)) {
			call.Tags = append(call.Tags, tag{k, id.Tags[k]})
		}
	}
	text, _ := json.Marshal(call) // text and numbers always marshal
	return string(text[1:]), renew
}

func command(words, options []string) string {
	return clean(shellescape.QuoteCommand(append(words, options...)))
}

// repair is the command that sets a digest right, up to the values, which the
// script knows when it prints it.
func repair(table, row string, options []string) string {
	return strings.Join([]string{
		command([]string{"aws", "dynamodb", "update-item", "--table-name", table}, options) + ` \`,
		"  --key " + clean(shellescape.Quote(lockKey(row))) + ` \`,
		"  --update-expression 'SET Digest = :new' --condition-expression 'Digest = :old'",
	}, "\n")
}
