package backend

import (
	"fmt"
	"log/slog"
)

// Secrets are what the backend block holds in clear text and nobody may see:
// keys, an external id, a web identity token, a customer's encryption key.
// They stay out of every form of printing: the values are only in a closure,
// which neither fmt nor a JSON encoder nor reflection looks into.
type Secrets struct {
	reveal func() secretValues
}

type secretValues struct {
	accessKey, secretKey, token    string
	externalID, webToken, customer string
}

func newSecrets(v secretValues) Secrets {
	if v == (secretValues{}) {
		return Secrets{}
	}
	return Secrets{func() secretValues { return v }}
}

func (s Secrets) values() secretValues {
	if s.reveal == nil {
		return secretValues{}
	}
	return s.reveal()
}

// Reveal returns the credentials, for an AWS client and nothing else.
func (s Secrets) Reveal() (accessKey, secretKey, token string) {
	v := s.values()
	return v.accessKey, v.secretKey, v.token
}

// ExternalID is what the backend's role asks for, for STS and nothing else.
func (s Secrets) ExternalID() string { return s.values().externalID }

// WebToken is the web identity token that the block holds itself.
func (s Secrets) WebToken() string { return s.values().webToken }

// CustomerKey is the key of SSE-C, as base64, "" where S3 has the key.
func (s Secrets) CustomerKey() string { return s.values().customer }

// String returns nothing.
func (Secrets) String() string { return "" }

// GoString returns nothing.
func (Secrets) GoString() string { return "" }

// Format prints nothing, whatever the verb.
func (Secrets) Format(fmt.State, rune) {}

// LogValue logs nothing.
func (Secrets) LogValue() slog.Value { return slog.StringValue("") }

// MarshalJSON encodes as null.
func (Secrets) MarshalJSON() ([]byte, error) { return []byte("null"), nil }
