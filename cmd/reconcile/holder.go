package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"reconcile/internal/hint"
	"reconcile/internal/incident"
	"reconcile/internal/lock"
	"reconcile/internal/lockread"
	"reconcile/internal/plan"
	"reconcile/internal/printable"
)

// holderOf says whether the holder of the report's lock is dead, as reconcile
// lock does. A state that this tool's own script wrote is no sign of life.
func holderOf(ctx context.Context, env environment, r *plan.Report, runEnded string, ownWrite bool) (lock.Judgement, error) {
	in := plan.Inputs{}
	if r.Inputs != nil {
		in = *r.Inputs
	}
	o := lockread.Options{Role: r.Session.Role, Session: in.Session, Regions: in.Regions, RunEnded: runEnded, Now: time.Now, TrailProfile: in.Trail.Profile}
	var err error
	if o.Source, err = incident.ParseTrail(in.Trail); err != nil {
		return lock.Judgement{}, err
	}
	if o.Source.Path == "-" { // it was read once; nothing more is known of the holder
		o.Role, o.Session, o.Source.Path = "", "", ""
	}
	if o.TrailDelay, err = time.ParseDuration(r.Trail.Delay); err != nil {
		o.TrailDelay = 15 * time.Minute
	}
	b := r.Backend
	o.Where = b.Named().In(r.Guard.Dir, env.getenv)
	o.Where.Configs = in.BackendConfigs
	reader, err := lockread.Open(ctx, o)
	if err != nil {
		return lock.Judgement{}, err
	}
	if at := reader.Backend(); at.Bucket != b.Bucket || at.StateKey != b.StateKey {
		return lock.Judgement{}, hint.Errorf("select the plan's workspace there ("+b.Workspace+"), or unset TF_WORKSPACE", "the folder %s is not set to the plan's state any more: s3://%s/%s, the plan's is s3://%s/%s",
			r.Guard.Dir, at.Bucket, at.StateKey, b.Bucket, b.StateKey)
	}
	facts, err := reader.Facts(ctx)
	if err != nil {
		return lock.Judgement{}, err
	}
	if ownWrite {
		facts.StateWritten, facts.StateVersion = time.Time{}, ""
	}
	return lock.Judge(facts), nil
}

// settledHolder is holderOf once a sign of life is no longer fresh, if that is
// within the time that a person waits: a holder that is at work has made another
// by then.
func settledHolder(ctx context.Context, env environment, r *plan.Report, f unlockFlags, ownWrite bool) (lock.Judgement, error) {
	until := time.Now().Add(f.wait)
	for {
		j, err := holderOf(ctx, env, r, f.runEnded, ownWrite)
		if err != nil || j.Verdict != lock.HeldAlive || j.Again.IsZero() || j.Again.After(until) {
			return j, err
		}
		fmt.Fprintf(env.stderr, "reconcile: %s; looking again at %s (--wait 0s to ask once)\n", printable.Lines(j.Why), j.Again.UTC().Format("15:04:05"))
		wait, cancel := context.WithTimeout(ctx, max(time.Until(j.Again), time.Second))
		<-wait.Done()
		if cancel(); ctx.Err() != nil {
			return lock.Judgement{}, ctx.Err()
		}
	}
}

// wroteItself reports whether the present state is, byte for byte, the one that
// reconcile.sh left: its journal's last line has the sum of what it pulled then.
func wroteItself(out string, body []byte) bool {
	data, err := os.ReadFile(filepath.Join(out, "private", "journal"))
	if err != nil || len(body) == 0 {
		return false
	}
	last := ""
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		last = lines.Text()
	}
	words := strings.Fields(last)
	if len(words) != 7 || words[6] != "." || words[1] == "start" {
		return false
	}
	text := append(bytes.TrimRight(bytes.Clone(body), "\n"), '\n') // as it is pulled
	sum := sha256.Sum256(text)
	return words[3] == hex.EncodeToString(sum[:])
}

// evidenceOf are a judgement's reasons, a sentence each.
func evidenceOf(j lock.Judgement) []string {
	out := []string{}
	if j.Why != "" {
		out = append(out, j.Why)
	}
	for _, e := range j.Evidence {
		text := e.Says + " (" + e.Source + ")"
		if !e.At.IsZero() {
			text = fmt.Sprintf("%s: %s", e.At.UTC().Format(time.RFC3339), text)
		}
		out = append(out, text)
	}
	return out
}
