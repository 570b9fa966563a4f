package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

	"reconcile/internal/backend"
	"reconcile/internal/hint"
	"reconcile/internal/incident"
	"reconcile/internal/plan"
	"reconcile/internal/render"
)

// placeFlags say whose state it is: the report's in --out where there is one,
// else the backend of --dir.
type placeFlags struct {
	dir, out, incident string
	backend            backend.Where
}

func (f *placeFlags) add(fl *pflag.FlagSet) {
	dirVar(fl, &f.dir)
	fl.StringVar(&f.out, "out", "reconcile-out", "folder of the outputs; a report.json there says which backend and which incident")
	backendFlags(fl, &f.backend)
}

// addScript adds what a command that writes a script asks for too.
func (f *placeFlags) addScript(fl *pflag.FlagSet) {
	f.add(fl)
	fl.StringVar(&f.incident, "incident", "", incidentUsage)
}

// open opens the backend and settles the incident's id.
func (f placeFlags) open(ctx context.Context, env environment, g given) (*incident.Store, render.Place, *plan.Report, error) {
	if err := g.backend(f.backend); err != nil {
		return nil, render.Place{}, nil, err
	}
	at := incident.StoreAt{Dir: f.dir, Flags: f.backend, Env: env.getenv}
	p := render.Place{Tool: tool(), Incident: f.incident, At: time.Now().UTC().Truncate(time.Second)}
	var report *plan.Report
	if _, err := os.Stat(filepath.Join(f.out, "report.json")); err == nil && f.backend.Bucket == "" {
		r, _, err := reportIn(f.out, nil)
		if err != nil {
			return nil, p, nil, err
		}
		if r.Backend != nil {
			report = r
			if g.any(placed...) {
				err = f.same(env, r)
			} else {
				at.Backend, at.Dir = r.Backend, r.Guard.Dir
			}
			if err != nil {
				return nil, p, nil, err
			}
		}
		if p.Incident == "" {
			p.Incident = r.Incident
		}
	}
	store, err := incident.OpenStore(ctx, at)
	if err != nil {
		return nil, p, nil, err
	}
	p.Account, p.Backend, p.Lock = store.Caller.Account, store.Backend, store.Lock(ctx)
	if p.Incident == "" {
		p.Incident = "INC-" + p.At.Format("20060102-1504")
	}
	return store, p, report, nil
}

// placed are the flags that say whose state it is.
var placed = []string{"dir", "backend-config", "backend-key", "backend-region", "backend-dynamodb-table", "backend-use-lockfile", "backend-workspace"}

// same refuses a place that is not that of the report in --out: of two states
// nobody knows which is meant.
func (f placeFlags) same(env environment, r *plan.Report) error {
	b, _, err := f.backend.In(f.dir, env.getenv).Locate()
	if err != nil {
		return err
	}
	if b.Bucket != r.Backend.Bucket || b.StateKey != r.Backend.StateKey {
		return hint.Errorf("give another folder with --out for that state, or leave out what says where it is: the report's then counts",
			"two states are named: s3://%s/%s by the flags, and s3://%s/%s by the report in %s", b.Bucket, b.StateKey, r.Backend.Bucket, r.Backend.StateKey, f.out)
	}
	return nil
}

// ofRecord is what the report says of the state.
func ofRecord(r *plan.Report) incident.Known {
	if r == nil {
		return incident.Known{}
	}
	k := incident.Known{Lineage: r.State.Lineage, Serial: r.State.Serial, From: "the plan"}
	if x := r.Execution; x != nil && x.Lineage == k.Lineage && x.Serial > k.Serial {
		k.Serial, k.From = x.Serial, "verify"
	}
	return k
}
