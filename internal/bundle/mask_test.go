package bundle

import (
	"strings"
	"testing"
	"testing/quick"

	"reconcile/internal/jsontext"
)

// TestWhatIsLeftOutAndWhatStays: masked is what must not be there afterwards,
// kept what must.
func TestWhatIsLeftOutAndWhatStays(t *testing.T) {
	for name, c := range map[string]struct {
		mask func(*masker, []byte) []byte
		in   string
		want string
	}{
		"a password in HCL": {ofHCL("a.tf"), `resource "x" "y" {
  password = "s3cret" # a comment
  name     = "s3cret-no"
}`, `resource "x" "y" {
  password = "left-out-1" # a comment
  name     = "s3cret-no"
}`},
		"a heredoc":                   {ofHCL("a.tf"), "user_data = <<EOT\nsecret\nEOT\nname = \"a\"\n", "user_data = \"left-out-1\"\nname = \"a\"\n"},
		"a reference is no secret":    {ofHCL("a.tf"), "password = var.password\n", "password = var.password\n"},
		"a sensitive variable's file": {ofHCL("a.tfvars"), "quiet = [\"a\", { x = \"b\" }]\nloud = \"a\"\n", "quiet = [\"left-out-1\", { x = \"left-out-2\" }]\nloud = \"a\"\n"},
		"HCL that is none":            {ofHCL("a.tf"), "password = \"s3cret\nname = {\npassword = \"s3cret\"", "password = \"s3cret\nname = {\npassword = \"left-out-1\""},
		"EC2's answer": {(*masker).answer, "<vpnConnection><customerGatewayConfiguration>&lt;psk&gt;</customerGatewayConfiguration><vpnConnectionId>vpn-1</vpnConnectionId></vpnConnection>",
			"<vpnConnection><customerGatewayConfiguration>left-out-1</customerGatewayConfiguration><vpnConnectionId>vpn-1</vpnConnectionId></vpnConnection>"},
		"a record inside an answer": {(*masker).answer, `{"Events":[{"CloudTrailEvent":"{\"responseElements\":{\"credentials\":{\"sessionToken\":\"abc\",\"accessKeyId\":\"ASIA1\"}}}"}],"NextToken":"t"}`,
			`{"Events":[{"CloudTrailEvent":"{\"responseElements\":{\"credentials\":{\"sessionToken\":\"left-out-1\",\"accessKeyId\":\"ASIA1\"}}}"}],"NextToken":"t"}`},
		"records a line each":        {(*masker).answer, "{\"userData\":\"abc\"}\nnot json\n{\"n\":1.0}\n", "{\"userData\":\"left-out-1\"}\nnot json\n{\"n\":1.0}\n"},
		"an answer without a secret": {(*masker).answer, "{\"a\" :  1.00}", "{\"a\" :  1.00}"},
		"the backend's record":       {(*masker).json, `{"backend":{"config":{"access_key":"AKIA","bucket":"b"}}}`, `{"backend":{"config":{"access_key":"left-out-1","bucket":"b"}}}`},
		"a plan": {(*masker).plan, `{"format_version":"1.2","variables":{"quiet":{"value":"q"},"loud":{"value":"l"}},"planned_values":{"x":"dropped"},"resource_changes":[{"type":"aws_vpc","change":{"actions":["create"],"before":null,"after":{"cidr_block":"10.0.0.0/16","tags":{"a":"b"}},"after_sensitive":{"tags":{"a":true}}}}],"configuration":{"root_module":{"variables":{"quiet":{"sensitive":true}}}}}`,
			`{"format_version":"1.2","variables":{"quiet":{"value":"left-out-1"},"loud":{"value":"l"}},"resource_changes":[{"type":"aws_vpc","change":{"actions":["create"],"before":null,"after":{"cidr_block":"10.0.0.0/16","tags":{"a":"left-out-2"}},"after_sensitive":{"tags":{"a":true}}}}],"configuration":{"root_module":{"variables":{"quiet":{"sensitive":true}}}}}`},
		"a state of terraform show": {(*masker).state, `{"format_version":"1.0","values":{"outputs":{"o":{"sensitive":true,"value":"v"}},"root_module":{"resources":[{"type":"tls_private_key","values":{"id":"x","private_key_pem":"p"},"sensitive_values":{}},{"type":"aws_vpc","values":{"id":"vpc-1"},"sensitive_values":{}}]}}}`,
			`{"format_version":"1.0","values":{"outputs":{"o":{"sensitive":true,"value":"left-out-1"}},"root_module":{"resources":[{"type":"tls_private_key","values":{"id":"left-out-2","private_key_pem":"left-out-3"},"sensitive_values":{}},{"type":"aws_vpc","values":{"id":"vpc-1"},"sensitive_values":{}}]}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMasker()
			m.variables["quiet"] = true
			if got := string(c.mask(m, []byte(c.in))); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func ofHCL(name string) func(*masker, []byte) []byte {
	return func(m *masker, data []byte) []byte { return m.hcl(name, data) }
}

// TestAnyTextCanBeMasked: whatever a file holds, nothing panics and a marked
// value is gone.
func TestAnyTextCanBeMasked(t *testing.T) {
	if err := quick.Check(func(data []byte, text string) bool {
		m := newMasker()
		m.state(data)
		m.plan(data)
		m.hcl("a.tf", data)
		m.json(data)
		m.answer(data)
		return !strings.Contains(string(m.json([]byte(`{"password":`+quote(text+"!!")+`}`))), text+"!!")
	}, nil); err != nil {
		t.Error(err)
	}
}

func quote(s string) string {
	data, err := jsontext.Line(s)
	if err != nil {
		return `""`
	}
	return string(data)
}
