// Package bundle keeps what a plan was made of in one file, and plans again
// from it: every answer of AWS, the files that were read, the moment. With it
// an incident can be reviewed elsewhere or later, and a bug can be shown,
// without credentials and without a network.
//
// A bundle holds no credential, no signature, and nothing that is marked or
// known as a secret: see mask.go. What is left out is replaced by a word of its
// own, the same for the same value. Record replays what it wrote and says
// whether the same report comes of it.
package bundle

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"reconcile/internal/hint"
	"reconcile/internal/incident"
	"reconcile/internal/jsontext"
	"reconcile/internal/plan"
	"reconcile/providers/tape"
)

// schema names the form of a bundle.
const schema = "reconcile.bundle/v1"

// largest bounds what is unpacked.
const largest = 1 << 30

// Bundle is what a plan was made of.
type Bundle struct {
	Schema  string                 `json:"schema"`
	Tool    plan.Tool              `json:"tool"`
	Now     time.Time              `json:"now"`
	Options incident.Options       `json:"options"`
	Env     map[string]string      `json:"env"` // the variables that were looked at
	Files   []file                 `json:"files"`
	Opened  map[string]tape.Opened `json:"opened"` // credentials: whose, and their region
	Calls   []call                 `json:"calls"`
	// Masked counts the values that were left out.
	Masked int `json:"masked"`
	// Report is the SHA-256 of the report that was made; Error is what was said
	// where none could be.
	Report string `json:"report,omitempty"`
	Error  string `json:"error,omitempty"`
}

// file is one file or folder that was read.
type file struct {
	Path   string    `json:"path"` // absolute, "-" for standard input
	Folder bool      `json:"folder,omitempty"`
	Time   time.Time `json:"time,omitzero"`
	SHA256 string    `json:"sha256,omitempty"` // as it was, before anything was left out
	Bytes  int64     `json:"bytes,omitempty"`
	Data   blob      `json:"data,omitempty"`
}

// call is a tape's call with its bodies as text where they are text.
type call struct {
	tape.Call
	Answers []answer `json:"answers"`
}

type answer struct {
	tape.Answer
	Body blob `json:"body,omitempty"`
}

// blob is text, or else Base64, so that a person can look through a bundle.
type blob []byte

const asBase64 = "base64:"

// MarshalJSON writes text as text.
func (b blob) MarshalJSON() ([]byte, error) {
	if utf8.Valid(b) && !bytes.HasPrefix(b, []byte(asBase64)) {
		return json.Marshal(string(b))
	}
	return json.Marshal(asBase64 + base64.StdEncoding.EncodeToString(b))
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (b *blob) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	coded, is := strings.CutPrefix(s, asBase64)
	if !is {
		*b = blob(s)
		return nil
	}
	raw, err := base64.StdEncoding.DecodeString(coded)
	*b = raw
	return err
}

// Write writes the bundle into one file that only its owner reads, in full or
// not at all, and returns its size.
func (b *Bundle) Write(path string) (size int64, err error) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	enc := json.NewEncoder(z)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := errors.Join(enc.Encode(b), z.Close()); err != nil {
		return 0, fmt.Errorf("packing the recording: %w", err)
	}
	fail := func(err error) error {
		return hint.Errorf("name another file with --record", "writing the recording %s: %w", path, hint.Cause(err))
	}
	t, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return 0, fail(err)
	}
	_, err = t.Write(packed.Bytes())
	if err = errors.Join(err, t.Chmod(0o600), t.Close()); err == nil {
		err = os.Rename(t.Name(), path)
	}
	if err != nil {
		return 0, fail(errors.Join(err, os.Remove(t.Name())))
	}
	return int64(packed.Len()), nil
}

// Writable says, before anything is read, whether a bundle can be written.
func Writable(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return hint.Errorf("name a file with --record", "%s is not a file", path)
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return hint.Errorf("name a file in a folder that exists with --record", "there is no folder %s", filepath.Dir(path))
	}
	return nil
}

const giveBundle = "give a file that reconcile plan --record wrote"

// Read reads what Write wrote.
func Read(r io.Reader) (*Bundle, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, hint.Errorf(giveBundle, "this is no recording: it is not packed as one")
	}
	data, err := io.ReadAll(io.LimitReader(z, largest+1))
	switch {
	case err != nil:
		return nil, hint.Errorf("copy the file again", "the recording is damaged or cut off: %w", err)
	case len(data) > largest:
		return nil, hint.Errorf(giveBundle, "the recording is larger than any that is written")
	}
	var head struct {
		Schema string    `json:"schema"`
		Tool   plan.Tool `json:"tool"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, hint.Errorf(giveBundle, "this is no recording: %w", jsontext.Why(err))
	}
	switch {
	case head.Schema == plan.Schema:
		return nil, hint.Errorf(giveBundle+"; reconcile render reads a report", "this is a report, not a recording")
	case !strings.HasPrefix(head.Schema, "reconcile.bundle/"):
		return nil, hint.Errorf(giveBundle, "this is no recording: its schema is %q", head.Schema)
	case head.Schema != schema:
		return nil, hint.Errorf("use the reconcile that wrote it: "+strings.TrimSpace(head.Tool.Name+" "+head.Tool.Version),
			"the recording has schema %q and this version reads %q", head.Schema, schema)
	}
	var b Bundle
	if err := json.Unmarshal(data, &b); err != nil {
		return nil, hint.Errorf(giveBundle, "the recording is not as this version writes it: %w", jsontext.Why(err))
	}
	return &b, b.check()
}

// check refuses what would be laid out anywhere but below a folder of its own.
func (b *Bundle) check() error {
	for _, f := range b.Files {
		if f.Path != "-" && !filepath.IsLocal(below(f.Path)) {
			return hint.Errorf(giveBundle, "the recording names the file %q, which is no absolute path", f.Path)
		}
	}
	if b.Now.IsZero() {
		return hint.Errorf(giveBundle, "the recording does not say when it was made")
	}
	return nil
}

// below is an absolute path as one below some folder.
func below(path string) string {
	rest := path[len(filepath.VolumeName(path)):]
	trimmed := strings.TrimLeft(filepath.ToSlash(rest), "/")
	if trimmed == "" {
		return "."
	}
	return filepath.FromSlash(trimmed)
}

func (b *Bundle) tapeCalls() []tape.Call {
	out := make([]tape.Call, len(b.Calls))
	for i, c := range b.Calls {
		out[i] = c.Call
		for _, a := range c.Answers {
			a.Answer.Body = a.Body
			out[i].Answers = append(out[i].Answers, a.Answer)
		}
	}
	return out
}
