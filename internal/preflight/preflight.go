// Package preflight says whether a pipeline may begin an apply: will its session
// live long enough, is the lock free and safe, is the state whole, may the
// caller do what an apply ends with. It judges what others have read.
package preflight

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"reconcile/internal/backend"
	"reconcile/internal/lock"
)

// Status is what one check came to.
type Status string

// The statuses. NotTold is a check that could not be held.
const (
	OK      Status = "ok"
	Warn    Status = "warn"
	Failed  Status = "failed"
	NotTold Status = "not told"
	Skipped Status = "skipped"
)

// Check is one thing that was looked at.
type Check struct {
	Name   string `json:"name"`
	Status Status `json:"status"`
	Says   string `json:"says"`
	Next   string `json:"next,omitempty"` // what to do about it
}

// names are the checks, in their order.
var names = []string{"session", "lock", "digest", "versioning", "ttl", "rights", "terraform"}

// Names are the names of the checks, in their order.
func Names() []string { return slices.Clone(names) }

// Facts are what was read. An error is a sentence, "" where there was none.
type Facts struct {
	Now        time.Time
	Caller     string
	MinSession time.Duration
	Session    Session
	HasLock    bool // the backend is configured to lock
	Lock       backend.Lock
	Table      string // "" for none
	TTL        string // the attribute by which rows are deleted
	TTLError   string
	Bucket     string
	Versioned  bool
	VersionErr string
	State      State
	Rights     []Right
	RightsErr  string
	Terraform  string // the CLI's version, "" if it could not be had
	NoCLI      string // why
}

// Session is the life of the caller's credentials.
type Session struct {
	Temporary bool
	Refreshed bool // new ones come by themselves
	Expires   time.Time
	Source    string // who told when they expire
	Error     string
}

// State is the state object's present version.
type State struct {
	Missing          bool // there is none yet
	Error            string
	Serial           uint64
	TerraformVersion string
	MD5, Digest      string
	DigestError      string
}

// Right is what IAM's simulation says of one action.
type Right struct{ Action, Resource, Decision string }

// Judge holds the checks, but for those to be skipped.
func Judge(f Facts, skip []string) []Check {
	all := map[string]func(Facts) Check{"session": session, "lock": held, "digest": digest, "versioning": versioning, "ttl": ttl, "rights": rights, "terraform": version}
	var out []Check
	for _, name := range names {
		c := Check{Status: Skipped, Says: "left out (--skip)"}
		if !slices.Contains(skip, name) {
			c = all[name](f)
		}
		c.Name = name
		out = append(out, c)
	}
	return out
}

// passed reports whether nothing stands in the way. Strict counts what is only a
// warning and what could not be told as well.
func passed(checks []Check, strict bool) bool {
	return !slices.ContainsFunc(checks, func(c Check) bool {
		return c.Status == Failed || strict && (c.Status == Warn || c.Status == NotTold)
	})
}

func session(f Facts) Check {
	s := f.Session
	longer := "begin a new session, and ask for a longer one (role-duration-seconds, --duration-seconds; the role's own maximum may have to be raised)"
	switch left := s.Expires.Sub(f.Now); {
	case s.Error != "":
		return Check{Status: NotTold, Says: s.Error}
	case !s.Temporary:
		return Check{Status: OK, Says: "the credentials are lasting ones"}
	case s.Refreshed:
		return Check{Status: OK, Says: "the machine refreshes the credentials by itself (" + s.Source + ")"}
	case s.Expires.IsZero():
		return Check{Status: NotTold, Says: "the credentials are temporary, and nothing tells when they expire",
			Next: "give --session-expires TIME, or set AWS_CREDENTIAL_EXPIRATION beside the keys"}
	case left <= 0:
		return Check{Status: Failed, Says: "the session expired at " + at(s.Expires), Next: longer}
	case left < f.MinSession:
		return Check{Status: Failed, Says: fmt.Sprintf("the session lives for %s more (until %s), and %s are wanted: an apply that loses its session leaves a stale state and a lock", lock.Age(left), at(s.Expires), lock.Age(f.MinSession)), Next: longer}
	default:
		return Check{Status: OK, Says: fmt.Sprintf("the session lives for %s more, until %s (%s)", lock.Age(left), at(s.Expires), s.Source)}
	}
}

func held(f Facts) Check {
	l := f.Lock
	switch {
	case !f.HasLock:
		return Check{Status: Warn, Says: "the backend has no lock: two applies at a time spoil the state", Next: "set use_lockfile = true (or dynamodb_table) in the backend block"}
	case l.Status == backend.NotHeld && l.Error != "":
		return Check{Status: Failed, Says: l.Error, Next: "look at that row; the next apply cannot take its lock while it is there"}
	case l.Status == backend.NotHeld:
		return Check{Status: OK, Says: "nobody holds the lock"}
	case l.Status != backend.Held:
		return Check{Status: NotTold, Says: "the lock could not be read: " + l.Error}
	case l.Created.IsZero():
		return Check{Status: Failed, Says: "a lock is held, and it is not Terraform's own", Next: "ask who wrote it"}
	}
	return Check{Status: Failed, Says: fmt.Sprintf("%s has held the lock %s for %s, for %s", l.Who, l.ID, lock.Age(max(0, f.Now.Sub(l.Created))), lock.Operation(l.Operation)),
		Next: "reconcile lock says whether that run is dead; do not force-unlock before reconcile plan"}
}

func digest(f Facts) Check {
	s := f.State
	switch {
	case s.Missing:
		return Check{Status: OK, Says: "there is no state yet"}
	case s.Error != "":
		return Check{Status: Failed, Says: s.Error, Next: "reconcile versions shows the versions of the state, and which can be put back"}
	case f.Table == "":
		return Check{Status: OK, Says: fmt.Sprintf("the state is whole, serial %d; without a lock table there is no digest of it", s.Serial)}
	case s.DigestError != "":
		return Check{Status: NotTold, Says: "the digest could not be read: " + s.DigestError}
	case s.Digest == "":
		return Check{Status: OK, Says: fmt.Sprintf("the state is whole, serial %d; there is no digest of it yet", s.Serial)}
	case s.Digest != s.MD5:
		return Check{Status: Failed, Says: fmt.Sprintf("the state's MD5 is %s, its digest in the lock table %s: Terraform refuses every command", s.MD5, s.Digest),
			Next: "a run died between writing the two: reconcile plan, then reconcile restore"}
	}
	return Check{Status: OK, Says: fmt.Sprintf("the state is whole, serial %d, and its digest matches", s.Serial)}
}

func versioning(f Facts) Check {
	switch {
	case f.VersionErr != "":
		return Check{Status: NotTold, Says: f.VersionErr}
	case !f.Versioned:
		return Check{Status: Failed, Says: "the bucket " + f.Bucket + " keeps no versions: a spoiled state cannot be taken back",
			Next: "aws s3api put-bucket-versioning --versioning-configuration Status=Enabled --bucket " + f.Bucket}
	}
	return Check{Status: OK, Says: "the bucket keeps versions"}
}

func ttl(f Facts) Check {
	switch {
	case f.Table == "":
		return Check{Status: OK, Says: "there is no lock table"}
	case f.TTLError != "":
		return Check{Status: NotTold, Says: f.TTLError}
	case f.TTL != "":
		return Check{Status: Warn, Says: fmt.Sprintf("the lock table %s deletes rows by %s: a lock that frees itself invites an apply on a stale state", f.Table, f.TTL),
			Next: "switch its time to live off"}
	}
	return Check{Status: OK, Says: "the lock table deletes no rows by itself"}
}

func rights(f Facts) Check {
	if f.RightsErr != "" {
		return Check{Status: NotTold, Says: "IAM was not asked: " + f.RightsErr, Next: "allow iam:SimulatePrincipalPolicy and iam:GetRole on the role itself, or --skip rights"}
	}
	var no []string
	for _, r := range f.Rights {
		if r.Decision != "allowed" {
			no = append(no, r.Action+" on "+r.Resource+" ("+r.Decision+")")
		}
	}
	switch {
	case len(f.Rights) == 0:
		return Check{Status: NotTold, Says: "IAM told nothing"}
	case len(no) > 0:
		return Check{Status: Failed, Says: "the caller's policies do not allow " + strings.Join(no, ", "),
			Next: "grant it: without it an apply cannot save its state or release its lock. If the bucket's own policy grants it, --skip rights"}
	}
	return Check{Status: OK, Says: fmt.Sprintf("the caller's policies allow to read and write the state, and to take and release the lock (%d actions)", len(f.Rights))}
}

func version(f Facts) Check {
	of := f.State.TerraformVersion
	switch {
	case f.NoCLI != "":
		return Check{Status: NotTold, Says: f.NoCLI}
	case of == "":
		return Check{Status: OK, Says: "Terraform " + f.Terraform + "; the state does not say what wrote it"}
	}
	older, ok := olderThan(f.Terraform, of)
	switch {
	case !ok:
		return Check{Status: NotTold, Says: fmt.Sprintf("Terraform %s and the state's %s cannot be compared", f.Terraform, of)}
	case older:
		return Check{Status: Warn, Says: fmt.Sprintf("Terraform %s is older than %s, which wrote the state last", f.Terraform, of), Next: "run the same version everywhere (required_version)"}
	}
	return Check{Status: OK, Says: fmt.Sprintf("Terraform %s, and the state was last written by %s", f.Terraform, of)}
}

// olderThan compares two versions by their numbers; what follows a dash does not
// count.
func olderThan(a, b string) (older, ok bool) {
	x, okA := numbers(a)
	y, okB := numbers(b)
	return slices.Compare(x, y) < 0, okA && okB
}

func numbers(s string) ([]int, bool) {
	s, _, _ = strings.Cut(s, "-")
	parts := strings.Split(s, ".")
	if len(parts) != 3 {
		return nil, false
	}
	var out []int
	for _, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil {
			return nil, false
		}
		out = append(out, n)
	}
	return out, true
}

func at(t time.Time) string { return t.UTC().Format(time.RFC3339) }
