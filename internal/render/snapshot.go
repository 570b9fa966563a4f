package render

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"reconcile/internal/backend"
	"reconcile/internal/hint"
)

// Snapshot is what snapshot.sh copies.
type Snapshot struct {
	Place
	Versions []SnapshotVersion
	// Bucket and Prefix are the quarantine; the prefix ends in a slash.
	Bucket, Prefix string
}

// SnapshotVersion is one version of the state object, and why it is copied.
type SnapshotVersion struct {
	backend.Version
	What string
}

// SnapshotScript writes snapshot.sh.
func SnapshotScript(w io.Writer, s Snapshot) error {
	if err := s.check(); err != nil {
		return err
	}
	return s.script(w, "snapshot", s.title("a snapshot of the state"), func(a *assign) {
		var ids, what, times, names, show, rows []string
		for _, v := range s.Versions {
			ids, what, times = append(ids, v.ID), append(what, v.What), append(times, stamp(v.Modified))
			names = append(names, "state-"+safeName(v.ID))
			show = append(show, clean(fmt.Sprintf("%s  %8d bytes  %s  (%s)", stamp(v.Modified), v.Size, v.ID, v.What)))
		}
		if s.Backend.DynamoDBTable != "" {
			rows = append(rows, "the lock row and the digest row of the table "+clean(s.Backend.DynamoDBTable))
		}
		if s.Backend.UseLockfile {
			rows = append(rows, "the lock file "+clean(s.Backend.LockPath().File))
		}
		a.list("VERSIONS", ids)
		a.list("VERSION_WHAT", what)
		a.list("VERSION_TIME", times)
		a.list("VERSION_NAME", names)
		a.list("VERSION_SHOW", show)
		a.list("ROWS", rows)
		a.text("QUARANTINE", s.Prefix)
		a.text("QUARANTINE_JSON", literal(s.Prefix))
		a.text("QUARANTINE_BUCKET", s.Bucket)
		a.text("QUARANTINE_BUCKET_JSON", literal(s.Bucket))
		a.text("SHOW_QUARANTINE", clean("s3://"+s.Bucket+"/"+s.Prefix))
	})
}

// safeName keeps what needs no care in a key.
func safeName(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '_' || r == '-' {
			return r
		}
		return '_'
	}, s)
}

// QuarantineRoot is where all snapshots go: below it each incident has a prefix
// of its own.
func QuarantineRoot(b *backend.Config, given string) (bucket, prefix string, err error) {
	bucket, prefix = b.Bucket, "reconcile-quarantine/"
	if given != "" {
		prefix = given
		if rest, other := strings.CutPrefix(given, "s3://"); other {
			bucket, prefix, _ = strings.Cut(rest, "/")
		}
		prefix = strings.TrimRight(prefix, "/") + "/"
	}
	if bucket == "" || strings.Trim(prefix, "/") == "" || strings.HasPrefix(prefix, "/") || strings.HasPrefix(prefix, "-") ||
		slices.ContainsFunc(strings.Split(prefix, "/"), func(s string) bool { return s != safeName(s) || s == "." || s == ".." }) {
		return "", "", hint.Errorf(otherQuarantine, "the quarantine cannot be %q", given)
	}
	return bucket, prefix, nil
}

const otherQuarantine = "give --quarantine PREFIX or s3://BUCKET/PREFIX, of letters, digits, . _ - and /"

// Quarantine is the prefix below which a snapshot goes: outside of everything
// that Terraform lists as a workspace.
func Quarantine(b *backend.Config, incident string, given string) (bucket, prefix string, err error) {
	bucket, prefix, err = QuarantineRoot(b, given)
	if err != nil {
		return "", "", err
	}
	// The same incident's snapshots of two states must not meet.
	prefix += safeName(incident) + "-" + shortHash(incident+"\x00"+b.Bucket+"/"+b.StateKey) + "/"
	workspaces := strings.Trim(b.WorkspacePrefix, "/") + "/"
	if bucket == b.Bucket && (workspaces != "/" && strings.HasPrefix(prefix, workspaces) || strings.HasPrefix(b.StateKey, prefix)) {
		return "", "", hint.Errorf(otherQuarantine, "the quarantine %s lies where Terraform keeps workspaces", clean(prefix))
	}
	return bucket, prefix, nil
}

func shortHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:4])
}
