package incident

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"reconcile/internal/applylog"
	"reconcile/internal/hint"
	"reconcile/internal/plan"
	"reconcile/internal/statefile"
)

// errored is Terraform's own last word: the state that it could not save.
type errored struct {
	path    string
	found   bool // in --dir, nobody named it
	state   *statefile.State
	written time.Time // of the file
}

const erroredName = "errored.tfstate"

// readLog reads the apply's log.
func (r *reading) readLog() error {
	if r.o.ApplyLog == "" {
		return nil
	}
	const next = "give what terraform apply printed, as text or with -json, with --apply-log; the console log of the CI job will do"
	f, err := hint.Open(r.o.ApplyLog, "the apply's log", next)
	if err != nil {
		return err
	}
	defer f.Close()
	log, err := applylog.Read(f)
	if err != nil {
		return hint.Errorf(next, "%s: %w", r.o.ApplyLog, err)
	}
	name := r.o.ApplyLog
	if abs, err := filepath.Abs(name); err == nil {
		name = abs
	}
	r.log = &plan.Witness{Source: name, Log: log}
	return nil
}

// until is when the window ends if nobody says so: where the log tells when the
// run spoke last, a little after that. What its last calls did may not have
// reached the log any more, and clocks differ.
func (r *reading) until(now time.Time) (time.Time, string) {
	if r.log != nil && !r.log.Log.Last.IsZero() {
		if end := r.log.Log.Last.UTC().Add(afterLog); end.Before(now) {
			return end.Truncate(time.Second), plan.UntilLog
		}
	}
	return now, "now"
}

const afterLog = 2 * time.Minute

// readErrored reads the state that Terraform could not save, if there is one,
// and takes it if it follows the pulled state. One that nobody named and that
// does not is passed over and told; one that was named is an error.
func (r *reading) readErrored() error {
	path, found := r.o.ErroredState, false
	if path == "none" || r.passedOver != "" {
		if r.passedOver != "" {
			r.note(r.passedOver)
		}
		return nil
	}
	if path == "" {
		path, found = filepath.Join(r.o.Dir, erroredName), true
	}
	data, written, err := regular(path)
	if found && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		r.errored, err = r.accept(path, data)
	} else {
		err = hint.File(path, "the errored state", "give the "+erroredName+" that the run left, with --errored-state", err)
	}
	if err != nil {
		return r.refuse(found, err)
	}
	r.errored.found, r.errored.written = found, written
	r.pulled = r.state
	r.state = r.errored.state
	if found && r.pulled.Format == statefile.None {
		r.note(r.errored.path + " lies in the folder and was taken: Terraform could not save it, and there is no state yet. --errored-state none leaves it out")
	} else if found {
		r.note(fmt.Sprintf("%s lies in the folder and was taken: Terraform could not save it, it follows the state (serial %d after %d). --errored-state none leaves it out",
			r.errored.path, r.errored.state.Serial, r.pulled.Serial))
	}
	return nil
}

// regular reads a file and when it was written.
func regular(path string) ([]byte, time.Time, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, time.Time{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, time.Time{}, err
	}
	if !info.Mode().IsRegular() {
		return nil, time.Time{}, errors.New("it is not a regular file")
	}
	data, err := io.ReadAll(f)
	return data, info.ModTime().UTC(), err
}

// accept holds the errored state against the pulled one, as terraform state
// push will.
func (r *reading) accept(path string, data []byte) (*errored, error) {
	state, err := statefile.Read(bytes.NewReader(data), path)
	if err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("finding %s: %w", path, err)
	}
	r.o.asItWas(abs, &state.SHA256, &state.Bytes)
	pulled := r.state
	const leave = "leave it out (--errored-state none) and go on with the pulled state"
	switch {
	case state.Format != statefile.Raw:
		return nil, hint.Errorf("give the file that Terraform wrote, "+erroredName+", as it is", "%s is not a state as Terraform saves it", path)
	case !bytes.HasPrefix(data, []byte("{\n  \"version\": 4,\n")):
		// The script reads it line by line.
		return nil, hint.Errorf("give the file that Terraform wrote, "+erroredName+", as it is", "%s was written anew by another program than Terraform", path)
	case pulled.Format == statefile.None: // its lineage may be none either: a first apply
		return &errored{path: abs, state: state}, nil
	case pulled.Format != statefile.Raw:
		return nil, hint.Errorf("give the output of terraform state pull with --state", "%s cannot be held against a state that was given as terraform show -json", path)
	case state.Lineage != pulled.Lineage: // one without any is a first apply's, and there is a state
		return nil, hint.Errorf(leave+"; if it is of this configuration, check the backend and the workspace",
			"%s is of another state: its lineage is %s, the pulled state's %s", path, cmp.Or(state.Lineage, "none"), pulled.Lineage)
	case state.Serial <= pulled.Serial:
		return nil, hint.Errorf(leave, "%s does not follow the pulled state: its serial is %d, the pulled state's %d. It has been pushed before, or the state has been written since",
			path, state.Serial, pulled.Serial)
	}
	return &errored{path: abs, state: state}, nil
}

// passOver is the error by which a reading begins again without the errored
// state that it found.
type passOver struct{ note string }

func (p passOver) Error() string { return p.note }

// refuse makes an error of why an errored state is not taken, or a note where
// nobody named it.
func (r *reading) refuse(found bool, err error) error {
	if !found {
		return err
	}
	note := "the " + erroredName + " in the folder is left out: " + hint.Said(err)
	if r.errored == nil {
		r.note(note)
		return nil
	}
	return passOver{note}
}

// ofThisIncident holds the time of the errored state against what tells when
// the apply ran: copying a file makes it younger, never older.
func (r *reading) ofThisIncident(written time.Time) error {
	e := r.errored
	if e == nil {
		return nil
	}
	after := func(what string, at time.Time) error {
		if at.IsZero() || !e.written.Before(at.Add(-plan.Slack)) {
			return nil
		}
		return r.refuse(e.found, hint.Errorf("leave it out (--errored-state none); if it is this run's all the same, and only its time is wrong: touch "+e.path,
			"%s is of an earlier run: it was written at %s, and %s at %s", e.path, e.written.Format(time.RFC3339), what, at.UTC().Format(time.RFC3339)))
	}
	since := r.o.Since
	if err := after("the state object was written", written); err != nil {
		return err
	}
	if err := after("the lock was taken", r.lock.Created); err != nil {
		return err
	}
	return after("the window begins (--since)", since)
}

// contradicted stops where the errored state holds new objects that somebody
// else made: then it is another run's.
func (r *reading) contradicted() error {
	if r.errored == nil {
		return nil
	}
	address, id, by := plan.OfAnother(r.input())
	if address == "" {
		return nil
	}
	return r.refuse(r.errored.found, hint.Errorf("give the errored.tfstate of the run that died, or leave it out (--errored-state none); check --role and --session",
		"%s is of another run: it has %s at %s, and %s made that", r.errored.path, id, address, by))
}

// before is the state as it was pulled, whatever is reconciled against.
func (r *reading) before() *statefile.State {
	if r.pulled != nil {
		return r.pulled
	}
	return r.state
}

// planErrored is the errored state as the report names it.
func (r *reading) planErrored() *plan.Errored {
	if r.errored == nil {
		return nil
	}
	s := r.errored.state
	return &plan.Errored{Source: r.errored.path, Found: r.errored.found, WrittenAt: r.errored.written.Truncate(time.Second), Lineage: s.Lineage, Serial: s.Serial,
		TerraformVersion: s.TerraformVersion, SHA256: s.SHA256, Bytes: s.Bytes, Instances: s.Managed()}
}
