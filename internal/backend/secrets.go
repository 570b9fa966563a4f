package backend

import (
	"fmt"
	"log/slog"
)

// Secrets are credentials that the backend block holds in clear text. They
// stay out of every form of printing: the values are only in a closure, which
// neither fmt nor a JSON encoder nor reflection looks into.
type Secrets struct {
	reveal func() (accessKey, secretKey, token string)
}

func newSecrets(accessKey, secretKey, token string) Secrets {
	if accessKey == "" && secretKey == "" && token == "" {
		return Secrets{}
	}
	return Secrets{func() (string, string, string) { return accessKey, secretKey, token }}
}

// Given reports whether the backend block holds credentials.
func (s Secrets) Given() bool { return s.reveal != nil }

// Reveal returns the credentials, for an AWS client and nothing else.
func (s Secrets) Reveal() (accessKey, secretKey, token string) {
	if s.reveal == nil {
		return "", "", ""
	}
	return s.reveal()
}

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
