package render

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"al.essio.dev/pkg/shellescape"

	"reconcile/internal/backend"
	"reconcile/internal/hint"
	"reconcile/internal/plan"
	"reconcile/internal/printable"
)

//go:embed wayback/*.sh
var wayback embed.FS

// Place is what the three scripts around the reconciliation have in common:
// whose incident it is, and where the state, its lock and its digest are.
type Place struct {
	Tool     plan.Tool
	Incident string
	At       time.Time
	Account  string // of the caller whose rights the script is for
	Backend  *backend.Config
	Lock     backend.Lock
}

// parts are the pieces that reconcile.sh and they share, in the order in which
// bash reads them.
var parts = []string{"script/10_say.sh", "script/22_place.sh", "script/24_caller.sh", "script/30_backend.sh", "script/32_mutex.sh", "script/34_lock.sh"}

var purposes = map[string]string{
	"snapshot": "It copies versions of the state to a quarantine\n# prefix of the bucket, with the lock and the digest. It changes nothing else.",
	"restore":  "It puts an earlier version of the state in place,\n# and sets its digest right.",
	"unlock":   "It releases the state's lock, if it still is the\n# one that was looked at.",
}

const wayHead = `#!/usr/bin/env bash
# Written by reconcile. Without arguments it prints what it would do and changes
# nothing. %s
# --help says the rest.
#
# Needs bash 3.2 or later, the AWS CLI, awk, sed, grep, cmp and one of sha256sum,
# shasum, openssl.
[ -n "${BASH_VERSION-}" ] || { echo "reconcile: run this with bash" >&2; exit 1; }
set -u
set -o pipefail
umask 077
unset CDPATH
`

// script puts a script together: head, data, program.
func (p Place) script(w io.Writer, name, title string, more func(a *assign)) error {
	code, err := programOf(name)
	if err != nil {
		return err
	}
	a := &assign{used: func(variable string) bool { return mentions(code, variable) }}
	a.b.WriteString("\n# --- data: never interpreted ---------------------------------------------------\n\n")
	a.b.WriteString("# shellcheck disable=SC2016 # data must not expand\ndata() {\n")
	a.text("TITLE", clean(title))
	a.text("INCIDENT", p.Incident)
	a.text("SHOW_INCIDENT", clean(p.Incident))
	a.text("INCIDENT_JSON", literal(p.Incident))
	a.text("ACCOUNT", p.Account)
	r := &plan.Report{Backend: p.Backend, Lock: p.Lock}
	backendData(a, r)
	a.text("SHOW_STATE", clean("s3://"+p.Backend.Bucket+"/"+p.Backend.StateKey))
	a.text("SHOW_BUCKET", clean(shellescape.Quote(p.Backend.Bucket)))
	a.text("BUCKET_JSON", literal(p.Backend.Bucket))
	a.text("STATE_OBJECT_JSON", literal(cmp.Or(p.Backend.StateKey, p.Backend.Key)))
	more(a)
	a.b.WriteString("}\n\ndata\n")
	if a.err != nil {
		return fmt.Errorf("writing %s.sh: %w", name, a.err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, wayHead, purposes[name])
	b.WriteString(a.b.String())
	b.WriteString("\n# --- program: the same in every " + name + ".sh; all that varies is above ----------\n")
	b.WriteString(code)
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing %s.sh: %w", name, err)
	}
	return nil
}

// programOf puts the program of one script together, without what it does not use.
func programOf(name string) (string, error) {
	var shared, own strings.Builder
	for _, part := range parts {
		text, err := program.ReadFile(part)
		if err != nil {
			return "", fmt.Errorf("writing %s.sh: %w", name, err)
		}
		shared.Write(text)
	}
	common, err := wayback.ReadFile("wayback/common.sh")
	if err != nil {
		return "", fmt.Errorf("writing %s.sh: %w", name, err)
	}
	shared.Write(common)
	text, err := wayback.ReadFile("wayback/" + name + ".sh")
	if err != nil {
		return "", fmt.Errorf("writing %s.sh: %w", name, err)
	}
	own.Write(text)
	return prune(shared.String(), own.String()), nil
}

func (p Place) title(what string) string {
	return fmt.Sprintf("reconcile %s: %s, incident %s, made %s", p.Tool.Version, what, p.Incident, stamp(p.At))
}

// check refuses what the AWS CLI would not take as it is: an argument that
// begins with a dash is an option to it, and one with a scheme is a file to read.
func (p Place) check() error {
	b := p.Backend
	for _, v := range []struct{ what, text string }{{"the bucket", b.Bucket}, {"the key", b.StateKey}, {"the lock table", b.DynamoDBTable}} {
		if strings.HasPrefix(v.text, "-") || strings.HasPrefix(v.text, "file://") || strings.HasPrefix(v.text, "fileb://") ||
			strings.HasPrefix(v.text, "http://") || strings.HasPrefix(v.text, "https://") {
			return hint.Errorf("do it by hand, with the AWS console or SDK", "%s has a name that the AWS CLI does not take as it is: %s", v.what, clean(v.text))
		}
	}
	return nil
}

// Restore is what restore.sh puts back.
type Restore struct {
	Place
	Target  backend.Version
	SHA256  string // of its bytes
	Serial  uint64 // that it has
	Current *backend.Version
	Says    string // what the current object is
	// NewSerial is what it goes back as: above everything that was seen.
	NewSerial uint64
	// DigestOnly: the target is the current version, and only its digest is wrong.
	DigestOnly bool
}

// RestoreScript writes restore.sh.
func RestoreScript(w io.Writer, s Restore) error {
	if err := s.check(); err != nil {
		return err
	}
	return s.script(w, "restore", s.title("the state put back"), func(a *assign) {
		current := ""
		if s.Current != nil && !s.Current.Deleted {
			current = s.Current.ID
		}
		words := []string{"--execute", "--incident", s.Incident}
		if s.Lock.Status == backend.Held {
			words = append(words, "--holder-dead", s.Lock.ID)
		}
		a.text("TARGET", s.Target.ID)
		a.text("TARGET_SHA", s.SHA256)
		a.text("SHOW_TARGET", clean(fmt.Sprintf("version %s of %s, serial %d", s.Target.ID, stamp(s.Target.Modified), s.Serial)))
		a.text("CURRENT", current)
		a.text("SHOW_CURRENT", clean(s.Says))
		a.number("NEW_SERIAL", s.NewSerial)
		a.flag("DIGEST_ONLY", s.DigestOnly)
		a.text("RUN_OPTIONS", clean(shellescape.QuoteCommand(words)))
	})
}

// Unlock is what unlock.sh releases, and on what.
type Unlock struct {
	Place
	Report    *plan.Report
	Checklist []string
	// Verified is false where a person overrode it: then the state is not compared.
	Verified bool
	// Snapshot is false where none can be taken, or a person overrode it.
	Snapshot bool
}

// UnlockScript writes unlock.sh.
func UnlockScript(w io.Writer, s Unlock) error {
	if err := s.check(); err != nil {
		return err
	}
	if s.Lock.Status != backend.Held || s.Lock.ID == "" {
		return errors.New("writing unlock.sh: no lock with an ID is held")
	}
	return s.script(w, "unlock", s.title("the lock released"), func(a *assign) {
		u, x := plan.Unlock{}, plan.Execution{}
		if s.Report.Unlock != nil {
			u = *s.Report.Unlock
		}
		if s.Report.Execution != nil {
			x = *s.Report.Execution
		}
		sum := x.SHA256
		if x.Lineage == "" && x.Serial == 0 {
			sum = "none"
		}
		a.text("GUARD_DIR", s.Report.Guard.Dir)
		a.text("SHOW_DIR", clean(s.Report.Guard.Dir))
		a.text("TF_VERSION", s.Report.Guard.TerraformVersion)
		a.flag("STATE_CHECK", s.Verified)
		a.text("VERIFIED_SHA", sum)
		a.number("VERIFIED_SERIAL", x.Serial)
		a.flag("SNAPSHOT_CHECK", s.Snapshot)
		a.list("CHECKLIST", printable.All(s.Checklist))
		a.text("OVERRIDE", clean(u.Override))
		a.list("OVERRIDDEN", printable.All(u.Overridden))
		a.text("RUN_OPTIONS", clean(shellescape.QuoteCommand([]string{"--execute", "--incident", s.Incident})))
	})
}

// WriteScript renders a script and puts it into dir, 0700, whole or not at all.
func WriteScript(dir, name string, render func(io.Writer) error) error {
	var b bytes.Buffer
	if err := render(&b); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return unwritable(dir, err)
	}
	temp, err := writeTemp(dir, file{name: name, mode: 0o700, data: b.Bytes()})
	if err != nil {
		return unwritable(dir, err)
	}
	if err := os.Rename(temp, filepath.Join(dir, name)); err != nil {
		return unwritable(dir, errors.Join(err, os.Remove(temp)))
	}
	return nil
}

// RemoveScript takes a script away that must not be run any more.
func RemoveScript(dir, name string) error {
	if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return unwritable(dir, err)
	}
	return nil
}
