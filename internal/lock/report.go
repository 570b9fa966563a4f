package lock

import (
	"fmt"
	"io"
	"strings"
	"time"

	"reconcile/internal/backend"
	"reconcile/internal/jsontext"
)

// The schemas of the JSON outputs.
const (
	schema    = "reconcile.lock/v1"
	schemaAll = "reconcile.locks/v1"
)

// Report is what `reconcile lock` tells.
type Report struct {
	Schema      string       `json:"schema"`
	GeneratedAt time.Time    `json:"generated_at"`
	Place       Place        `json:"place"`
	Lock        backend.Lock `json:"lock"`
	AgeSeconds  int64        `json:"age_seconds"`
	Judgement
	// MaxAgeSeconds is the age that was allowed, 0 for any; TooOld that the lock
	// is older.
	MaxAgeSeconds int64          `json:"max_age_seconds,omitempty"`
	TooOld        bool           `json:"too_old,omitempty"`
	State         *State         `json:"state,omitempty"`
	Trail         *Trail         `json:"trail,omitempty"`
	Others        []backend.Lock `json:"others,omitempty"`
	Notes         []string       `json:"notes,omitempty"`
}

// Place is where the lock is.
type Place struct {
	Bucket    string `json:"bucket"`
	StateKey  string `json:"state_key"`
	Workspace string `json:"workspace"`
	Table     string `json:"dynamodb_table,omitempty"`
	LockFile  string `json:"lock_file,omitempty"`
	Region    string `json:"region,omitempty"`
}

// State is the state object's present version.
type State struct {
	Written time.Time `json:"written"`
	Version string    `json:"version,omitempty"`
}

// PlaceOf is where a backend's lock is.
func PlaceOf(b *backend.Config) Place {
	p := Place{Bucket: b.Bucket, StateKey: b.StateKey, Workspace: b.Workspace, Table: b.DynamoDBTable, Region: b.Region}
	if b.UseLockfile {
		p.LockFile = b.LockPath().File
	}
	return p
}

// NewReport judges the facts.
func NewReport(f Facts, at Place, maxAge time.Duration, notes []string) Report {
	r := Report{Schema: schema, GeneratedAt: f.Now.UTC().Truncate(time.Second), Place: at, Lock: f.Lock, AgeSeconds: int64(f.age() / time.Second),
		Judgement: Judge(f), MaxAgeSeconds: int64(maxAge / time.Second), Trail: f.Trail, Others: f.Others, Notes: notes}
	r.TooOld = maxAge > 0 && f.Lock.Status == backend.Held && (f.Lock.Created.IsZero() || f.age() > maxAge)
	if !f.StateWritten.IsZero() {
		r.State = &State{f.StateWritten.UTC(), f.StateVersion}
	}
	return r
}

// All is what `reconcile lock --all` tells.
type All struct {
	Schema        string    `json:"schema"`
	GeneratedAt   time.Time `json:"generated_at"`
	Bucket        string    `json:"bucket"`
	Table         string    `json:"dynamodb_table,omitempty"`
	Locks         []Row     `json:"locks"`
	MaxAgeSeconds int64     `json:"max_age_seconds,omitempty"`
	TooOld        int       `json:"too_old"`
	Problems      []string  `json:"problems,omitempty"`
}

// Row is one of the locks.
type Row struct {
	backend.Lock
	AgeSeconds int64 `json:"age_seconds"`
	TooOld     bool  `json:"too_old,omitempty"`
}

// NewAll reports on all locks.
func NewAll(now time.Time, b *backend.Config, locks []backend.Lock, maxAge time.Duration, problems []string) All {
	sortLocks(locks)
	a := All{Schema: schemaAll, GeneratedAt: now.UTC().Truncate(time.Second), Bucket: b.Bucket, Table: b.DynamoDBTable, Locks: []Row{}, MaxAgeSeconds: int64(maxAge / time.Second), Problems: problems}
	for _, l := range locks {
		age := Facts{Now: now, Lock: l}.age()
		row := Row{l, int64(age / time.Second), maxAge > 0 && (l.Created.IsZero() || age > maxAge)}
		if row.TooOld {
			a.TooOld++
		}
		a.Locks = append(a.Locks, row)
	}
	return a
}

// JSON writes a report or a list of locks.
func JSON(w io.Writer, v any) error {
	if err := jsontext.Write(w, v); err != nil {
		return fmt.Errorf("writing the lock as JSON: %w", err)
	}
	return nil
}

// Prometheus writes metrics for the textfile collector of node_exporter.
func (r Report) Prometheus(w io.Writer) error {
	m := metrics{}
	at := labels("bucket", r.Place.Bucket, "key", r.Place.StateKey, "workspace", r.Place.Workspace)
	m.family("reconcile_lock_readable", "1 if the lock could be read.", at, number(r.Lock.Status == backend.Held || r.Lock.Status == backend.NotHeld))
	m.family("reconcile_lock_held", "1 if the state's lock is held.", at, number(r.Lock.Status == backend.Held))
	m.family("reconcile_lock_age_seconds", "How long it has been held; 0 if it is not.", at, fmt.Sprint(r.AgeSeconds))
	m.help("reconcile_lock_verdict", "1 for what the evidence comes to: is its holder alive?")
	for _, v := range []Verdict{None, HeldAlive, Unknown, ProbablyDead, Dead} {
		m.sample("reconcile_lock_verdict", labels("bucket", r.Place.Bucket, "key", r.Place.StateKey, "workspace", r.Place.Workspace, "verdict", string(v)), number(r.Verdict == v))
	}
	m.checked(r.GeneratedAt)
	_, err := io.WriteString(w, m.String())
	return err
}

// Prometheus writes the age of each lock.
func (a All) Prometheus(w io.Writer) error {
	m := metrics{}
	m.family("reconcile_locks_readable", "1 if all locks could be read.", labels("bucket", a.Bucket, "table", a.Table), number(len(a.Problems) == 0))
	m.family("reconcile_locks_held", "How many locks are held.", labels("bucket", a.Bucket, "table", a.Table), fmt.Sprint(len(a.Locks)))
	m.help("reconcile_lock_age_seconds", "How long it has been held; 0 if it is not.")
	for _, l := range a.Locks {
		bucket, key, _ := strings.Cut(l.Path, "/")
		m.sample("reconcile_lock_age_seconds", labels("bucket", bucket, "key", key, "form", l.Form), fmt.Sprint(l.AgeSeconds))
	}
	m.checked(a.GeneratedAt)
	_, err := io.WriteString(w, m.String())
	return err
}

type metrics struct{ strings.Builder }

func (m *metrics) help(name, help string) {
	fmt.Fprintf(m, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name)
}

func (m *metrics) sample(name, labels, value string) {
	fmt.Fprintf(m, "%s%s %s\n", name, labels, value)
}

func (m *metrics) family(name, help, labels, value string) {
	m.help(name, help)
	m.sample(name, labels, value)
}

func (m *metrics) checked(at time.Time) {
	m.family("reconcile_lock_checked_timestamp_seconds", "When it was looked at.", "", fmt.Sprint(at.Unix()))
}

// labels spells label pairs as the exposition format wants them.
func labels(pairs ...string) string {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
	var out []string
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, pairs[i]+`="`+escape.Replace(strings.ToValidUTF8(pairs[i+1], "\ufffd"))+`"`)
	}
	return "{" + strings.Join(out, ",") + "}"
}

func number(b bool) string {
	if b {
		return "1"
	}
	return "0"
}
