package bundle

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"reconcile/internal/jsontext"
)

// masker replaces what must not leave: the same value by the same word, so that
// what was equal stays equal.
//
// Left out are: attributes and outputs that Terraform marks sensitive;
// variables that the configuration declares sensitive; whatever is named like a
// secret (secretName); values of providers other than AWS, but for ids and
// names; private data of providers; private keys and signatures anywhere in a
// text; and in answers of AWS and in CloudTrail's records the fields that hold
// secrets (secretFields).
type masker struct {
	words     map[string]string
	variables map[string]bool // declared sensitive
}

func newMasker() *masker { return &masker{map[string]string{}, map[string]bool{}} }

func (m *masker) masked() int { return len(m.words) }

func (m *masker) secretVariable(name string) bool { return m.variables[name] || secretName(name) }

const maskPrefix = "left-out-"

func (m *masker) mask(s string) string {
	if s == "" || strings.HasPrefix(s, maskPrefix) {
		return s
	}
	if m.words[s] == "" {
		m.words[s] = fmt.Sprintf("%s%d", maskPrefix, len(m.words)+1)
	}
	return m.words[s]
}

// deep masks every text and number below a value.
func (m *masker) deep(v any) any {
	switch v := v.(type) {
	case string:
		return m.mask(v)
	case json.Number:
		return json.Number("0")
	case *object:
		v.each(func(_ string, sub any) any { return m.deep(sub) })
	case []any:
		for i := range v {
			v[i] = m.deep(v[i])
		}
	}
	return v
}

var (
	secretWords = regexp.MustCompile(`(?i)(password|passwd|passphrase|secret|private_?key|pre_?shared_?key|psk$|auth_?key|access_?key$|(^|_|session)token$|api_?key|user_?data|key_?material|credential|customer_?gateway_?configuration|customer_?router_?config)`)
	// What is named so and is none: ids and settings.
	noSecrets = regexp.MustCompile(`(?i)(_arn|_id|_ids|_name|_enabled|_type|_version|_storage|_replace_on_change|_length|_policy)$`)
)

func secretName(name string) bool {
	return secretWords.MatchString(name) && !noSecrets.MatchString(name)
}

// named masks the texts below every key that is named like a secret.
func (m *masker) named(v any) any {
	switch v := v.(type) {
	case *object:
		v.each(func(key string, sub any) any {
			if secretName(key) {
				return m.deep(sub)
			}
			return m.named(sub)
		})
	case []any:
		for i := range v {
			v[i] = m.named(v[i])
		}
	case string:
		return m.text(v)
	}
	return v
}

var (
	pem       = regexp.MustCompile(`(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----`)
	signature = regexp.MustCompile(`(?i)(X-Amz-(?:Signature|Security-Token|Credential)=)[^&\s"']+`)
	header    = regexp.MustCompile(`(?i)(\bauthorization\s*[:=]\s*"?)([^\s"][^\r\n"]*)`)
	assigned  = regexp.MustCompile(`(?i)\b([a-z0-9_]*)("?\s*[=:]\s*)"([^"\n]+)"`)
)

// text leaves out of a text what looks like a secret in it.
func (m *masker) text(s string) string {
	s = pem.ReplaceAllStringFunc(s, m.mask)
	s = signature.ReplaceAllString(s, "${1}"+maskPrefix+"signature")
	s = header.ReplaceAllString(s, "${1}"+maskPrefix+"authorization")
	return assigned.ReplaceAllStringFunc(s, func(found string) string {
		part := assigned.FindStringSubmatch(found)
		if !secretName(part[1]) || strings.HasPrefix(part[3], "(") {
			return found
		}
		return part[1] + part[2] + `"` + m.mask(part[3]) + `"`
	})
}

// json masks a JSON file of the configuration or of .terraform.
func (m *masker) json(data []byte) []byte {
	v, err := parse(data)
	if err != nil {
		return []byte(m.text(string(bytes.ToValidUTF8(data, nil))))
	}
	if o, ok := v.(*object); ok {
		o.each(func(key string, sub any) any { // of a .tfvars.json
			if m.variables[key] {
				return m.deep(sub)
			}
			return sub
		})
	}
	return m.again(data, m.named(v))
}

// again writes a document as it was indented, or leaves the bytes as they were
// where nothing changed.
func (m *masker) again(was []byte, v any) []byte {
	before, err := parse(was)
	if err == nil {
		x, errX := jsontext.Line(before)
		y, errY := jsontext.Line(v)
		if errX == nil && errY == nil && bytes.Equal(x, y) {
			return was
		}
	}
	out, err := spelled(v, bytes.Contains(bytes.TrimSpace(was), []byte("\n")))
	if err != nil {
		return nil
	}
	return out
}

// secretFields are the fields of AWS's answers and of CloudTrail's records that
// hold secrets.
var secretFields = regexp.MustCompile(`(?i)^(sessionToken|secretAccessKey|secretKey|preSharedKey|customerGatewayConfiguration|customerRouterConfig|authKey|userData|keyMaterial|password|masterUserPassword|secretString|secretBinary|privateKey|clientSecret|cak|saml_?assertion|webIdentityToken)$`)

var secretElements = regexp.MustCompile(`(?is)<(sessionToken|secretAccessKey|preSharedKey|customerGatewayConfiguration|userData|keyMaterial|password)>([^<]*)</`)

// answer masks an answer of AWS: XML, JSON, records packed or not.
func (m *masker) answer(data []byte) []byte {
	switch trimmed := bytes.TrimSpace(data); {
	case len(trimmed) == 0:
		return data
	case bytes.HasPrefix(data, []byte{0x1f, 0x8b}):
		return m.packed(data)
	case trimmed[0] == '<':
		return secretElements.ReplaceAllFunc(data, func(found []byte) []byte {
			part := secretElements.FindSubmatch(found)
			return []byte("<" + string(part[1]) + ">" + m.mask(string(part[2])) + "</")
		})
	case trimmed[0] == '{' || trimmed[0] == '[':
		if v, err := parse(data); err == nil {
			return m.again(data, m.fields(v))
		}
		return m.lines(data)
	}
	if !utf8.Valid(data) {
		return data
	}
	return []byte(m.text(string(data)))
}

// lines masks a file with a document a line.
func (m *masker) lines(data []byte) []byte {
	var out []byte
	for line := range bytes.Lines(data) {
		v, err := parse(line)
		if err != nil {
			out = append(out, m.text(string(bytes.ToValidUTF8(line, nil)))...)
			continue
		}
		end := line[len(bytes.TrimRight(line, "\r\n")):]
		out = append(append(out, bytes.TrimRight(m.again(line, m.fields(v)), "\r\n")...), end...)
	}
	return out
}

// largestLog bounds one packed file of a trail.
const largestLog = 256 << 20

func (m *masker) packed(data []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return data
	}
	text, err := io.ReadAll(io.LimitReader(r, largestLog))
	if err != nil {
		return data
	}
	clean := m.answer(text)
	if bytes.Equal(clean, text) {
		return data
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(clean); err != nil || w.Close() != nil {
		return nil
	}
	return b.Bytes()
}

// fields masks by secretFields, and looks into texts that are JSON themselves:
// a record of LookupEvents is one.
func (m *masker) fields(v any) any {
	switch v := v.(type) {
	case *object:
		v.each(func(key string, sub any) any {
			if secretFields.MatchString(key) {
				return m.deep(sub)
			}
			return m.fields(sub)
		})
	case []any:
		for i := range v {
			v[i] = m.fields(v[i])
		}
	case string:
		if strings.HasPrefix(v, "{") {
			if inner, err := parse([]byte(v)); err == nil {
				return string(m.again([]byte(v), m.fields(inner)))
			}
		}
	}
	return v
}
